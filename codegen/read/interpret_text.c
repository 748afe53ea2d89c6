/* interpret_text.c: the arguments of words as text. An argument is known twice: as the preprocessor
 * gave it and as it stands in the file. Both are cut in the same way, so that every part keeps its
 * place; where they cannot be (a macro brought the argument) the place is the word's. */
#include "interpret.h"

#include "common/arena.h"

#include <string.h>

/* ---- ranges of text ---- */

struct range {
    const char *start;
    const char *end;
};

static struct range
trim(struct range range)
{
    while (range.start < range.end && g_ascii_isspace(*range.start))
        range.start++;
    while (range.end > range.start && g_ascii_isspace(range.end[-1]))
        range.end--;
    return range;
}

/* The end of the quoted text, comment or single character that starts here. */
static const char *
skip(const char *at, const char *end)
{
    char quote = *at;
    if (quote == '/' && at + 1 < end && at[1] == '*') {
        for (at += 2; at + 1 < end; at++)
            if (at[0] == '*' && at[1] == '/')
                return at + 2;
        return end;
    }
    if (quote == '/' && at + 1 < end && at[1] == '/') {
        while (at < end && *at != '\n')
            at++;
        return at;
    }
    at++;
    if (quote != '"' && quote != '\'')
        return at;
    for (; at < end && *at != quote; at++)
        if (*at == '\\' && quote == '"' && at + 1 < end)
            at++;
    return at < end ? at + 1 : end;
}

/* The next comma outside of parentheses and quotes, or the end. */
static const char *
find_comma(const char *at, const char *end)
{
    int depth = 0;
    while (at < end && (*at != ',' || depth > 0)) {
        if (*at == '(')
            depth++;
        else if (*at == ')')
            depth--;
        at = skip(at, end);
    }
    return at;
}

/* The head and the inside of `head(inside)`, when the last parenthesis closes the first. */
static bool
find_parentheses(struct range whole, struct range *ret_head, struct range *ret_inside)
{
    int depth = 0;
    const char *open = NULL;
    for (const char *at = whole.start; at < whole.end; at = skip(at, whole.end)) {
        if (*at == '(' && depth++ == 0) {
            if (open != NULL)
                return false;
            open = at;
        } else if (*at == ')' && --depth == 0 && at + 1 != whole.end) {
            return false;
        }
    }
    if (open == NULL || depth != 0)
        return false;
    *ret_head = trim((struct range){whole.start, open});
    *ret_inside = trim((struct range){open + 1, whole.end - 1});
    return true;
}

/* ---- pieces ---- */

static struct range
text_of(const struct piece *piece)
{
    return (struct range){piece->text, piece->text + strlen(piece->text)};
}

static struct range
source_of(const struct piece *piece)
{
    if (!piece->placed)
        return (struct range){NULL, NULL};
    const char *start = piece->at.source->text + piece->at.offset;
    return (struct range){start, start + piece->at.length};
}

/* A part of a piece; `source` is empty when it could not be found in the file. */
static struct piece
part(const struct piece *whole, struct range text, struct range source)
{
    struct piece piece = {.at = whole->at};
    piece.text = arena_string_n(text.start, (gsize)(text.end - text.start));
    piece.placed = source.start != NULL && source.end > source.start;
    if (piece.placed)
        piece.at = diag_part(whole->at, (unsigned)(source.start - source_of(whole).start),
                             (unsigned)(source.end - source.start));
    return piece;
}

struct piece
piece_of_note(const struct note *note)
{
    struct piece whole = {note->arguments == NULL ? "" : note->arguments, note->at, false};
    if (note->argument.source != NULL && note->argument.length > 0) {
        whole.at = note->argument;
        whole.placed = true;
    }
    struct piece piece = part(&whole, trim(text_of(&whole)), trim(source_of(&whole)));
    return piece;
}

static GArray *
split_range(struct range whole)
{
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(struct range));
    if (whole.start == whole.end)
        return ranges;
    for (const char *at = whole.start;; at++) {
        const char *comma = find_comma(at, whole.end);
        struct range range = trim((struct range){at, comma});
        g_array_append_val(ranges, range);
        if (comma == whole.end)
            return ranges;
        at = comma;
    }
}

GPtrArray *
piece_split(const struct piece *piece)
{
    GPtrArray *pieces = arena_list();
    GArray *texts = split_range(text_of(piece));
    GArray *sources = split_range(source_of(piece));
    for (guint i = 0; i < texts->len; i++) {
        struct range source = {NULL, NULL};
        if (sources->len == texts->len)
            source = g_array_index(sources, struct range, i);
        struct piece *item = ARENA_NEW(struct piece);
        *item = part(piece, g_array_index(texts, struct range, i), source);
        g_ptr_array_add(pieces, item);
    }
    g_array_free(texts, TRUE);
    g_array_free(sources, TRUE);
    return pieces;
}

bool
piece_parentheses(const struct piece *piece, struct piece *ret_head, struct piece *ret_inside)
{
    struct range head, inside;
    struct range source_head = {NULL, NULL}, source_inside = {NULL, NULL};
    if (!find_parentheses(text_of(piece), &head, &inside))
        return false;
    if (!find_parentheses(source_of(piece), &source_head, &source_inside)) {
        source_head = (struct range){NULL, NULL};
        source_inside = source_head;
    }
    *ret_head = part(piece, head, source_head);
    *ret_inside = part(piece, inside, source_inside);
    return true;
}

struct location
piece_word(const struct piece *piece, const char *word, unsigned nth)
{
    return piece->placed ? diag_find_word(piece->at, word, nth) : piece->at;
}

bool
is_identifier(const char *text)
{
    if (!g_ascii_isalpha(*text) && *text != '_')
        return false;
    while (g_ascii_isalnum(*text) || *text == '_')
        text++;
    return *text == '\0';
}

/* ---- C string literals ---- */

static bool
append_number(GString *out, const char **at, guint base, guint most)
{
    guint value = 0, digits = 0;
    for (; digits < most && g_ascii_isxdigit(**at); digits++, (*at)++) {
        guint digit = (guint)g_ascii_xdigit_value(**at);
        if (digit >= base)
            break;
        value = value * base + digit;
        if (value > 255)
            return false;
    }
    g_string_append_c(out, (gchar)value);
    return digits > 0;
}

static bool
append_universal(GString *out, const char **at, guint digits)
{
    gunichar value = 0;
    for (; digits > 0; digits--, (*at)++) {
        if (!g_ascii_isxdigit(**at))
            return false;
        value = value * 16 + (guint)g_ascii_xdigit_value(**at);
    }
    if (!g_unichar_validate(value))
        return false;
    g_string_append_unichar(out, value);
    return true;
}

/* Decodes the escape after a backslash. */
static bool
append_escape(GString *out, const char **at)
{
    static const char letters[] = "abfnrtve\\'\"?";
    static const char values[] = "\a\b\f\n\r\t\v\033\\'\"?";
    char letter = **at;
    if (letter >= '0' && letter <= '7')
        return append_number(out, at, 8, 3);
    if (letter != '\0')
        (*at)++;
    if (letter == 'x')
        return append_number(out, at, 16, G_MAXUINT);
    if (letter == 'u' || letter == 'U')
        return append_universal(out, at, letter == 'u' ? 4 : 8);
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    if (found == NULL)
        return false;
    g_string_append_c(out, values[found - letters]);
    return true;
}

static const char *
append_literal(GString *out, const char **at)
{
    for ((*at)++; **at != '"';) {
        if (**at == '\0')
            return "has no closing quote";
        if (**at != '\\') {
            g_string_append_c(out, *(*at)++);
            continue;
        }
        (*at)++;
        if (!append_escape(out, at))
            return "has an escape that does not stand for a character";
    }
    (*at)++;
    return NULL;
}

static const char *
decode(GString *out, const char *text)
{
    if (*text != '"')
        return "is not a string literal";
    while (*text != '\0') {
        const char *problem = *text == '"' ? append_literal(out, &text)
                                           : "is not a string literal alone";
        if (problem != NULL)
            return problem;
        while (g_ascii_isspace(*text))
            text++;
    }
    if (memchr(out->str, '\0', out->len) != NULL)
        return "holds a zero byte";
    if (!g_utf8_validate(out->str, (gssize)out->len, NULL))
        return "is not UTF-8";
    return NULL;
}

bool
literal_decode(const char *text, const char **ret_value, const char **ret_problem)
{
    GString *out = g_string_new(NULL);
    *ret_problem = decode(out, text);
    if (*ret_problem == NULL)
        *ret_value = arena_string_n(out->str, out->len);
    g_string_free(out, TRUE);
    return *ret_problem == NULL;
}

/* ---- integers ---- */

struct evaluation {
    const char *at;
    unsigned depth;
    bool failed;
};

enum { DEPTH_LIMIT = 100 };

static gint64 evaluate_sum(struct evaluation *evaluation);

static char
next_char(struct evaluation *evaluation)
{
    while (g_ascii_isspace(*evaluation->at))
        evaluation->at++;
    return *evaluation->at;
}

static gint64
evaluate_number(struct evaluation *evaluation)
{
    char *end = NULL;
    guint64 value = g_ascii_strtoull(evaluation->at, &end, 0);
    if (end == evaluation->at || value > G_MAXINT64)
        evaluation->failed = true;
    while (strchr("uUlL", *end) != NULL && *end != '\0')
        end++;
    if (g_ascii_isalnum(*end) || *end == '_' || *end == '.')
        evaluation->failed = true;
    evaluation->at = end;
    return (gint64)value;
}

static gint64
evaluate_atom(struct evaluation *evaluation)
{
    char c = next_char(evaluation);
    gint64 value = 0;
    if (g_ascii_isdigit(c))
        return evaluate_number(evaluation);
    if (c == '\0' || strchr("+-(", c) == NULL || evaluation->depth >= DEPTH_LIMIT) {
        evaluation->failed = true;
        return 0;
    }
    evaluation->at++;
    evaluation->depth++;
    value = c == '(' ? evaluate_sum(evaluation) : evaluate_atom(evaluation);
    evaluation->depth--;
    if (c == '-')
        evaluation->failed |= __builtin_sub_overflow(0, value, &value);
    if (c == '(' && next_char(evaluation) != ')')
        evaluation->failed = true;
    if (c == '(' && !evaluation->failed)
        evaluation->at++;
    return value;
}

static gint64
evaluate_product(struct evaluation *evaluation)
{
    gint64 value = evaluate_atom(evaluation);
    while (!evaluation->failed && next_char(evaluation) != '\0' &&
           strchr("*/%", *evaluation->at) != NULL) {
        char sign = *evaluation->at++;
        gint64 right = evaluate_atom(evaluation);
        if (sign == '*')
            evaluation->failed |= __builtin_mul_overflow(value, right, &value);
        else if (right == 0 || (right == -1 && value == G_MININT64))
            evaluation->failed = true;
        else
            value = sign == '/' ? value / right : value % right;
    }
    return value;
}

static gint64
evaluate_sum(struct evaluation *evaluation)
{
    gint64 value = evaluate_product(evaluation);
    while (!evaluation->failed && next_char(evaluation) != '\0' &&
           strchr("+-", *evaluation->at) != NULL) {
        char sign = *evaluation->at++;
        gint64 right = evaluate_product(evaluation);
        evaluation->failed |= sign == '+' ? __builtin_add_overflow(value, right, &value)
                                          : __builtin_sub_overflow(value, right, &value);
    }
    return value;
}

bool
integer_evaluate(const char *text, gint64 *ret_value)
{
    struct evaluation evaluation = {text, 0, false};
    gint64 value = evaluate_sum(&evaluation);
    if (evaluation.failed || next_char(&evaluation) != '\0')
        return false;
    *ret_value = value;
    return true;
}

/* ---- names in messages ---- */

const char *
word_shown(const struct note *note)
{
    char *upper = g_ascii_strup(note->word, -1);
    const char *shown = arena_string(upper);
    g_free(upper);
    return shown;
}
