/* pipeline/embedding/db_models.h: which vectors exist for which chunks. The vectors themselves are
 * in the vector store; a row here is the pointer to one. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "pipeline"

enum embedding_distance {
    EMBEDDING_DISTANCE_COSINE,
    EMBEDDING_DISTANCE_DOT,
    EMBEDDING_DISTANCE_L2
};

/** One way to embed a workspace: a model and the collection that takes its vectors. */
TABLE(embedding_sets) {
    ulid                    id                PRIMARY_KEY;
    ulid                    workspace_id      NOT_NULL REFERENCES(workspaces, id)
                                              ON_DELETE(CASCADE);
    name_text               name              NOT_NULL;
    version_text            model             NOT_NULL;
    integer                 dims              NOT_NULL CHECK(dims > 0);
    enum embedding_distance distance          NOT_NULL;
    name_text               qdrant_collection NOT_NULL;
    timestamp               created_at        NOT_NULL DEFAULT_NOW;

    UNIQUE_ON(workspace_id, name);
    WITHOUT_ROWID;
};

/** The vector of one chunk in one set. */
TABLE(chunk_embeddings) {
    ulid      id               PRIMARY_KEY;
    ulid      chunk_id         NOT_NULL REFERENCES(chunks, id) ON_DELETE(CASCADE);
    ulid      embedding_set_id NOT_NULL INDEX REFERENCES(embedding_sets, id) ON_DELETE(CASCADE);
    text      qdrant_point_id  NOT_NULL LENGTH(36);
    timestamp embedded_at      NOT_NULL DEFAULT_NOW;

    UNIQUE_ON(chunk_id, embedding_set_id);
    WITHOUT_ROWID;
};
