/* shop.h: what the tests of rows stand on: a registry over the shop in a directory of its own, and
 * one write session in it. The fixture is global: programs run one test at a time. */
#ifndef SHOP_H
#define SHOP_H

/* cmocka.h wants these four first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shop/db_models.cleat.h"

#include <stdio.h>
#include <stdlib.h>

extern cleat_session *session;

int open_shop(void **state);
int close_shop(void **state);

/* Rolls back and begins anew, with another mode. */
void reopen(unsigned mode);

/* Asserts an outcome, and says the session's error when it is another one. */
void gives_at(cleat_status expected, cleat_status status, const char *call, const char *file,
              int line);
#define gives(expected, call) gives_at(expected, call, #call, __FILE__, __LINE__)

/* The number that a select begins with, in the session. */
int64_t ask(const char *sql);

/* Runs SQL in the session. */
void execute(const char *sql);

/* Whether the error of the session names this row of the array and says so in its text. */
bool blames_row(int64_t row);

/* Rows with what they need. */
shop_items_row item(int64_t id, const char *code, const char *name);
shop_people_row person(const char *email, const char *name);

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shop, close_shop)
#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

#endif
