/* import.h: an existing database as a module: the schema of a file enters, a db_models.h leaves
 * that gives the same schema again, and what the schema language cannot say, as words. */
#ifndef CLEAT_IMPORT_H
#define CLEAT_IMPORT_H

#include "snapshot/snapshot.h"

struct import {
    const struct snapshot *snapshot;
    GString *header;  /* db_models.h */
    GString *objects; /* db_objects.sql: views and triggers; empty when there are none */
    GPtrArray *lost;  /* const char *: what could not be said, for people */
};

/* Fills the texts. */
void import_run(struct import *import);

/* Adds to `lost`. */
void import_lose(struct import *import, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* import_name.c: a name as C and the schema language take it, in the arena. */
const char *import_identifier(const char *name);

/* import_name.c: a C string literal, in the arena. */
const char *import_literal(const char *text);

/* ---- columns (import_column.c) ---- */

/* A column with what it is in the schema language. */
struct import_column {
    const struct snapshot_table *table;
    const struct snapshot_column *column;
    const char *name;                        /* in C */
    const char *type;                        /* "text", "enum books_state" */
    const struct snapshot_check *type_check; /* the check that the type itself makes, or NULL */
    GPtrArray *enumerators; /* const char *, with the labels of type_check; NULL for no enum */
};

struct import_column *import_column_new(struct import *import, const struct snapshot_table *table,
                                        const struct snapshot_column *column);

/* Appends the line of the column, with room for the longest type and name of its table. */
void import_column_line(struct import *import, const struct import_column *own, bool is_key,
                        int type_width, int name_width);

/* ---- tables (import_table.c) ---- */

/* Appends a table with the enums of its columns. */
void import_table(struct import *import, const struct snapshot_table *table);

/* Whether a trigger keeps a full-text index in step and comes back with it. */
bool import_is_full_text_trigger(const struct import *import, const char *trigger);

#endif
