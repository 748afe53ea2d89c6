/* file.h: what those share who create, verify and migrate database files. */
#ifndef CLEAT_FILE_H
#define CLEAT_FILE_H

#include "connection/connection.h"
#include "migration/history.h"

enum { HEADER_SIZE = 100 };

/* Whether the header alone says that no commits over several databases are noted in the file. */
bool cleat_file_is_plain(const struct database *database);

/* Whether a file beside the database, such as "-wal", is there and has something in it. */
bool cleat_file_has(const struct database *database, const char *suffix);

/* Compares all of the file's schema with the compiled one, whatever its header says. */
cleat_status cleat_file_compare(const struct database *database, cleat_error *error);

/* The first column of the first row. */
int cleat_ask_number(sqlite3 *handle, const char *sql, int *ret_number);

/* How many migrations a file lacks, and whether it is listed in it which it has. CLEAT_NEWER and
 * CLEAT_DRIFT as cleat_history_read(), and when the file was changed by others since the last. */
cleat_status cleat_file_pending(const struct database *database, sqlite3 *handle, bool *ret_listed,
                                size_t *ret_pending, cleat_error *error);

/* Refuses a database with a view or trigger that is not of its schema; asks each database once. */
cleat_status cleat_planted_check(sqlite3 *handle, struct database *database, cleat_error *error);

/* Has the checkpointer, when there is one, hear of the connection's commits. */
void cleat_checkpointer_watch(struct connection *connection);

#endif
