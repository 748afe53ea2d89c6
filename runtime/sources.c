/* sources.c: finds the value of a setting: what the program said goes over the environment, that
 * over the settings file. A file with a line that is no setting, or that says one twice, is
 * refused: a misspelt setting must not be a silent default. */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What nobody writes: a settings file is not a device, nor a database. */
enum { MOST_BYTES = 1 << 20, MOST_VALUES = 8192 };

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

/* Cuts a comment off, which begins with " #", and the quotes around what may not be cut. */
static char *
trim_value(char *text)
{
    text = trim(text);
    char *quote = text[0] == '"' ? strrchr(text + 1, '"') : NULL;
    while (quote != NULL && quote > text && trim(quote + 1)[0] != '\0' && trim(quote + 1)[0] != '#')
        for (quote--; quote > text && *quote != '"'; quote--)
            ;
    if (quote != NULL && quote > text) {
        *quote = '\0';
        return text + 1;
    }
    for (char *c = text; *c != '\0'; c++)
        if (*c == '#' && (c == text || isspace((unsigned char)c[-1])))
            *c-- = '\0';
    return trim(text);
}

void
cleat_file_value_key(const struct file_value *value, char ret_key[KEY_SIZE])
{
    snprintf(ret_key, KEY_SIZE, "%s%s%s", value->section, value->section[0] == '\0' ? "" : ".",
             value->key);
}

/* Reads one line, which is cut into strings in place. Returns false when it is no setting. */
static bool
read_line(struct sources *sources, char *line, int number, const char **section)
{
    line = trim(line);
    if (line[0] == '\0' || line[0] == '#')
        return true;
    char *bracket = line[0] == '[' ? strchr(line, ']') : NULL;
    if (bracket != NULL) {
        *bracket = '\0';
        *section = trim(line + 1);
        return trim_value(bracket + 1)[0] == '\0';
    }
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return false;
    *equals = '\0';
    struct file_value *value = &sources->values[sources->count++];
    *value = (struct file_value){*section, trim(line), trim_value(equals + 1), number};
    char *dot = (*section)[0] == '\0' ? strchr(line, '.') : NULL;
    if (dot != NULL) { /* `a.b` is `b` of the section `a` */
        *dot = '\0';
        value->section = value->key;
        value->key = dot + 1;
    }
    return true;
}

/* Whether a value is the path of a database under its other name: `x_path` of [databases]. */
static bool
is_other_path(const struct file_value *value, const struct file_value *path)
{
    size_t length = strlen(path->section);
    return strcmp(value->section, "databases") == 0 && strcmp(path->key, "path") == 0 &&
           strncmp(value->key, path->section, length) == 0 &&
           strcmp(value->key + length, "_path") == 0;
}

static bool
is_same(const struct file_value *one, const struct file_value *other)
{
    if (strcmp(one->key, other->key) == 0 && strcmp(one->section, other->section) == 0)
        return true;
    return is_other_path(one, other) || is_other_path(other, one);
}

/* The line that said the last setting before, 0 when none did. */
static int
find_earlier(const struct sources *sources)
{
    size_t last = sources->count == 0 ? 0 : sources->count - 1;
    const struct file_value *value = &sources->values[last];
    for (size_t i = 0; i < last; i++)
        if (is_same(&sources->values[i], value))
            return sources->values[i].line;
    return 0;
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
    char *line = sources->text; /* some editors begin a file with a mark of its encoding */
    line += strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        if (!read_line(sources, line, number, &section))
            return cleat_error_set(error, CLEAT_MISUSE, "%s:%d: this is no `key = value`",
                                   sources->settings->file, number);
        if (sources->count > MOST_VALUES)
            return cleat_error_set(error, CLEAT_MISUSE, "%s:%d: more settings than there can be",
                                   sources->settings->file, number);
        int earlier = find_earlier(sources);
        if (earlier != 0)
            return cleat_error_set(error, CLEAT_MISUSE, "%s:%d: the same was set in line %d",
                                   sources->settings->file, number, earlier);
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
        if (size < capacity - 1 || capacity > MOST_BYTES)
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
    if (size > MOST_BYTES || strlen(sources->text) != size)
        return cleat_error_set(error, CLEAT_MISUSE, "%s is no settings file: it %s",
                               sources->settings->file,
                               size > MOST_BYTES ? "has more than a megabyte" : "has a NUL in it");
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

static bool
find_in_program(const cleat_settings *settings, const char *key, struct said *ret_said)
{
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->values[i].key, key) == 0) {
            ret_said->value = settings->values[i].value;
            cleat_text_copy(ret_said->origin, sizeof ret_said->origin, "the program");
            return true;
        }
    }
    return false;
}

/* An empty variable says nothing. */
static bool
find_in_environment(const char *prefix, const char *key, struct said *ret_said)
{
    char name[2 * KEY_SIZE];
    if (prefix == NULL)
        return false;
    cleat_key_variable(prefix, key, name);
    const char *value = getenv(name);
    if (value == NULL || value[0] == '\0')
        return false;
    ret_said->value = value;
    cleat_text_copy(ret_said->origin, sizeof ret_said->origin, name);
    return true;
}

static bool
find_in_file(const struct sources *sources, const char *key, struct said *ret_said)
{
    for (size_t i = 0; i < sources->count; i++) {
        char full[KEY_SIZE];
        cleat_file_value_key(&sources->values[i], full);
        if (strcmp(full, key) == 0) {
            ret_said->value = sources->values[i].value;
            snprintf(ret_said->origin, sizeof ret_said->origin, "%s:%d", sources->settings->file,
                     sources->values[i].line);
            return true;
        }
    }
    return false;
}

/* Looks for a key in one place, where it may have another name. */
static bool
find_in(const struct sources *sources, int place, const char *key, struct said *ret_said)
{
    const cleat_settings *settings = sources->settings;
    bool found = place == 0   ? find_in_program(settings, key, ret_said)
                 : place == 1 ? find_in_environment(settings->prefix, key, ret_said)
                              : find_in_file(sources, key, ret_said);
    if (found)
        cleat_text_copy(ret_said->key, sizeof ret_said->key, key);
    return found;
}

/* Looks for a key that may have two names; in one place the first counts. */
static void
find_either(const struct sources *sources, const char *key, const char *other,
            struct said *ret_said)
{
    ret_said->value = NULL;
    ret_said->key[0] = '\0';
    cleat_text_copy(ret_said->origin, sizeof ret_said->origin, "default");
    for (int place = 0; place < 3; place++)
        if (find_in(sources, place, key, ret_said) ||
            (other != NULL && find_in(sources, place, other, ret_said)))
            return;
}

void
cleat_sources_find(const struct sources *sources, const char *key, struct said *ret_said)
{
    find_either(sources, key, NULL, ret_said);
}

void
cleat_sources_find_each(const struct sources *sources, const char *database, const char *key,
                        struct said *ret_said)
{
    char own[KEY_SIZE];
    snprintf(own, sizeof own, "%s.%s", database, key);
    cleat_sources_find(sources, own, ret_said);
    if (ret_said->value == NULL)
        cleat_sources_find(sources, key, ret_said);
}

void
cleat_sources_find_path(const struct sources *sources, const char *database, struct said *ret_said)
{
    char key[KEY_SIZE], old[KEY_SIZE];
    snprintf(key, sizeof key, "%s.path", database);
    snprintf(old, sizeof old, "databases.%s_path", database);
    find_either(sources, key, old, ret_said);
}
