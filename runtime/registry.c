/* registry.c: the registry object: what there is, from the init table to open databases. It is
 * complete or unusable; an unusable one holds only its error. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>

static _Atomic(cleat_registry *) installed;

cleat_registry *
cleat_registry_install(cleat_registry *registry)
{
    return atomic_exchange(&installed, registry);
}

cleat_registry *
cleat_registry_current(void)
{
    return atomic_load(&installed);
}

struct database *
cleat_registry_find(const cleat_registry *registry, const char *name)
{
    size_t low = 0, high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, registry->databases[middle].schema->name);
        if (order == 0)
            return &registry->databases[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

cleat_status
cleat_registry_choose(const cleat_registry *registry, const char *name,
                      struct database **ret_database, cleat_error *error)
{
    struct database *found = name == NULL ? registry->home : cleat_registry_find(registry, name);
    if (found != NULL) {
        *ret_database = found;
        return CLEAT_OK;
    }
    if (name == NULL)
        return cleat_error_set(error, CLEAT_NOT_FOUND, "there is no default database");
    cleat_error_set(error, CLEAT_NOT_FOUND, "the registry has no database %s", name);
    cleat_text_copy(error->database, sizeof error->database, name);
    return CLEAT_NOT_FOUND;
}

bool
cleat_registry_forked(const cleat_registry *registry)
{
    return registry->forks != cleat_forks;
}

cleat_status
cleat_registry_enter(cleat_registry *registry)
{
    if (registry == NULL)
        return CLEAT_MISUSE;
    if (cleat_registry_forked(registry))
        return cleat_error_set(&registry->error, CLEAT_FORKED,
                               "the registry was opened before this process was forked");
    return registry->usable ? CLEAT_OK : CLEAT_MISUSE;
}

cleat_status
cleat_registry_fail(cleat_registry *registry, const cleat_error *error)
{
    cleat_status status = error->status;
    pthread_mutex_lock(&registry->mutex);
    registry->error = *error;
    pthread_mutex_unlock(&registry->mutex);
    return status;
}

void
cleat_registry_copy_error(cleat_registry *registry, cleat_error *ret_error)
{
    pthread_mutex_lock(&registry->mutex);
    *ret_error = registry->error;
    pthread_mutex_unlock(&registry->mutex);
}

static int
compare_databases(const void *one, const void *other)
{
    return strcmp(((const struct database *)one)->schema->name,
                  ((const struct database *)other)->schema->name);
}

static cleat_status
load_databases(cleat_registry *registry)
{
    const cleat_init_table *table = registry->table;
    registry->databases = calloc(table->database_count + 1, sizeof *registry->databases);
    if (registry->databases == NULL)
        return cleat_error_memory(&registry->error);
    for (size_t i = 0; i < table->database_count; i++) {
        struct database *database = &registry->databases[i];
        database->schema = &table->databases[i];
        while (database->schema->tables[database->table_count] != NULL)
            database->table_count++;
    }
    registry->count = table->database_count;
    qsort(registry->databases, registry->count, sizeof *registry->databases, compare_databases);
    for (size_t i = 1; i < registry->count; i++)
        if (compare_databases(&registry->databases[i - 1], &registry->databases[i]) == 0)
            return cleat_error_set(&registry->error, CLEAT_MISUSE,
                                   "the init table has the database %s twice",
                                   registry->databases[i].schema->name);
    return CLEAT_OK;
}

static cleat_status
open_pools(cleat_registry *registry)
{
    for (size_t i = 0; i < registry->count; i++) {
        cleat_status rc = cleat_pool_open(registry, &registry->databases[i]);
        if (rc == CLEAT_OK)
            rc = cleat_turn_open(&registry->databases[i], &registry->error);
        if (rc == CLEAT_OK)
            rc = cleat_group_open(&registry->databases[i], &registry->error);
        if (rc < 0)
            return rc;
    }
    return CLEAT_OK;
}

static cleat_status
open_all(cleat_registry *registry, const cleat_settings *settings)
{
    if (registry->table == NULL)
        return cleat_error_set(&registry->error, CLEAT_MISUSE, "there is no init table");
    if (registry->table->abi != CLEAT_GENERATED_ABI)
        return cleat_error_set(&registry->error, CLEAT_MISUSE,
                               "the generated code has ABI %u, this runtime has %u: generate it "
                               "again or rebuild",
                               registry->table->abi, (unsigned)CLEAT_GENERATED_ABI);
    cleat_status rc = load_databases(registry);
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++)
        rc = cleat_plan_schema(registry, &registry->databases[i]);
    if (rc == CLEAT_OK)
        rc = cleat_config_load(registry, settings);
    if (rc == CLEAT_OK)
        rc = cleat_boot(registry);
    if (rc == CLEAT_OK)
        rc = open_pools(registry);
    if (rc == CLEAT_OK)
        rc = cleat_checkpointer_start(registry);
    return rc;
}

cleat_status
cleat_registry_open(const cleat_init_table *table, const cleat_settings *settings,
                    cleat_registry **ret_registry)
{
    if (ret_registry == NULL)
        return CLEAT_MISUSE;
    *ret_registry = NULL;
    cleat_settings standard;
    if (settings == NULL) {
        cleat_settings_init(&standard, NULL);
        settings = &standard;
    }
    cleat_registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL)
        return CLEAT_NOMEM;
    cleat_fork_watch();
    registry->table = table;
    registry->forks = cleat_forks;
    registry->config.log = settings->log;
    registry->config.log_data = settings->log_data;
    registry->config.trace = settings->trace;
    registry->config.trace_data = settings->trace_data;
    registry->config.progress = settings->progress;
    registry->config.progress_data = settings->progress_data;
    atomic_init(&registry->tickets, 1);
    pthread_mutex_init(&registry->mutex, NULL);
    cleat_ambient_open(registry);
    *ret_registry = registry;
    cleat_status rc = open_all(registry, settings);
    registry->usable = rc == CLEAT_OK;
    if (rc == CLEAT_OK)
        cleat_orphans_report(registry);
    registry->timed = settings->trace != NULL || registry->config.echo_sql ||
                      registry->config.slow_statement_ms > 0;
    if (rc < 0)
        cleat_log(&registry->config, CLEAT_LOG_ERROR, "bootstrap", "%s", registry->error.text);
    return rc;
}

void
cleat_registry_close(cleat_registry *registry)
{
    if (registry == NULL || cleat_registry_forked(registry))
        return;
    cleat_registry *own = registry;
    atomic_compare_exchange_strong(&installed, &own, NULL);
    cleat_asyncs_close(registry);
    cleat_ambient_close(registry);
    cleat_sessions_close(registry);
    cleat_checkpointer_stop(registry);
    for (size_t i = 0; registry->databases != NULL && i < registry->count; i++) {
        cleat_watch_close(&registry->databases[i]);
        cleat_captures_close(&registry->databases[i]);
        cleat_pool_close(&registry->databases[i]);
        cleat_group_close(&registry->databases[i]);
        cleat_turn_close(&registry->databases[i]);
        free(registry->databases[i].path);
        free(registry->databases[i].links);
        free(registry->databases[i].link_names);
    }
    free(registry->databases);
    pthread_mutex_destroy(&registry->mutex);
    free(registry);
}

const cleat_error *
cleat_registry_error(const cleat_registry *registry)
{
    static const cleat_error none = {
        .status = CLEAT_NOMEM,
        .text = "there is no registry",
    };
    return registry == NULL ? &none : &registry->error;
}

size_t
cleat_registry_count(const cleat_registry *registry)
{
    return registry == NULL || !registry->usable ? 0 : registry->count;
}

static void
describe(const struct database *database, cleat_database_info *ret_info)
{
    ret_info->name = database->schema->name;
    ret_info->path = database->path;
    ret_info->revision = database->schema->revision;
    ret_info->table_count = database->table_count;
    ret_info->modules = database->schema->modules;
    ret_info->module_count = 0;
    while (ret_info->modules[ret_info->module_count] != NULL)
        ret_info->module_count++;
    ret_info->links = database->link_names == NULL ? database->schema->links : database->link_names;
    ret_info->created = database->created;
    ret_info->migrated = database->migrated;
}

cleat_status
cleat_registry_database(const cleat_registry *registry, size_t place, cleat_database_info *ret_info)
{
    if (ret_info == NULL)
        return CLEAT_MISUSE;
    if (place >= cleat_registry_count(registry))
        return CLEAT_NOT_FOUND;
    describe(&registry->databases[place], ret_info);
    return CLEAT_OK;
}

cleat_status
cleat_registry_database_named(const cleat_registry *registry, const char *name,
                              cleat_database_info *ret_info)
{
    if (ret_info == NULL)
        return CLEAT_MISUSE;
    if (cleat_registry_count(registry) == 0)
        return CLEAT_NOT_FOUND;
    const struct database *found = name == NULL ? registry->home
                                                : cleat_registry_find(registry, name);
    if (found == NULL)
        return CLEAT_NOT_FOUND;
    describe(found, ret_info);
    return CLEAT_OK;
}
