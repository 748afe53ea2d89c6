/* shop.c: the fixture of the tests of rows. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "shop.h"
#include "../temporary.h"

#include "init_table.h"

#include <unistd.h>

cleat_session *session;

static cleat_registry *registry;
static char directory[64];

void
gives_at(cleat_status expected, cleat_status status, const char *call, const char *file, int line)
{
    if (status == expected)
        return;
    print_error("%s gives %s, not %s: %s\n", call, cleat_status_name(status),
                cleat_status_name(expected), cleat_session_error(session)->text);
    _assert_int_equal((LargestIntegralType)status, (LargestIntegralType)expected, file, line);
}

int
open_shop(void **state)
{
    cleat_settings settings;
    (void)state;
    if (!make_temporary(directory, sizeof directory, "rows"))
        return -1;
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", directory);
    cleat_settings_set(&settings, "log_level", "warning");
    if (cleat_registry_open(&shop_init_table, &settings, &registry) != CLEAT_OK)
        return -1;
    return cleat_session_open(registry, "shop", CLEAT_WRITE, &session) == CLEAT_OK ? 0 : -1;
}

int
close_shop(void **state)
{
    static const char *const names[] = {"shop.db", "shop.db-wal", "shop.db-shm", ".cleat-lock"};
    char path[128];
    (void)state;
    cleat_session_close(session);
    cleat_registry_close(registry);
    session = NULL;
    registry = NULL;
    for (size_t i = 0; i < CLEAT_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    return rmdir(directory);
}

void
reopen(unsigned mode)
{
    cleat_session_close(session);
    assert_int_equal(cleat_session_open(registry, "shop", mode, &session), CLEAT_OK);
}

int64_t
ask(const char *sql)
{
    cleat_statement *statement;
    gives(CLEAT_OK, cleat_statement_open(session, sql, &statement));
    gives(CLEAT_ROW, cleat_statement_next(statement));
    int64_t answer = cleat_statement_integer(statement, 0);
    cleat_statement_close(statement);
    return answer;
}

void
execute(const char *sql)
{
    gives(CLEAT_OK, cleat_session_execute(session, sql));
}

bool
blames_row(int64_t row)
{
    const cleat_error *error = cleat_session_error(session);
    char text[32];
    snprintf(text, sizeof text, "(row %lld)", (long long)row);
    if (error->row == row && strstr(error->text, text) != NULL)
        return true;
    print_error("row %lld is blamed: %s\n", (long long)error->row, error->text);
    return false;
}

shop_items_row
item(int64_t id, const char *code, const char *name)
{
    shop_items_row row = shop_items_defaults();
    row.id = id;
    row.code = code;
    row.name = name;
    return row;
}

shop_people_row
person(const char *email, const char *name)
{
    shop_people_row row = shop_people_defaults();
    row.id[0] = '\0';
    row.email = email;
    row.name = name;
    return row;
}
