/* library.h: text files as rows of two databases: catalog has what is known about them and what
 * is searched, content their whole bodies. */
#ifndef HUB_LIBRARY_H
#define HUB_LIBRARY_H

#include <cleat/cleat.h>

#include "text_file.h"

/* The write sessions that storing a document takes. A zeroed one is closed. */
struct library {
    cleat_session *catalog;
    cleat_session *content;
};

struct library_document {
    int64_t dataset_id;
    const char *path; /* below the directory of the dataset */
    const char *uri;
    const struct text_file *file;
};

/* Has said what failed when it returns a failure. */
cleat_status library_open(struct library *library, cleat_registry *registry);

/* Compares a document with what is stored. Returns CLEAT_NOT_FOUND for a new one, CLEAT_UPDATED
 * for one that has to be stored again, CLEAT_UNCHANGED when both databases have this text. */
cleat_status library_compare(struct library *library, const struct library_document *document);

/* Stores a document, new or changed. */
cleat_status library_store(struct library *library, const struct library_document *document);

/* Makes what was stored durable. */
cleat_status library_commit(struct library *library);

/* The error of the call that failed. Lends until the library's next call. */
const cleat_error *library_error(const struct library *library);

/* What was not committed is rolled back. */
void library_close(struct library *library);

#endif
