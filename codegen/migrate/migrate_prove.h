/* migrate_prove.h: a history is run before anyone has to trust it. */
#ifndef CLEAT_MIGRATE_PROVE_H
#define CLEAT_MIGRATE_PROVE_H

#include "model/diag.h"
#include "model/model.h"

/* Runs a history in memory, from empty, with rows made up at every step. Reports statements that
 * fail or may not be run, rows that get lost, ways back that do not lead back, and an end that is
 * not the schema of the database. */
void migrations_prove(const struct database *database, const GPtrArray *migrations,
                      struct diag *diag);

/* The columns and tables that a migration renames: "table.column" and "table" to the new name. Free
 * it with g_hash_table_unref(). */
GHashTable *migration_renames(const struct migration *migration);

#endif
