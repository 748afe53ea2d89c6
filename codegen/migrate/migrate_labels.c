/* migrate_labels.c: labels of an enum that have another name now. What was said of them enters; the
 * expression that gives rows the new one leaves, or why it cannot be so. Two labels that become one
 * cannot be told apart afterwards, so that there is no way back. */
#include "migrate_planner.h"

#include "common/arena.h"
#include "model/names.h"

#include <string.h>

static bool
is_about(const struct table_plan *table, const struct column_pair *pair,
         const struct label_rename *rename)
{
    return pair->old_column != NULL && pair->new_column != NULL &&
           g_ascii_strcasecmp(rename->table, table->name) == 0 &&
           g_ascii_strcasecmp(rename->column, pair->new_column->name) == 0;
}

const char *
plan_relabel(const struct table_plan *table, const struct column_pair *pair, const char *value)
{
    GString *sql = g_string_new(NULL);
    FOR_EACH(struct label_rename, rename, table->request->labels)
        if (is_about(table, pair, rename))
            g_string_append_printf(sql, " WHEN %s THEN %s", sql_quote_text(rename->from),
                                   sql_quote_text(rename->to));
    const char *text = sql->len == 0
                           ? value
                           : arena_printf("CASE %s%s ELSE %s END", value, sql->str, value);
    g_string_free(sql, TRUE);
    return text;
}

/* ---- what stands against it ---- */

/* The labels that a column may have; NULL when it is no enum. */
static const GPtrArray *
labels_of(const struct snapshot_table *table, const struct snapshot_column *column)
{
    FOR_EACH(struct snapshot_check, check, table->checks)
        if (check->labels != NULL && check->column != NULL &&
            g_ascii_strcasecmp(check->column, column->name) == 0)
            return check->labels;
    return NULL;
}

static bool
has_label(const GPtrArray *labels, const char *label)
{
    FOR_EACH(const char, other, labels)
        if (strcmp(other, label) == 0)
            return true;
    return false;
}

static void
add_problem(const struct table_plan *table, const struct label_rename *rename, const char *why)
{
    g_ptr_array_add(table->plan->problems,
                    arena_printf("label '%s' of '%s.%s' cannot become '%s': %s", rename->from,
                                 rename->table, rename->column, rename->to, why));
}

static void
judge_rename(const struct table_plan *table, const struct column_pair *pair,
             const struct label_rename *rename)
{
    const GPtrArray *was = labels_of(table->pair->old_table, pair->old_column);
    const GPtrArray *is = labels_of(table->pair->new_table, pair->new_column);
    if (was == NULL || is == NULL)
        add_problem(table, rename, "the column is no enum");
    else if (!has_label(was, rename->from))
        add_problem(table, rename, "there was none of that name");
    else if (has_label(is, rename->from))
        add_problem(table, rename, "the schema still has the old one");
    else if (!has_label(is, rename->to))
        add_problem(table, rename, "the schema has none of the new name");
    else if (has_label(was, rename->to))
        table->plan->loses = true;
}

static bool
is_renamed(const struct table_plan *table, const struct column_pair *pair, const char *label)
{
    FOR_EACH(struct label_rename, rename, table->request->labels)
        if (is_about(table, pair, rename) && strcmp(rename->from, label) == 0)
            return true;
    return false;
}

/* A label that goes is worth a word: rows may have it. */
static void
note_gone(const struct table_plan *table, const struct column_pair *pair)
{
    FOR_EACH(struct change, change, table->pair->changes)
        if (change->kind == CHANGE_LABEL_REMOVED && change->new_column == pair->new_column &&
            !is_renamed(table, pair, change->label))
            g_ptr_array_add(
                table->plan->notes,
                arena_printf("label '%s' of '%s.%s' goes, and a file with rows that have it will "
                             "be refused; when it has another name now, say: --rename-label "
                             "'%s.%s: %s = NEW'",
                             change->label, table->name, pair->new_column->name, table->name,
                             pair->new_column->name, change->label));
}

void
plan_judge_labels(const struct table_plan *table)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns) {
        if (pair->old_column == NULL || pair->new_column == NULL)
            continue;
        FOR_EACH(struct label_rename, rename, table->request->labels)
            if (is_about(table, pair, rename))
                judge_rename(table, pair, rename);
        if (!table->request->is_down)
            note_gone(table, pair);
    }
}
