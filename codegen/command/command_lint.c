/* command_lint.c: cleat lint gives advice about the design of schemas. */
#include "command.h"
#include "lint/lint.h"

#include <stdio.h>

static int
finish_lint(const struct options *options, const struct model *model)
{
    struct lint_config *config;
    GError *error = NULL;
    if (!lint_config_read(options, &config, &error))
        return environment_failed(error);
    struct diag *diag = diag_new();
    stage_lint(model, config, diag);
    int status = diag_error_count(diag) == 0 ? EXIT_FINE : EXIT_FINDINGS;
    diag_print(diag, stderr, has_colour());
    diag_free(diag);
    lint_config_free(config);
    return status;
}

int
command_lint(int argc, char **argv)
{
    (void)argv;
    struct options options = read_options();
    return argc > 1 ? EXIT_USAGE : run(&options, finish_lint);
}
