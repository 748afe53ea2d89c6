/* settings.c: what a program says about its databases before it opens them. Collects, checks keys,
 * and allocates nothing; config.c finds out what the settings mean. */
#include "settings.h"

void
cleat_settings_init(cleat_settings *settings, const char *prefix)
{
    if (settings == NULL)
        return;
    memset(settings, 0, sizeof *settings);
    settings->prefix = prefix;
}

cleat_status
cleat_settings_set(cleat_settings *settings, const char *key, const char *value)
{
    if (settings == NULL || key == NULL || value == NULL)
        return CLEAT_MISUSE;
    if (!cleat_key_is_known(key)) {
        cleat_text_copy(settings->refused, sizeof settings->refused, key);
        return CLEAT_MISUSE;
    }
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
    if (settings == NULL)
        return;
    settings->file = path;
}

void
cleat_settings_log(cleat_settings *settings, cleat_log_hook *log, void *data)
{
    if (settings == NULL)
        return;
    settings->log = log;
    settings->log_data = data;
}

void
cleat_settings_progress(cleat_settings *settings, cleat_progress_hook *progress, void *data)
{
    if (settings == NULL)
        return;
    settings->progress = progress;
    settings->progress_data = data;
}

void
cleat_settings_trace(cleat_settings *settings, cleat_trace_hook *trace, void *data)
{
    if (settings == NULL)
        return;
    settings->trace = trace;
    settings->trace_data = data;
}
