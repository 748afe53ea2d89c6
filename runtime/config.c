/* config.c: resolves the settings of a registry: numbers and words are checked, every database
 * gets its options and its path, the default database is found, and a key that nobody knows is
 * named with the one that was meant. Values of settings are never repeated in an error, since a
 * mistaken one may hold a secret. */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

/* ---- keys that nobody knows ---- */

/* Whether a key is one of this program; if not, the nearest one is suggested. */
static bool
is_key(const cleat_init_table *table, struct nearest *nearest)
{
    struct key_walk walk = {.table = table};
    char key[KEY_SIZE];
    while (cleat_key_next(&walk, key))
        if (strcmp(key, nearest->word) == 0)
            return true;
    walk = (struct key_walk){.table = table};
    while (cleat_key_next(&walk, key))
        cleat_nearest_try(nearest, key);
    return false;
}

static bool
is_variable(const cleat_init_table *table, const char *prefix, struct nearest *nearest)
{
    struct key_walk walk = {.table = table};
    char key[KEY_SIZE], name[2 * KEY_SIZE];
    while (cleat_key_next(&walk, key)) {
        cleat_key_variable(prefix, key, name);
        if (strcmp(name, nearest->word) == 0)
            return true;
        cleat_nearest_try(nearest, name);
    }
    return false;
}

static cleat_status
check_key(const cleat_init_table *table, const char *origin, const char *key, cleat_error *error)
{
    struct nearest nearest = {.word = key};
    if (is_key(table, &nearest))
        return CLEAT_OK;
    if (nearest.found[0] == '\0')
        return cleat_error_set(error, CLEAT_MISUSE, "%s: there is no setting '%s'", origin, key);
    return cleat_error_set(error, CLEAT_MISUSE, "%s: there is no setting '%s'; did you mean '%s'?",
                           origin, key, nearest.found);
}

static cleat_status
check_keys(const cleat_registry *registry, const struct sources *sources, cleat_error *error)
{
    const cleat_settings *settings = sources->settings;
    cleat_status rc = CLEAT_OK;
    for (size_t i = 0; rc == CLEAT_OK && i < settings->count; i++)
        rc = check_key(registry->table, "the program", settings->values[i].key, error);
    for (size_t i = 0; rc == CLEAT_OK && i < sources->count; i++) {
        char key[KEY_SIZE], origin[256];
        cleat_file_value_key(&sources->values[i], key);
        snprintf(origin, sizeof origin, "%s:%d", settings->file, sources->values[i].line);
        rc = check_key(registry->table, origin, key, error);
    }
    return rc;
}

/* What cleat_settings_set() has refused, in case its answer was not looked at. */
static void
warn_of_refused(const cleat_registry *registry, const cleat_settings *settings)
{
    cleat_error error;
    if (settings->refused[0] != '\0' &&
        check_key(registry->table, "the program", settings->refused, &error) < 0)
        cleat_log(&registry->config, CLEAT_LOG_WARNING, "settings", "%s", error.text);
}

/* Variables may belong to other programs with the same prefix, so a strange one is no error. */
static void
warn_of_variables(const cleat_registry *registry, const char *prefix)
{
    size_t length = prefix == NULL ? 0 : strlen(prefix);
    for (char **variable = environ; length > 0 && *variable != NULL; variable++) {
        char name[2 * KEY_SIZE];
        if (strncmp(*variable, prefix, length) != 0 || (*variable)[length] != '_')
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*variable, "="), *variable);
        struct nearest nearest = {.word = name};
        if (is_variable(registry->table, prefix, &nearest))
            continue;
        if (nearest.found[0] == '\0')
            cleat_log(&registry->config, CLEAT_LOG_WARNING, "settings",
                      "the environment variable %s is no setting", name);
        else
            cleat_log(&registry->config, CLEAT_LOG_WARNING, "settings",
                      "the environment variable %s is no setting; did you mean %s?", name,
                      nearest.found);
    }
}

/* ---- values ---- */

static cleat_status
read_number(const struct setting *setting, const struct said *said, int *ret_number,
            cleat_error *error)
{
    const char *text = said->value == NULL ? setting->text : said->value;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < setting->least ||
        number > setting->most)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the setting %s from %s must be a whole number from %d to %d",
                               said->key, said->origin, setting->least, setting->most);
    *ret_number = (int)number;
    return CLEAT_OK;
}

static char
lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

/* Whether two words are the same but for capitals, whatever the locale takes for one. */
static bool
is_same_word(const char *one, const char *other)
{
    while (*one != '\0' && lower(*one) == lower(*other)) {
        one++;
        other++;
    }
    return lower(*one) == lower(*other);
}

/* Finds one of a list of words that ends with NULL; *ret_place is its place. */
static cleat_status
read_word(const struct setting *setting, const struct said *said, const char *const *words,
          int *ret_place, cleat_error *error)
{
    const char *text = said->value == NULL ? setting->text : said->value;
    char list[160];
    size_t size = 0;
    for (int i = 0; words[i] != NULL; i++) {
        if (is_same_word(text, words[i])) {
            *ret_place = i;
            return CLEAT_OK;
        }
        size += (size_t)snprintf(list + size, sizeof list - size, "%s%s", i == 0 ? "" : ", ",
                                 words[i]);
    }
    return cleat_error_set(error, CLEAT_MISUSE, "the setting %s from %s must be one of %s",
                           said->key, said->origin, list);
}

/* Puts a value where the setting's row says, from `base` on. */
static cleat_status
read_value(const struct setting *setting, const struct said *said, void *base, cleat_error *error)
{
    static const char *const truths[] = {"0", "1", "false", "true", "no", "yes", "off", "on", NULL};
    void *member = (char *)base + setting->offset;
    int place = 0;
    cleat_status rc = CLEAT_OK;
    switch (setting->kind) {
    case SETTING_TEXT: break;
    case SETTING_NUMBER: rc = read_number(setting, said, member, error); break;
    case SETTING_PLACE: rc = read_word(setting, said, setting->words, member, error); break;
    case SETTING_TRUTH:
        rc = read_word(setting, said, truths, &place, error);
        *(bool *)member = place % 2 == 1;
        break;
    case SETTING_WORD:
        rc = read_word(setting, said, setting->words, &place, error);
        *(const char **)member = setting->words[place];
        break;
    }
    return rc;
}

static cleat_status
load_values(cleat_registry *registry, const struct sources *sources, cleat_error *error)
{
    struct said said;
    cleat_status rc = CLEAT_OK;
    for (size_t i = 0; rc == CLEAT_OK && i < cleat_setting_count; i++) {
        const struct setting *setting = &cleat_setting_list[i];
        cleat_sources_find(sources, setting->key, &said);
        if (!setting->each)
            rc = read_value(setting, &said, &registry->config, error);
        for (size_t j = 0; setting->each && rc == CLEAT_OK && j < registry->count; j++) {
            struct database *database = &registry->databases[j];
            cleat_sources_find_each(sources, database->schema->name, setting->key, &said);
            rc = read_value(setting, &said, &database->options, error);
        }
    }
    return rc;
}

/* ---- databases ---- */

/* SQL over the files of a group is atomic because they have rollback journals and bring them to
 * disk, header and all, before they write: at NORMAL a power cut can leave a group apart, or a file
 * damaged. */
static void
keep_in_step(struct options *options)
{
    if (strcmp(options->journal_mode, "WAL") == 0)
        options->journal_mode = "DELETE";
    if (strcmp(options->synchronous, "OFF") == 0 || strcmp(options->synchronous, "NORMAL") == 0)
        options->synchronous = "FULL";
}

static cleat_status
load_attached(cleat_registry *registry, const struct sources *sources)
{
    struct said said;
    cleat_status rc = CLEAT_OK;
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++) {
        struct database *database = &registry->databases[i];
        cleat_sources_find_each(sources, database->schema->name, "attach", &said);
        if (said.value != NULL)
            rc = cleat_plan_setting(registry, database, said.value, said.origin);
        if (database->schema->atomic_group != NULL)
            keep_in_step(&database->options);
    }
    return rc;
}

static cleat_status
load_home(cleat_registry *registry, const struct sources *sources, cleat_error *error)
{
    struct said said;
    cleat_sources_find(sources, "default_database", &said);
    const char *name = said.value;
    const char *origin = said.origin;
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

/* The deprecated database_path, for the default database. */
static cleat_status
find_old_path(cleat_registry *registry, const struct sources *sources, struct said *ret_said,
              cleat_error *error)
{
    cleat_sources_find(sources, "database_path", ret_said);
    if (ret_said->value == NULL)
        return CLEAT_OK;
    if (registry->home == NULL)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the setting database_path needs a default database");
    cleat_log(&registry->config, CLEAT_LOG_WARNING, "settings",
              "database_path is deprecated: use databases.%s_path (set by %s)",
              registry->home->schema->name, ret_said->origin);
    return CLEAT_OK;
}

/* Whether a name is that of a file which SQLite or this runtime makes, and removes, beside a
 * database. */
static bool
is_reserved(const char *path)
{
    static const char *const tails[] = {"-wal", "-shm", "-journal", ".cleat-new", "/.cleat-lock"};
    size_t length = strlen(path);
    for (size_t i = 0; i < CLEAT_COUNT(tails); i++) {
        size_t tail = strlen(tails[i]);
        if (length > tail && strcmp(path + length - tail, tails[i]) == 0)
            return true;
    }
    return false;
}

/* Only a file can be a database: to open a pipe would wait for somebody at its other end. */
static cleat_status
check_kind(const char *path, mode_t mode, cleat_error *error)
{
    if (mode != 0 && !S_ISREG(mode))
        return cleat_error_set(error, CLEAT_CANNOT_OPEN, CLEAT_SHOWN_PATH " is no file", path);
    if (is_reserved(path))
        return cleat_error_set(error, CLEAT_MISUSE,
                               CLEAT_SHOWN_PATH
                               " cannot be a database: a file of such a name is "
                               "made and removed beside one",
                               path);
    return CLEAT_OK;
}

/* Adds to the error of a path which setting it comes from. */
static void
name_path(cleat_error *error, const char *name, const struct said *said)
{
    char text[sizeof error->text + sizeof *said + 80];
    cleat_text_copy(error->database, sizeof error->database, name);
    if (error->status == CLEAT_NOMEM)
        return;
    if (said->value == NULL)
        snprintf(text, sizeof text, "%s: %s", name, error->text);
    else
        snprintf(text, sizeof text, "%s: %s from %s: %s", name, said->key, said->origin,
                 error->text);
    cleat_text_copy(error->text, sizeof error->text, text);
}

static cleat_status
load_path(struct database *database, const struct sources *sources, const struct said *old,
          struct directory *directory, cleat_error *error)
{
    struct said said;
    const char *name = database->schema->name;
    cleat_sources_find_path(sources, name, &said);
    if (said.value == NULL && old != NULL)
        said = *old;
    char *standard = NULL;
    struct stat found = {0};
    if (said.value == NULL) {
        cleat_sources_find(sources, "directory", &said);
        if (said.value != NULL && said.value[0] == '\0') /* not the root of all files */
            return cleat_error_set(error, CLEAT_MISUSE, "the setting directory from %s is empty",
                                   said.origin);
        standard = cleat_text("%s/%s.db", said.value == NULL ? "data" : said.value, name);
        if (standard == NULL)
            return cleat_error_memory(error);
    }
    cleat_status rc = cleat_path_resolve(standard == NULL ? said.value : standard, directory,
                                         &database->path, &found, error);
    free(standard);
    if (rc == CLEAT_OK)
        rc = check_kind(database->path, found.st_mode, error);
    database->found = found.st_mode != 0;
    database->found_size = found.st_size;
    if (rc < 0)
        name_path(error, name, &said);
    return rc;
}

static cleat_status
load_paths(cleat_registry *registry, const struct sources *sources, cleat_error *error)
{
    struct said old;
    struct directory directory = {NULL, NULL};
    cleat_status rc = find_old_path(registry, sources, &old, error);
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++) {
        struct database *database = &registry->databases[i];
        rc = load_path(database, sources, database == registry->home ? &old : NULL, &directory,
                       error);
    }
    cleat_directory_forget(&directory);
    return rc;
}

cleat_status
cleat_config_load(cleat_registry *registry, const cleat_settings *settings)
{
    struct sources sources;
    cleat_error *error = &registry->error;
    cleat_status rc = cleat_sources_open(&sources, settings, error);
    if (rc == CLEAT_OK)
        rc = load_values(registry, &sources, error);
    if (rc == CLEAT_OK)
        rc = check_keys(registry, &sources, error);
    if (rc == CLEAT_OK)
        rc = load_attached(registry, &sources);
    if (rc == CLEAT_OK) {
        warn_of_refused(registry, settings);
        warn_of_variables(registry, settings->prefix);
        rc = load_home(registry, &sources, error);
    }
    if (rc == CLEAT_OK)
        rc = load_paths(registry, &sources, error);
    cleat_sources_close(&sources);
    return rc;
}
