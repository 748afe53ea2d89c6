/* harness.c: the fixture of the system tests. Every test gets an empty directory and leaves none;
 * the registry is opened over the real init table, with settings from the program alone, so that
 * the environment of the machine changes nothing. */
/* mkdtemp and strdup are POSIX, not C11. */
#define _POSIX_C_SOURCE 200809L

#include "harness.h"
#include "../temporary.h"

#include <dirent.h>
#include <init_table.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { VALUE_MAX = 8192 };

struct fixture fixture;
cleat_session *session;

/* Values of the test, freed when it ends. */
static void *values[VALUE_MAX];
static size_t value_count;
static int64_t last_number;

/* ---- memory of the test ---- */

static void *
keep(void *value)
{
    assert_non_null(value);
    assert_true(value_count < VALUE_MAX);
    values[value_count++] = value;
    return value;
}

const char *
format(const char *text, ...)
{
    char buffer[1024];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(buffer, sizeof buffer, text, arguments);
    va_end(arguments);
    return keep(strdup(buffer));
}

static void
free_values(void)
{
    while (value_count > 0)
        free(values[--value_count]);
}

/* ---- the fixture ---- */

static void
take_line(void *data, cleat_log_level level, const char *line)
{
    (void)data;
    (void)level;
    if (fixture.log_count < LOG_MAX)
        snprintf(fixture.log[fixture.log_count++], LINE_MAX_SIZE, "%s", line);
}

bool
logged(const char *text)
{
    for (size_t i = 0; i < fixture.log_count; i++)
        if (strstr(fixture.log[i], text) != NULL)
            return true;
    return false;
}

int
make_directory(void **state)
{
    (void)state;
    memset(&fixture, 0, sizeof fixture);
    if (!make_temporary(fixture.directory, sizeof fixture.directory, "systems"))
        return -1;
    cleat_settings_init(&fixture.settings, NULL);
    cleat_settings_log(&fixture.settings, take_line, NULL);
    return cleat_settings_set(&fixture.settings, "directory", fixture.directory) == CLEAT_OK ? 0
                                                                                             : -1;
}

int
remove_directory(void **state)
{
    (void)state;
    shut();
    free_values();
    DIR *directory = opendir(fixture.directory);
    if (directory == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    return rmdir(fixture.directory);
}

cleat_status
try_boot(const cleat_init_table *table)
{
    fixture.log_count = 0;
    return cleat_registry_open(table, &fixture.settings, &fixture.registry);
}

void
boot(void)
{
    cleat_status status = try_boot(&app_init_table);
    if (status != CLEAT_OK)
        fail_msg("%s: %s", cleat_status_name(status), cleat_registry_error(fixture.registry)->text);
}

void
shut(void)
{
    cleat_session_close(session);
    session = NULL;
    cleat_registry_close(fixture.registry);
    fixture.registry = NULL;
}

void
work_on(const char *database)
{
    cleat_session_close(session);
    session = NULL;
    cleat_status status = cleat_session_open(fixture.registry, database, CLEAT_WRITE, &session);
    if (status != CLEAT_OK)
        fail_msg("session on %s: %s", database, cleat_registry_error(fixture.registry)->text);
}

void
restart(const char *database)
{
    works(cleat_session_commit(session));
    shut();
    boot();
    work_on(database);
}

cleat_database_info
info_of(const char *database)
{
    cleat_database_info info;
    for (size_t i = 0; cleat_registry_database(fixture.registry, i, &info) == CLEAT_OK; i++)
        if (strcmp(info.name, database) == 0)
            return info;
    fail_msg("the registry has no database %s", database);
    return info;
}

/* ---- checks ---- */

void
check_status(cleat_status status, cleat_status expected, const char *call, const char *file,
             int line)
{
    if (status == expected)
        return;
    print_error("%s\n    gave %s, not %s\n    %s\n", call, cleat_status_name(status),
                cleat_status_name(expected), cleat_session_error(session)->text);
    _fail(file, line);
}

static void
check_name(const char *name, const char *expected, const char *what, const char *file, int line)
{
    if (expected == NULL || strcmp(name, expected) == 0)
        return;
    print_error("the error has the %s '%s', not '%s'\n", what, name, expected);
    _fail(file, line);
}

void
check_error(const char *table, const char *column, const char *file, int line)
{
    const cleat_error *error = cleat_session_error(session);
    check_name(error->database, cleat_session_database(session), "database", file, line);
    check_name(error->table, table, "table", file, line);
    check_name(error->column, column, "column", file, line);
    if (error->text[0] == '\0' || error->sqlite_code == 0) {
        print_error("the error has no text, or no code of SQLite: '%s'\n", error->text);
        _fail(file, line);
    }
}

/* ---- values ---- */

int64_t
new_number(void)
{
    return ++last_number;
}

const char *
new_name(const char *what)
{
    return format("%s-%d", what, (int)new_number());
}

const char *
new_text(const char *what)
{
    return format("%s-%d \xc3\xbc\xe2\x82\xac\xf0\x9f\x8c\xb2 '\"%%\\", what, (int)new_number());
}

const char *
new_hash(void)
{
    return format("%064x", (unsigned)new_number());
}

const char *
new_json(const char *what)
{
    return format("{\"%s\": %d}", what, (int)new_number());
}

int64_t
new_time(void)
{
    return 1700000000000000 + new_number();
}

void
new_datetime(char ret_datetime[25])
{
    cleat_datetime_format(1700000000000000 + 1000 * new_number(), ret_datetime);
}

cleat_blob
new_bytes(size_t size)
{
    unsigned char *bytes = keep(calloc(size + 1, 1));
    unsigned char seed = (unsigned char)new_number();
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i % 4 == 0 ? 0 : 0xff - seed - i);
    return (cleat_blob){bytes, size};
}

const char *
long_text(size_t length)
{
    char *text = keep(malloc(length + 1));
    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}

void
copy_id(char *ret_id, const char *id)
{
    memcpy(ret_id, id, strlen(id) + 1);
}

/* ---- the files, without cleat ---- */

const char *
path_of(const char *database)
{
    return format("%s/%s.db", fixture.directory, database);
}

const char *
ask_file(const char *database, const char *sql)
{
    sqlite3 *file;
    sqlite3_stmt *statement;
    const char *answer = "";
    assert_int_equal(sqlite3_open_v2(path_of(database), &file, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    if (sqlite3_prepare_v2(file, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(file));
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        answer = format("%s", text == NULL ? "NULL" : text);
    }
    sqlite3_finalize(statement);
    sqlite3_close(file);
    return answer;
}

const char *
ask_session(const char *sql)
{
    cleat_statement *statement;
    const char *answer = "";
    works(cleat_statement_open(session, sql, &statement));
    cleat_status status = cleat_statement_next(statement);
    if (status == CLEAT_ROW) {
        const char *text = cleat_statement_text(statement, 0);
        answer = format("%s", text == NULL ? "NULL" : text);
    } else {
        gives(CLEAT_DONE, status);
    }
    cleat_statement_close(statement);
    return answer;
}
