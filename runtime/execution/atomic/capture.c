/* capture.c: connections that write down what is changed in the databases they attach. A temporary
 * trigger for each table and kind of change puts the changed row into the home's intents, within
 * the same transaction: so whatever undoes the change, a failed statement or a savepoint, undoes
 * its intent, and whatever made it, a typed call, a query, a trigger or a foreign key, is caught.
 * What triggers cannot see, such as changes of the schema, is refused when it is prepared. */
#include "atomic.h"
#include "file/file.h"

#include "sql_put.h"

#include <stdio.h>
#include <stdlib.h>

/* SQLite's functions take 127 arguments at most; two are no values. */
enum { VALUES_MAX = 100 };

static const char *const changes[] = {"insert", "update", "delete"};

/* ---- the functions that triggers call ---- */

/* cleat_intent(place): the number of the unit's intent for a place. SQL of the program can call it
 * too, as the others, with anything. */
static void
give_intent(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct connection *connection = sqlite3_user_data(context);
    struct capture *capture = connection->capture;
    int place = sqlite3_value_int(values[0]);
    (void)count;
    if (place < 0 || place >= CLEAT_REACH_MAX || (capture->open >> place & 1) == 0) {
        bool near = place >= 0 && (size_t)place <= connection->database->link_count;
        snprintf(capture->objection, sizeof capture->objection,
                 "the atomic session was not opened over %s and cannot write it",
                 near ? cleat_reach_at(connection->database, (size_t)place)->schema->name
                      : "such a database");
        sqlite3_result_error(context, capture->objection, -1);
        return;
    }
    sqlite3_result_int64(context, capture->ids[place]);
}

/* cleat_part(): numbers that rise within the unit. */
static void
give_part(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct connection *connection = sqlite3_user_data(context);
    (void)count;
    (void)values;
    sqlite3_result_int64(context, ++connection->capture->part);
}

/* cleat_pack(first, last, values...): adds values; the first call of a row begins it, the last
 * returns it. */
static void
give_packed(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct connection *connection = sqlite3_user_data(context);
    struct packed *packed = &connection->capture->packed;
    if (count < 2) {
        sqlite3_result_error(context, "cleat_pack() is the runtime's own", -1);
        return;
    }
    if (sqlite3_value_int(values[0]) != 0)
        packed->size = 0;
    for (int i = 2; i < count; i++) {
        if (!cleat_pack(packed, values[i])) {
            sqlite3_result_error_nomem(context);
            return;
        }
    }
    if (sqlite3_value_int(values[1]) != 0)
        sqlite3_result_blob64(context, packed->bytes == NULL ? (const void *)"" : packed->bytes,
                              packed->size, SQLITE_TRANSIENT);
}

static int
add_functions(struct connection *connection)
{
    sqlite3 *handle = connection->handle;
    int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    int rc = sqlite3_create_function_v2(handle, "cleat_intent", 1, flags, connection, give_intent,
                                        NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(handle, "cleat_part", 0, flags, connection, give_part, NULL,
                                        NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(handle, "cleat_pack", -1, flags, connection, give_packed,
                                        NULL, NULL, NULL);
    return rc;
}

/* ---- what cannot be captured ---- */

static bool
has_table(const struct database *database, const char *name)
{
    for (size_t i = 0; i < database->table_count; i++)
        if (sqlite3_stricmp(database->schema->tables[i]->name, name) == 0)
            return true;
    return false;
}

static int
refuse(struct capture *capture, const char *database, const char *table, const char *why)
{
    snprintf(capture->objection, sizeof capture->objection, "%s.%s cannot be written here: %s",
             database, table, why);
    return SQLITE_DENY;
}

/* Asked by SQLite about everything that a statement will do. Only what the program wrote itself is
 * judged; full-text indexes prepare their own statements, at other times. */
static int
judge(void *data, int action, const char *table, const char *column, const char *name,
      const char *trigger)
{
    const struct connection *connection = data;
    struct capture *capture = connection->capture;
    (void)column;
    if (!capture->judges || name == NULL || table == NULL || trigger != NULL ||
        (action != SQLITE_INSERT && action != SQLITE_UPDATE && action != SQLITE_DELETE))
        return SQLITE_OK;
    if (sqlite3_strnicmp(table, "cleat_", 6) == 0)
        return refuse(capture, name, table, "it is the runtime's own");
    int place = cleat_reach_find(connection->database, name);
    if (place <= 0)
        return SQLITE_OK;
    if ((capture->ready >> place & 1) == 0)
        return refuse(capture, name, table, "the atomic session was not opened over its database");
    if (has_table(cleat_reach_at(connection->database, (size_t)place), table))
        return SQLITE_OK;
    return refuse(capture, name, table,
                  "an atomic session writes the rows of tables, not schemas or indexes");
}

cleat_status
cleat_capture_explain(cleat_session *session, int code, cleat_status status)
{
    struct capture *capture = session->connection->capture;
    if (capture == NULL || capture->objection[0] == '\0')
        return status;
    if ((code & 0xff) == SQLITE_AUTH || (code & 0xff) == SQLITE_ERROR) {
        session->error.status = CLEAT_MISUSE;
        cleat_text_copy(session->error.text, sizeof session->error.text, capture->objection);
        status = CLEAT_MISUSE;
    }
    capture->objection[0] = '\0';
    return status;
}

cleat_status
cleat_capture_refuse(cleat_session *session, const cleat_table *table, const char *what)
{
    if (session->connection->capture == NULL ||
        strcmp(table->database, session->database->schema->name) == 0)
        return CLEAT_OK;
    return cleat_session_fail(session, CLEAT_MISUSE,
                              "%s of %s.%s cannot be written in an atomic session on %s", what,
                              table->database, table->name, session->database->schema->name);
}

/* ---- opening ---- */

struct connection *
cleat_capture_take(cleat_registry *registry, struct database *database)
{
    pthread_mutex_lock(&registry->mutex);
    struct connection *connection = database->captures;
    if (connection != NULL)
        database->captures = connection->next;
    pthread_mutex_unlock(&registry->mutex);
    return connection;
}

void
cleat_capture_give(struct database *database, struct connection *connection)
{
    cleat_registry *registry = connection->registry;
    int count = 0;
    pthread_mutex_lock(&registry->mutex);
    for (const struct connection *at = database->captures; at != NULL; at = at->next)
        count++;
    bool keep = count < database->options.pool_size && !connection->suspect &&
                sqlite3_get_autocommit(connection->handle);
    if (keep) {
        connection->next = database->captures;
        database->captures = connection;
    }
    pthread_mutex_unlock(&registry->mutex);
    if (!keep)
        cleat_connection_close(connection);
}

/* The intents must last whatever the settings say; a peer may lose its last commits, never their
 * order. */
static int
set_synchronous(const struct connection *connection)
{
    int rc = SQLITE_OK;
    for (size_t place = 0; rc == SQLITE_OK && place <= connection->database->link_count; place++) {
        const struct database *database = cleat_reach_at(connection->database, place);
        const char *setting = database->options.synchronous, *name = database->schema->name;
        const char *mode = place == 0 ? "FULL" : "NORMAL";
        bool weak = strcmp(setting, "OFF") == 0 || (place == 0 && strcmp(setting, "NORMAL") == 0);
        char *sql = weak ? sqlite3_mprintf("PRAGMA \"%w\".synchronous=%s", name, mode) : NULL;
        if (weak)
            rc = sql == NULL ? SQLITE_NOMEM
                             : sqlite3_exec(connection->handle, sql, NULL, NULL, NULL);
        sqlite3_free(sql);
    }
    return rc;
}

cleat_status
cleat_capture_open(cleat_registry *registry, struct database *database,
                   struct connection **ret_connection, cleat_error *error)
{
    struct connection *connection;
    cleat_status status = cleat_connection_open(registry, database, &connection, error);
    if (status < 0)
        return status;
    connection->capture = calloc(1, sizeof *connection->capture);
    int rc = connection->capture == NULL ? SQLITE_NOMEM : add_functions(connection);
    if (rc == SQLITE_OK)
        rc = set_synchronous(connection);
    if (rc == SQLITE_OK)
        rc = sqlite3_set_authorizer(connection->handle, judge, connection);
    if (rc != SQLITE_OK) {
        status = cleat_error_sqlite(error, connection->handle, rc, database->schema->name, NULL,
                                    NULL);
        cleat_connection_close(connection);
        return status;
    }
    *ret_connection = connection;
    return CLEAT_OK;
}

void
cleat_captures_close(struct database *database)
{
    cleat_captures_forget(database);
    while (database->captures != NULL) {
        struct connection *connection = database->captures;
        database->captures = connection->next;
        cleat_connection_close(connection);
    }
}

void
cleat_capture_free(struct connection *connection)
{
    struct capture *capture = connection->capture;
    if (capture == NULL)
        return;
    sqlite3_finalize(capture->find);
    sqlite3_finalize(capture->forget);
    for (size_t place = 0; place < CLEAT_REACH_MAX; place++)
        sqlite3_finalize(capture->marks[place]);
    free(capture->packed.bytes);
    free(capture);
    connection->capture = NULL;
}

/* ---- triggers ---- */

static bool
has_primary_key(const cleat_table *table)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_KEY)
            return true;
    return false;
}

/* A name of the rowid that no column has; the tool lets none have the first. */
static const char *
name_rowid(const cleat_table *table)
{
    bool taken = false;
    for (unsigned i = 0; i < table->column_count; i++)
        taken = taken || sqlite3_stricmp(table->columns[i].name, "rowid") == 0;
    return taken ? "_rowid_" : "rowid";
}

/* The columns that a change is written down with: first the key of the row as it was, for an
 * update or delete, then the row as it is. */
struct shape {
    const char **names;
    size_t keys, count;
};

static void
add_key(struct shape *shape, const cleat_table *table)
{
    if (!has_primary_key(table)) {
        shape->names[shape->count++] = name_rowid(table);
        return;
    }
    for (unsigned i = 0; i < table->keys[0].count; i++)
        shape->names[shape->count++] =
            cleat_table_column_at(table, table->keys[0].offsets[i])->name;
}

/* The caller frees ret_shape->names. */
static bool
make_shape(const cleat_table *table, size_t change, struct shape *ret_shape)
{
    memset(ret_shape, 0, sizeof *ret_shape);
    ret_shape->names = calloc(2u * table->column_count + 2u, sizeof(const char *));
    if (ret_shape->names == NULL)
        return false;
    if (change > 0)
        add_key(ret_shape, table);
    ret_shape->keys = ret_shape->count;
    if (change == 2)
        return true;
    if (change == 0 && !has_primary_key(table))
        ret_shape->names[ret_shape->count++] = name_rowid(table);
    for (unsigned i = 0; i < table->column_count; i++)
        if (cleat_is_written(&table->columns[i]))
            ret_shape->names[ret_shape->count++] = table->columns[i].name;
    return true;
}

/* cleat_pack(…) over a part of the shape. */
static void
put_pack(struct buffer *sql, const struct shape *shape, size_t from, size_t to)
{
    cleat_put(sql, from == 0 ? "cleat_pack(1," : "cleat_pack(0,");
    cleat_put(sql, to == shape->count ? "1" : "0");
    for (size_t i = from; i < to; i++) {
        cleat_put(sql, i < shape->keys ? ",old." : ",new.");
        cleat_put_name(sql, shape->names[i]);
    }
    cleat_put(sql, ")");
}

static void
put_number(struct buffer *sql, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    cleat_put(sql, text);
}

/* The trigger of one kind of change. Names of the table are those of the descriptor; the names of
 * databases are identifiers. */
static char *
write_trigger(const cleat_table *table, size_t place, size_t change, int64_t id,
              const struct shape *shape)
{
    struct buffer sql = {0};
    char *name = cleat_text("cleat_%s_%s_%s", changes[change], table->database, table->name);
    cleat_put(&sql, "CREATE TEMP TRIGGER IF NOT EXISTS ");
    cleat_put_name(&sql, name == NULL ? "" : name);
    sql.failed = sql.failed || name == NULL;
    cleat_put(&sql, change == 0   ? " AFTER INSERT ON "
                    : change == 1 ? " AFTER UPDATE ON "
                                  : " AFTER DELETE ON ");
    cleat_put_table(&sql, table);
    cleat_put(&sql, " BEGIN ");
    size_t from = 0;
    for (; shape->count - from > VALUES_MAX; from += VALUES_MAX) {
        cleat_put(&sql, "SELECT ");
        put_pack(&sql, shape, from, from + VALUES_MAX);
        cleat_put(&sql, "; ");
    }
    cleat_put(&sql, "INSERT INTO cleat_intents (peer, id, part, change, \"row\") VALUES ('");
    cleat_put(&sql, table->database);
    cleat_put(&sql, "', cleat_intent(");
    put_number(&sql, (int64_t)place);
    cleat_put(&sql, "), cleat_part(), ");
    put_number(&sql, id);
    cleat_put(&sql, ", ");
    put_pack(&sql, shape, from, shape->count);
    cleat_put(&sql, "); END");
    free(name);
    return cleat_take(&sql);
}

/* ---- bookkeeping ---- */

/* One step of setting up, with what its failure is about. */
struct setting_up {
    cleat_session *session;
    struct database *home, *peer;
    size_t place;
    sqlite3 *handle; /* of the file that is being prepared */
};

static int
execute(sqlite3 *handle, const char *sql)
{
    return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

/* Creates what is missing, and moves the cookie to what the tables say. */
static int
create_tables(sqlite3 *handle, const char *sql)
{
    int rc = execute(handle, sql);
    if (rc == SQLITE_OK)
        rc = cleat_cookie_set(handle);
    return rc;
}

#define HOME_SQL                                                                                   \
    "CREATE TABLE IF NOT EXISTS cleat_changes (id INTEGER PRIMARY KEY, peer TEXT NOT NULL,"        \
    " change TEXT NOT NULL, \"table\" TEXT NOT NULL, keys INTEGER NOT NULL,"                       \
    " columns BLOB NOT NULL, UNIQUE (peer, change, \"table\", keys, columns)) STRICT;"             \
    "CREATE TABLE IF NOT EXISTS cleat_intents (peer TEXT NOT NULL, id INTEGER NOT NULL,"           \
    " part INTEGER NOT NULL, change INTEGER NOT NULL, \"row\" BLOB NOT NULL,"                      \
    " PRIMARY KEY (peer, id, part)) STRICT, WITHOUT ROWID;"
#define PEER_SQL                                                                                   \
    "CREATE TABLE IF NOT EXISTS cleat_marks (home TEXT PRIMARY KEY NOT NULL,"                      \
    " id INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

static int
bind_change(sqlite3_stmt *statement, const cleat_table *table, size_t change,
            const struct shape *shape, const struct packed *columns)
{
    sqlite3_bind_text(statement, 1, table->database, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, changes[change], -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, table->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, (int64_t)shape->keys);
    return sqlite3_bind_blob64(statement, 5, columns->bytes, columns->size, SQLITE_STATIC);
}

/* Runs a statement about a kind of change; *ret_id is the first column of its row. */
static int
run_change(sqlite3 *handle, const char *sql, const cleat_table *table, size_t change,
           const struct shape *shape, int64_t *ret_id)
{
    struct packed columns = {0};
    sqlite3_stmt *statement = NULL;
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < shape->count; i++)
        if (!cleat_pack_text(&columns, shape->names[i]))
            rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = bind_change(statement, table, change, shape, &columns);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        *ret_id = sqlite3_column_int64(statement, 0);
    int end = sqlite3_finalize(statement);
    free(columns.bytes);
    return rc == SQLITE_OK ? end : rc;
}

#define ADD_CHANGE_SQL                                                                             \
    "INSERT OR IGNORE INTO cleat_changes (peer, change, \"table\", keys, columns)"                 \
    " VALUES (?1, ?2, ?3, ?4, ?5)"
#define FIND_CHANGE_SQL                                                                            \
    "SELECT id FROM cleat_changes WHERE peer=?1 AND change=?2 AND \"table\"=?3 AND keys=?4"        \
    " AND columns=?5"

/* Adds the kinds of changes of every table of the peer to the home. */
static int
add_changes(const struct setting_up *up)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < 3 * up->peer->table_count; i++) {
        const cleat_table *table = cleat_stored_table(up->peer->schema->tables[i / 3]);
        struct shape shape;
        int64_t id;
        if (!make_shape(table, i % 3, &shape))
            return SQLITE_NOMEM;
        rc = run_change(up->handle, ADD_CHANGE_SQL, table, i % 3, &shape, &id);
        free((void *)shape.names);
    }
    return rc;
}

static int
prepare_home(const struct setting_up *up)
{
    int rc = execute(up->handle, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK)
        rc = create_tables(up->handle, HOME_SQL);
    if (rc == SQLITE_OK)
        rc = add_changes(up);
    return rc == SQLITE_OK ? execute(up->handle, "COMMIT") : rc;
}

/* A peer without a mark has never had an intent; what an earlier file of its name had is not
 * meant for it. */
static int
prepare_peer(const struct setting_up *up)
{
    sqlite3 *attached = up->session->connection->handle;
    sqlite3_stmt *last = NULL, *mark = NULL;
    int64_t id = 0;
    int rc = execute(up->handle, "BEGIN IMMEDIATE");
    if (rc == SQLITE_OK)
        rc = create_tables(up->handle, PEER_SQL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(attached, "SELECT max(id) FROM cleat_intents WHERE peer=?1", -1,
                                &last, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(last, 1, up->peer->schema->name, -1, SQLITE_STATIC);
        if (sqlite3_step(last) == SQLITE_ROW)
            id = sqlite3_column_int64(last, 0);
        rc = sqlite3_finalize(last);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(up->handle, "INSERT OR IGNORE INTO cleat_marks VALUES (?1, ?2)", -1,
                                &mark, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(mark, 1, up->home->schema->name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(mark, 2, id);
        sqlite3_step(mark);
        rc = sqlite3_finalize(mark);
    }
    return rc == SQLITE_OK ? execute(up->handle, "COMMIT") : rc;
}

/* Prepares one of the two files, on a connection of its own. */
static cleat_status
prepare_file(struct setting_up *up, struct database *database,
             int (*prepare)(const struct setting_up *up))
{
    cleat_session *session = up->session;
    cleat_status rc = cleat_plain_open(database, &up->handle, &session->error);
    if (rc < 0)
        return rc;
    /* the schema's cookie is for those who know what they do */
    int code = sqlite3_db_config(up->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    if (code == SQLITE_OK)
        code = prepare(up);
    if (code != SQLITE_OK)
        rc = cleat_error_sqlite(&session->error, up->handle, code, database->schema->name, NULL,
                                NULL);
    sqlite3_close(up->handle);
    return rc;
}

/* ---- having changes captured ---- */

static int
create_trigger(const struct setting_up *up, const cleat_table *table, size_t change)
{
    sqlite3 *handle = up->session->connection->handle;
    struct shape shape;
    int64_t id = 0;
    if (!make_shape(table, change, &shape))
        return SQLITE_NOMEM;
    int rc = run_change(handle, FIND_CHANGE_SQL, table, change, &shape, &id);
    char *sql = NULL;
    if (rc == SQLITE_OK) {
        sql = write_trigger(table, up->place, change, id, &shape);
        rc = sql == NULL ? SQLITE_NOMEM : execute(handle, sql);
    }
    free(sql);
    free((void *)shape.names);
    return rc;
}

cleat_status
cleat_capture_begin(cleat_session *session, size_t place)
{
    struct connection *connection = session->connection;
    struct setting_up up = {
        .session = session,
        .home = session->database,
        .peer = cleat_reach_at(session->database, place),
        .place = place,
    };
    cleat_status rc = prepare_file(&up, up.home, prepare_home);
    if (rc == CLEAT_OK)
        rc = prepare_file(&up, up.peer, prepare_peer);
    if (rc < 0)
        return rc;
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < 3 * up.peer->table_count; i++)
        code = create_trigger(&up, cleat_stored_table(up.peer->schema->tables[i / 3]), i % 3);
    if (code == SQLITE_OK)
        code = cleat_connection_lock_marks(connection, place);
    if (code == SQLITE_OK)
        code = cleat_connection_renew_rollback(connection);
    if (code != SQLITE_OK)
        return cleat_session_fail_sqlite(session, code, up.peer->schema->name, NULL, NULL);
    connection->capture->ready |= 1u << place;
    return CLEAT_OK;
}
