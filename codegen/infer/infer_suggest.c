/* infer_suggest.c: what the type of an expression may be, for the hint beside an error. Enters: the
 * tokens; leaves: a word that a user would likely write, or NULL. Nothing is inferred from it. */
#include "infer.h"

#include <string.h>

static bool
has_any(const struct sql *sql, struct range range, const char *const *words)
{
    for (; *words != NULL; words++)
        if (shape_has(sql, range, *words))
            return true;
    return false;
}

static bool
has_fraction(const struct sql *sql, struct range range)
{
    for (int place = range.from; place < range.to; place++) {
        const struct token *token = sql_token(sql, place);
        if (token->kind == TOKEN_NUMBER && strcspn(sql->text + token->offset, ".") < token->length)
            return true;
    }
    return false;
}

static const char *
literal_type(const struct sql *sql, int place)
{
    const struct token *token = sql_token(sql, place);
    if (token->kind == TOKEN_STRING)
        return sql->text[token->offset] == '\'' ? "text" : "blob";
    if (token->kind != TOKEN_NUMBER)
        return NULL;
    return has_fraction(sql, (struct range){place, place + 1}) ? "real" : "integer";
}

/* Functions whose results have one type, and those that give one of their arguments. */
static const struct {
    const char *name;
    const char *type;
    guint argument;
} calls[] = {
    {"date", "text", 0},
    {"time", "text", 0},
    {"datetime", "text", 0},
    {"strftime", "text", 0},
    {"printf", "text", 0},
    {"format", "text", 0},
    {"char", "text", 0},
    {"concat", "text", 0},
    {"concat_ws", "text", 0},
    {"string_agg", "text", 0},
    {"json_type", "text", 0},
    {"json_quote", "text", 0},
    {"json", "json", 0},
    {"json_array", "json", 0},
    {"json_object", "json", 0},
    {"json_group_array", "json", 0},
    {"json_group_object", "json", 0},
    {"json_set", "json", 0},
    {"json_insert", "json", 0},
    {"json_replace", "json", 0},
    {"json_remove", "json", 0},
    {"json_patch", "json", 0},
    {"json_valid", "boolean", 0},
    {"json_array_length", "integer", 0},
    {"unixepoch", "integer", 0},
    {"sign", "integer", 0},
    {"unicode", "integer", 0},
    {"ntile", "integer", 0},
    {"julianday", "real", 0},
    {"percent_rank", "real", 0},
    {"cume_dist", "real", 0},
    {"sqrt", "real", 0},
    {"pow", "real", 0},
    {"power", "real", 0},
    {"exp", "real", 0},
    {"ln", "real", 0},
    {"log", "real", 0},
    {"randomblob", "blob", 0},
    {"zeroblob", "blob", 0},
    {"coalesce", NULL, 1},
    {"ifnull", NULL, 1},
    {"iif", NULL, 1},
    {"sum", NULL, 0},
    {"min", NULL, 0},
    {"max", NULL, 0},
    {"lag", NULL, 0},
    {"lead", NULL, 0},
    {"first_value", NULL, 0},
    {"last_value", NULL, 0},
};

static const char *
call_type(const struct sql *sql, int place)
{
    const char *type = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
        if (!sql_is(sql, place, calls[i].name))
            continue;
        if (calls[i].type != NULL)
            return calls[i].type;
        GArray *arguments = shape_arguments(sql, place + 1);
        if (calls[i].argument < arguments->len)
            type = infer_suggest(sql, g_array_index(arguments, struct range, calls[i].argument));
        g_array_unref(arguments);
    }
    return type;
}

/* CASE … THEN x …: as x. */
static const char *
case_type(const struct sql *sql, struct range range)
{
    static const char *const ends[] = {"when", "else", "end", NULL};
    int from = range.from;
    while (from < range.to && !sql_is(sql, from, "then"))
        from = sql_is(sql, from, "(") ? sql_close(sql, from) + 1 : from + 1;
    int to = ++from;
    while (to < range.to && !has_any(sql, (struct range){to, to + 1}, ends))
        to = sql_is(sql, to, "(") ? sql_close(sql, to) + 1 : to + 1;
    return from < to && to <= range.to ? infer_suggest(sql, (struct range){from, to}) : NULL;
}

const char *
infer_suggest(const struct sql *sql, struct range range)
{
    static const char *const truths[] = {
        "and", "or", "not", "is", "in", "between", "like",  "glob",   "=",       "==", "<>",
        "!=",  "<",  "<=",  ">",  ">=", "exists",  "match", "isnull", "notnull", NULL};
    static const char *const sums[] = {"+", "-", "*", "/", "%", "&", "|", "<<", ">>", "~", NULL};
    static const char *const texts[] = {"||", "collate", NULL};
    static const char *const parts[] = {"->", NULL}, *const values[] = {"->>", NULL};
    if (range.from >= range.to)
        return NULL;
    if (sql_is(sql, range.from, "case"))
        return case_type(sql, range);
    if (has_any(sql, range, truths))
        return "boolean";
    if (has_any(sql, range, values))
        return NULL;
    if (has_any(sql, range, parts))
        return "json";
    if (has_any(sql, range, sums))
        return has_fraction(sql, range) ? "real" : "integer";
    if (has_any(sql, range, texts))
        return "text";
    if (sql_is(sql, range.from, "(") && sql_close(sql, range.from) + 1 == range.to)
        return infer_suggest(sql, (struct range){range.from + 1, range.to - 1});
    if (sql_is_name(sql, range.from) && sql_is(sql, range.from + 1, "("))
        return call_type(sql, range.from);
    return range.from + 1 == range.to ? literal_type(sql, range.from) : NULL;
}
