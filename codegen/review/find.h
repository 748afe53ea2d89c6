/* find.h: the functions that find something, and what they share: names and SELECTs for texts. */
#ifndef CLEAT_FIND_H
#define CLEAT_FIND_H

#include "finding.h"

/* "book.note" of the old side, "book" when there is no column. */
const char *find_old_name(const struct change *change);
const char *find_new_name(const struct change *change);

/* SELECT <key of the table> FROM table WHERE …, by the names of the old side. */
const char *find_rows(const struct snapshot_table *table, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* "a, b" of const char *. */
const char *find_names(const GPtrArray *names);

/* The columns of an index in the old table, quoted, "a, b"; NULL when one is new or an expression. */
const char *find_old_parts(const struct review *review, const struct change *change,
                           const GPtrArray *parts);

/* The old column that stands for a new one, NULL when it is new. */
const struct snapshot_column *find_old_column(const struct review *review,
                                              const struct change *change, const char *name);

/* Whether a file is a migration that the old side does not have, of this database; NULL is any. */
bool review_is_new_migration(const struct review *review, const char *database, const char *path);

/* What rows that are there get in the new column, as a migration says that comes with the change; NULL
 * when none does. */
const char *find_backfill(const struct review *review, const struct change *change);

/* The label that rows get in place of the one that goes, in the same way. */
const char *find_new_label(const struct review *review, const struct change *change);

/* The pair of tables of a change. */
const struct table_pair *find_pair(const struct review *review, const struct change *change);

/* SQLite's affinity of a declared type: 'I', 'T', 'B', 'R', 'N'. */
char find_affinity(const char *type);

/* Whether a column is part of a key, an index or a foreign key. */
bool find_is_indexed(const struct snapshot_table *table, const char *column);

/* Whether a column is part of a foreign key. */
bool find_refers(const struct snapshot_table *table, const char *column);

/* ---- what looks at one change, and reports when its rule is about it ---- */

void find_drop_database(struct review *review, const struct change *change);
void find_drop_table(struct review *review, const struct change *change);
void find_drop_column(struct review *review, const struct change *change);
void find_rename_unmarked(struct review *review, const struct change *change);
void find_rename_source_missing(struct review *review, const struct change *change);
void find_rename_cycle(struct review *review, const struct change *change);
void find_type_narrowed(struct review *review, const struct change *change);
void find_affinity_changed(struct review *review, const struct change *change);
void find_not_null_added(struct review *review, const struct change *change);
void find_not_null_new_column(struct review *review, const struct change *change);
void find_unique_added(struct review *review, const struct change *change);
void find_primary_key_changed(struct review *review, const struct change *change);
void find_check_tightened(struct review *review, const struct change *change);
void find_length_shortened(struct review *review, const struct change *change);
void find_enum_label_removed(struct review *review, const struct change *change);
void find_foreign_key_added(struct review *review, const struct change *change);
void find_cascade_changed(struct review *review, const struct change *change);
void find_collation_changed(struct review *review, const struct change *change);
void find_strict_added(struct review *review, const struct change *change);
void find_generated_changed(struct review *review, const struct change *change);
void find_rowid_removed(struct review *review, const struct change *change);
void find_autoincrement_removed(struct review *review, const struct change *change);
void find_parent_dropped(struct review *review, const struct change *change);
void find_moved_database(struct review *review, const struct change *change);
void find_required_column_added(struct review *review, const struct change *change);
void find_gone_for_old(struct review *review, const struct change *change);
void find_enum_label_added(struct review *review, const struct change *change);
void find_constraint_added_for_old(struct review *review, const struct change *change);
void find_default_changed(struct review *review, const struct change *change);
void find_index_changed(struct review *review, const struct change *change);
void find_index_dropped(struct review *review, const struct change *change);
void find_index_added(struct review *review, const struct change *change);
void find_view_changed(struct review *review, const struct change *change);
void find_column_order(struct review *review, const struct change *change);

/* ---- what looks at whole states, one file each ---- */

void review_find_broken(struct review *review);  /* find_broken.c: SQL that no longer compiles */
void review_find_api(struct review *review);     /* api.c */
void review_find_history(struct review *review); /* find_history.c */
void review_find_drift(struct review *review);   /* find_drift.c */
void review_find_advice(struct review *review);  /* find_advice.c: what is newly ill-advised */
/* find_older.c: reports a live file that lacks migrations, or has unknown ones. Returns what the
 * last that it has leads to, NULL when it lacks none. */
const struct snapshot *review_find_older(struct review *review,
                                         const struct comparison *comparison);
void review_count_rows(struct review *review); /* find_drift.c: counts and keys in the live file */
void review_accept(struct review *review, const char *today); /* accept.c */

#endif
