/* find_rule.c: the rules of class DATA about constraints: which rows a new rule would reject. */
#include "find.h"

#include "common/arena.h"
#include "model/names.h"

#include <string.h>

/* What a migration says that comes along blocks no longer. */
static void
answer(struct finding *finding, const char *value)
{
    if (value == NULL)
        return;
    finding->severity = LEVEL_NOTE;
    finding->help = arena_printf("a migration gives those rows %s", value);
}

void
find_not_null_added(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_NULL || !change->new_column->not_null)
        return;
    struct finding *finding = review_report(
        review, FINDING_NOT_NULL_ADDED, change,
        "column '%s' becomes NOT NULL: rows may have NULL there", find_new_name(change));
    finding->query = find_rows(change->old_table, "%s IS NULL",
                               sql_quote_name(change->old_column->name));
    finding->help = "say in the migration what stands in its place";
    answer(finding, find_backfill(review, change));
}

void
find_not_null_new_column(struct review *review, const struct change *change)
{
    const struct snapshot_column *column = change->new_column;
    if (change->kind != CHANGE_COLUMN_ADDED || !column->not_null || column->default_sql != NULL ||
        column->generated != GENERATED_NOT)
        return;
    struct finding *finding = review_report(
        review, FINDING_NOT_NULL_NEW_COLUMN, change,
        "new column '%s' is NOT NULL without a default: nothing is known for rows that are there",
        find_new_name(change));
    finding->query = find_rows(change->old_table, "true");
    finding->help = "give it a DEFAULT, let it be NULL, or write a backfill into the migration";
    answer(finding, find_backfill(review, change));
}

/* ---- unique ---- */

static bool
same_columns(const struct review *review, const struct change *change, const GPtrArray *was,
             const GPtrArray *is)
{
    if (was->len != is->len)
        return false;
    for (guint i = 0; i < is->len; i++) {
        const struct snapshot_key_part *l = g_ptr_array_index(was, i);
        const struct snapshot_key_part *r = g_ptr_array_index(is, i);
        const struct snapshot_column *old = find_old_column(review, change, r->column);
        if (l->column == NULL || old == NULL || g_ascii_strcasecmp(old->name, l->column) != 0)
            return false;
    }
    return true;
}

/* Whether the old side made the same columns unique already, in whatever way. */
static bool
was_unique(const struct review *review, const struct change *change, const GPtrArray *parts)
{
    if (same_columns(review, change, change->old_table->primary_key, parts))
        return true;
    FOR_EACH(struct snapshot_index, index, change->old_table->indexes)
        if (index->unique && index->where == NULL &&
            same_columns(review, change, index->parts, parts))
            return true;
    return false;
}

static const char *
parts_text(const GPtrArray *parts)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct snapshot_key_part, part, parts)
        g_ptr_array_add(names, (char *)(part->column == NULL ? part->expression : part->column));
    return find_names(names);
}

static const char *
duplicates(const struct snapshot_table *table, const char *columns, const char *where)
{
    return arena_printf("SELECT %s FROM %s%s%s GROUP BY %s HAVING count(*) > 1", columns,
                        sql_quote_name(table->name), where == NULL ? "" : " WHERE ",
                        where == NULL ? "" : where, columns);
}

/* NULL differs from NULL in a unique key. */
static const char *
not_null_where(const char *columns)
{
    GString *where = g_string_new(NULL);
    char **names = g_strsplit(columns, ", ", -1);
    for (char **name = names; *name != NULL; name++)
        g_string_append_printf(where, "%s%s IS NOT NULL", where->len == 0 ? "" : " AND ", *name);
    g_strfreev(names);
    const char *copy = arena_string_n(where->str, where->len);
    g_string_free(where, TRUE);
    return copy;
}

void
find_unique_added(struct review *review, const struct change *change)
{
    const struct snapshot_index *index = change->new_index;
    bool is_new = change->kind == CHANGE_UNIQUE_ADDED || change->kind == CHANGE_INDEX_ADDED ||
                  change->kind == CHANGE_INDEX_CHANGED;
    if (!is_new || !index->unique || was_unique(review, change, index->parts))
        return;
    struct finding *finding = review_report(review, FINDING_UNIQUE_ADDED, change,
                                            "(%s) of '%s' must be unique: rows may be equal there",
                                            parts_text(index->parts), change->new_table->name);
    const char *columns = find_old_parts(review, change, index->parts);
    if (columns != NULL)
        finding->query = duplicates(
            change->old_table, columns,
            index->where == NULL
                ? not_null_where(columns)
                : arena_printf("%s AND (%s)", not_null_where(columns), index->where));
    finding->help = "find and merge equal rows first";
}

void
find_primary_key_changed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_PRIMARY_KEY)
        return;
    struct finding *finding = review_report(
        review, FINDING_PRIMARY_KEY_CHANGED, change,
        "the primary key of '%s' changes from (%s)%s to (%s)%s", change->new_table->name,
        parts_text(change->old_table->primary_key),
        change->old_table->rowid_column == NULL ? "" : ", the rowid,",
        parts_text(change->new_table->primary_key),
        change->new_table->rowid_column == NULL ? "" : ", the rowid");
    const char *columns = find_old_parts(review, change, change->new_table->primary_key);
    if (columns != NULL && *columns != '\0')
        finding->query = duplicates(change->old_table, columns, NULL);
}

/* ---- checks ---- */

void
find_check_tightened(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_CHECK_ADDED)
        return;
    struct finding *finding = review_report(review, FINDING_CHECK_TIGHTENED, change,
                                            "rows of '%s' must satisfy %s: some may not",
                                            change->new_table->name, change->new_check->sql);
    if (change->new_column == NULL || change->old_column == NULL ||
        g_ascii_strcasecmp(change->new_column->name, change->old_column->name) == 0)
        finding->query = find_rows(change->old_table, "NOT (%s)", change->new_check->sql);
    finding->help = "mend those rows first";
}

void
find_length_shortened(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_LENGTH || change->new_check == NULL ||
        (change->old_check != NULL &&
         change->old_check->max_length < change->new_check->max_length))
        return;
    struct finding *finding = review_report(review, FINDING_LENGTH_SHORTENED, change,
                                            "'%s' must not be longer than %" G_GINT64_FORMAT
                                            ": some values may be",
                                            find_new_name(change), change->new_check->max_length);
    finding->query = find_rows(change->old_table, "length(%s) > %" G_GINT64_FORMAT,
                               sql_quote_name(change->old_column->name),
                               change->new_check->max_length);
}

/* The label that stands where another one stood, when no other changed. */
static const char *
likely_new_label(const struct change *change)
{
    const GPtrArray *was = change->old_check->labels, *is = change->new_check->labels;
    const char *likely = NULL;
    if (was->len != is->len)
        return NULL;
    for (guint i = 0; i < was->len; i++) {
        if (strcmp(g_ptr_array_index(was, i), g_ptr_array_index(is, i)) == 0)
            continue;
        if (likely != NULL || strcmp(g_ptr_array_index(was, i), change->label) != 0)
            return NULL;
        likely = g_ptr_array_index(is, i);
    }
    return likely;
}

void
find_enum_label_removed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_LABEL_REMOVED)
        return;
    struct finding *finding = review_report(review, FINDING_ENUM_LABEL_REMOVED, change,
                                            "'%s' has no label '%s' any more: rows may have it",
                                            find_new_name(change), change->label);
    const char *likely = likely_new_label(change);
    finding->query = find_rows(change->old_table, "%s = %s",
                               sql_quote_name(change->old_column->name),
                               sql_quote_text(change->label));
    finding->help = likely == NULL ? "update those rows to another label first"
                                   : arena_printf(
                                         "if it is called '%s' now: cleat migrate new -m \"…\" "
                                         "--rename-label '%s.%s: %s = %s'",
                                         likely, change->new_table->name, change->new_column->name,
                                         change->label, likely);
    answer(finding, find_new_label(review, change));
}

/* ---- foreign keys ---- */

static const char *
orphans(const struct review *review, const struct change *change)
{
    const struct snapshot_foreign_key *key = change->new_foreign_key;
    GString *join = g_string_new(NULL), *some = g_string_new(NULL);
    const char *child = sql_quote_name(change->old_table->name);
    bool known = key->targets->len == key->columns->len &&
                 snapshot_table(change->old_snapshot, key->table) != NULL;
    for (guint i = 0; known && i < key->columns->len; i++) {
        const struct snapshot_column *column = find_old_column(review, change,
                                                               g_ptr_array_index(key->columns, i));
        known = column != NULL;
        if (!known)
            break;
        const char *name = sql_quote_name(column->name);
        g_string_append_printf(join, "%scleat_parent.%s = %s.%s", i == 0 ? "" : " AND ",
                               sql_quote_name(g_ptr_array_index(key->targets, i)), child, name);
        g_string_append_printf(some, "%s%s IS NOT NULL", i == 0 ? "" : " AND ", name);
    }
    const char *query =
        !known ? NULL
               : find_rows(change->old_table,
                           "%s AND NOT EXISTS (SELECT 1 FROM %s AS cleat_parent WHERE %s)",
                           some->str, sql_quote_name(key->table), join->str);
    g_string_free(join, TRUE);
    g_string_free(some, TRUE);
    return query;
}

/* A new column that is NULL in every row refers to nothing. */
static bool
is_empty_everywhere(const struct review *review, const struct change *change)
{
    FOR_EACH(const char, name, change->new_foreign_key->columns) {
        const struct snapshot_column *column = snapshot_column(change->new_table, name);
        if (find_old_column(review, change, name) == NULL && column != NULL &&
            column->default_sql == NULL)
            return true;
    }
    return false;
}

void
find_foreign_key_added(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_FOREIGN_KEY_ADDED || is_empty_everywhere(review, change))
        return;
    struct finding *finding = review_report(
        review, FINDING_FOREIGN_KEY_ADDED, change,
        "(%s) of '%s' must be in '%s': rows may refer to nothing",
        find_names(change->new_foreign_key->columns), change->new_table->name,
        change->new_foreign_key->table);
    finding->query = orphans(review, change);
    finding->help = "delete or mend orphans first";
}

static bool
reaches_children(const char *action)
{
    return g_ascii_strcasecmp(action, "CASCADE") == 0 ||
           g_ascii_strcasecmp(action, "SET NULL") == 0;
}

void
find_cascade_changed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_FOREIGN_KEY_ACTION ||
        !reaches_children(change->new_foreign_key->on_delete) ||
        g_ascii_strcasecmp(change->old_foreign_key->on_delete,
                           change->new_foreign_key->on_delete) == 0)
        return;
    review_report(review, FINDING_CASCADE_CHANGED, change,
                  "deleting from '%s' now does %s to '%s' (it was %s)",
                  change->new_foreign_key->table, change->new_foreign_key->on_delete,
                  change->new_table->name, change->old_foreign_key->on_delete);
}

/* ---- comparing and storing ---- */

void
find_collation_changed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_COLLATION)
        return;
    struct finding *finding = review_report(
        review, FINDING_COLLATION_CHANGED, change,
        "'%s' compares by %s (it was %s): order and equality change", find_new_name(change),
        change->new_column->collation, change->old_column->collation);
    if (!find_is_indexed(change->new_table, change->new_column->name))
        finding->severity = LEVEL_WARNING;
    else
        finding->query = duplicates(change->old_table,
                                    arena_printf("%s COLLATE %s",
                                                 sql_quote_name(change->old_column->name),
                                                 change->new_column->collation),
                                    NULL);
}

static const char *
strict_where(const struct snapshot_table *table)
{
    GString *where = g_string_new(NULL);
    FOR_EACH(struct snapshot_column, column, table->columns) {
        char affinity = find_affinity(column->type);
        const char *class = affinity == 'I'                            ? "'integer'"
                            : affinity == 'T'                          ? "'text'"
                            : affinity == 'R'                          ? "'real', 'integer'"
                            : affinity == 'B' && *column->type != '\0' ? "'blob'"
                                                                       : NULL;
        if (class != NULL && column->generated == GENERATED_NOT)
            g_string_append_printf(where, "%stypeof(%s) NOT IN (%s, 'null')",
                                   where->len == 0 ? "" : " OR ", sql_quote_name(column->name),
                                   class);
    }
    const char *copy = arena_string_n(where->str, where->len);
    g_string_free(where, TRUE);
    return copy;
}

void
find_strict_added(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_STRICT || !change->new_table->strict)
        return;
    struct finding *finding = review_report(
        review, FINDING_STRICT_ADDED, change,
        "table '%s' becomes STRICT: values of another class are refused", change->new_table->name);
    if (*strict_where(change->old_table) != '\0')
        finding->query = find_rows(change->old_table, "%s", strict_where(change->old_table));
}
