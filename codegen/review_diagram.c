/* review_diagram.c: the touched tables and what they refer to, as a Mermaid diagram. Only keys and what
 * changed are drawn, and what changed is marked; beyond the length that code hosts draw, a list says
 * the same. */
#include "review_write.h"

#include "arena.h"

#include <string.h>

enum { MOST_CHARACTERS = 1900 };

/* Mermaid knows letters, digits and _ in names. */
static void
append_name(GString *out, const char *name)
{
    for (; *name != '\0'; name++)
        g_string_append_c(out, g_ascii_isalnum(*name) ? *name : '_');
}

static const char *
mark_of(const struct table_pair *pair, const struct column_pair *columns)
{
    if (columns->old_column == NULL)
        return "new";
    if (columns->new_column == NULL)
        return "dropped";
    if (columns->rename != NULL)
        return arena_printf("was %s", columns->old_column->name);
    FOR_EACH(struct change, change, pair->changes)
        if (change->new_column == columns->new_column && change->new_column != NULL)
            return "changed";
    return NULL;
}

static void
append_column(GString *out, const struct snapshot_column *column, const char *mark)
{
    g_string_append(out, "        ");
    append_name(out, *column->type == '\0' ? "any" : column->type);
    g_string_append_c(out, ' ');
    append_name(out, column->name);
    if (column->key_place > 0)
        g_string_append(out, " PK");
    if (mark != NULL) {
        char *plain = g_strdelimit(g_strdup(mark), "\"\n\r", '\'');
        g_string_append_printf(out, " \"%s\"", plain);
        g_free(plain);
    }
    g_string_append_c(out, '\n');
}

static void
append_whole_table(GString *out, const struct snapshot_table *table, const char *mark)
{
    g_string_append(out, "    ");
    append_name(out, table->name);
    g_string_append(out, " {\n");
    FOR_EACH(struct snapshot_column, column, table->columns)
        append_column(out, column, mark);
    g_string_append(out, "    }\n");
}

static void
append_pair(GString *out, const struct table_pair *pair)
{
    if (pair->old_table == NULL || pair->new_table == NULL) {
        append_whole_table(out, pair->new_table == NULL ? pair->old_table : pair->new_table,
                           pair->new_table == NULL ? "dropped" : "new");
        return;
    }
    g_string_append(out, "    ");
    append_name(out, pair->new_table->name);
    g_string_append(out, " {\n");
    FOR_EACH(struct column_pair, columns, pair->columns) {
        const char *mark = mark_of(pair, columns);
        const struct snapshot_column *column = columns->new_column == NULL ? columns->old_column
                                                                           : columns->new_column;
        if (mark != NULL || column->key_place > 0)
            append_column(out, column, mark);
    }
    g_string_append(out, "    }\n");
}

static void
append_references(GString *out, const struct snapshot_table *table)
{
    FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys) {
        g_string_append(out, "    ");
        append_name(out, table->name);
        g_string_append(out, " }o--|| ");
        append_name(out, key->table);
        g_string_append(out, " : ");
        append_name(out, g_ptr_array_index(key->columns, 0));
        g_string_append_c(out, '\n');
    }
}

static bool
is_touched(const struct table_pair *pair)
{
    return pair->changes->len > 0 &&
           (pair->new_table == NULL ? pair->old_table : pair->new_table)->module == NULL;
}

static void
append_list(const struct review *review, GString *out)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        FOR_EACH(struct table_pair, pair, comparison->tables)
            if (is_touched(pair)) {
                const struct snapshot_table *table = pair->new_table == NULL ? pair->old_table
                                                                             : pair->new_table;
                g_string_append_printf(out, "- `%s`%s\n", table->name,
                                       pair->new_table == NULL   ? ": dropped"
                                       : pair->old_table == NULL ? ": new"
                                                                 : "");
            }
}

void
review_write_diagram(const struct review *review, GString *out)
{
    GString *diagram = g_string_new("```mermaid\nerDiagram\n");
    bool some = false;
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        FOR_EACH(struct table_pair, pair, comparison->tables) {
            if (!is_touched(pair))
                continue;
            some = true;
            append_pair(diagram, pair);
            append_references(diagram, pair->new_table == NULL ? pair->old_table : pair->new_table);
        }
    }
    g_string_append(diagram, "```\n");
    if (some && diagram->len <= MOST_CHARACTERS)
        g_string_append_len(out, diagram->str, (gssize)diagram->len);
    else if (some)
        append_list(review, out);
    g_string_free(diagram, TRUE);
}
