/* test_semantic_core.c: documents known by the hash of their content, and what hangs on it: rows
 * that follow when the hash changes and go when the document goes, and vectors in another file. */
#include <standard/semantic_core/db_models.cleat.h>
#include <standard/vector_operations/db_models.cleat.h>

#include "tables.h"

static semantic_core_documents_row
new_document(void)
{
    semantic_core_documents_row row = semantic_core_documents_defaults();
    row.content_hash = new_hash();
    row.filename = new_text(
        "b\xc3\xbc"
        "cher.md");
    row.relative_path = new_text(
        "notes/b\xc3\xbc"
        "cher.md");
    row.absolute_path = new_text(
        "/home/zoe/notes/b\xc3\xbc"
        "cher.md");
    row.file_size = 1048576 + new_number();
    row.word_count = new_number();
    row.category = new_text("note");
    row.last_modified = new_time();
    row.processed_at = new_time();
    row.metadata = new_json("tags");
    return row;
}

UNIQUE_KEY(semantic_core_documents, filename, r->filename)
INDEX_KEY(semantic_core_documents, category, r->category)
TABLE_CALLS(semantic_core_documents, document, "", (r->content_hash),
            &semantic_core_documents_by_filename, &semantic_core_documents_by_category)

static semantic_core_document_changes_row
new_change(void)
{
    semantic_core_document_changes_row row = semantic_core_document_changes_defaults();
    row.content_hash = stored_document().content_hash;
    row.change_type = (enum document_change)(new_number() % 3);
    row.detected_at = new_time();
    row.processed = new_number() % 2 == 0;
    return row;
}

INDEX_KEY(semantic_core_document_changes, content_hash, r->content_hash)
TABLE_CALLS(semantic_core_document_changes, change, "", (r->id),
            &semantic_core_document_changes_by_content_hash)

static semantic_core_content_cache_row
new_content(void)
{
    semantic_core_content_cache_row row = semantic_core_content_cache_defaults();
    row.content_hash = stored_document().content_hash;
    row.raw_content = new_bytes(3000);
    row.processed_content = long_text(20000);
    row.extraction_method = new_name("markdown");
    row.extracted_at = new_time();
    return row;
}

TABLE_CALLS(semantic_core_content_cache, content, "", (r->content_hash), NULL)

static semantic_core_clusters_row
new_cluster(void)
{
    semantic_core_clusters_row row = semantic_core_clusters_defaults();
    row.analysis = new_name("kmeans");
    row.cluster_number = new_number();
    row.label = new_text("recipes");
    row.has_cohesion = true;
    row.cohesion = 1.0 / (double)new_number();
    row.created_at = new_time();
    return row;
}

UNIQUE_KEY(semantic_core_clusters, analysis_and_cluster_number, r->analysis, r->cluster_number)
INDEX_KEY(semantic_core_clusters, analysis, r->analysis)
TABLE_CALLS(semantic_core_clusters, cluster, "", (r->id),
            &semantic_core_clusters_by_analysis_and_cluster_number,
            &semantic_core_clusters_by_analysis)

static semantic_core_cluster_assignments_row
new_assignment(void)
{
    semantic_core_cluster_assignments_row row = semantic_core_cluster_assignments_defaults();
    row.cluster_id = stored_cluster().id;
    row.content_hash = stored_document().content_hash;
    row.has_distance = true;
    row.distance = 0.1 * (double)new_number();
    return row;
}

INDEX_KEY(semantic_core_cluster_assignments, cluster_id, r->cluster_id)
INDEX_KEY(semantic_core_cluster_assignments, content_hash, r->content_hash)
TABLE_CALLS(semantic_core_cluster_assignments, assignment, "", (r->cluster_id, r->content_hash),
            &semantic_core_cluster_assignments_by_cluster_id,
            &semantic_core_cluster_assignments_by_content_hash)

static semantic_core_document_relationships_row
new_relationship(void)
{
    semantic_core_document_relationships_row row = semantic_core_document_relationships_defaults();
    row.source_hash = stored_document().content_hash;
    row.target_hash = stored_document().content_hash;
    row.relationship_type = new_name("cites");
    row.has_strength = true;
    row.strength = -0.5 * (double)new_number();
    row.created_at = new_time();
    return row;
}

UNIQUE_KEY(semantic_core_document_relationships, source_hash_and_target_hash_and_relationship_type,
           r->source_hash, r->target_hash, r->relationship_type)
INDEX_KEY(semantic_core_document_relationships, source_hash, r->source_hash)
INDEX_KEY(semantic_core_document_relationships, source_hash_and_target_hash, r->source_hash,
          r->target_hash)
INDEX_KEY(semantic_core_document_relationships, target_hash, r->target_hash)
TABLE_CALLS(
    semantic_core_document_relationships, relationship, "", (r->id),
    &semantic_core_document_relationships_by_source_hash_and_target_hash_and_relationship_type,
    &semantic_core_document_relationships_by_source_hash,
    &semantic_core_document_relationships_by_source_hash_and_target_hash,
    &semantic_core_document_relationships_by_target_hash)

static const struct table_test *const tables[] = {
    &semantic_core_documents_test,
    &semantic_core_document_changes_test,
    &semantic_core_content_cache_test,
    &semantic_core_clusters_test,
    &semantic_core_cluster_assignments_test,
    &semantic_core_document_relationships_test,
    NULL,
};

static const struct suite suite = {"semantic_core", tables, NULL};

/* ---- what this database promises beside ---- */

static void
everything_about_a_document_follows_its_hash(void **state)
{
    (void)state;
    semantic_core_document_changes_row change = stored_change();
    semantic_core_content_cache_row content = new_content();
    semantic_core_cluster_assignments_row assignment = new_assignment();
    const char *edited = new_hash();
    content.content_hash = change.content_hash;
    assignment.content_hash = change.content_hash;
    works(semantic_core_content_cache_insert(session, &content));
    works(semantic_core_cluster_assignments_insert(session, &assignment));
    works(cleat_session_execute(session,
                                format("UPDATE semantic_core.documents SET content_hash = '%s' "
                                       "WHERE content_hash = '%s'",
                                       edited, change.content_hash)));
    works(semantic_core_content_cache_exists(session, edited));
    works(semantic_core_cluster_assignments_exists(session, assignment.cluster_id, edited));
    works(semantic_core_document_changes_get(session, change.id, &change));
    assert_string_equal(change.content_hash, edited);
    semantic_core_document_changes_clear(&change);
}

static void
everything_about_a_document_goes_with_it(void **state)
{
    (void)state;
    semantic_core_document_relationships_row relationship = stored_relationship();
    semantic_core_content_cache_row content = new_content();
    content.content_hash = relationship.target_hash;
    works(semantic_core_content_cache_insert(session, &content));
    works(semantic_core_documents_delete(session, relationship.target_hash));
    gives(CLEAT_NOT_FOUND, semantic_core_content_cache_exists(session, content.content_hash));
    gives(CLEAT_NOT_FOUND, semantic_core_document_relationships_exists(session, relationship.id));
    works(semantic_core_documents_exists(session, relationship.source_hash));
}

static void
a_document_does_not_refer_to_itself(void **state)
{
    (void)state;
    semantic_core_document_relationships_row row = new_relationship();
    row.target_hash = row.source_hash;
    gives(CLEAT_CHECK, semantic_core_document_relationships_insert(session, &row));
    blames("document_relationships", NULL);
}

static void
a_change_needs_its_document(void **state)
{
    (void)state;
    semantic_core_document_changes_row row = new_change();
    row.content_hash = new_hash();
    gives(CLEAT_FOREIGN_KEY, semantic_core_document_changes_insert(session, &row));
    blames("document_changes", NULL);
}

static void
a_hash_has_64_characters_at_most(void **state)
{
    (void)state;
    semantic_core_documents_row row = new_document();
    row.content_hash = long_text(65);
    gives(CLEAT_CHECK, semantic_core_documents_insert(session, &row));
    blames("documents", "content_hash");
}

/* LENGTH counts characters, not bytes. */
static void
a_length_is_counted_in_characters(void **state)
{
    (void)state;
    semantic_core_documents_row row = new_document();
    char name[2 * 255 + 1];
    for (size_t i = 0; i < 255; i++)
        memcpy(name + 2 * i, "\xc3\xa9", 3);
    row.filename = name;
    works(semantic_core_documents_insert(session, &row));
    works(semantic_core_documents_exists_by_filename(session, name));
}

/* No bytes are bytes all the same, and not NULL. */
static void
an_empty_file_has_an_empty_content(void **state)
{
    (void)state;
    semantic_core_content_cache_row row = new_content();
    semantic_core_content_cache_row copy = semantic_core_content_cache_defaults();
    row.raw_content = (cleat_blob){"", 0};
    row.processed_content = "";
    works(semantic_core_content_cache_insert(session, &row));
    works(semantic_core_content_cache_get(session, row.content_hash, &copy));
    assert_non_null(copy.raw_content.data);
    assert_int_equal(copy.raw_content.size, 0);
    assert_string_equal(copy.processed_content, "");
    semantic_core_content_cache_clear(&copy);
    row.raw_content = (cleat_blob){NULL, 0};
    gives(CLEAT_NOT_NULL, semantic_core_content_cache_update(session, &row));
    blames("content_cache", "raw_content");
}

static void
changes_that_wait_have_an_index_of_their_own(void **state)
{
    (void)state;
    const char *sql =
        "SELECT group_concat(name) FROM pragma_index_list('document_changes') "
        "WHERE partial = 1";
    assert_string_equal(ask_file("semantic_core", sql), "document_changes_detected_at_idx");
}

/* The vectors are in another file, which every session here has attached. */
static void
documents_join_their_embeddings(void **state)
{
    (void)state;
    semantic_core_documents_row document = stored_document();
    vector_operations_vector_collections_row collection =
        vector_operations_vector_collections_defaults();
    vector_operations_document_embeddings_row embedding =
        vector_operations_document_embeddings_defaults();
    works(cleat_session_commit(session));
    collection.collection_name = "notes";
    collection.embedding_model = embedding.embedding_model = "minilm";
    collection.dimension = embedding.vector_dimension = 384;
    works(vector_operations_vector_collections_insert(session, &collection));
    embedding.content_hash = document.content_hash;
    embedding.collection_id = collection.id;
    works(vector_operations_document_embeddings_insert(session, &embedding));
    works(cleat_session_commit(session));
    assert_string_equal(
        ask_session(
            "SELECT d.filename || ' ' || e.embedding_model FROM semantic_core.documents AS d "
            "JOIN vector_operations.document_embeddings AS e USING (content_hash)"),
        format("%s minilm", document.filename));
    assert_string_equal(ask_file("vector_operations", "SELECT count(*) FROM document_embeddings"),
                        "1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(everything_about_a_document_follows_its_hash, suite),
        PROMISE(everything_about_a_document_goes_with_it, suite),
        PROMISE(a_document_does_not_refer_to_itself, suite),
        PROMISE(a_change_needs_its_document, suite),
        PROMISE(a_hash_has_64_characters_at_most, suite),
        PROMISE(a_length_is_counted_in_characters, suite),
        PROMISE(an_empty_file_has_an_empty_content, suite),
        PROMISE(changes_that_wait_have_an_index_of_their_own, suite),
        PROMISE(documents_join_their_embeddings, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
