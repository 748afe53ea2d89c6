/* maintain.h: what checks, backups and other care of databases share. */
#ifndef CLEAT_MAINTAIN_H
#define CLEAT_MAINTAIN_H

#include "file.h"

/* Opens a connection of its own to one database, which is "main" on it. */
cleat_status cleat_maintain_open(const struct database *database, sqlite3 **ret_handle,
                                 cleat_error *error);

/* The bytes of a file beside a database, such as "-wal", or of its own for ""; 0 for none. */
int64_t cleat_file_size(const struct database *database, const char *suffix);

/* Does something with one database. Fills the error when it fails. */
typedef cleat_status cleat_work_on(struct database *database, void *data, cleat_error *error);

/* Does it with the database of this name, or with all for NULL, in order. All are tried; the
 * registry gets the first failure. */
cleat_status cleat_each_database(cleat_registry *registry, const char *name, cleat_work_on *work,
                                 void *data);

#endif
