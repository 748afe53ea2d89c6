/* infer_database.c: databases enter, connections in memory that have them under their names leave,
 * with every view and trigger made and tried. A database is made once and copied from then on. */
#include "infer.h"

#include "common/arena.h"
#include "model/names.h"

#include <string.h>

/* ---- small finds ---- */

struct database *
infer_database(const struct model *model, const char *name)
{
    FOR_EACH(struct database, database, model->databases)
        if (g_ascii_strcasecmp(database->name, name) == 0)
            return database;
    return NULL;
}

const struct table *
infer_table(const struct model *model, const char *database_name, const char *table_name)
{
    const struct database *database = infer_database(model, database_name);
    if (database == NULL)
        return NULL;
    FOR_EACH(struct table, table, database->tables)
        if (g_ascii_strcasecmp(table->name, table_name) == 0)
            return table;
    FOR_EACH(struct schema_object, object, database->objects)
        if (object->row != NULL && g_ascii_strcasecmp(object->name, table_name) == 0)
            return object->row;
    return NULL;
}

const struct column *
infer_column(const struct table *table, const char *name)
{
    FOR_EACH(struct column, column, table->columns)
        if (g_ascii_strcasecmp(column->sql_name, name) == 0)
            return column;
    return NULL;
}

struct inferred
infer_plain(enum column_type type, bool not_null)
{
    return (struct inferred){type, NULL, not_null, NULL};
}

struct inferred
infer_type(const struct column *column, bool keeps)
{
    return (struct inferred){column->type, column->enumeration, column->not_null && keeps,
                             column->distinct};
}

/* ---- rows ---- */

struct table *
infer_row(struct database *database, struct module *module, const char *name, const char *doc)
{
    struct table *row = ARENA_NEW(struct table);
    row->name = name;
    row->doc = doc;
    row->module = module;
    row->database = database;
    row->columns = arena_list();
    row->notes = arena_list();
    row->primary_key = arena_list();
    row->indexes = arena_list();
    row->checks = arena_list();
    row->references = arena_list();
    row->soft_references = arena_list();
    row->full_texts = arena_list();
    row->dropped = arena_list();
    return row;
}

struct column *
infer_add_column(struct table *row, const char *name, struct inferred type)
{
    struct column *column = ARENA_NEW(struct column);
    column->name = name;
    column->member = name_member(name);
    column->sql_name = name;
    column->table = row;
    column->type = type.type;
    column->enumeration = type.enumeration;
    column->distinct = type.distinct;
    column->not_null = type.not_null;
    column->notes = arena_list();
    column->checks = arena_list();
    g_ptr_array_add(row->columns, column);
    return column;
}

/* ---- SQLite in memory ---- */

static void
configure(sqlite3 *connection)
{
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_exec(connection, "PRAGMA foreign_keys=ON", NULL, NULL, NULL);
}

static sqlite3 *
open_memory(void)
{
    sqlite3 *connection;
    if (sqlite3_open(":memory:", &connection) != SQLITE_OK)
        g_error("sqlite3_open: %s", sqlite3_errmsg(connection));
    configure(connection);
    return connection;
}

/* The word that SQLite's message names, at its place in the file. */
static struct location
named_word(struct location at, const char *message)
{
    const char *colon = strrchr(message, ':');
    if (colon == NULL)
        return at;
    char *name = g_strstrip(g_strdup(colon + 1));
    const char *dot = strrchr(name, '.');
    struct location found = diag_find_word(at, dot == NULL ? name : dot + 1, 0);
    g_free(name);
    return found;
}

/* Where SQLite says that the last error is; it does not always say. */
struct location
infer_error_place(sqlite3 *connection, const struct text *text)
{
    struct location at = text->at;
#if SQLITE_VERSION_NUMBER >= 3038000
    int offset = sqlite3_error_offset(connection);
    if (offset >= 0 && (unsigned)offset < at.length) {
        GArray *tokens = sql_tokens(text->sql + offset, at.length - (unsigned)offset, false);
        unsigned length = tokens->len == 0 ? 1 : g_array_index(tokens, struct token, 0).length;
        g_array_unref(tokens);
        return diag_part(at, (unsigned)offset, length);
    }
#endif
    struct location named = named_word(at, sqlite3_errmsg(connection));
    return named.offset == at.offset ? diag_part(at, 0, 1) : named;
}

static bool
create_object(struct infer *infer, sqlite3 *connection, const struct schema_object *object)
{
    if (sqlite3_exec(connection, object->text.sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    diag_error(infer->diag, RULE_OBJECT_SQL, infer_error_place(connection, &object->text), "%s",
               sqlite3_errmsg(connection));
    return false;
}

/* A column of a table or view that can be written, in the arena. */
static const char *
first_column(sqlite3 *connection, const char *table)
{
    const char *name = "rowid";
    sqlite3_stmt *columns = NULL;
    sqlite3_prepare_v2(connection, "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0", -1,
                       &columns, NULL);
    sqlite3_bind_text(columns, 1, table, -1, SQLITE_STATIC);
    if (sqlite3_step(columns) == SQLITE_ROW)
        name = arena_string((const char *)sqlite3_column_text(columns, 0));
    sqlite3_finalize(columns);
    return sql_quote_name(name);
}

/* A statement that makes a trigger run. */
static const char *
trigger_event(sqlite3 *connection, const struct sql *sql)
{
    int on = 3;
    while (on < sql_count(sql) && !sql_is(sql, on, "on"))
        on++;
    const char *name = sql_name(sql, on + 1);
    for (int i = 3; i < on; i++) {
        if (sql_is(sql, i, "insert"))
            return arena_printf("INSERT INTO %s DEFAULT VALUES", sql_quote_name(name));
        if (sql_is(sql, i, "delete"))
            return arena_printf("DELETE FROM %s", sql_quote_name(name));
        if (sql_is(sql, i, "update"))
            return arena_printf("UPDATE %s SET %s = NULL", sql_quote_name(name),
                                sql_is(sql, i + 1, "of") ? sql_quote_name(sql_name(sql, i + 2))
                                                         : first_column(connection, name));
    }
    return "SELECT 1";
}

/* A trigger is compiled when something is done to its table. One that fails does not stay, so that
 * only its own mistake is shown. */
static void
try_trigger(struct infer *infer, sqlite3 *connection, const struct schema_object *object)
{
    sqlite3_stmt *prepared = NULL;
    struct sql sql = sql_new(object->text.sql);
    const char *event = trigger_event(connection, &sql);
    sql_free(&sql);
    if (sqlite3_prepare_v2(connection, event, -1, &prepared, NULL) != SQLITE_OK) {
        const char *message = arena_string(sqlite3_errmsg(connection));
        struct location at = named_word(object->text.at, message);
        diag_error(infer->diag, RULE_OBJECT_SQL,
                   at.offset == object->text.at.offset ? object->at : at, "%s", message);
        sqlite3_exec(connection, arena_printf("DROP TRIGGER %s", sql_quote_name(object->name)),
                     NULL, NULL, NULL);
    }
    sqlite3_finalize(prepared);
}

/* A database as a file would hold it, objects included. */
static GBytes *
image_of(struct infer *infer, const struct database *database)
{
    GBytes *image = g_hash_table_lookup(infer->images, database);
    if (image != NULL)
        return image;
    sqlite3 *connection = open_memory();
    sqlite3_exec(connection, "BEGIN; CREATE TABLE kept (a); DROP TABLE kept", NULL, NULL, NULL);
    FOR_EACH(struct statement, statement, database->statements)
        if (statement->table != NULL)
            sqlite3_exec(connection, statement->sql, NULL, NULL, NULL);
    FOR_EACH(struct schema_object, object, database->objects)
        if (create_object(infer, connection, object) && !object->is_view)
            try_trigger(infer, connection, object);
    sqlite3_exec(connection, "COMMIT", NULL, NULL, NULL);
    sqlite3_int64 size = 0;
    unsigned char *data = sqlite3_serialize(connection, "main", &size, 0);
    image = g_bytes_new(data, (gsize)size);
    sqlite3_free(data);
    sqlite3_close(connection);
    g_hash_table_insert(infer->images, (gpointer)database, image);
    return image;
}

static void
attach(struct infer *infer, sqlite3 *connection, const struct database *database)
{
    GBytes *image = image_of(infer, database);
    gsize size;
    const void *data = g_bytes_get_data(image, &size);
    char *sql = g_strdup_printf("ATTACH ':memory:' AS \"%s\"", database->name);
    unsigned char *copy = sqlite3_malloc64(size);
    if (copy == NULL || sqlite3_exec(connection, sql, NULL, NULL, NULL) != SQLITE_OK)
        g_error("%s: %s", sql, sqlite3_errmsg(connection));
    /* cppcheck-suppress nullPointerRedundantCheck ; g_error() does not return */
    memcpy(copy, data, size);
    sqlite3_deserialize(connection, database->name, copy, (sqlite3_int64)size, (sqlite3_int64)size,
                        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
    g_free(sql);
}

/* A connection with these databases, one for all statements that name the same. */
sqlite3 *
infer_connection(struct infer *infer, const GPtrArray *databases)
{
    GString *key = g_string_new(NULL);
    FOR_EACH(struct database, database, databases)
        g_string_append_printf(key, "%s ", database->name);
    sqlite3 *connection = g_hash_table_lookup(infer->connections, key->str);
    if (connection == NULL) {
        connection = open_memory();
        FOR_EACH(struct database, database, databases)
            attach(infer, connection, database);
        g_hash_table_insert(infer->connections, g_strdup(key->str), connection);
    }
    g_string_free(key, TRUE);
    return connection;
}
