/* pipeline/document/db_models.h: what an extractor made of a content. The structure and the plain
 * text are large and lie outside; the row says where. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "pipeline"

/** One version of a source, read by one version of an extractor. */
TABLE(documents) {
    ulid         id                 PRIMARY_KEY;
    ulid         source_version_id  NOT_NULL REFERENCES(source_versions, id) ON_DELETE(CASCADE);
    version_text extractor          NOT_NULL;
    version_text extractor_version  NOT_NULL;
    text         language           LENGTH(35);  ///< as in BCP 47: "de", "pt-BR"
    uri_text     structure_json_uri NOT_NULL;
    uri_text     plain_text_uri;
    small_json   stats_json;

    UNIQUE_ON(source_version_id, extractor, extractor_version);
};
