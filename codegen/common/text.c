/* text.c: text enters as it was written in a schema, and leaves in a form that is safe where it
 * goes. The same text leaves on every machine: nothing here asks the locale, or the version of
 * Unicode that a library knows. */
#include "text.h"

#include <stdarg.h>
#include <string.h>

#define MAX_VALUES 16

struct value {
    const char *name;
    gsize length;
    const char *text;
};

/* ---- templates ---- */

static void
append_value(GString *out, const struct value *values, guint count, const char *name, gsize length)
{
    for (guint i = 0; i < count; i++) {
        if (values[i].length == length && memcmp(values[i].name, name, length) == 0) {
            g_string_append(out, values[i].text);
            return;
        }
    }
    g_error("a template asks for @%.*s@", (int)length, name);
}

void
text_emit(GString *out, const char *template_text, ...)
{
    struct value values[MAX_VALUES];
    guint count = 0;
    va_list pairs;
    va_start(pairs, template_text);
    for (const char *name = va_arg(pairs, const char *); name != NULL;
         name = va_arg(pairs, const char *)) {
        g_assert(count < MAX_VALUES);
        values[count++] = (struct value){name, strlen(name), va_arg(pairs, const char *)};
    }
    va_end(pairs);

    const char *from = template_text;
    for (const char *at = strchr(from, '@'); at != NULL; at = strchr(from, '@')) {
        const char *end = strchr(at + 1, '@');
        g_assert(end != NULL);
        g_string_append_len(out, from, at - from);
        append_value(out, values, count, at + 1, (gsize)(end - at) - 1);
        from = end + 1;
    }
    g_string_append(out, from);
}

/* ---- characters ---- */

/* Characters that are not seen but change what is: controls, marks and overrides of direction,
 * zero widths. */
static bool
is_invisible(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

bool
text_is_visible(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL))
        return false;
    for (; *text != '\0'; text = g_utf8_next_char(text))
        if (is_invisible(g_utf8_get_char(text)))
            return false;
    return true;
}

static bool
is_space(gunichar c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* ---- comments ---- */

/* Whether a and b side by side mean something to a compiler: an end or a start of a comment, or
 * the start of a trigraph. */
static bool
must_part(char a, char b)
{
    return (a == '*' && b == '/') || (a == '/' && b == '*') || (a == '?' && b == '?');
}

/* A backslash, also with spaces behind it, would continue a line comment on the next line. */
static void
trim_end(GString *out, gsize start)
{
    while (out->len > start && strchr(" \\", out->str[out->len - 1]) != NULL)
        g_string_truncate(out, out->len - 1);
}

static void
append_comment(GString *out, const char *text, gsize length)
{
    char *valid = g_utf8_make_valid(text, (gssize)length);
    gsize start = out->len;
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        char last = out->len > start ? out->str[out->len - 1] : ' ';
        if (is_space(c)) {
            if (last != ' ')
                g_string_append_c(out, ' ');
            continue;
        }
        if (is_invisible(c))
            continue;
        if (must_part(last, *at))
            g_string_append_c(out, ' ');
        g_string_append_unichar(out, c);
    }
    trim_end(out, start);
    g_free(valid);
}

void
text_comment(GString *out, const char *text)
{
    append_comment(out, text, strlen(text));
}

void
text_comment_lines(GString *out, const char *text, const char *between)
{
    const char *end = strchr(text, '\n');
    for (; end != NULL; end = strchr(text, '\n')) {
        append_comment(out, text, (gsize)(end - text));
        trim_end(out, 0);
        g_string_append(out, between);
        text = end + 1;
    }
    append_comment(out, text, strlen(text));
    trim_end(out, 0);
}

/* ---- C literals ---- */

static void
append_octal(GString *out, const char *from, const char *to)
{
    for (; from < to; from++)
        g_string_append_printf(out, "\\%03o", (unsigned)(guchar)*from);
}

/* Returns the byte after the character at `at`. */
static const char *
append_literal_char(GString *out, const char *at, const char *end)
{
    gunichar c = g_utf8_get_char_validated(at, end - at);
    if (c == (gunichar)-1 || c == (gunichar)-2) {
        append_octal(out, at, at + 1);
        return at + 1;
    }
    const char *next = g_utf8_next_char(at);
    if (c == '\n')
        g_string_append(out, "\\n");
    else if (c == '\t')
        g_string_append(out, "\\t");
    else if (c == '"' || c == '\\' || (c == '?' && out->str[out->len - 1] == '?'))
        g_string_append_printf(out, "\\%c", (char)c);
    else if (is_invisible(c))
        append_octal(out, at, next);
    else
        g_string_append_len(out, at, next - at);
    return next;
}

void
text_literal(GString *out, const char *text, gsize length, const char *between)
{
    const char *end = text + length;
    g_string_append_c(out, '"');
    while (text < end) {
        bool newline = *text == '\n';
        text = append_literal_char(out, text, end);
        if (newline && text < end)
            g_string_append_printf(out, "\"%s\"", between);
    }
    g_string_append_c(out, '"');
}

/* ---- sentences ---- */

gsize
text_first_sentence(const char *text)
{
    const char *end = text;
    while (*end != '\0' && strncmp(end, "\n\n", 2) != 0 &&
           !(*end == '.' && (g_ascii_isspace(end[1]) || end[1] == '\0')))
        end++;
    return (gsize)(end - text);
}

/* ---- Markdown ---- */

void
text_markdown(GString *out, const char *text)
{
    GString *line = g_string_new(NULL);
    text_comment(line, text);
    for (const char *at = line->str; *at != '\0'; at++) {
        if (strchr("\\`*_{}[]<>#|~&!$", *at) != NULL)
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    g_string_free(line, TRUE);
}

/* ---- HTML and JavaScript ---- */

void
text_html(GString *out, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        switch (c) {
        case '&': g_string_append(out, "&amp;"); break;
        case '<': g_string_append(out, "&lt;"); break;
        case '>': g_string_append(out, "&gt;"); break;
        case '"': g_string_append(out, "&quot;"); break;
        case '\'': g_string_append(out, "&#39;"); break;
        default:
            if (c == '\n' || c == '\t' || !is_invisible(c))
                g_string_append_unichar(out, c);
        }
    }
    g_free(valid);
}

void
text_javascript(GString *out, const char *text)
{
    GString *line = g_string_new(NULL);
    text_comment(line, text);
    g_string_append_c(out, '"');
    for (const char *at = line->str; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_c(out, '\\');
        if (*at == '<') /* could end the script that the literal stands in */
            g_string_append(out, "\\x3c");
        else
            g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
    g_string_free(line, TRUE);
}
