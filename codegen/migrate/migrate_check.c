/* migrate_check.c: the stage of migrations. Histories are read and each is proven: run from an empty
 * database, in the code that the runtime uses too, with the same eye on what a statement does. */
#include "migrate_prove.h"
#include "migrations.h"
#include "model/stages.h"

#include "common/arena.h"
#include "common/sql_scan.h"

#include <string.h>

/* ---- statements ---- */

/* "INSERT INTO a SELECT * FROM b": also with a table before the star. */
static bool
copies_by_place(const struct sql *sql)
{
    bool inserts = sql_is(sql, 0, "insert") || sql_is(sql, 0, "replace");
    for (int i = 1; inserts && i < sql_count(sql); i++)
        if (sql_is(sql, i, "*") && (sql_is(sql, i - 1, "select") || sql_is(sql, i - 1, ".") ||
                                    (sql_is(sql, i - 1, ",") && !sql_is(sql, i - 2, "("))))
            return true;
    return false;
}

static void
check_changes(const GPtrArray *changes, struct diag *diag)
{
    for (guint i = 0; changes != NULL && i < changes->len; i++) {
        const struct migration_sql *change = g_ptr_array_index(changes, i);
        struct sql sql = sql_new(change->sql);
        if (sql_is(&sql, 0, "vacuum"))
            diag_error(diag, RULE_UNSAFE_STATEMENT, change->at,
                       "a migration is part of a transaction, and VACUUM cannot be");
        if (copies_by_place(&sql))
            diag_error(diag, RULE_UNSAFE_STATEMENT, change->at,
                       "a copy names its columns: SELECT * takes them as they come");
        sql_free(&sql);
    }
}

/* Whether a step makes what calls JSON or full text: a file that is behind is opened with the schema
 * that it has, not with the one that comes. */
static bool
needs_trust(const GPtrArray *changes)
{
    bool needs = false;
    FOR_EACH(struct migration_sql, change, changes) {
        struct sql sql = sql_new(change->sql);
        for (int i = 0; i < sql_count(&sql) && !needs; i++)
            needs = sql_is(&sql, i, "fts5") ||
                    (sql_is_name(&sql, i) &&
                     g_ascii_strncasecmp(sql_name(&sql, i), "json", strlen("json")) == 0);
        sql_free(&sql);
    }
    return needs;
}

/* ---- databases ---- */

static bool
has_database(const struct model *model, const char *name)
{
    FOR_EACH(struct database, database, model->databases)
        if (strcmp(database->name, name) == 0)
            return true;
    return false;
}

static void
check_directories(const struct options *options, const struct model *model, struct diag *diag)
{
    GDir *directory = g_dir_open(options->migrations, 0, NULL);
    if (directory == NULL)
        return;
    for (const char *name; (name = g_dir_read_name(directory)) != NULL;) {
        char *path = g_build_filename(options->migrations, name, NULL);
        if (*name != '.' && g_file_test(path, G_FILE_TEST_IS_DIR) && !has_database(model, name))
            diag_error(diag, RULE_MIGRATION_DATABASE, (struct location){0},
                       "there is no database '%s', but migrations in %s", name, path);
        g_free(path);
    }
    g_dir_close(directory);
}

static bool
read_database(const struct options *options, struct database *database, struct diag *diag,
              GError **ret_error)
{
    guint errors = diag_error_count(diag);
    GPtrArray *migrations = NULL;
    if (!migrations_read(options->migrations, database->name, diag, &migrations, ret_error))
        return false;
    FOR_EACH(struct migration, migration, migrations) {
        check_changes(migration->up, diag);
        check_changes(migration->down, diag);
        database->trusted_schema = database->trusted_schema || needs_trust(migration->up);
    }
    if (migrations->len > 0 && diag_error_count(diag) == errors)
        migrations_prove(database, migrations, diag);
    database->migrations = migrations;
    return true;
}

bool
stage_migrations(const struct options *options, struct model *model, struct diag *diag,
                 GError **ret_error)
{
    check_directories(options, model, diag);
    FOR_EACH(struct database, database, model->databases)
        if (!read_database(options, database, diag, ret_error))
            return false;
    return true;
}

void
stage_report_unmigrated(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases) {
        const struct migration *head = migration_head(database->migrations);
        if (head == NULL || strcmp(head->schema, database->revision) == 0)
            continue;
        diag_error(diag, RULE_MIGRATION_MISSING, head->at,
                   "the schema of database '%s' has changed since its last migration",
                   database->name);
        diag_note(diag, (struct location){0}, "run: cleat migrate new --database %s -m \"...\"",
                  database->name);
    }
}
