/* pipeline/workspace/db_models.h: the root of the document pipeline. Seven modules describe the
 * one database `pipeline`; everything in it belongs, directly or through others, to a workspace. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "pipeline"

/** A corpus with its own sources, embeddings and runs. */
TABLE(workspaces) {
    ulid      id         PRIMARY_KEY;
    name_text name       NOT_NULL UNIQUE;
    timestamp created_at NOT_NULL DEFAULT_NOW;
    timestamp updated_at NOT_NULL DEFAULT_NOW UPDATE_NOW;

    WITHOUT_ROWID;
};
