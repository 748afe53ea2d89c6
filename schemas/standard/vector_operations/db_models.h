/* standard/vector_operations/db_models.h: which documents have embeddings in the vector store, and
 * what was searched for. Only content hashes and facts about vectors may be kept here: paths,
 * titles and sizes belong to semantic_core alone. */
#include <cleat/schema.h>

#define DATABASE_NAME "vector_operations"

typedef text content_digest LENGTH(64); /* SHA-256 in hex, as in semantic_core */

enum vector_metric {
    VECTOR_METRIC_COSINE,
    VECTOR_METRIC_L2,
    VECTOR_METRIC_IP
};

/** A collection of the vector store. All its vectors come from one model. */
TABLE(vector_collections) {
    integer            id              PRIMARY_KEY;
    text               collection_name NOT_NULL UNIQUE LENGTH(255);
    text               description;
    text               embedding_model NOT_NULL LENGTH(255);
    integer            dimension       NOT_NULL CHECK(dimension > 0);
    enum vector_metric distance_metric NOT_NULL DEFAULT(VECTOR_METRIC_COSINE);
    integer            document_count  NOT_NULL DEFAULT(0) CHECK(document_count >= 0);
    integer            total_chunks    NOT_NULL DEFAULT(0) CHECK(total_chunks >= 0);
    boolean            is_active       NOT_NULL DEFAULT(true);
    timestamp          created_at      NOT_NULL DEFAULT_NOW;
};

/** One chunk of a document whose vector is in a collection. */
TABLE(document_embeddings) {
    integer        id                     PRIMARY_KEY;
    content_digest content_hash           NOT_NULL INDEX
                                          SOFT_REFERENCES(semantic_core.documents, content_hash);
    integer        collection_id          NOT_NULL REFERENCES(vector_collections, id)
                                          ON_DELETE(CASCADE);
    text           chroma_document_id     LENGTH(255);            ///< its name in the vector store
    integer        chunk_index            NOT_NULL CHECK(chunk_index >= 0) RENAMED_FROM(chunk_no);
    integer        chunk_size             CHECK(chunk_size > 0);  ///< characters
    text           embedding_model        NOT_NULL LENGTH(255);
    integer        vector_dimension       NOT_NULL CHECK(vector_dimension > 0);
    timestamp      processed_at           NOT_NULL DEFAULT_NOW;
    real           processing_duration_ms CHECK(processing_duration_ms >= 0);

    UNIQUE_ON(collection_id, content_hash, chunk_index);
};

/** A search by similarity, as it was asked. */
TABLE(similarity_queries) {
    integer   id            PRIMARY_KEY AUTOINCREMENT;
    text      query_text    NOT_NULL;
    integer   collection_id REFERENCES(vector_collections, id) ON_DELETE(SET_NULL) INDEX;
    integer   n_results     NOT_NULL CHECK(n_results > 0);
    real      distance_threshold;
    timestamp executed_at   NOT_NULL INDEX DEFAULT_NOW;
    real      duration_ms   CHECK(duration_ms >= 0);
};

/** One document that a search found. */
TABLE(similarity_results) {
    integer        id           PRIMARY_KEY;
    integer        query_id     NOT_NULL REFERENCES(similarity_queries, id) ON_DELETE(CASCADE);
    integer        rank         NOT_NULL CHECK(rank > 0);  ///< 1 is nearest
    content_digest content_hash NOT_NULL INDEX
                                SOFT_REFERENCES(semantic_core.documents, content_hash);
    real           distance     NOT_NULL;

    UNIQUE_ON(query_id, rank);
};
