/* migrate_write.h: migrations that are written by the tool. */
#ifndef CLEAT_MIGRATE_WRITE_H
#define CLEAT_MIGRATE_WRITE_H

#include "model/diag.h"
#include "model/model.h"

/* What a migration says beside its SQL: from the command line, or from the file that it replaces. */
struct draft {
    const char *message;
    const char *parents_text;
    GPtrArray *backfills; /* struct backfill */
    GPtrArray *dropped;   /* struct backfill: a table, and why it goes */
    GPtrArray *moved;     /* struct backfill: a table, and the database that has it now */
    GPtrArray *labels;    /* struct label_rename */
    const char *before_hand, *after_hand, *down_hand;
};

/* Plans, writes and proves the migration from the state that `migrations` lead to to the schema of
 * the database. Returns it, not yet on disk; NULL after printing what stands against it to
 * standard error. *ret_name is its file's name. */
struct migration *migration_write(const struct database *database, const GPtrArray *migrations,
                                  const struct draft *draft, const char **ret_name);

/* The same for two ends of a history that come together. */
struct migration *migration_join(const struct database *database, const GPtrArray *migrations,
                                 const char *message, const char **ret_name);

/* The statements that `migrations` lead to, as a snapshot; NULL after printing why not. */
const char *migrations_state(const char *database, const GPtrArray *migrations);

#endif
