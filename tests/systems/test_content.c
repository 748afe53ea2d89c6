/* test_content.c: bodies of documents that are in another file: the reference is a soft one, so
 * nothing enforces it, and a query over both files finds what is left over. */
#include <catalog/db_models.cleat.h>
#include <content/db_models.cleat.h>

#include "tables.h"

static content_document_content_row
new_content(void)
{
    content_document_content_row row = content_document_content_defaults();
    row.document_id = new_number();
    row.content_hash = new_hash();
    row.body = long_text(100000 + (size_t)new_number());
    return row;
}

UNIQUE_KEY(content_document_content, document_id, r->document_id)
INDEX_KEY(content_document_content, content_hash, r->content_hash)
TABLE_CALLS(content_document_content, content, "", (r->id),
            &content_document_content_by_document_id, &content_document_content_by_content_hash)

static const struct table_test *const tables[] = {&content_document_content_test, NULL};

static const struct suite suite = {"content", tables, NULL};

/* ---- what this database promises beside ---- */

static void
a_document_has_one_content(void **state)
{
    (void)state;
    content_document_content_row row = stored_content();
    row.id = 0;
    gives(CLEAT_CONFLICT, content_document_content_insert(session, &row));
    blames("document_content", "document_id");
}

static void
a_content_has_a_body(void **state)
{
    (void)state;
    content_document_content_row row = new_content();
    row.body = NULL;
    gives(CLEAT_NOT_NULL, content_document_content_insert(session, &row));
    blames("document_content", "body");
    row.body = "";
    works(content_document_content_insert(session, &row));
}

static void
a_content_may_outlive_its_document_and_is_found_then(void **state)
{
    (void)state;
    content_document_content_row row = stored_content();
    assert_string_equal(ask_session("SELECT count(*) FROM content.document_content AS c "
                                    "LEFT JOIN catalog.documents AS d ON d.id = c.document_id "
                                    "WHERE d.id IS NULL"),
                        "1");
    works(content_document_content_delete(session, row.id));
}

/* From the other side: a session on the catalog reads what was written here. */
static void
the_catalog_reads_what_is_written_here(void **state)
{
    (void)state;
    content_document_content_row row = stored_content();
    content_document_content_row copy = content_document_content_defaults();
    works(cleat_session_commit(session));
    work_on("catalog");
    works(content_document_content_get_by_document_id(session, row.document_id, &copy));
    assert_string_equal(copy.body, row.body);
    content_document_content_clear(&copy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(a_document_has_one_content, suite),
        PROMISE(a_content_has_a_body, suite),
        PROMISE(a_content_may_outlive_its_document_and_is_found_then, suite),
        PROMISE(the_catalog_reads_what_is_written_here, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
