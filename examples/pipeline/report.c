/* report.c: a session enters, tables about the database and its runs leave on standard output. */
#include "report.h"

#include <init_table.h>
#include <inttypes.h>
#include <pipeline/run/db_models.cleat.h>
#include <stdio.h>
#include <string.h>

enum { RUNS_MAX = 20 };

cleat_status
report_failure(cleat_status status, const cleat_error *error)
{
    const char *text = error->status == status ? error->text : "the program itself ran into it";
    fprintf(stderr, "pipeline: %s: %s\n", cleat_status_name(status), text);
    return status;
}

void
report_counts(const struct ingest_counts *counts)
{
    printf("Sources: %" PRId64 ", %" PRId64 " new\n", counts->sources, counts->new_sources);
    printf("Contents: %" PRId64 ", %" PRId64 " new\n", counts->contents, counts->new_contents);
    printf("Documents: %" PRId64 ", %" PRId64 " new\n", counts->documents, counts->new_documents);
    printf("Chunks: %" PRId64 ", %" PRId64 " new\n", counts->chunks, counts->new_chunks);
    printf("Failed: %" PRId64 "\n", counts->failed);
}

/* ---- tables ---- */

static cleat_status
print_tables(cleat_session *session, const cleat_database *database)
{
    for (const cleat_table *const *table = database->tables; *table != NULL; table++) {
        int64_t rows;
        cleat_status status = cleat_row_count(session, *table, &rows);
        if (status < 0)
            return report_failure(status, cleat_session_error(session));
        printf("%-24s %8" PRId64 "\n", (*table)->name, rows);
    }
    return CLEAT_OK;
}

cleat_status
report_tables(cleat_session *session)
{
    printf("%-24s %8s\n", "TABLE", "ROWS");
    for (size_t i = 0; i < app_init_table.database_count; i++)
        if (strcmp(app_init_table.databases[i].name, cleat_session_database(session)) == 0)
            return print_tables(session, &app_init_table.databases[i]);
    return CLEAT_NOT_FOUND;
}

/* ---- runs ---- */

/* The view has every run; one that still runs, or is not among the rows, is left at -1. */
static cleat_status
read_durations(cleat_session *session, const pipeline_workspace_runs_rows *runs,
               int64_t ret_durations[RUNS_MAX])
{
    for (size_t i = 0; i < RUNS_MAX; i++)
        ret_durations[i] = -1;
    cleat_cursor cursor;
    cleat_status status = pipeline_run_durations_list(session, &cursor);
    if (status < 0)
        return status;
    pipeline_run_durations_row row;
    while ((status = pipeline_run_durations_next(&cursor, &row)) == CLEAT_ROW)
        for (size_t i = 0; i < runs->count; i++)
            if (row.has_duration_us && strcmp(row.id, runs->items[i].id) == 0)
                ret_durations[i] = row.duration_us;
    return status;
}

static void
print_runs(const pipeline_workspace_runs_rows *runs, const int64_t durations[RUNS_MAX])
{
    printf("%-26s  %-8s %-10s %-24s %9s %6s %5s %5s %6s\n", "RUN", "TYPE", "STATUS", "STARTED",
           "MS", "ITEMS", "OPEN", "DONE", "FAILED");
    for (size_t i = 0; i < runs->count; i++) {
        const pipeline_workspace_runs_row *run = &runs->items[i];
        char started[25];
        char duration[24] = "-";
        cleat_datetime_format(run->started_at, started);
        if (durations[i] >= 0)
            snprintf(duration, sizeof duration, "%" PRId64, durations[i] / 1000);
        printf("%s  %-8s %-10s %-24s %9s %6" PRId64 " %5" PRId64 " %5" PRId64 " %6" PRId64 "\n",
               run->id, run_type_label(run->run_type), run_status_label(run->status), started,
               duration, run->items, run->open_items, run->succeeded_items, run->failed_items);
    }
}

cleat_status
report_runs(cleat_session *session, const char *workspace_id)
{
    pipeline_workspace_runs_rows runs = {0};
    int64_t durations[RUNS_MAX];
    cleat_status status = pipeline_workspace_runs_collect(session, workspace_id, RUNS_MAX, &runs);
    if (status >= 0)
        status = read_durations(session, &runs, durations);
    if (status >= 0)
        print_runs(&runs, durations);
    pipeline_workspace_runs_rows_clear(&runs);
    return status < 0 ? report_failure(status, cleat_session_error(session)) : CLEAT_OK;
}

/* ---- one run ---- */

static cleat_status
print_run(cleat_session *session, const char *run_id)
{
    pipeline_runs_row run;
    cleat_status status = pipeline_runs_lend(session, run_id, &run);
    if (status != CLEAT_OK)
        return status;
    printf("Run %s: %s, %s%s%s\n", run.id, run_type_label(run.run_type),
           run_status_label(run.status), run.error_message == NULL ? "" : ": ",
           run.error_message == NULL ? "" : run.error_message);
    return CLEAT_OK;
}

static cleat_status
print_items(cleat_session *session, const char *run_id)
{
    cleat_cursor cursor;
    cleat_status status = pipeline_run_items_list_by_run_id(session, run_id, &cursor);
    if (status < 0)
        return status;
    printf("\n%-8s %-15s %-26s  %-10s %s\n", "STAGE", "TARGET", "ID", "STATUS", "RESULT");
    pipeline_run_items_row item;
    while ((status = pipeline_run_items_next(&cursor, &item)) == CLEAT_ROW)
        printf("%-8s %-15s %s  %-10s %s\n", run_stage_label(item.stage),
               run_target_label(item.target_type), item.target_id,
               run_item_status_label(item.status),
               item.error_message != NULL  ? item.error_message
               : item.metrics_json != NULL ? item.metrics_json
                                           : "");
    return status;
}

static cleat_status
print_events(cleat_session *session, const char *run_id)
{
    cleat_cursor cursor;
    cleat_status status = pipeline_recent_events(session, run_id, 0, NULL, &cursor);
    if (status < 0)
        return status;
    printf("\n%-24s %-5s %-20s %s\n", "TIME", "LEVEL", "EVENT", "PAYLOAD");
    pipeline_recent_events_row event;
    while ((status = pipeline_recent_events_next(&cursor, &event)) == CLEAT_ROW) {
        char time[25];
        cleat_datetime_format(event.ts, time);
        printf("%-24s %-5s %-20s %s\n", time, event_level_label(event.level), event.event_type,
               event.payload_json == NULL ? "" : event.payload_json);
    }
    return status;
}

cleat_status
report_run(cleat_session *session, const char *run_id)
{
    cleat_status status = print_run(session, run_id);
    if (status == CLEAT_NOT_FOUND)
        return status;
    if (status >= 0)
        status = print_items(session, run_id);
    if (status >= 0)
        status = print_events(session, run_id);
    return status < 0 ? report_failure(status, cleat_session_error(session)) : CLEAT_OK;
}
