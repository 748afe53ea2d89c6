/* config.c: resolves the settings of a registry: numbers and words are checked, every database
 * gets its path, the default database is found. Values of settings are never repeated in an
 * error, since a mistaken one may hold a secret. */
#include "sources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct number_rule {
    const char *key;
    long standard, least, most;
};

static cleat_status
find_number(const struct sources *sources, const struct number_rule *rule, int *ret_number,
            cleat_error *error)
{
    const char *origin;
    const char *text = cleat_sources_find(sources, rule->key, &origin);
    if (text == NULL) {
        *ret_number = (int)rule->standard;
        return CLEAT_OK;
    }
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < rule->least || number > rule->most)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the setting %s from %s must be a whole number from %ld to %ld",
                               rule->key, origin, rule->least, rule->most);
    *ret_number = (int)number;
    return CLEAT_OK;
}

/* Finds one of a list of words that ends with NULL; *ret_place is its place. Without a value the
 * place stays. */
static cleat_status
find_word(const struct sources *sources, const char *key, const char *const *words, int *ret_place,
          cleat_error *error)
{
    const char *origin;
    const char *text = cleat_sources_find(sources, key, &origin);
    if (text == NULL)
        return CLEAT_OK;
    char list[160];
    size_t size = 0;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *ret_place = i;
            return CLEAT_OK;
        }
        size += (size_t)snprintf(list + size, sizeof list - size, "%s%s", i == 0 ? "" : ", ",
                                 words[i]);
    }
    return cleat_error_set(error, CLEAT_MISUSE, "the setting %s from %s must be one of %s", key,
                           origin, list);
}

static cleat_status
load_numbers(struct config *config, const struct sources *sources, cleat_error *error)
{
    static const struct number_rule rules[] = {
        {"busy_timeout_ms", 5000, 0, 86400000},
        {"pool_size", 8, 0, 10000},
        {"cache_kb", 2048, 1, 1 << 30},
        {"mmap_mb", 0, 0, 1 << 20},
    };
    int *places[] = {&config->busy_timeout_ms, &config->pool_size, &config->cache_kb,
                     &config->mmap_mb};
    for (size_t i = 0; i < CLEAT_COUNT(rules); i++) {
        cleat_status rc = find_number(sources, &rules[i], places[i], error);
        if (rc < 0)
            return rc;
    }
    return CLEAT_OK;
}

static cleat_status
load_words(struct config *config, const struct sources *sources, cleat_error *error)
{
    static const char *const synchronous[] = {"OFF", "NORMAL", "FULL", "EXTRA", NULL};
    static const char *const journal[] = {"WAL", "DELETE", "TRUNCATE", "PERSIST", NULL};
    static const char *const levels[] = {"debug", "info", "warning", "error", "none", NULL};
    static const char *const truth[] = {"0", "1", "false", "true", "no", "yes", "off", "on", NULL};
    int synchronous_place = 1, journal_place = 0, level = CLEAT_LOG_INFO, echo = 0;
    cleat_status rc = find_word(sources, "log_level", levels, &level, error);
    if (rc == CLEAT_OK)
        rc = find_word(sources, "synchronous", synchronous, &synchronous_place, error);
    if (rc == CLEAT_OK)
        rc = find_word(sources, "journal_mode", journal, &journal_place, error);
    if (rc == CLEAT_OK)
        rc = find_word(sources, "echo_sql", truth, &echo, error);
    config->log_level = (cleat_log_level)level;
    config->synchronous = synchronous[synchronous_place];
    config->journal_mode = journal[journal_place];
    config->echo_sql = echo % 2 == 1;
    return rc;
}

static cleat_status
load_home(cleat_registry *registry, const struct sources *sources, cleat_error *error)
{
    const char *origin;
    const char *name = cleat_sources_find(sources, "default_database", &origin);
    if (name == NULL) {
        name = registry->table->default_database;
        origin = "the init table";
    }
    if (name != NULL) {
        registry->home = cleat_registry_find(registry, name);
        if (registry->home == NULL)
            return cleat_error_set(error, CLEAT_MISUSE,
                                   "the default database from %s is none of the init table",
                                   origin);
    } else if (registry->count == 1) {
        registry->home = &registry->databases[0];
    }
    return CLEAT_OK;
}

/* A path for a database that does not exist is a misspelt name. */
static cleat_status
check_path_key(const cleat_registry *registry, const char *key, cleat_error *error)
{
    static const char head[] = "databases.";
    if (strncmp(key, head, sizeof head - 1) != 0)
        return CLEAT_OK;
    char name[128];
    cleat_text_copy(name, sizeof name, key + sizeof head - 1);
    size_t length = strlen(name);
    if (length > strlen("_path"))
        name[length - strlen("_path")] = '\0';
    if (cleat_registry_find(registry, name) != NULL)
        return CLEAT_OK;
    return cleat_error_set(error, CLEAT_MISUSE,
                           "the setting %s names a database that the init table does not have",
                           key);
}

static cleat_status
check_path_keys(const cleat_registry *registry, const struct sources *sources, cleat_error *error)
{
    const cleat_settings *settings = sources->settings;
    for (size_t i = 0; i < settings->count; i++) {
        cleat_status rc = check_path_key(registry, settings->values[i].key, error);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < sources->count; i++) {
        char key[256];
        const struct file_value *value = &sources->values[i];
        snprintf(key, sizeof key, "%s%s%s", value->section, value->section[0] == '\0' ? "" : ".",
                 value->key);
        cleat_status rc = check_path_key(registry, key, error);
        if (rc < 0)
            return rc;
    }
    return CLEAT_OK;
}

/* The deprecated database_path, for the default database. */
static cleat_status
find_old_path(cleat_registry *registry, const struct sources *sources, const char **ret_text,
              cleat_error *error)
{
    const char *origin;
    *ret_text = cleat_sources_find(sources, "database_path", &origin);
    if (*ret_text == NULL)
        return CLEAT_OK;
    if (registry->home == NULL)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the setting database_path needs a default database");
    cleat_log(&registry->config, CLEAT_LOG_WARNING, "settings",
              "database_path is deprecated: use databases.%s_path", registry->home->schema->name);
    return CLEAT_OK;
}

static cleat_status
load_path(struct database *database, const struct sources *sources, const char *old_path,
          cleat_error *error)
{
    char key[128];
    const char *origin;
    const char *name = database->schema->name;
    snprintf(key, sizeof key, "databases.%s_path", name);
    const char *text = cleat_sources_find(sources, key, &origin);
    if (text == NULL)
        text = old_path;
    char *standard = NULL;
    if (text == NULL) {
        const char *directory = cleat_sources_find(sources, "directory", &origin);
        standard = cleat_text("%s/%s.db", directory == NULL ? "data" : directory, name);
        if (standard == NULL)
            return cleat_error_memory(error);
    }
    cleat_status rc = cleat_path_resolve(standard == NULL ? text : standard, &database->path,
                                         error);
    free(standard);
    if (rc < 0)
        cleat_text_copy(error->database, sizeof error->database, name);
    return rc;
}

static cleat_status
load_paths(cleat_registry *registry, const struct sources *sources, cleat_error *error)
{
    const char *old_path;
    cleat_status rc = find_old_path(registry, sources, &old_path, error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < registry->count; i++) {
        struct database *database = &registry->databases[i];
        rc = load_path(database, sources, database == registry->home ? old_path : NULL, error);
        if (rc < 0)
            return rc;
    }
    return CLEAT_OK;
}

cleat_status
cleat_config_load(cleat_registry *registry, const cleat_settings *settings)
{
    struct sources sources;
    struct config *config = &registry->config;
    cleat_error *error = &registry->error;
    cleat_status rc = cleat_sources_open(&sources, settings, error);
    if (rc == CLEAT_OK)
        rc = load_words(config, &sources, error);
    if (rc == CLEAT_OK)
        rc = load_numbers(config, &sources, error);
    if (rc == CLEAT_OK)
        rc = check_path_keys(registry, &sources, error);
    if (rc == CLEAT_OK)
        rc = load_home(registry, &sources, error);
    if (rc == CLEAT_OK)
        rc = load_paths(registry, &sources, error);
    cleat_sources_close(&sources);
    return rc;
}
