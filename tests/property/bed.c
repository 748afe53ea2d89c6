/* bed.c: makes and removes what bed.h promises. The limit on the size of values is set by an
 * automatic extension, since connections belong to the registry. */
#include "bed.h"

#include "init_table.h"

#include <string.h>
#include <unistd.h>

static int most_bytes;

static int
lower_limit(sqlite3 *handle, const char **message, const void *routines)
{
    (void)message;
    (void)routines;
    if (most_bytes > 0)
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, most_bytes);
    return SQLITE_OK;
}

void
bed_limit(int bytes)
{
    most_bytes = bytes;
    sqlite3_auto_extension((void (*)(void))lower_limit);
}

int
bed_set_up(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    cleat_settings settings;
    cleat_database_info info;
    if (bed == NULL)
        return -1;
    strcpy(bed->directory, "values-XXXXXX");
    if (mkdtemp(bed->directory) == NULL)
        return -1;
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", bed->directory);
    cleat_settings_set(&settings, "synchronous", "OFF");
    cleat_settings_set(&settings, "log_level", "warning");
    *state = bed;
    if (cleat_registry_open(&property_tables_init_table, &settings, &bed->registry) != CLEAT_OK ||
        cleat_session_open(bed->registry, "values_db", CLEAT_WRITE, &bed->session) != CLEAT_OK ||
        cleat_registry_database(bed->registry, 0, &info) != CLEAT_OK)
        return -1;
    return sqlite3_open_v2(info.path, &bed->plain, SQLITE_OPEN_READWRITE, NULL);
}

int
bed_tear_down(void **state)
{
    struct bed *bed = *state;
    char command[64];
    sqlite3_close(bed->plain);
    cleat_session_close(bed->session);
    cleat_registry_close(bed->registry);
    snprintf(command, sizeof command, "rm -r %s", bed->directory);
    free(bed);
    bed_limit(0);
    return system(command);
}

cleat_session *
bed_session(void **state)
{
    const struct bed *bed = *state;
    return bed->session;
}

void
bed_run(void **state, const char *sql)
{
    const struct bed *bed = *state;
    assert_int_equal(cleat_session_commit(bed->session), CLEAT_OK);
    sqlite3_exec(bed->plain, "PRAGMA ignore_check_constraints=ON", NULL, NULL, NULL);
    if (sqlite3_exec(bed->plain, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(bed->plain));
}

int64_t
bed_number(void **state, const char *sql)
{
    const struct bed *bed = *state;
    sqlite3_stmt *statement;
    assert_int_equal(cleat_session_commit(bed->session), CLEAT_OK);
    assert_int_equal(sqlite3_prepare_v2(bed->plain, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}
