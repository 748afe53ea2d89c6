/* library.c: a text file enters, its rows in catalog.documents (which extends resources) and
 * content.document_content leave.
 *
 * The two databases are two files, and no commit covers both. Everything here is arranged so that
 * a crash between the two commits costs a second reading of some files and nothing else. */
#define _POSIX_C_SOURCE 200809L
#include "library.h"

#include <catalog/db_models.cleat.h>
#include <content/db_models.cleat.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

enum { SEARCHED_MAX = 64 << 10 };

/* ---- sessions ---- */

/* Always in this order, so that two programs which write both never wait for each other. */
cleat_status
library_open(struct library *library, cleat_registry *registry)
{
    *library = (struct library){0};
    cleat_status status = cleat_session_open(registry, "catalog", CLEAT_WRITE, &library->catalog);
    if (status >= 0)
        status = cleat_session_open(registry, "content", CLEAT_WRITE, &library->content);
    if (status < 0) {
        report_failure(status, cleat_registry_error(registry));
        library_close(library);
    }
    return status;
}

/* The catalog goes first. After a crash in between, documents have no body or an old one, which
 * library_compare() sees; the other order could leave a body without a document. */
cleat_status
library_commit(struct library *library)
{
    cleat_status status = cleat_session_commit(library->catalog);
    if (status < 0)
        return status;
    return cleat_session_commit(library->content);
}

const cleat_error *
library_error(const struct library *library)
{
    const cleat_error *error = cleat_session_error(library->catalog);
    return error->status < 0 ? error : cleat_session_error(library->content);
}

void
library_close(struct library *library)
{
    cleat_session_close(library->content);
    cleat_session_close(library->catalog);
    *library = (struct library){0};
}

/* ---- what is there ---- */

static cleat_status
compare_body(cleat_session *content, int64_t document_id, const char *hash)
{
    content_document_content_row body;
    cleat_status status = content_document_content_lend_by_document_id(content, document_id, &body);
    if (status < 0)
        return status;
    bool is_same = status != CLEAT_NOT_FOUND && strcmp(body.content_hash, hash) == 0;
    return is_same ? CLEAT_UNCHANGED : CLEAT_UPDATED;
}

/* By URI, not by dataset and path: a file below two directories that are both read is one document
 * of the first of them. */
cleat_status
library_compare(struct library *library, const struct library_document *document)
{
    const char *hash = document->file->hash;
    catalog_documents_row stored;
    cleat_status status = catalog_documents_lend_by_uri(library->catalog, document->uri, &stored);
    if (status < 0 || status == CLEAT_NOT_FOUND)
        return status;
    if (!stored.active || strcmp(stored.content_hash, hash) != 0)
        return CLEAT_UPDATED;
    return compare_body(library->content, stored.id, hash);
}

/* ---- what is stored ---- */

/* How much of a text is searched: as many whole lines as the catalog should have. */
static size_t
searched_size(const struct text_file *file)
{
    size_t size = file->size;
    if (size <= SEARCHED_MAX)
        return size;
    for (size = SEARCHED_MAX; size > 0 && file->text[size - 1] != '\n';)
        size--;
    return size;
}

/* A document that is there keeps its id and the time when it was first seen. */
static cleat_status
write_document(cleat_session *catalog, catalog_documents_row *row)
{
    catalog_documents_row stored;
    cleat_status status = catalog_documents_lend_by_uri(catalog, row->uri, &stored);
    if (status == CLEAT_NOT_FOUND)
        return catalog_documents_insert(catalog, row);
    if (status < 0)
        return status;
    row->id = stored.id;
    memcpy(row->created_at, stored.created_at, sizeof row->created_at);
    return catalog_documents_update(catalog, row);
}

static cleat_status
put_document(cleat_session *catalog, const struct library_document *document, int64_t *ret_id)
{
    char metadata[64];
    const char *slash = strrchr(document->path, '/');
    char *body = strndup(document->file->text, searched_size(document->file));
    if (body == NULL)
        return CLEAT_NOMEM;
    snprintf(metadata, sizeof metadata, "{\"size_bytes\":%zu}", document->file->size);
    catalog_documents_row row = catalog_documents_defaults();
    row.uri = document->uri;
    row.title = slash == NULL ? document->path : slash + 1;
    row.format = text_file_extension(document->path);
    row.media_type = text_file_media_type(document->path);
    row.metadata_json = metadata;
    row.parent_id = document->dataset_id;
    row.path = document->path;
    row.content_hash = document->file->hash;
    row.has_last_modified = true;
    cleat_datetime_format(document->file->modified, row.last_modified);
    row.body = body;
    cleat_status status = write_document(catalog, &row);
    free(body);
    *ret_id = row.id;
    return status;
}

static cleat_status
put_body(cleat_session *content, const struct text_file *file, int64_t document_id)
{
    content_document_content_row row = content_document_content_defaults();
    row.document_id = document_id;
    row.content_hash = file->hash;
    row.body = file->text;
    return content_document_content_upsert_by_document_id(content, &row);
}

cleat_status
library_store(struct library *library, const struct library_document *document)
{
    int64_t id;
    cleat_status status = put_document(library->catalog, document, &id);
    if (status < 0)
        return status;
    return put_body(library->content, document->file, id);
}
