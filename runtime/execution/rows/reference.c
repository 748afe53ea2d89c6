/* reference.c: which reference of a row leads nowhere. Enters: a row that SQLite has refused for a
 * foreign key, without a word about which; leaves: the column in the session's error. What cannot be
 * found out, also for want of memory, leaves the error as it was. */
#include "call.h"

#include <stdio.h>

#define BETWEEN "\x1F"

/* Of each foreign key of a table: its columns, and a query for the row that they refer to. Those to
 * the same table come last: the row may have referred to itself. */
static const char keys_sql[] =
    "SELECT group_concat(\"from\", char(31)), printf('SELECT 1 FROM \"%w\".\"%w\" WHERE ', ?2,"
    " \"table\") || group_concat(printf('\"%w\"=?', \"to\"), ' AND '), \"table\""
    " FROM (SELECT * FROM pragma_foreign_key_list(?1, ?2) ORDER BY id, seq)"
    " GROUP BY id ORDER BY \"table\" = ?1 COLLATE NOCASE, id";

/* Whether the row has a column: all, or the primary key and those in a set. */
static bool
has_column(const cleat_table *table, unsigned place, const unsigned char *set)
{
    return set == NULL || (table->columns[place].flags & CLEAT_KEY) ||
           (set[place / 8] >> place % 8 & 1) != 0;
}

/* Binds the columns of a key; false when one is NULL, which refers to nothing, or not known. */
static bool
bind_key(cleat_session *session, const struct entry *entry, const char *names, sqlite3_stmt *handle,
         const void *row, const unsigned char *set)
{
    const cleat_table *table = entry->table;
    for (int place = 1; *names != '\0'; place++) {
        size_t length = strcspn(names, BETWEEN);
        unsigned i = 0;
        while (i < table->column_count && (strlen(table->columns[i].name) != length ||
                                           strncmp(table->columns[i].name, names, length) != 0))
            i++;
        if (i == table->column_count || !has_column(table, i, set) ||
            cleat_column_is_null(&entry->columns[i], row) ||
            cleat_column_bind_copy(session, entry, &entry->columns[i], handle, place, row) < 0)
            return false;
        names += length + (names[length] != '\0');
    }
    return true;
}

static bool
lacks_target(cleat_session *session, const struct entry *entry, const char *names, const char *sql,
             const void *row, const unsigned char *set)
{
    sqlite3_stmt *handle = NULL;
    bool lacks = sqlite3_prepare_v2(session->connection->handle, sql, -1, &handle, NULL) ==
                     SQLITE_OK &&
                 bind_key(session, entry, names, handle, row, set) &&
                 sqlite3_step(handle) == SQLITE_DONE;
    sqlite3_finalize(handle);
    return lacks;
}

static void
name_columns(cleat_error *error, const char *names, const char *target)
{
    size_t size = 0;
    while (*names != '\0' && size < sizeof error->column) {
        size_t length = strcspn(names, BETWEEN);
        size += (size_t)snprintf(error->column + size, sizeof error->column - size, "%s%.*s",
                                 size == 0 ? "" : ", ", (int)length, names);
        names += length + (names[length] != '\0');
    }
    snprintf(error->text, sizeof error->text, "%s.%s.%s refers to a row of %s that is not there",
             error->database, error->table, error->column, target);
}

void
cleat_reference_explain(cleat_session *session, const struct entry *entry, const void *row,
                        const unsigned char *set)
{
    cleat_error error = session->error;
    sqlite3_stmt *keys = NULL;
    const cleat_table *table = entry->table;
    if (sqlite3_prepare_v2(session->connection->handle, keys_sql, -1, &keys, NULL) == SQLITE_OK &&
        sqlite3_bind_text(keys, 1, table->name, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_text(keys, 2, table->database, -1, SQLITE_STATIC) == SQLITE_OK)
        while (sqlite3_step(keys) == SQLITE_ROW) {
            const char *names = (const char *)sqlite3_column_text(keys, 0);
            const char *sql = (const char *)sqlite3_column_text(keys, 1);
            const char *target = (const char *)sqlite3_column_text(keys, 2);
            if (names == NULL || sql == NULL || target == NULL ||
                !lacks_target(session, entry, names, sql, row, set))
                continue;
            name_columns(&error, names, target);
            break;
        }
    sqlite3_finalize(keys);
    session->error = error;
}
