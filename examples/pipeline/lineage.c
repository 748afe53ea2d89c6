/* lineage.c: files and texts enter, ids of the rows that they are in leave. Each row is looked for
 * by what it is, never by when it came. */
#include "lineage.h"

#include <pipeline/document/db_models.cleat.h>
#include <pipeline/source/db_models.cleat.h>
#include <pipeline/workspace/db_models.cleat.h>
#include <stdio.h>
#include <string.h>

#include "chunks.h"

enum { ID_SIZE = 27 };

cleat_status
lineage_workspace(cleat_session *session, const char *name, char ret_id[27])
{
    pipeline_workspaces_row workspace = pipeline_workspaces_defaults();
    workspace.name = name;
    cleat_status status = pipeline_workspaces_ensure_by_name(session, &workspace);
    if (status < 0)
        return status;
    memcpy(ret_id, workspace.id, ID_SIZE);
    if (status == CLEAT_FOUND)
        pipeline_workspaces_clear(&workspace);
    return status;
}

/* ---- sources ----
 * The schema lets a workspace have two sources with one URI, so there is no key to ensure by. A
 * write session holds the lock from its first call: nobody else adds one between the look and the
 * insert. */

static cleat_status
read_source(cleat_statement *statement, const char *workspace_id, const char *uri, char ret_id[27])
{
    cleat_status status = cleat_statement_bind_text(statement, 1, workspace_id);
    if (status < 0)
        return status;
    status = cleat_statement_bind_text(statement, 2, uri);
    if (status < 0)
        return status;
    status = cleat_statement_next(statement);
    if (status != CLEAT_ROW)
        return status < 0 ? status : CLEAT_NOT_FOUND;
    snprintf(ret_id, ID_SIZE, "%s", cleat_statement_text(statement, 0));
    return CLEAT_FOUND;
}

static cleat_status
find_source(cleat_session *session, const char *workspace_id, const char *uri, char ret_id[27])
{
    cleat_statement *statement;
    cleat_status status = cleat_statement_open(
        session,
        "SELECT id FROM pipeline.sources WHERE workspace_id = ?1 AND external_ref = ?2"
        " ORDER BY id LIMIT 1",
        &statement);
    if (status < 0)
        return status;
    status = read_source(statement, workspace_id, uri, ret_id);
    cleat_statement_close(statement);
    return status;
}

cleat_status
lineage_source(cleat_session *session, const char *workspace_id, const char *uri, const char *title,
               char ret_id[27])
{
    cleat_status status = find_source(session, workspace_id, uri, ret_id);
    if (status != CLEAT_NOT_FOUND)
        return status;
    pipeline_sources_row source = pipeline_sources_defaults();
    memcpy(source.workspace_id, workspace_id, ID_SIZE);
    source.title = title;
    source.source_type = SOURCE_TYPE_FILE;
    source.external_ref = uri;
    status = pipeline_sources_insert(session, &source);
    if (status < 0)
        return status;
    memcpy(ret_id, source.id, ID_SIZE);
    return CLEAT_CREATED;
}

/* ---- contents ---- */

/* The owner is linked like every other user. */
static cleat_status
link_version(cleat_session *session, const char *source_id, const char *version_id)
{
    pipeline_source_version_links_row link = pipeline_source_version_links_defaults();
    memcpy(link.source_id, source_id, ID_SIZE);
    memcpy(link.source_version_id, version_id, ID_SIZE);
    cleat_status status = pipeline_source_version_links_ensure(session, &link);
    if (status == CLEAT_FOUND)
        pipeline_source_version_links_clear(&link);
    return status;
}

cleat_status
lineage_version(cleat_session *session, const char *source_id, const char *uri,
                const struct content *content, char ret_id[27])
{
    pipeline_source_versions_row version = pipeline_source_versions_defaults();
    memcpy(version.source_id, source_id, ID_SIZE);
    version.content_sha256 = content->hash;
    version.has_size_bytes = true;
    version.size_bytes = (int64_t)content->size;
    version.storage_uri = uri;
    cleat_status status = pipeline_source_versions_ensure_by_content_sha256(session, &version);
    if (status < 0)
        return status;
    memcpy(ret_id, version.id, ID_SIZE);
    if (status == CLEAT_FOUND)
        pipeline_source_versions_clear(&version);
    cleat_status linked = link_version(session, source_id, ret_id);
    return linked < 0 ? linked : status;
}

/* ---- documents and chunks ---- */

/* The structure of a plain text is so small that its URI can hold it. */
cleat_status
lineage_document(cleat_session *session, const char *version_id, const struct plain_text *text,
                 char ret_id[27])
{
    char structure[96];
    char stats[96];
    snprintf(structure, sizeof structure, "data:application/json,%%7B%%22lines%%22%%3A%zu%%7D",
             text->lines);
    snprintf(stats, sizeof stats, "{\"characters\":%zu,\"lines\":%zu}", text->characters,
             text->lines);
    pipeline_documents_row document = pipeline_documents_defaults();
    memcpy(document.source_version_id, version_id, ID_SIZE);
    document.extractor = CONTENT_EXTRACTOR;
    document.extractor_version = CONTENT_EXTRACTOR_VERSION;
    document.structure_json_uri = structure;
    document.stats_json = stats;
    cleat_status status =
        pipeline_documents_ensure_by_source_version_id_and_extractor_and_extractor_version(
            session, &document);
    if (status < 0)
        return status;
    memcpy(ret_id, document.id, ID_SIZE);
    if (status == CLEAT_FOUND)
        pipeline_documents_clear(&document);
    return status;
}

/* A text that repeats itself has pieces with one hash: they are one chunk, at the first place. */
static cleat_status
store_chunks(cleat_session *session, const char *document_id, struct chunk_list *chunks,
             int64_t *ret_count, int64_t *ret_new)
{
    int64_t before;
    int64_t after;
    cleat_status status = pipeline_chunks_count_by_document_id(session, document_id, &before);
    if (status < 0)
        return status;
    status = pipeline_chunks_ensure_many_by_document_id_and_chunk_hash(session, chunks->rows,
                                                                       chunks->count);
    if (status < 0)
        return status;
    status = pipeline_chunks_count_by_document_id(session, document_id, &after);
    if (status < 0)
        return status;
    *ret_count = after;
    *ret_new = after - before;
    return CLEAT_OK;
}

cleat_status
lineage_chunks(cleat_session *session, const char *document_id, const struct plain_text *text,
               int64_t *ret_count, int64_t *ret_new)
{
    struct chunk_list chunks = {0};
    cleat_status status = chunk_list_split(&chunks, document_id, text->text, text->size);
    if (status >= 0)
        status = store_chunks(session, document_id, &chunks, ret_count, ret_new);
    chunk_list_clear(&chunks);
    return status;
}
