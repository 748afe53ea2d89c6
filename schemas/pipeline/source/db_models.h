/* pipeline/source/db_models.h: where documents come from, and the contents that were fetched. The
 * same content is stored once, whichever source brought it first: content_sha256 is unique over
 * all workspaces. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "pipeline"

enum source_type {
    SOURCE_TYPE_FILE,
    SOURCE_TYPE_URL,
    SOURCE_TYPE_MARKDOWN
};

/** A file, page or note that is ingested, perhaps many times. */
TABLE(sources) {
    ulid             id           PRIMARY_KEY;
    ulid             workspace_id NOT_NULL INDEX REFERENCES(workspaces, id) ON_DELETE(CASCADE);
    text             title        LENGTH(1024);
    enum source_type source_type  NOT_NULL;
    uri_text         external_ref;  ///< its path or URL
    timestamp        created_at   NOT_NULL DEFAULT_NOW;
    timestamp        updated_at   NOT_NULL DEFAULT_NOW UPDATE_NOW;
};

/** A content, known by its hash. The first source that brings it owns the row and later ones reuse
 * it through source_version_links. The owner therefore cannot be deleted while the row exists:
 * a cascade from one workspace would take content away that others use. */
TABLE(source_versions) {
    ulid       id             PRIMARY_KEY;
    /** who brought it first */
    ulid       source_id      NOT_NULL INDEX REFERENCES(sources, id) ON_DELETE(RESTRICT);
    sha256     content_sha256 NOT_NULL UNIQUE CHECK(length(content_sha256) = 64);
    text       mime_type      LENGTH(255);
    integer    size_bytes     CHECK(size_bytes >= 0);
    uri_text   storage_uri    NOT_NULL;
    timestamp  ingested_at    NOT_NULL DEFAULT_NOW;
    small_json ingest_meta_json;
};

/** A source has, or had, this content. The owner of a version is linked too, so one query lists
 * the users of a content. A version can be deleted once no link is left; to delete a source, first
 * hand the versions it owns to another of their users. */
TABLE(source_version_links) {
    ulid      source_id         NOT_NULL REFERENCES(sources, id) ON_DELETE(CASCADE);
    ulid      source_version_id NOT_NULL INDEX REFERENCES(source_versions, id) ON_DELETE(RESTRICT);
    timestamp linked_at         NOT_NULL DEFAULT_NOW;

    PRIMARY_KEY_ON(source_id, source_version_id);
    WITHOUT_ROWID;
};
