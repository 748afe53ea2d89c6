/* words.c: from the text of <cleat/schema.h> to the list of its words. A word is a short name,
 * `#define NOT_NULL CLEAT_SCHEMA_NOT_NULL`; it takes arguments when its long name is a macro with
 * parameters. */
#include "words.h"

#include <string.h>

#define LONG_PREFIX "CLEAT_SCHEMA_"

struct words {
    GPtrArray *names;      /* char *, then NULL */
    GHashTable *arguments; /* long names with parameters */
};

/* Splits "#define NAME rest"; the name ends at the first character that no name has. */
static char *
defined_name(const char *line, const char **ret_rest)
{
    if (!g_str_has_prefix(line, "#define "))
        return NULL;
    const char *name = line + strlen("#define ");
    const char *end = name;
    while (g_ascii_isalnum(*end) || *end == '_')
        end++;
    *ret_rest = end;
    return g_strndup(name, (gsize)(end - name));
}

static void
read_line(struct words *words, const char *line)
{
    const char *rest;
    char *name = defined_name(line, &rest);
    if (name == NULL)
        return;
    bool is_long = g_str_has_prefix(name, LONG_PREFIX);
    if (is_long && *rest == '(')
        g_hash_table_add(words->arguments, g_strdup(name + strlen(LONG_PREFIX)));
    if (!is_long && g_str_has_prefix(rest, " " LONG_PREFIX))
        g_ptr_array_add(words->names, g_steal_pointer(&name));
    g_free(name);
}

struct words *
words_load(const char *include_dir, GError **ret_error)
{
    char *path = g_build_filename(include_dir, "cleat", "schema.h", NULL);
    char *text = NULL;
    bool fine = g_file_get_contents(path, &text, NULL, ret_error);
    g_free(path);
    if (!fine)
        return NULL;
    struct words *words = g_new0(struct words, 1);
    words->names = g_ptr_array_new_with_free_func(g_free);
    words->arguments = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        read_line(words, *line);
    g_ptr_array_add(words->names, NULL);
    g_strfreev(lines);
    g_free(text);
    return words;
}

void
words_free(struct words *words)
{
    g_ptr_array_unref(words->names);
    g_hash_table_unref(words->arguments);
    g_free(words);
}

const char *const *
words_names(const struct words *words)
{
    return (const char *const *)words->names->pdata;
}

bool
words_find(const struct words *words, const char *name, bool *ret_takes_arguments)
{
    *ret_takes_arguments = g_hash_table_contains(words->arguments, name);
    for (const char *const *word = words_names(words); *word != NULL; word++)
        if (strcmp(*word, name) == 0)
            return true;
    return false;
}
