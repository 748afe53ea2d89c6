/* lint_keys.c: advice about keys, references and indexes. */
#include "lint.h"

#include "check/check.h"

#include <string.h>

/* ---- what an index finds ---- */

static bool
begins_with(const GPtrArray *found, const GPtrArray *columns)
{
    if (found->len < columns->len)
        return false;
    FOR_EACH(struct column, column, columns) {
        bool has = false;
        for (guint i = 0; i < columns->len; i++)
            has = has || g_ptr_array_index(found, i) == column;
        if (!has)
            return false;
    }
    return true;
}

/* The columns of an index up to the first expression. */
static GPtrArray *
columns_of(const struct index *index)
{
    GPtrArray *columns = g_ptr_array_new();
    FOR_EACH(struct key_part, part, index->parts) {
        if (part->column == NULL)
            break;
        g_ptr_array_add(columns, part->column);
    }
    return columns;
}

/* Whether the key or an index over all rows begins with these columns, in any order. */
static bool
is_indexed(const struct table *table, const GPtrArray *columns)
{
    bool indexed = begins_with(table->primary_key, columns);
    FOR_EACH(struct index, index, table->indexes) {
        if (index->where.sql != NULL)
            continue;
        GPtrArray *found = columns_of(index);
        indexed = indexed || begins_with(found, columns);
        g_ptr_array_unref(found);
    }
    return indexed;
}

/* ---- references ---- */

static void
check_foreign_keys(const struct table *table, struct diag *diag)
{
    FOR_EACH(struct reference, reference, table->references)
        if (!is_indexed(table, reference->columns))
            diag_error(diag, RULE_FOREIGN_KEY_UNINDEXED, reference->at,
                       "no index begins with the columns of this foreign key to '%s'",
                       reference->table_name);
}

void
lint_foreign_key_unindexed(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_foreign_keys);
}

static void
check_soft_references(const struct table *table, struct diag *diag)
{
    FOR_EACH(struct reference, reference, table->soft_references)
        if (!is_indexed(table, reference->columns))
            diag_error(diag, RULE_SOFT_REFERENCE_UNINDEXED, reference->at,
                       "no index begins with the column of this soft reference to '%s.%s'",
                       reference->database, reference->table_name);
}

void
lint_soft_reference_unindexed(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_soft_references);
}

/* ---- indexes ---- */

static bool
same_part(const struct key_part *one, const struct key_part *other)
{
    return one->column != NULL && one->column == other->column &&
           one->descending == other->descending && g_strcmp0(one->collate, other->collate) == 0;
}

/* Whether an index finds nothing that the longer one does not. */
static bool
is_prefix(const struct index *index, const struct index *longer)
{
    if (index == longer || index->unique || index->parts->len >= longer->parts->len ||
        g_strcmp0(index->where.sql, longer->where.sql) != 0)
        return false;
    for (guint i = 0; i < index->parts->len; i++)
        if (!same_part(g_ptr_array_index(index->parts, i), g_ptr_array_index(longer->parts, i)))
            return false;
    return true;
}

static bool
is_prefix_of_key(const struct index *index)
{
    const struct key_part *first = g_ptr_array_index(index->parts, 0);
    if (first->column == NULL || index->unique || index->where.sql != NULL)
        return false;
    const GPtrArray *key = first->column->table->primary_key;
    if (index->parts->len > key->len)
        return false;
    for (guint i = 0; i < index->parts->len; i++) {
        const struct key_part *part = g_ptr_array_index(index->parts, i);
        if (part->column != g_ptr_array_index(key, i) || part->descending || part->collate != NULL)
            return false;
    }
    return true;
}

static void
check_prefixes(const struct table *table, struct diag *diag)
{
    FOR_EACH(struct index, index, table->indexes) {
        if (is_prefix_of_key(index)) {
            diag_error(diag, RULE_INDEX_PREFIX_OF, index->at,
                       "the primary key begins with the columns of this index");
            continue;
        }
        FOR_EACH(struct index, longer, table->indexes) {
            if (!is_prefix(index, longer))
                continue;
            diag_error(diag, RULE_INDEX_PREFIX_OF, index->at,
                       "another index begins with the columns of this one");
            diag_note(diag, longer->at, "the longer one is here");
            break;
        }
    }
}

void
lint_index_prefix(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_prefixes);
}

/* A condition that leaves NULL out says that NULL is meant. */
static bool
leaves_null_out(const struct index *index)
{
    return index->where.sql != NULL;
}

static void
check_unique(const struct table *table, struct diag *diag)
{
    FOR_EACH(struct index, index, table->indexes) {
        if (!index->unique || leaves_null_out(index))
            continue;
        FOR_EACH(struct key_part, part, index->parts) {
            if (part->column == NULL || part->column->not_null)
                continue;
            diag_error(diag, RULE_UNIQUE_NULLABLE, index->at,
                       "rows with NULL in '%s' are never equal to this key", part->column->name);
            break;
        }
    }
}

void
lint_unique_nullable(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_unique);
}

static void
check_key_column(const struct column *column, struct diag *diag)
{
    if (column->primary_key && column->type == TYPE_TEXT && column->max_length == 0)
        diag_error(diag, RULE_KEY_UNBOUNDED, column->at,
                   "'%s' is a text in the primary key, without a LENGTH", column->name);
}

void
lint_key_unbounded(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_key_column);
}

static void
check_key_random(const struct column *column, struct diag *diag)
{
    if (column->primary_key && column->type == TYPE_UUID && column->reference == NULL)
        diag_error(diag, RULE_KEY_RANDOM, column->at,
                   "'%s' is a uuid and the primary key: slow when its values are random",
                   column->name);
}

void
lint_key_random(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_key_random);
}
