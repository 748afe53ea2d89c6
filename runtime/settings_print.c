/* settings_print.c: every setting with its value and who said it, in the form of a settings file.
 * Works on what a program would use before anything is opened or created, wrong values included.
 * What stands before an @ in a URL is a password and is not printed. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>

/* A text without what a terminal or a settings file would take for something else. */
static void
print_text(FILE *file, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        fputc(c == 0x7f || (c < ' ' && c != '\t') ? '?' : c, file);
    }
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A value as it stands in a file: in quotes when a part of it would be cut off. */
static void
print_value(FILE *file, const char *text)
{
    size_t length = strlen(text);
    const char *host = strstr(text, "://");
    const char *at = host == NULL ? NULL : strrchr(host, '@');
    bool quotes = length == 0 || text[0] == '"' || is_blank(text[0]) ||
                  is_blank(text[length - 1]) || strchr(text, '#') != NULL;
    if (quotes)
        fputc('"', file);
    if (at != NULL) {
        print_text(file, text, (size_t)(host + 3 - text));
        fputs("***", file);
        text = at;
    }
    print_text(file, text, strlen(text));
    if (quotes)
        fputc('"', file);
}

static void
print_line(FILE *file, const char *key, const char *value, const char *origin)
{
    fprintf(file, "%s = ", key);
    print_value(file, value);
    fprintf(file, "  # %s\n", origin);
}

static void
print_common(FILE *file, const cleat_init_table *table, const struct sources *sources)
{
    struct said said;
    for (size_t i = 0; i < cleat_setting_count; i++) {
        const struct setting *setting = &cleat_setting_list[i];
        const char *standard = setting->text;
        cleat_sources_find(sources, setting->key, &said);
        if (strcmp(setting->key, "default_database") == 0)
            standard = table->default_database;
        if (said.value != NULL)
            print_line(file, setting->key, said.value, said.origin);
        else if (standard != NULL)
            print_line(file, setting->key, standard, said.origin);
    }
}

/* The path as it would be opened, when it can be one. */
static void
print_path(FILE *file, const char *text, const char *origin)
{
    char *path = NULL;
    cleat_error error;
    if (cleat_path_expand(text, &path, &error) < 0)
        path = NULL;
    print_line(file, "path", path == NULL ? text : path, origin);
    free(path);
}

static cleat_status
print_database(FILE *file, const cleat_init_table *table, const cleat_database *database,
               const struct sources *sources)
{
    struct said said;
    char key[KEY_SIZE];
    fprintf(file, "\n[%s]\n", database->name);
    cleat_sources_find_path(sources, database->name, &said);
    const char *home = table->default_database;
    struct said chosen;
    cleat_sources_find(sources, "default_database", &chosen);
    if (chosen.value != NULL)
        home = chosen.value;
    bool is_home = table->database_count == 1 ||
                   (home != NULL && strcmp(home, database->name) == 0);
    if (said.value == NULL && is_home)
        cleat_sources_find(sources, "database_path", &said);
    if (said.value != NULL) {
        print_path(file, said.value, said.origin);
    } else {
        cleat_sources_find(sources, "directory", &said);
        char *path = cleat_text("%s/%s.db", said.value == NULL ? "data" : said.value,
                                database->name);
        if (path == NULL)
            return CLEAT_NOMEM;
        print_path(file, path, said.origin);
        free(path);
    }
    for (size_t i = 0; i < cleat_setting_count; i++) {
        if (!cleat_setting_list[i].each)
            continue;
        snprintf(key, sizeof key, "%s.%s", database->name, cleat_setting_list[i].key);
        cleat_sources_find(sources, key, &said);
        if (said.value != NULL)
            print_line(file, cleat_setting_list[i].key, said.value, said.origin);
    }
    return CLEAT_OK;
}

cleat_status
cleat_settings_print(const cleat_settings *settings, const cleat_init_table *table, FILE *file)
{
    struct sources sources;
    cleat_error error;
    if (settings == NULL || table == NULL || file == NULL)
        return CLEAT_MISUSE;
    cleat_status rc = cleat_sources_open(&sources, settings, &error);
    if (rc < 0)
        fprintf(file, "# %s\n", error.text);
    print_common(file, table, &sources);
    for (size_t i = 0; rc != CLEAT_NOMEM && i < table->database_count; i++) {
        cleat_status printed = print_database(file, table, &table->databases[i], &sources);
        if (printed < 0)
            rc = printed;
    }
    cleat_sources_close(&sources);
    return rc == CLEAT_OK && ferror(file) ? CLEAT_IO : rc;
}
