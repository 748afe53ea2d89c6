/* command_check.c: cleat check compares what is generated with what the schemas give now. */
#include "command.h"

#include "check_cache.h"

#include <stdio.h>

static gboolean option_no_cache;

const GOptionEntry check_options[] = {
    {"no-cache", 0, 0, G_OPTION_ARG_NONE, &option_no_cache,
     "Look at everything again, whatever an earlier check has found", NULL},
    G_OPTION_ENTRY_NULL};

/* Whether every query that reads a whole table says why. */
static bool
check_scans(const struct model *model)
{
    struct diag *diag = diag_new();
    stage_report_scans(model, diag);
    bool fine = diag_error_count(diag) == 0;
    diag_print(diag, stderr, has_colour());
    diag_free(diag);
    return fine;
}

/* Whether each history leads to the schema that there is. */
static bool
check_migrated(const struct model *model)
{
    struct diag *diag = diag_new();
    stage_report_unmigrated(model, diag);
    bool fine = diag_error_count(diag) == 0;
    diag_print(diag, stderr, has_colour());
    diag_free(diag);
    return fine;
}

static int
finish_check(const struct options *options, const struct model *model)
{
    struct file_set *files = file_set_compare(options->out, stdout);
    GError *error = NULL;
    bool differs = false;
    int status = check_scans(model) && check_migrated(model) ? EXIT_FINE : EXIT_FINDINGS;
    stage_emit(model, files);
    if (!file_set_finish(files, &differs, &error)) {
        status = environment_failed(error);
    } else if (differs) {
        fprintf(stderr, "cleat: %s is stale; run: cleat generate\n", options->out);
        status = EXIT_FINDINGS;
    }
    file_set_free(files);
    if (status == EXIT_FINE && !option_no_cache)
        check_cache_store(options, model);
    return status;
}

int
command_check(int argc, char **argv)
{
    (void)argv;
    struct options options = read_options();
    if (argc > 1)
        return EXIT_USAGE;
    if (!option_no_cache && check_cache_is_fine(&options))
        return EXIT_FINE;
    return run(&options, finish_check);
}
