/* compare_table.c: what changed in one table: its options, its columns, and its checks. */
#include "compare_parse.h"

#include "common/arena.h"
#include "common/sql_normal.h"

#include <string.h>

struct change *
compare_change(const struct comparison *comparison, struct table_pair *pair, enum change_kind kind)
{
    struct change *change = ARENA_NEW(struct change);
    change->kind = kind;
    change->old_snapshot = comparison->old_snapshot;
    change->new_snapshot = comparison->new_snapshot;
    change->old_table = pair->old_table;
    change->new_table = pair->new_table;
    g_ptr_array_add(pair->changes, change);
    return change;
}

/* ---- names ---- */

bool
compare_same_name(const char *left, const char *right, GHashTable *renames)
{
    if (left == NULL || right == NULL)
        return left == right;
    char *lower = g_ascii_strdown(left, -1);
    const char *now = renames == NULL ? NULL : g_hash_table_lookup(renames, lower);
    bool same = g_ascii_strcasecmp(now == NULL ? lower : now, right) == 0;
    g_free(lower);
    return same;
}

bool
compare_same_names(const GPtrArray *left, const GPtrArray *right, GHashTable *renames)
{
    if (left->len != right->len)
        return false;
    for (guint i = 0; i < left->len; i++)
        if (!compare_same_name(g_ptr_array_index(left, i), g_ptr_array_index(right, i), renames))
            return false;
    return true;
}

/* ---- pairs of columns ---- */

static const struct snapshot_rename *
rename_of(const struct snapshot_table *table, const char *column)
{
    FOR_EACH(struct snapshot_rename, rename, table->renames)
        if (g_ascii_strcasecmp(rename->column, column) == 0)
            return rename;
    return NULL;
}

static bool
is_declared(const struct snapshot_table *table, const struct snapshot_rename *rename)
{
    const struct snapshot_rename *other = rename_of(table, rename->column);
    return other != NULL && g_ascii_strcasecmp(other->from, rename->from) == 0;
}

/* Whether the old column of this name goes elsewhere by a rename of its own. */
static bool
leaves(const struct snapshot_table *old_table, const struct snapshot_table *new_table,
       const char *name)
{
    FOR_EACH(struct snapshot_rename, rename, new_table->renames)
        if (g_ascii_strcasecmp(rename->from, name) == 0 && !is_declared(old_table, rename))
            return true;
    return false;
}

/* A declaration stays in the schema after its rename: it is about this step when the old side does
 * not know it and has the column under the old name only, or under both while the one of the new
 * name is renamed too, as in a swap. */
static bool
is_pending(const struct table_pair *pair, const struct snapshot_rename *rename)
{
    return snapshot_column(pair->new_table, rename->column) != NULL &&
           snapshot_column(pair->old_table, rename->from) != NULL &&
           (snapshot_column(pair->old_table, rename->column) == NULL ||
            (!is_declared(pair->old_table, rename) &&
             leaves(pair->old_table, pair->new_table, rename->column)));
}

static struct column_pair *
add_pair(struct table_pair *pair, const struct snapshot_column *old_column,
         const struct snapshot_column *new_column)
{
    struct column_pair *columns = ARENA_NEW(struct column_pair);
    columns->old_column = old_column;
    columns->new_column = new_column;
    g_ptr_array_add(pair->columns, columns);
    return columns;
}

static bool
is_paired(const struct table_pair *pair, const struct snapshot_column *old_column)
{
    FOR_EACH(struct column_pair, columns, pair->columns)
        if (columns->old_column == old_column)
            return true;
    return false;
}

static void
pair_column(struct table_pair *pair, const struct snapshot_column *column)
{
    const struct snapshot_rename *rename = rename_of(pair->new_table, column->name);
    if (rename != NULL && is_pending(pair, rename)) {
        const struct snapshot_column *from = snapshot_column(pair->old_table, rename->from);
        if (!is_paired(pair, from)) {
            add_pair(pair, from, column)->rename = rename;
            return;
        }
    }
    const struct snapshot_column *same = snapshot_column(pair->old_table, column->name);
    bool taken = same != NULL &&
                 (is_paired(pair, same) || leaves(pair->old_table, pair->new_table, same->name));
    add_pair(pair, taken ? NULL : same, column);
}

void
compare_pair_columns(struct table_pair *pair)
{
    FOR_EACH(struct snapshot_column, column, pair->new_table->columns)
        pair_column(pair, column);
    FOR_EACH(struct snapshot_column, column, pair->old_table->columns)
        if (!is_paired(pair, column))
            add_pair(pair, column, NULL);
}

void
compare_column_renames(const struct table_pair *pair, GHashTable *names)
{
    FOR_EACH(struct column_pair, columns, pair->columns)
        if (columns->rename != NULL)
            g_hash_table_insert(names, g_ascii_strdown(columns->old_column->name, -1),
                                g_ascii_strdown(columns->new_column->name, -1));
}

/* ---- columns ---- */

/* A type is one or more words and perhaps numbers in parentheses; SQLite takes them in any case. */
static bool
same_type(const char *left, const char *right)
{
    return sql_same(left, right, NULL);
}

/* TRUE and FALSE are 1 and 0; a name in double quotes is a text here. */
static const char *
default_normal(const char *sql, GHashTable *renames)
{
    if (sql == NULL)
        return NULL;
    const char *normal = sql_normal(sql, renames);
    gsize length = strlen(sql);
    if (strcmp(normal, "true") == 0)
        return "1";
    if (strcmp(normal, "false") == 0)
        return "0";
    if (length > 1 && sql[0] == '"' && sql[length - 1] == '"')
        return arena_printf("'%.*s'", (int)length - 2, sql + 1);
    return strcmp(normal, "null") == 0 ? NULL : normal;
}

static struct change *
column_change(const struct comparison *comparison, struct table_pair *pair, enum change_kind kind,
              const struct column_pair *columns)
{
    struct change *change = compare_change(comparison, pair, kind);
    change->old_column = columns->old_column;
    change->new_column = columns->new_column;
    change->rename = columns->rename;
    return change;
}

static const struct snapshot_drop *
drop_of(const struct snapshot_table *table, const char *column)
{
    FOR_EACH(struct snapshot_drop, drop, table->drops)
        if (g_ascii_strcasecmp(drop->column, column) == 0)
            return drop;
    return NULL;
}

static void
compare_column(const struct comparison *comparison, struct table_pair *pair,
               const struct column_pair *columns, GHashTable *names)
{
    const struct snapshot_column *old_column = columns->old_column;
    const struct snapshot_column *new_column = columns->new_column;
    if (columns->rename != NULL || g_ascii_strcasecmp(old_column->name, new_column->name) != 0)
        column_change(comparison, pair, CHANGE_COLUMN_RENAMED, columns);
    if (!same_type(old_column->type, new_column->type))
        column_change(comparison, pair, CHANGE_COLUMN_TYPE, columns);
    if (old_column->not_null != new_column->not_null)
        column_change(comparison, pair, CHANGE_COLUMN_NULL, columns);
    if (g_strcmp0(default_normal(old_column->default_sql, NULL),
                  default_normal(new_column->default_sql, NULL)) != 0)
        column_change(comparison, pair, CHANGE_COLUMN_DEFAULT, columns);
    if (g_ascii_strcasecmp(old_column->collation, new_column->collation) != 0)
        column_change(comparison, pair, CHANGE_COLUMN_COLLATION, columns);
    if (old_column->generated != new_column->generated ||
        !sql_same(old_column->generated_sql, new_column->generated_sql, names))
        column_change(comparison, pair, CHANGE_COLUMN_GENERATED, columns);
}

static void
compare_columns(const struct comparison *comparison, struct table_pair *pair, GHashTable *names)
{
    FOR_EACH(struct column_pair, columns, pair->columns) {
        if (columns->old_column == NULL)
            column_change(comparison, pair, CHANGE_COLUMN_ADDED, columns);
        else if (columns->new_column == NULL)
            column_change(comparison, pair, CHANGE_COLUMN_DROPPED, columns)->drop = drop_of(
                pair->new_table, columns->old_column->name);
        else
            compare_column(comparison, pair, columns, names);
    }
}

static guint
place_in(const struct snapshot_table *table, const struct snapshot_column *column)
{
    guint place = 0;
    while (place < table->columns->len && g_ptr_array_index(table->columns, place) != column)
        place++;
    return place;
}

/* The pairs stand in the order of the new side: the old places must rise. */
static void
compare_order(const struct comparison *comparison, struct table_pair *pair)
{
    guint before = 0;
    FOR_EACH(struct column_pair, columns, pair->columns) {
        if (columns->old_column == NULL || columns->new_column == NULL)
            continue;
        guint place = place_in(pair->old_table, columns->old_column);
        if (place < before) {
            compare_change(comparison, pair, CHANGE_COLUMN_ORDER);
            return;
        }
        before = place;
    }
}

/* ---- checks ---- */

/* The check of a column that limits its length, or lists its labels; NULL when it has none, or
 * several, which are then compared as texts. */
static const struct snapshot_check *
only_check(const struct snapshot_table *table, const char *column, bool labels)
{
    const struct snapshot_check *only = NULL;
    FOR_EACH(struct snapshot_check, check, table->checks) {
        if (!compare_same_name(check->column, column, NULL) || check->column == NULL ||
            (labels ? check->labels == NULL : check->max_length < 0))
            continue;
        if (only != NULL)
            return NULL;
        only = check;
    }
    return only;
}

static bool
has_label(const struct snapshot_check *check, const char *label)
{
    FOR_EACH(const char, other, check->labels)
        if (strcmp(other, label) == 0)
            return true;
    return false;
}

static void
compare_labels(const struct comparison *comparison, struct table_pair *pair,
               const struct column_pair *columns, GHashTable *taken)
{
    const struct snapshot_check *was = only_check(pair->old_table, columns->old_column->name, true);
    const struct snapshot_check *is = only_check(pair->new_table, columns->new_column->name, true);
    if (was == NULL || is == NULL)
        return;
    g_hash_table_add(taken, (gpointer)was);
    g_hash_table_add(taken, (gpointer)is);
    FOR_EACH(const char, label, is->labels) {
        if (has_label(was, label))
            continue;
        struct change *change = column_change(comparison, pair, CHANGE_LABEL_ADDED, columns);
        change->label = label;
        change->old_check = was;
        change->new_check = is;
    }
    FOR_EACH(const char, label, was->labels) {
        if (has_label(is, label))
            continue;
        struct change *change = column_change(comparison, pair, CHANGE_LABEL_REMOVED, columns);
        change->label = label;
        change->old_check = was;
        change->new_check = is;
    }
}

static void
compare_length(const struct comparison *comparison, struct table_pair *pair,
               const struct column_pair *columns, GHashTable *taken)
{
    const struct snapshot_check *was = only_check(pair->old_table, columns->old_column->name,
                                                  false);
    const struct snapshot_check *is = only_check(pair->new_table, columns->new_column->name, false);
    if (was != NULL)
        g_hash_table_add(taken, (gpointer)was);
    if (is != NULL)
        g_hash_table_add(taken, (gpointer)is);
    if ((was == NULL ? -1 : was->max_length) == (is == NULL ? -1 : is->max_length))
        return;
    struct change *change = column_change(comparison, pair, CHANGE_LENGTH, columns);
    change->old_check = was;
    change->new_check = is;
}

/* A check that has gone with its column, or come with it, is not a change of its own. */
static bool
belongs_to(const struct table_pair *pair, const struct snapshot_check *check, bool is_old)
{
    FOR_EACH(struct column_pair, columns, pair->columns) {
        const struct snapshot_column *gone = is_old ? columns->old_column : columns->new_column;
        bool alone = (is_old ? columns->new_column : columns->old_column) == NULL;
        if (gone != NULL && alone && check->column != NULL &&
            g_ascii_strcasecmp(gone->name, check->column) == 0)
            return true;
    }
    return false;
}

static bool
take_equal(const struct snapshot_table *table, const struct snapshot_check *check,
           GHashTable *names, GHashTable *taken)
{
    FOR_EACH(struct snapshot_check, other, table->checks) {
        if (!g_hash_table_contains(taken, other) && sql_same(check->sql, other->sql, names)) {
            g_hash_table_add(taken, other);
            return true;
        }
    }
    return false;
}

static const struct column_pair *
pair_of_check(const struct table_pair *pair, const struct snapshot_check *check, bool is_old)
{
    FOR_EACH(struct column_pair, columns, pair->columns) {
        const struct snapshot_column *column = is_old ? columns->old_column : columns->new_column;
        if (column != NULL && check->column != NULL &&
            g_ascii_strcasecmp(column->name, check->column) == 0)
            return columns;
    }
    return NULL;
}

static void
check_change(const struct comparison *comparison, struct table_pair *pair,
             const struct snapshot_check *check, bool is_old)
{
    const struct column_pair *columns = pair_of_check(pair, check, is_old);
    struct change *change = compare_change(comparison, pair,
                                           is_old ? CHANGE_CHECK_DROPPED : CHANGE_CHECK_ADDED);
    *(is_old ? &change->old_check : &change->new_check) = check;
    if (columns != NULL) {
        change->old_column = columns->old_column;
        change->new_column = columns->new_column;
    }
}

static void
compare_checks(const struct comparison *comparison, struct table_pair *pair, GHashTable *names)
{
    GHashTable *taken = g_hash_table_new(NULL, NULL);
    FOR_EACH(struct column_pair, columns, pair->columns) {
        if (columns->old_column == NULL || columns->new_column == NULL)
            continue;
        compare_labels(comparison, pair, columns, taken);
        compare_length(comparison, pair, columns, taken);
    }
    FOR_EACH(struct snapshot_check, check, pair->old_table->checks)
        if (!g_hash_table_contains(taken, check) && !belongs_to(pair, check, true) &&
            !take_equal(pair->new_table, check, names, taken))
            check_change(comparison, pair, check, true);
    FOR_EACH(struct snapshot_check, check, pair->new_table->checks)
        if (!g_hash_table_contains(taken, check) && !belongs_to(pair, check, false))
            check_change(comparison, pair, check, false);
    g_hash_table_unref(taken);
}

/* ---- the table ---- */

static void
compare_options(const struct comparison *comparison, struct table_pair *pair)
{
    const struct snapshot_table *was = pair->old_table, *is = pair->new_table;
    if (!compare_same_name(was->name, is->name, NULL))
        compare_change(comparison, pair, CHANGE_TABLE_RENAMED);
    if (was->strict != is->strict)
        compare_change(comparison, pair, CHANGE_STRICT);
    if (was->without_rowid != is->without_rowid)
        compare_change(comparison, pair, CHANGE_WITHOUT_ROWID);
    if (was->autoincrement != is->autoincrement)
        compare_change(comparison, pair, CHANGE_AUTOINCREMENT);
    if (!compare_same_names(was->conflicts, is->conflicts, NULL))
        compare_change(comparison, pair, CHANGE_CONFLICT);
}

void
compare_table(const struct comparison *comparison, struct table_pair *pair,
              const struct renames *renames)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    compare_column_renames(pair, names);
    compare_options(comparison, pair);
    compare_columns(comparison, pair, names);
    compare_order(comparison, pair);
    compare_checks(comparison, pair, names);
    compare_keys(comparison, pair, renames, names);
    g_hash_table_unref(names);
}
