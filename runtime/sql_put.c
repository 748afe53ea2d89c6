/* sql_put.c: the pieces of generated SQL: names, tables, columns, keys, the feed. Every name is
 * quoted and every table says its database. A buffer remembers that memory ran out, so that only
 * taking its text can fail. */
#include "sql_put.h"

#include <stdio.h>
#include <stdlib.h>

void
cleat_put_bytes(struct buffer *buffer, const char *bytes, size_t count)
{
    if (buffer->size + count + 1 > buffer->capacity) {
        size_t capacity = (buffer->size + count + 1) * 2;
        char *text = realloc(buffer->text, capacity);
        if (text == NULL) {
            buffer->failed = true;
            return;
        }
        buffer->text = text;
        buffer->capacity = capacity;
    }
    memcpy(buffer->text + buffer->size, bytes, count);
    buffer->size += count;
    buffer->text[buffer->size] = '\0';
}

void
cleat_put(struct buffer *buffer, const char *text)
{
    cleat_put_bytes(buffer, text, strlen(text));
}

void
cleat_put_name(struct buffer *buffer, const char *name)
{
    cleat_put(buffer, "\"");
    for (; *name != '\0'; name++)
        cleat_put_bytes(buffer, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    cleat_put(buffer, "\"");
}

void
cleat_put_table(struct buffer *buffer, const cleat_table *table)
{
    cleat_put_name(buffer, table->database);
    cleat_put(buffer, ".");
    cleat_put_name(buffer, table->name);
}

void
cleat_put_parameter(struct buffer *buffer, unsigned number)
{
    char text[16];
    snprintf(text, sizeof text, "?%u", number);
    cleat_put(buffer, text);
}

char *
cleat_take(struct buffer *buffer)
{
    if (!buffer->failed)
        return buffer->text;
    free(buffer->text);
    return NULL;
}

bool
cleat_is_written(const cleat_column *column)
{
    return !(column->flags & CLEAT_GENERATED);
}

bool
cleat_in_key(const cleat_key *key, const cleat_column *column)
{
    for (unsigned i = 0; i < key->count; i++)
        if (key->offsets[i] == column->offset)
            return true;
    return false;
}

void
cleat_put_columns(struct buffer *buffer, const cleat_table *table, const char *alias)
{
    const char *before = "";
    for (unsigned i = 0; i < table->column_count; i++) {
        cleat_put(buffer, before);
        cleat_put(buffer, alias);
        cleat_put_name(buffer, table->columns[i].name);
        before = ",";
    }
}

void
cleat_put_key_columns(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    for (unsigned i = 0; i < key->count; i++) {
        cleat_put(buffer, i == 0 ? "" : ",");
        cleat_put_name(buffer, cleat_table_column_at(table, key->offsets[i])->name);
    }
}

void
cleat_put_where(struct buffer *buffer, const cleat_table *table, const cleat_key *key, bool nulls)
{
    for (unsigned i = 0; i < key->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, key->offsets[i]);
        cleat_put(buffer, i == 0 ? " WHERE " : " AND ");
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, nulls && (column->flags & CLEAT_NULLABLE) ? " IS " : "=");
        cleat_put_parameter(buffer, i + 1);
    }
}

void
cleat_put_from(struct buffer *buffer, const char *verb, const cleat_table *table,
               const cleat_key *key)
{
    cleat_put(buffer, verb);
    cleat_put(buffer, " FROM ");
    cleat_put_source(buffer, table, key);
}

void
cleat_put_select(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    cleat_put(buffer, "SELECT ");
    cleat_put_columns(buffer, table, "");
    cleat_put_from(buffer, "", table, key);
}

/* ---- the feed ---- */

/* No table of a schema has a colon or slash in its name. */
char *
cleat_sql_feed(const cleat_table *table)
{
    if (table->extends != NULL && !cleat_is_joined(table)) /* a part of another's row */
        return cleat_text("cleat:%s.%s/%s", table->database, table->extends->table->name,
                          table->name);
    return cleat_text("cleat:%s.%s", table->database, table->name);
}

void
cleat_put_feed(struct buffer *buffer, const cleat_table *table)
{
    char *name = cleat_sql_feed(table);
    if (name == NULL)
        buffer->failed = true;
    else
        cleat_put_name(buffer, name);
    free(name);
}

void
cleat_put_fed_column(struct buffer *buffer, const char *alias, const cleat_table *table,
                     const cleat_column *column)
{
    char text[16];
    snprintf(text, sizeof text, "c%u", (unsigned)(column - table->columns));
    cleat_put(buffer, alias);
    cleat_put(buffer, text);
}

char *
cleat_sql_feed_columns(const cleat_table *table)
{
    struct buffer buffer = {0};
    for (unsigned i = 0; i < table->column_count; i++)
        cleat_put_fed_column(&buffer, i == 0 ? "CREATE TABLE feed(" : ",", table,
                             &table->columns[i]);
    cleat_put(&buffer, ")");
    return cleat_take(&buffer);
}
