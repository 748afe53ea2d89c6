/* stages.h: what is done to one file: ingest, extract, chunk. */
#ifndef PIPELINE_STAGES_H
#define PIPELINE_STAGES_H

#include "content.h"
#include "ingest.h"

struct ingest {
    cleat_session *session;
    struct ingest_counts *counts;
    const char *path; /* of the file that is worked on, NULL before the first */
    char workspace_id[27];
    char run_id[27];
};

/* A file that is ingested. */
struct stages_file {
    const char *uri;
    const char *title; /* its path below the directory, NULL when that is no UTF-8 */
    char source_id[27];
};

/* Makes the file a source, and writes its id into it. */
cleat_status stages_source(struct ingest *ingest, struct stages_file *file);

/* Keeps why a source could not be read: without a content, no item can point to it. */
cleat_status stages_unreadable(struct ingest *ingest, const struct stages_file *file, int error);

/* Takes what was read through every stage, each an item of the run. A content that is no text
 * fails as an item, and this returns CLEAT_OK. */
cleat_status stages_content(struct ingest *ingest, const struct stages_file *file,
                            const struct content *content);

#endif
