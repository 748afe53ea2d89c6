/* sql_scan.c: SQL text enters, tokens leave. Any bytes are welcome: what is no SQL becomes symbols
 * of one byte, and what is not closed goes on to the end. */
#include "sql_scan.h"

#include "arena.h"

#include <string.h>

/* ---- one token ---- */

static bool
is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '$' || ((guchar)c & 0x80) != 0;
}

static gsize
word_length(const char *at, const char *end)
{
    const char *p = at;
    while (p < end && is_word(*p))
        p++;
    return (gsize)(p - at);
}

/* From a quote to its like; a doubled one stands for itself. */
static gsize
quoted_length(const char *at, const char *end, char close)
{
    const char *p = at + 1;
    while (p < end) {
        if (*p++ != close)
            continue;
        if (p == end || *p != close || close == ']')
            return (gsize)(p - at);
        p++;
    }
    return (gsize)(end - at);
}

static gsize
comment_length(const char *at, const char *end)
{
    if (at[0] == '-') {
        const char *newline = memchr(at, '\n', (gsize)(end - at));
        return (gsize)((newline == NULL ? end : newline) - at);
    }
    for (const char *p = at + 2; p + 1 < end; p++)
        if (p[0] == '*' && p[1] == '/')
            return (gsize)(p + 2 - at);
    return (gsize)(end - at);
}

static gsize
number_length(const char *at, const char *end)
{
    const char *p = at;
    while (p < end && (is_word(*p) || *p == '.' ||
                       ((*p == '+' || *p == '-') && (p[-1] == 'e' || p[-1] == 'E') &&
                        g_ascii_isdigit(*at) && at[1] != 'x')))
        p++;
    return (gsize)(p - at);
}

static gsize
symbol_length(const char *at, const char *end)
{
    static const char *const symbols[] = {"...", "->>", "->", "<=", ">=", "<>",
                                          "!=",  "==",  "||", "<<", ">>"};
    for (gsize i = 0; i < G_N_ELEMENTS(symbols); i++) {
        gsize length = strlen(symbols[i]);
        if ((gsize)(end - at) >= length && memcmp(at, symbols[i], length) == 0)
            return length;
    }
    return 1;
}

static enum token_kind
read_token(const char *at, const char *end, gsize *ret_length)
{
    char next = at + 1 < end ? at[1] : '\0';
    if ((*at == '-' && next == '-') || (*at == '/' && next == '*')) {
        *ret_length = comment_length(at, end);
        return TOKEN_COMMENT;
    }
    if (*at == '\'' || ((*at == 'x' || *at == 'X') && next == '\'')) {
        gsize prefix = *at == '\'' ? 0 : 1;
        *ret_length = prefix + quoted_length(at + prefix, end, '\'');
        return TOKEN_STRING;
    }
    if (*at == '"' || *at == '`' || *at == '[') {
        *ret_length = quoted_length(at, end, *at == '[' ? ']' : *at);
        return TOKEN_QUOTED;
    }
    if (g_ascii_isdigit(*at) || (*at == '.' && g_ascii_isdigit(next))) {
        *ret_length = number_length(at, end);
        return TOKEN_NUMBER;
    }
    if (*at == '?' || ((*at == ':' || *at == '@' || *at == '$') && is_word(next))) {
        *ret_length = 1 + word_length(at + 1, end);
        return TOKEN_PARAMETER;
    }
    if (is_word(*at)) {
        *ret_length = word_length(at, end);
        return TOKEN_WORD;
    }
    *ret_length = symbol_length(at, end);
    return TOKEN_SYMBOL;
}

GArray *
sql_tokens(const char *text, gsize length, bool with_comments)
{
    GArray *tokens = g_array_new(FALSE, FALSE, sizeof(struct token));
    const char *end = text + length;
    for (const char *at = text; at < end;) {
        if (g_ascii_isspace(*at) || *at == '\0') {
            at++;
            continue;
        }
        gsize size;
        enum token_kind kind = read_token(at, end, &size);
        struct token token = {kind, (unsigned)(at - text), (unsigned)size};
        if (kind != TOKEN_COMMENT || with_comments)
            g_array_append_val(tokens, token);
        at += size;
    }
    return tokens;
}

/* ---- a statement ---- */

struct sql
sql_new(const char *text)
{
    return (struct sql){text, sql_tokens(text, strlen(text), false)};
}

void
sql_free(struct sql *sql)
{
    g_array_unref(sql->tokens);
    sql->tokens = NULL;
}

int
sql_count(const struct sql *sql)
{
    return (int)sql->tokens->len;
}

const struct token *
sql_token(const struct sql *sql, int place)
{
    if (place < 0 || place >= (int)sql->tokens->len)
        return NULL;
    return &g_array_index(sql->tokens, struct token, place);
}

bool
sql_is(const struct sql *sql, int place, const char *word)
{
    const struct token *token = sql_token(sql, place);
    return token != NULL && (token->kind == TOKEN_WORD || token->kind == TOKEN_SYMBOL) &&
           token->length == strlen(word) &&
           g_ascii_strncasecmp(sql->text + token->offset, word, token->length) == 0;
}

bool
sql_is_name(const struct sql *sql, int place)
{
    const struct token *token = sql_token(sql, place);
    return token != NULL && (token->kind == TOKEN_WORD || token->kind == TOKEN_QUOTED);
}

const char *
sql_name(const struct sql *sql, int place)
{
    const struct token *token = sql_token(sql, place);
    const char *text = sql->text + token->offset;
    if (token->kind != TOKEN_QUOTED || token->length < 2)
        return arena_string_n(text, token->length);
    char close = text[0] == '[' ? ']' : text[0];
    char *name = arena_alloc(token->length);
    char *to = name;
    for (unsigned i = 1; i + 1 < token->length; i++) {
        if (text[i] == close && text[i + 1] == close && i + 2 < token->length)
            i++;
        *to++ = text[i];
    }
    return name;
}

bool
sql_has_name(const struct sql *sql, int place, const char *name)
{
    return sql_is_name(sql, place) && g_ascii_strcasecmp(sql_name(sql, place), name) == 0;
}

int
sql_close(const struct sql *sql, int open)
{
    int depth = 0;
    for (int place = open; place < sql_count(sql); place++) {
        if (sql_is(sql, place, "("))
            depth++;
        else if (sql_is(sql, place, ")") && --depth == 0)
            return place;
    }
    return sql_count(sql);
}

/* ---- without comments ---- */

static void
end_line(GString *out, gsize line_start, bool had_comment)
{
    while (out->len > line_start && g_ascii_isspace(out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    if (out->len > line_start || !had_comment)
        g_string_append_c(out, '\n');
}

/* Copies what stands between tokens; newlines there end lines. */
static void
copy_blanks(GString *out, const char *text, gsize from, gsize to, gsize *line_start,
            bool *had_comment)
{
    for (gsize i = from; i < to; i++) {
        if (text[i] == '\n') {
            end_line(out, *line_start, *had_comment);
            *line_start = out->len;
            *had_comment = false;
        } else if (text[i] != '\r') {
            g_string_append_c(out, text[i]);
        }
    }
}

const char *
sql_without_comments(const char *text, gsize length)
{
    GArray *tokens = sql_tokens(text, length, true);
    GString *out = g_string_new(NULL);
    gsize at = 0, line_start = 0;
    bool had_comment = false;
    for (guint i = 0; i < tokens->len; i++) {
        const struct token *token = &g_array_index(tokens, struct token, i);
        copy_blanks(out, text, at, token->offset, &line_start, &had_comment);
        at = token->offset + token->length;
        if (token->kind == TOKEN_COMMENT) {
            had_comment = true;
            if (text[token->offset] == '/')
                g_string_append_c(out, ' '); /* a comment separates words */
        } else {
            g_string_append_len(out, text + token->offset, (gssize)token->length);
        }
    }
    g_array_unref(tokens);
    while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    const char *copy = arena_string_n(out->str, out->len);
    g_string_free(out, TRUE);
    return copy;
}
