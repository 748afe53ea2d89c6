/* orphans.c: rows whose soft reference has no target. SQLite enforces references within a file
 * only; those that lead to another database are checked here, with plain SQL over both, as of one
 * moment. Takes the soft references of the init table; returns those that have orphans, with the
 * keys of the first ones. */
#include "sql_put.h"

#include <stdio.h>
#include <stdlib.h>

struct list {
    cleat_orphan *items;
    size_t count, capacity;
};

static const cleat_table *
find_table(const struct database *database, const char *name)
{
    for (size_t i = 0; i < database->table_count; i++)
        if (strcmp(database->schema->tables[i]->name, name) == 0)
            return cleat_stored_table(database->schema->tables[i]);
    return NULL;
}

static void
put_qualified(struct buffer *sql, const char *database, const char *table)
{
    cleat_put_name(sql, database);
    cleat_put(sql, ".");
    cleat_put_name(sql, table);
}

/* " FROM … WHERE the row has no target" */
static void
put_condition(struct buffer *sql, const struct database *database,
              const cleat_soft_reference *reference)
{
    cleat_put(sql, " FROM ");
    put_qualified(sql, database->schema->name, reference->table);
    cleat_put(sql, " AS r WHERE r.");
    cleat_put_name(sql, reference->column);
    cleat_put(sql, " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ");
    put_qualified(sql, reference->target_database, reference->target_table);
    cleat_put(sql, " AS t WHERE t.");
    cleat_put_name(sql, reference->target_column);
    cleat_put(sql, " = r.");
    cleat_put_name(sql, reference->column);
    cleat_put(sql, ")");
}

static char *
write_count(const struct database *database, const cleat_soft_reference *reference)
{
    struct buffer sql = {0};
    cleat_put(&sql, "SELECT count(*)");
    put_condition(&sql, database, reference);
    return cleat_take(&sql);
}

/* The columns of the primary key, or the rowid, separated by `between`. */
static void
put_key(struct buffer *sql, const cleat_table *table, const char *between)
{
    if (table == NULL || table->key_count == 0) {
        cleat_put(sql, "r.rowid");
        return;
    }
    for (unsigned i = 0; i < table->keys[0].count; i++) {
        cleat_put(sql, i == 0 ? "r." : between);
        cleat_put_name(sql, cleat_table_column_at(table, table->keys[0].offsets[i])->name);
    }
}

static char *
write_keys(const struct database *database, const cleat_soft_reference *reference)
{
    struct buffer sql = {0};
    char limit[32];
    const cleat_table *table = find_table(database, reference->table);
    cleat_put(&sql, "SELECT ");
    put_key(&sql, table, " || ', ' || r.");
    put_condition(&sql, database, reference);
    cleat_put(&sql, " ORDER BY ");
    put_key(&sql, table, ", r.");
    snprintf(limit, sizeof limit, " LIMIT %d", CLEAT_ORPHAN_KEYS);
    cleat_put(&sql, limit);
    return cleat_take(&sql);
}

/* ---- one reference ---- */

/* Opens a statement, and frees its SQL. */
static cleat_status
open_statement(cleat_session *session, char *sql, cleat_statement **ret_statement)
{
    cleat_status rc = CLEAT_NOMEM;
    if (sql != NULL)
        rc = cleat_statement_open(session, sql, ret_statement);
    free(sql);
    return rc;
}

static cleat_status
read_count(cleat_session *session, char *sql, int64_t *ret_count)
{
    cleat_statement *statement = NULL;
    cleat_status rc = open_statement(session, sql, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_statement_next(statement);
    if (rc == CLEAT_ROW)
        *ret_count = cleat_statement_integer(statement, 0);
    cleat_statement_close(statement);
    return rc < 0 ? rc : CLEAT_OK;
}

static cleat_status
read_keys(cleat_session *session, char *sql, cleat_orphan *orphan)
{
    cleat_statement *statement = NULL;
    cleat_status rc = open_statement(session, sql, &statement);
    while (rc >= 0 && rc != CLEAT_DONE) {
        rc = cleat_statement_next(statement);
        const char *key = rc == CLEAT_ROW ? cleat_statement_text(statement, 0) : NULL;
        if (key != NULL && orphan->key_count < CLEAT_ORPHAN_KEYS)
            cleat_text_copy(orphan->keys[orphan->key_count++], sizeof orphan->keys[0], key);
    }
    cleat_statement_close(statement);
    return rc < 0 ? rc : CLEAT_OK;
}

static cleat_orphan *
add_orphan(struct list *list)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        cleat_orphan *larger = realloc(list->items, capacity * sizeof *larger);
        if (larger == NULL)
            return NULL;
        list->items = larger;
        list->capacity = capacity;
    }
    cleat_orphan *orphan = &list->items[list->count++];
    memset(orphan, 0, sizeof *orphan);
    return orphan;
}

static cleat_status
check_reference(cleat_session *session, const struct database *database,
                const cleat_soft_reference *reference, struct list *list)
{
    int64_t count = 0;
    cleat_status rc = read_count(session, write_count(database, reference), &count);
    if (rc < 0 || count == 0)
        return rc;
    cleat_orphan *orphan = add_orphan(list);
    if (orphan == NULL)
        return CLEAT_NOMEM;
    orphan->database = database->schema->name;
    orphan->table = reference->table;
    orphan->column = reference->column;
    orphan->target_database = reference->target_database;
    orphan->target_table = reference->target_table;
    orphan->target_column = reference->target_column;
    orphan->count = count;
    return read_keys(session, write_keys(database, reference), orphan);
}

/* ---- databases ---- */

static cleat_status
check_database(cleat_registry *registry, const struct database *database, struct list *list)
{
    const cleat_soft_reference *reference = database->schema->soft_references;
    cleat_session *session;
    if (reference == NULL || reference->table == NULL)
        return CLEAT_OK;
    cleat_status rc = cleat_session_open(registry, database->schema->name,
                                         CLEAT_READ | CLEAT_ATOMIC, &session);
    if (rc != CLEAT_OK)
        return rc;
    for (; rc == CLEAT_OK && reference->table != NULL; reference++)
        rc = check_reference(session, database, reference, list);
    if (rc < 0) {
        cleat_error error = *cleat_session_error(session);
        if (error.status == CLEAT_OK)
            cleat_error_memory(&error);
        cleat_registry_fail(registry, &error);
    }
    cleat_session_close(session);
    return rc;
}

cleat_status
cleat_orphans(cleat_registry *registry, const char *database, cleat_orphan **ret_orphans,
              size_t *ret_count)
{
    struct list list = {0};
    cleat_status rc = CLEAT_OK;
    if (registry == NULL || ret_orphans == NULL || ret_count == NULL || !registry->usable)
        return CLEAT_MISUSE;
    struct database *only = NULL;
    cleat_error error;
    if (database != NULL && cleat_registry_choose(registry, database, &only, &error) != CLEAT_OK)
        return cleat_registry_fail(registry, &error);
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++)
        if (only == NULL || only == &registry->databases[i])
            rc = check_database(registry, &registry->databases[i], &list);
    if (rc != CLEAT_OK) {
        free(list.items);
        return rc;
    }
    *ret_orphans = list.items;
    *ret_count = list.count;
    return CLEAT_OK;
}

/* ---- when a registry opens ---- */

void
cleat_orphans_report(cleat_registry *registry)
{
    cleat_orphan *orphans;
    size_t count;
    const struct config *config = &registry->config;
    if (strcmp(config->orphans, "report") != 0)
        return;
    if (cleat_orphans(registry, NULL, &orphans, &count) != CLEAT_OK) {
        cleat_log(config, CLEAT_LOG_WARNING, "orphans", "soft references were not checked: %s",
                  cleat_registry_error(registry)->text);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const cleat_orphan *orphan = &orphans[i];
        cleat_log(config, CLEAT_LOG_WARNING, "orphans",
                  "%s.%s.%s: %lld rows have no target in %s.%s.%s, the first is %s",
                  orphan->database, orphan->table, orphan->column, (long long)orphan->count,
                  orphan->target_database, orphan->target_table, orphan->target_column,
                  orphan->keys[0]);
    }
    cleat_free(orphans);
}
