/* verify.c: is the file that is there the one that was compiled? Its header says so in a few
 * microseconds, or SQLite compares every statement of the schema. A file that differs is refused
 * with the difference in words; no file is changed here. */
#include "file.h"
#include "migration/compare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the header ---- */

static uint32_t
read_number(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Reads the header through SQLite's own file layer: to open and close the file directly would
 * drop the locks that other connections of this process have on it. */
static int
read_with_sqlite(sqlite3_vfs *vfs, const char *path, unsigned char ret_header[HEADER_SIZE])
{
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    const char *name = sqlite3_create_filename(path, "", "", 0, NULL);
    int rc = SQLITE_NOMEM;
    if (file != NULL && name != NULL) {
        int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
        rc = vfs->xOpen(vfs, name, file, flags, &flags);
        if (rc == SQLITE_OK)
            rc = file->pMethods->xRead(file, ret_header, HEADER_SIZE, 0);
        if (file->pMethods != NULL)
            file->pMethods->xClose(file);
    }
    sqlite3_free_filename(name);
    free(file);
    return rc;
}

/* Reads it directly where that is safe, for a third of the time. SQLite has memory for each file
 * that it has open, so when it has none but these bytes, this process has no locks to lose; and no
 * thread can get one, because opening a file needs the mutex that is held here. */
static bool
read_alone(const char *path, unsigned char ret_header[HEADER_SIZE])
{
    sqlite3_mutex *files = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_VFS1);
    unsigned char *bytes = sqlite3_malloc(HEADER_SIZE);
    bool whole = false;
    sqlite3_mutex_enter(files);
    if (bytes != NULL && (sqlite3_uint64)sqlite3_memory_used() == sqlite3_msize(bytes)) {
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        whole = file >= 0 && pread(file, ret_header, HEADER_SIZE, 0) == HEADER_SIZE;
        if (file >= 0)
            close(file);
    }
    sqlite3_mutex_leave(files);
    sqlite3_free(bytes);
    return whole;
}

/* What is wrong with a file, SQLite says. */
static int
read_header(const char *path, unsigned char ret_header[HEADER_SIZE])
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    bool usual = strcmp(vfs->zName, "unix") == 0;
    return usual && read_alone(path, ret_header) ? SQLITE_OK
                                                 : read_with_sqlite(vfs, path, ret_header);
}

/* Whether something beside the file may say otherwise than its header. A file in WAL mode has a
 * journal only while it changes into that mode or out of it, which changes nothing else. */
static bool
has_log(const struct database *database, const unsigned char *header)
{
    enum { READ_VERSION = 19, LOGGED = 2 };
    return cleat_file_has(database, "-wal") ||
           (header[READ_VERSION] != LOGGED && cleat_file_has(database, "-journal"));
}

bool
cleat_file_is_plain(const struct database *database)
{
    unsigned char header[HEADER_SIZE];
    return read_header(database->path, header) == SQLITE_OK &&
           cleat_cookie_is_plain(read_number(header + 40)) && !has_log(database, header);
}

/* Whether the header has the numbers of the compiled schema. No two databases of a registry have
 * the same, so each of these files is another one. */
static bool
has_numbers(const struct database *database, const unsigned char *header)
{
    return read_number(header + 68) == (uint32_t)cleat_file_application(database->schema) &&
           read_number(header + 60) == (uint32_t)cleat_file_version(database->schema) &&
           cleat_cookie_is_own(read_number(header + 40));
}

/* How many bytes the file had when its header was written; 0 when the header does not know. */
static int64_t
full_size(const unsigned char *header)
{
    int64_t page = (int64_t)header[16] << 8 | header[17];
    bool known = read_number(header + 24) == read_number(header + 92);
    return known ? (page == 1 ? 65536 : page) * read_number(header + 28) : 0;
}

bool
cleat_file_is_current(const struct database *database)
{
    unsigned char header[HEADER_SIZE];
    return database->found && read_header(database->path, header) == SQLITE_OK &&
           memcmp(header, "SQLite format 3", 16) == 0 && has_numbers(database, header) &&
           (!database->linked || cleat_cookie_is_plain(read_number(header + 40))) &&
           full_size(header) <= database->found_size && !has_log(database, header);
}

static cleat_status
fail_corrupt(const struct database *database, cleat_error *error)
{
    return cleat_error_set(error, CLEAT_CORRUPT, "%s: the file %s is no database",
                           database->schema->name, database->path);
}

/* SQLite says of a path that is too long only that it cannot open it. It adds a tail for the
 * journal, and create.c one for the file in the making. */
static cleat_status
check_length(const char *path, cleat_error *error)
{
    size_t most = (size_t)sqlite3_vfs_find(NULL)->mxPathname - strlen(".cleat-new-journal");
    if (strlen(path) <= most)
        return CLEAT_OK;
    return cleat_error_set(error, CLEAT_CANNOT_OPEN,
                           CLEAT_SHOWN_PATH "…: the path has %zu bytes, SQLite takes %zu", path,
                           strlen(path), most);
}

/* Whether the end of a file is missing that has no log. */
static cleat_status
check_size(const struct database *database, const unsigned char *header, cleat_error *error)
{
    struct stat found;
    if (stat(database->path, &found) != 0 || found.st_size >= full_size(header))
        return CLEAT_OK;
    return cleat_error_set(error, CLEAT_CORRUPT,
                           "%s: the file " CLEAT_SHOWN_PATH " is cut off, %lld bytes are missing",
                           database->schema->name, database->path,
                           (long long)(full_size(header) - found.st_size));
}

cleat_status
cleat_file_look(struct database *database, bool *ret_absent, cleat_error *error)
{
    struct stat found;
    const char *path = database->path;
    *ret_absent = false;
    if (check_length(path, error) < 0)
        return error->status;
    if (stat(path, &found) != 0) {
        if (errno != ENOENT)
            return cleat_error_set(error, CLEAT_CANNOT_OPEN, "%s: %s", path, strerror(errno));
        *ret_absent = true;
        return CLEAT_OK;
    }
    if (!S_ISREG(found.st_mode))
        return cleat_error_set(error, CLEAT_CANNOT_OPEN, "%s is no file", path);
    if (found.st_size > 0)
        return CLEAT_OK;
    if (cleat_file_has(database, "-wal") || cleat_file_has(database, "-journal"))
        return cleat_error_set(error, CLEAT_CORRUPT, "%s: the file %s is empty, but its log is not",
                               database->schema->name, path);
    *ret_absent = true;
    return CLEAT_OK;
}

/* ---- with SQLite ---- */

int
cleat_ask_number(sqlite3 *handle, const char *sql, int *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        *ret_number = sqlite3_column_int(statement, 0);
    int end = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? end : rc;
}

/* Opens the file to look only: closing must not write its log back either. A schema that calls JSON
 * or FTS5 cannot even be read untrusted; nothing of it runs here. */
static int
open_to_look(const struct database *database, sqlite3 **ret_handle)
{
    int rc = cleat_handle_open(database->path, database->schema->flags, ret_handle);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_busy_timeout(*ret_handle, database->options.busy_timeout_ms);
    if (cleat_file_has(database, "-wal")) /* else an empty one that this makes shall go again */
        sqlite3_db_config(*ret_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return sqlite3_exec(*ret_handle, "PRAGMA query_only=ON", NULL, NULL, NULL);
}

static cleat_status
judge(const struct database *database, int application, int version, const struct drift *drift,
      cleat_error *error)
{
    const cleat_database *schema = database->schema;
    if (application != cleat_file_application(schema))
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s belongs to something else, its application id is "
                               "%d instead of %d",
                               schema->name, database->path, application,
                               cleat_file_application(schema));
    if (drift->count > 1)
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s has another schema: %s, and %zu more", schema->name,
                               database->path, drift->text, drift->count - 1);
    if (drift->count == 1)
        return cleat_error_set(error, CLEAT_DRIFT, "%s: the file %s has another schema: %s",
                               schema->name, database->path, drift->text);
    if (version != cleat_file_version(schema))
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s has the schema but not the revision %s",
                               schema->name, database->path, schema->revision);
    return CLEAT_OK;
}

static cleat_status
fail_sqlite(const struct database *database, sqlite3 *handle, int rc, cleat_error *error)
{
    if (cleat_status_of(rc) == CLEAT_CORRUPT)
        return fail_corrupt(database, error);
    return cleat_error_open(error, handle, rc, database);
}

/* Compares the file with the compiled schema, statement by statement. */
static cleat_status
compare(const struct database *database, sqlite3 *file, cleat_error *error)
{
    struct drift drift = {.count = 0};
    sqlite3 *compiled = NULL;
    int application = 0, version = 0;
    cleat_status status = CLEAT_OK;
    int rc = cleat_ask_number(file, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = cleat_ask_number(file, "PRAGMA user_version", &version);
    if (rc != SQLITE_OK)
        return fail_sqlite(database, file, rc, error);
    if (application == cleat_file_application(database->schema)) {
        rc = cleat_schema_compile(database->schema, &compiled);
        if (rc != SQLITE_OK)
            status = fail_sqlite(database, compiled, rc, error);
        else if ((rc = cleat_schema_compare(file, compiled, &drift)) != SQLITE_OK)
            status = fail_sqlite(database, file, rc, error);
    }
    if (status == CLEAT_OK)
        status = judge(database, application, version, &drift, error);
    sqlite3_close(compiled);
    return status;
}

cleat_status
cleat_file_compare(const struct database *database, cleat_error *error)
{
    sqlite3 *file = NULL;
    int rc = open_to_look(database, &file);
    cleat_status status = rc == SQLITE_OK ? compare(database, file, error)
                                          : fail_sqlite(database, file, rc, error);
    sqlite3_close(file);
    return status;
}

/* What the header says, asked of SQLite, which has read the log too. No schema is parsed for it. */
static bool
says_enough(const struct database *database, sqlite3 *file)
{
    int application = 0, version = 0, cookie = 0;
    return cleat_ask_number(file, "PRAGMA application_id", &application) == SQLITE_OK &&
           cleat_ask_number(file, "PRAGMA user_version", &version) == SQLITE_OK &&
           cleat_ask_number(file, "PRAGMA schema_version", &cookie) == SQLITE_OK &&
           application == cleat_file_application(database->schema) &&
           version == cleat_file_version(database->schema) && cleat_cookie_is_own((uint32_t)cookie);
}

/* The same for a file that may be behind; its migrations are then another's to run. */
static cleat_status
verify_with_sqlite(struct database *database, cleat_error *error)
{
    sqlite3 *file = NULL;
    bool listed = true;
    int rc = open_to_look(database, &file);
    cleat_status status = CLEAT_OK;
    bool same = rc == SQLITE_OK && says_enough(database, file);
    if (rc != SQLITE_OK)
        status = fail_sqlite(database, file, rc, error);
    else if (!same)
        status = cleat_file_pending(database, file, &listed, &database->pending, error);
    if (status == CLEAT_CORRUPT)
        fail_corrupt(database, error);
    database->behind = database->pending > 0 || !listed;
    if (status == CLEAT_OK && !same && !database->behind)
        status = compare(database, file, error);
    sqlite3_close(file);
    return status;
}

cleat_status
cleat_file_verify(struct database *database, cleat_error *error)
{
    unsigned char header[HEADER_SIZE];
    database->behind = false;
    database->pending = 0;
    int rc = read_header(database->path, header);
    if (rc == SQLITE_IOERR_SHORT_READ)
        return fail_corrupt(database, error);
    if (rc != SQLITE_OK)
        return cleat_error_open(error, NULL, rc, database);
    if (memcmp(header, "SQLite format 3", 16) != 0)
        return fail_corrupt(database, error);
    if (has_numbers(database, header) && !has_log(database, header))
        return check_size(database, header, error);
    return verify_with_sqlite(database, error);
}
