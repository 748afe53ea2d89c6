/* step.h: the parts of one migration's run, for the files that do it: step.c, and carry.c and
 * references.c for what is around its statements. All of it happens inside of a transaction that
 * migrate.c begins and ends. */
#ifndef CLEAT_STEP_H
#define CLEAT_STEP_H

#include "connection/connection.h"
#include "migrate.h"

/* ---- step.c ---- */

/* Runs the changes of a migration, up or down, and all that is due after them, inside of a
 * transaction. `last` is the migration that the file is at afterwards. */
cleat_status cleat_migrate_step(struct migrate *migrate, const cleat_migration *migration, bool up,
                                const cleat_migration *last, cleat_error *error);

/* Fills an error with what a step must not do, or with what it finds. */
cleat_status cleat_migrate_refuse(const struct migrate *migrate, cleat_status status,
                                  cleat_error *error, const char *format, ...) CLEAT_PRINTF(4, 5);

enum { CLEAT_NAMED_ROWS = 5 }; /* in a refusal */

/* Adds what names a row, its first column, to a list. */
void cleat_migrate_name_row(const struct migrate *migrate, sqlite3_stmt *row, char *names,
                            size_t size);

/* Runs statements that are not the step's own; the format is that of sqlite3_mprintf(). Returns
 * SQLite's code. */
int cleat_migrate_run(const struct migrate *migrate, const char *format, ...);

/* ---- references.c: references without a target ---- */

/* Notes those that are there now: they do not end the next step. */
cleat_status cleat_migrate_allow(struct migrate *migrate, cleat_error *error);

/* Forgets them again, or follows a table to its new name. Return SQLite's codes. */
int cleat_references_forget(struct migrate *migrate);
int cleat_references_rename(const struct migrate *migrate, const char *from, const char *to);

/* CLEAT_FOREIGN_KEY when there are others. */
cleat_status cleat_references_check(const struct migrate *migrate, cleat_error *error);

/* ---- carry.c: statistics, through a step. Return SQLite's codes. ---- */

int cleat_carry_begin(struct migrate *migrate);
int cleat_carry_run(struct migrate *migrate, const char *sql); /* a statement of the step */
int cleat_carry_end(struct migrate *migrate);

#endif
