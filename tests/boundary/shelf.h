/* shelf.h: what the tests of the boundary share: a registry over the schema of schemas/shelf in an
 * empty directory, rows that are valid, and numbers that are the same in every run. */
#ifndef SHELF_H
#define SHELF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cleat/cleat.h>

#include "shelf/db_models.cleat.h"

/* Open in tests that begin with shelf_open. */
extern cleat_registry *shelf_registry;
extern cleat_session *shelf_session;
extern char shelf_path[80];

int shelf_open(void **state);
int shelf_close(void **state);

/* Closes and opens the registry, so that another program could have had the file. */
void shelf_leave(void);
void shelf_return(void);

/* A valid row with a value in every column. Its texts are constants. */
shelf_books_row shelf_book(void);

/* The next number of a fixed sequence, below `limit`. */
unsigned shelf_random(unsigned limit);

/* Fails the test when a call on the session has failed, and says why. */
void shelf_expect(cleat_status expected, cleat_status rc);

#endif
