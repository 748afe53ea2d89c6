/* migrate_planner.h: a plan while it is made, and what the files that make it give one another. */
#ifndef CLEAT_MIGRATE_PLANNER_H
#define CLEAT_MIGRATE_PLANNER_H

#include "snapshot/compare.h"

/* What is wanted. */
struct plan_request {
    const struct comparison *comparison;
    const GPtrArray *backfills; /* struct backfill */
    const GPtrArray *dropped;   /* const char *: tables that are declared to go */
    const GPtrArray *moved;     /* struct backfill: tables that another database has now */
    const GPtrArray *labels;    /* struct label_rename */
    bool rebuild;               /* no ALTER TABLE that adds or drops a column */
    bool is_down;               /* the way back: what was declared for up needs no word */
};

/* What came of it. */
struct plan {
    GString *sql;        /* statements and checks, as they stand in a migration */
    GPtrArray *problems; /* const char *: what has to be declared first, each with the way out */
    GPtrArray *notes;    /* const char *: what is worth a word */
    bool loses;          /* values go that no way back can know */
};

struct planner {
    const struct plan_request *request;
    struct plan *plan;
    GPtrArray *tables; /* struct table_plan: tables of both sides that are no virtual ones */
};

/* Adds a statement; one of the schema without the comments of its snapshot, which files do not hold. */
void plan_sql(const struct planner *planner, const char *format, ...) G_GNUC_PRINTF(2, 3);
void plan_text(const struct planner *planner, const char *sql);

/* migrate_objects.c: what hangs on tables and has to be made again, or goes. */
void plan_drop_objects(const struct planner *planner);
void plan_create_objects(const struct planner *planner);

/* One table on its way. */
struct table_plan {
    const struct plan_request *request;
    struct plan *plan;
    const struct table_pair *pair;
    const char *name; /* its new one */
    bool rebuilds;
};

/* migrate_copy.c: what a column of the new table gets from a row of the old one, in the names after
 * renames; NULL for a column that is computed. */
const char *plan_value(const struct table_plan *table, const struct column_pair *pair);

/* Whether the value is the old one as it was. */
bool plan_keeps_value(const struct table_plan *table, const struct column_pair *column);

/* Whether a row's rowid is one that lasts: that of an integer key, or SQLite's own. */
const char *plan_row_key(const struct table_plan *table);

/* Makes a new table, copies the rows, compares them and puts it in the old one's place. */
void plan_rebuild(const struct table_plan *table, const char *why);

/* migrate_labels.c: a value of a column with the labels that were renamed; what was said of them,
 * held against both schemas. */
const char *plan_relabel(const struct table_plan *table, const struct column_pair *pair,
                         const char *value);
void plan_judge_labels(const struct table_plan *table);

/* migrate_preflight.c: the SELECTs of rows that the new table would refuse. */
void plan_preflights(const struct table_plan *table);

/* The text of one column in a CREATE TABLE statement, NULL when it is not found. */
const char *plan_column_text(const struct snapshot_table *table, const char *column);

/* Whether the value of a column that is added can be a constant of the schema. */
bool plan_is_constant(const char *sql);

/* What was said of a column, NULL when nothing was. */
const struct backfill *plan_backfill(const struct table_plan *table, const char *column);

#endif
