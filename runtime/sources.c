/* sources.c: finds the value of a setting: what the program said goes over the environment, that
 * over the settings file. A file with a line that means nothing is refused: a misspelt setting
 * must not be a silent default. */
#include "sources.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Cuts white space off both ends. */
static char *
trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

static char *
trim_quotes(char *text)
{
    size_t length = strlen(text);
    if (length < 2 || text[0] != '"' || text[length - 1] != '"')
        return text;
    text[length - 1] = '\0';
    return text + 1;
}

/* "section.key", or the key alone. */
static void
full_key(char *ret_key, size_t size, const char *section, const char *key)
{
    snprintf(ret_key, size, "%s%s%s", section, section[0] == '\0' ? "" : ".", key);
}

/* Reads one line, which is cut into strings in place. Returns false when it means nothing. */
static bool
read_line(struct sources *sources, char *line, int number, const char **section)
{
    line = trim(line);
    size_t length = strlen(line);
    if (length == 0 || line[0] == '#')
        return true;
    if (line[0] == '[' && line[length - 1] == ']') {
        line[length - 1] = '\0';
        *section = trim(line + 1);
        return true;
    }
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return false;
    *equals = '\0';
    struct file_value *value = &sources->values[sources->count++];
    *value = (struct file_value){*section, trim(line), trim_quotes(trim(equals + 1)), number};
    char key[256];
    full_key(key, sizeof key, value->section, value->key);
    return cleat_settings_known(key);
}

static cleat_status
read_lines(struct sources *sources, cleat_error *error)
{
    size_t lines = 1;
    for (const char *c = sources->text; *c != '\0'; c++)
        lines += *c == '\n';
    sources->values = calloc(lines, sizeof *sources->values);
    if (sources->values == NULL)
        return cleat_error_memory(error);
    const char *section = "";
    int number = 1;
    for (char *line = sources->text; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        if (!read_line(sources, line, number, &section))
            return cleat_error_set(error, CLEAT_MISUSE, "%s:%d: this is no setting",
                                   sources->settings->file, number);
        line = end;
    }
    return CLEAT_OK;
}

/* The whole file with a NUL behind it. */
static cleat_status
read_text(struct sources *sources, FILE *file, cleat_error *error)
{
    size_t size = 0, capacity = 4096;
    sources->text = malloc(capacity);
    while (sources->text != NULL) {
        size += fread(sources->text + size, 1, capacity - size - 1, file);
        if (size < capacity - 1)
            break;
        capacity *= 2;
        char *larger = realloc(sources->text, capacity);
        if (larger == NULL)
            return cleat_error_memory(error);
        sources->text = larger;
    }
    if (sources->text == NULL)
        return cleat_error_memory(error);
    sources->text[size] = '\0';
    if (ferror(file))
        return cleat_error_set(error, CLEAT_IO, "the settings file %s cannot be read",
                               sources->settings->file);
    return CLEAT_OK;
}

cleat_status
cleat_sources_open(struct sources *sources, const cleat_settings *settings, cleat_error *error)
{
    memset(sources, 0, sizeof *sources);
    sources->settings = settings;
    if (settings->file == NULL)
        return CLEAT_OK;
    FILE *file = fopen(settings->file, "rb");
    if (file == NULL)
        return cleat_error_set(error, CLEAT_CANNOT_OPEN, "the settings file %s: %s", settings->file,
                               strerror(errno));
    cleat_status rc = read_text(sources, file, error);
    fclose(file);
    if (rc < 0)
        return rc;
    return read_lines(sources, error);
}

void
cleat_sources_close(struct sources *sources)
{
    free(sources->text);
    free(sources->values);
    sources->text = NULL;
    sources->values = NULL;
    sources->count = 0;
}

/* PREFIX_KEY in capitals, with "__" for the dot. */
static const char *
find_in_environment(const char *prefix, const char *key)
{
    char name[256];
    size_t size = 0;
    int head = snprintf(name, sizeof name, "%s_", prefix);
    if (head < 0 || (size_t)head + 2 * strlen(key) >= sizeof name)
        return NULL;
    size = (size_t)head;
    for (; *key != '\0'; key++) {
        if (*key == '.')
            name[size++] = '_';
        name[size++] = *key == '.' ? '_' : (char)toupper((unsigned char)*key);
    }
    name[size] = '\0';
    return getenv(name);
}

static const char *
find_in_file(const struct sources *sources, const char *key)
{
    const char *found = NULL;
    for (size_t i = 0; i < sources->count; i++) {
        char full[256];
        full_key(full, sizeof full, sources->values[i].section, sources->values[i].key);
        if (strcmp(full, key) == 0)
            found = sources->values[i].value;
    }
    return found;
}

const char *
cleat_sources_find(const struct sources *sources, const char *key, const char **ret_origin)
{
    const cleat_settings *settings = sources->settings;
    const char *value = NULL;
    *ret_origin = "the program";
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->values[i].key, key) == 0)
            return settings->values[i].value;
    *ret_origin = "the environment";
    if (settings->prefix != NULL)
        value = find_in_environment(settings->prefix, key);
    if (value != NULL && value[0] != '\0')
        return value;
    *ret_origin = "the settings file";
    return find_in_file(sources, key);
}
