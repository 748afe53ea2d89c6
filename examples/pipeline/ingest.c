/* ingest.c: a directory enters, a run leaves that has ended one way or the other. Between the start
 * and the end every file is a unit of work: read first, then written and committed at once, so that
 * programs which ingest at the same time wait for single files only. */
#define _XOPEN_SOURCE 700
#include "ingest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "lineage.h"
#include "report.h"
#include "resource.h"
#include "run.h"
#include "stages.h"

enum { MESSAGE_SIZE = 4096 };

static cleat_status
ingest_read(struct ingest *ingest, struct stages_file *file, const struct content *content,
            int error)
{
    cleat_status status = stages_source(ingest, file);
    if (status < 0)
        return status;
    status = error == 0 ? stages_content(ingest, file, content)
                        : stages_unreadable(ingest, file, error);
    if (status < 0)
        return status;
    return cleat_session_commit(ingest->session);
}

/* Without a URI there is not even a source. */
static cleat_status
ingest_nameless(struct ingest *ingest, const char *path)
{
    fprintf(stderr, "pipeline: %s: %s\n", path, strerror(ENAMETOOLONG));
    ingest->counts->failed++;
    cleat_status status = run_add_event(ingest->session, ingest->run_id, EVENT_LEVEL_ERROR,
                                        "SOURCE_NAME_TOO_LONG", NULL);
    if (status < 0)
        return status;
    return cleat_session_commit(ingest->session);
}

static cleat_status
ingest_file(struct ingest *ingest, const char *absolute, const char *path)
{
    char uri[RESOURCE_URI_SIZE];
    if (!resource_uri(absolute, uri))
        return ingest_nameless(ingest, path);
    size_t size = strlen(path);
    struct stages_file file = {
        .uri = uri,
        .title = content_first_bad(path, size) == size ? path : NULL,
    };
    struct content content = {0};
    int error = content_read(absolute, &content);
    if (error != 0)
        fprintf(stderr, "pipeline: %s: %s\n", path, strerror(error));
    cleat_status status = ingest_read(ingest, &file, &content, error);
    content_clear(&content);
    return status;
}

static cleat_status
ingest_files(struct ingest *ingest, const char *directory, const struct file_list *files)
{
    for (size_t i = 0; i < files->count; i++) {
        ingest->path = files->paths[i];
        char *absolute = path_join(directory, files->paths[i]);
        if (absolute == NULL)
            return CLEAT_NOMEM;
        cleat_status status = ingest_file(ingest, absolute, files->paths[i]);
        free(absolute);
        if (status < 0)
            return status;
    }
    return CLEAT_OK;
}

/* Writes into the message why a failure was one. */
static cleat_status
ingest_below(struct ingest *ingest, const char *directory, char ret_message[MESSAGE_SIZE])
{
    struct file_list files = {0};
    char *absolute = realpath(directory, NULL);
    int error = absolute == NULL ? errno : file_list_read(absolute, &files);
    cleat_status status = CLEAT_IO;
    if (error != 0) {
        snprintf(ret_message, MESSAGE_SIZE, "%s: %s", directory, strerror(error));
    } else {
        status = ingest_files(ingest, absolute, &files);
        const cleat_error *cause = cleat_session_error(ingest->session);
        snprintf(ret_message, MESSAGE_SIZE, "%s: %s: %s",
                 ingest->path == NULL ? directory : ingest->path, cleat_status_name(status),
                 cause->status == status ? cause->text : "the program itself ran into it");
    }
    file_list_clear(&files);
    free(absolute);
    return status;
}

/* The workspace and the run are committed before anything else: others see that it runs, and a
 * failure has a run to be kept with. */
static cleat_status
begin(struct ingest *ingest, const char *workspace)
{
    cleat_status status = lineage_workspace(ingest->session, workspace, ingest->workspace_id);
    if (status < 0)
        return status;
    status = run_start(ingest->session, ingest->workspace_id, RUN_TYPE_INGEST, ingest->run_id);
    if (status < 0)
        return status;
    return cleat_session_commit(ingest->session);
}

/* Somebody else may have ended the run meanwhile: that is an outcome, and no failure. */
static cleat_status
end(struct ingest *ingest, bool is_failed, const char *message)
{
    cleat_status status = is_failed ? run_fail(ingest->session, ingest->run_id, message)
                                    : run_finish(ingest->session, ingest->run_id);
    if (status < 0)
        return status;
    return cleat_session_commit(ingest->session);
}

cleat_status
ingest_directory(cleat_session *session, const char *workspace, const char *directory,
                 struct ingest_counts *counts, char ret_run_id[27])
{
    struct ingest ingest = {.session = session, .counts = counts};
    cleat_status status = begin(&ingest, workspace);
    if (status < 0)
        return report_failure(status, cleat_session_error(session));
    memcpy(ret_run_id, ingest.run_id, sizeof ingest.run_id);
    char message[MESSAGE_SIZE];
    cleat_status outcome = ingest_below(&ingest, directory, message);
    if (outcome < 0) {
        fprintf(stderr, "pipeline: %s\n", message);
        cleat_session_rollback(session);
    }
    status = end(&ingest, outcome < 0, message);
    if (status < 0)
        return report_failure(status, cleat_session_error(session));
    return outcome;
}
