/* pipeline/chunk/db_models.h: the pieces into which documents are cut. The hash covers the
 * splitter's version and settings and the normalised text, so cutting again gives the same rows. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "pipeline"

/** A piece of a document. Its text is here up to 64 KB, beyond that at text_uri. */
TABLE(chunks) {
    ulid       id          PRIMARY_KEY;
    ulid       document_id NOT_NULL REFERENCES(documents, id) ON_DELETE(CASCADE);
    integer    chunk_index NOT_NULL CHECK(chunk_index >= 0);
    sha256     chunk_hash  NOT_NULL INDEX;
    long_text  text_       NAMED("text");
    uri_text   text_uri;
    integer    start_char  CHECK(start_char >= 0);
    integer    end_char;  ///< one behind the last character
    integer    page_start  CHECK(page_start > 0);
    integer    page_end;
    small_json meta_json;

    UNIQUE_ON(document_id, chunk_hash);
    UNIQUE_ON(document_id, chunk_index);
    CHECK_ROW(text IS NOT NULL OR text_uri IS NOT NULL);
    CHECK_ROW(end_char >= start_char);
    CHECK_ROW(page_end >= page_start);
};
