/* check_keys.c: rules about primary keys, indexes and the size of tables. */
#include "check.h"

#include "model/extend.h"

#include <string.h>

#define COLUMN_LIMIT 2000

static void
check_empty(const struct table *table, struct diag *diag)
{
    if (table->columns->len == 0)
        diag_error(diag, RULE_TABLE_EMPTY, table->at, "table '%s' has no columns", table->name);
}

void
check_table_empty(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_empty);
}

static void
check_limit(const struct table *table, struct diag *diag)
{
    guint own = table->columns->len + (table->hidden_rowid != NULL ? 1 : 0);
    if (own > COLUMN_LIMIT)
        diag_error(diag, RULE_COLUMN_LIMIT, table->at, "table '%s' has more than %d columns: %u",
                   table->name, COLUMN_LIMIT, own);
    else if (table_row(table)->len > COLUMN_LIMIT)
        diag_error(diag, RULE_COLUMN_LIMIT, table->extends->at,
                   "a row of table '%s' has more than %d columns with those that it extends: %u",
                   table->name, COLUMN_LIMIT, table_row(table)->len);
    FOR_EACH(struct index, index, table->indexes)
        if (index->parts->len > COLUMN_LIMIT)
            diag_error(diag, RULE_COLUMN_LIMIT, index->at, "the index has more than %d columns: %u",
                       COLUMN_LIMIT, index->parts->len);
}

void
check_column_limit(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_limit);
}

/* ---- primary keys ---- */

/* Whether the table tries to have a key, also one that could not be read. */
static bool
names_key(const struct table *table)
{
    FOR_EACH(struct note, note, table->notes)
        if (strcmp(note->word, "primary_key_on") == 0)
            return true;
    return table->primary_key->len > 0;
}

static void
check_key_missing(const struct table *table, struct diag *diag)
{
    if (table->columns->len > 0 && !names_key(table))
        diag_error(diag, RULE_PRIMARY_KEY_MISSING, table->at, "table '%s' has no primary key",
                   table->name);
}

void
check_primary_key_missing(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_key_missing);
}

/* Reports a further key at `at`, after the first one. */
static void
take_key(struct location at, struct location *first, bool *found, struct diag *diag)
{
    if (!*found) {
        *first = at;
        *found = true;
        return;
    }
    diag_error(diag, RULE_PRIMARY_KEY_TWICE, at, "the table has a primary key already");
    diag_note(diag, *first, "the first one is here");
    diag_note(diag, (struct location){0}, "a key of several columns is PRIMARY_KEY_ON(a, b)");
}

static void
check_keys(const struct table *table, struct diag *diag)
{
    struct location first = {0};
    bool found = false;
    FOR_EACH(struct column, column, table->columns)
        if (column_note(column, "primary_key") != NULL)
            take_key(word_at(column, "primary_key"), &first, &found, diag);
    FOR_EACH(struct note, note, table->notes)
        if (strcmp(note->word, "primary_key_on") == 0)
            take_key(note->at, &first, &found, diag);
}

void
check_primary_key_twice(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_keys);
}

static void
check_column_key(const struct column *column, struct diag *diag)
{
    bool unfit = column->type == TYPE_REAL || column->type == TYPE_JSON ||
                 column->type == TYPE_BLOB;
    if (!column->primary_key || !unfit)
        return;
    diag_error(diag, RULE_KEY_TYPE, column->type_at, "a column of type %s cannot be a primary key",
               type_name(column));
    if (column_note(column, "primary_key") == NULL)
        diag_note(diag, column->table->primary_key_at, "the key is here");
}

void
check_key_type(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_key);
}

static void
check_autoincrement(const struct column *column, struct diag *diag)
{
    const struct table *table = column->table;
    const char *why = NULL;
    if (!column->autoincrement || column->type == TYPE_UNKNOWN)
        return;
    if (!column->primary_key)
        why = "is not the primary key";
    else if (table->primary_key->len > 1)
        why = "is only part of the primary key";
    else if (column->type != TYPE_INTEGER)
        why = "is not of type integer";
    else if (table->without_rowid)
        why = "is in a WITHOUT_ROWID table";
    if (why != NULL)
        diag_error(diag, RULE_AUTOINCREMENT_KEY, word_at(column, "autoincrement"),
                   "'%s' cannot be AUTOINCREMENT: it %s", column->name, why);
}

void
check_autoincrement_key(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_autoincrement);
}

/* ---- indexes ---- */

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_index(const struct index *a, const struct index *b)
{
    if (a->parts->len != b->parts->len || !same_text(a->where.sql, b->where.sql))
        return false;
    for (guint i = 0; i < a->parts->len; i++) {
        const struct key_part *left = g_ptr_array_index(a->parts, i);
        const struct key_part *right = g_ptr_array_index(b->parts, i);
        /* A single column is read in both directions alike. */
        if (left->column != right->column || !same_text(left->collate, right->collate) ||
            (left->descending != right->descending && a->parts->len > 1))
            return false;
        if (left->column == NULL && strcmp(left->sql, right->sql) != 0)
            return false;
    }
    return a->parts->len > 0;
}

static bool
is_primary_key(const struct index *index, const struct table *table)
{
    if (index->where.sql != NULL || index->parts->len != table->primary_key->len)
        return false;
    for (guint i = 0; i < index->parts->len; i++) {
        const struct key_part *part = g_ptr_array_index(index->parts, i);
        if (part->column != g_ptr_array_index(table->primary_key, i) || part->collate != NULL ||
            (part->descending && index->parts->len > 1))
            return false;
    }
    return index->parts->len > 0;
}

static void
check_indexes(const struct table *table, struct diag *diag)
{
    for (guint i = 0; i < table->indexes->len; i++) {
        const struct index *index = g_ptr_array_index(table->indexes, i);
        if (is_primary_key(index, table)) {
            diag_error(diag, RULE_INDEX_TWICE, index->at,
                       "the primary key is an index of the "
                       "same columns already");
            diag_note(diag, table->primary_key_at, "the primary key is here");
            continue;
        }
        for (guint j = 0; j < i; j++) {
            const struct index *first = g_ptr_array_index(table->indexes, j);
            if (!same_index(first, index))
                continue;
            diag_error(diag, RULE_INDEX_TWICE, index->at,
                       "another index has the same columns already");
            diag_note(diag, first->at, "it is here");
            break;
        }
    }
}

void
check_index_twice(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_indexes);
}
