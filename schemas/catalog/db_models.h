/* catalog/db_models.h: what is known about every resource, and the full-text indexes over
 * documents. Kinds of resource extend `resources`: that table holds what all share, the row with the
 * same id in bookmarks, documents, ... the rest; deleting the first takes the second with it. Bodies
 * that are too large for the catalog go to the database `content`. */
#include <cleat/schema.h>

#define DATABASE_NAME "catalog"

/** Which table holds the rest of a resource. */
enum resource_kind {
    RESOURCE_KIND_BOOKMARK,
    RESOURCE_KIND_CATALOG,
    RESOURCE_KIND_COLLECTION,
    RESOURCE_KIND_DATASET,
    RESOURCE_KIND_DOCUMENT,
    RESOURCE_KIND_REPOSITORY
};

enum document_type {
    DOCUMENT_TYPE_CACHED_PAGE,
    DOCUMENT_TYPE_VAULT_EXPORT,
    DOCUMENT_TYPE_PDF,
    DOCUMENT_TYPE_OTHER
};

/** How a link is written in the source document. */
enum document_link_relation {
    DOCUMENT_LINK_RELATION_WIKILINK,
    DOCUMENT_LINK_RELATION_MARKDOWN_LINK
};

/** As what a catalog lists a resource. */
enum entry_relation {
    ENTRY_RELATION_BOOKMARK,
    ENTRY_RELATION_COLLECTION,
    ENTRY_RELATION_DATASET,
    ENTRY_RELATION_OTHER,
    ENTRY_RELATION_REPOSITORY
};

/** Why a bookmark or repository points to a resource. */
enum link_relation {
    LINK_RELATION_DERIVED_FROM,
    LINK_RELATION_RELEVANT_TO,
    LINK_RELATION_SOURCE_FOR
};

/** Anything that has a URI. */
TABLE(resources) {
    integer            id         PRIMARY_KEY;
    enum resource_kind kind       NOT_NULL INDEX;
    text               uri        NOT_NULL UNIQUE LENGTH(512);
    text               title      LENGTH(512);
    text               description;
    text               format     LENGTH(128);
    text               media_type LENGTH(128);
    text               subject    LENGTH(512);
    json               metadata_json;
    datetime           created_at NOT_NULL DEFAULT_NOW;
    datetime           updated_at NOT_NULL DEFAULT_NOW UPDATE_NOW;
};

/** A source of documents that is read again and again, such as a vault or a directory. */
TABLE(datasets) {
    integer  id          PRIMARY_KEY REFERENCES(resources, id) ON_DELETE(CASCADE);
    text     name        NOT_NULL UNIQUE LENGTH(255);
    text     source_type NOT_NULL LENGTH(64);
    text     source_path NOT_NULL LENGTH(1024);
    datetime last_ingested_at;

    EXTENDS(resources, kind, RESOURCE_KIND_DATASET);
};

/** A text that can be searched. One that is gone from its source stays, no longer active. */
TABLE(documents) {
    integer            id           PRIMARY_KEY REFERENCES(resources, id) ON_DELETE(CASCADE);
    /** usually a dataset */
    integer            parent_id    NOT_NULL REFERENCES(resources, id) ON_DELETE(CASCADE);
    enum document_type doc_type     NOT_NULL DEFAULT(DOCUMENT_TYPE_OTHER);
    text               path         NOT_NULL LENGTH(1024);  ///< below its parent
    boolean            active       NOT_NULL DEFAULT(true);
    text               content_hash NOT_NULL INDEX LENGTH(64);
    text               etag         LENGTH(255);
    datetime           last_modified;
    text               body         NOT_NULL;

    EXTENDS(resources, kind, RESOURCE_KIND_DOCUMENT);
    UNIQUE_ON(parent_id, path);
    INDEX_ON(parent_id, active);
    FULL_TEXT_ON(documents_fts, path, body);
};

/** A piece of a document, the unit of retrieval. */
TABLE(chunks) {
    integer id            PRIMARY_KEY;
    /** hash:seq, the content hash and the place in it */
    text    node_id       NOT_NULL UNIQUE LENGTH(80);
    integer source_doc_id NOT_NULL INDEX REFERENCES(documents, id) ON_DELETE(CASCADE);
    text    heading_text  NOT_NULL DEFAULT("");  ///< the headings above it
    text    body_text     NOT_NULL;

    CHECK_ROW(node_id LIKE '%:%');
    FULL_TEXT_ON(chunks_fts, heading_text, body_text);
};

/** A document links to another. */
TABLE(document_links) {
    integer                     source_id NOT_NULL REFERENCES(documents, id) ON_DELETE(CASCADE);
    integer                     target_id NOT_NULL INDEX REFERENCES(documents, id)
                                          ON_DELETE(CASCADE);
    enum document_link_relation relation  NOT_NULL;

    PRIMARY_KEY_ON(source_id, target_id);
    WITHOUT_ROWID;
};

/** A list of resources that is itself a resource. */
TABLE(catalogs) {
    integer id       PRIMARY_KEY REFERENCES(resources, id) ON_DELETE(CASCADE);
    text    homepage LENGTH(512);

    EXTENDS(resources, kind, RESOURCE_KIND_CATALOG);
};

/** A resource is listed in a catalog. */
TABLE(catalog_entries) {
    integer             id          PRIMARY_KEY;
    integer             catalog_id  NOT_NULL REFERENCES(catalogs, id) ON_DELETE(CASCADE);
    integer             resource_id NOT_NULL INDEX REFERENCES(resources, id) ON_DELETE(CASCADE);
    enum entry_relation relation    NOT_NULL;
    datetime            created_at  NOT_NULL DEFAULT_NOW;
    text                created_by  LENGTH(255);

    UNIQUE_ON(catalog_id, resource_id);
};

/** A set of resources that somebody put together. */
TABLE(collections) {
    integer id PRIMARY_KEY REFERENCES(resources, id) ON_DELETE(CASCADE);

    EXTENDS(resources, kind, RESOURCE_KIND_COLLECTION);
};

/** A resource is in a collection. */
TABLE(collection_members) {
    integer  id            PRIMARY_KEY;
    integer  collection_id NOT_NULL REFERENCES(collections, id) ON_DELETE(CASCADE);
    integer  resource_id   NOT_NULL INDEX REFERENCES(resources, id) ON_DELETE(CASCADE);
    datetime created_at    NOT_NULL DEFAULT_NOW;

    UNIQUE_ON(collection_id, resource_id);
};

/** A page that somebody wants to find again. */
TABLE(bookmarks) {
    integer id          PRIMARY_KEY REFERENCES(resources, id) ON_DELETE(CASCADE);
    text    url         NOT_NULL LENGTH(2048);
    text    favicon_url LENGTH(2048);
    text    owner       NOT_NULL LENGTH(255);
    text    folder      LENGTH(512);
    boolean is_archived NOT_NULL DEFAULT(false);

    EXTENDS(resources, kind, RESOURCE_KIND_BOOKMARK);
    INDEX_ON(owner, folder) WHERE(is_archived = 0);
};

/** What a bookmark has to do with a resource. */
TABLE(bookmark_links) {
    integer            bookmark_id NOT_NULL REFERENCES(bookmarks, id) ON_DELETE(CASCADE);
    integer            resource_id NOT_NULL INDEX REFERENCES(resources, id) ON_DELETE(CASCADE);
    enum link_relation relation    NOT_NULL;

    PRIMARY_KEY_ON(bookmark_id, resource_id);
    WITHOUT_ROWID;
};

/** A source code repository. */
TABLE(repositories) {
    integer id             PRIMARY_KEY REFERENCES(resources, id) ON_DELETE(CASCADE);
    text    host           LENGTH(255) COLLATE(NOCASE);  ///< host names know no case
    text    repo_full_name LENGTH(255);                  ///< owner/name
    text    default_branch LENGTH(255);
    text    web_url        LENGTH(2048);

    EXTENDS(resources, kind, RESOURCE_KIND_REPOSITORY);
    INDEX_ON(host, repo_full_name);
};

/** What a repository has to do with a resource. */
TABLE(repository_links) {
    integer            repository_id NOT_NULL REFERENCES(repositories, id) ON_DELETE(CASCADE);
    integer            resource_id   NOT_NULL INDEX REFERENCES(resources, id) ON_DELETE(CASCADE);
    enum link_relation relation      NOT_NULL;

    PRIMARY_KEY_ON(repository_id, resource_id);
    WITHOUT_ROWID;
};

/** Answers of language models, good for 168 hours after created_at. Not STRICT: files that have it
 * under its old name are renamed in place, and a cache is not worth the copy that making it STRICT
 * would take. */
TABLE(llm_cache_v2) {
    text     cache_key   PRIMARY_KEY LENGTH(64);  ///< SHA-256 of the request
    text     cache_type  NOT_NULL LENGTH(64);     ///< what kind of request it was
    json     result_json NOT_NULL;
    datetime created_at  NOT_NULL INDEX DEFAULT_NOW;

    TABLE_WAS(llm_cache);
    NOT_STRICT;
};
