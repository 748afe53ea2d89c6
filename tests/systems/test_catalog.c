/* test_catalog.c: resources and what they are: tables that share the key of their resource, links
 * without a rowid, times as text, full text that follows its table, bodies in another file. */
#include <catalog/db_models.cleat.h>
#include <content/db_models.cleat.h>

#include "tables.h"

/* ---- resources and their kinds ---- */

static catalog_resources_row
new_resource_of(enum resource_kind kind)
{
    catalog_resources_row row = catalog_resources_defaults();
    row.kind = kind;
    row.uri = new_text("https://example.org/");
    row.title = new_text("Title");
    row.description = new_text("what it is about");
    row.format = new_text("article");
    row.media_type = "text/html; charset=utf-8";
    row.subject = new_text("baking");
    row.metadata_json = new_json("stars");
    new_datetime(row.created_at);
    new_datetime(row.updated_at);
    return row;
}

static catalog_resources_row
new_resource(void)
{
    return new_resource_of((enum resource_kind)(new_number() % 6));
}

UNIQUE_KEY(catalog_resources, uri, r->uri)
INDEX_KEY(catalog_resources, kind, r->kind)
TABLE_CALLS(catalog_resources, resource, "", (r->id), &catalog_resources_by_uri,
            &catalog_resources_by_kind)

/* The row of what a resource is begins with that of the resource. */
static void
fill_resource(void *row, enum resource_kind kind)
{
    catalog_resources_row resource = new_resource_of(kind);
    memcpy(row, &resource, offsetof(catalog_resources_row, owned));
}

static catalog_datasets_row
new_dataset(void)
{
    catalog_datasets_row row = catalog_datasets_defaults();
    fill_resource(&row, RESOURCE_KIND_DATASET);
    row.name = new_text("vault");
    row.source_type = "vault_export";
    row.source_path = new_text("/home/zoe/vault");
    row.has_last_ingested_at = true;
    new_datetime(row.last_ingested_at);
    return row;
}

UNIQUE_KEY(catalog_datasets, uri, r->uri)
UNIQUE_KEY(catalog_datasets, name, r->name)
INDEX_KEY(catalog_datasets, kind, r->kind)
TABLE_CALLS(catalog_datasets, dataset, "", (r->id), &catalog_datasets_by_uri,
            &catalog_datasets_by_name, &catalog_datasets_by_kind)

static catalog_catalogs_row
new_catalog(void)
{
    catalog_catalogs_row row = catalog_catalogs_defaults();
    fill_resource(&row, RESOURCE_KIND_CATALOG);
    row.homepage = new_text("https://example.org/catalog");
    return row;
}

UNIQUE_KEY(catalog_catalogs, uri, r->uri)
INDEX_KEY(catalog_catalogs, kind, r->kind)
TABLE_CALLS(catalog_catalogs, catalog, "", (r->id), &catalog_catalogs_by_uri,
            &catalog_catalogs_by_kind)

static catalog_collections_row
new_collection(void)
{
    catalog_collections_row row = catalog_collections_defaults();
    fill_resource(&row, RESOURCE_KIND_COLLECTION);
    return row;
}

UNIQUE_KEY(catalog_collections, uri, r->uri)
INDEX_KEY(catalog_collections, kind, r->kind)
TABLE_CALLS(catalog_collections, collection, "", (r->id), &catalog_collections_by_uri,
            &catalog_collections_by_kind)

static catalog_bookmarks_row
new_bookmark(void)
{
    catalog_bookmarks_row row = catalog_bookmarks_defaults();
    fill_resource(&row, RESOURCE_KIND_BOOKMARK);
    row.url = new_text("https://example.org/bread");
    row.favicon_url = new_text("https://example.org/icon");
    row.owner = new_name("zoe");
    row.folder = new_text("to read");
    row.is_archived = new_number() % 2 == 0;
    return row;
}

UNIQUE_KEY(catalog_bookmarks, uri, r->uri)
INDEX_KEY(catalog_bookmarks, kind, r->kind)
TABLE_CALLS(catalog_bookmarks, bookmark, "", (r->id), &catalog_bookmarks_by_uri,
            &catalog_bookmarks_by_kind)

static catalog_repositories_row
new_repository(void)
{
    catalog_repositories_row row = catalog_repositories_defaults();
    fill_resource(&row, RESOURCE_KIND_REPOSITORY);
    row.host = new_name("git.example.org");
    row.repo_full_name = new_name("zoe/bread");
    row.default_branch = "main";
    row.web_url = new_text("https://git.example.org/zoe/bread");
    return row;
}

UNIQUE_KEY(catalog_repositories, uri, r->uri)
INDEX_KEY(catalog_repositories, kind, r->kind)
INDEX_KEY(catalog_repositories, host, r->host)
INDEX_KEY(catalog_repositories, host_and_repo_full_name, r->host, r->repo_full_name)
TABLE_CALLS(catalog_repositories, repository, "", (r->id), &catalog_repositories_by_uri,
            &catalog_repositories_by_kind, &catalog_repositories_by_host,
            &catalog_repositories_by_host_and_repo_full_name)

/* ---- documents and chunks ---- */

static catalog_documents_row
new_document(void)
{
    catalog_documents_row row = catalog_documents_defaults();
    fill_resource(&row, RESOURCE_KIND_DOCUMENT);
    row.parent_id = stored_dataset().id;
    row.doc_type = (enum document_type)(new_number() % 4);
    row.path = new_text("bread/rye.md");
    row.active = new_number() % 2 == 0;
    row.content_hash = new_hash();
    row.etag = new_text("W/\"1\"");
    row.has_last_modified = true;
    new_datetime(row.last_modified);
    row.body = new_text("Mix the flour with water.");
    return row;
}

UNIQUE_KEY(catalog_documents, uri, r->uri)
UNIQUE_KEY(catalog_documents, parent_id_and_path, r->parent_id, r->path)
INDEX_KEY(catalog_documents, kind, r->kind)
INDEX_KEY(catalog_documents, parent_id, r->parent_id)
INDEX_KEY(catalog_documents, content_hash, r->content_hash)
INDEX_KEY(catalog_documents, parent_id_and_active, r->parent_id, r->active)
TABLE_CALLS(catalog_documents, document, "", (r->id), &catalog_documents_by_uri,
            &catalog_documents_by_parent_id_and_path, &catalog_documents_by_kind,
            &catalog_documents_by_parent_id, &catalog_documents_by_content_hash,
            &catalog_documents_by_parent_id_and_active)

static catalog_chunks_row
new_chunk(void)
{
    catalog_chunks_row row = catalog_chunks_defaults();
    row.node_id = format("%s:%d", new_hash(), (int)new_number());
    row.source_doc_id = stored_document().id;
    row.heading_text = new_text("Bread");
    row.body_text = new_text("Mix the flour with water.");
    return row;
}

UNIQUE_KEY(catalog_chunks, node_id, r->node_id)
INDEX_KEY(catalog_chunks, source_doc_id, r->source_doc_id)
TABLE_CALLS(catalog_chunks, chunk, "", (r->id), &catalog_chunks_by_node_id,
            &catalog_chunks_by_source_doc_id)

static catalog_document_links_row
new_document_link(void)
{
    catalog_document_links_row row = catalog_document_links_defaults();
    row.source_id = stored_document().id;
    row.target_id = stored_document().id;
    row.relation = (enum document_link_relation)(new_number() % 2);
    return row;
}

INDEX_KEY(catalog_document_links, source_id, r->source_id)
INDEX_KEY(catalog_document_links, target_id, r->target_id)
TABLE_CALLS(catalog_document_links, document_link, "", (r->source_id, r->target_id),
            &catalog_document_links_by_source_id, &catalog_document_links_by_target_id)

/* ---- who is in what ---- */

static catalog_catalog_entries_row
new_entry(void)
{
    catalog_catalog_entries_row row = catalog_catalog_entries_defaults();
    row.catalog_id = stored_catalog().id;
    row.resource_id = stored_resource().id;
    row.relation = (enum entry_relation)(new_number() % 5);
    new_datetime(row.created_at);
    row.created_by = new_name("zoe");
    return row;
}

UNIQUE_KEY(catalog_catalog_entries, catalog_id_and_resource_id, r->catalog_id, r->resource_id)
INDEX_KEY(catalog_catalog_entries, catalog_id, r->catalog_id)
INDEX_KEY(catalog_catalog_entries, resource_id, r->resource_id)
TABLE_CALLS(catalog_catalog_entries, entry, "", (r->id),
            &catalog_catalog_entries_by_catalog_id_and_resource_id,
            &catalog_catalog_entries_by_catalog_id, &catalog_catalog_entries_by_resource_id)

static catalog_collection_members_row
new_member(void)
{
    catalog_collection_members_row row = catalog_collection_members_defaults();
    row.collection_id = stored_collection().id;
    row.resource_id = stored_resource().id;
    new_datetime(row.created_at);
    return row;
}

UNIQUE_KEY(catalog_collection_members, collection_id_and_resource_id, r->collection_id,
           r->resource_id)
INDEX_KEY(catalog_collection_members, collection_id, r->collection_id)
INDEX_KEY(catalog_collection_members, resource_id, r->resource_id)
TABLE_CALLS(catalog_collection_members, member, "", (r->id),
            &catalog_collection_members_by_collection_id_and_resource_id,
            &catalog_collection_members_by_collection_id,
            &catalog_collection_members_by_resource_id)

static catalog_bookmark_links_row
new_bookmark_link(void)
{
    catalog_bookmark_links_row row = catalog_bookmark_links_defaults();
    row.bookmark_id = stored_bookmark().id;
    row.resource_id = stored_resource().id;
    row.relation = (enum link_relation)(new_number() % 3);
    return row;
}

INDEX_KEY(catalog_bookmark_links, bookmark_id, r->bookmark_id)
INDEX_KEY(catalog_bookmark_links, resource_id, r->resource_id)
TABLE_CALLS(catalog_bookmark_links, bookmark_link, "", (r->bookmark_id, r->resource_id),
            &catalog_bookmark_links_by_bookmark_id, &catalog_bookmark_links_by_resource_id)

static catalog_repository_links_row
new_repository_link(void)
{
    catalog_repository_links_row row = catalog_repository_links_defaults();
    row.repository_id = stored_repository().id;
    row.resource_id = stored_resource().id;
    row.relation = (enum link_relation)(new_number() % 3);
    return row;
}

INDEX_KEY(catalog_repository_links, repository_id, r->repository_id)
INDEX_KEY(catalog_repository_links, resource_id, r->resource_id)
TABLE_CALLS(catalog_repository_links, repository_link, "", (r->repository_id, r->resource_id),
            &catalog_repository_links_by_repository_id, &catalog_repository_links_by_resource_id)

static catalog_llm_cache_v2_row
new_answer(void)
{
    catalog_llm_cache_v2_row row = catalog_llm_cache_v2_defaults();
    row.cache_key = new_hash();
    row.cache_type = "summary";
    row.result_json = new_json("answer");
    new_datetime(row.created_at);
    return row;
}

INDEX_KEY(catalog_llm_cache_v2, created_at, r->created_at)
TABLE_CALLS(catalog_llm_cache_v2, answer, "", (r->cache_key), &catalog_llm_cache_v2_by_created_at)

static const struct table_test *const tables[] = {
    &catalog_resources_test,
    &catalog_datasets_test,
    &catalog_catalogs_test,
    &catalog_collections_test,
    &catalog_bookmarks_test,
    &catalog_repositories_test,
    &catalog_documents_test,
    &catalog_chunks_test,
    &catalog_document_links_test,
    &catalog_catalog_entries_test,
    &catalog_collection_members_test,
    &catalog_bookmark_links_test,
    &catalog_repository_links_test,
    &catalog_llm_cache_v2_test,
    NULL,
};

static const struct suite suite = {"catalog", tables, NULL};

/* ---- what this database promises beside ---- */

static void
the_catalog_is_the_default_database(void **state)
{
    (void)state;
    work_on(NULL);
    assert_string_equal(cleat_session_database(session), "catalog");
}

static void
a_resource_takes_what_it_is_along(void **state)
{
    (void)state;
    catalog_chunks_row chunk = stored_chunk();
    catalog_documents_row document = catalog_documents_defaults();
    works(catalog_documents_get(session, chunk.source_doc_id, &document));
    works(catalog_resources_delete(session, document.parent_id));
    gives(CLEAT_NOT_FOUND, catalog_datasets_exists(session, document.parent_id));
    gives(CLEAT_NOT_FOUND, catalog_documents_exists(session, document.id));
    gives(CLEAT_NOT_FOUND, catalog_chunks_exists(session, chunk.id));
    works(catalog_resources_exists(session, document.id));
    catalog_documents_clear(&document);
}

static void
what_a_resource_is_comes_and_goes_with_it(void **state)
{
    (void)state;
    catalog_bookmarks_row row = new_bookmark();
    catalog_resources_row resource = {0};
    works(catalog_bookmarks_insert(session, &row));
    works(catalog_resources_get_by_uri(session, row.uri, &resource));
    assert_int_equal(resource.id, row.id);
    assert_int_equal(resource.kind, RESOURCE_KIND_BOOKMARK);
    works(catalog_bookmarks_delete(session, row.id));
    gives(CLEAT_NOT_FOUND, catalog_resources_exists(session, row.id));
    row.id = 0;
    row.url = NULL;
    gives(CLEAT_NOT_NULL, catalog_bookmarks_insert(session, &row));
    blames("bookmarks", "url");
    gives(CLEAT_NOT_FOUND, catalog_resources_exists_by_uri(session, row.uri));
    catalog_resources_clear(&resource);
}

static void
a_resource_is_of_the_kind_of_its_table(void **state)
{
    (void)state;
    catalog_bookmarks_row row = new_bookmark();
    row.kind = RESOURCE_KIND_DATASET;
    gives(CLEAT_CHECK, catalog_bookmarks_insert(session, &row));
    assert_string_equal(cleat_session_error(session)->table, "bookmarks");
    assert_string_equal(cleat_session_error(session)->column, "kind");
}

static void
links_go_with_either_end(void **state)
{
    (void)state;
    catalog_document_links_row one = stored_document_link();
    catalog_document_links_row other = stored_document_link();
    works(catalog_documents_delete(session, one.source_id));
    works(catalog_documents_delete(session, other.target_id));
    int64_t count;
    works(catalog_document_links_count(session, &count));
    assert_int_equal(count, 0);
}

static void
a_chunk_is_named_by_hash_and_place(void **state)
{
    (void)state;
    catalog_chunks_row row = new_chunk();
    row.node_id = "no place";
    gives(CLEAT_CHECK, catalog_chunks_insert(session, &row));
    blames("chunks", "node_id");
}

static void
a_time_must_be_one(void **state)
{
    (void)state;
    catalog_resources_row row = new_resource();
    copy_id(row.created_at, "2026-13-01T00:00:00.000Z");
    gives(CLEAT_CHECK, catalog_resources_insert(session, &row));
    blames("resources", "created_at");
    gives(CLEAT_CHECK, cleat_session_execute(session,
                                             "INSERT INTO catalog.resources (kind, uri, "
                                             "created_at) VALUES ('dataset', 'x:', "
                                             "'yesterday')"));
    blames(NULL, NULL);
}

static void
updating_a_resource_moves_its_text_time(void **state)
{
    (void)state;
    catalog_resources_row row = stored_resource();
    char before[25];
    char created[25];
    copy_id(created, row.created_at);
    cleat_datetime_format(cleat_now(), before);
    works(catalog_resources_update(session, &row));
    assert_true(strcmp(row.updated_at, before) >= 0);
    assert_string_equal(row.created_at, created);
}

static void
hosts_know_no_case(void **state)
{
    (void)state;
    catalog_repositories_row row = new_repository();
    int64_t count;
    row.host = "Git.Example.ORG";
    works(catalog_repositories_insert(session, &row));
    works(catalog_repositories_count_by_host(session, "git.example.org", &count));
    assert_int_equal(count, 1);
    works(catalog_repositories_count_by_host_and_repo_full_name(session, "GIT.example.org",
                                                                row.repo_full_name, &count));
    assert_int_equal(count, 1);
}

/* How many chunks a search finds; *ret_id is the best of them. */
static int
search_chunks(const char *text, int64_t *ret_id)
{
    cleat_cursor cursor;
    catalog_chunks_row row;
    int count = 0;
    works(catalog_chunks_fts_search(session, text, &cursor));
    for (; catalog_chunks_next(&cursor, &row) == CLEAT_ROW; count++)
        if (count == 0)
            *ret_id = row.id;
    return count;
}

static void
a_search_finds_chunks_as_they_are_now(void **state)
{
    (void)state;
    catalog_chunks_row row = new_chunk();
    int64_t id = 0;
    row.body_text = "Knead the dough for ten minutes.";
    works(catalog_chunks_insert(session, &row));
    stored_chunk();
    assert_int_equal(search_chunks("dough", &id), 1);
    assert_int_equal(id, row.id);
    row.body_text = "Let it rest in the refrigerator.";
    works(catalog_chunks_update(session, &row));
    assert_int_equal(search_chunks("dough", &id), 0);
    assert_int_equal(search_chunks("REFRIGERATOR rest", &id), 1);
    works(catalog_chunks_delete(session, row.id));
    assert_int_equal(search_chunks("refrigerator", &id), 0);
}

static void
a_search_sees_through_accents_and_upserts(void **state)
{
    (void)state;
    catalog_chunks_row row = new_chunk();
    int64_t id = 0;
    row.heading_text =
        "Cr\xc3\xa8me br\xc3\xbbl\xc3\xa9"
        "e";
    gives(CLEAT_CREATED, catalog_chunks_upsert_by_node_id(session, &row));
    assert_int_equal(search_chunks("creme brulee", &id), 1);
    row.heading_text = "Pudding";
    gives(CLEAT_UPDATED, catalog_chunks_upsert_by_node_id(session, &row));
    assert_int_equal(search_chunks("creme", &id), 0);
    assert_int_equal(search_chunks("pudding", &id), 1);
    assert_int_equal(id, row.id);
}

static void
a_search_loses_documents_that_a_cascade_deletes(void **state)
{
    (void)state;
    catalog_documents_row row = new_document();
    cleat_cursor cursor;
    row.body = "sourdough starter";
    works(catalog_documents_insert(session, &row));
    works(catalog_documents_fts_search(session, "sourdough", &cursor));
    gives(CLEAT_ROW, catalog_documents_next(&cursor, &row));
    gives(CLEAT_DONE, catalog_documents_next(&cursor, &row));
    works(catalog_resources_delete(session, row.parent_id));
    works(catalog_documents_fts_search(session, "sourdough", &cursor));
    gives(CLEAT_DONE, catalog_documents_next(&cursor, &row));
    works(cleat_session_execute(
        session, "INSERT INTO catalog.documents_fts (documents_fts) VALUES ('integrity-check')"));
}

static void
a_search_finds_after_a_second_start_and_not_after_a_rollback(void **state)
{
    (void)state;
    catalog_chunks_row row = new_chunk();
    int64_t id = 0;
    row.body_text = "yeast";
    works(catalog_chunks_insert(session, &row));
    restart("catalog");
    row = new_chunk();
    row.body_text = "yeast and salt";
    works(catalog_chunks_insert(session, &row));
    assert_int_equal(search_chunks("yeast", &id), 2);
    works(cleat_session_rollback(session));
    assert_int_equal(search_chunks("yeast", &id), 1);
    assert_int_equal(search_chunks("salt", &id), 0);
}

/* The bodies are in another file, which every session here has attached. */
static void
documents_join_their_content(void **state)
{
    (void)state;
    catalog_documents_row document = stored_document();
    content_document_content_row content = content_document_content_defaults();
    works(cleat_session_commit(session));
    content.document_id = document.id;
    content.content_hash = document.content_hash;
    content.body = "the whole body";
    works(content_document_content_insert(session, &content));
    works(cleat_session_commit(session));
    assert_string_equal(ask_session("SELECT c.body FROM catalog.documents AS d "
                                    "JOIN content.document_content AS c ON c.document_id = d.id "
                                    "AND c.content_hash = d.content_hash"),
                        "the whole body");
    assert_string_equal(ask_file("content", "SELECT body FROM document_content"), "the whole body");
}

/* The queries of the module. */
static void
queries_know_documents_with_their_bodies(void **state)
{
    (void)state;
    catalog_documents_row document = new_document();
    catalog_documents_row other = new_document();
    content_document_content_row content = content_document_content_defaults();
    catalog_document_by_hash_row found = {0};
    catalog_documents_with_bodies_rows rows = {0};
    catalog_documents_of_types_rows typed = {0};
    int64_t retired;
    document.active = other.active = true;
    other.parent_id = document.parent_id;
    document.doc_type = DOCUMENT_TYPE_PDF;
    other.doc_type = DOCUMENT_TYPE_CACHED_PAGE;
    works(catalog_documents_insert(session, &document));
    works(catalog_documents_insert(session, &other));
    content.document_id = document.id;
    content.content_hash = document.content_hash;
    content.body = "the whole body";
    works(content_document_content_insert(session, &content));
    works(catalog_documents_with_bodies_collect(session, document.parent_id, &rows));
    assert_int_equal(rows.count, 2);
    assert_true(rows.items[0].has_stored_characters != rows.items[1].has_stored_characters);
    catalog_documents_with_bodies_rows_clear(&rows);
    works(catalog_document_by_hash(session, other.content_hash, &found));
    assert_string_equal(found.path, other.path);
    gives(CLEAT_NOT_FOUND, catalog_document_by_hash(session, new_hash(), &found));
    catalog_document_by_hash_clear(&found);
    const enum document_type types[] = {DOCUMENT_TYPE_PDF, DOCUMENT_TYPE_OTHER};
    works(catalog_documents_of_types_collect(session, document.parent_id, types, 2, &typed));
    assert_int_equal(typed.count, 1);
    assert_int_equal(typed.items[0].id, document.id);
    catalog_documents_of_types_rows_clear(&typed);
    works(catalog_retire_documents(session, document.parent_id, &other.path, 1, &retired));
    assert_int_equal(retired, 1);
    works(catalog_document_by_hash(session, document.content_hash, &found));
    assert_false(found.active);
    catalog_document_by_hash_clear(&found);
}

static void
only_the_cache_is_not_strict(void **state)
{
    (void)state;
    assert_string_equal(ask_file("catalog",
                                 "SELECT group_concat(name) FROM pragma_table_list "
                                 "WHERE type = 'table' AND strict = 0 "
                                 "AND name NOT LIKE 'sqlite_%'"),
                        "llm_cache_v2");
    catalog_llm_cache_v2_row row = new_answer();
    row.result_json = "not json";
    gives(CLEAT_CHECK, catalog_llm_cache_v2_insert(session, &row));
    blames("llm_cache_v2", "result_json");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(the_catalog_is_the_default_database, suite),
        PROMISE(a_resource_takes_what_it_is_along, suite),
        PROMISE(what_a_resource_is_comes_and_goes_with_it, suite),
        PROMISE(a_resource_is_of_the_kind_of_its_table, suite),
        PROMISE(links_go_with_either_end, suite),
        PROMISE(a_chunk_is_named_by_hash_and_place, suite),
        PROMISE(a_time_must_be_one, suite),
        PROMISE(updating_a_resource_moves_its_text_time, suite),
        PROMISE(hosts_know_no_case, suite),
        PROMISE(a_search_finds_chunks_as_they_are_now, suite),
        PROMISE(a_search_sees_through_accents_and_upserts, suite),
        PROMISE(a_search_loses_documents_that_a_cascade_deletes, suite),
        PROMISE(a_search_finds_after_a_second_start_and_not_after_a_rollback, suite),
        PROMISE(documents_join_their_content, suite),
        PROMISE(queries_know_documents_with_their_bodies, suite),
        PROMISE(only_the_cache_is_not_strict, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
