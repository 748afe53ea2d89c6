/* command_docs.c: cleat docs writes pages for people who do not read the repository. */
#include "command.h"
#include "site/site.h"

static int
finish_docs(const struct options *options, const struct model *model)
{
    struct file_set *files = file_set_new(options->out);
    GError *error = NULL;
    bool differs = false;
    int status = EXIT_FINE;
    stage_site(model, files);
    if (!file_set_finish(files, &differs, &error))
        status = environment_failed(error);
    file_set_free(files);
    return status;
}

int
command_docs(int argc, char **argv)
{
    (void)argv;
    struct options options = read_options();
    if (!options.out_given)
        options.out = "site";
    return argc > 1 ? EXIT_USAGE : run(&options, finish_docs);
}
