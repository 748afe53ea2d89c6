/* bed.c: runs all snippets, each in a process and a directory of its own, and says of each whether
 * it came to its end. Exits 0 when all did and there is at least one. What a snippet prints is
 * shown only when it fails. */
#define _XOPEN_SOURCE 700
#include "bed.h"
#include "../temporary.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

cleat_status
must(cleat_status status, const char *call, const char *file, int line)
{
    if (status < 0) {
        fprintf(stderr, "%s:%d: %s: %s\n", file, line, cleat_status_name(status), call);
        exit(EXIT_FAILURE);
    }
    return status;
}

static int64_t
add_document(cleat_session *s, int64_t parent_id, char letter)
{
    char uri[] = "file:///notes/?.md";
    uri[14] = letter;
    catalog_documents_row row = catalog_documents_defaults();
    row.uri = uri;
    row.parent_id = parent_id;
    row.path = uri + 14;
    row.content_hash = uri + 14;
    row.body = letter == 'a' ? "How to attach a database to another" : "Another note";
    MUST(catalog_documents_insert(s, &row));
    return row.id;
}

/* Returns the id of the dataset; its documents follow it. */
static int64_t
fill_catalog(cleat_session *s, int64_t *ret_document)
{
    catalog_datasets_row row = catalog_datasets_defaults();
    row.uri = "file:///notes";
    row.name = "notes";
    row.source_type = "directory";
    row.source_path = "/notes";
    MUST(catalog_datasets_insert(s, &row));
    *ret_document = add_document(s, row.id, 'a');
    for (char letter = 'b'; letter <= 'e'; letter++)
        add_document(s, row.id, letter);
    MUST(cleat_session_commit(s));
    return row.id;
}

static void
fill_pipeline(cleat_session *p, char ret_workspace[27], char ret_run[27])
{
    pipeline_workspaces_row workspace = pipeline_workspaces_defaults();
    workspace.name = "research";
    MUST(pipeline_workspaces_insert(p, &workspace));
    pipeline_runs_row run = pipeline_runs_defaults();
    memcpy(run.workspace_id, workspace.id, sizeof(run.workspace_id));
    run.run_type = RUN_TYPE_INGEST;
    run.trigger = RUN_TRIGGER_MANUAL;
    MUST(pipeline_runs_insert(p, &run));
    MUST(cleat_session_commit(p));
    memcpy(ret_workspace, workspace.id, sizeof(workspace.id));
    memcpy(ret_run, run.id, sizeof(run.id));
}

static void
run_on_bed(const snippet *item)
{
    cleat_settings settings;
    cleat_registry *registry = NULL;
    cleat_session *s = NULL, *p = NULL;
    char workspace[27], run[27];
    cleat_settings_init(&settings, NULL);
    MUST(cleat_settings_set(&settings, "log_level", "warning"));
    MUST(cleat_registry_open(&app_init_table, &settings, &registry));
    MUST(cleat_session_open(registry, "catalog", CLEAT_WRITE, &s));
    MUST(cleat_session_open(registry, "pipeline", CLEAT_WRITE, &p));
    int64_t document = 0;
    int64_t notes = fill_catalog(s, &document);
    fill_pipeline(p, workspace, run);
    item->body(registry, s, p, notes, document, workspace, run);
    cleat_session_close(s);
    cleat_session_close(p);
    cleat_registry_close(registry);
}

/* The child: its output goes to a file, its directory is the new one. Never returns. */
static void
run_child(const snippet *item, const char *directory)
{
    int output = -1;
    if (chdir(directory) == 0)
        output = open("output", O_CREAT | O_RDWR, 0600);
    if (output < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        exit(EXIT_FAILURE);
    setvbuf(stdout, NULL, _IOLBF, 0); /* an assert that fails loses nothing */
    run_on_bed(item);
    exit(EXIT_SUCCESS);
}

static int
remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static void
show_output(const char *directory)
{
    char path[80], line[512];
    snprintf(path, sizeof(path), "%s/output", directory);
    FILE *output = fopen(path, "r");
    if (output == NULL)
        return;
    while (fgets(line, sizeof(line), output) != NULL)
        fputs(line, stdout);
    fclose(output);
}

static bool
run_snippet(const snippet *item)
{
    char directory[64];
    int status = -1;
    if (!make_temporary(directory, sizeof directory, "docs"))
        return false;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        run_child(item, directory);
    bool good = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    printf("%s %s:%d %s\n", good ? "ok    " : "FAILED", item->file, item->line, item->heading);
    if (!good)
        show_output(directory);
    return nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0 && good;
}

int
main(void)
{
    size_t count = 0, failed = 0;
    for (; snippets[count].body != NULL; count++)
        if (!run_snippet(&snippets[count]))
            failed++;
    printf("%zu snippets, %zu failed\n", count, failed);
    return count > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
