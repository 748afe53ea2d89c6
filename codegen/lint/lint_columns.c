/* lint_columns.c: advice about single columns and whole tables. */
#include "lint.h"

#include "check/check.h"
#include "common/sql_scan.h"
#include "model/names.h"

#include <string.h>

/* ---- money ---- */

static bool
says_money(const char *name)
{
    static const char *const words[] = {"price",  "cost",   "amount", "balance", "fee",
                                        "salary", "tax",    "money",  "payment", "discount",
                                        "wage",   "refund", "revenue"};
    char **parts = g_strsplit(name, "_", -1);
    bool found = false;
    for (char **part = parts; !found && *part != NULL; part++)
        for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
            found = found || g_ascii_strcasecmp(*part, words[i]) == 0;
    g_strfreev(parts);
    return found;
}

static void
check_money(const struct column *column, struct diag *diag)
{
    if (column->type == TYPE_REAL && (says_money(column->name) || says_money(column->type_name)))
        diag_error(diag, RULE_MONEY_AS_REAL, column->type_at,
                   "'%s' is money and a real, which cannot hold a cent exactly", column->name);
}

void
lint_money_as_real(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_money);
}

/* ---- facts with two owners ---- */

/* Times and states that every table has of its own. */
static bool
is_own_fact(const struct column *column)
{
    static const char *const names[] = {"name", "title", "description", "status", "state", "kind"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(column->sql_name, names[i]) == 0)
            return true;
    return column->primary_key || column->default_now || column->update_now ||
           column->reference != NULL || column->soft_reference != NULL;
}

static const struct column *
same_column(const struct table *table, const struct column *column)
{
    FOR_EACH(struct column, other, table->columns)
        if (!other->primary_key && other->type == column->type &&
            strcmp(other->sql_name, column->sql_name) == 0)
            return other;
    return NULL;
}

static void
check_repeated(const struct table *table, const struct reference *reference, struct diag *diag)
{
    const struct table *target = reference->table;
    if (target == NULL || target->module == table->module)
        return;
    FOR_EACH(struct column, column, table->columns) {
        const struct column *owner = is_own_fact(column) ? NULL : same_column(target, column);
        if (owner == NULL)
            continue;
        diag_error(diag, RULE_COLUMN_REPEATED, column->at,
                   "'%s' repeats a column of '%s', which the table refers to", column->name,
                   target->name);
        diag_note(diag, owner->at, "it is owned here, by module %s", target->module->name);
    }
}

static void
check_repeated_columns(const struct table *table, struct diag *diag)
{
    FOR_EACH(struct reference, reference, table->references)
        check_repeated(table, reference, diag);
    FOR_EACH(struct reference, reference, table->soft_references)
        check_repeated(table, reference, diag);
}

void
lint_column_repeated(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_repeated_columns);
}

/* ---- lists in checks ---- */

enum { LIST_SHORT = 2 };

/* Whether an expression has IN (a, b, c): a list of more than LIST_SHORT, no select. */
static bool
has_list(const char *text)
{
    struct sql sql = sql_new(text);
    bool found = false;
    for (int i = 0; i + 1 < sql_count(&sql); i++) {
        if (!sql_is(&sql, i, "in") || !sql_is(&sql, i + 1, "("))
            continue;
        int close = sql_close(&sql, i + 1), items = 1;
        for (int j = i + 2; j < close; j++)
            items += sql_is(&sql, j, ",");
        found = found || (items > LIST_SHORT && !sql_is(&sql, i + 2, "select"));
    }
    sql_free(&sql);
    return found;
}

static void
check_list(const struct expression *check, struct diag *diag)
{
    if (has_list(check->sql))
        diag_error(diag, RULE_CHECK_LIST, check->at,
                   "IN with a list of constants makes every insert build a table of them");
}

static void
check_lists(const struct table *table, struct diag *diag)
{
    FOR_EACH(struct column, column, table->columns)
        FOR_EACH(struct expression, check, column->checks)
            check_list(check, diag);
    FOR_EACH(struct expression, check, table->checks)
        check_list(check, diag);
}

void
lint_check_list(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_lists);
}

/* ---- tables ---- */

#define WIDE 40

static void
check_wide(const struct table *table, struct diag *diag)
{
    if (table->columns->len > WIDE)
        diag_error(diag, RULE_TABLE_WIDE, table->at, "table '%s' has more than %d columns: %u",
                   table->name, WIDE, table->columns->len);
}

void
lint_table_wide(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_wide);
}

static void
check_comment(const struct table *table, struct diag *diag)
{
    if (table->doc == NULL)
        diag_error(diag, RULE_COMMENT_MISSING, table->at,
                   "table '%s' has no comment that says what a row is", table->name);
}

void
lint_comment_missing(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_comment);
}

static void
check_keyword(const char *name, struct location at, struct diag *diag)
{
    if (*sql_quote_name(name) == '"')
        diag_error(diag, RULE_KEYWORD_NAME, at, "'%s' has to be quoted in SQL", name);
}

static void
check_keywords(const struct table *table, struct diag *diag)
{
    check_keyword(table->name, table->at, diag);
    FOR_EACH(struct column, column, table->columns)
        check_keyword(column->sql_name, column->at, diag);
}

void
lint_name_keyword(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_keywords);
}
