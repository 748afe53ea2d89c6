/* main.c: the hub, a program with many databases. It opens all of them, reads directories of
 * text files into two, and answers from both: a join across files and a full-text search.
 *
 * Start it twice: the first start creates every database and stores every file, the second finds
 * everything there. */
#include <getopt.h>
#include <init_table.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest.h"
#include "report.h"
#include "search.h"

enum { LARGEST = 5, FOUND = 5 };

struct options {
    const char *data;
    const char *words;
    char **directories; /* ends with NULL */
};

static const char usage[] =
    "Usage: hub [--data DIR] [--search WORDS] [DIR...]\n"
    "Read the text files below each DIR (default: .) into databases, and search them.\n"
    "\n"
    "      --data DIR      where the databases are (default: build/demo)\n"
    "      --search WORDS  what to look for (default: attach database)\n"
    "      --help          print this and exit\n"
    "\n"
    "All other settings come from the environment: HUB_ECHO_SQL=1 prints every statement,\n"
    "HUB_LOG_LEVEL=warning silences the start.\n";

/* Returns an exit status, or -1 to go on. */
static int
parse_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"data", required_argument, NULL, 'd'},
                                          {"search", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
        switch (name) {
        case 'd': options->data = optarg; break;
        case 's': options->words = optarg; break;
        case 'h': fputs(usage, stdout); return EXIT_SUCCESS;
        default: fputs(usage, stderr); return 2;
        }
    if (optind < argc)
        options->directories = argv + optind;
    return -1;
}

/* When this succeeds, every database of the init table is there with its whole schema. */
static cleat_status
open_registry(const char *data, cleat_registry **ret_registry)
{
    cleat_settings settings;
    cleat_settings_init(&settings, "HUB");
    cleat_status status = cleat_settings_set(&settings, "directory", data);
    if (status < 0)
        return status;
    return cleat_registry_open(&app_init_table, &settings, ret_registry);
}

static cleat_status
ingest(cleat_registry *registry, char **directories)
{
    struct ingest_counts counts = {0};
    for (; *directories != NULL; directories++) {
        cleat_status status = ingest_directory(registry, *directories, &counts);
        if (status < 0)
            return status;
    }
    printf("Ingest: %d new, %d changed, %d unchanged, %d retired, %d skipped\n", counts.added,
           counts.changed, counts.unchanged, counts.retired, counts.skipped);
    return CLEAT_OK;
}

static cleat_status
run(cleat_registry *registry, const struct options *options)
{
    cleat_status status = ingest(registry, options->directories);
    if (status < 0)
        return status;
    status = report_databases(registry);
    if (status < 0)
        return status;
    status = report_largest(registry, LARGEST);
    if (status < 0)
        return status;
    return search(registry, options->words, FOUND);
}

int
main(int argc, char **argv)
{
    char *here[] = {".", NULL};
    struct options options = {"build/demo", "attach database", here};
    int exit_status = parse_options(argc, argv, &options);
    if (exit_status >= 0)
        return exit_status;

    cleat_registry *registry = NULL;
    cleat_status status = open_registry(options.data, &registry);
    if (status >= 0)
        status = run(registry, &options);
    else
        report_failure(status, cleat_registry_error(registry));
    cleat_registry_close(registry);
    if (fflush(stdout) != 0 && status >= 0) {
        perror("hub: standard output");
        return EXIT_FAILURE;
    }
    return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
