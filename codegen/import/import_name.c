/* import_name.c: names and texts of a file as C can write them. */
#include "import.h"

#include "common/arena.h"
#include "common/text.h"
#include "model/names.h"

#include <string.h>

/* Lower case letters, digits and underscores, with a letter first, and no word of C or C++. */
const char *
import_identifier(const char *name)
{
    GString *out = g_string_new(NULL);
    for (const char *at = name; *at != '\0'; at++)
        g_string_append_c(out, g_ascii_isalnum(*at) ? g_ascii_tolower(*at) : '_');
    while (out->len > 0 && out->str[0] == '_')
        g_string_erase(out, 0, 1);
    if (out->len == 0 || !g_ascii_isalpha(out->str[0]))
        g_string_prepend(out, "c_");
    g_string_truncate(out, MIN(out->len, 63));
    const char *identifier = name_member(arena_string_n(out->str, out->len));
    g_string_free(out, TRUE);
    return identifier;
}

const char *
import_literal(const char *text)
{
    GString *out = g_string_new(NULL);
    text_literal(out, text, strlen(text), "");
    const char *literal = arena_string_n(out->str, out->len);
    g_string_free(out, TRUE);
    return literal;
}
