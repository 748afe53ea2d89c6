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
    CLEAT_NULLABLE = 1,    /* a scalar then has a bool has_<column> before it */
    CLEAT_KEY = 2,         /* part of the primary key */
    CLEAT_ASSIGNED = 4,    /* the key: assigned on insert when 0 or "" */
    CLEAT_GENERATED = 8,   /* computed by the database, never written */
    CLEAT_DEFAULT_NOW = 16,
    CLEAT_UPDATE_NOW = 32
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
    {name, (uint16_t)offsetof(row, member), 0, kind, flags}
#define CLEAT_COLUMN_HAS(row, member, name, kind, flags)                                           \
    {name, (uint16_t)offsetof(row, member), (uint16_t)offsetof(row, has_##member), kind,           \
     (flags) | CLEAT_NULLABLE}

/* A primary key, a unique key or a prefix of an index: the columns that a call names. */
typedef struct cleat_key {
    const uint16_t *offsets; /* of the columns' members, in the order of the key */
    const char *order;       /* SQL after ORDER BY for a list by it, NULL for none */
    uint16_t count;
} cleat_key;

#define CLEAT_KEY_ROW(offsets, order) {offsets, order, CLEAT_COUNT(offsets)}

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

#define CLEAT_ENUM_COLUMN(row, member, type) {type, (uint16_t)offsetof(row, member)}

typedef struct cleat_table {
    const char *database;
    const char *name;
    const cleat_column *columns;
    const cleat_key *keys; /* the first is the primary key */
    const cleat_enum_column *enums; /* NULL when there is none */
    uint16_t column_count;
    uint16_t key_count;
    uint16_t enum_count;
    uint16_t row_size;
    uint16_t owned_offset; /* of the member `owned` */
} cleat_table;

/* One linked full-text index. Its columns are the first of a bm25 ranking. */
typedef struct cleat_full_text {
    const cleat_table *table;
    const char *name;
    const char *rowid; /* the column, or rowid, that the index points to */
} cleat_full_text;

typedef struct cleat_database {
    const char *name;
    const char *revision;             /* 12 hex digits */
    const char *const *modules;       /* each of these lists ends with NULL */
    const cleat_table *const *tables;
    const char *const *schema;        /* CREATE statements, in order */
    const char *const *links;         /* databases that its sessions attach */
    unsigned flags;
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

/* Rows of the table whose text matches, best first. */
cleat_status cleat_row_search(cleat_session *session, const cleat_full_text *index,
                              const char *text, cleat_cursor *ret_cursor);

/* CLEAT_ROW with a lent row, valid until the cursor's next call, or CLEAT_DONE. */
cleat_status cleat_row_next(cleat_cursor *cursor, const cleat_table *table, void *ret_row);

/* Frees what the row owns and fills it with zeros. */
void cleat_row_clear(const cleat_table *table, void *row);

/* ---- enums ---- */

/* The label of a value, NULL when the enum has no such value. */
const char *cleat_enum_label(const cleat_enum *type, int value);

/* The value of a label. Returns CLEAT_NOT_FOUND when there is no such label, or text is NULL. */
cleat_status cleat_enum_from_label(const cleat_enum *type, const char *label, int *ret_value);

#ifdef __cplusplus
}
#endif

#endif
