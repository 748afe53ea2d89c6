/* ingest.c: a directory enters; both databases then have the text files that are below it. Files
 * are read one at a time and committed in batches, each of which stands by itself. */
#define _XOPEN_SOURCE 700
#include "ingest.h"

#include <catalog/db_models.cleat.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "files.h"
#include "library.h"
#include "report.h"
#include "resource.h"

enum { BATCH = 64 }; /* documents per commit */

/* The directory that is read. */
struct source {
    char *directory; /* absolute */
    char uri[RESOURCE_URI_SIZE];
    struct file_list files;
};

struct ingest {
    struct library library;
    int64_t dataset_id;
    int stored; /* since the last commit */
    struct ingest_counts *counts;
};

static cleat_status
store(struct ingest *ingest, const struct library_document *document)
{
    cleat_status status = library_store(&ingest->library, document);
    if (status < 0 || ++ingest->stored < BATCH)
        return status;
    ingest->stored = 0;
    return library_commit(&ingest->library);
}

static cleat_status
ingest_text(struct ingest *ingest, const struct library_document *document)
{
    cleat_status status = library_compare(&ingest->library, document);
    if (status < 0)
        return status;
    if (status == CLEAT_UNCHANGED) {
        ingest->counts->unchanged++;
        return CLEAT_OK;
    }
    *(status == CLEAT_NOT_FOUND ? &ingest->counts->added : &ingest->counts->changed) += 1;
    return store(ingest, document);
}

/* A file that is no text, or cannot be read, is no reason to stop. */
static cleat_status
ingest_file(struct ingest *ingest, const char *absolute, const char *path)
{
    char uri[RESOURCE_URI_SIZE];
    struct text_file file = {0};
    int error = resource_uri(absolute, uri) ? text_file_read(absolute, &file) : ENAMETOOLONG;
    if (error != 0) {
        ingest->counts->skipped++;
        if (error != EILSEQ && error != EFBIG)
            fprintf(stderr, "hub: %s: %s\n", path, strerror(error));
        return CLEAT_OK;
    }
    const struct library_document document = {ingest->dataset_id, path, uri, &file};
    cleat_status status = ingest_text(ingest, &document);
    text_file_clear(&file);
    return status;
}

static cleat_status
ingest_files(struct ingest *ingest, const struct source *source)
{
    for (size_t i = 0; i < source->files.count; i++) {
        const char *path = source->files.paths[i];
        char *absolute = path_join(source->directory, path);
        if (absolute == NULL)
            return CLEAT_NOMEM;
        cleat_status status = ingest_file(ingest, absolute, path);
        free(absolute);
        if (status < 0)
            return status;
    }
    return CLEAT_OK;
}

/* A document whose file is gone stays, because links and collections may name it, but is no longer
 * active. */
static cleat_status
retire_missing(struct ingest *ingest, const struct file_list *files)
{
    cleat_session *catalog = ingest->library.catalog;
    cleat_cursor cursor;
    cleat_status status = catalog_documents_list_by_parent_id_and_active(
        catalog, ingest->dataset_id, true, &cursor);
    if (status < 0)
        return status;
    catalog_documents_row document;
    while ((status = catalog_documents_next(&cursor, &document)) == CLEAT_ROW) {
        if (file_list_has(files, document.path))
            continue;
        document.active = false;
        status = catalog_documents_update(catalog, &document);
        if (status < 0)
            break;
        ingest->counts->retired++;
    }
    cleat_cursor_close(&cursor);
    return status;
}

static cleat_status
ingest_source(struct ingest *ingest, const struct source *source)
{
    cleat_status status = dataset_put(ingest->library.catalog, source->directory, source->uri,
                                      &ingest->dataset_id);
    if (status < 0)
        return status;
    status = ingest_files(ingest, source);
    if (status < 0)
        return status;
    status = retire_missing(ingest, &source->files);
    if (status < 0)
        return status;
    return library_commit(&ingest->library);
}

static int
open_source(const char *directory, struct source *source)
{
    source->directory = realpath(directory, NULL);
    if (source->directory == NULL)
        return errno;
    if (!resource_uri(source->directory, source->uri))
        return ENAMETOOLONG;
    return file_list_read(source->directory, &source->files);
}

static void
close_source(struct source *source)
{
    file_list_clear(&source->files);
    free(source->directory);
}

cleat_status
ingest_directory(cleat_registry *registry, const char *directory, struct ingest_counts *counts)
{
    struct source source = {0};
    struct ingest ingest = {.counts = counts};
    cleat_status status = CLEAT_IO;
    int error = open_source(directory, &source);
    if (error != 0) {
        fprintf(stderr, "hub: %s: %s\n", directory, strerror(error));
        goto out;
    }
    status = library_open(&ingest.library, registry);
    if (status < 0)
        goto out;
    status = ingest_source(&ingest, &source);
    if (status < 0)
        report_failure(status, library_error(&ingest.library));
    library_close(&ingest.library);
out:
    close_source(&source);
    return status;
}
