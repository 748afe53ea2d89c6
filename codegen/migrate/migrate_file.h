/* migrate_file.h: migrations on one database file, without the program. */
#ifndef CLEAT_MIGRATE_FILE_H
#define CLEAT_MIGRATE_FILE_H

#include "model/model.h"

enum migrate_action { MIGRATE_STATUS, MIGRATE_UP, MIGRATE_DOWN, MIGRATE_VERIFY, MIGRATE_STAMP };

struct file_request {
    enum migrate_action action;
    const char *database;
    const char *path;
    GPtrArray *migrations; /* checked and in order */
    const char *to;        /* a revision or its beginning, or NULL */
    bool dry_run;
    bool backup;
};

/* Does it, prints what was done, and returns how the run ends: 1 when the file is behind, differs
 * or is refused, 3 when it cannot be opened. */
int migrate_file(const struct file_request *request);

#endif
