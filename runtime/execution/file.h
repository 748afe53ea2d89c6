/* file.h: what a finished database file has in its header, for those who create and verify. */
#ifndef CLEAT_FILE_H
#define CLEAT_FILE_H

#include "execution.h"

/* The schema cookie of a file as cleat leaves it: any later change of the schema shows. */
#define CLEAT_COOKIE 0x63636C74

/* The same after the first ANALYZE, which adds tables of SQLite's own. */
#define CLEAT_COOKIE_ANALYZED 0x63636C61

enum { HEADER_SIZE = 100 };

/* Who a file belongs to, from the name of its database; 31 bits, never 0. */
int cleat_file_application(const cleat_database *schema);

/* Which schema it has, from the revision; 31 bits, never 0. */
int cleat_file_version(const cleat_database *schema);

/* Whether a file beside the database, such as "-wal", is there and has something in it. */
bool cleat_file_has(const struct database *database, const char *suffix);

/* Compares all of the file's schema with the compiled one, whatever its header says. */
cleat_status cleat_file_compare(const struct database *database, cleat_error *error);

/* The first column of the first row. */
int cleat_ask_number(sqlite3 *handle, const char *sql, int *ret_number);

#endif
