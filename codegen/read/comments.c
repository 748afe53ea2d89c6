/* comments.c: from a doc comment as it stands in the file to its text: no marks, no margin of
 * stars, lines joined by newlines, nothing before or after. */
#include "parse.h"

#include "common/arena.h"

#include <string.h>

/* Skips the marks that open a comment line: slashes or a slash and stars, !, and <. */
static const char *
skip_opening(const char *line)
{
    const char *p = line;
    if (g_str_has_prefix(p, "//"))
        p += strspn(p, "/");
    else if (g_str_has_prefix(p, "/*"))
        p += 1 + strspn(p + 1, "*");
    else
        return line;
    if (*p == '!')
        p++;
    if (*p == '<')
        p++;
    return p;
}

/* The margin of a block comment: blanks and one star that does not close the comment. */
static const char *
skip_margin(const char *line)
{
    const char *p = line + strspn(line, " \t");
    if (*p == '*' && p[1] != '/')
        return p + 1;
    return p;
}

static void
append_line(GString *text, const char *line)
{
    char *copy = g_strdup(line);
    g_strstrip(copy);
    gsize length = strlen(copy);
    if (g_str_has_suffix(copy, "*/")) {
        copy[length - 2] = '\0';
        g_strchomp(copy);
    }
    if (text->len > 0)
        g_string_append_c(text, '\n');
    g_string_append(text, copy);
    g_free(copy);
}

const char *
comment_text(const char *raw)
{
    GString *text = g_string_new(NULL);
    char **lines = g_strsplit(raw, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        const char *start = *line + strspn(*line, " \t");
        const char *opened = skip_opening(start);
        append_line(text, opened != start ? opened : skip_margin(*line));
    }
    g_strfreev(lines);
    char *stripped = g_strstrip(g_string_free(text, FALSE));
    const char *result = *stripped == '\0' ? NULL : arena_string(stripped);
    g_free(stripped);
    return result;
}
