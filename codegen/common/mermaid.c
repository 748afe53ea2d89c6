/* mermaid.c: names enter, words of a Mermaid diagram leave. What a name may be was tried with
 * Mermaid 11: keywords are taken in any case, and where they stand alone. */
#include "mermaid.h"

#include "arena.h"

#include <stdbool.h>
#include <string.h>

static bool
is_one_of(const char *name, const char *const *words, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (g_ascii_strcasecmp(name, words[i]) == 0)
            return true;
    return false;
}

static bool
is_plain(const char *name)
{
    if (!g_ascii_isalpha(*name) && *name != '_')
        return false;
    while (g_ascii_isalnum(*name) || *name == '_')
        name++;
    return *name == '\0';
}

const char *
mermaid_entity(const char *name)
{
    static const char *const words[] = {
        "accdescr", "acctitle",   "class",     "classdef", "direction", "end",      "many", "one",
        "only",     "optionally", "erdiagram", "style",    "title",     "subgraph", "to",   "zero"};
    if (is_plain(name) && !is_one_of(name, words, G_N_ELEMENTS(words)))
        return name;
    return arena_printf("\"%s\"", g_strdelimit(arena_string(name), "\"\\%\b\v\r\n", '_'));
}

const char *
mermaid_word(const char *name)
{
    static const char *const words[] = {"fk", "pk", "uk"};
    if (is_plain(name) && !is_one_of(name, words, G_N_ELEMENTS(words)))
        return name;
    const char *mark = is_plain(name) || g_ascii_isdigit(*name) ? "_" : "";
    char *word = arena_printf("%s%s", mark, *name == '\0' ? "_" : name);
    for (char *at = word; *at != '\0'; at++)
        if (!g_ascii_isalnum(*at))
            *at = '_';
    return word;
}
