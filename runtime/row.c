/* row.c: rows in memory: their defaults, and what they own. A row is known only by its table's
 * descriptor. */
#include "row.h"

#include <stdlib.h>

const cleat_column *
cleat_table_column_at(const cleat_table *table, uint16_t offset)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].offset == offset)
            return &table->columns[i];
    return NULL;
}

unsigned
cleat_part_count(const cleat_table *table)
{
    unsigned count = 1;
    for (; cleat_is_joined(table); table = table->extends->table)
        count++;
    return count;
}

const cleat_table *
cleat_part(const cleat_table *table, unsigned place)
{
    for (unsigned i = cleat_part_count(table) - 1; i > place; i--)
        table = table->extends->table;
    return cleat_is_joined(table) ? table->extends->own : table;
}

const cleat_table *
cleat_stored_table(const cleat_table *table)
{
    return cleat_is_joined(table) ? table->extends->own : table;
}

void
cleat_row_set_now(const cleat_column *column, void *row)
{
    char *member = (char *)row + column->offset;
    int64_t now = cleat_now();
    if (column->kind == CLEAT_KIND_DATETIME)
        cleat_datetime_format(now, member);
    else
        memcpy(member, &now, sizeof now);
    if (cleat_column_has(column))
        *((bool *)row + column->has_offset) = true;
}

void
cleat_row_set_new_id(const cleat_column *column, void *row)
{
    char *member = (char *)row + column->offset;
    if (column->kind == CLEAT_KIND_ULID)
        cleat_ulid_new(member);
    else if (column->kind == CLEAT_KIND_UUID)
        cleat_uuid_new(member);
}

bool
cleat_row_has_constant(const cleat_table *table, const void *row, uint16_t offset, bool added)
{
    const cleat_extends *extends = table->extends;
    int value;
    memcpy(&value, (const char *)row + offset, sizeof value);
    for (unsigned i = 0; i < extends->constant_count; i++) {
        const cleat_constant *constant = &extends->constants[i];
        if (constant->offset == offset && constant->value == value && !(added && constant->further))
            return true;
    }
    return false;
}

const cleat_column *
cleat_row_wrong_constant(const cleat_table *table, const void *row, bool added)
{
    const cleat_extends *extends = table->extends;
    for (unsigned i = 0; extends != NULL && i < extends->constant_count; i++) {
        uint16_t offset = extends->constants[i].offset;
        if (!cleat_row_has_constant(table, row, offset, added))
            return cleat_table_column_at(table, offset);
    }
    return NULL;
}

void
cleat_row_set_update_times(const cleat_table *table, void *row)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_UPDATE_NOW)
            cleat_row_set_now(&table->columns[i], row);
}

void
cleat_row_defaults(const cleat_table *table, void *ret_row)
{
    if (table == NULL || ret_row == NULL)
        return;
    memset(ret_row, 0, table->row_size);
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (column->flags & CLEAT_ASSIGNED)
            cleat_row_set_new_id(column, ret_row);
        if (column->flags & CLEAT_DEFAULT_NOW)
            cleat_row_set_now(column, ret_row);
    }
}

void *
cleat_block_new(size_t capacity)
{
    char *block = malloc(sizeof capacity + capacity);
    if (block != NULL)
        memcpy(block, &capacity, sizeof capacity);
    return block;
}

void
cleat_row_clear(const cleat_table *table, void *row)
{
    if (table == NULL || row == NULL)
        return;
    void *owned;
    memcpy(&owned, (char *)row + table->owned_offset, sizeof owned);
    free(owned);
    memset(row, 0, table->row_size);
}
