/* names.h: how names of the schema become names in C and in SQL. Every name that more than one
 * place spells is made here. Strings live in the arena. */
#ifndef CLEAT_NAMES_H
#define CLEAT_NAMES_H

#include "model.h"

/* The name of a column in its row: the column's, with _ after one that C, C++ or a common macro
 * already uses. */
const char *name_member(const char *column);

/* The name of a key's column as a parameter of a generated function. */
const char *name_parameter(const struct column *column);

/* "database_table", what every symbol of a table begins with. */
const char *name_prefix(const struct table *table);

/* Joins texts; ends with NULL. */
const char *name_join(const char *first, ...) G_GNUC_NULL_TERMINATED;

/* In capitals: "DATABASE_TABLE". */
const char *name_upper(const char *name);

/* The include guard of a module's header. Two modules never share one. */
const char *name_guard(const struct module *module);

/* How C refers to an enumeration: "enum document_state", or "document_state" for a typedef. */
const char *name_enumeration(const struct enumeration *enumeration);

/* The C type of a column where it is one word or pointer: in rows for all but the arrays, and for
 * every parameter. */
const char *name_c_type(const struct column *column);

/* What a C array of a column's values has as its items: "const char *const ", "const int64_t ". */
const char *name_item_type(const struct column *column);

/* A column's value in its row, "path"; of a distinct type the member inside, "id.text". */
const char *name_value(const struct column *column);

/* The member of a distinct type. */
const char *name_distinct_member(enum column_type type);

/* The size of a column that is an array of char in its row, with its NUL; else 0. */
unsigned name_array_size(enum column_type type);

/* Whether a row has has_<member> beside a column: it is nullable and has no pointer to say so. */
bool name_has_flag(const struct column *column);

/* "INTEGER", "REAL", "TEXT" or "BLOB". */
const char *sql_type(enum column_type type);

/* A name as it stands in SQL, quoted only where SQL needs it. */
const char *sql_quote_name(const char *name);

/* A text as a literal of SQL. */
const char *sql_quote_text(const char *text);

#endif
