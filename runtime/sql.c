/* sql.c: writes the SQL of plain CRUD from a table's descriptor. Every name is quoted, every table
 * says its database, columns are always listed. The texts are the same on every connection. */
#include "sql_put.h"

/* ---- selects ---- */

/* Joins the feed k with the rows t that have the same key. */
static void
put_joined(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    cleat_put(buffer, " FROM ");
    cleat_put_feed(buffer, table);
    cleat_put(buffer, " AS k CROSS JOIN ");
    cleat_put_next_source(buffer, table, key, NULL);
    cleat_put(buffer, " AS t ON ");
    for (unsigned i = 0; i < key->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, key->offsets[i]);
        cleat_put(buffer, i == 0 ? "t." : " AND t.");
        cleat_put_name(buffer, column->name);
        cleat_put_fed_column(buffer, "=k.", table, column);
    }
}

static void
put_stored_keys(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const cleat_key *primary = &table->keys[0];
    cleat_put(buffer, "SELECT k.rowid");
    for (unsigned i = 0; i < primary->count; i++) {
        cleat_put(buffer, ",t.");
        cleat_put_name(buffer, cleat_table_column_at(table, primary->offsets[i])->name);
    }
    put_joined(buffer, table, key);
    for (unsigned i = 0; i < primary->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, primary->offsets[i]);
        cleat_put(buffer, i == 0 ? " WHERE t." : " OR t.");
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, " COLLATE BINARY");
        cleat_put_fed_column(buffer, " IS NOT k.", table, column);
    }
}

static void
put_found_keys(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const cleat_key *const keys[] = {&table->keys[0], key};
    cleat_put(buffer, "SELECT k.rowid");
    for (size_t k = 0; k < CLEAT_COUNT(keys); k++) {
        for (unsigned i = 0; i < keys[k]->count; i++) {
            cleat_put(buffer, ",t.");
            cleat_put_name(buffer, cleat_table_column_at(table, keys[k]->offsets[i])->name);
        }
    }
    put_joined(buffer, table, key);
    cleat_put_other_keys(buffer, table, key);
}

static void
put_list(struct buffer *buffer, const cleat_table *table)
{
    cleat_put_select(buffer, table, NULL);
    if (table->key_count == 0)
        return;
    cleat_put(buffer, " ORDER BY ");
    cleat_put_key_columns(buffer, table, &table->keys[0]);
}

static void
put_list_by(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    cleat_put_select(buffer, table, key);
    cleat_put_where(buffer, table, key, true);
    if (key->order == NULL)
        return;
    cleat_put(buffer, " ORDER BY ");
    cleat_put(buffer, key->order);
}

static void
put_last(struct buffer *buffer, const cleat_table *table)
{
    cleat_put(buffer, "SELECT max(");
    cleat_put_key_columns(buffer, table, &table->keys[0]);
    cleat_put_from(buffer, ")", table, NULL);
}

static void
put_by_key(struct buffer *buffer, const cleat_table *table, enum operation operation,
           const cleat_key *key)
{
    switch (operation) {
    case CLEAT_SQL_EXISTS:
        cleat_put_from(buffer, "SELECT 1", table, key);
        cleat_put_where(buffer, table, key, true);
        cleat_put(buffer, " LIMIT 1");
        break;
    case CLEAT_SQL_DELETE:
        cleat_put_from(buffer, "DELETE", table, key);
        cleat_put_where(buffer, table, key, false);
        break;
    case CLEAT_SQL_COUNT_BY:
        cleat_put_from(buffer, "SELECT count(*)", table, key);
        cleat_put_where(buffer, table, key, true);
        break;
    case CLEAT_SQL_LIST_BY:
    case CLEAT_SQL_COLLECT_BY: put_list_by(buffer, table, key); break;
    case CLEAT_SQL_GET_MANY:
        cleat_put(buffer, "SELECT ");
        cleat_put_columns(buffer, table, "t.");
        put_joined(buffer, table, key);
        break;
    case CLEAT_SQL_STORED_KEYS: put_stored_keys(buffer, table, key); break;
    case CLEAT_SQL_KEY:
        cleat_put(buffer, "SELECT ");
        cleat_put_key_columns(buffer, table, &table->keys[0]);
        cleat_put_from(buffer, "", table, key);
        cleat_put_where(buffer, table, key, false);
        break;
    case CLEAT_SQL_COMPARE: cleat_put_compare(buffer, table, key); break;
    case CLEAT_SQL_FOUND_KEYS: put_found_keys(buffer, table, key); break;
    case CLEAT_SQL_AGED:
        cleat_put(buffer, "SELECT k.rowid");
        put_joined(buffer, table, key);
        cleat_put_aged(buffer, table, key);
        break;
    case CLEAT_SQL_TOUCH_MANY: cleat_put_touch(buffer, table); break;
    case CLEAT_SQL_DELETE_MANY: cleat_put_delete_many(buffer, table); break;
    default:
        cleat_put_select(buffer, table, key);
        cleat_put_where(buffer, table, key, false);
        break;
    }
}

char *
cleat_sql_build(const cleat_table *table, enum operation operation, unsigned key)
{
    struct buffer buffer = {0};
    const cleat_key *by = table->keys == NULL ? NULL : &table->keys[key];
    switch (operation) {
    case CLEAT_SQL_INSERT: cleat_put_insert(&buffer, table); break;
    case CLEAT_SQL_INSERT_MANY: cleat_put_insert_many(&buffer, table); break;
    case CLEAT_SQL_APPEND_MANY: cleat_put_append_many(&buffer, table); break;
    case CLEAT_SQL_UPDATE: cleat_put_update(&buffer, table, NULL); break;
    case CLEAT_SQL_COUNT: cleat_put_from(&buffer, "SELECT count(*)", table, NULL); break;
    case CLEAT_SQL_LIST:
    case CLEAT_SQL_COLLECT: put_list(&buffer, table); break;
    case CLEAT_SQL_LAST: put_last(&buffer, table); break;
    case CLEAT_SQL_UPSERT:
        cleat_put_insert(&buffer, table);
        cleat_put_upsert(&buffer, table, by, false);
        break;
    case CLEAT_SQL_UPSERT_MANY:
        cleat_put_insert_many(&buffer, table);
        cleat_put_upsert(&buffer, table, by, true);
        break;
    case CLEAT_SQL_ENSURE:
        cleat_put_insert(&buffer, table);
        cleat_put_ensure(&buffer, table, by);
        break;
    case CLEAT_SQL_ENSURE_MANY:
        cleat_put_insert_many(&buffer, table);
        cleat_put_ensure_many(&buffer, table, by);
        break;
    case CLEAT_SQL_UPSERT_APPEND:
        cleat_put_append_many(&buffer, table);
        cleat_put_upsert(&buffer, table, by, true);
        break;
    case CLEAT_SQL_ENSURE_APPEND:
        cleat_put_append_many(&buffer, table);
        cleat_put_ensure_many(&buffer, table, by);
        break;
    default: put_by_key(&buffer, table, operation, by); break;
    }
    return cleat_take(&buffer);
}

char *
cleat_sql_last(const cleat_table *table)
{
    struct buffer buffer = {0};
    cleat_put(&buffer, "SELECT ifnull(max(a,b),ifnull(a,b)) FROM (SELECT (");
    put_last(&buffer, table);
    cleat_put(&buffer, ") AS a,(SELECT seq FROM ");
    cleat_put_name(&buffer, table->database);
    cleat_put(&buffer, ".sqlite_sequence WHERE name='"); /* a name from C needs no escape */
    cleat_put(&buffer, table->name);
    cleat_put(&buffer, "') AS b)");
    return cleat_take(&buffer);
}

char *
cleat_sql_patch(const cleat_table *table, const unsigned char *columns)
{
    struct buffer buffer = {0};
    cleat_put_update(&buffer, table, columns);
    return cleat_take(&buffer);
}

char *
cleat_sql_collect(const cleat_table *table, enum operation operation, unsigned key)
{
    struct buffer buffer = {0};
    bool joined = operation == CLEAT_SQL_GET_MANY;
    cleat_put(&buffer, "SELECT cleat_collect(");
    cleat_put_columns(&buffer, table, joined ? "t." : "");
    cleat_put(&buffer, ")");
    if (joined) {
        put_joined(&buffer, table, &table->keys[key]);
        return cleat_take(&buffer);
    }
    const cleat_key *by = operation == CLEAT_SQL_COLLECT_BY ? &table->keys[key] : NULL;
    cleat_put_from(&buffer, "", table, by);
    if (by != NULL)
        cleat_put_where(&buffer, table, by, true);
    return cleat_take(&buffer);
}

char *
cleat_sql_lock(const cleat_table *table)
{
    struct buffer buffer = {0};
    cleat_put(&buffer, "DELETE FROM ");
    cleat_put_table(&buffer, table);
    cleat_put(&buffer, " WHERE 0");
    return cleat_take(&buffer);
}
