/* core/error_handler/db_models.h: which errors have occurred, what they mean, and examples of
 * them. module_id is a plain name here: an error may come from a module that failed before it
 * could be registered. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "framework"

/** How far the text of an error document has come. */
enum error_document_status {
    ERROR_DOCUMENT_STATUS_DRAFT,
    ERROR_DOCUMENT_STATUS_REVIEW,
    ERROR_DOCUMENT_STATUS_PUBLISHED
};

/** One kind of error of one module, counted over all its occurrences. */
TABLE(error_codes) {
    integer     id             PRIMARY_KEY;
    module_name module_id      NOT_NULL;
    text        code           NOT_NULL LENGTH(100);
    timestamp   first_seen     NOT_NULL DEFAULT_NOW;
    timestamp   last_seen      NOT_NULL DEFAULT_NOW;
    integer     count          NOT_NULL DEFAULT(0) CHECK(count >= 0);
    json        locations      NOT_NULL DEFAULT("[]");  ///< the places in the source that raised it
    real        priority_score NOT_NULL DEFAULT(0.0);

    UNIQUE_ON(module_id, code);
    INDEX_ON(priority_score DESC);
    CHECK_ROW(last_seen >= first_seen);
};

/** What a developer should know about an error. */
TABLE(error_documents) {
    integer                    id               PRIMARY_KEY;
    integer                    error_code_id    NOT_NULL INDEX REFERENCES(error_codes, id)
                                                ON_DELETE(CASCADE);
    text                       title            NOT_NULL LENGTH(255);
    text                       what_it_means;
    text                       why_important;
    text                       implementation;  ///< how to do it right
    text                       common_mistakes;
    json                       related_patterns NOT_NULL DEFAULT("[]");
    timestamp                  created_at       NOT_NULL DEFAULT_NOW;
    timestamp                  updated_at       NOT_NULL DEFAULT_NOW UPDATE_NOW;
    enum error_document_status status           NOT_NULL DEFAULT(ERROR_DOCUMENT_STATUS_DRAFT);
};

/** One occurrence of an error, kept as an example. */
TABLE(error_examples) {
    integer     id            PRIMARY_KEY;
    integer     error_code_id NOT_NULL INDEX REFERENCES(error_codes, id) ON_DELETE(CASCADE);
    text        message       NOT_NULL;
    module_name module_id;
    text        location      LENGTH(1024);  ///< file and line
    json        context;
    timestamp   timestamp_    NOT_NULL DEFAULT_NOW NAMED("timestamp");
};
