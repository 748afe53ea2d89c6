/* compare_index.c: what changed in the keys, indexes and foreign keys of a table. Indexes are paired
 * by name, then by their facts; foreign keys by columns and target. */
#include "compare_parse.h"

#include "common/arena.h"
#include "common/sql_normal.h"

#include <string.h>

/* ---- parts ---- */

/* The collation of a part when it is not that of its column, whose change is told of the column. */
static const char *
own_collation(const struct snapshot_table *table, const struct snapshot_key_part *part)
{
    const struct snapshot_column *column = part->column == NULL
                                               ? NULL
                                               : snapshot_column(table, part->column);
    const char *usual = column == NULL ? "BINARY" : column->collation;
    return g_ascii_strcasecmp(usual, part->collation) == 0 ? "" : part->collation;
}

static bool
same_part(const struct table_pair *pair, const struct snapshot_key_part *left,
          const struct snapshot_key_part *right, GHashTable *columns)
{
    return left->descending == right->descending &&
           g_ascii_strcasecmp(own_collation(pair->old_table, left),
                              own_collation(pair->new_table, right)) == 0 &&
           compare_same_name(left->column, right->column, columns) &&
           sql_same(left->expression, right->expression, columns);
}

static bool
same_parts(const struct table_pair *pair, const GPtrArray *left, const GPtrArray *right,
           GHashTable *columns)
{
    if (left->len != right->len)
        return false;
    for (guint i = 0; i < left->len; i++)
        if (!same_part(pair, g_ptr_array_index(left, i), g_ptr_array_index(right, i), columns))
            return false;
    return true;
}

static bool
same_index(const struct table_pair *pair, const struct snapshot_index *left,
           const struct snapshot_index *right, GHashTable *columns)
{
    return left->unique == right->unique && left->is_constraint == right->is_constraint &&
           same_parts(pair, left->parts, right->parts, columns) &&
           sql_same(left->where, right->where, columns);
}

/* That an INTEGER PRIMARY KEY is no rowid in a table without rowids is no change of its own. */
static void
compare_primary_key(const struct comparison *comparison, struct table_pair *pair,
                    GHashTable *columns)
{
    const struct snapshot_table *was = pair->old_table, *is = pair->new_table;
    bool same_rowid = (was->rowid_column == NULL) == (is->rowid_column == NULL) ||
                      was->without_rowid != is->without_rowid;
    if (!same_rowid || !same_parts(pair, was->primary_key, is->primary_key, columns))
        compare_change(comparison, pair, CHANGE_PRIMARY_KEY);
}

/* ---- indexes ---- */

static struct change *
index_change(const struct comparison *comparison, struct table_pair *pair, enum change_kind kind,
             const struct snapshot_index *old_index, const struct snapshot_index *new_index)
{
    struct change *change = compare_change(comparison, pair, kind);
    change->old_index = old_index;
    change->new_index = new_index;
    return change;
}

/* An index that stands for `index` on the other side and that nothing else stands for. */
static const struct snapshot_index *
find_equal(const struct table_pair *pair, const struct snapshot_index *index, GHashTable *columns,
           GHashTable *taken)
{
    FOR_EACH(struct snapshot_index, other, pair->new_table->indexes)
        if (!g_hash_table_contains(taken, other) && same_index(pair, index, other, columns))
            return other;
    return NULL;
}

static void
take(GHashTable *taken, const struct snapshot_index *left, const struct snapshot_index *right)
{
    g_hash_table_add(taken, (gpointer)left);
    g_hash_table_add(taken, (gpointer)right);
}

static void
pair_by_name(const struct comparison *comparison, struct table_pair *pair, GHashTable *columns,
             GHashTable *taken)
{
    FOR_EACH(struct snapshot_index, index, pair->old_table->indexes) {
        const struct snapshot_index *other = snapshot_index(pair->new_table, index->name);
        if (index->is_constraint || other == NULL)
            continue;
        take(taken, index, other);
        if (!same_index(pair, index, other, columns))
            index_change(comparison, pair, CHANGE_INDEX_CHANGED, index, other);
    }
}

static void
pair_by_facts(const struct comparison *comparison, struct table_pair *pair, GHashTable *columns,
              GHashTable *taken)
{
    FOR_EACH(struct snapshot_index, index, pair->old_table->indexes) {
        if (g_hash_table_contains(taken, index))
            continue;
        const struct snapshot_index *other = find_equal(pair, index, columns, taken);
        if (other == NULL)
            continue;
        take(taken, index, other);
        if (!index->is_constraint)
            index_change(comparison, pair, CHANGE_INDEX_RENAMED, index, other);
    }
}

static void
compare_indexes(const struct comparison *comparison, struct table_pair *pair, GHashTable *columns)
{
    GHashTable *taken = g_hash_table_new(NULL, NULL);
    pair_by_name(comparison, pair, columns, taken);
    pair_by_facts(comparison, pair, columns, taken);
    FOR_EACH(struct snapshot_index, index, pair->old_table->indexes)
        if (!g_hash_table_contains(taken, index))
            index_change(comparison, pair,
                         index->is_constraint ? CHANGE_UNIQUE_DROPPED : CHANGE_INDEX_DROPPED, index,
                         NULL);
    FOR_EACH(struct snapshot_index, index, pair->new_table->indexes)
        if (!g_hash_table_contains(taken, index))
            index_change(comparison, pair,
                         index->is_constraint ? CHANGE_UNIQUE_ADDED : CHANGE_INDEX_ADDED, NULL,
                         index);
    g_hash_table_unref(taken);
}

/* ---- foreign keys ---- */

static bool
same_targets(const struct comparison *comparison, const struct snapshot_foreign_key *left,
             const struct snapshot_foreign_key *right)
{
    FOR_EACH(struct table_pair, parent, comparison->tables) {
        if (parent->old_table == NULL ||
            g_ascii_strcasecmp(parent->old_table->name, left->table) != 0)
            continue;
        GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        compare_column_renames(parent, names);
        bool same = compare_same_names(left->targets, right->targets, names);
        g_hash_table_unref(names);
        return same;
    }
    return compare_same_names(left->targets, right->targets, NULL);
}

static const struct snapshot_foreign_key *
find_foreign_key(const struct comparison *comparison, const struct table_pair *pair,
                 const struct snapshot_foreign_key *key, const struct renames *renames,
                 GHashTable *columns, GHashTable *taken)
{
    FOR_EACH(struct snapshot_foreign_key, other, pair->new_table->foreign_keys)
        if (!g_hash_table_contains(taken, other) &&
            compare_same_names(key->columns, other->columns, columns) &&
            compare_same_name(key->table, other->table, renames->tables) &&
            same_targets(comparison, key, other))
            return other;
    return NULL;
}

static bool
same_actions(const struct snapshot_foreign_key *left, const struct snapshot_foreign_key *right)
{
    return g_ascii_strcasecmp(left->on_delete, right->on_delete) == 0 &&
           g_ascii_strcasecmp(left->on_update, right->on_update) == 0 &&
           left->deferred == right->deferred;
}

static void
foreign_key_change(const struct comparison *comparison, struct table_pair *pair,
                   enum change_kind kind, const struct snapshot_foreign_key *old_key,
                   const struct snapshot_foreign_key *new_key)
{
    struct change *change = compare_change(comparison, pair, kind);
    change->old_foreign_key = old_key;
    change->new_foreign_key = new_key;
}

static void
compare_foreign_keys(const struct comparison *comparison, struct table_pair *pair,
                     const struct renames *renames, GHashTable *columns)
{
    GHashTable *taken = g_hash_table_new(NULL, NULL);
    FOR_EACH(struct snapshot_foreign_key, key, pair->old_table->foreign_keys) {
        const struct snapshot_foreign_key *other = find_foreign_key(comparison, pair, key, renames,
                                                                    columns, taken);
        if (other == NULL) {
            foreign_key_change(comparison, pair, CHANGE_FOREIGN_KEY_DROPPED, key, NULL);
            continue;
        }
        g_hash_table_add(taken, (gpointer)other);
        if (!same_actions(key, other))
            foreign_key_change(comparison, pair, CHANGE_FOREIGN_KEY_ACTION, key, other);
    }
    FOR_EACH(struct snapshot_foreign_key, key, pair->new_table->foreign_keys)
        if (!g_hash_table_contains(taken, key))
            foreign_key_change(comparison, pair, CHANGE_FOREIGN_KEY_ADDED, NULL, key);
    g_hash_table_unref(taken);
}

void
compare_keys(const struct comparison *comparison, struct table_pair *pair,
             const struct renames *renames, GHashTable *columns)
{
    compare_primary_key(comparison, pair, columns);
    compare_indexes(comparison, pair, columns);
    compare_foreign_keys(comparison, pair, renames, columns);
}

/* ---- virtual tables ---- */

/* `content = docs` and `content='docs'` are one; a name is compared as it is for now. */
static const char *
argument_normal(const char *argument, const struct renames *renames)
{
    struct sql sql = sql_new(argument);
    const char *normal = sql_normal_range(&sql, 0, sql_count(&sql), renames->names);
    const struct token *value = sql_token(&sql, 2);
    if (sql_count(&sql) == 3 && sql_is(&sql, 1, "=") && value->kind != TOKEN_NUMBER) {
        char *text = g_strndup(argument + value->offset, value->length);
        gsize length = strlen(text);
        bool quoted = value->kind != TOKEN_WORD && length > 1;
        char *bare = quoted ? g_strndup(text + 1, length - 2) : g_strdup(text);
        char *lower = g_ascii_strdown(bare, -1);
        const char *renamed = g_hash_table_lookup(renames->names, lower);
        normal = arena_printf("%s = '%s'", sql_normal_range(&sql, 0, 1, NULL),
                              renamed == NULL ? lower : renamed);
        g_free(lower);
        g_free(bare);
        g_free(text);
    }
    sql_free(&sql);
    return normal;
}

static bool
same_arguments(const GPtrArray *left, const GPtrArray *right, const struct renames *renames)
{
    struct renames none = {NULL, g_hash_table_new(g_str_hash, g_str_equal)};
    bool same = left->len == right->len;
    for (guint i = 0; same && i < left->len; i++)
        same = strcmp(argument_normal(g_ptr_array_index(left, i), renames),
                      argument_normal(g_ptr_array_index(right, i), &none)) == 0;
    g_hash_table_unref(none.names);
    return same;
}

void
compare_virtual(const struct comparison *comparison, struct table_pair *pair,
                const struct renames *renames)
{
    const struct snapshot_table *was = pair->old_table, *is = pair->new_table;
    if (g_strcmp0(was->module, is->module) != 0 || was->module == NULL || is->module == NULL ||
        !same_arguments(was->arguments, is->arguments, renames))
        compare_change(comparison, pair, CHANGE_VIRTUAL_CHANGED);
}
