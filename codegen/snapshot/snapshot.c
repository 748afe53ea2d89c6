/* snapshot.c: a connection that holds a schema enters, its facts leave: first what sqlite_schema and
 * the pragmas tell, then what snapshot_table.c reads from the stored statements. A live file is
 * opened read-only and read in one transaction. */
#include "snapshot.h"

#include "common/arena.h"
#include "snapshot_parse.h"

#include <string.h>

/* One reading of a schema. */
struct reading {
    sqlite3 *db;
    struct snapshot *snapshot;
    GHashTable *places; /* struct snapshot_place by name; NULL for a live file */
    char *error;        /* SQLite's first complaint */
};

/* ---- queries ---- */

static sqlite3_stmt *
ask(struct reading *reading, const char *sql, const char *argument)
{
    sqlite3_stmt *query = NULL;
    if (reading->error != NULL)
        return NULL;
    if (sqlite3_prepare_v2(reading->db, sql, -1, &query, NULL) != SQLITE_OK) {
        reading->error = g_strdup(sqlite3_errmsg(reading->db));
        return NULL;
    }
    if (argument != NULL)
        sqlite3_bind_text(query, 1, argument, -1, SQLITE_TRANSIENT);
    return query;
}

static bool
next(struct reading *reading, sqlite3_stmt *query)
{
    if (query == NULL)
        return false;
    int rc = sqlite3_step(query);
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE && reading->error == NULL)
        reading->error = g_strdup(sqlite3_errmsg(reading->db));
    sqlite3_finalize(query);
    return false;
}

static const char *
text_at(sqlite3_stmt *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query, column);
    return text == NULL ? NULL : arena_string(text);
}

static unsigned
line_of(const struct reading *reading, const char *name, bool is_trigger)
{
    const struct snapshot_place *place = snapshot_find_place(reading->places, name, is_trigger);
    return place == NULL ? 0 : place->line;
}

static const char *
doc_of(const struct reading *reading, const char *name, bool is_trigger)
{
    const struct snapshot_place *place = snapshot_find_place(reading->places, name, is_trigger);
    return place == NULL ? NULL : place->doc;
}

/* ---- columns ---- */

static const char *
default_of(sqlite3_stmt *query, int column)
{
    const char *sql = text_at(query, column);
    return sql == NULL || g_ascii_strcasecmp(sql, "NULL") == 0 ? NULL : sql;
}

static void
read_columns(struct reading *reading, struct snapshot_table *table)
{
    sqlite3_stmt *query = ask(reading,
                              "SELECT name, type, \"notnull\", dflt_value, pk, hidden"
                              " FROM pragma_table_xinfo(?1) ORDER BY cid",
                              table->name);
    while (next(reading, query)) {
        int hidden = sqlite3_column_int(query, 5);
        if (hidden == 1)
            continue;
        struct snapshot_column *column = ARENA_NEW(struct snapshot_column);
        column->name = text_at(query, 0);
        column->type = text_at(query, 1) == NULL ? "" : text_at(query, 1);
        column->not_null = sqlite3_column_int(query, 2) != 0;
        column->default_sql = default_of(query, 3);
        column->key_place = (unsigned)sqlite3_column_int(query, 4);
        column->generated = hidden == 2   ? GENERATED_VIRTUAL
                            : hidden == 3 ? GENERATED_STORED
                                          : GENERATED_NOT;
        column->collation = "BINARY";
        if (table->without_rowid && column->key_place > 0)
            column->not_null = true;
        g_ptr_array_add(table->columns, column);
    }
}

/* ---- indexes and keys ---- */

static void
read_parts(struct reading *reading, const char *index, GPtrArray *parts)
{
    sqlite3_stmt *query = ask(reading,
                              "SELECT name, coll, desc, cid FROM pragma_index_xinfo(?1)"
                              " WHERE key = 1 ORDER BY seqno",
                              index);
    while (next(reading, query)) {
        struct snapshot_key_part *part = ARENA_NEW(struct snapshot_key_part);
        int cid = sqlite3_column_int(query, 3);
        part->column = cid == -1 ? "rowid" : text_at(query, 0);
        part->collation = text_at(query, 1);
        part->descending = sqlite3_column_int(query, 2) != 0;
        g_ptr_array_add(parts, part);
    }
}

static struct snapshot_index *
new_index(struct reading *reading, struct snapshot_table *table, sqlite3_stmt *query)
{
    struct snapshot_index *index = ARENA_NEW(struct snapshot_index);
    index->name = text_at(query, 0);
    index->sql = text_at(query, 3);
    index->unique = sqlite3_column_int(query, 1) != 0;
    index->is_constraint = strcmp(text_at(query, 2), "c") != 0;
    index->table = table;
    index->parts = arena_list();
    index->line = index->is_constraint ? table->line : line_of(reading, index->name, false);
    return index;
}

static int
compare_indexes(gconstpointer left, gconstpointer right)
{
    const struct snapshot_index *l = *(const struct snapshot_index *const *)left;
    const struct snapshot_index *r = *(const struct snapshot_index *const *)right;
    return l->is_constraint != r->is_constraint ? (l->is_constraint ? -1 : 1)
                                                : strcmp(l->name, r->name);
}

static int
compare_key_places(gconstpointer left, gconstpointer right)
{
    const struct snapshot_column *l = *(const struct snapshot_column *const *)left;
    const struct snapshot_column *r = *(const struct snapshot_column *const *)right;
    return (l->key_place > r->key_place) - (l->key_place < r->key_place);
}

/* An INTEGER PRIMARY KEY has no index: it is the rowid. */
static void
read_rowid_key(struct snapshot_table *table)
{
    GPtrArray *columns = arena_list();
    FOR_EACH(struct snapshot_column, column, table->columns)
        if (column->key_place > 0)
            g_ptr_array_add(columns, column);
    g_ptr_array_sort(columns, compare_key_places);
    FOR_EACH(struct snapshot_column, column, columns) {
        struct snapshot_key_part *part = ARENA_NEW(struct snapshot_key_part);
        part->column = column->name;
        part->collation = "BINARY";
        g_ptr_array_add(table->primary_key, part);
        table->rowid_column = column->name;
        column->not_null = true;
    }
}

static void
read_indexes(struct reading *reading, struct snapshot_table *table)
{
    sqlite3_stmt *query = ask(
        reading,
        "SELECT l.name, l.\"unique\", l.origin, s.sql"
        " FROM pragma_index_list(?1) AS l"
        " LEFT JOIN sqlite_schema AS s ON s.type = 'index' AND s.name = l.name",
        table->name);
    while (next(reading, query)) {
        if (strcmp((const char *)sqlite3_column_text(query, 2), "pk") == 0) {
            read_parts(reading, (const char *)sqlite3_column_text(query, 0), table->primary_key);
            continue;
        }
        struct snapshot_index *index = new_index(reading, table, query);
        read_parts(reading, index->name, index->parts);
        if (index->sql != NULL)
            snapshot_parse_index(index);
        g_ptr_array_add(table->indexes, index);
    }
    if (table->primary_key->len == 0)
        read_rowid_key(table);
    g_ptr_array_sort(table->indexes, compare_indexes);
}

/* ---- foreign keys ---- */

/* SQLite numbers them backwards. */
static void
read_foreign_keys(struct reading *reading, struct snapshot_table *table)
{
    sqlite3_stmt *query = ask(reading,
                              "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update"
                              " FROM pragma_foreign_key_list(?1) ORDER BY id DESC, seq",
                              table->name);
    struct snapshot_foreign_key *key = NULL;
    int id = -1;
    while (next(reading, query)) {
        if (key == NULL || sqlite3_column_int(query, 0) != id) {
            id = sqlite3_column_int(query, 0);
            key = ARENA_NEW(struct snapshot_foreign_key);
            key->table = text_at(query, 1);
            key->columns = arena_list();
            key->targets = arena_list();
            key->on_delete = text_at(query, 4);
            key->on_update = text_at(query, 5);
            key->line = table->line;
            g_ptr_array_add(table->foreign_keys, key);
        }
        g_ptr_array_add(key->columns, (char *)text_at(query, 2));
        if (sqlite3_column_type(query, 3) != SQLITE_NULL)
            g_ptr_array_add(key->targets, (char *)text_at(query, 3));
    }
}

/* REFERENCES t without columns means the key of t, which may be declared after it. */
static void
resolve_targets(struct snapshot *snapshot)
{
    FOR_EACH(struct snapshot_table, table, snapshot->tables) {
        FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys) {
            const struct snapshot_table *parent = snapshot_table(snapshot, key->table);
            if (key->targets->len > 0 || parent == NULL)
                continue;
            FOR_EACH(struct snapshot_key_part, part, parent->primary_key)
                g_ptr_array_add(key->targets, (char *)part->column);
        }
    }
}

/* ---- tables, views, triggers ---- */

static struct snapshot_table *
new_table(struct reading *reading, sqlite3_stmt *query)
{
    struct snapshot_table *table = ARENA_NEW(struct snapshot_table);
    table->name = text_at(query, 0);
    table->sql = text_at(query, 1);
    table->without_rowid = sqlite3_column_int(query, 2) != 0;
    table->strict = sqlite3_column_int(query, 3) != 0;
    table->line = line_of(reading, table->name, false);
    table->doc = doc_of(reading, table->name, false);
    table->columns = arena_list();
    table->checks = arena_list();
    table->primary_key = arena_list();
    table->indexes = arena_list();
    table->foreign_keys = arena_list();
    table->triggers = arena_list();
    table->conflicts = arena_list();
    table->renames = arena_list();
    table->drops = arena_list();
    return table;
}

static void
read_table(struct reading *reading, sqlite3_stmt *query)
{
    struct snapshot_table *table = new_table(reading, query);
    bool is_virtual = strcmp((const char *)sqlite3_column_text(query, 4), "virtual") == 0;
    const struct snapshot_place *place = snapshot_find_place(reading->places, table->name, false);
    read_columns(reading, table);
    if (is_virtual) {
        snapshot_parse_virtual(table);
    } else {
        read_indexes(reading, table);
        read_foreign_keys(reading, table);
        snapshot_parse_table(table);
    }
    if (place != NULL)
        snapshot_read_facts(table, place);
    g_ptr_array_add(reading->snapshot->tables, table);
}

/* A live file has tables of the runtime too, whose names no schema may have. */
static void
read_tables(struct reading *reading)
{
    sqlite3_stmt *query = ask(reading,
                              "SELECT s.name, s.sql, l.wr, l.strict, l.type"
                              " FROM sqlite_schema AS s JOIN pragma_table_list AS l"
                              "   ON l.schema = 'main' AND l.name = s.name"
                              " WHERE s.type = 'table' AND l.type <> 'shadow'"
                              "   AND s.name <> 'cleat_migrations'"
                              "   AND (?1 IS NULL OR s.name NOT LIKE 'cleat\\_%' ESCAPE '\\')"
                              "   AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                              " ORDER BY s.name",
                              reading->places == NULL ? "live" : NULL);
    while (next(reading, query))
        read_table(reading, query);
}

/* A view that does not compile has no columns; that is a finding, not the end of reading. */
static void
read_view_columns(struct reading *reading, struct snapshot_view *view)
{
    sqlite3_stmt *query = NULL;
    if (sqlite3_prepare_v2(reading->db, "SELECT name FROM pragma_table_xinfo(?1) ORDER BY cid", -1,
                           &query, NULL) != SQLITE_OK)
        return;
    sqlite3_bind_text(query, 1, view->name, -1, SQLITE_STATIC);
    while (sqlite3_step(query) == SQLITE_ROW)
        g_ptr_array_add(view->columns, (char *)text_at(query, 0));
    sqlite3_finalize(query);
}

static void
read_views(struct reading *reading)
{
    sqlite3_stmt *query = ask(
        reading, "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name", NULL);
    while (next(reading, query)) {
        struct snapshot_view *view = ARENA_NEW(struct snapshot_view);
        view->name = text_at(query, 0);
        view->sql = text_at(query, 1);
        view->line = line_of(reading, view->name, false);
        view->doc = doc_of(reading, view->name, false);
        view->columns = arena_list();
        read_view_columns(reading, view);
        g_ptr_array_add(reading->snapshot->views, view);
    }
}

static void
read_triggers(struct reading *reading)
{
    sqlite3_stmt *query = ask(
        reading,
        "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name", NULL);
    while (next(reading, query)) {
        struct snapshot_trigger *trigger = ARENA_NEW(struct snapshot_trigger);
        trigger->name = text_at(query, 0);
        trigger->table = text_at(query, 1);
        trigger->sql = text_at(query, 2);
        trigger->line = line_of(reading, trigger->name, true);
        trigger->doc = doc_of(reading, trigger->name, true);
        struct snapshot_table *table = snapshot_table(reading->snapshot, trigger->table);
        g_ptr_array_add(table == NULL ? reading->snapshot->view_triggers : table->triggers,
                        trigger);
    }
}

static struct snapshot *
new_snapshot(const char *database, const char *path)
{
    struct snapshot *snapshot = ARENA_NEW(struct snapshot);
    snapshot->database = arena_string(database);
    snapshot->path = arena_string(path);
    snapshot->tables = arena_list();
    snapshot->views = arena_list();
    snapshot->view_triggers = arena_list();
    return snapshot;
}

static bool
read_schema(struct reading *reading, GError **ret_error)
{
    read_tables(reading);
    read_views(reading);
    read_triggers(reading);
    resolve_targets(reading->snapshot);
    if (reading->error == NULL)
        return true;
    g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", reading->snapshot->path,
                reading->error);
    g_free(reading->error);
    return false;
}

/* ---- from text, from a file ---- */

static sqlite3 *
open_database(const char *path, int flags, GError **ret_error)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, flags, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return db;
    g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", path, sqlite3_errmsg(db));
    sqlite3_close(db);
    return NULL;
}

static const struct source *
new_source(const char *path, const char *text)
{
    struct source *source = ARENA_NEW(struct source);
    source->path = arena_string(path);
    source->text = arena_string(text);
    source->length = strlen(text);
    return source;
}

bool
snapshot_read_text(const char *database, const char *path, const char *text,
                   struct snapshot **ret_snapshot, GError **ret_error)
{
    struct reading reading = {.snapshot = new_snapshot(database, path)};
    reading.db = open_database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ret_error);
    if (reading.db == NULL)
        return false;
    reading.snapshot->source = new_source(path, text);
    bool fine = snapshot_run_text(reading.db, path, text, &reading.places, ret_error) &&
                read_schema(&reading, ret_error);
    g_clear_pointer(&reading.places, g_hash_table_unref);
    sqlite3_close(reading.db);
    if (fine)
        *ret_snapshot = reading.snapshot;
    return fine;
}

bool
snapshot_read_file(const char *database, const char *path, struct snapshot **ret_snapshot,
                   GError **ret_error)
{
    struct reading reading = {.snapshot = new_snapshot(database, path)};
    reading.db = open_database(path, SQLITE_OPEN_READONLY, ret_error);
    if (reading.db == NULL)
        return false;
    bool fine = read_schema(&reading, ret_error);
    sqlite3_close(reading.db);
    if (fine)
        *ret_snapshot = reading.snapshot;
    return fine;
}

/* ---- finding ---- */

struct snapshot_table *
snapshot_table(const struct snapshot *snapshot, const char *name)
{
    FOR_EACH(struct snapshot_table, table, snapshot->tables)
        if (g_ascii_strcasecmp(table->name, name) == 0)
            return table;
    return NULL;
}

struct snapshot_column *
snapshot_column(const struct snapshot_table *table, const char *name)
{
    FOR_EACH(struct snapshot_column, column, table->columns)
        if (g_ascii_strcasecmp(column->name, name) == 0)
            return column;
    return NULL;
}

struct snapshot_index *
snapshot_index(const struct snapshot_table *table, const char *name)
{
    FOR_EACH(struct snapshot_index, index, table->indexes)
        if (!index->is_constraint && g_ascii_strcasecmp(index->name, name) == 0)
            return index;
    return NULL;
}

struct snapshot_view *
snapshot_view(const struct snapshot *snapshot, const char *name)
{
    FOR_EACH(struct snapshot_view, view, snapshot->views)
        if (g_ascii_strcasecmp(view->name, name) == 0)
            return view;
    return NULL;
}
