/* row.c: rows in memory: their defaults, and what they own. A row is known only by its table's
 * descriptor. */
#include "runtime.h"

#include <stdlib.h>

const cleat_column *
cleat_table_column_at(const cleat_table *table, uint16_t offset)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].offset == offset)
            return &table->columns[i];
    return NULL;
}

void
cleat_row_set_now(const cleat_column *column, void *row)
{
    char *member = (char *)row + column->offset;
    int64_t now = cleat_now();
    if (column->kind == CLEAT_KIND_DATETIME)
        cleat_datetime_format(now, member);
    else if (column->kind == CLEAT_KIND_TIMESTAMP)
        memcpy(member, &now, sizeof now);
    else
        return;
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

void
cleat_row_defaults(const cleat_table *table, void *ret_row)
{
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
    if (row == NULL)
        return;
    void *owned;
    memcpy(&owned, (char *)row + table->owned_offset, sizeof owned);
    free(owned);
    memset(row, 0, table->row_size);
}
