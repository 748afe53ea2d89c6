/* bed.h: a registry of tables/ on files of its own for each test, with an ordinary connection
 * beside it. */
#ifndef PROPERTY_BED_H
#define PROPERTY_BED_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "values/db_models.cleat.h"

struct bed {
    char directory[32];
    cleat_registry *registry;
    sqlite3 *plain;
    cleat_session *session; /* to write */
};

int bed_set_up(void **state);
int bed_tear_down(void **state);

/* The session, for the state of a test. */
cleat_session *bed_session(void **state);

/* Commits, then runs SQL on the ordinary connection, without its checks. */
void bed_run(void **state, const char *sql);

/* Commits, then asks the ordinary connection for a number. */
int64_t bed_number(void **state, const char *sql);

/* The most bytes that a value may have on connections that are opened from now on; 0 is SQLite's
 * own limit. */
void bed_limit(int bytes);

#define BED_TEST(function) cmocka_unit_test_setup_teardown(function, bed_set_up, bed_tear_down)

#endif
