/* property.h: what the files of the property test share. A cell is one value as SQLite stores it;
 * a model is a table in memory that does what the table on disk should; rows are filled from cells
 * and compared with them by descriptor alone. */
#ifndef PROPERTY_H
#define PROPERTY_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif

#include <cleat/table.h>

#include <stdio.h>

#include <sqlite3.h>

/* ---- chance ---- */

void chance_start(uint64_t seed);
uint64_t chance_bits(void);
size_t chance_below(size_t count);
bool chance_one_in(size_t count);

/* ---- failures ---- */

/* Prints what was expected and ends the program with status 1. */
_Noreturn void fail_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_at(__FILE__, __LINE__, __VA_ARGS__);                                              \
    } while (0)

/* ---- cells ---- */

/* One value. Texts have a NUL after their bytes. */
struct cell {
    int type; /* SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT or SQLITE_BLOB */
    int64_t integer;
    double real;
    char *bytes;
    size_t size;
    int label;     /* the value of an enum; its text is in bytes */
    uint32_t hash; /* of rows in a model, for finding them; 0 when it is not known */
};

enum collation { BINARY, NOCASE, RTRIM };

struct cell cell_integer(int64_t integer);
struct cell cell_real(double real);
struct cell cell_bytes(int type, const void *bytes, size_t size);
struct cell cell_text(const char *text);
struct cell cell_copy(const struct cell *cell);
void cell_clear(struct cell *cell);

/* Exactly the same value: the same bits, the same bytes. */
bool cell_same(const struct cell *one, const struct cell *other);

/* The order of SQL; 0 for values that are equal there. */
int cell_compare(const struct cell *one, const struct cell *other, enum collation collation);

/* The same for values that are equal by any collation; never 0. */
uint32_t cell_hash(const struct cell *cell);

/* The characters of a text as SQL's length() counts them, the bytes of a blob. */
size_t cell_length(const struct cell *cell);

/* ---- columns ---- */

enum parent { NO_PARENT, CASCADE, SET_NULL, RESTRICT };

struct column_model {
    const cleat_column *column;
    const cleat_enum *labels;
    size_t length; /* at most; 0 for any */
    enum collation collation;
    int base; /* of a generated column; -1 for others */
    enum parent parent;
    const char *constant; /* the label that it has in every row; NULL for any */
};

/* A random value for a column, often one at the edge of its type, sometimes one it must refuse. */
struct cell value_random(const struct column_model *column, bool for_key);

/* Whether binding a value must fail, or a check of the column. */
bool value_unbindable(const struct column_model *column, const struct cell *cell);
bool value_unchecked(const struct column_model *column, const struct cell *cell);

/* Puts a cell into its member of a row, lending its bytes. */
void row_put(const struct column_model *column, void *row, const struct cell *cell);

/* The cell that a member of a row holds, with bytes of its own. */
struct cell row_take(const struct column_model *column, const void *row);

/* A cell as an argument of a call. */
cleat_value row_value(const struct column_model *column, const struct cell *cell);

/* ---- models of tables ---- */

enum { KEY_MAX = 8, UNIQUE_MAX = 24 };

/* Columns that must differ between rows. */
struct unique {
    unsigned places[KEY_MAX];
    enum collation collations[KEY_MAX];
    unsigned count;
    unsigned part; /* the level of the table that has them */
};

struct model {
    const cleat_table *table;
    struct column_model *columns;
    unsigned count;                    /* of columns */
    struct unique uniques[UNIQUE_MAX]; /* the first is the primary key */
    unsigned unique_count;
    struct cell **rows;
    size_t row_count, row_capacity;
    bool counts_up; /* its key is AUTOINCREMENT */
    /* of a table that extends others: all of them, each with the rows that are of no further one */
    struct model *family;
    unsigned family_count, level;
};

/* The table and those that it extends, the first one first. */
enum { CHAIN_MAX = 4 };
unsigned chain_of(const cleat_table *table, const cleat_table **ret_tables);

void model_open(struct model *model, const cleat_table *table, sqlite3 *plain);
void model_close(struct model *model);

/* The row with the same values in a unique set, except `but`; -1 when there is none. */
long model_find(const struct model *model, const struct unique *unique, const struct cell *cells,
                long but);

/* Whether such a row is there, in the table itself or in one of its family. */
bool model_is_taken(const struct model *model, const struct unique *unique,
                    const struct cell *cells, long but);

/* How many rows have these values, none of them NULL. */
size_t model_matches(const struct model *model, const struct unique *unique,
                     const struct cell *cells);

/* What may become of writing cells: a bit for each failure, from CLEAT_ERROR = 1; none for
 * success. `place` is the row they replace, or -1. */
unsigned model_faults(const struct model *model, const struct cell *cells, long place);

#define FAULT(status) (1u << -(status))

/* Makes of cells what is stored for them: generated columns have a value, and zero has no sign,
 * because SQLite stores whole reals as integers. */
void model_settle(const struct model *model, struct cell *cells);

/* A column with a value that cannot be bound, or that no row of the table has; NULL for none. */
const struct column_model *model_wrong_column(const struct model *model, const struct cell *cells);

/* Takes the cells over. */
void model_add(struct model *model, struct cell *cells);
void model_replace(struct model *model, size_t place, struct cell *cells);

/* Whether a row refers to another one. */
bool model_refers(const struct model *model, const struct cell *cells, const struct cell *other);

/* What a delete would do; removes the row and does what its references say. */
bool model_may_delete(const struct model *model, size_t place);
void model_delete(struct model *model, size_t place);

void model_free_cells(const struct model *model, struct cell *cells);

/* ---- rows of calls ---- */

extern size_t calls_refused; /* how many failed as they must */

/* Random values, sometimes with a key that is taken. */
struct cell *cells_random(const struct model *model);

/* Takes the values of a unique key from a row of the model. */
void cells_copy_key(const struct model *model, const struct unique *unique, struct cell *cells,
                    size_t from);

/* Sometimes empties a key that is assigned. Returns whether it is empty. */
bool cells_clear_key(const struct model *model, struct cell *cells);

/* A row with a new key must not refer to itself, since it does not know its key. With NO ACTION
 * and RESTRICT none may, or it could not be told from the row that it refers to. */
void cells_forget_parents(const struct model *model, struct cell *cells);
void cells_forget_itself(const struct model *model, struct cell *cells);

/* Takes from a row what a call has written there: the new key, the times of an update. */
void cells_take(const struct model *model, struct cell *cells, const void *row, unsigned place);
void cells_take_times(const struct model *model, struct cell *cells, const void *row,
                      int64_t since);

/* What an upsert writes to the columns of times, whatever the row has. */
void cells_set_times(const struct model *model, struct cell *cells);

bool column_is_assigned(const struct column_model *column);

/* Whether the column has another value in every row. */
bool value_inconstant(const struct column_model *column, const struct cell *cell);

/* A row of the model in the form of the table, which the caller frees, and its key as the
 * arguments of a call. */
void *row_make(const struct model *model, const struct cell *cells);
void key_make(const struct model *model, const struct unique *unique, const struct cell *cells,
              cleat_value *ret_values);

/* Without faults a call must succeed, with some it must fail in one of their ways; then the error
 * is about the column where only one can be at fault. */
void expect_status(const struct model *model, cleat_session *session, cleat_status rc,
                   unsigned faults, const char *call);
void expect_column(const struct model *model, const cleat_session *session,
                   const struct cell *cells, unsigned faults);

void expect_row(const struct model *model, const void *row, const struct cell *cells,
                const char *call);

/* ---- reads ---- */

void read_get(const struct model *model, cleat_session *session, void *own);
void read_count(const struct model *model, cleat_session *session);
void read_list(const struct model *model, cleat_session *session);

/* A row of the table, as one of a table that it extends. */
void read_family(const struct model *model, cleat_session *session);
void read_list_by(const struct model *model, cleat_session *session);

/* The order of the primary key, and the row of the model that a row is, compared with it. */
int compare_keys(const struct model *model, const struct cell *one, const struct cell *other);
const struct cell *expect_listed(const struct model *model, const void *row, const char *call);

/* ---- sets, some columns, pages ---- */

/* Whether an upsert has nothing to change. */
bool is_unchanged(const struct model *model, const struct cell *cells, const struct cell *stored);

/* Each adds the rows that it has stored to *inserted. */
void insert_set(struct model *model, cleat_session *session, size_t *inserted);
void upsert_set(struct model *model, cleat_session *session, size_t *inserted);
void ensure_set(struct model *model, cleat_session *session, size_t *inserted);
void patch_row(struct model *model, cleat_session *session);

/* Upserts or ensures rows, one or many, by a unique key. */
void write_by_key(struct model *model, cleat_session *session, size_t *inserted);
void read_get_many(struct model *model, cleat_session *session);

/* A set of columns in the form that a table's calls have; places beyond any that a table has. */
enum { PLACES_MAX = 2000 };
cleat_columns columns_of(const struct model *model, const uint16_t *places, size_t count);

void read_where(const struct model *model, cleat_session *session);
void delete_where(struct model *model, cleat_session *session);
void read_pages(const struct model *model, cleat_session *session);

/* ---- what is in the file ---- */

/* Compares all rows of the table, as an ordinary program reads them, with the model. */
void plain_compare(const struct model *model, sqlite3 *plain);

/* Runs SQL on an ordinary connection. */
void plain_run(sqlite3 *plain, const char *format, ...);

#endif
