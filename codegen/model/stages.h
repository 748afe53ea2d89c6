/* stages.h: the stages of a run, in order. Each is one file and takes the model from the one
 * before. They report errors to diag and never print, exit or free. */
#ifndef CLEAT_STAGES_H
#define CLEAT_STAGES_H

#include "common/files.h"
#include "diag.h"
#include "model.h"

/* What the command line says. */
struct options {
    const char *name;             /* --name, "app" */
    GPtrArray *roots;             /* --schemas, const char *; "schemas" */
    const char *out;              /* --out, "generated" */
    bool out_given;               /* --out was there: some commands have another default */
    const char *inputs;           /* --inputs: a file that lists the schema files, or NULL */
    const char *default_database; /* --default-database: must exist; or NULL */
    const char *depfile;          /* --depfile, or NULL */
    const char *stamp;            /* --stamp, or NULL */
    const char *include_dir;      /* where <cleat/schema.h> is */
    GPtrArray *arguments;         /* -I and -D for the schema files, const char * */
    const char *migrations;       /* --migrations: the histories; "<first root>/migrations" */
};

/* discover.c: every directory below a root that holds a db_models.h becomes a module with its
 * source read. Returns false, with the reason on *ret_error, when something cannot be read. */
bool stage_discover(const struct options *options, struct model *model, GError **ret_error);

/* parse.c: libclang fills tables, columns, enumerations and notes of each module. */
bool stage_parse(const struct options *options, struct model *model, struct diag *diag,
                 GError **ret_error);

/* interpret.c: the notes' words become the typed members. Runs also after errors, so that one run
 * shows all of them. */
void stage_interpret(struct model *model, struct diag *diag);

/* group.c: modules that name the same database become one database; references find their tables;
 * soft references become links. */
void stage_group(struct model *model, struct diag *diag);

/* check.c: runs every rule that has a check function, and says which tables are sound. */
void stage_check(const struct model *model, struct diag *diag);

/* queries.c: db_queries.sql and db_objects.sql of each module become queries and objects. */
void stage_queries(struct model *model, struct diag *diag);

/* schema.c: each database's statements and revision; tables that are not sound have none. */
void stage_schema(struct model *model);

/* What a datetime must be, in SQL, with its name in three places. With a modifier strftime writes the
 * day anew, so that the 30th of February differs from itself. SQLite before 3.46 counts the day
 * before 0300-03-01 wrong; the calendar of 800 years later is the same. */
#define DATETIME_CHECK                                                                             \
    "substr(%s, 5) IS strftime('-%%m-%%dT%%H:%%M:%%fZ', %s, iif(%s < '1', '+800 years', "          \
    "'+0 days'))"

/* verify.c: runs the statements in SQLite, in memory. */
void stage_verify(const struct model *model, struct diag *diag);

/* infer.c: what views and queries take and give, by SQLite's own word; which databases a query
 * needs. Only for a model without errors. */
void stage_infer(struct model *model, struct diag *diag);

/* migrate_check.c: the history of each database is read, run in memory on rows made up at every
 * step, and must end at the database's schema. Only for a model without errors. Returns false,
 * with the reason on *ret_error, when something cannot be read. */
bool stage_migrations(const struct options *options, struct model *model, struct diag *diag,
                      GError **ret_error);

/* Reports the databases whose schema has gone on after their last migration. */
void stage_report_unmigrated(const struct model *model, struct diag *diag);

/* Reports the queries that read a whole table and do not say why. */
void stage_report_scans(const struct model *model, struct diag *diag);

/* emit.c: every generated file. */
void stage_emit(const struct model *model, struct file_set *files);

#endif
