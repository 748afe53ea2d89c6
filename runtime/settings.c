/* settings.c: what a program says about its databases before it opens them. Collects, checks keys,
 * and allocates nothing; config.c finds out what the settings mean. */
#include "runtime.h"

static const char *const known_keys[] = {
    "directory", "default_database", "database_path", "busy_timeout_ms",
    "pool_size", "synchronous",      "journal_mode",  "cache_kb",
    "mmap_mb",   "echo_sql",         "log_level",
};

void
cleat_settings_init(cleat_settings *settings, const char *prefix)
{
    memset(settings, 0, sizeof *settings);
    settings->prefix = prefix;
}

bool
cleat_settings_known(const char *key)
{
    static const char head[] = "databases.";
    static const char tail[] = "_path";
    for (size_t i = 0; i < CLEAT_COUNT(known_keys); i++)
        if (strcmp(known_keys[i], key) == 0)
            return true;
    size_t length = strlen(key);
    return length >= sizeof head + sizeof tail - 1 && strncmp(key, head, sizeof head - 1) == 0 &&
           strcmp(key + length - (sizeof tail - 1), tail) == 0;
}

cleat_status
cleat_settings_set(cleat_settings *settings, const char *key, const char *value)
{
    if (settings == NULL || key == NULL || value == NULL || !cleat_settings_known(key))
        return CLEAT_MISUSE;
    size_t place = 0;
    while (place < settings->count && strcmp(settings->values[place].key, key) != 0)
        place++;
    if (place == CLEAT_SETTINGS_MAX)
        return CLEAT_FULL;
    settings->values[place].key = key;
    settings->values[place].value = value;
    if (place == settings->count)
        settings->count++;
    return CLEAT_OK;
}

void
cleat_settings_file(cleat_settings *settings, const char *path)
{
    settings->file = path;
}

void
cleat_settings_log(cleat_settings *settings, cleat_log_hook *log, void *data)
{
    settings->log = log;
    settings->log_data = data;
}

void
cleat_settings_trace(cleat_settings *settings, cleat_trace_hook *trace, void *data)
{
    settings->trace = trace;
    settings->trace_data = data;
}
