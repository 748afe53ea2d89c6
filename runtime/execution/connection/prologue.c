/* prologue.c: the one way in which a database file is opened, whoever does it: nothing in a path, a
 * setting or the file itself can load code, reach another file or change the schema's tables; and
 * the pragmas of a database, which SQLite forgets with each connection and attachment. */
#include "connection.h"

#include <stdio.h>
#include <stdlib.h>

/* SQLite's own standard; a build may have a far greater one. */
#define SQL_LENGTH 1000000

/* ---- opening ---- */

static int
configure(sqlite3 *handle, unsigned schema_flags)
{
    static const int switches[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < CLEAT_COUNT(switches); i++)
        rc = sqlite3_db_config(handle, switches[i][0], switches[i][1], NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                               (schema_flags & CLEAT_TRUSTED_SCHEMA) != 0, NULL);
    /* a build without extensions cannot load any, and may refuse the word */
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    if (sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, -1) > SQL_LENGTH)
        sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, SQL_LENGTH);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    return rc;
}

/* The path is absolute and was resolved once, so it is no URI, and a symbolic link in it has come
 * later. */
int
cleat_handle_open(const char *path, unsigned schema_flags, sqlite3 **ret_handle)
{
    int rc = sqlite3_open_v2(path, ret_handle,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW |
                                 SQLITE_OPEN_EXRESCODE,
                             NULL);
    if (rc == SQLITE_OK)
        rc = configure(*ret_handle, schema_flags);
    return rc;
}

/* ---- pragmas ---- */

/* Runs a formatted statement without rows. Names are identifiers of the init table. */
static int CLEAT_PRINTF(2, 3) run(sqlite3 *handle, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

/* Sets the journal mode; SQLite answers with the one it has, which is not always the one asked
 * for. */
static int
set_journal(sqlite3 *handle, const char *name, const char *mode)
{
    sqlite3_stmt *statement = NULL;
    char *sql = cleat_text("PRAGMA \"%s\".journal_mode=%s", name, mode);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    free(sql);
    if (rc != SQLITE_OK)
        return rc;
    bool same = sqlite3_step(statement) == SQLITE_ROW &&
                sqlite3_stricmp((const char *)sqlite3_column_text(statement, 0), mode) == 0;
    rc = sqlite3_finalize(statement);
    return rc == SQLITE_OK && !same ? SQLITE_READONLY : rc;
}

int
cleat_pragmas_attached(sqlite3 *handle, const struct database *database)
{
    const struct options *options = &database->options;
    const char *name = database->schema->name;
    int rc = set_journal(handle, name, options->journal_mode);
    if (rc == SQLITE_OK)
        rc = run(handle, "PRAGMA \"%s\".synchronous=%s", name, options->synchronous);
    if (rc == SQLITE_OK)
        rc = run(handle, "PRAGMA \"%s\".cache_size=-%d", name, options->cache_kb);
    if (rc == SQLITE_OK)
        rc = run(handle, "PRAGMA \"%s\".mmap_size=%lld", name, (long long)options->mmap_mb << 20);
    if (rc == SQLITE_OK && options->journal_size_limit_kb >= 0)
        rc = run(handle, "PRAGMA \"%s\".journal_size_limit=%lld", name,
                 (long long)options->journal_size_limit_kb * 1024);
    if (rc == SQLITE_OK && strcmp(options->secure_delete, "DEFAULT") != 0)
        rc = run(handle, "PRAGMA \"%s\".secure_delete=%s", name, options->secure_delete);
    return rc;
}

/* What is SQLite's standard is left alone: a pragma costs time. */
int
cleat_pragmas_main(sqlite3 *handle, const struct database *database)
{
    const struct options *options = &database->options;
    int rc = run(handle, "PRAGMA foreign_keys=ON");
    if (rc == SQLITE_OK)
        rc = cleat_pragmas_attached(handle, database);
    if (rc == SQLITE_OK && options->wal_autocheckpoint != 1000)
        rc = sqlite3_wal_autocheckpoint(handle, options->wal_autocheckpoint);
    if (rc == SQLITE_OK && strcmp(options->temp_store, "DEFAULT") != 0)
        rc = run(handle, "PRAGMA temp_store=%s", options->temp_store);
    if (rc == SQLITE_OK && !options->cache_spill)
        rc = run(handle, "PRAGMA cache_spill=OFF");
    if (rc == SQLITE_OK && options->cell_size_check)
        rc = run(handle, "PRAGMA cell_size_check=ON");
    if (rc == SQLITE_OK && !options->automatic_index)
        rc = run(handle, "PRAGMA automatic_index=OFF");
    if (rc == SQLITE_OK && options->sorter_threads > 0)
        rc = run(handle, "PRAGMA threads=%d", options->sorter_threads);
    return rc;
}
