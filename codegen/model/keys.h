/* keys.h: the ways to reach the rows of a table, and the C symbols that a table has because of
 * them. What emits the functions and what checks names for collisions both ask here. */
#ifndef CLEAT_KEYS_H
#define CLEAT_KEYS_H

#include "model.h"

enum access_kind {
    ACCESS_PRIMARY = 1,
    ACCESS_UNIQUE = 2,
    ACCESS_PREFIX = 4 /* the first columns of an index: several rows */
};

/* Columns whose values together name one row, or the rows of a list. */
struct access {
    enum access_kind kind;
    GPtrArray *columns; /* struct column */
    const char *by;     /* "workspace_id_and_path" */
    const char *order;  /* SQL after ORDER BY: what remains of the index; NULL for nothing */
};

/* The primary key, then the unique keys, then the prefixes; no two with the same columns. */
GPtrArray *table_accesses(const struct table *table);

/* The generated functions, in the order in which the header has them. */
enum verb {
    VERB_DEFAULTS,
    VERB_INSERT,
    VERB_GET,
    VERB_LEND,
    VERB_EXISTS,
    VERB_UPDATE,
    VERB_PATCH,
    VERB_UPSERT,
    VERB_ENSURE,
    VERB_DELETE,
    VERB_INSERT_MANY,
    VERB_UPSERT_MANY,
    VERB_ENSURE_MANY,
    VERB_GET_MANY,
    VERB_COUNT,
    VERB_LIST,
    VERB_LIST_PAGE,
    VERB_NEXT,
    VERB_COLLECT,
    VERB_COUNT_WHERE,
    VERB_LIST_WHERE,
    VERB_COLLECT_WHERE,
    VERB_DELETE_WHERE,
    VERB_STREAM_OPEN,
    VERB_STREAM_CREATE,
    VERB_ROWS_CLEAR,
    VERB_CLEAR,
    VERB_TOTAL
};

/* Calls `each` for every function of a table. `access` is NULL for one that needs no key; `name`
 * is the whole symbol, in the arena. */
typedef void verb_visit(void *data, enum verb verb, const struct access *access, const char *name);
void table_verbs(const struct table *table, const GPtrArray *accesses, verb_visit *each,
                 void *data);

/* Whether a patch can change a column, and any column of a table. */
bool column_is_patched(const struct column *column);
bool table_has_patch(const struct table *table);

/* The macro that names a column of a table's row in a set. */
const char *column_symbol(const char *upper_prefix, const struct table *table,
                          const struct column *column);

/* The enumerator of an access. */
const char *access_symbol(const char *upper_prefix, const struct access *access);

/* The static array of an access's columns. */
const char *access_offsets(const char *prefix, const struct access *access);

/* "database_index", what the symbols of a full-text index begin with. */
const char *full_text_prefix(const struct full_text *full_text);

/* The column of the row that a full-text index points to, or the hidden one; not quoted. */
const char *full_text_rowid(const struct full_text *full_text);

/* Whether an insert fills in a key that is 0 or "". */
bool column_is_assigned(const struct column *column);

/* Calls `each` with every C symbol that is generated for a table or an enumeration: types, tags,
 * enumerators, objects, functions, static ones too. Nothing for a table without a database. */
typedef void symbol_visit(void *data, const char *symbol);
void table_symbols(const struct table *table, symbol_visit *each, void *data);
void enumeration_symbols(const struct enumeration *enumeration, symbol_visit *each, void *data);

#endif
