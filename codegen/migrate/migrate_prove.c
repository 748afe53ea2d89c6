/* migrate_prove.c: runs a history in memory before anybody's file has to. It starts empty; rows are
 * made up after every step, so that those of every revision go all the way to the last. A step
 * enters with a copy of what was before it, and leaves with the same rows or an error at the
 * statement that was to blame. A way back must lead back. */
#include "migrate_prove.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "execution/migration/migrate.h"
#include "migrate_fill.h"
#include "migrations.h"
#include "model/names.h"

#include <string.h>

struct proof {
    const struct database *database;
    const GPtrArray *migrations;
    struct cleat_database *compiled;
    sqlite3 *handle;
    sqlite3 *before; /* a copy of what the step began with */
    struct diag *diag;
};

static void
copy_database(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup != NULL)
        sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
}

/* An empty file that has a list with nothing in it. */
static sqlite3 *
open_empty(const struct proof *proof)
{
    sqlite3 *handle = NULL;
    cleat_migrate_open(":memory:", CLEAT_TRUSTED_SCHEMA, 0, &handle);
    cleat_history_create(handle);
    char *sql = g_strdup_printf("PRAGMA application_id=%d",
                                cleat_file_application(proof->compiled));
    sqlite3_exec(handle, sql, NULL, NULL, NULL);
    g_free(sql);
    return handle;
}

/* ---- reports ---- */

static void
report_failure(const struct proof *proof, const struct migration *migration,
               const GPtrArray *changes, const struct migrate *migrate, const cleat_error *error)
{
    struct location at = migration->at;
    if (migrate->now.statement < changes->len) {
        const struct migration_sql *change = g_ptr_array_index(changes, migrate->now.statement);
        at = change->at;
    }
    if ((error->sqlite_code & 0xff) == SQLITE_AUTH)
        diag_error(proof->diag, RULE_UNSAFE_STATEMENT, at,
                   "a migration is part of a transaction, and may not do this");
    else
        diag_error(proof->diag, RULE_MIGRATION_FAILS, at, "%s", error->text);
}

/* ---- what a step renames and what it may change ---- */

static void
note_rename(GHashTable *renames, const char *table, const struct sql *sql, int at)
{
    /* ALTER TABLE t RENAME [COLUMN] a TO b; a chain of renames is one rename */
    int first = sql_is(sql, at, "column") ? at + 1 : at;
    const char *from = arena_printf("%s.%s", table, sql_name(sql, first));
    const char *to = sql_name(sql, first + 2);
    GHashTableIter all;
    gpointer key, value;
    const char *source = from;
    g_hash_table_iter_init(&all, renames);
    while (g_hash_table_iter_next(&all, &key, &value))
        if (g_str_has_prefix(key, arena_printf("%s.", table)) &&
            strcmp(value, sql_name(sql, first)) == 0)
            source = key;
    g_hash_table_insert(renames, (char *)source, (char *)to);
}

/* Renames of columns come before that of their table, as the tool writes them. */
GHashTable *
migration_renames(const struct migration *migration)
{
    GHashTable *renames = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct migration_sql, change, migration->up) {
        struct sql sql = sql_new(change->sql);
        if (sql_is(&sql, 0, "alter") && sql_is(&sql, 3, "rename")) {
            const char *table = sql_name(&sql, 2);
            if (!sql_is(&sql, 4, "to"))
                note_rename(renames, table, &sql, 4);
            else if (!g_str_has_prefix(table, "cleat_"))
                g_hash_table_insert(renames, (char *)table, (char *)sql_name(&sql, 5));
        }
        sql_free(&sql);
    }
    return renames;
}

static void
ignore_words(GHashTable *ignored, const char *text)
{
    if (text == NULL)
        return;
    struct sql sql = sql_new(text);
    for (int i = 0; i < sql_count(&sql); i++)
        if (sql_is_name(&sql, i))
            g_hash_table_add(ignored, (char *)sql_name(&sql, i));
    sql_free(&sql);
}

/* What was written by hand may change the tables it names; a backfill fills its column. */
static GHashTable *
find_ignored(const struct migration *migration)
{
    GHashTable *ignored = g_hash_table_new(g_str_hash, g_str_equal);
    ignore_words(ignored, migration->before_hand);
    ignore_words(ignored, migration->after_hand);
    FOR_EACH(struct backfill, backfill, migration->backfills)
        g_hash_table_add(ignored, arena_printf("%s.%s", backfill->table, backfill->column));
    return ignored;
}

/* The name before a step of what is called `name` in `of`: a column in a table's "table.", a table
 * in "". */
static const char *
name_before(GHashTable *renames, const char *of, const char *name)
{
    GHashTableIter all;
    gpointer key, value;
    g_hash_table_iter_init(&all, renames);
    while (g_hash_table_iter_next(&all, &key, &value)) {
        const char *old = key;
        bool is_of = *of == '\0' ? strchr(old, '.') == NULL : g_str_has_prefix(old, of);
        if (is_of && g_ascii_strcasecmp(value, name) == 0)
            return old + strlen(of);
    }
    return name;
}

/* What a column has after its labels were renamed, in the words of before. */
static GHashTable *
find_values(const struct migration *migration, GHashTable *renames)
{
    GHashTable *values = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct label_rename, rename, migration->labels) {
        const char *table = name_before(renames, "", rename->table);
        const char *column = name_before(renames, arena_printf("%s.", table), rename->column);
        const char *path = arena_printf("%s.%s", table, column), *name = sql_quote_name(column);
        const char *value = g_hash_table_lookup(values, path);
        g_hash_table_insert(values, (char *)path,
                            arena_printf("CASE %s WHEN %s THEN %s ELSE %s END", name,
                                         sql_quote_text(rename->from), sql_quote_text(rename->to),
                                         value == NULL ? name : value));
    }
    return values;
}

static void
compare_rows(const struct proof *proof, const struct migration *migration)
{
    GHashTable *renames = migration_renames(migration);
    GHashTable *ignored = find_ignored(migration);
    GHashTable *values = find_values(migration, renames);
    const struct row_changes changes = {renames, ignored, values};
    const char *lost = rows_compare(proof->before, proof->handle, &changes);
    if (lost != NULL)
        diag_error(proof->diag, RULE_MIGRATION_LOSES, migration->at, "migration %s loses: %s",
                   migration->revision, lost);
    g_hash_table_unref(renames);
    g_hash_table_unref(ignored);
    g_hash_table_unref(values);
}

/* ---- steps ---- */

static struct migrate
start(const struct proof *proof, sqlite3 *handle, const char *to)
{
    return (struct migrate){
        .handle = handle, .database = proof->compiled, .to = to, .name_rows = true};
}

/* Whether a failure only says that the rows that were made up do not fit what comes. */
static bool
is_refusal(const struct migration *migration, const struct migrate *migrate,
           const cleat_error *error)
{
    if (error->status != CLEAT_CHECK || migrate->now.statement >= migration->up->len)
        return false;
    const struct migration_sql *change = g_ptr_array_index(migration->up, migrate->now.statement);
    return change->must != NULL && change->is_preflight;
}

/* The rows of a table that another database has now are there. */
static void
take_moved(const struct proof *proof, const struct migration *migration)
{
    FOR_EACH(struct backfill, moved, migration->moved) {
        char *sql = g_strdup_printf("DELETE FROM %s", sql_quote_name(moved->table));
        sqlite3_exec(proof->handle, sql, NULL, NULL, NULL);
        g_free(sql);
    }
}

/* Rows that a preflight refuses are left out: first those with NULLs and extremes, then all. */
static bool
run_up(const struct proof *proof, const struct migration *migration, unsigned seed)
{
    cleat_error error;
    struct migrate migrate;
    for (int attempt = 0; attempt < 3; attempt++) {
        if (attempt > 0) {
            rows_remove(proof->handle);
            if (attempt == 1)
                rows_make_up(proof->handle, seed + 50, true);
        }
        take_moved(proof, migration);
        copy_database(proof->before, proof->handle);
        memset(&error, 0, sizeof error);
        migrate = start(proof, proof->handle, migration->revision);
        if (cleat_migrate_up(&migrate, &error) == CLEAT_OK)
            return true;
        if (!is_refusal(migration, &migrate, &error))
            break;
    }
    report_failure(proof, migration, migration->up, &migrate, &error);
    return false;
}

/* A way back leads to the schema that was before. */
static void
run_down(const struct proof *proof, const struct migration *migration)
{
    cleat_error error = {0};
    struct drift drift = {.count = 0};
    sqlite3 *copy = open_empty(proof);
    copy_database(copy, proof->handle);
    struct migrate migrate = start(proof, copy, NULL);
    if (cleat_migrate_down(&migrate, &error) < 0 && error.status != CLEAT_CHECK)
        report_failure(proof, migration, migration->down, &migrate, &error);
    else if (error.status == CLEAT_OK &&
             cleat_schema_compare(copy, proof->before, &drift) == SQLITE_OK && drift.count > 0)
        diag_error(proof->diag, RULE_MIGRATION_FAILS, migration->at,
                   "the way back of migration %s does not lead back: %s", migration->revision,
                   drift.text);
    sqlite3_close(copy);
}

static void
run_all(const struct proof *proof)
{
    unsigned seed = 0;
    FOR_EACH(struct migration, migration, proof->migrations) {
        if (!run_up(proof, migration, seed))
            return;
        compare_rows(proof, migration);
        rows_make_up(proof->handle, ++seed, false);
        if (migration->down != NULL && seed > 1)
            run_down(proof, migration);
    }
}

static void
prove_order(const struct database *database, const GPtrArray *migrations, struct diag *diag)
{
    struct proof proof = {.database = database, .migrations = migrations, .diag = diag};
    const struct migration *head = migration_head(migrations);
    proof.compiled = migrations_compile(database->name, migrations, database->revision);
    if (strcmp(head->schema, database->revision) == 0) {
        GPtrArray *schema = arena_list();
        FOR_EACH(struct statement, statement, database->statements)
            g_ptr_array_add(schema, (char *)statement->sql);
        g_ptr_array_add(schema, NULL);
        proof.compiled->schema = (const char *const *)schema->pdata;
    }
    proof.handle = open_empty(&proof);
    proof.before = open_empty(&proof);
    run_all(&proof);
    sqlite3_close(proof.before);
    sqlite3_close(proof.handle);
}

/* ---- branches that were joined ---- */

static void
add_with_parents(const GPtrArray *migrations, struct migration *migration, GPtrArray *order)
{
    if (g_ptr_array_find(order, migration, NULL))
        return;
    for (guint i = migration->parents->len; i > 0; i--) {
        const char *parent = g_ptr_array_index(migration->parents, i - 1);
        add_with_parents(migrations, migration_find(migrations, parent), order);
    }
    g_ptr_array_add(order, migration);
}

/* A file may have come along either branch, so the other order has to work as well: the last parent
 * first. */
static const GPtrArray *
other_order(const GPtrArray *migrations)
{
    GPtrArray *order = arena_list();
    FOR_EACH(struct migration, migration, migrations)
        if (migration->parents->len > 1)
            add_with_parents(migrations, migration, order);
    FOR_EACH(struct migration, migration, migrations)
        add_with_parents(migrations, migration, order);
    return order;
}

void
migrations_prove(const struct database *database, const GPtrArray *migrations, struct diag *diag)
{
    guint errors = diag_error_count(diag);
    bool has_joins = false;
    FOR_EACH(struct migration, migration, migrations)
        has_joins = has_joins || migration->parents->len > 1;
    prove_order(database, migrations, diag);
    if (has_joins && diag_error_count(diag) == errors)
        prove_order(database, other_order(migrations), diag);
}
