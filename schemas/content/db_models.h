/* content/db_models.h: the database that is attached to every connection of the catalog and takes
 * what is too large for it. In its first phase it had no table; this one is a reconstruction of
 * the sketch that was left for the second. */
#include <cleat/schema.h>

#define DATABASE_NAME "content"

/** The full body of a document. SQLite cannot enforce a key to another file, so the reference is a
 * soft one: the orphan check finds bodies whose document is gone. */
TABLE(document_content) {
    integer id           PRIMARY_KEY;
    integer document_id  NOT_NULL UNIQUE SOFT_REFERENCES(catalog.documents, id);
    // lint: allow column-repeated: says whether the body is the one that the catalog knows
    text    content_hash NOT_NULL INDEX LENGTH(64);  ///< as in catalog.documents when both agree
    // lint: allow column-repeated: it is here instead of in the catalog, where it is too large
    text    body         NOT_NULL;
};
