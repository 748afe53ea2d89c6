/* main.c: the table of commands, their help, and how the program ends: with 0 when all is well, 1 for
 * findings in schemas or generated files, 2 for a wrong command line and 3 when the environment
 * fails: files, the disk, libclang. Data goes to standard output, all else to standard error. */
#include "command/command.h"

#include "common/arena.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#define VERSION "0.1.0"

static int
command_version(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return EXIT_USAGE;
    puts("cleat " VERSION);
    return EXIT_FINE;
}

/* ---- commands ---- */

struct command {
    const char *name;
    const char *parameters;
    const char *summary;
    const char *examples;
    const GOptionEntry *options[3];
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"generate",
     "",
     "write C, SQL snapshots and the init table for every module",
     "Examples:\n"
     "  cleat generate\n"
     "  cleat generate --schemas modules --out build/gen --name shop\n"
     "  cleat generate --schemas modules -I third_party/include",
     {schema_options, build_options, NULL},
     command_generate},
    {"check",
     "",
     "fail when the generated files are not what the schemas give",
     "Examples:\n"
     "  cleat check\n"
     "  cleat check --schemas modules --out gen || cleat generate --schemas modules --out gen",
     {schema_options, check_options, NULL},
     command_check},
    {"docs",
     "",
     "write HTML pages about every database, with diagrams and a search",
     "Examples:\n"
     "  cleat docs\n"
     "  cleat docs --schemas modules --name shop --out public\n"
     "The pages go to site/ unless --out says otherwise.",
     {schema_options, NULL},
     command_docs},
    {"diff",
     "[OLD [NEW]]",
     "say what a schema change means for rows, programs and callers",
     "OLD and NEW are directories or revisions of git; without them, this branch is compared with\n"
     "where it left the main branch. Findings of severity error end with status 1; .cleat-accepted\n"
     "accepts them with a reason.\n\n"
     "Examples:\n"
     "  cleat diff\n"
     "  cleat diff --base origin/main --format markdown\n"
     "  cleat diff v1.2 v1.3\n"
     "  cleat diff --db data/catalog.db",
     {schema_options, diff_options, NULL},
     command_diff},
    {"explain",
     "RULE",
     "say what a rule in an error message means and how to mend it",
     "Examples:\n"
     "  cleat explain unknown-word\n"
     "  cleat explain --list",
     {explain_options, NULL},
     command_explain},
    {"import",
     "FILE [DIR]",
     "write a module for a database that is already there",
     "Examples:\n"
     "  cleat import old.db                     prints db_models.h\n"
     "  cleat import old.db schemas/old         writes it there, with views and triggers\n"
     "FILE is a database, or SQL when its name ends with .sql. What the schema language\n"
     "cannot say is told, and the command ends with 1.",
     {import_options, NULL},
     command_import},
    {"lint",
     "",
     "give advice about the design of the schemas",
     "Examples:\n"
     "  cleat lint\n"
     "  cleat explain money-as-real\n"
     "lint.conf in a root of modules turns rules on and off by path; a comment allows one:\n"
     "  // lint: allow RULE: why",
     {schema_options, NULL},
     command_lint},
    {"migrate",
     "new|amend|rebase|merge | status|up|down|verify|stamp DATABASE FILE | move TABLE FROM TO",
     "write the next migration, or run migrations on a database file",
     "Examples:\n"
     "  cleat migrate new -m \"Books have subtitles\"\n"
     "  cleat migrate new -m \"Pages are known\" --backfill 'books.pages: 0'\n"
     "  cleat migrate amend                         write the last one again, before it has run\n"
     "  cleat migrate rebase 0a1b2c3d4e5f           put a branch after the other end\n"
     "  cleat migrate merge                         join two ends that have both run\n"
     "  cleat migrate up catalog data/catalog.db --dry-run\n"
     "  cleat migrate status catalog data/catalog.db\n"
     "  cleat migrate stamp catalog data/old.db --to 0a1b2c3d4e5f\n"
     "  cleat migrate move visits data/catalog.db data/archive.db",
     {schema_options, migrate_options, NULL},
     command_migrate},
    {"list",
     "",
     "print every database with its tables and their modules",
     "Example:\n"
     "  cleat list --schemas modules",
     {schema_options, NULL},
     command_list},
    {"version", "", "print the version", "Example:\n  cleat version", {NULL}, command_version},
};

static void
print_usage(FILE *out)
{
    fputs(
        "Usage: cleat COMMAND [OPTION…]\n\n"
        "Reads the db_models.h of every module below schemas/ and writes generated/.\n\n",
        out);
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    fputs("\ncleat COMMAND --help tells more, with examples.\n", out);
}

static const struct command *
find_command(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* GLib would print the help and exit at once, also into a full disk. */
static bool
wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int
run_command(const struct command *command, int argc, char **argv)
{
    GError *error = NULL;
    GOptionContext *context = g_option_context_new(command->parameters);
    char *program = g_strdup_printf("cleat %s", command->name);
    g_set_prgname(program);
    g_option_context_set_summary(context, command->summary);
    g_option_context_set_description(context, command->examples);
    for (int i = 0; command->options[i] != NULL; i++)
        g_option_context_add_main_entries(context, command->options[i], NULL);
    int status = EXIT_USAGE;
    if (wants_help(argc, argv)) {
        char *help = g_option_context_get_help(context, TRUE, NULL);
        fputs(help, stdout);
        g_free(help);
        status = EXIT_FINE;
    } else if (g_option_context_parse(context, &argc, &argv, &error)) {
        status = command->run(argc, argv);
        if (status == EXIT_USAGE && argc > 1 && strcmp(command->parameters, "") == 0)
            fprintf(stderr, "cleat: '%s' takes no argument '%s'\n", command->name, argv[1]);
        else if (status == EXIT_USAGE)
            fprintf(stderr, "Usage: cleat %s [OPTION…] %s\n", command->name, command->parameters);
    } else {
        fprintf(stderr, "cleat: %s\n", error->message);
        g_error_free(error);
    }
    if (status == EXIT_USAGE)
        fprintf(stderr, "Try: cleat %s --help\n", command->name);
    g_option_context_free(context);
    g_free(program);
    return status;
}

/* A full disk or a closed pipe shows only now. */
static int
close_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "cleat: cannot write to standard output: %s\n", g_strerror(errno));
    return EXIT_ENVIRONMENT;
}

int
main(int argc, char **argv)
{
    /* Arguments are UTF-8 in every locale. Not the user's: in a Turkish one libclang cannot find its
     * own options, because the lower case of I is another letter there. */
    setlocale(LC_CTYPE, "C.UTF-8");
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command = find_command(name);
    int status = EXIT_USAGE;
    if (command != NULL) {
        status = run_command(command, argc - 1, argv + 1);
    } else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
               strcmp(name, "help") == 0) {
        print_usage(stdout);
        status = EXIT_FINE;
    } else if (strcmp(name, "--version") == 0) {
        status = command_version(1, NULL);
    } else {
        if (*name != '\0')
            fprintf(stderr, "cleat: there is no command '%s'\n", name);
        print_usage(stderr);
    }
    status = close_output(status);
    arena_free_all();
    return status;
}
