/* migrate_fill.c: makes up rows for a database of which only the SQL is known. Each column has a
 * list of values to try; SQLite says which of them a row may not have, by the constraint that
 * failed, and the next value of the columns it names is tried. */
#include "migrate_fill.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "model/names.h"

#include <string.h>

enum { ROWS = 4, ATTEMPTS = 400 };

struct filled {
    const char *name;
    GPtrArray *values; /* SQL expressions to try, in order */
    guint next;
};

static const char *
text_at(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text == NULL ? "" : arena_string(text);
}

static GPtrArray *
ask_names(sqlite3 *handle, const char *sql)
{
    GPtrArray *names = arena_list();
    sqlite3_stmt *rows = NULL;
    sqlite3_prepare_v2(handle, sql, -1, &rows, NULL);
    while (sqlite3_step(rows) == SQLITE_ROW)
        g_ptr_array_add(names, (char *)text_at(rows, 0));
    sqlite3_finalize(rows);
    return names;
}

static GPtrArray *
ask_tables(sqlite3 *handle)
{
    return ask_names(handle,
                     "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = "
                     "'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^' AND name NOT LIKE "
                     "'cleat^_%' ESCAPE '^' ORDER BY name");
}

/* ---- values to try ---- */

static void
add(struct filled *column, const char *value)
{
    g_ptr_array_add(column->values, (char *)value);
}

/* The forms that cleat's own types check, then every text of the table's SQL: labels of enums. */
static void
add_texts(struct filled *column, const char *table_sql, unsigned number, unsigned variant)
{
    struct sql sql = sql_new(table_sql);
    GPtrArray *literals = arena_list();
    for (int i = 0; i < sql_count(&sql); i++) {
        const struct token *token = sql_token(&sql, i);
        if (token->kind == TOKEN_STRING && table_sql[token->offset] == '\'')
            g_ptr_array_add(literals, arena_string_n(table_sql + token->offset, token->length));
    }
    sql_free(&sql);
    if (variant == 2)
        add(column, "''");
    if (variant == 3)
        add(column, arena_printf("'\xC3\xBC \"%u\" '' ' || char(10) || char(128512)", number));
    add(column, arena_printf("'r%u'", number));
    for (guint i = 0; i < literals->len; i++)
        add(column, g_ptr_array_index(literals, (i + variant) % literals->len));
    add(column, arena_printf("'{\"n\":%u}'", number));
    add(column, arena_printf("printf('%%026d', %u)", number));
    add(column, arena_printf("printf('%%08d-0000-7000-8000-000000000000', %u)", number));
    add(column, arena_printf("strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', %u, 'unixepoch')", number));
    add(column, arena_printf("'a@b%u.org'", number));
    add(column, "'0'");
}

static void
add_numbers(struct filled *column, unsigned number, unsigned variant)
{
    if (variant == 2)
        add(column, "-9223372036854775807 - 1");
    if (variant == 3)
        add(column, "9223372036854775807");
    add(column, arena_printf("%u", number));
    add(column, "1");
    add(column, "0");
    add(column, "-1");
    add(column, "100");
    add(column, "1000000");
}

static void
add_by_type(struct filled *column, const char *type, const char *table_sql, unsigned number,
            unsigned variant)
{
    if (g_ascii_strcasecmp(type, "TEXT") == 0) {
        add_texts(column, table_sql, number, variant);
    } else if (g_ascii_strcasecmp(type, "REAL") == 0) {
        add(column, variant == 2 ? "-1.7976931348623157e308" : arena_printf("%u.25", number));
        add_numbers(column, number, 0);
    } else if (g_ascii_strcasecmp(type, "BLOB") == 0) {
        add(column, variant == 2 ? "zeroblob(0)" : arena_printf("CAST('b%u' AS BLOB)", number));
        add(column, "X'00FF00'");
    } else {
        add_numbers(column, number, variant);
        add_texts(column, table_sql, number, variant);
    }
}

/* A key of the table that is referred to; the n-th, or the first again. */
static const char *
reference(const char *table, const char *target, unsigned variant)
{
    return arena_printf(
        "(SELECT %s FROM %s ORDER BY 1 LIMIT 1 OFFSET %u %% max(1, (SELECT "
        "count(*) FROM %s)))",
        sql_quote_name(target), sql_quote_name(table), variant, sql_quote_name(table));
}

#define COLUMNS_SQL                                                                                \
    "SELECT x.name, x.type, x.\"notnull\" OR x.pk, coalesce(f.\"table\", ''),"                     \
    " coalesce(f.\"to\", (SELECT name FROM pragma_table_info(f.\"table\") WHERE pk = 1), ''),"     \
    " (SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1)"                          \
    " FROM pragma_table_xinfo(?1) AS x LEFT JOIN pragma_foreign_key_list(?1) AS f"                 \
    "  ON f.\"from\" = x.name WHERE x.hidden = 0 GROUP BY x.cid"

static GPtrArray *
columns_of(sqlite3 *handle, const char *table, unsigned number, unsigned variant)
{
    GPtrArray *columns = arena_list();
    sqlite3_stmt *rows = NULL;
    sqlite3_prepare_v2(handle, COLUMNS_SQL, -1, &rows, NULL);
    sqlite3_bind_text(rows, 1, table, -1, SQLITE_STATIC);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        struct filled *column = ARENA_NEW(struct filled);
        bool may_be_null = sqlite3_column_int(rows, 2) == 0;
        const char *parent = text_at(rows, 3);
        column->name = text_at(rows, 0);
        column->values = arena_list();
        if (may_be_null && variant == 1)
            add(column, "NULL");
        if (*parent != '\0')
            add(column, reference(parent, text_at(rows, 4), variant));
        else
            add_by_type(column, text_at(rows, 1), text_at(rows, 5), number, variant);
        if (may_be_null)
            add(column, "NULL");
        g_ptr_array_add(columns, column);
    }
    sqlite3_finalize(rows);
    return columns;
}

/* ---- one row ---- */

static bool
try_row(sqlite3 *handle, const char *table, const GPtrArray *columns)
{
    GString *names = g_string_new(NULL), *values = g_string_new(NULL);
    FOR_EACH(struct filled, column, columns) {
        const char *separator = names->len == 0 ? "" : ", ";
        g_string_append_printf(names, "%s%s", separator, sql_quote_name(column->name));
        g_string_append_printf(values, "%s%s", separator,
                               (char *)g_ptr_array_index(column->values, column->next));
    }
    char *sql = g_strdup_printf("INSERT INTO %s (%s) VALUES (%s)", sql_quote_name(table),
                                names->str, values->str);
    bool fine = sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
    g_free(sql);
    g_string_free(names, TRUE);
    g_string_free(values, TRUE);
    return fine;
}

/* Tries another value in the columns that a message names, as a counter counts: the last one moves
 * first. Returns false when all have been tried. */
static bool
try_others(const GPtrArray *columns, const char *message)
{
    struct sql words = sql_new(message);
    bool moved = false;
    for (guint i = columns->len; i > 0 && !moved; i--) {
        struct filled *column = g_ptr_array_index(columns, i - 1);
        bool named = false;
        for (int j = 0; j < sql_count(&words); j++)
            named = named || sql_has_name(&words, j, column->name);
        if (!named)
            continue;
        moved = column->next + 1 < column->values->len;
        column->next = moved ? column->next + 1 : 0;
    }
    sql_free(&words);
    return moved;
}

static bool
make_row(sqlite3 *handle, const char *table, unsigned number, unsigned variant)
{
    const GPtrArray *columns = columns_of(handle, table, number, variant);
    for (int i = 0; i < ATTEMPTS; i++) {
        if (try_row(handle, table, columns))
            return true;
        if (!try_others(columns, sqlite3_errmsg(handle)))
            return false;
    }
    return false;
}

/* Tables that refer to others get their rows in a later round. */
void
rows_make_up(sqlite3 *handle, unsigned seed, bool gentle)
{
    const GPtrArray *tables = ask_tables(handle);
    unsigned number = seed * 100;
    for (unsigned round = 0; round < 3; round++) {
        guint place = 0;
        FOR_EACH(const char, table, tables) {
            char *sql = g_strdup_printf("SELECT rows FROM (SELECT count(*) AS rows FROM %s)",
                                        sql_quote_name(table));
            const GPtrArray *count = ask_names(handle, sql);
            bool empty = count->len > 0 && strcmp(g_ptr_array_index(count, 0), "0") == 0;
            g_free(sql);
            place++;
            for (unsigned i = 0; i < (gentle ? 1 : ROWS); i++)
                if (round == 0 || empty)
                    make_row(handle, table, number + place * 10 + i + 1, i);
        }
    }
}

void
rows_remove(sqlite3 *handle)
{
    const GPtrArray *tables = ask_tables(handle);
    FOR_EACH(const char, table, tables) {
        char *sql = g_strdup_printf("DELETE FROM %s", sql_quote_name(table));
        sqlite3_exec(handle, sql, NULL, NULL, NULL);
        g_free(sql);
    }
}

/* ---- what became of them ---- */

struct pair {
    const char *before;
    const char *after;
    const char *value; /* of a column: SQL for the value that it has afterwards */
};

/* Columns that are on both sides with one meaning: the same type, and not newly without NULLs. */
static GPtrArray *
common_columns(sqlite3 *before, sqlite3 *after, const struct pair *table,
               const struct row_changes *changes)
{
    static const char *const sql =
        "SELECT name, type || CASE WHEN \"notnull\" THEN '!' ELSE '' "
        "END FROM pragma_table_xinfo(?1) WHERE hidden = 0";
    GHashTable *types = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *common = arena_list();
    sqlite3_stmt *rows = NULL;
    sqlite3_prepare_v2(after, sql, -1, &rows, NULL);
    sqlite3_bind_text(rows, 1, table->after, -1, SQLITE_STATIC);
    while (sqlite3_step(rows) == SQLITE_ROW)
        g_hash_table_insert(types, (char *)text_at(rows, 0), (char *)text_at(rows, 1));
    sqlite3_finalize(rows);
    sqlite3_prepare_v2(before, sql, -1, &rows, NULL);
    sqlite3_bind_text(rows, 1, table->before, -1, SQLITE_STATIC);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        struct pair *column = ARENA_NEW(struct pair);
        column->before = text_at(rows, 0);
        const char *path = arena_printf("%s.%s", table->before, column->before);
        const char *renamed = g_hash_table_lookup(changes->renames, path);
        const char *value = g_hash_table_lookup(changes->values, path);
        column->after = renamed == NULL ? column->before : renamed;
        column->value = value == NULL ? sql_quote_name(column->before) : value;
        const char *type = g_hash_table_lookup(types, column->after);
        bool same = type != NULL && strcmp(type, text_at(rows, 1)) == 0;
        if (same && !g_hash_table_contains(changes->ignored, path))
            g_ptr_array_add(common, column);
    }
    sqlite3_finalize(rows);
    g_hash_table_unref(types);
    return common;
}

static bool
has_rowid(sqlite3 *handle, const char *table)
{
    sqlite3_stmt *row = NULL;
    char *sql = g_strdup_printf("SELECT rowid FROM %s", sql_quote_name(table));
    bool has = sqlite3_prepare_v2(handle, sql, -1, &row, NULL) == SQLITE_OK;
    sqlite3_finalize(row);
    g_free(sql);
    return has;
}

/* The key that is the rowid, "" for none. */
static const char *
rowid_key(sqlite3 *handle, const char *table)
{
    char *sql = sqlite3_mprintf(
        "SELECT CASE WHEN count(*) = 1 AND upper(max(type)) = 'INTEGER' "
        "THEN max(name) ELSE '' END FROM pragma_table_info(%Q) WHERE pk > 0",
        table);
    const GPtrArray *names = ask_names(handle, sql);
    sqlite3_free(sql);
    return names->len == 0 ? "" : g_ptr_array_index(names, 0);
}

/* Whether the rows of both sides have the same rowids for ever: SQLite's own, or those of one key. */
static bool
keeps_rowids(sqlite3 *before, sqlite3 *after, const struct pair *table, GHashTable *renames)
{
    const char *here = rowid_key(before, table->before), *there = rowid_key(after, table->after);
    const char *renamed = g_hash_table_lookup(renames, arena_printf("%s.%s", table->before, here));
    return has_rowid(before, table->before) && has_rowid(after, table->after) &&
           strcmp(renamed == NULL ? here : renamed, there) == 0;
}

/* Every row as one text, sorted. */
static GPtrArray *
row_texts(sqlite3 *handle, const char *table, const GPtrArray *columns, bool is_after,
          bool with_rowid)
{
    GString *sql = g_string_new("SELECT ");
    g_string_append(sql, with_rowid ? "rowid" : "''");
    FOR_EACH(struct pair, column, columns)
        g_string_append_printf(sql, " || ' ' || quote(%s)",
                               is_after ? sql_quote_name(column->after) : column->value);
    g_string_append_printf(sql, " AS r FROM %s ORDER BY r", sql_quote_name(table));
    GPtrArray *texts = ask_names(handle, sql->str);
    g_string_free(sql, TRUE);
    return texts;
}

static const char *
compare_table(sqlite3 *before, sqlite3 *after, const struct pair *table,
              const struct row_changes *changes)
{
    const GPtrArray *columns = common_columns(before, after, table, changes);
    bool with_rowid = keeps_rowids(before, after, table, changes->renames);
    const GPtrArray *here = row_texts(before, table->before, columns, false, with_rowid);
    const GPtrArray *there = row_texts(after, table->after, columns, true, with_rowid);
    if (here->len > there->len)
        return arena_printf("of the %u rows of table %s %u are left", here->len, table->before,
                            there->len);
    for (guint i = 0; i < here->len; i++)
        if (strcmp(g_ptr_array_index(here, i), g_ptr_array_index(there, i)) != 0)
            return arena_printf("a row of table %s changed: it was (%s) and is (%s)", table->before,
                                (char *)g_ptr_array_index(here, i),
                                (char *)g_ptr_array_index(there, i));
    return NULL;
}

const char *
rows_compare(sqlite3 *before, sqlite3 *after, const struct row_changes *changes)
{
    const GPtrArray *tables = ask_tables(before);
    const GPtrArray *left = ask_tables(after);
    FOR_EACH(const char, name, tables) {
        struct pair table = {name, g_hash_table_lookup(changes->renames, name), NULL};
        bool exists = false;
        if (table.after == NULL)
            table.after = name;
        FOR_EACH(const char, other, left)
            exists = exists || strcmp(other, table.after) == 0;
        if (g_hash_table_contains(changes->ignored, name))
            continue;
        if (!exists)
            continue;
        const char *lost = compare_table(before, after, &table, changes);
        if (lost != NULL)
            return lost;
    }
    return NULL;
}
