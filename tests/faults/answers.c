/* answers.c: the functions that the linker puts in place of SQLite's. What SQLite does beside its
 * answer is done too: the place for a result is NULL, what was to be destroyed is, and the
 * connection says the same code until it is called again. */
#include "answers.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct {
    bool armed, lasting;
    int code;
    long place;         /* from 1 */
    atomic_long count;  /* in all threads */
    const char *called; /* the function at the place */
} answer;

/* The connection whose last call was answered here, and with what. */
static _Thread_local struct {
    sqlite3 *handle;
    int code;
} last;

void
answers_arm(long place, bool lasting, int code)
{
    answer.lasting = lasting;
    answer.code = code;
    answer.place = place;
    answer.count = 0;
    answer.called = "none";
    answer.armed = true;
}

bool
answers_disarm(void)
{
    answer.armed = false;
    last.handle = NULL;
    return answer.count < answer.place;
}

const char *
answers_describe(void)
{
    static char text[160];
    snprintf(text, sizeof text, "call %ld of SQLite (%s) answered %s %s", answer.place,
             answer.called, sqlite3_errstr(answer.code), answer.lasting ? "for good" : "once");
    return text;
}

/* The answer to a call that is not made, SQLITE_OK for one that is. In SQLite nothing can go wrong
 * in a ROLLBACK of everything once it is prepared. */
static int
answer_to(sqlite3 *handle, const char *name, const char *sql)
{
    last.handle = NULL;
    if (!answer.armed || (sql != NULL && strcmp(sql, "ROLLBACK") == 0))
        return SQLITE_OK;
    long count = ++answer.count;
    if (count < answer.place || (count > answer.place && !answer.lasting))
        return SQLITE_OK;
    if (count == answer.place)
        answer.called = name;
    last.handle = handle;
    last.code = answer.code;
    return answer.code;
}

/* The statements of this thread that failed last. */
static _Thread_local sqlite3_stmt *failed[64];

static void
note_statement(sqlite3_stmt *statement)
{
    static _Thread_local unsigned count;
    failed[count++ % (sizeof failed / sizeof failed[0])] = statement;
}

static bool
forget_statement(const sqlite3_stmt *statement)
{
    bool found = false;
    for (size_t i = 0; statement != NULL && i < sizeof failed / sizeof failed[0]; i++)
        if (failed[i] == statement) {
            failed[i] = NULL;
            found = true;
        }
    return found;
}

/* ---- what the connection says of it ---- */

int __real_sqlite3_extended_errcode(sqlite3 *handle);
int __wrap_sqlite3_extended_errcode(sqlite3 *handle);
int __real_sqlite3_errcode(sqlite3 *handle);
int __wrap_sqlite3_errcode(sqlite3 *handle);
const char *__real_sqlite3_errmsg(sqlite3 *handle);
const char *__wrap_sqlite3_errmsg(sqlite3 *handle);

int
__wrap_sqlite3_extended_errcode(sqlite3 *handle)
{
    bool ours = handle != NULL && last.handle == handle;
    return ours ? last.code : __real_sqlite3_extended_errcode(handle);
}

int
__wrap_sqlite3_errcode(sqlite3 *handle)
{
    bool ours = handle != NULL && last.handle == handle;
    return ours ? last.code & 0xff : __real_sqlite3_errcode(handle);
}

const char *
__wrap_sqlite3_errmsg(sqlite3 *handle)
{
    bool ours = handle != NULL && last.handle == handle;
    return ours ? sqlite3_errstr(last.code) : __real_sqlite3_errmsg(handle);
}

/* ---- calls ---- */

/* A function of SQLite's: what it is called with, by declaration and by name; its connection and
 * the SQL that it runs, NULL for none; and what it does when it fails. */
#define CALL(name, parameters, arguments, handle, text, otherwise)                                 \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        int code = answer_to(handle, #name, text);                                                 \
        if (code == SQLITE_OK)                                                                     \
            return __real_##name arguments;                                                        \
        otherwise;                                                                                 \
        return code;                                                                               \
    }

CALL(sqlite3_prepare_v2,
     (sqlite3 * handle, const char *sql, int size, sqlite3_stmt **ret_statement, const char **tail),
     (handle, sql, size, ret_statement, tail), handle, NULL, *ret_statement = NULL)
CALL(sqlite3_prepare_v3,
     (sqlite3 * handle, const char *sql, int size, unsigned flags, sqlite3_stmt **ret_statement,
      const char **tail),
     (handle, sql, size, flags, ret_statement, tail), handle, NULL, *ret_statement = NULL)
CALL(sqlite3_step, (sqlite3_stmt * statement), (statement), sqlite3_db_handle(statement),
     sqlite3_sql(statement), note_statement(statement))

/* A statement that failed says so again when it ends. */
int __real_sqlite3_reset(sqlite3_stmt *statement);
int __wrap_sqlite3_reset(sqlite3_stmt *statement);
int __real_sqlite3_finalize(sqlite3_stmt *statement);
int __wrap_sqlite3_finalize(sqlite3_stmt *statement);

int
__wrap_sqlite3_reset(sqlite3_stmt *statement)
{
    int code = __real_sqlite3_reset(statement);
    return forget_statement(statement) ? answer.code : code;
}

int
__wrap_sqlite3_finalize(sqlite3_stmt *statement)
{
    int code = __real_sqlite3_finalize(statement);
    return forget_statement(statement) ? answer.code : code;
}

/* What is bound by its place is never refused, a copy may find no memory. */
#define BIND(name, parameters, arguments)                                                          \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        int code = SQLITE_OK;                                                                      \
        if (destructor == SQLITE_TRANSIENT)                                                        \
            code = answer_to(sqlite3_db_handle(statement), #name, NULL);                           \
        return code == SQLITE_OK ? __real_##name arguments : code;                                 \
    }

BIND(sqlite3_bind_text,
     (sqlite3_stmt * statement, int place, const char *text, int size, void (*destructor)(void *)),
     (statement, place, text, size, destructor))
BIND(sqlite3_bind_text64,
     (sqlite3_stmt * statement, int place, const char *text, sqlite3_uint64 size,
      void (*destructor)(void *), unsigned char encoding),
     (statement, place, text, size, destructor, encoding))
BIND(sqlite3_bind_blob64,
     (sqlite3_stmt * statement, int place, const void *bytes, sqlite3_uint64 size,
      void (*destructor)(void *)),
     (statement, place, bytes, size, destructor))

static void
no_message(char **ret_message)
{
    if (ret_message != NULL)
        *ret_message = NULL;
}

CALL(sqlite3_exec,
     (sqlite3 * handle, const char *sql, int (*hear)(void *, int, char **, char **), void *data,
      char **ret_message),
     (handle, sql, hear, data, ret_message), handle, sql, no_message(ret_message))
CALL(sqlite3_close, (sqlite3 * handle), (handle), NULL, NULL, __real_sqlite3_close(handle))
CALL(sqlite3_busy_timeout, (sqlite3 * handle, int ms), (handle, ms), handle, NULL, (void)0)
CALL(sqlite3_wal_checkpoint_v2,
     (sqlite3 * handle, const char *name, int mode, int *ret_size, int *ret_moved),
     (handle, name, mode, ret_size, ret_moved), handle, NULL, (void)0)
CALL(sqlite3_table_column_metadata,
     (sqlite3 * handle, const char *database, const char *table, const char *column,
      const char **type, const char **collation, int *not_null, int *primary_key, int *increment),
     (handle, database, table, column, type, collation, not_null, primary_key, increment), handle,
     NULL, (void)0)

static void
destroy(void (*function)(void *), void *data)
{
    if (function != NULL)
        function(data);
}

CALL(sqlite3_create_function_v2,
     (sqlite3 * handle, const char *name, int count, int flags, void *data,
      void (*function)(sqlite3_context *, int, sqlite3_value **),
      void (*step)(sqlite3_context *, int, sqlite3_value **), void (*end)(sqlite3_context *),
      void (*destructor)(void *)),
     (handle, name, count, flags, data, function, step, end, destructor), handle, NULL,
     destroy(destructor, data))
CALL(sqlite3_create_module_v2,
     (sqlite3 * handle, const char *name, const sqlite3_module *module, void *data,
      void (*destructor)(void *)),
     (handle, name, module, data, destructor), handle, NULL, destroy(destructor, data))

CALL(sqlite3_blob_open,
     (sqlite3 * handle, const char *database, const char *table, const char *column,
      sqlite3_int64 rowid, int flags, sqlite3_blob **ret_blob),
     (handle, database, table, column, rowid, flags, ret_blob), handle, NULL, *ret_blob = NULL)
CALL(sqlite3_blob_read, (sqlite3_blob * blob, void *bytes, int size, int offset),
     (blob, bytes, size, offset), NULL, NULL, (void)0)
CALL(sqlite3_blob_write, (sqlite3_blob * blob, const void *bytes, int size, int offset),
     (blob, bytes, size, offset), NULL, NULL, (void)0)

/* A copy that failed says so again when it ends. */
static _Thread_local sqlite3_backup *failed_backup;

static void
note_backup(sqlite3_backup *backup)
{
    failed_backup = backup;
}

CALL(sqlite3_backup_step, (sqlite3_backup * backup, int pages), (backup, pages), NULL, NULL,
     note_backup(backup))

int __real_sqlite3_backup_finish(sqlite3_backup *backup);
int __wrap_sqlite3_backup_finish(sqlite3_backup *backup);

int
__wrap_sqlite3_backup_finish(sqlite3_backup *backup)
{
    int code = __real_sqlite3_backup_finish(backup);
    if (backup == NULL || backup != failed_backup)
        return code;
    failed_backup = NULL;
    return answer.code;
}

/* A connection that cannot be opened is one that only has an error. */
int __real_sqlite3_open_v2(const char *path, sqlite3 **ret_handle, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret_handle, int flags, const char *vfs);

int
__wrap_sqlite3_open_v2(const char *path, sqlite3 **ret_handle, int flags, const char *vfs)
{
    int code = answer_to(NULL, "sqlite3_open_v2", NULL);
    if (code == SQLITE_OK)
        return __real_sqlite3_open_v2(path, ret_handle, flags, vfs);
    return __real_sqlite3_open_v2("/nonexistent/directory/file", ret_handle, SQLITE_OPEN_READWRITE,
                                  vfs);
}

sqlite3_backup *__real_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from,
                                           const char *from_name);
sqlite3_backup *__wrap_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from,
                                           const char *from_name);

sqlite3_backup *
__wrap_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from, const char *from_name)
{
    int code = answer_to(to, "sqlite3_backup_init", NULL);
    return code == SQLITE_OK ? __real_sqlite3_backup_init(to, to_name, from, from_name) : NULL;
}
