/* report.h: what is in the database pipeline, on standard output. Each function that can fail has
 * said what failed when it returns a failure. */
#ifndef PIPELINE_REPORT_H
#define PIPELINE_REPORT_H

#include <cleat/cleat.h>

#include "ingest.h"

/* How many rows each table has. */
cleat_status report_tables(cleat_session *session);

/* The sources of a workspace with all that was made of them, down to the ids of the chunks. */
cleat_status report_sources(cleat_session *session, const char *workspace_id);

/* The latest runs of a workspace with their items counted, and how long each run has taken. */
cleat_status report_runs(cleat_session *session, const char *workspace_id);

/* A run with its items and events. Returns CLEAT_NOT_FOUND when there is no such run. */
cleat_status report_run(cleat_session *session, const char *run_id);

/* What an ingest went through, and how much of it is new. */
void report_counts(const struct ingest_counts *counts);

/* Says on standard error what failed, in the words of the error if it is about this failure.
 * Returns the status. */
cleat_status report_failure(cleat_status status, const cleat_error *error);

#endif
