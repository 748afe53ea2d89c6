/* cleat/table.h: what generated code needs: descriptors of tables, and the functions that work on
 * any table by its descriptor. Programs call the generated, typed functions instead; nothing here
 * checks that a row belongs to the table it is passed with.
 *
 * Descriptors are constant, know nothing of SQLite, and are never initialised by hand: generated
 * code uses the CLEAT_ row macros, so that members can be added. */
#ifndef CLEAT_TABLE_H
#define CLEAT_TABLE_H

#include <cleat/cleat.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when generated code and runtime no longer fit together. */
#define CLEAT_GENERATED_ABI 1

/* ---- descriptors ---- */

/* How a column lies in its row, and what is stored. */
typedef enum cleat_kind {
    CLEAT_KIND_INTEGER,   /* int64_t, INTEGER */
    CLEAT_KIND_BOOLEAN,   /* bool, INTEGER 0 or 1 */
    CLEAT_KIND_REAL,      /* double, REAL */
    CLEAT_KIND_TEXT,      /* const char *, TEXT */
    CLEAT_KIND_JSON,      /* const char *, TEXT */
    CLEAT_KIND_BLOB,      /* cleat_blob, BLOB */
    CLEAT_KIND_TIMESTAMP, /* int64_t, INTEGER microseconds since 1970 UTC */
    CLEAT_KIND_DATETIME,  /* char[25], TEXT */
    CLEAT_KIND_ULID,      /* char[27], TEXT */
    CLEAT_KIND_UUID,      /* char[37], TEXT */
    CLEAT_KIND_ENUM       /* an enum, TEXT label */
} cleat_kind;

enum {
    CLEAT_NULLABLE = 1,  /* a scalar then has a bool has_<column> before it */
    CLEAT_KEY = 2,       /* part of the primary key */
    CLEAT_ASSIGNED = 4,  /* the key: assigned on insert when 0 or "" */
    CLEAT_GENERATED = 8, /* computed by the database, never written */
    CLEAT_DEFAULT_NOW = 16,
    CLEAT_UPDATE_NOW = 32,
    CLEAT_ARRAY = 64 /* of a query's parameter */
};

typedef struct cleat_column {
    const char *name;    /* in SQL, not quoted */
    uint16_t offset;     /* of the member in the row */
    uint16_t has_offset; /* of its has_ member, 0 when it has none */
    uint8_t kind;        /* a cleat_kind */
    uint8_t flags;
} cleat_column;

/* One row of a column table. HAS is for a nullable scalar. */
#define CLEAT_COLUMN(row, member, name, kind, flags)                                               \
    {                                                                                              \
        name, (uint16_t)offsetof(row, member), 0, kind, flags                                      \
    }
#define CLEAT_COLUMN_HAS(row, member, name, kind, flags)                                           \
    {                                                                                              \
        name, (uint16_t)offsetof(row, member), (uint16_t)offsetof(row, has_##member), kind,        \
            (flags) | CLEAT_NULLABLE                                                               \
    }

/* The place of a column among those of its table, by a struct that has a char for each: places
 * are counted by the compiler, so that no number in generated code moves when a column comes. */
#define CLEAT_COLUMN_PLACE(places, member) ((uint16_t)offsetof(struct places, member))
#define CLEAT_COLUMN_BIT(places, member) (UINT64_C(1) << offsetof(struct places, member))

/* A primary key, a unique key or a prefix of an index: the columns that a call names. */
typedef struct cleat_key {
    const uint16_t *offsets; /* of the columns' members, in the order of the key */
    const char *order;       /* SQL after ORDER BY for a list by it: names, quoted where they have
                              * to be, each with or without " DESC", separated by ", "; or NULL */
    uint16_t count;
} cleat_key;

#define CLEAT_KEY_ROW(offsets, order)                                                              \
    {                                                                                              \
        offsets, order, CLEAT_COUNT(offsets)                                                       \
    }

typedef struct cleat_label {
    int value;
    const char *text;
} cleat_label;

/* The labels of an enum, in the order of its declaration. */
typedef struct cleat_enum {
    const char *name;
    const cleat_label *labels;
    size_t count;
} cleat_enum;

/* Which enum a column of kind CLEAT_KIND_ENUM has. */
typedef struct cleat_enum_column {
    const cleat_enum *type;
    uint16_t offset; /* of the column's member */
} cleat_enum_column;

#define CLEAT_ENUM_COLUMN(row, member, type)                                                       \
    {                                                                                              \
        type, (uint16_t)offsetof(row, member)                                                      \
    }

struct cleat_extends;

/* A table, and how its rows lie in C. The row of a table that extends another has columns and keys
 * of both. */
typedef struct cleat_table {
    const char *database;
    const char *name;
    const cleat_column *columns;
    const cleat_key *keys;          /* the first is the primary key */
    const cleat_enum_column *enums; /* NULL when there is none */
    uint16_t column_count;
    uint16_t key_count;
    uint16_t enum_count;
    uint16_t row_size;
    uint16_t owned_offset;               /* of the member `owned`, the last one */
    const struct cleat_extends *extends; /* NULL: the table stands alone */
} cleat_table;

/* The value that a column of an enum has in every row of a table, or in those of a further one that
 * extends it. */
typedef struct cleat_constant {
    int value;
    uint16_t offset; /* of the column's member */
    bool further;
} cleat_constant;

#define CLEAT_CONSTANT(row, member, value)                                                         \
    {                                                                                              \
        (int)(value), (uint16_t)offsetof(row, member), false                                       \
    }
#define CLEAT_CONSTANT_FURTHER(row, member, value)                                                 \
    {                                                                                              \
        (int)(value), (uint16_t)offsetof(row, member), true                                        \
    }

/* What a table extends. Its row begins with that one's, and then has the columns of its own. Where
 * the runtime describes a part of such a row, `table` is the one whose row it is, `own` is NULL. */
typedef struct cleat_extends {
    const cleat_table *table;        /* the one that it extends, which may extend another */
    const cleat_table *own;          /* the key and its own columns, in the same row */
    const cleat_constant *constants; /* NULL when there is none */
    uint16_t constant_count;
} cleat_extends;

/* Refuses to compile when a row does not begin with another, up to and with a member. */
#ifdef __cplusplus
#define CLEAT_ROW_BEGINS(row, other, member)                                                       \
    static_assert(offsetof(row, member) == offsetof(other, member), #row " begins with " #other)
#else
#define CLEAT_ROW_BEGINS(row, other, member)                                                       \
    _Static_assert(offsetof(row, member) == offsetof(other, member), #row " begins with " #other)
#endif

/* The name of the column that a CLEAT_COLUMN_BIT or a CLEAT_COLUMN_PLACE is of; NULL for none and
 * for several. */
static inline const char *
cleat_place_name(const cleat_table *table, uint16_t place)
{
    return place < table->column_count ? table->columns[place].name : NULL;
}

static inline const char *
cleat_column_name(const cleat_table *table, uint64_t column)
{
    uint16_t place = 0;
    while (column > 1 && (column & 1) == 0) {
        column >>= 1;
        place++;
    }
    return column == 1 ? cleat_place_name(table, place) : NULL;
}

/* A column's LENGTH. */
typedef struct cleat_limit {
    uint32_t max;
    uint16_t offset; /* of the column's member */
} cleat_limit;

#define CLEAT_LIMIT(row, member, max)                                                              \
    {                                                                                              \
        max, (uint16_t)offsetof(row, member)                                                       \
    }

/* A CHECK, and the same in C where that can be: false only when the database would refuse the
 * row. */
typedef struct cleat_check {
    const char *column; /* it stands at this column; NULL for a CHECK_ROW */
    const char *sql;
    bool (*holds)(const void *row); /* NULL: only the database knows */
} cleat_check;

/* What a row must be, beyond what its columns say. */
typedef struct cleat_rules {
    const cleat_table *table;
    const cleat_limit *limits; /* NULL when there is none */
    const cleat_check *checks; /* NULL when there is none */
    uint16_t limit_count;
    uint16_t check_count;
} cleat_rules;

/* A full-text index over columns of a table. */
typedef struct cleat_full_text {
    const cleat_table *table;
    const char *name;
    const char *rowid;          /* the column that the index points to */
    const char *const *columns; /* of the index, in its order; ends with NULL */
} cleat_full_text;

/* A parameter of a query. */
typedef struct cleat_parameter {
    const char *name;
    const cleat_enum *labels; /* of kind CLEAT_KIND_ENUM, else NULL */
    uint8_t kind;             /* a cleat_kind */
    uint8_t flags;            /* CLEAT_NULLABLE: a number then comes as a pointer; CLEAT_ARRAY */
} cleat_parameter;

/* A query of db_queries.sql. */
typedef struct cleat_query {
    const char *sql;
    const cleat_table *result;         /* its row, as if it were a table; no columns for no rows */
    const cleat_parameter *parameters; /* in the order of the SQL's; NULL when there is none */
    const char *const *databases;      /* all that it names; ends with NULL */
    uint16_t parameter_count;
    uint16_t flags;
} cleat_query;

enum {
    CLEAT_WRITES = 1 /* it needs a session that was opened with CLEAT_WRITE */
};

/* A column that holds keys of another database's table. */
typedef struct cleat_soft_reference {
    const char *table; /* NULL ends a list */
    const char *column;
    const char *target_database;
    const char *target_table;
    const char *target_column;
} cleat_soft_reference;

/* One statement of a migration. One with `must` is a SELECT: each row that it returns is one that
 * stands against `must`, named by its first column, and ends the migration without a trace. */
typedef struct cleat_change {
    const char *must; /* what has to be true, in words; or NULL */
    const char *sql;
} cleat_change;

/* A step from one revision of a database to the next, run as one transaction. */
typedef struct cleat_migration {
    const char *revision; /* 12 hex digits */
    const char *parents;  /* revisions with ", " between them; "" for the first */
    const char *schema;   /* the revision of the schema that it ends at */
    const char *message;
    const cleat_change *up;
    const cleat_change *down; /* the way back; NULL when there is none */
    uint16_t up_count;
    uint16_t down_count;
} cleat_migration;

#define CLEAT_MIGRATION(revision, parents, schema, message, up, down)                              \
    {                                                                                              \
        revision, parents, schema, message, up, down, CLEAT_COUNT(up), CLEAT_COUNT(down)           \
    }
#define CLEAT_MIGRATION_ONE_WAY(revision, parents, schema, message, up)                            \
    {                                                                                              \
        revision, parents, schema, message, up, NULL, CLEAT_COUNT(up), 0                           \
    }

typedef struct cleat_database {
    const char *name;
    const char *revision;       /* 12 hex digits */
    const char *const *modules; /* each of these lists ends with NULL */
    const cleat_table *const *tables;
    const char *const *schema; /* CREATE statements, in order */
    const char *const *links;  /* databases that its sessions attach */
    unsigned flags;
    const cleat_migration *migrations; /* each after its parents, the head last; or NULL */
    size_t migration_count;
    const cleat_soft_reference *soft_references; /* NULL when there is none */
    const char *atomic_group;                    /* NULL when it is in none */
} cleat_database;

enum {
    CLEAT_TRUSTED_SCHEMA = 1 /* its checks or triggers call json or full-text functions */
};

struct cleat_init_table {
    unsigned abi; /* CLEAT_GENERATED_ABI when it was compiled */
    const char *name;
    const char *default_database; /* NULL: the only one, or none */
    const cleat_database *databases;
    size_t database_count;
};

#define CLEAT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- values of keys ---- */

/* One column's value in a call. The column's kind says which member counts: integer for INTEGER,
 * BOOLEAN, TIMESTAMP and ENUM, text for TEXT, JSON, DATETIME, ULID and UUID. */
typedef union cleat_value {
    int64_t integer;
    double real;
    const char *text; /* NULL is NULL */
    cleat_blob blob;
} cleat_value;

static inline cleat_value
cleat_value_integer(int64_t integer)
{
    cleat_value value;
    value.integer = integer;
    return value;
}

static inline cleat_value
cleat_value_real(double real)
{
    cleat_value value;
    value.real = real;
    return value;
}

static inline cleat_value
cleat_value_text(const char *text)
{
    cleat_value value;
    value.text = text;
    return value;
}

static inline cleat_value
cleat_value_blob(cleat_blob blob)
{
    cleat_value value;
    value.blob = blob;
    return value;
}

/* A number that may be NULL, by its address. */
static inline cleat_value
cleat_value_pointer(const void *pointer)
{
    cleat_value value;
    value.blob.data = pointer;
    value.blob.size = 0;
    return value;
}

static inline cleat_value
cleat_value_array(const void *items, size_t count)
{
    cleat_value value;
    value.blob.data = items;
    value.blob.size = count;
    return value;
}

/* ---- rows of any table ----
 * `key` is a place in table->keys; `values` has one value per column of that key. What each
 * function promises is said at its generated, typed form. */

/* Fills a row with zeros, then new ids for assigned text keys and the time where the schema has
 * DEFAULT_NOW. The generated _defaults adds the constants. */
void cleat_row_defaults(const cleat_table *table, void *ret_row);

cleat_status cleat_row_insert(cleat_session *session, const cleat_table *table, void *row);
cleat_status cleat_row_update(cleat_session *session, const cleat_table *table, void *row);
cleat_status cleat_row_upsert(cleat_session *session, const cleat_table *table, unsigned key,
                              void *row);
cleat_status cleat_row_ensure(cleat_session *session, const cleat_table *table, unsigned key,
                              void *row);

/* Columns as bits by CLEAT_COLUMN_BIT, or as a list of places for tables with more than 64. */
cleat_status cleat_row_patch(cleat_session *session, const cleat_table *table, void *row,
                             uint64_t columns);
cleat_status cleat_row_patch_places(cleat_session *session, const cleat_table *table, void *row,
                                    const uint16_t *places, size_t count);

/* A set of columns: bits by CLEAT_COLUMN_BIT, or places for tables with more than 64. */
typedef struct cleat_columns {
    uint64_t bits;
    const uint16_t *places; /* NULL when there is none */
    size_t count;
} cleat_columns;

static inline cleat_columns
cleat_columns_of_bits(uint64_t bits)
{
    cleat_columns columns;
    columns.bits = bits;
    columns.places = NULL;
    columns.count = 0;
    return columns;
}

static inline cleat_columns
cleat_columns_of_places(const uint16_t *places, size_t count)
{
    cleat_columns columns;
    columns.bits = 0;
    columns.places = places;
    columns.count = count;
    return columns;
}

/* The rows that equal a row in a set of columns; NULL equals NULL, and no column is all rows. */
cleat_status cleat_row_list_where(cleat_session *session, const cleat_table *table, const void *row,
                                  cleat_columns columns, cleat_cursor *ret_cursor);
cleat_status cleat_row_collect_where(cleat_session *session, const cleat_table *table,
                                     const void *row, cleat_columns columns, void *ret_rows);
cleat_status cleat_row_count_where(cleat_session *session, const cleat_table *table,
                                   const void *row, cleat_columns columns, int64_t *ret_count);
cleat_status cleat_row_delete_where(cleat_session *session, const cleat_table *table,
                                    const void *row, cleat_columns columns, int64_t *ret_count);

/* Set operations over an array of rows. */
cleat_status cleat_row_insert_many(cleat_session *session, const cleat_table *table, void *rows,
                                   size_t count);
cleat_status cleat_row_upsert_many(cleat_session *session, const cleat_table *table, unsigned key,
                                   void *rows, size_t count);
cleat_status cleat_row_ensure_many(cleat_session *session, const cleat_table *table, unsigned key,
                                   void *rows, size_t count);

/* Copies the row; its texts and blobs live in one block, row->owned, which is reused. */
cleat_status cleat_row_get(cleat_session *session, const cleat_table *table, unsigned key,
                           const cleat_value *values, void *ret_row);

/* Lends the row: its texts and blobs are valid until the session's next call. */
cleat_status cleat_row_lend(cleat_session *session, const cleat_table *table, unsigned key,
                            const cleat_value *values, void *ret_row);

/* CLEAT_OK or CLEAT_NOT_FOUND. */
cleat_status cleat_row_exists(cleat_session *session, const cleat_table *table, unsigned key,
                              const cleat_value *values);
cleat_status cleat_row_delete(cleat_session *session, const cleat_table *table, unsigned key,
                              const cleat_value *values);

cleat_status cleat_row_count(cleat_session *session, const cleat_table *table, int64_t *ret_count);
cleat_status cleat_row_count_by(cleat_session *session, const cleat_table *table, unsigned key,
                                const cleat_value *values, int64_t *ret_count);

/* All rows in the order of the primary key, or those of a key in the order of its index. */
cleat_status cleat_row_list(cleat_session *session, const cleat_table *table,
                            cleat_cursor *ret_cursor);
cleat_status cleat_row_list_by(cleat_session *session, const cleat_table *table, unsigned key,
                               const cleat_value *values, cleat_cursor *ret_cursor);

/* CLEAT_ROW with a lent row, valid until the cursor's next call, or CLEAT_DONE. */
cleat_status cleat_row_next(cleat_cursor *cursor, const cleat_table *table, void *ret_row);

/* Opens a column of the row with these values of a unique key, CLEAT_READ for a blob, text or
 * json, CLEAT_WRITE for a blob. Returns CLEAT_NOT_FOUND when there is no such row, CLEAT_VALUE when
 * the column is NULL there, and CLEAT_MISUSE where SQLite has no streams: in tables WITHOUT ROWID,
 * and to write columns of an index or foreign key. */
cleat_status cleat_row_stream_open(cleat_session *session, const cleat_table *table, unsigned key,
                                   const cleat_value *values, const char *column, unsigned mode,
                                   cleat_stream *ret_stream);

/* Makes a blob of so many zeros the row's value of a column, and opens it to write. */
cleat_status cleat_row_stream_create(cleat_session *session, const cleat_table *table, unsigned key,
                                     const cleat_value *values, const char *column, size_t size,
                                     cleat_stream *ret_stream);

/* Frees what the row owns and fills it with zeros. */
void cleat_row_clear(const cleat_table *table, void *row);

/* ---- rows against their schema ---- */

cleat_status cleat_row_validate(const cleat_rules *rules, const void *row,
                                cleat_violations *ret_violations);
cleat_status cleat_row_to_json(const cleat_rules *rules, const void *row, char **ret_json);

/* `defaults` is a row of the schema's defaults, which the call uses up. */
cleat_status cleat_row_from_json(const cleat_rules *rules, const char *json, size_t length,
                                 unsigned mode, void *defaults, void *ret_row,
                                 cleat_violations *ret_violations);

/* For checks in C: the characters of a text as SQL counts them; arithmetic that wraps around, and
 * whether it does. */
int64_t cleat_text_length(const char *text);
int64_t cleat_integer_add(int64_t a, int64_t b);
int64_t cleat_integer_subtract(int64_t a, int64_t b);
int64_t cleat_integer_multiply(int64_t a, int64_t b);
bool cleat_overflows_add(int64_t a, int64_t b);
bool cleat_overflows_subtract(int64_t a, int64_t b);
bool cleat_overflows_multiply(int64_t a, int64_t b);

/* ---- full text ---- */

/* A page of at most `limit` rows beside a row, which may be NULL, in the order of the primary key,
 * or among those of a key in the order of its index. */
cleat_status cleat_row_list_page(cleat_session *session, const cleat_table *table, const void *row,
                                 cleat_side side, size_t limit, cleat_cursor *ret_cursor);
cleat_status cleat_row_list_page_by(cleat_session *session, const cleat_table *table, unsigned key,
                                    const cleat_value *values, const void *row, cleat_side side,
                                    size_t limit, cleat_cursor *ret_cursor);

/* Lists as arrays. `ret_rows` points to a generated _rows struct: items, count, owned. For
 * get_many there is one array per column of the key: of int64_t, bool, double, an enum or
 * cleat_blob by the column's kind, of const char * for all others. */
cleat_status cleat_row_collect(cleat_session *session, const cleat_table *table, void *ret_rows);
cleat_status cleat_row_collect_by(cleat_session *session, const cleat_table *table, unsigned key,
                                  const cleat_value *values, void *ret_rows);
cleat_status cleat_row_get_many(cleat_session *session, const cleat_table *table, unsigned key,
                                const void *const *values, size_t count, void *ret_rows);

/* Frees an array of rows with all they own, and fills the struct with zeros. */
void cleat_rows_clear(void *rows);

/* Rows of the table whose text matches, best first. */
cleat_status cleat_row_search(cleat_session *session, const cleat_full_text *index,
                              const char *text, cleat_cursor *ret_cursor);
cleat_status cleat_row_search_with(cleat_session *session, const cleat_full_text *index,
                                   const char *text, const cleat_search *options,
                                   cleat_cursor *ret_cursor);

/* CLEAT_ROW with a lent row and what the search tells about it, or CLEAT_DONE. */
cleat_status cleat_row_search_next(cleat_cursor *cursor, const cleat_full_text *index,
                                   void *ret_row, cleat_match *ret_match);

cleat_status cleat_full_text_rebuild(cleat_session *session, const cleat_full_text *index);
cleat_status cleat_full_text_check(cleat_session *session, const cleat_full_text *index);

/* ---- queries ----
 * `values` has one value per parameter, NULL when there is none. */

/* Copies the only row, as cleat_row_get() does. Returns CLEAT_NOT_FOUND when there is none. */
cleat_status cleat_query_one(cleat_session *session, const cleat_query *query,
                             const cleat_value *values, void *ret_row);

/* Begins a list, for cleat_row_next() with the query's result. Copies the values. */
cleat_status cleat_query_many(cleat_session *session, const cleat_query *query,
                              const cleat_value *values, cleat_cursor *ret_cursor);

/* All rows as an array, in a generated _rows struct. */
cleat_status cleat_query_collect(cleat_session *session, const cleat_query *query,
                                 const cleat_value *values, void *ret_rows);

/* Runs a query without rows; ret_count gets how many it changed, NULL leaves that out. */
cleat_status cleat_query_execute(cleat_session *session, const cleat_query *query,
                                 const cleat_value *values, int64_t *ret_count);

/* ---- enums ---- */

/* The label of a value, NULL when the enum has no such value. */
const char *cleat_enum_label(const cleat_enum *type, int value);

/* The value of a label. Returns CLEAT_NOT_FOUND when there is no such label, or text is NULL. */
cleat_status cleat_enum_from_label(const cleat_enum *type, const char *label, int *ret_value);

#ifdef __cplusplus
}
#endif

#endif
