/* test_vector_operations.c: collections of a vector store, what is in them, and what was searched:
 * references that are set to NULL, ranks and numbers that are checked, documents in another
 * file. */
#include <standard/semantic_core/db_models.cleat.h>
#include <standard/vector_operations/db_models.cleat.h>

#include "tables.h"

static vector_operations_vector_collections_row
new_collection(void)
{
    vector_operations_vector_collections_row row = vector_operations_vector_collections_defaults();
    row.collection_name = new_text("notes");
    row.description = new_text("all notes");
    row.embedding_model = new_name("minilm");
    row.dimension = 384 + new_number();
    row.distance_metric = (enum vector_metric)(new_number() % 3);
    row.document_count = new_number();
    row.total_chunks = new_number();
    row.is_active = new_number() % 2 == 0;
    row.created_at = new_time();
    return row;
}

UNIQUE_KEY(vector_operations_vector_collections, collection_name, r->collection_name)
TABLE_CALLS(vector_operations_vector_collections, collection, "", (r->id),
            &vector_operations_vector_collections_by_collection_name)

static vector_operations_document_embeddings_row
new_embedding(void)
{
    vector_operations_document_embeddings_row row =
        vector_operations_document_embeddings_defaults();
    row.content_hash = new_hash();
    row.collection_id = stored_collection().id;
    row.chroma_document_id = new_name("chroma");
    row.chunk_index = new_number();
    row.has_chunk_size = true;
    row.chunk_size = new_number();
    row.embedding_model = new_name("minilm");
    row.vector_dimension = 384 + new_number();
    row.processed_at = new_time();
    row.has_processing_duration_ms = true;
    row.processing_duration_ms = 1e-300 * (double)new_number();
    return row;
}

UNIQUE_KEY(vector_operations_document_embeddings, collection_id_and_content_hash_and_chunk_index,
           r->collection_id, r->content_hash, r->chunk_index)
INDEX_KEY(vector_operations_document_embeddings, collection_id, r->collection_id)
INDEX_KEY(vector_operations_document_embeddings, collection_id_and_content_hash, r->collection_id,
          r->content_hash)
INDEX_KEY(vector_operations_document_embeddings, content_hash, r->content_hash)
TABLE_CALLS(
    vector_operations_document_embeddings, embedding, "", (r->id),
    &vector_operations_document_embeddings_by_collection_id_and_content_hash_and_chunk_index,
    &vector_operations_document_embeddings_by_collection_id,
    &vector_operations_document_embeddings_by_collection_id_and_content_hash,
    &vector_operations_document_embeddings_by_content_hash)

static vector_operations_similarity_queries_row
new_query(void)
{
    vector_operations_similarity_queries_row row = vector_operations_similarity_queries_defaults();
    row.query_text = new_text("how do I bake bread?");
    row.has_collection_id = true;
    row.collection_id = stored_collection().id;
    row.n_results = new_number();
    row.has_distance_threshold = true;
    row.distance_threshold = -1.5 * (double)new_number();
    row.executed_at = new_time();
    row.has_duration_ms = true;
    row.duration_ms = 0.1 * (double)new_number();
    return row;
}

INDEX_KEY(vector_operations_similarity_queries, collection_id, r->collection_id)
INDEX_KEY(vector_operations_similarity_queries, executed_at, r->executed_at)
TABLE_CALLS(vector_operations_similarity_queries, query, "", (r->id),
            &vector_operations_similarity_queries_by_collection_id,
            &vector_operations_similarity_queries_by_executed_at)

static vector_operations_similarity_results_row
new_result(void)
{
    vector_operations_similarity_results_row row = vector_operations_similarity_results_defaults();
    row.query_id = stored_query().id;
    row.rank = new_number();
    row.content_hash = new_hash();
    row.distance = 1.0 / 3.0 * (double)new_number();
    return row;
}

UNIQUE_KEY(vector_operations_similarity_results, query_id_and_rank, r->query_id, r->rank)
INDEX_KEY(vector_operations_similarity_results, query_id, r->query_id)
INDEX_KEY(vector_operations_similarity_results, content_hash, r->content_hash)
TABLE_CALLS(vector_operations_similarity_results, result, "", (r->id),
            &vector_operations_similarity_results_by_query_id_and_rank,
            &vector_operations_similarity_results_by_query_id,
            &vector_operations_similarity_results_by_content_hash)

static const struct table_test *const tables[] = {
    &vector_operations_vector_collections_test,
    &vector_operations_document_embeddings_test,
    &vector_operations_similarity_queries_test,
    &vector_operations_similarity_results_test,
    NULL,
};

static const struct suite suite = {"vector_operations", tables, NULL};

/* ---- what this database promises beside ---- */

static void
a_search_outlives_its_collection(void **state)
{
    (void)state;
    vector_operations_similarity_queries_row query = stored_query();
    vector_operations_document_embeddings_row embedding = new_embedding();
    embedding.collection_id = query.collection_id;
    works(vector_operations_document_embeddings_insert(session, &embedding));
    works(vector_operations_vector_collections_delete(session, query.collection_id));
    works(vector_operations_similarity_queries_get(session, query.id, &query));
    assert_false(query.has_collection_id);
    gives(CLEAT_NOT_FOUND, vector_operations_document_embeddings_exists(session, embedding.id));
    vector_operations_similarity_queries_clear(&query);
}

static void
results_go_with_their_search(void **state)
{
    (void)state;
    vector_operations_similarity_results_row result = stored_result();
    works(vector_operations_similarity_queries_delete(session, result.query_id));
    gives(CLEAT_NOT_FOUND, vector_operations_similarity_results_exists(session, result.id));
}

static void
a_collection_that_is_not_there_takes_nothing(void **state)
{
    (void)state;
    vector_operations_document_embeddings_row embedding = new_embedding();
    vector_operations_similarity_queries_row query = new_query();
    embedding.collection_id = 4711;
    query.collection_id = 4711;
    gives(CLEAT_FOREIGN_KEY, vector_operations_document_embeddings_insert(session, &embedding));
    gives(CLEAT_FOREIGN_KEY, vector_operations_similarity_queries_insert(session, &query));
    blames("similarity_queries", NULL);
    query.has_collection_id = false;
    works(vector_operations_similarity_queries_insert(session, &query));
}

static void
sizes_and_ranks_are_positive(void **state)
{
    (void)state;
    vector_operations_similarity_results_row result = new_result();
    vector_operations_vector_collections_row collection = new_collection();
    result.rank = 0;
    gives(CLEAT_CHECK, vector_operations_similarity_results_insert(session, &result));
    blames("similarity_results", "rank");
    collection.dimension = 0;
    gives(CLEAT_CHECK, vector_operations_vector_collections_insert(session, &collection));
    blames("vector_collections", "dimension");
}

static void
a_collection_measures_by_cosine_at_first(void **state)
{
    (void)state;
    vector_operations_vector_collections_row row = vector_operations_vector_collections_defaults();
    assert_int_equal(row.distance_metric, VECTOR_METRIC_COSINE);
    assert_true(row.is_active);
    works(cleat_session_execute(session,
                                "INSERT INTO vector_operations.vector_collections "
                                "(collection_name, embedding_model, dimension) "
                                "VALUES ('notes', 'minilm', 384)"));
    works(vector_operations_vector_collections_get_by_collection_name(session, "notes", &row));
    assert_int_equal(row.distance_metric, VECTOR_METRIC_COSINE);
    assert_true(row.is_active);
    assert_int_equal(row.document_count, 0);
    vector_operations_vector_collections_clear(&row);
}

static void
ids_of_searches_are_never_used_again(void **state)
{
    (void)state;
    vector_operations_similarity_queries_row last = stored_query();
    works(vector_operations_similarity_queries_delete(session, last.id));
    restart("vector_operations");
    assert_true(stored_query().id > last.id);
}

/* Infinity is a number; NaN has no place in SQLite, which would store NULL for it. */
static void
a_distance_is_a_number(void **state)
{
    (void)state;
    vector_operations_similarity_results_row row = new_result();
    row.distance = 1e308 * 10;
    works(vector_operations_similarity_results_insert(session, &row));
    works(vector_operations_similarity_results_get(session, row.id, &row));
    assert_true(row.distance > 1e308);
    vector_operations_similarity_results_clear(&row);
    row = new_result();
    row.distance = 0.0 * (1e308 * 10);
    assert_true(vector_operations_similarity_results_insert(session, &row) < 0);
    assert_string_equal(cleat_session_error(session)->column, "distance");
}

/* The documents are in another file: a vector may outlive its document, and a query finds it. */
static void
vectors_without_a_document_are_found_by_a_join(void **state)
{
    (void)state;
    vector_operations_document_embeddings_row kept = stored_embedding();
    vector_operations_document_embeddings_row orphan = stored_embedding();
    semantic_core_documents_row document = semantic_core_documents_defaults();
    works(cleat_session_commit(session));
    document.content_hash = kept.content_hash;
    document.filename = document.relative_path = document.absolute_path = "a.md";
    works(semantic_core_documents_insert(session, &document));
    works(cleat_session_commit(session));
    assert_string_equal(ask_session("SELECT group_concat(e.content_hash) "
                                    "FROM vector_operations.document_embeddings AS e "
                                    "LEFT JOIN semantic_core.documents AS d USING (content_hash) "
                                    "WHERE d.filename IS NULL"),
                        orphan.content_hash);
}

/* The queries of the module, which join the two files. */
static void
embeddings_know_the_names_of_their_documents(void **state)
{
    (void)state;
    vector_operations_document_embeddings_row kept = stored_embedding();
    vector_operations_document_embeddings_row orphan = stored_embedding();
    vector_operations_similarity_results_row result = new_result();
    vector_operations_embedded_documents_rows rows = {0};
    semantic_core_documents_row document = semantic_core_documents_defaults();
    vector_operations_search_results_row found;
    cleat_cursor cursor;
    int64_t forgotten;
    document.content_hash = kept.content_hash;
    document.filename = document.relative_path = document.absolute_path = "a.md";
    works(semantic_core_documents_insert(session, &document));
    result.content_hash = orphan.content_hash;
    works(vector_operations_similarity_results_insert(session, &result));
    works(vector_operations_embedded_documents_collect(session, kept.collection_id, &rows));
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.items[0].filename, "a.md");
    assert_int_equal(rows.items[0].chunks, 1);
    vector_operations_embedded_documents_rows_clear(&rows);
    works(vector_operations_search_results(session, result.query_id, &cursor));
    gives(CLEAT_ROW, vector_operations_search_results_next(&cursor, &found));
    assert_string_equal(found.content_hash, orphan.content_hash);
    assert_null(found.filename);
    cleat_cursor_close(&cursor);
    works(vector_operations_forget_orphans(session, &forgotten));
    assert_int_equal(forgotten, 1);
    works(vector_operations_document_embeddings_exists(session, kept.id));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(a_search_outlives_its_collection, suite),
        PROMISE(results_go_with_their_search, suite),
        PROMISE(a_collection_that_is_not_there_takes_nothing, suite),
        PROMISE(sizes_and_ranks_are_positive, suite),
        PROMISE(a_collection_measures_by_cosine_at_first, suite),
        PROMISE(ids_of_searches_are_never_used_again, suite),
        PROMISE(a_distance_is_a_number, suite),
        PROMISE(vectors_without_a_document_are_found_by_a_join, suite),
        PROMISE(embeddings_know_the_names_of_their_documents, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
