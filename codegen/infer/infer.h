/* infer.h: what the files of the infer stage share. A subject is one statement, a query or the
 * SELECT of a view, prepared by SQLite in memory with its databases under their names. */
#ifndef CLEAT_INFER_H
#define CLEAT_INFER_H

#include "common/sql_scan.h"
#include "common/sql_shape.h"
#include "model/diag.h"
#include "model/model.h"

#include <sqlite3.h>

struct infer {
    struct model *model;
    struct diag *diag;
    GHashTable *images;      /* struct database -> GBytes: its file */
    GHashTable *connections; /* names of databases -> sqlite3 */
};

/* A table or view as a statement calls it. */
struct alias {
    const char *name;
    const char *database;
    const struct table *table; /* NULL for a full-text index */
};

/* A column that a statement reads or writes; "" for a table as a whole. */
struct touched {
    const char *database;
    const char *table;
    const char *column;
    bool writes;
};

struct subject {
    struct infer *infer;
    struct database *database;
    const struct text *text; /* as written */
    const char *sql;         /* the same length: (:ids...) as (:ids   ), a view's SELECT alone */
    bool is_view;
    const char *what; /* "query" or "view" */
    const char *name;
    struct location name_at;
    struct sql tokens;
    struct shape shape; /* with what the views that it reads are made of */
    struct shape own;   /* without; items are those of `shape` */
    sqlite3 *connection;
    sqlite3_stmt *prepared;
    GPtrArray *touched;      /* struct touched, without what only triggers do */
    GPtrArray *aliases;      /* struct alias */
    GPtrArray *databases;    /* struct database, by name: triggers' too */
    GHashTable *null_tables; /* "database.table": an outer join gives NULL rows of them */
    bool all_null;           /* ... of something that is no table */
    bool writes;
};

/* A type with what is known of NULL. */
struct inferred {
    enum column_type type;
    const struct enumeration *enumeration;
    bool not_null;
    const struct distinct *distinct;
};

/* ---- infer_database.c ---- */

/* NULL when there is none. */
struct database *infer_database(const struct model *model, const char *name);

/* A connection with these databases attached; the same one for the same databases. Reports views
 * and triggers that SQLite refuses. */
sqlite3 *infer_connection(struct infer *infer, const GPtrArray *databases);

/* Where SQLite says that the last error of a statement is; it does not always say. */
struct location infer_error_place(sqlite3 *connection, const struct text *text);

/* A table, or a view's columns, by its names; NULL when there is none. */
const struct table *infer_table(const struct model *model, const char *database, const char *table);

/* The column with a name in SQL, without regard to case; NULL when there is none. */
const struct column *infer_column(const struct table *table, const char *name);

/* A type that is no enum and not distinct. */
struct inferred infer_plain(enum column_type type, bool not_null);

/* The type of a column, not NULL when it keeps that. */
struct inferred infer_type(const struct column *column, bool keeps);

/* A table for columns that are no table's. */
struct table *infer_row(struct database *database, struct module *module, const char *name,
                        const char *doc);
struct column *infer_add_column(struct table *row, const char *name, struct inferred type);

/* ---- infer_subject.c ---- */

/* The SELECT in the text of a view. */
const char *object_body(const char *sql);

/* Fills in the rest of a subject whose sql and names are set. Returns false after an error. */
bool subject_open(struct subject *subject);
void subject_close(struct subject *subject);

void subject_check_annotations(const struct subject *subject, const GPtrArray *parameters,
                               const struct table *row);

/* The tables that a view's SELECT reads, "database.table". */
GPtrArray *subject_tables_of_view(const struct subject *subject, const struct table *view);

/* The place of tokens in the file. */
struct location subject_at(const struct subject *subject, int place);
struct location subject_range_at(const struct subject *subject, struct range range);

/* Prepares another form of the subject's statement; NULL when SQLite refuses it. */
sqlite3_stmt *subject_prepare(const struct subject *subject, const char *sql);

/* The annotation of a parameter or column, NULL for none. */
const struct annotation *subject_annotation(const struct subject *subject, bool is_parameter,
                                            const char *name);

/* infer_resolve.c: asks SQLite which column the tokens of a name mean; NULL when it is no table's,
 * but that of a subquery. Returns false where it cannot be asked, because NULL in the place of the
 * name is no SQL. */
bool infer_resolve(const struct subject *subject, struct range name,
                   const struct column **ret_column);

/* infer_column.c: the columns of the result go to `row`. */
void infer_columns(struct subject *subject, struct table *row);

/* infer_suggest.c: what the type of an expression may be, for a hint; NULL when nothing tells. */
const char *infer_suggest(const struct sql *sql, struct range range);

/* What an annotation can say. */
#define INFER_TYPE_WORDS                                                                           \
    "integer, boolean, real, text, json, blob, timestamp, datetime, ulid, uuid, or an enum or "    \
    "typedef of the schema"

/* infer_parameter.c: the parameters of the statement. */
void infer_parameters(struct subject *subject, GPtrArray *parameters);

/* infer_plan.c: how the rows are found, and which tables are read whole. */
void infer_plan(const struct subject *subject, struct query *query);

/* infer_fuzz.c: runs the statement on small databases full of NULLs and empty tables, and reports
 * what contradicts the row; `one` says that a second row does. */
void infer_fuzz(const struct subject *subject, const GPtrArray *parameters, const struct table *row,
                bool one);

#endif
