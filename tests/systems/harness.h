/* harness.h: what the tests of the example systems stand on: a directory of its own for every test,
 * the registry and one write session in it, values that never repeat, and a look at the files with
 * plain SQLite. A check that fails names the call, its place and the session's error.
 *
 * The fixture is global: the programs run one test at a time. */
#ifndef SYSTEMS_HARNESS_H
#define SYSTEMS_HARNESS_H

/* cmocka.h wants these four first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cleat/table.h>
#include <sqlite3.h>

enum { LOG_MAX = 128, LINE_MAX_SIZE = 512 };

struct fixture {
    char directory[64];
    cleat_settings settings;
    cleat_registry *registry;
    size_t log_count;
    char log[LOG_MAX][LINE_MAX_SIZE];
};

extern struct fixture fixture;

/* The test's session: a write session, open from work_on() until the test ends. */
extern cleat_session *session;

/* ---- the fixture ---- */

/* cmocka's setup and teardown: a new directory, and all of it gone. */
int make_directory(void **state);
int remove_directory(void **state);

/* Opens a registry over an init table in the fixture's directory, with an empty log. */
cleat_status try_boot(const cleat_init_table *table);
void boot(void);
void shut(void);

/* Opens the session, in place of the one before, whose uncommitted work is lost. */
void work_on(const char *database);

/* Commits, closes everything and starts again: what follows reads what is in the files. */
void restart(const char *database);

/* What the registry says about a database. */
cleat_database_info info_of(const char *database);

/* Whether the log has this text in some line. */
bool logged(const char *text);

/* ---- checks ---- */

void check_status(cleat_status status, cleat_status expected, const char *call, const char *file,
                  int line);

#define works(call) check_status(call, CLEAT_OK, #call, __FILE__, __LINE__)
#define gives(expected, call) check_status(call, expected, #call, __FILE__, __LINE__)

/* The session's error names this place; NULL for what is not to be looked at. */
void check_error(const char *table, const char *column, const char *file, int line);

#define blames(table, column) check_error(table, column, __FILE__, __LINE__)

/* ---- values: each is new, and lives as long as the test ---- */

/* "what-17", with characters that need more than one byte and some that SQL and JSON quote. */
const char *new_text(const char *what);

/* "what-17" as it is. */
const char *new_name(const char *what);

/* 64 hex digits. */
const char *new_hash(void);

/* {"what": 17} */
const char *new_json(const char *what);

/* 17 */
int64_t new_number(void);

/* A time after the one before. */
int64_t new_time(void);
void new_datetime(char ret_datetime[25]);

/* Bytes that are no text: NUL, and no valid UTF-8. */
cleat_blob new_bytes(size_t size);

/* A text of so many characters. */
const char *long_text(size_t length);

/* As printf, in the memory of the test. */
const char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));

void copy_id(char *ret_id, const char *id);

/* ---- the files, without cleat ---- */

/* "<directory>/<database>.db" */
const char *path_of(const char *database);

/* The first column of the first row as a text, "NULL" for NULL, "" for no row. */
const char *ask_file(const char *database, const char *sql);

/* The same question put to a session, whatever is attached to it. */
const char *ask_session(const char *sql);

#endif
