/* pipeline/query/db_models.h: what was searched for in a workspace, and which chunks were shown, so
 * that retrieval can be judged afterwards. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "pipeline"

/** One search, with its settings and the time it took. */
TABLE(queries) {
    ulid       id               PRIMARY_KEY;
    ulid       workspace_id     NOT_NULL REFERENCES(workspaces, id) ON_DELETE(CASCADE);
    timestamp  ts               NOT_NULL DEFAULT_NOW;
    long_text  query_text       NOT_NULL;
    ulid       embedding_set_id INDEX REFERENCES(embedding_sets, id) ON_DELETE(SET_NULL);
    integer    top_k            NOT_NULL CHECK(top_k > 0);
    small_json filters_json;
    integer    latency_ms       CHECK(latency_ms >= 0);
    small_json meta_json;

    INDEX_ON(workspace_id, ts DESC);
};

/** One chunk that a search returned. */
TABLE(query_results) {
    ulid    id       PRIMARY_KEY;
    ulid    query_id NOT_NULL REFERENCES(queries, id) ON_DELETE(CASCADE);
    integer rank     NOT_NULL CHECK(rank > 0);  ///< 1 is best
    ulid    chunk_id NOT_NULL INDEX REFERENCES(chunks, id) ON_DELETE(CASCADE);
    real    score    NOT_NULL;
    real    rerank_score;                       ///< NULL when nothing was reranked

    UNIQUE_ON(query_id, rank);
    WITHOUT_ROWID;
};
