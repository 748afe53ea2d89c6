/* query.c: the program's own SQL in a session. A statement object lives until its registry
 * closes, so that one which outlived its unit of work is an error and no crash; the prepared
 * statement inside goes back to the connection and serves the next opening of the same text.
 *
 * Sessions own transactions, attachments and the settings of connections: SQL that would change
 * them is refused. */
#include "atomic/atomic.h"
#include "connection/statement.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

enum state { READY, RUNNING, FINISHED, FAILED };

struct cleat_statement {
    cleat_session *session;
    struct statement run; /* its handle is NULL once the statement has ended */
    enum state state;
    cleat_statement *before, *after; /* open ones of the session */
    cleat_statement *all_next;
    cleat_statement *idle_next;
    bool in_use;
};

/* ---- what may be run ---- */

static const char *
skip_blank(const char *sql)
{
    for (;;) {
        if (isspace((unsigned char)*sql) || *sql == ';') {
            sql++;
        } else if (strncmp(sql, "--", 2) == 0) {
            sql += strcspn(sql, "\n");
        } else if (strncmp(sql, "/*", 2) == 0) {
            const char *end = strstr(sql + 2, "*/");
            sql = end == NULL ? sql + strlen(sql) : end + 2;
        } else {
            return sql;
        }
    }
}

/* Reads a word, in lower case whatever the locale; returns what follows. */
static const char *
read_word(const char *sql, char *ret_word, size_t size)
{
    size_t length = 0;
    for (; isalnum((unsigned char)*sql) || *sql == '_'; sql++)
        if (length + 1 < size)
            ret_word[length++] = (char)(*sql >= 'A' && *sql <= 'Z' ? *sql - 'A' + 'a' : *sql);
    ret_word[length] = '\0';
    return sql;
}

static bool
is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* A pragma may ask, but not set. */
static bool
only_asks(const char *sql)
{
    static const char *const questions[] = {
        "table_info",  "table_xinfo",      "table_list",        "index_list",  "index_info",
        "index_xinfo", "foreign_key_list", "foreign_key_check", "quick_check", "integrity_check",
        NULL,
    };
    static const char *const actions[] = {
        "optimize", "incremental_vacuum", "shrink_memory", "wal_checkpoint", NULL,
    };
    char word[64];
    sql = skip_blank(read_word(skip_blank(sql), word, sizeof word));
    if (*sql == '.')
        sql = skip_blank(read_word(skip_blank(sql + 1), word, sizeof word));
    if (is_one_of(word, questions))
        return true;
    return *sql == '\0' && !is_one_of(word, actions);
}

/* Returns what is wrong with a statement, in words, or NULL. */
static const char *
find_objection(const char *sql, bool *ret_pragma)
{
    static const char *const units[] = {
        "begin", "commit", "end", "rollback", "savepoint", "release", "attach", "detach", NULL,
    };
    char word[64];
    sql = read_word(skip_blank(sql), word, sizeof word);
    if (is_one_of(word, units))
        return "transactions and attachments belong to the session";
    *ret_pragma = strcmp(word, "pragma") == 0;
    if (*ret_pragma && !only_asks(sql))
        return "a pragma that sets something belongs to the settings";
    return NULL;
}

/* ---- statement objects ---- */

static cleat_statement *
take_object(cleat_registry *registry)
{
    pthread_mutex_lock(&registry->mutex);
    cleat_statement *statement = registry->idle;
    if (statement != NULL) {
        registry->idle = statement->idle_next;
    } else {
        statement = calloc(1, sizeof *statement);
        if (statement != NULL) {
            statement->all_next = registry->statements;
            registry->statements = statement;
        }
    }
    pthread_mutex_unlock(&registry->mutex);
    if (statement != NULL)
        statement->in_use = true;
    return statement;
}

static void
give_object(cleat_registry *registry, cleat_statement *statement)
{
    pthread_mutex_lock(&registry->mutex);
    if (statement->in_use) {
        statement->in_use = false;
        statement->idle_next = registry->idle;
        registry->idle = statement;
    }
    pthread_mutex_unlock(&registry->mutex);
}

void
cleat_query_free(cleat_statement *statement)
{
    while (statement != NULL) {
        cleat_statement *next = statement->all_next;
        free(statement);
        statement = next;
    }
}

/* ---- prepared statements that wait ---- */

static sqlite3_stmt *
take_kept(struct connection *connection, const char *sql)
{
    for (unsigned i = 0; i < KEPT_STATEMENTS; i++) {
        sqlite3_stmt *handle = connection->kept[i];
        if (handle != NULL && strcmp(sqlite3_sql(handle), sql) == 0) {
            connection->kept[i] = NULL;
            return handle;
        }
    }
    return NULL;
}

static void
keep(struct connection *connection, sqlite3_stmt *handle)
{
    sqlite3_clear_bindings(handle);
    unsigned place = connection->kept_next++ % KEPT_STATEMENTS;
    sqlite3_finalize(connection->kept[place]);
    connection->kept[place] = handle;
}

static void
link_to_session(cleat_session *session, cleat_statement *statement)
{
    statement->before = NULL;
    statement->after = session->statements;
    if (session->statements != NULL)
        session->statements->before = statement;
    session->statements = statement;
}

void
cleat_query_end(cleat_statement *statement)
{
    cleat_session *session = statement->session;
    if (statement->before != NULL)
        statement->before->after = statement->after;
    else
        session->statements = statement->after;
    if (statement->after != NULL)
        statement->after->before = statement->before;
    if (statement->state == RUNNING)
        cleat_statement_release(session, &statement->run);
    keep(session->connection, statement->run.handle);
    statement->run.handle = NULL;
}

void
cleat_queries_end(cleat_session *session, uint64_t since)
{
    cleat_statement *statement = session->statements;
    while (statement != NULL) {
        cleat_statement *next = statement->after;
        if (statement->run.ticket >= since)
            cleat_query_end(statement);
        statement = next;
    }
}

/* ---- opening ---- */

/* Prepares the only statement of a text. */
static cleat_status
prepare(cleat_session *session, const char *sql, sqlite3_stmt **ret_handle)
{
    const char *database = session->database->schema->name;
    const char *rest = "";
    cleat_capture_judge(session->connection, true);
    int rc = sqlite3_prepare_v3(session->connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                ret_handle, &rest);
    cleat_capture_judge(session->connection, false);
    if (rc != SQLITE_OK)
        return cleat_session_fail_sqlite(session, rc, database, NULL, sql);
    const char *objection = NULL;
    if (*ret_handle == NULL)
        objection = "there is no statement";
    else if (*skip_blank(rest) != '\0')
        objection = "there is more than one statement";
    if (objection == NULL)
        return CLEAT_OK;
    sqlite3_finalize(*ret_handle);
    *ret_handle = NULL;
    return cleat_session_fail(session, CLEAT_MISUSE, "%s", objection);
}

static cleat_status
find_handle(cleat_session *session, const char *sql, sqlite3_stmt **ret_handle)
{
    bool pragma;
    const char *objection = find_objection(sql, &pragma);
    if (objection != NULL) {
        cleat_session_fail(session, CLEAT_MISUSE, "%s", objection);
        cleat_text_copy(session->error.sql, sizeof session->error.sql, sql);
        return CLEAT_MISUSE;
    }
    *ret_handle = take_kept(session->connection, sql);
    if (*ret_handle == NULL) {
        cleat_status rc = prepare(session, sql, ret_handle);
        if (rc < 0)
            return rc;
    }
    /* SQLite takes some pragmas that only ask for writes */
    if (session->mode == CLEAT_READ && !pragma && !sqlite3_stmt_readonly(*ret_handle)) {
        keep(session->connection, *ret_handle);
        return cleat_session_fail_readonly(session, NULL);
    }
    return CLEAT_OK;
}

cleat_status
cleat_statement_open(cleat_session *session, const char *sql, cleat_statement **ret_statement)
{
    sqlite3_stmt *handle;
    cleat_status rc = cleat_session_enter(session);
    if (rc == CLEAT_OK && (sql == NULL || ret_statement == NULL))
        rc = cleat_session_fail(session, CLEAT_MISUSE, "a statement without a text");
    if (rc == CLEAT_OK)
        rc = find_handle(session, sql, &handle);
    if (rc < 0)
        return rc;
    cleat_statement *statement = take_object(session->registry);
    if (statement == NULL) {
        keep(session->connection, handle);
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    }
    memset(&statement->run, 0, sizeof statement->run);
    statement->run.handle = handle;
    statement->run.ticket = cleat_session_next_ticket(session);
    statement->session = session;
    statement->state = READY;
    link_to_session(session, statement);
    *ret_statement = statement;
    return CLEAT_OK;
}

/* Whether the statement may be touched: its unit of work is this session's, in this process. */
static bool
is_alive(const cleat_statement *statement)
{
    return statement != NULL && statement->in_use && statement->session->forks == cleat_forks &&
           statement->run.handle != NULL;
}

void
cleat_statement_close(cleat_statement *statement)
{
    if (statement == NULL || !statement->in_use || statement->session->forks != cleat_forks)
        return;
    if (is_alive(statement))
        cleat_query_end(statement);
    give_object(statement->session->registry, statement);
}

/* Begins a call on a statement. */
static cleat_status
enter(cleat_statement *statement)
{
    if (statement == NULL || !statement->in_use)
        return CLEAT_MISUSE;
    if (is_alive(statement))
        return cleat_session_enter(statement->session);
    if (statement->session->forks != cleat_forks)
        return cleat_session_enter(statement->session);
    return cleat_session_fail(statement->session, CLEAT_MISUSE,
                              "the statement's unit of work is over");
}

/* ---- parameters ---- */

static cleat_status
enter_bind(cleat_statement *statement)
{
    cleat_status rc = enter(statement);
    if (rc == CLEAT_OK && statement->state != READY)
        rc = cleat_session_fail(statement->session, CLEAT_MISUSE,
                                "the statement is running: reset it before you bind");
    return rc;
}

static cleat_status
check_bind(cleat_statement *statement, int code)
{
    cleat_session *session = statement->session;
    if (code == SQLITE_OK)
        return CLEAT_OK;
    if (code == SQLITE_RANGE)
        return cleat_session_fail(session, CLEAT_MISUSE, "the statement has no such parameter");
    return cleat_session_fail_sqlite(session, code, session->database->schema->name, NULL,
                                     sqlite3_sql(statement->run.handle));
}

cleat_status
cleat_statement_bind_integer(cleat_statement *statement, int parameter, int64_t value)
{
    cleat_status rc = enter_bind(statement);
    if (rc < 0)
        return rc;
    return check_bind(statement, sqlite3_bind_int64(statement->run.handle, parameter, value));
}

cleat_status
cleat_statement_bind_real(cleat_statement *statement, int parameter, double value)
{
    cleat_status rc = enter_bind(statement);
    if (rc < 0)
        return rc;
    if (value != value)
        return cleat_session_fail(statement->session, CLEAT_CHECK, "not a number cannot be stored");
    return check_bind(statement, sqlite3_bind_double(statement->run.handle, parameter, value));
}

/* Texts and blobs are copied, since a statement runs again with its bindings after a reset. */
cleat_status
cleat_statement_bind_text(cleat_statement *statement, int parameter, const char *value)
{
    if (value == NULL)
        return cleat_statement_bind_null(statement, parameter);
    cleat_status rc = enter_bind(statement);
    if (rc < 0)
        return rc;
    return check_bind(statement, sqlite3_bind_text64(statement->run.handle, parameter, value,
                                                     strlen(value), SQLITE_TRANSIENT, SQLITE_UTF8));
}

cleat_status
cleat_statement_bind_blob(cleat_statement *statement, int parameter, cleat_blob value)
{
    if (value.data == NULL)
        return cleat_statement_bind_null(statement, parameter);
    cleat_status rc = enter_bind(statement);
    if (rc < 0)
        return rc;
    return check_bind(statement, sqlite3_bind_blob64(statement->run.handle, parameter, value.data,
                                                     value.size, SQLITE_TRANSIENT));
}

cleat_status
cleat_statement_bind_null(cleat_statement *statement, int parameter)
{
    cleat_status rc = enter_bind(statement);
    if (rc < 0)
        return rc;
    return check_bind(statement, sqlite3_bind_null(statement->run.handle, parameter));
}

/* ---- rows ---- */

static void
finish(cleat_statement *statement, enum state state)
{
    uint64_t ticket = statement->run.ticket;
    cleat_statement_release(statement->session, &statement->run);
    statement->run.ticket = ticket;
    statement->state = state;
}

cleat_status
cleat_statement_next(cleat_statement *statement)
{
    cleat_status rc = enter(statement);
    if (rc < 0)
        return rc;
    cleat_session *session = statement->session;
    if (statement->state == FINISHED)
        return CLEAT_DONE;
    if (statement->state == FAILED)
        return cleat_session_fail(session, CLEAT_MISUSE,
                                  "the statement has failed: reset it before it runs again");
    statement->state = RUNNING;
    int code = cleat_step(session, &statement->run);
    if (code == SQLITE_ROW)
        return CLEAT_ROW;
    rc = CLEAT_DONE;
    if (code != SQLITE_DONE)
        rc = cleat_session_fail_sqlite(session, code, session->database->schema->name, NULL,
                                       sqlite3_sql(statement->run.handle));
    finish(statement, rc == CLEAT_DONE ? FINISHED : FAILED);
    return rc;
}

cleat_status
cleat_statement_reset(cleat_statement *statement)
{
    cleat_status rc = enter(statement);
    if (rc < 0)
        return rc;
    if (statement->state == RUNNING)
        finish(statement, READY);
    statement->state = READY;
    return CLEAT_OK;
}

static bool
has_row(const cleat_statement *statement)
{
    return is_alive(statement) && statement->state == RUNNING;
}

bool
cleat_statement_is_null(cleat_statement *statement, int column)
{
    return !has_row(statement) || sqlite3_column_type(statement->run.handle, column) == SQLITE_NULL;
}

int64_t
cleat_statement_integer(cleat_statement *statement, int column)
{
    return has_row(statement) ? sqlite3_column_int64(statement->run.handle, column) : 0;
}

double
cleat_statement_real(cleat_statement *statement, int column)
{
    return has_row(statement) ? sqlite3_column_double(statement->run.handle, column) : 0.0;
}

const char *
cleat_statement_text(cleat_statement *statement, int column)
{
    if (!has_row(statement))
        return NULL;
    return (const char *)sqlite3_column_text(statement->run.handle, column);
}

cleat_blob
cleat_statement_blob(cleat_statement *statement, int column)
{
    cleat_blob blob = {NULL, 0};
    if (cleat_statement_is_null(statement, column))
        return blob;
    blob.data = sqlite3_column_blob(statement->run.handle, column);
    blob.size = (size_t)sqlite3_column_bytes(statement->run.handle, column);
    if (blob.data == NULL && blob.size == 0)
        blob.data = ""; /* empty, which is not NULL */
    return blob;
}

cleat_status
cleat_session_execute(cleat_session *session, const char *sql)
{
    cleat_statement *statement;
    cleat_status rc = cleat_statement_open(session, sql, &statement);
    if (rc < 0)
        return rc;
    do
        rc = cleat_statement_next(statement);
    while (rc == CLEAT_ROW);
    cleat_statement_close(statement);
    return rc == CLEAT_DONE ? CLEAT_OK : rc;
}
