/* compare.c: pairs the tables of two snapshots, then lists what changed in each, in the order in which
 * people read: the database, its tables by name, its views. */
#include "compare.h"

#include "common/arena.h"
#include "common/sql_normal.h"
#include "compare_parse.h"

#include <string.h>

/* ---- pairs of tables ---- */

static struct table_pair *
add_pair(struct comparison *comparison, const struct snapshot_table *old_table,
         const struct snapshot_table *new_table)
{
    struct table_pair *pair = ARENA_NEW(struct table_pair);
    pair->old_table = old_table;
    pair->new_table = new_table;
    pair->columns = arena_list();
    pair->changes = arena_list();
    if (old_table != NULL && new_table != NULL)
        compare_pair_columns(pair);
    g_ptr_array_add(comparison->tables, pair);
    return pair;
}

static bool
is_paired(const struct comparison *comparison, const struct snapshot_table *old_table)
{
    FOR_EACH(struct table_pair, pair, comparison->tables)
        if (pair->old_table == old_table)
            return true;
    return false;
}

/* TABLE_WAS stays in the schema after the rename: it is about this step only when the old side has
 * the old name and not the new one. A table and a full-text index of one name are two things. */
static const struct snapshot_table *
old_table_of(const struct comparison *comparison, const struct snapshot_table *table)
{
    const struct snapshot_table *same = snapshot_table(comparison->old_snapshot, table->name);
    if (same != NULL && (same->module == NULL) != (table->module == NULL))
        return NULL;
    if (same != NULL || table->was == NULL ||
        snapshot_table(comparison->new_snapshot, table->was) != NULL)
        return same;
    const struct snapshot_table *was = snapshot_table(comparison->old_snapshot, table->was);
    bool fits = was != NULL && (was->module == NULL) == (table->module == NULL);
    return fits && !is_paired(comparison, was) ? was : NULL;
}

static int
compare_pairs(gconstpointer left, gconstpointer right)
{
    const struct table_pair *l = *(const struct table_pair *const *)left;
    const struct table_pair *r = *(const struct table_pair *const *)right;
    int order = strcmp((l->new_table == NULL ? l->old_table : l->new_table)->name,
                       (r->new_table == NULL ? r->old_table : r->new_table)->name);
    return order != 0 ? order : (l->new_table == NULL) - (r->new_table == NULL);
}

static void
pair_tables(struct comparison *comparison)
{
    if (comparison->new_snapshot != NULL)
        FOR_EACH(struct snapshot_table, table, comparison->new_snapshot->tables)
            add_pair(comparison,
                     comparison->old_snapshot == NULL ? NULL : old_table_of(comparison, table),
                     table);
    if (comparison->old_snapshot != NULL)
        FOR_EACH(struct snapshot_table, table, comparison->old_snapshot->tables)
            if (!is_paired(comparison, table))
                add_pair(comparison, table, NULL);
    g_ptr_array_sort(comparison->tables, compare_pairs);
}

static struct renames
find_renames(const struct comparison *comparison)
{
    struct renames renames;
    renames.tables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    renames.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    FOR_EACH(struct table_pair, pair, comparison->tables) {
        if (pair->old_table == NULL || pair->new_table == NULL)
            continue;
        char *was = g_ascii_strdown(pair->old_table->name, -1);
        char *is = g_ascii_strdown(pair->new_table->name, -1);
        if (strcmp(was, is) != 0) {
            g_hash_table_insert(renames.tables, g_strdup(was), g_strdup(is));
            g_hash_table_insert(renames.names, g_strdup(was), g_strdup(is));
        }
        g_free(was);
        g_free(is);
        compare_column_renames(pair, renames.names);
    }
    return renames;
}

/* SQLite rewrites views and triggers when it renames: only then may an old name stand for a new
 * one. */
static bool
same_object(const char *left, const char *right, const struct renames *renames)
{
    return sql_same(left, right, NULL) ||
           (g_hash_table_size(renames->names) > 0 && sql_same(left, right, renames->names));
}

/* ---- triggers and views ---- */

static const struct snapshot_trigger *
find_trigger(const GPtrArray *triggers, const char *name)
{
    FOR_EACH(struct snapshot_trigger, trigger, triggers)
        if (g_ascii_strcasecmp(trigger->name, name) == 0)
            return trigger;
    return NULL;
}

static void
trigger_change(const struct comparison *comparison, struct table_pair *pair, enum change_kind kind,
               const struct snapshot_trigger *was, const struct snapshot_trigger *is)
{
    struct change *change = compare_change(comparison, pair, kind);
    change->old_trigger = was;
    change->new_trigger = is;
}

static void
compare_triggers(const struct comparison *comparison, struct table_pair *pair, const GPtrArray *was,
                 const GPtrArray *is, const struct renames *renames)
{
    FOR_EACH(struct snapshot_trigger, trigger, was) {
        const struct snapshot_trigger *other = find_trigger(is, trigger->name);
        if (other == NULL)
            trigger_change(comparison, pair, CHANGE_TRIGGER_DROPPED, trigger, NULL);
        else if (!same_object(trigger->sql, other->sql, renames))
            trigger_change(comparison, pair, CHANGE_TRIGGER_CHANGED, trigger, other);
    }
    FOR_EACH(struct snapshot_trigger, trigger, is)
        if (find_trigger(was, trigger->name) == NULL)
            trigger_change(comparison, pair, CHANGE_TRIGGER_ADDED, NULL, trigger);
}

static void
view_change(const struct comparison *comparison, struct table_pair *pair, enum change_kind kind,
            const struct snapshot_view *was, const struct snapshot_view *is)
{
    struct change *change = compare_change(comparison, pair, kind);
    change->old_view = was;
    change->new_view = is;
}

static void
compare_views(const struct comparison *comparison, struct table_pair *pair,
              const struct renames *renames)
{
    const struct snapshot *was = comparison->old_snapshot, *is = comparison->new_snapshot;
    FOR_EACH(struct snapshot_view, view, was->views) {
        const struct snapshot_view *other = snapshot_view(is, view->name);
        if (other == NULL)
            view_change(comparison, pair, CHANGE_VIEW_DROPPED, view, NULL);
        else if (!same_object(view->sql, other->sql, renames))
            view_change(comparison, pair, CHANGE_VIEW_CHANGED, view, other);
    }
    FOR_EACH(struct snapshot_view, view, is->views)
        if (snapshot_view(was, view->name) == NULL)
            view_change(comparison, pair, CHANGE_VIEW_ADDED, NULL, view);
}

/* ---- one database ---- */

static void
compare_pair(const struct comparison *comparison, struct table_pair *pair,
             const struct renames *renames)
{
    const struct snapshot_table *was = pair->old_table, *is = pair->new_table;
    if (was == NULL) {
        compare_change(comparison, pair,
                       is->module == NULL ? CHANGE_TABLE_ADDED : CHANGE_VIRTUAL_ADDED);
    } else if (is == NULL) {
        compare_change(comparison, pair,
                       was->module == NULL ? CHANGE_TABLE_DROPPED : CHANGE_VIRTUAL_DROPPED);
    } else if (was->module != NULL || is->module != NULL) {
        compare_virtual(comparison, pair, renames);
    } else {
        compare_table(comparison, pair, renames);
        compare_triggers(comparison, pair, was->triggers, is->triggers, renames);
    }
}

static void
take_changes(struct comparison *comparison, const struct table_pair *pair)
{
    g_ptr_array_extend(comparison->changes, pair->changes, NULL, NULL);
}

static void
compare_both(struct comparison *comparison)
{
    struct renames renames = find_renames(comparison);
    struct table_pair objects = {.changes = arena_list()};
    FOR_EACH(struct table_pair, pair, comparison->tables) {
        compare_pair(comparison, pair, &renames);
        take_changes(comparison, pair);
    }
    compare_views(comparison, &objects, &renames);
    compare_triggers(comparison, &objects, comparison->old_snapshot->view_triggers,
                     comparison->new_snapshot->view_triggers, &renames);
    take_changes(comparison, &objects);
    g_hash_table_unref(renames.tables);
    g_hash_table_unref(renames.names);
}

/* Of a database that is new or gone only its tables are told. */
static void
compare_alone(struct comparison *comparison)
{
    struct table_pair whole = {.changes = arena_list()};
    struct renames none = {NULL, NULL};
    compare_change(comparison, &whole,
                   comparison->old_snapshot == NULL ? CHANGE_DATABASE_ADDED
                                                    : CHANGE_DATABASE_DROPPED);
    take_changes(comparison, &whole);
    FOR_EACH(struct table_pair, pair, comparison->tables) {
        compare_pair(comparison, pair, &none);
        take_changes(comparison, pair);
    }
}

struct comparison *
compare_snapshots(const struct snapshot *old_snapshot, const struct snapshot *new_snapshot)
{
    struct comparison *comparison = ARENA_NEW(struct comparison);
    comparison->old_snapshot = old_snapshot;
    comparison->new_snapshot = new_snapshot;
    comparison->tables = arena_list();
    comparison->changes = arena_list();
    pair_tables(comparison);
    if (old_snapshot != NULL && new_snapshot != NULL)
        compare_both(comparison);
    else
        compare_alone(comparison);
    return comparison;
}

/* ---- all databases ---- */

static const struct snapshot *
find_snapshot(const GPtrArray *snapshots, const char *database)
{
    FOR_EACH(struct snapshot, snapshot, snapshots)
        if (strcmp(snapshot->database, database) == 0)
            return snapshot;
    return NULL;
}

static int
compare_comparisons(gconstpointer left, gconstpointer right)
{
    const struct comparison *l = *(const struct comparison *const *)left;
    const struct comparison *r = *(const struct comparison *const *)right;
    return strcmp((l->new_snapshot == NULL ? l->old_snapshot : l->new_snapshot)->database,
                  (r->new_snapshot == NULL ? r->old_snapshot : r->new_snapshot)->database);
}

static bool
is_empty(const struct snapshot *snapshot)
{
    return snapshot->tables->len == 0 && snapshot->views->len == 0;
}

static struct change *
find_change(const struct comparison *comparison, enum change_kind kind)
{
    FOR_EACH(struct change, change, comparison->changes)
        if (change->kind == kind)
            return change;
    return NULL;
}

/* The same schema gone here and new there: the database has another name now. */
static void
find_renamed_database(GPtrArray *comparisons, struct comparison *added)
{
    FOR_EACH(struct comparison, gone, comparisons) {
        if (gone->new_snapshot != NULL || is_empty(gone->old_snapshot))
            continue;
        if (compare_snapshots(gone->old_snapshot, added->new_snapshot)->changes->len > 0)
            continue;
        struct change *change = find_change(added, CHANGE_DATABASE_ADDED);
        change->kind = CHANGE_DATABASE_RENAMED;
        change->old_snapshot = gone->old_snapshot;
        g_ptr_array_set_size(added->changes, 1);
        added->tables = compare_snapshots(gone->old_snapshot, added->new_snapshot)->tables;
        added->old_snapshot = gone->old_snapshot;
        g_ptr_array_remove(comparisons, gone);
        return;
    }
}

static struct change *
find_dropped(const GPtrArray *comparisons, const struct comparison *except, const char *name)
{
    FOR_EACH(struct comparison, comparison, comparisons)
        FOR_EACH(struct change, change, comparison->changes)
            if (comparison != except && change->kind == CHANGE_TABLE_DROPPED &&
                g_ascii_strcasecmp(change->old_table->name, name) == 0)
                return change;
    return NULL;
}

static void
remove_change(GPtrArray *comparisons, struct change *change)
{
    FOR_EACH(struct comparison, comparison, comparisons)
        if (g_ptr_array_remove(comparison->changes, change))
            return;
}

/* What a table became on its way. It stands beside the pairs of its new database, where it is new. */
static GPtrArray *
changes_on_the_way(const struct change *moved)
{
    struct comparison way = {moved->old_snapshot, moved->new_snapshot, arena_list(), arena_list()};
    struct table_pair *pair = add_pair(&way, moved->old_table, moved->new_table);
    struct renames renames = find_renames(&way);
    compare_pair(&way, pair, &renames);
    g_hash_table_unref(renames.tables);
    g_hash_table_unref(renames.names);
    return pair->changes;
}

/* A table that is gone in one database and new in another has moved; its rows have not. */
static void
find_moved_tables(GPtrArray *comparisons, const struct comparison *comparison)
{
    for (guint i = 0; i < comparison->changes->len; i++) {
        struct change *change = g_ptr_array_index(comparison->changes, i);
        struct change *dropped = change->kind != CHANGE_TABLE_ADDED
                                     ? NULL
                                     : find_dropped(comparisons, comparison,
                                                    change->new_table->name);
        if (dropped == NULL)
            continue;
        change->kind = CHANGE_TABLE_MOVED;
        change->old_snapshot = dropped->old_snapshot;
        change->old_table = dropped->old_table;
        remove_change(comparisons, dropped);
        FOR_EACH(struct change, further, changes_on_the_way(change))
            g_ptr_array_insert(comparison->changes, (gint)++i, further);
    }
}

static struct comparison *
find_comparison(const GPtrArray *comparisons, const struct snapshot *new_snapshot)
{
    FOR_EACH(struct comparison, comparison, comparisons)
        if (comparison->new_snapshot == new_snapshot)
            return comparison;
    return NULL;
}

GPtrArray *
compare_projects(const GPtrArray *old_snapshots, const GPtrArray *new_snapshots)
{
    GPtrArray *comparisons = arena_list();
    FOR_EACH(struct snapshot, snapshot, new_snapshots)
        g_ptr_array_add(
            comparisons,
            compare_snapshots(find_snapshot(old_snapshots, snapshot->database), snapshot));
    FOR_EACH(struct snapshot, snapshot, old_snapshots)
        if (find_snapshot(new_snapshots, snapshot->database) == NULL)
            g_ptr_array_add(comparisons, compare_snapshots(snapshot, NULL));
    g_ptr_array_sort(comparisons, compare_comparisons);
    FOR_EACH(struct snapshot, snapshot, new_snapshots) {
        struct comparison *comparison = find_comparison(comparisons, snapshot);
        if (comparison->old_snapshot == NULL && !is_empty(snapshot))
            find_renamed_database(comparisons, comparison);
    }
    FOR_EACH(struct comparison, comparison, comparisons)
        find_moved_tables(comparisons, comparison);
    return comparisons;
}

const char *
change_kind_name(enum change_kind kind)
{
    static const char *const names[CHANGE_KIND_COUNT] = {
        [CHANGE_DATABASE_ADDED] = "database-added",
        [CHANGE_DATABASE_DROPPED] = "database-dropped",
        [CHANGE_DATABASE_RENAMED] = "database-renamed",
        [CHANGE_TABLE_ADDED] = "table-added",
        [CHANGE_TABLE_DROPPED] = "table-dropped",
        [CHANGE_TABLE_RENAMED] = "table-renamed",
        [CHANGE_TABLE_MOVED] = "table-moved",
        [CHANGE_STRICT] = "strict",
        [CHANGE_WITHOUT_ROWID] = "without-rowid",
        [CHANGE_AUTOINCREMENT] = "autoincrement",
        [CHANGE_PRIMARY_KEY] = "primary-key",
        [CHANGE_CONFLICT] = "conflict-clause",
        [CHANGE_COLUMN_ADDED] = "column-added",
        [CHANGE_COLUMN_DROPPED] = "column-dropped",
        [CHANGE_COLUMN_RENAMED] = "column-renamed",
        [CHANGE_COLUMN_TYPE] = "column-type",
        [CHANGE_COLUMN_NULL] = "column-null",
        [CHANGE_COLUMN_DEFAULT] = "column-default",
        [CHANGE_COLUMN_COLLATION] = "column-collation",
        [CHANGE_COLUMN_GENERATED] = "column-generated",
        [CHANGE_COLUMN_ORDER] = "column-order",
        [CHANGE_LABEL_ADDED] = "label-added",
        [CHANGE_LABEL_REMOVED] = "label-removed",
        [CHANGE_LENGTH] = "length",
        [CHANGE_CHECK_ADDED] = "check-added",
        [CHANGE_CHECK_DROPPED] = "check-dropped",
        [CHANGE_UNIQUE_ADDED] = "unique-added",
        [CHANGE_UNIQUE_DROPPED] = "unique-dropped",
        [CHANGE_INDEX_ADDED] = "index-added",
        [CHANGE_INDEX_DROPPED] = "index-dropped",
        [CHANGE_INDEX_CHANGED] = "index-changed",
        [CHANGE_INDEX_RENAMED] = "index-renamed",
        [CHANGE_FOREIGN_KEY_ADDED] = "foreign-key-added",
        [CHANGE_FOREIGN_KEY_DROPPED] = "foreign-key-dropped",
        [CHANGE_FOREIGN_KEY_ACTION] = "foreign-key-action",
        [CHANGE_VIRTUAL_ADDED] = "virtual-added",
        [CHANGE_VIRTUAL_DROPPED] = "virtual-dropped",
        [CHANGE_VIRTUAL_CHANGED] = "virtual-changed",
        [CHANGE_VIEW_ADDED] = "view-added",
        [CHANGE_VIEW_DROPPED] = "view-dropped",
        [CHANGE_VIEW_CHANGED] = "view-changed",
        [CHANGE_TRIGGER_ADDED] = "trigger-added",
        [CHANGE_TRIGGER_DROPPED] = "trigger-dropped",
        [CHANGE_TRIGGER_CHANGED] = "trigger-changed",
    };
    return names[kind];
}

/* ---- names for people ---- */

/* "a_b" of a foreign key or a key, which have no names of their own. */
static const char *
joined(const GPtrArray *names)
{
    GString *text = g_string_new(NULL);
    FOR_EACH(const char, name, names)
        g_string_append_printf(text, "%s%s", text->len == 0 ? "" : ",", name);
    const char *copy = arena_string_n(text->str, text->len);
    g_string_free(text, TRUE);
    return copy;
}

static const char *
parts_joined(const struct snapshot_index *index)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct snapshot_key_part, part, index->parts)
        g_ptr_array_add(names, (char *)(part->column == NULL ? part->expression : part->column));
    return joined(names);
}

/* What of the table it is about: the new side's name where there is one. */
static const char *
part_of_change(const struct change *change)
{
    const struct snapshot_index *index = change->new_index == NULL ? change->old_index
                                                                   : change->new_index;
    const struct snapshot_foreign_key *key = change->new_foreign_key == NULL
                                                 ? change->old_foreign_key
                                                 : change->new_foreign_key;
    if (change->new_column != NULL || change->old_column != NULL)
        return (change->new_column == NULL ? change->old_column : change->new_column)->name;
    if (index != NULL)
        return index->is_constraint ? arena_printf("(%s)", parts_joined(index)) : index->name;
    if (key != NULL)
        return arena_printf("(%s)", joined(key->columns));
    if (change->new_trigger != NULL || change->old_trigger != NULL)
        return (change->new_trigger == NULL ? change->old_trigger : change->new_trigger)->name;
    return NULL;
}

const char *
change_object(const struct change *change)
{
    const struct snapshot *snapshot = change->new_snapshot == NULL ? change->old_snapshot
                                                                   : change->new_snapshot;
    const struct snapshot_table *table = change->new_table == NULL ? change->old_table
                                                                   : change->new_table;
    const struct snapshot_view *view = change->new_view == NULL ? change->old_view
                                                                : change->new_view;
    const char *part = part_of_change(change);
    const char *owner = table != NULL ? table->name : view != NULL ? view->name : NULL;
    if (owner == NULL)
        return part == NULL ? snapshot->database : arena_printf("%s.%s", snapshot->database, part);
    return part == NULL ? arena_printf("%s.%s", snapshot->database, owner)
                        : arena_printf("%s.%s.%s", snapshot->database, owner, part);
}
