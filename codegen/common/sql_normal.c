/* sql_normal.c: tokens enter, one line leaves on which they stand with one blank between them, each
 * in the one form that stands for all its spellings. */
#include "sql_normal.h"

#include "arena.h"

#include <sqlite3.h>
#include <string.h>

static bool
is_plain(const char *name)
{
    if (*name == '\0' || g_ascii_isdigit(*name))
        return false;
    for (; *name != '\0'; name++)
        if (!g_ascii_isalnum(*name) && *name != '_')
            return false;
    return true;
}

/* The other keywords, such as key, need no quotes where a name is wanted. */
bool
sql_is_reserved(const char *word)
{
    static const char *const reserved[] = {
        "add",        "all",     "alter",   "and",        "as",          "autoincrement",
        "between",    "case",    "cast",    "check",      "collate",     "commit",
        "constraint", "create",  "default", "deferrable", "delete",      "distinct",
        "drop",       "else",    "escape",  "except",     "exists",      "foreign",
        "from",       "group",   "having",  "in",         "index",       "insert",
        "intersect",  "into",    "is",      "isnull",     "join",        "limit",
        "not",        "nothing", "notnull", "null",       "on",          "or",
        "order",      "primary", "raise",   "references", "returning",   "select",
        "set",        "table",   "then",    "to",         "transaction", "union",
        "unique",     "update",  "using",   "values",     "when",        "where"};
    for (gsize i = 0; i < G_N_ELEMENTS(reserved); i++)
        if (strcmp(word, reserved[i]) == 0)
            return true;
    return false;
}

static void
append_name(GString *out, const struct sql *sql, int place, GHashTable *renames)
{
    bool quoted = sql_token(sql, place)->kind == TOKEN_QUOTED;
    char *lower = g_ascii_strdown(sql_name(sql, place), -1);
    const char *name = lower;
    bool keyword = !quoted && sql_is_reserved(lower);
    const char *renamed = renames == NULL || keyword ? NULL : g_hash_table_lookup(renames, lower);
    if (renamed != NULL)
        name = renamed;
    if (keyword || (is_plain(name) && !sql_is_reserved(name)))
        g_string_append(out, name);
    else
        g_string_append_printf(out, "\"%s\"", name);
    g_free(lower);
}

static void
append_token(GString *out, const struct sql *sql, int place, GHashTable *renames)
{
    const struct token *token = sql_token(sql, place);
    if (sql_is_name(sql, place)) {
        append_name(out, sql, place, renames);
    } else if (sql_is(sql, place, "==")) {
        g_string_append_c(out, '=');
    } else if (sql_is(sql, place, "!=")) {
        g_string_append(out, "<>");
    } else {
        char *text = g_strndup(sql->text + token->offset, token->length);
        if (token->kind == TOKEN_NUMBER || (token->kind == TOKEN_STRING && *text != '\''))
            for (char *c = text; *c != '\0'; c++)
                *c = g_ascii_tolower(*c);
        g_string_append(out, text);
        g_free(text);
    }
}

const char *
sql_normal_range(const struct sql *sql, int from, int to, GHashTable *renames)
{
    while (from < to && sql_is(sql, from, "(") && sql_close(sql, from) == to - 1) {
        from++;
        to--;
    }
    GString *out = g_string_new(NULL);
    for (int place = from; place < to; place++) {
        if (place > from)
            g_string_append_c(out, ' ');
        append_token(out, sql, place, renames);
    }
    const char *normal = arena_string_n(out->str, out->len);
    g_string_free(out, TRUE);
    return normal;
}

const char *
sql_normal(const char *text, GHashTable *renames)
{
    struct sql sql = sql_new(text);
    int count = sql_count(&sql);
    while (count > 0 && sql_is(&sql, count - 1, ";"))
        count--;
    const char *normal = sql_normal_range(&sql, 0, count, renames);
    sql_free(&sql);
    return normal;
}

bool
sql_same(const char *left, const char *right, GHashTable *renames)
{
    if (left == NULL || right == NULL)
        return left == right;
    return strcmp(sql_normal(left, renames), sql_normal(right, NULL)) == 0;
}

const char *
sql_range(const struct sql *sql, int from, int to)
{
    GString *out = g_string_new(NULL);
    for (int place = from; place < to; place++) {
        const struct token *token = sql_token(sql, place);
        const struct token *before = sql_token(sql, place - 1);
        if (place > from && token->offset > before->offset + before->length)
            g_string_append_c(out, ' ');
        g_string_append_len(out, sql->text + token->offset, (gssize)token->length);
    }
    const char *text = arena_string_n(out->str, out->len);
    g_string_free(out, TRUE);
    return text;
}
