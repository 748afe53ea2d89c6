/* main.c: a document pipeline on the schema of schemas/pipeline. It ingests directories of files
 * into workspaces and tells what its runs did.
 *
 * Ingest twice: the second run finds every row and leaves nothing new but itself. */
#include <getopt.h>
#include <init_table.h>
#include <pipeline/workspace/db_models.cleat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest.h"
#include "lineage.h"
#include "remove.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: pipeline [--data DIR] COMMAND [ARGUMENT...]\n"
    "Ingest files into a database of sources, documents and chunks, and keep what each run did.\n"
    "\n"
    "  ingest WORKSPACE DIR  ingest the files below DIR, as a run\n"
    "  start WORKSPACE       start a run that something else carries out, and print its id\n"
    "  finish RUN            end a run as succeeded\n"
    "  fail RUN MESSAGE      end a run as failed, with the reason\n"
    "  runs WORKSPACE        list the latest runs\n"
    "  run RUN               show a run with its items and events\n"
    "  sources WORKSPACE     show the sources with their contents, documents and chunks\n"
    "  remove WORKSPACE      remove a workspace; what others use of its contents stays\n"
    "  tables                count the rows of every table\n"
    "\n"
    "      --data DIR        where the databases are (default: build/pipeline)\n"
    "      --help            print this and exit\n"
    "\n"
    "All other settings come from the environment: PIPELINE_ECHO_SQL=1 prints every statement,\n"
    "PIPELINE_LOG_LEVEL=warning silences the start.\n";

/* ---- commands ----
 * Each returns CLEAT_OK, or has said what is wrong. */

/* What did not go as a command's arguments said it would. */
static cleat_status
report_outcome(cleat_session *session, cleat_status status, const char *what, const char *name)
{
    if (status < 0)
        return report_failure(status, cleat_session_error(session));
    if (status == CLEAT_NOT_FOUND)
        fprintf(stderr, "pipeline: there is no %s '%s'\n", what, name);
    else if (status == CLEAT_UNCHANGED)
        fprintf(stderr, "pipeline: the %s '%s' has ended already\n", what, name);
    return status;
}

static cleat_status
ingest_command(cleat_session *session, char **arguments)
{
    struct ingest_counts counts = {0};
    char id[27] = "";
    cleat_status status = ingest_directory(session, arguments[0], arguments[1], &counts, id);
    if (id[0] != '\0')
        printf("Run: %s\n", id);
    report_counts(&counts);
    return status;
}

static cleat_status
start_command(cleat_session *session, char **arguments)
{
    char workspace_id[27];
    char id[27];
    cleat_status status = lineage_workspace(session, arguments[0], workspace_id);
    if (status >= 0)
        status = run_start(session, workspace_id, RUN_TYPE_INGEST, id);
    if (status >= 0)
        status = cleat_session_commit(session);
    if (status < 0)
        return report_failure(status, cleat_session_error(session));
    puts(id);
    return CLEAT_OK;
}

static cleat_status
finish_command(cleat_session *session, char **arguments)
{
    cleat_status status = run_finish(session, arguments[0]);
    if (status == CLEAT_OK)
        status = cleat_session_commit(session);
    return report_outcome(session, status, "run", arguments[0]);
}

static cleat_status
fail_command(cleat_session *session, char **arguments)
{
    cleat_status status = run_fail(session, arguments[0], arguments[1]);
    if (status == CLEAT_OK)
        status = cleat_session_commit(session);
    return report_outcome(session, status, "run", arguments[0]);
}

/* Does something with a workspace that has to be there. */
static cleat_status
with_workspace(cleat_session *session, const char *name,
               cleat_status (*action)(cleat_session *session, const char *workspace_id))
{
    pipeline_workspaces_row workspace;
    cleat_status status = pipeline_workspaces_lend_by_name(session, name, &workspace);
    if (status != CLEAT_OK)
        return report_outcome(session, status, "workspace", name);
    return action(session, workspace.id);
}

static cleat_status
runs_command(cleat_session *session, char **arguments)
{
    return with_workspace(session, arguments[0], report_runs);
}

static cleat_status
sources_command(cleat_session *session, char **arguments)
{
    return with_workspace(session, arguments[0], report_sources);
}

static cleat_status
remove_and_commit(cleat_session *session, const char *workspace_id)
{
    cleat_status status = remove_workspace(session, workspace_id);
    if (status >= 0)
        status = cleat_session_commit(session);
    return status < 0 ? report_failure(status, cleat_session_error(session)) : CLEAT_OK;
}

static cleat_status
remove_command(cleat_session *session, char **arguments)
{
    return with_workspace(session, arguments[0], remove_and_commit);
}

static cleat_status
run_command(cleat_session *session, char **arguments)
{
    cleat_status status = report_run(session, arguments[0]);
    return status < 0 ? status : report_outcome(session, status, "run", arguments[0]);
}

static cleat_status
tables_command(cleat_session *session, char **arguments)
{
    (void)arguments; /* it has none */
    return report_tables(session);
}

static const struct command {
    const char *name;
    int arguments;
    unsigned mode;
    cleat_status (*run)(cleat_session *session, char **arguments);
} commands[] = {
    {"fail", 2, CLEAT_WRITE, fail_command},      {"finish", 1, CLEAT_WRITE, finish_command},
    {"ingest", 2, CLEAT_WRITE, ingest_command},  {"remove", 1, CLEAT_WRITE, remove_command},
    {"run", 1, CLEAT_READ, run_command},         {"runs", 1, CLEAT_READ, runs_command},
    {"sources", 1, CLEAT_READ, sources_command}, {"start", 1, CLEAT_WRITE, start_command},
    {"tables", 0, CLEAT_READ, tables_command},
};

/* ---- the program ---- */

/* Returns an exit status, or -1 to go on. */
static int
parse_options(int argc, char **argv, const char **ret_data)
{
    static const struct option names[] = {{"data", required_argument, NULL, 'd'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
        switch (name) {
        case 'd': *ret_data = optarg; break;
        case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
        default: fputs(usage, stderr); return 2;
        }
    return -1;
}

/* The command with this name and number of arguments, NULL when there is none. */
static const struct command *
find_command(int count, char **words)
{
    for (size_t i = 0; count > 0 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, words[0]) == 0 && commands[i].arguments == count - 1)
            return &commands[i];
    return NULL;
}

static cleat_status
open_registry(const char *data, cleat_registry **ret_registry)
{
    cleat_settings settings;
    cleat_settings_init(&settings, "PIPELINE");
    cleat_status status = cleat_settings_set(&settings, "directory", data);
    if (status < 0)
        return status;
    return cleat_registry_open(&app_init_table, &settings, ret_registry);
}

static cleat_status
run_session(const char *data, const struct command *command, char **arguments)
{
    cleat_registry *registry = NULL;
    cleat_session *session = NULL;
    cleat_status status = open_registry(data, &registry);
    if (status >= 0)
        status = cleat_session_open(registry, "pipeline", command->mode, &session);
    if (status >= 0)
        status = command->run(session, arguments);
    else
        report_failure(status, cleat_registry_error(registry));
    cleat_session_close(session);
    cleat_registry_close(registry);
    return status;
}

int
main(int argc, char **argv)
{
    const char *data = "build/pipeline";
    int exit_status = parse_options(argc, argv, &data);
    if (exit_status >= 0)
        return exit_status;
    const struct command *command = find_command(argc - optind, argv + optind);
    if (command == NULL) {
        fputs(usage, stderr);
        return 2;
    }
    cleat_status status = run_session(data, command, argv + optind + 1);
    if (fflush(stdout) != 0) {
        perror("pipeline: standard output");
        return EXIT_FAILURE;
    }
    return status == CLEAT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
