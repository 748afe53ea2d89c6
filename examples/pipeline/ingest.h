/* ingest.h: from the files of a directory to chunks, as one run. */
#ifndef PIPELINE_INGEST_H
#define PIPELINE_INGEST_H

#include <cleat/cleat.h>

/* What a run went through, and how much of it was not there before. */
struct ingest_counts {
    int64_t sources, new_sources;
    int64_t contents, new_contents;
    int64_t documents, new_documents;
    int64_t chunks, new_chunks;
    int64_t failed; /* files that could not be read, or are no text */
};

/* Ingests the files below a directory into a workspace, which is made if it is not there. A file
 * that fails is an item or an event of the run and does not end it; whatever ends the run is its
 * error message. Files are committed one by one, and a second call adds nothing but its own run.
 * Writes the run's id as soon as there is one. Has said what failed when it returns a failure. */
cleat_status ingest_directory(cleat_session *session, const char *workspace, const char *directory,
                              struct ingest_counts *counts, char ret_run_id[27]);

#endif
