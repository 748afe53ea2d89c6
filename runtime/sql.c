/* sql.c: writes the SQL of plain CRUD from a table's descriptor. Every name is quoted, every table
 * says its database, columns are always listed. The texts are the same on every connection. */
#include "runtime.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A text that grows; `failed` once memory ran out. */
struct buffer {
    char *text;
    size_t size, capacity;
    bool failed;
};

static void
put_bytes(struct buffer *buffer, const char *bytes, size_t count)
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

static void
put(struct buffer *buffer, const char *text)
{
    put_bytes(buffer, text, strlen(text));
}

static void
put_name(struct buffer *buffer, const char *name)
{
    put(buffer, "\"");
    for (; *name != '\0'; name++)
        put_bytes(buffer, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    put(buffer, "\"");
}

static void
put_table(struct buffer *buffer, const cleat_table *table)
{
    put_name(buffer, table->database);
    put(buffer, ".");
    put_name(buffer, table->name);
}

static void
put_parameter(struct buffer *buffer, unsigned number)
{
    char text[16];
    snprintf(text, sizeof text, "?%u", number);
    put(buffer, text);
}

static char *
take(struct buffer *buffer)
{
    if (!buffer->failed)
        return buffer->text;
    free(buffer->text);
    return NULL;
}

static bool
is_written(const cleat_column *column)
{
    return !(column->flags & CLEAT_GENERATED);
}

/* The number of a column's parameter in a statement that writes rows. */
static unsigned
parameter_of(const cleat_table *table, const cleat_column *column)
{
    unsigned number = 0;
    for (const cleat_column *c = table->columns; c <= column; c++)
        number += is_written(c);
    return number;
}

static bool
in_key(const cleat_key *key, const cleat_column *column)
{
    for (unsigned i = 0; i < key->count; i++)
        if (key->offsets[i] == column->offset)
            return true;
    return false;
}

static void
put_columns(struct buffer *buffer, const cleat_table *table, const char *alias, bool written)
{
    const char *before = "";
    for (unsigned i = 0; i < table->column_count; i++) {
        if (written && !is_written(&table->columns[i]))
            continue;
        put(buffer, before);
        put(buffer, alias);
        put_name(buffer, table->columns[i].name);
        before = ",";
    }
}

static void
put_key_columns(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    for (unsigned i = 0; i < key->count; i++) {
        put(buffer, i == 0 ? "" : ",");
        put_name(buffer, cleat_table_column_at(table, key->offsets[i])->name);
    }
}

/* " WHERE a=?1 AND b=?2". IS finds NULLs too, where there can be some and a list is asked for. */
static void
put_where(struct buffer *buffer, const cleat_table *table, const cleat_key *key, bool nulls)
{
    for (unsigned i = 0; i < key->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, key->offsets[i]);
        put(buffer, i == 0 ? " WHERE " : " AND ");
        put_name(buffer, column->name);
        put(buffer, nulls && (column->flags & CLEAT_NULLABLE) ? " IS " : "=");
        put_parameter(buffer, i + 1);
    }
}

static void
put_insert(struct buffer *buffer, const cleat_table *table)
{
    unsigned number = 0;
    put(buffer, "INSERT INTO ");
    put_table(buffer, table);
    put(buffer, "(");
    put_columns(buffer, table, "", true);
    put(buffer, ") VALUES(");
    for (unsigned i = 0; i < table->column_count; i++) {
        if (!is_written(&table->columns[i]))
            continue;
        put(buffer, number == 0 ? "" : ",");
        put_parameter(buffer, ++number);
    }
    put(buffer, ")");
}

static void
put_update(struct buffer *buffer, const cleat_table *table)
{
    const cleat_key *key = &table->keys[0];
    const char *before = " SET ";
    put(buffer, "UPDATE ");
    put_table(buffer, table);
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (!is_written(column) || in_key(key, column))
            continue;
        put(buffer, before);
        put_name(buffer, column->name);
        put(buffer, "=");
        put_parameter(buffer, parameter_of(table, column));
        before = ",";
    }
    for (unsigned i = 0; i < key->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, key->offsets[i]);
        if (before[0] == ' ') { /* all columns are key: it still says whether the row is there */
            put(buffer, before);
            put_name(buffer, column->name);
            put(buffer, "=");
            put_name(buffer, column->name);
            before = ",";
        }
        put(buffer, i == 0 ? " WHERE " : " AND ");
        put_name(buffer, column->name);
        put(buffer, "=");
        put_parameter(buffer, parameter_of(table, column));
    }
}

/* An upsert by a unique key leaves the primary key of the row that was there. */
static void
put_upsert(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const char *before = ") DO UPDATE SET ";
    put_insert(buffer, table);
    put(buffer, " ON CONFLICT(");
    put_key_columns(buffer, table, key);
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (!is_written(column) || in_key(key, column) || in_key(&table->keys[0], column))
            continue;
        put(buffer, before);
        put_name(buffer, column->name);
        put(buffer, "=excluded.");
        put_name(buffer, column->name);
        before = ",";
    }
    if (before[0] == ')')
        put(buffer, ") DO NOTHING");
}

static void
put_from(struct buffer *buffer, const char *verb, const cleat_table *table)
{
    put(buffer, verb);
    put(buffer, " FROM ");
    put_table(buffer, table);
}

static void
put_select(struct buffer *buffer, const cleat_table *table)
{
    put(buffer, "SELECT ");
    put_columns(buffer, table, "", false);
    put_from(buffer, "", table);
}

static void
put_list(struct buffer *buffer, const cleat_table *table)
{
    put_select(buffer, table);
    if (table->key_count == 0)
        return;
    put(buffer, " ORDER BY ");
    put_key_columns(buffer, table, &table->keys[0]);
}

static void
put_list_by(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    put_select(buffer, table);
    put_where(buffer, table, key, true);
    if (key->order == NULL)
        return;
    put(buffer, " ORDER BY ");
    put(buffer, key->order);
}

char *
cleat_sql_build(const cleat_table *table, enum operation operation, unsigned key)
{
    struct buffer buffer = {0};
    const cleat_key *by = table->keys == NULL ? NULL : &table->keys[key];
    switch (operation) {
    case CLEAT_SQL_INSERT: put_insert(&buffer, table); break;
    case CLEAT_SQL_UPDATE: put_update(&buffer, table); break;
    case CLEAT_SQL_COUNT: put_from(&buffer, "SELECT count(*)", table); break;
    case CLEAT_SQL_LIST: put_list(&buffer, table); break;
    case CLEAT_SQL_GET:
        put_select(&buffer, table);
        put_where(&buffer, table, by, false);
        break;
    case CLEAT_SQL_EXISTS:
        put_from(&buffer, "SELECT 1", table);
        put_where(&buffer, table, by, true);
        put(&buffer, " LIMIT 1");
        break;
    case CLEAT_SQL_DELETE:
        put_from(&buffer, "DELETE", table);
        put_where(&buffer, table, by, false);
        break;
    case CLEAT_SQL_UPSERT: put_upsert(&buffer, table, by); break;
    case CLEAT_SQL_COUNT_BY:
        put_from(&buffer, "SELECT count(*)", table);
        put_where(&buffer, table, by, true);
        break;
    case CLEAT_SQL_LIST_BY: put_list_by(&buffer, table, by); break;
    case CLEAT_SQL_IDENTITY:
        put(&buffer, "SELECT ");
        put_key_columns(&buffer, table, &table->keys[0]);
        put_from(&buffer, "", table);
        put_where(&buffer, table, by, false);
        break;
    case CLEAT_SQL_END: break;
    }
    return take(&buffer);
}

char *
cleat_sql_search(const cleat_full_text *index)
{
    struct buffer buffer = {0};
    put(&buffer, "SELECT ");
    put_columns(&buffer, index->table, "t.", false);
    put(&buffer, " FROM ");
    put_name(&buffer, index->table->database);
    put(&buffer, ".");
    put_name(&buffer, index->name);
    put(&buffer, " AS f CROSS JOIN ");
    put_table(&buffer, index->table);
    put(&buffer, " AS t ON t.");
    put_name(&buffer, index->rowid);
    /* the hidden column that is named like the index takes the query */
    put(&buffer, "=f.rowid WHERE f.");
    put_name(&buffer, index->name);
    put(&buffer, " MATCH ?1 ORDER BY f.rank");
    return take(&buffer);
}

char *
cleat_sql_lock(const cleat_table *table)
{
    struct buffer buffer = {0};
    put_from(&buffer, "DELETE", table);
    put(&buffer, " WHERE 0");
    return take(&buffer);
}

char *
cleat_sql_words(const char *text)
{
    struct buffer buffer = {0};
    put(&buffer, "");
    while (*text != '\0') {
        size_t length = 0;
        while (text[length] != '\0' && !isspace((unsigned char)text[length]))
            length++;
        if (length > 0) {
            put(&buffer, buffer.size == 0 ? "\"" : " \"");
            for (size_t i = 0; i < length; i++)
                put_bytes(&buffer, text[i] == '"' ? "\"\"" : text + i, text[i] == '"' ? 2 : 1);
            put(&buffer, "\"");
        }
        text += length;
        if (*text != '\0')
            text++;
    }
    return take(&buffer);
}
