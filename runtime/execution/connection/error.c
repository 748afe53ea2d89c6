/* error.c: turns SQLite's result codes and messages into cleat_error: a status to act on, names,
 * and a sentence. SQLite's messages about constraints name tables and columns, never values. */
#include "connection.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static cleat_status
constraint_status(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return CLEAT_CONFLICT;
    case SQLITE_CONSTRAINT_FOREIGNKEY: return CLEAT_FOREIGN_KEY;
    case SQLITE_CONSTRAINT_NOTNULL: return CLEAT_NOT_NULL;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_DATATYPE:
    case SQLITE_CONSTRAINT_TRIGGER: return CLEAT_CHECK;
    default: return CLEAT_ERROR;
    }
}

cleat_status
cleat_status_of(int sqlite_code)
{
    if (sqlite_code == SQLITE_IOERR_NOMEM)
        return CLEAT_NOMEM;
    switch (sqlite_code & 0xff) {
    case SQLITE_CONSTRAINT: return constraint_status(sqlite_code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return CLEAT_BUSY;
    case SQLITE_FULL: return CLEAT_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM: return CLEAT_READONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return CLEAT_CORRUPT;
    case SQLITE_NOMEM: return CLEAT_NOMEM;
    case SQLITE_CANTOPEN: return CLEAT_CANNOT_OPEN;
    case SQLITE_IOERR: return CLEAT_IO;
    case SQLITE_TOOBIG: return CLEAT_TOO_BIG;
    case SQLITE_INTERRUPT: return CLEAT_INTERRUPTED;
    case SQLITE_MISMATCH: return CLEAT_CHECK;
    case SQLITE_MISUSE:
    case SQLITE_RANGE: return CLEAT_MISUSE;
    default: return CLEAT_ERROR;
    }
}

cleat_status
cleat_status_of_system(int code)
{
    switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return CLEAT_FULL;
    case EACCES:
    case EPERM:
    case EROFS: return CLEAT_READONLY;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EMFILE:
    case ENFILE: return CLEAT_CANNOT_OPEN;
    case ENOMEM: return CLEAT_NOMEM;
    default: return CLEAT_IO;
    }
}

/* SQLite keeps the last reason that the system gave for anything: of a file that is not there, for
 * instance, when it looked for a journal afterwards. Believed is what can only be a failure. */
static bool
is_failure(int reason)
{
    switch (reason) {
    case EIO:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EROFS:
    case EMFILE:
    case ENFILE:
    case ENOLCK:
    case ESTALE: return true;
    default: return false;
    }
}

int
cleat_file_reason(sqlite3 *handle, const char *database)
{
    sqlite3_file *journal = NULL;
    int reason = 0;
    sqlite3_file_control(handle, database, SQLITE_FCNTL_LAST_ERRNO, &reason);
    if (is_failure(reason))
        return reason;
    sqlite3_file_control(handle, database, SQLITE_FCNTL_JOURNAL_POINTER, (void *)&journal);
    if (journal != NULL && journal->pMethods != NULL && journal->pMethods->xFileControl != NULL)
        journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &reason);
    return is_failure(reason) ? reason : 0;
}

/* Why the system failed SQLite, 0 where that is not known. A commit leaves it with the file only. */
static int
find_reason(sqlite3 *handle, int code, const char *database)
{
    int kind = code & 0xff, reason = 0;
    if (handle == NULL || (kind != SQLITE_IOERR && kind != SQLITE_CANTOPEN))
        return 0;
    if (kind == SQLITE_IOERR)
        reason = cleat_file_reason(handle, database);
    if (reason == 0)
        reason = sqlite3_system_errno(handle);
    return is_failure(reason) ? reason : 0;
}

/* The status of a code, which for some of SQLite's writes does not tell a full disk, or one that
 * may not be written any more, from a broken one. */
static cleat_status
judge(int code, int reason)
{
    cleat_status status = cleat_status_of(code);
    if (status == CLEAT_IO && (reason == EROFS || cleat_status_of_system(reason) == CLEAT_FULL))
        status = cleat_status_of_system(reason);
    return status;
}

/* Finds "t.a, t.b" behind a message's colon: *error gets the table and "a, b". */
static void
read_columns(cleat_error *error, const char *message)
{
    const char *at = strstr(message, "constraint failed: ");
    if (at == NULL)
        return;
    at += strlen("constraint failed: ");
    size_t size = 0;
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        const char *dot = memchr(at, '.', length);
        if (dot == NULL)
            return;
        if (error->table[0] == '\0')
            snprintf(error->table, sizeof error->table, "%.*s", (int)(dot - at), at);
        int written = snprintf(error->column + size, sizeof error->column - size, "%s%.*s",
                               size == 0 ? "" : ", ", (int)(length - (size_t)(dot + 1 - at)),
                               dot + 1);
        size += (size_t)written;
        if (size >= sizeof error->column)
            return;
        at += length;
        at += strspn(at, ", ");
    }
}

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether "a, b" has a name among its columns. */
static bool
lists(const char *columns, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = columns; (at = strstr(at, name)) != NULL; at += length)
        if ((at == columns || at[-1] == ' ') && (at[length] == '\0' || at[length] == ','))
            return true;
    return false;
}

static void
add_checked(cleat_error *error, const char *word, size_t length, const cleat_table *table)
{
    size_t size = strlen(error->column);
    for (unsigned i = 0; length > 0 && i < table->column_count; i++) {
        const char *name = table->columns[i].name;
        if (strlen(name) == length && strncmp(name, word, length) == 0 &&
            !lists(error->column, name) && size + length + 2 < sizeof error->column)
            snprintf(error->column + size, sizeof error->column - size, "%s%s",
                     size == 0 ? "" : ", ", name);
    }
}

/* A check is about the columns that it names. */
static void
read_checked(cleat_error *error, const char *message, const cleat_table *table)
{
    const char *at = strstr(message, "constraint failed: ");
    at = at == NULL ? "" : at + strlen("constraint failed: ");
    while (*at != '\0') {
        size_t length = 0;
        if (*at == '\'') {
            const char *end = strchr(at + 1, '\'');
            at = end == NULL ? at + strlen(at) : end + 1;
            continue;
        }
        while (is_word(at[length]))
            length++;
        if (at[length] != '(') /* no function */
            add_checked(error, at, length, table);
        at += length > 0 ? length : 1;
    }
}

/* What is wrong with a file: which one it is, and why if that is known. */
static void
write_about_file(cleat_error *error, const char *path, const char *message, int reason)
{
    const char *colon = reason == 0 ? "" : ": ", *why = reason == 0 ? "" : strerror(reason);
    if (error->sqlite_code == SQLITE_READONLY_DIRECTORY)
        message = "nothing may be written beside it, as a log or a journal has to be";
    else if (error->status == CLEAT_READONLY && reason == 0)
        message = "it may not be written";
    if (path == NULL || path[0] == '\0')
        snprintf(error->text, sizeof error->text, "%s: %s%s%s", error->database, message, colon,
                 why);
    else
        snprintf(error->text, sizeof error->text, "%s: the file " CLEAT_SHOWN_PATH ": %s%s%s",
                 error->database, path, message, colon, why);
}

static const char *
find_path(sqlite3 *handle, const char *database)
{
    const char *path = handle == NULL ? NULL : sqlite3_db_filename(handle, database);
    return path == NULL && handle != NULL ? sqlite3_db_filename(handle, "main") : path;
}

static void
write_text(cleat_error *error, const char *message, sqlite3 *handle, int reason)
{
    const char *database = error->database;
    const char *table = error->table;
    const char *column = error->column;
    size_t size = sizeof error->text;
    switch (error->status) {
    case CLEAT_CONFLICT:
        snprintf(error->text, size, "%s.%s already has a row with this %s", database, table,
                 column[0] == '\0' ? "key" : column);
        return;
    case CLEAT_NOT_NULL:
        snprintf(error->text, size, "%s.%s.%s must have a value", database, table, column);
        return;
    case CLEAT_FOREIGN_KEY:
        snprintf(error->text, size,
                 "%s.%s: a reference has no target, or a row is still referred to", database,
                 table[0] == '\0' ? "*" : table);
        return;
    case CLEAT_BUSY:
        snprintf(error->text, size, "%s: another connection holds the lock", database);
        return;
    case CLEAT_NOMEM: snprintf(error->text, size, "there is not enough memory"); return;
    case CLEAT_FULL:
    case CLEAT_READONLY:
    case CLEAT_CORRUPT:
    case CLEAT_CANNOT_OPEN:
    case CLEAT_IO: write_about_file(error, find_path(handle, database), message, reason); return;
    default: break;
    }
    if (table[0] != '\0')
        snprintf(error->text, size, "%s.%s: %s", database, table, message);
    else
        snprintf(error->text, size, "%s: %s", database, message);
}

cleat_status
cleat_error_sqlite(cleat_error *error, sqlite3 *handle, int code, const char *database,
                   const cleat_table *table, const char *sql)
{
    /* the message is that of the last call, which may not be the one that failed */
    bool own = handle != NULL && sqlite3_errcode(handle) == (code & 0xff);
    const char *message = sqlite3_errstr(code);
    if (own || (handle != NULL && sqlite3_extended_errcode(handle) == code))
        message = sqlite3_errmsg(handle);
    int reason = find_reason(handle, code, database);
    cleat_status status = judge(code, reason);
    /* RESTRICT fails as a trigger does, and only its text tells */
    if (code == SQLITE_CONSTRAINT_TRIGGER && strcmp(message, "FOREIGN KEY constraint failed") == 0)
        status = CLEAT_FOREIGN_KEY;
    memset(error, 0, sizeof *error);
    error->status = status;
    error->row = -1;
    error->sqlite_code = code;
    cleat_text_copy(error->database, sizeof error->database, database);
    cleat_text_copy(error->sql, sizeof error->sql, sql);
    if (table != NULL)
        cleat_text_copy(error->table, sizeof error->table, table->name);
    if (status == CLEAT_CONFLICT || status == CLEAT_NOT_NULL)
        read_columns(error, message);
    else if (status == CLEAT_CHECK && table != NULL)
        read_checked(error, message, table);
    write_text(error, message, handle, reason);
    return status;
}

/* Why the system could not open a file: what SQLite has kept of it, else what may be asked. */
static int
reason_of(sqlite3 *handle, const char *path)
{
    int code = handle == NULL ? 0 : sqlite3_system_errno(handle);
    if (code == 0 && access(path, R_OK) != 0)
        code = errno;
    return code;
}

/* Why nothing can be made beside a file, 0 when it can. */
static int
reason_beside(const char *path)
{
    char directory[PATH_MAX];
    cleat_text_copy(directory, sizeof directory, path);
    char *slash = strrchr(directory, '/');
    if (slash != NULL)
        slash[slash == directory] = '\0';
    return slash == NULL || access(directory, W_OK) == 0 ? 0 : errno;
}

cleat_status
cleat_error_open(cleat_error *error, sqlite3 *handle, int code, const struct database *database)
{
    const char *path = database->path, *name = database->schema->name;
    if (cleat_error_sqlite(error, handle, code, name, NULL, NULL) != CLEAT_CANNOT_OPEN)
        return error->status;
    int reason = reason_of(handle, path);
    int beside = reason == ENOENT && access(path, F_OK) == 0 ? reason_beside(path) : 0;
    if (beside != 0) {
        error->status = CLEAT_READONLY;
        snprintf(error->text, sizeof error->text,
                 "%s: the file " CLEAT_SHOWN_PATH
                 ": nothing may be written beside it, as its log has to be: %s",
                 name, path, strerror(beside));
    } else {
        snprintf(error->text, sizeof error->text,
                 "%s: the file " CLEAT_SHOWN_PATH " cannot be opened%s%s", name, path,
                 reason == 0 ? "" : ": ", reason == 0 ? "" : strerror(reason));
    }
    return error->status;
}
