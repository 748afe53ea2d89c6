/* find_data.c: the rules of class DATA about tables, columns and types: what is lost. */
#include "find.h"

#include "common/arena.h"
#include "model/names.h"

#include <string.h>

/* ---- databases and tables ---- */

void
find_drop_database(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_DATABASE_DROPPED)
        return;
    review_report(review, FINDING_DROP_DATABASE, change,
                  "database '%s' is gone: nothing reads its file any more",
                  change->old_snapshot->database)
        ->help = "accept it with a reason, or keep the DATABASE_NAME";
}

void
find_moved_database(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_TABLE_MOVED)
        review_report(review, FINDING_MOVED_DATABASE, change,
                      "table '%s' moves from database '%s' to '%s': its rows stay in the old file",
                      change->new_table->name, change->old_snapshot->database,
                      change->new_snapshot->database)
            ->help = arena_printf(
            "cleat migrate new --moved '%s: %s' writes a step that waits for the "
            "rows, and cleat migrate move takes them there",
            change->old_table->name, change->new_snapshot->database);
    if (change->kind == CHANGE_DATABASE_RENAMED)
        review_report(review, FINDING_MOVED_DATABASE, change,
                      "database '%s' is called '%s' now: its file keeps the old name",
                      change->old_snapshot->database, change->new_snapshot->database)
            ->help = "rename the file before the new program starts, or set its path";
}

static guint
count_shared(const struct snapshot_table *left, const struct snapshot_table *right)
{
    guint shared = 0;
    FOR_EACH(struct snapshot_column, column, left->columns)
        shared += snapshot_column(right, column->name) != NULL;
    return shared;
}

/* A new table of the same database with most of the columns of one that is gone. */
static const struct change *
likely_new_table(const struct review *review, const struct change *dropped)
{
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        if (comparison->old_snapshot != dropped->old_snapshot)
            continue;
        FOR_EACH(struct change, change, comparison->changes) {
            guint most = 0;
            if (change->kind != CHANGE_TABLE_ADDED)
                continue;
            most = MAX(change->new_table->columns->len, dropped->old_table->columns->len);
            if (count_shared(dropped->old_table, change->new_table) * 3 >= most * 2)
                return change;
        }
    }
    return NULL;
}

void
find_drop_table(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_TABLE_DROPPED || likely_new_table(review, change) != NULL)
        return;
    struct finding *finding = review_report(review, FINDING_DROP_TABLE, change,
                                            "table '%s' is dropped: all of its rows are lost",
                                            change->old_table->name);
    finding->query = find_rows(change->old_table, "true");
    finding->help = "keep what is in it elsewhere first, then accept the loss with a reason";
}

/* ---- columns that go ---- */

/* A new column of the same type that nothing declares, when the gone one is not declared either. */
static const struct snapshot_column *
likely_new_column(const struct review *review, const struct change *dropped)
{
    const struct table_pair *pair = find_pair(review, dropped);
    const struct snapshot_column *likely = NULL;
    if (dropped->drop != NULL || pair == NULL)
        return NULL;
    FOR_EACH(struct column_pair, columns, pair->columns) {
        if (columns->old_column != NULL || columns->new_column->generated != GENERATED_NOT ||
            g_ascii_strcasecmp(columns->new_column->type, dropped->old_column->type) != 0 ||
            columns->new_column->not_null != dropped->old_column->not_null)
            continue;
        if (likely != NULL)
            return NULL;
        likely = columns->new_column;
    }
    return likely;
}

void
find_drop_column(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_DROPPED || change->old_column->generated != GENERATED_NOT ||
        likely_new_column(review, change) != NULL)
        return;
    struct finding *finding = review_report(
        review, FINDING_DROP_COLUMN, change, "column '%s' is dropped: its values are lost%s%s",
        find_old_name(change), change->drop == NULL ? "" : ", as declared: ",
        change->drop == NULL ? "" : change->drop->why);
    finding->query = find_rows(change->old_table, "%s IS NOT NULL",
                               sql_quote_name(change->old_column->name));
    if (change->drop != NULL)
        finding->severity = LEVEL_WARNING;
    else
        finding->help = arena_printf("say that it is meant: DROPPED(%s, \"why\");",
                                     change->old_column->name);
}

void
find_rename_unmarked(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_COLUMN_DROPPED && change->old_column->generated == GENERATED_NOT) {
        const struct snapshot_column *likely = likely_new_column(review, change);
        if (likely == NULL)
            return;
        struct finding *finding = review_report(
            review, FINDING_RENAME_UNMARKED, change,
            "column '%s' is gone and '%s' is new: a rename keeps the values, anything else loses them",
            find_old_name(change), likely->name);
        finding->help = arena_printf("say RENAMED_FROM(%s) at '%s', or DROPPED(%s, \"why\");",
                                     change->old_column->name, likely->name,
                                     change->old_column->name);
        struct place place = side_place(review->new_side, change->new_snapshot->database,
                                        change->new_table->name, likely->name);
        if (place.path != NULL)
            finding->place = place;
        finding->query = find_rows(change->old_table, "%s IS NOT NULL",
                                   sql_quote_name(change->old_column->name));
    }
    if (change->kind == CHANGE_TABLE_DROPPED) {
        const struct change *likely = likely_new_table(review, change);
        if (likely == NULL)
            return;
        review_report(
            review, FINDING_RENAME_UNMARKED, change,
            "table '%s' is gone and '%s' is new with the same columns: a rename keeps the "
            "rows, anything else loses them",
            change->old_table->name, likely->new_table->name)
            ->help = arena_printf("say TABLE_WAS(%s); in '%s', or accept the loss",
                                  change->old_table->name, likely->new_table->name);
    }
}

/* ---- renames ---- */

static const struct snapshot_rename *
rename_of(const struct snapshot_table *table, const char *column)
{
    FOR_EACH(struct snapshot_rename, rename, table->renames)
        if (g_ascii_strcasecmp(rename->column, column) == 0)
            return rename;
    return NULL;
}

void
find_rename_source_missing(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_TABLE_ADDED && change->new_table->was != NULL &&
        change->old_snapshot != NULL)
        review_report(review, FINDING_RENAME_SOURCE_MISSING, change,
                      "table '%s' is declared to be '%s' before, which was not there",
                      change->new_table->name, change->new_table->was);
    if (change->kind != CHANGE_COLUMN_ADDED)
        return;
    const struct snapshot_rename *rename = rename_of(change->new_table, change->new_column->name);
    if (rename != NULL)
        review_report(review, FINDING_RENAME_SOURCE_MISSING, change,
                      "column '%s' is declared to be renamed from '%s', which was not there",
                      find_new_name(change), rename->from);
}

void
find_rename_cycle(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_RENAMED || change->rename == NULL)
        return;
    const struct snapshot_column *other = find_old_column(review, change, change->old_column->name);
    if (other != NULL && other != change->old_column &&
        g_ascii_strcasecmp(other->name, change->new_column->name) == 0 &&
        strcmp(change->old_column->name, change->new_column->name) < 0)
        review_report(review, FINDING_RENAME_CYCLE, change, "columns '%s' and '%s' change places",
                      change->old_column->name, change->new_column->name);
}

/* ---- types ---- */

static const char *
values_that_change(const struct change *change)
{
    const char *name = sql_quote_name(change->old_column->name);
    switch (find_affinity(change->new_column->type)) {
    case 'I':
        return find_rows(change->old_table,
                         "%s IS NOT NULL AND CAST(CAST(%s AS INTEGER) AS TEXT) <> CAST(%s AS TEXT)",
                         name, name, name);
    case 'R':
        return find_rows(change->old_table, "%s IS NOT NULL AND CAST(%s AS REAL) <> %s + 0.0", name,
                         name, name);
    case 'B': return find_rows(change->old_table, "typeof(%s) NOT IN ('blob', 'null')", name);
    default: return find_rows(change->old_table, "typeof(%s) = 'blob'", name);
    }
}

void
find_type_narrowed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_TYPE)
        return;
    char was = find_affinity(change->old_column->type);
    char is = find_affinity(change->new_column->type);
    struct finding *finding = review_report(review, FINDING_TYPE_NARROWED, change,
                                            "column '%s' changes from %s to %s: values may not fit",
                                            find_new_name(change), change->old_column->type,
                                            change->new_column->type);
    finding->query = values_that_change(change);
    finding->help = "convert the values in the migration, after looking at them";
    if (was != is && !(is == 'T' && was != 'B') && !(was == 'I' && is == 'R'))
        return;
    finding->severity = LEVEL_WARNING;
    finding->text = arena_printf("column '%s' changes from %s to %s: every value has a new form",
                                 find_new_name(change), change->old_column->type,
                                 change->new_column->type);
    finding->help = NULL;
}

void
find_affinity_changed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_TYPE ||
        find_affinity(change->old_column->type) == find_affinity(change->new_column->type) ||
        !find_is_indexed(change->new_table, change->new_column->name))
        return;
    review_report(review, FINDING_AFFINITY_CHANGED, change,
                  "'%s' is part of a key or index: its values sort and compare in another way",
                  find_new_name(change));
}

void
find_generated_changed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_GENERATED)
        return;
    bool was = change->old_column->generated != GENERATED_NOT;
    bool is = change->new_column->generated != GENERATED_NOT;
    const char *what = was && is ? "is computed in another way"
                       : is      ? "is generated now: its stored values are lost"
                                 : "is stored now: nothing computes it any more";
    struct finding *finding = review_report(review, FINDING_GENERATED_CHANGED, change,
                                            "column '%s' %s", find_new_name(change), what);
    if (was)
        finding->severity = LEVEL_WARNING;
    else
        finding->query = find_rows(change->old_table, "%s IS NOT NULL",
                                   sql_quote_name(change->old_column->name));
}

void
find_rowid_removed(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_WITHOUT_ROWID && change->new_table->without_rowid)
        review_report(review, FINDING_ROWID_REMOVED, change, "table '%s' has no rowids any more",
                      change->new_table->name);
}

void
find_autoincrement_removed(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_AUTOINCREMENT && change->old_table->autoincrement)
        review_report(review, FINDING_AUTOINCREMENT_REMOVED, change,
                      "table '%s' may give the id of a deleted row to a new one",
                      change->new_table->name);
}

void
find_parent_dropped(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_TABLE_DROPPED || change->new_snapshot == NULL)
        return;
    FOR_EACH(struct snapshot_table, table, change->new_snapshot->tables)
        FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys)
            if (g_ascii_strcasecmp(key->table, change->old_table->name) == 0)
                review_report(review, FINDING_PARENT_DROPPED, change,
                              "table '%s' is dropped, and '%s.%s' still refers to it",
                              change->old_table->name, table->name, find_names(key->columns));
}
