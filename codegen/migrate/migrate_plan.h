/* migrate_plan.h: from what changed between two schemas to the SQL that takes a file with rows from
 * one to the other. */
#ifndef CLEAT_MIGRATE_PLAN_H
#define CLEAT_MIGRATE_PLAN_H

#include "migrate_planner.h"

/* Plans the change of one database. The caller frees plan.sql. */
struct plan migration_plan(const struct plan_request *request);

/* Why a plan without further words makes a table anew, NULL when the table changes in place. Both of
 * its sides are there. */
const char *plan_rebuild_reason(const struct table_pair *pair);

#endif
