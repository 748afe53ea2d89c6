/* snapshot_parse.h: what the files of snapshot.h share. */
#ifndef CLEAT_SNAPSHOT_PARSE_H
#define CLEAT_SNAPSHOT_PARSE_H

#include "snapshot.h"

#include <sqlite3.h>

/* Where a statement stands in the text of a snapshot, and what stands above it. */
struct snapshot_place {
    unsigned line;        /* of the name that is created */
    const char *doc;      /* the comment lines right above, NULL when there are none */
    GPtrArray *facts;     /* const char *: the rest of the lines `-- cleat: …` */
    unsigned *fact_lines; /* as many */
};

/* snapshot_text.c: runs the statements of a text on a connection, and notes the place of each. */
bool snapshot_run_text(sqlite3 *db, const char *path, const char *text, GHashTable **ret_places,
                       GError **ret_error);

/* snapshot_text.c: where an object was created. NULL when nothing is known; `places` may be NULL. */
const struct snapshot_place *snapshot_find_place(GHashTable *places, const char *name,
                                                 bool is_trigger);

/* snapshot_text.c: reads the facts above a table into it. */
void snapshot_read_facts(struct snapshot_table *table, const struct snapshot_place *place);

/* snapshot_table.c: reads from the table's statement what pragmas do not tell. Columns and foreign
 * keys are there by now. */
void snapshot_parse_table(struct snapshot_table *table);

/* snapshot_table.c: the arguments of a virtual table's module. */
void snapshot_parse_virtual(struct snapshot_table *table);

/* snapshot_table.c: the expressions and the WHERE of an index. */
void snapshot_parse_index(struct snapshot_index *index);

#endif
