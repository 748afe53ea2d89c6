/* tree.c: a workspace enters, the tree of what was made of its sources leaves on standard output:
 * sources, their contents, documents, chunks. What is there twice in the tree is there once in the
 * database: a content is shown under each of its sources. */
#include "report.h"

#include <inttypes.h>
#include <pipeline/chunk/db_models.cleat.h>
#include <pipeline/document/db_models.cleat.h>
#include <pipeline/source/db_models.cleat.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 64 };

static int
compare_chunks(const void *a, const void *b)
{
    int64_t left = ((const pipeline_chunks_row *)a)->chunk_index;
    int64_t right = ((const pipeline_chunks_row *)b)->chunk_index;
    return (left > right) - (left < right);
}

static cleat_status
print_chunks(cleat_session *session, const char *document_id)
{
    pipeline_chunks_rows chunks = {0};
    cleat_status status = pipeline_chunks_collect_by_document_id(session, document_id, &chunks);
    if (status < 0)
        return status;
    if (chunks.count > 0)
        qsort(chunks.items, chunks.count, sizeof *chunks.items, compare_chunks);
    for (size_t i = 0; i < chunks.count; i++)
        printf("      chunk %" PRId64 " %s %" PRId64 "-%" PRId64 "\n", chunks.items[i].chunk_index,
               chunks.items[i].id, chunks.items[i].start_char, chunks.items[i].end_char);
    pipeline_chunks_rows_clear(&chunks);
    return CLEAT_OK;
}

static cleat_status
print_documents(cleat_session *session, const char *version_id)
{
    pipeline_documents_rows documents = {0};
    cleat_status status = pipeline_documents_collect_by_source_version_id(session, version_id,
                                                                          &documents);
    for (size_t i = 0; status >= 0 && i < documents.count; i++) {
        const pipeline_documents_row *document = &documents.items[i];
        printf("    document %s %s %s %s\n", document->id, document->extractor,
               document->extractor_version,
               document->stats_json == NULL ? "" : document->stats_json);
        status = print_chunks(session, document->id);
    }
    pipeline_documents_rows_clear(&documents);
    return status;
}

static cleat_status
print_version(cleat_session *session, const char *version_id)
{
    pipeline_source_versions_row version;
    cleat_status status = pipeline_source_versions_lend(session, version_id, &version);
    if (status != CLEAT_OK)
        return status;
    printf("  content %s %.12s %" PRId64 " bytes\n", version.id, version.content_sha256,
           version.size_bytes);
    return print_documents(session, version_id);
}

static cleat_status
print_source(cleat_session *session, const pipeline_sources_row *source)
{
    printf("source %s %s\n", source->id,
           source->title != NULL          ? source->title
           : source->external_ref != NULL ? source->external_ref
                                          : "");
    pipeline_source_version_links_rows links = {0};
    cleat_status status = pipeline_source_version_links_collect_by_source_id(session, source->id,
                                                                             &links);
    for (size_t i = 0; status >= 0 && i < links.count; i++)
        status = print_version(session, links.items[i].source_version_id);
    pipeline_source_version_links_rows_clear(&links);
    return status;
}

/* Prints the sources of a page and writes the last of them into *last, which the next page begins
 * behind: its order is that of the index, by id within the workspace. */
static cleat_status
print_page(cleat_session *session, const char *workspace_id, pipeline_sources_row *last,
           size_t *ret_count)
{
    cleat_cursor cursor;
    cleat_status status = pipeline_sources_list_page_by_workspace_id(
        session, workspace_id, *ret_count == 0 ? NULL : last, CLEAT_AFTER, PAGE, &cursor);
    if (status < 0)
        return status;
    size_t count = 0;
    pipeline_sources_row source;
    while ((status = pipeline_sources_next(&cursor, &source)) == CLEAT_ROW) {
        count++;
        *last = source;
        status = print_source(session, &source);
        if (status < 0)
            break;
    }
    cleat_cursor_close(&cursor);
    *ret_count = count;
    return status;
}

cleat_status
report_sources(cleat_session *session, const char *workspace_id)
{
    pipeline_sources_row last;
    size_t count = 0;
    cleat_status status;
    do
        status = print_page(session, workspace_id, &last, &count);
    while (status >= 0 && count == PAGE);
    return status < 0 ? report_failure(status, cleat_session_error(session)) : CLEAT_OK;
}
