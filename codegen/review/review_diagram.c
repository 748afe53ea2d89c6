/* review_diagram.c: the touched tables and what they refer to, as a Mermaid diagram. Only keys and what
 * changed are drawn, and what changed is marked; beyond the length that code hosts draw, a list says
 * the same. */
#include "review_write.h"

#include "common/arena.h"
#include "common/mermaid.h"

#include <string.h>

enum { MOST_CHARACTERS = 1900 };

/* A table; where several databases are touched, with its own. */
static const char *
entity(const struct snapshot *snapshot, const char *table, bool with_database)
{
    return mermaid_entity(with_database ? arena_printf("%s.%s", snapshot->database, table) : table);
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
    g_string_append_printf(out, "        %s %s",
                           mermaid_word(*column->type == '\0' ? "any" : column->type),
                           mermaid_word(column->name));
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
append_pair(GString *out, const struct table_pair *pair, const char *name, const char *whole)
{
    g_string_append_printf(out, "    %s {\n", name);
    FOR_EACH(struct column_pair, columns, pair->columns) {
        const char *mark = mark_of(pair, columns);
        const struct snapshot_column *column = columns->new_column == NULL ? columns->old_column
                                                                           : columns->new_column;
        if (mark != NULL || column->key_place > 0)
            append_column(out, column, mark);
    }
    if (whole != NULL)
        FOR_EACH(struct snapshot_column, column,
                 (pair->new_table == NULL ? pair->old_table : pair->new_table)->columns)
            append_column(out, column, whole);
    g_string_append(out, "    }\n");
}

static void
append_references(GString *out, const struct snapshot *snapshot, const struct snapshot_table *table,
                  bool with_database)
{
    FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys)
        g_string_append_printf(
            out, "    %s }o--|| %s : \"%s\"\n", entity(snapshot, table->name, with_database),
            entity(snapshot, key->table, with_database),
            g_strdelimit(arena_string(g_ptr_array_index(key->columns, 0)), "\"\n\r", '_'));
}

/* ---- the touched tables ---- */

/* A table that has moved is drawn where it is now. */
static bool
has_moved(const struct review *review, const struct snapshot_table *old_table, bool is_new)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        FOR_EACH(struct change, change, comparison->changes)
            if (change->kind == CHANGE_TABLE_MOVED &&
                (is_new ? change->new_table : change->old_table) == old_table)
                return true;
    return false;
}

static bool
is_touched(const struct review *review, const struct table_pair *pair)
{
    return pair->changes->len > 0 &&
           (pair->new_table == NULL ? pair->old_table : pair->new_table)->module == NULL &&
           !(pair->new_table == NULL && has_moved(review, pair->old_table, false));
}

/* What is said of a whole table; NULL when only parts of it changed. */
static const char *
whole_mark(const struct review *review, const struct table_pair *pair)
{
    if (pair->new_table == NULL)
        return "dropped";
    if (pair->old_table != NULL)
        return NULL;
    return has_moved(review, pair->new_table, true) ? "moved" : "new";
}

static guint
count_databases(const struct review *review)
{
    guint count = 0;
    FOR_EACH(struct comparison, comparison, review->comparisons)
        count += comparison->changes->len > 0;
    return count;
}

static void
append_list(const struct review *review, GString *out)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        FOR_EACH(struct table_pair, pair, comparison->tables)
            if (is_touched(review, pair)) {
                const struct snapshot_table *table = pair->new_table == NULL ? pair->old_table
                                                                             : pair->new_table;
                const char *mark = whole_mark(review, pair);
                g_string_append_printf(out, "- `%s`%s%s\n", table->name, mark == NULL ? "" : ": ",
                                       mark == NULL ? "" : mark);
            }
}

static bool
append_touched(const struct review *review, GString *out)
{
    bool some = false, with_database = count_databases(review) > 1;
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        const struct snapshot *snapshot = comparison->new_snapshot == NULL
                                              ? comparison->old_snapshot
                                              : comparison->new_snapshot;
        FOR_EACH(struct table_pair, pair, comparison->tables) {
            const struct snapshot_table *table = pair->new_table == NULL ? pair->old_table
                                                                         : pair->new_table;
            if (!is_touched(review, pair))
                continue;
            some = true;
            append_pair(out, pair, entity(snapshot, table->name, with_database),
                        whole_mark(review, pair));
            append_references(out, snapshot, table, with_database);
        }
    }
    return some;
}

void
review_write_diagram(const struct review *review, GString *out)
{
    GString *diagram = g_string_new("```mermaid\nerDiagram\n");
    bool some = append_touched(review, diagram);
    g_string_append(diagram, "```\n");
    if (some && diagram->len <= MOST_CHARACTERS)
        g_string_append_len(out, diagram->str, (gssize)diagram->len);
    else if (some)
        append_list(review, out);
    g_string_free(diagram, TRUE);
}
