/* sql_write.c: the SQL that writes rows: inserts, updates, upserts, of one row or of those that a
 * feed has. Parameters are numbered by the column's place among those that are written. */
#include "sql_put.h"

unsigned
cleat_parameter_of(const cleat_table *table, const cleat_column *column)
{
    unsigned number = 0;
    for (const cleat_column *c = table->columns; c <= column; c++)
        number += cleat_is_written(c);
    return number;
}

/* "INSERT INTO t(columns" of those that are written and have none of the flags `without`. */
static void
put_into(struct buffer *buffer, const cleat_table *table, unsigned without)
{
    const char *before = "(";
    cleat_put(buffer, "INSERT INTO ");
    cleat_put_table(buffer, table);
    for (unsigned i = 0; i < table->column_count; i++) {
        if (!cleat_is_written(&table->columns[i]) || (table->columns[i].flags & without) != 0)
            continue;
        cleat_put(buffer, before);
        cleat_put_name(buffer, table->columns[i].name);
        before = ",";
    }
}

void
cleat_put_insert(struct buffer *buffer, const cleat_table *table)
{
    unsigned number = 0;
    put_into(buffer, table, 0);
    cleat_put(buffer, ") VALUES(");
    for (unsigned i = 0; i < table->column_count; i++) {
        if (!cleat_is_written(&table->columns[i]))
            continue;
        cleat_put(buffer, number == 0 ? "" : ",");
        cleat_put_parameter(buffer, ++number);
    }
    cleat_put(buffer, ")");
}

static void
put_fed_insert(struct buffer *buffer, const cleat_table *table, unsigned without)
{
    const char *before = ") SELECT ";
    put_into(buffer, table, without);
    for (unsigned i = 0; i < table->column_count; i++) {
        if (!cleat_is_written(&table->columns[i]) || (table->columns[i].flags & without) != 0)
            continue;
        cleat_put_fed_column(buffer, before, table, &table->columns[i]);
        before = ",";
    }
    cleat_put(buffer, " FROM ");
    cleat_put_feed(buffer, table);
    cleat_put(buffer, " WHERE 1"); /* without it ON CONFLICT would be read as a join's ON */
}

void
cleat_put_insert_many(struct buffer *buffer, const cleat_table *table)
{
    put_fed_insert(buffer, table, 0);
}

void
cleat_put_append_many(struct buffer *buffer, const cleat_table *table)
{
    put_fed_insert(buffer, table, CLEAT_ASSIGNED);
}

/* ---- updates ---- */

static bool
has_bit(const unsigned char *bits, unsigned place)
{
    return bits == NULL || (bits[place / 8] >> place % 8 & 1) != 0;
}

void
cleat_put_update(struct buffer *buffer, const cleat_table *table, const unsigned char *bits)
{
    const cleat_key *key = &table->keys[0];
    const char *before = " SET ";
    cleat_put(buffer, "UPDATE ");
    cleat_put_table(buffer, table);
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (!cleat_is_written(column) || cleat_in_key(key, column) || !has_bit(bits, i))
            continue;
        cleat_put(buffer, before);
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, "=");
        cleat_put_parameter(buffer, cleat_parameter_of(table, column));
        before = ",";
    }
    for (unsigned i = 0; i < key->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, key->offsets[i]);
        if (before[0] == ' ') { /* nothing but the key: it still says whether the row is there */
            cleat_put(buffer, before);
            cleat_put_name(buffer, column->name);
            cleat_put(buffer, "=");
            cleat_put_name(buffer, column->name);
            before = ",";
        }
        cleat_put(buffer, i == 0 ? " WHERE " : " AND ");
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, "=");
        cleat_put_parameter(buffer, cleat_parameter_of(table, column));
    }
}

/* ---- upserts ---- */

/* Whether an upsert by this key writes the column to the row that is there. */
static bool
is_overwritten(const cleat_table *table, const cleat_key *key, const cleat_column *column)
{
    return cleat_is_written(column) && !cleat_in_key(key, column) &&
           !cleat_in_key(&table->keys[0], column);
}

/* Texts and blobs. COLLATE changes nothing for a blob. */
static bool
has_text(const cleat_column *column)
{
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_BLOB:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID:
    case CLEAT_KIND_ENUM: return true;
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_BOOLEAN:
    case CLEAT_KIND_REAL:
    case CLEAT_KIND_TIMESTAMP: break;
    }
    return false;
}

/* "a IS NOT excluded.a OR ..." for the columns that are texts, or those that are not. Every 30
 * comparisons have parentheses of their own, because SQLite limits the depth. */
static unsigned
put_compared(struct buffer *buffer, const cleat_table *table, const cleat_key *key, bool texts,
             unsigned compared)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (!is_overwritten(table, key, column) || (column->flags & CLEAT_UPDATE_NOW) ||
            has_text(column) != texts)
            continue;
        cleat_put(buffer, compared == 0 ? " AND ((" : compared % 30 == 0 ? ")OR(" : " OR ");
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, texts ? " COLLATE BINARY" : "");
        cleat_put(buffer, " IS NOT excluded.");
        cleat_put_name(buffer, column->name);
        compared++;
    }
    return compared;
}

/* A part of a row that lies in several tables. */
static bool
is_part(const cleat_table *table)
{
    return table->extends != NULL && !cleat_is_joined(table);
}

/* Whether an upsert by this key has anything to write to the row that is there. The times of a part
 * are no reason, unless the whole row is nothing else. */
static bool
overwrites(const cleat_table *table, const cleat_key *key)
{
    bool times = !is_part(table) || cleat_is_only_time(table->extends->table);
    for (unsigned i = 0; i < table->column_count; i++)
        if (is_overwritten(table, key, &table->columns[i]) &&
            (times || !(table->columns[i].flags & CLEAT_UPDATE_NOW)))
            return true;
    return false;
}

/* Whether some column differs; the times of updates do not count, unless there is nothing else.
 * Numbers come first: SQLite copies a text to compare it. */
static void
put_differences(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    unsigned compared = put_compared(buffer, table, key, false, 0);
    compared = put_compared(buffer, table, key, true, compared);
    cleat_put(buffer, compared > 0 ? "))" : "");
}

/* Whether the row that is there has another primary key. */
static void
put_key_differs(struct buffer *buffer, const cleat_table *table)
{
    const cleat_key *primary = &table->keys[0];
    for (unsigned i = 0; i < primary->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, primary->offsets[i]);
        cleat_put(buffer, i == 0 ? "" : " OR ");
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, " COLLATE BINARY IS NOT excluded.");
        cleat_put_name(buffer, column->name);
    }
}

/* The column of the primary key that an insert gives a value, or NULL. */
static const cleat_column *
assigned_column(const cleat_table *table)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_ASSIGNED)
            return &table->columns[i];
    return NULL;
}

/* " WHERE cleat_met(key)" or cleat_found(): by a unique key it takes note of the primary key of the
 * row that is there where that is assigned, and of whether any other differs. */
static void
put_where_met(struct buffer *buffer, const cleat_table *table, const cleat_key *key,
              const char *function)
{
    const cleat_column *assigned = assigned_column(table);
    cleat_put(buffer, " WHERE ");
    cleat_put(buffer, function);
    cleat_put(buffer, "(");
    if (key != &table->keys[0] && assigned != NULL)
        cleat_put_name(buffer, assigned->name);
    else if (key != &table->keys[0])
        put_key_differs(buffer, table);
    cleat_put(buffer, ")");
}

/* An update has to set something. */
static void
put_same(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const cleat_column *first = cleat_table_column_at(table, key->offsets[0]);
    cleat_put_name(buffer, first->name);
    cleat_put(buffer, "=");
    cleat_put_name(buffer, first->name);
}

static void
put_overwriting(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const char *before = "";
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (!is_overwritten(table, key, column))
            continue;
        cleat_put(buffer, before);
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, "=excluded.");
        cleat_put_name(buffer, column->name);
        before = ",";
    }
}

static void
put_conflict(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    cleat_put(buffer, " ON CONFLICT(");
    cleat_put_key_columns(buffer, table, key);
    cleat_put(buffer, ") DO ");
}

/* What follows an insert. An upsert by a unique key leaves the primary key of the row that was
 * there. */
void
cleat_put_upsert(struct buffer *buffer, const cleat_table *table, const cleat_key *key, bool many)
{
    bool writes = overwrites(table, key);
    put_conflict(buffer, table, key);
    cleat_put(buffer, "UPDATE SET ");
    if (writes)
        put_overwriting(buffer, table, key);
    else
        put_same(buffer, table, key);
    if (many && writes && key == &table->keys[0] && !is_part(table))
        cleat_put(buffer, " WHERE 1");
    else
        put_where_met(buffer, table, key, writes ? "cleat_met" : "cleat_found");
    if (writes)
        put_differences(buffer, table, key);
}

void
cleat_put_ensure(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    put_conflict(buffer, table, key);
    cleat_put(buffer, "NOTHING");
}

void
cleat_put_ensure_many(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    if (key == &table->keys[0] || assigned_column(table) == NULL) {
        cleat_put_ensure(buffer, table, key);
        return;
    }
    put_conflict(buffer, table, key);
    cleat_put(buffer, "UPDATE SET ");
    put_same(buffer, table, key);
    put_where_met(buffer, table, key, "cleat_found");
}

/* ---- parts of rows ---- */

/* An upsert, which finds its row by the key whatever the table's statistics say. */
void
cleat_put_touch(struct buffer *buffer, const cleat_table *table)
{
    const char *before = ") DO UPDATE SET ";
    cleat_put_insert_many(buffer, table);
    cleat_put(buffer, " ON CONFLICT(");
    cleat_put_key_columns(buffer, table, &table->keys[0]);
    for (unsigned i = 0; i < table->column_count; i++) {
        if (!(table->columns[i].flags & CLEAT_UPDATE_NOW))
            continue;
        cleat_put(buffer, before);
        cleat_put_name(buffer, table->columns[i].name);
        cleat_put(buffer, "=excluded.");
        cleat_put_name(buffer, table->columns[i].name);
        before = ",";
    }
}

void
cleat_put_delete_many(struct buffer *buffer, const cleat_table *table)
{
    const cleat_key *key = &table->keys[0];
    cleat_put(buffer, "DELETE FROM ");
    cleat_put_table(buffer, table);
    cleat_put(buffer, " WHERE (");
    cleat_put_key_columns(buffer, table, key);
    for (unsigned i = 0; i < key->count; i++)
        cleat_put_fed_column(buffer, i == 0 ? ") IN (SELECT " : ",", table,
                             cleat_table_column_at(table, key->offsets[i]));
    cleat_put(buffer, " FROM ");
    cleat_put_feed(buffer, table);
    cleat_put(buffer, ")");
}
