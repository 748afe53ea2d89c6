/* main.c: the command line. A command reads its options and runs the stages in order; the run ends
 * with 0 when all is well, 1 for findings in schemas or generated files, 2 for a wrong command line
 * and 3 when the environment fails: files, the disk, libclang. Data goes to standard output, all
 * else to standard error. */
#include "arena.h"
#include "stages.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERSION "0.1.0"

enum { EXIT_FINE = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

/* ---- options ---- */

static char **option_schemas;
static char *option_out;
static char *option_name;
static char *option_inputs;
static char *option_default_database;
static char *option_depfile;
static char *option_stamp;
static char **option_includes;
static char **option_defines;
static gboolean option_list;

static const GOptionEntry schema_options[] = {
    {"schemas", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &option_schemas,
     "Root of modules; may be repeated (schemas)", "DIR"},
    {"inputs", 0, 0, G_OPTION_ARG_FILENAME, &option_inputs,
     "Read the schema files that FILE lists instead of walking the roots", "FILE"},
    {"include", 'I', 0, G_OPTION_ARG_FILENAME_ARRAY, &option_includes,
     "Search DIR for what schema files include", "DIR"},
    {"define", 'D', 0, G_OPTION_ARG_STRING_ARRAY, &option_defines,
     "Define a macro for the schema files", "NAME[=VALUE]"},
    {"name", 'n', 0, G_OPTION_ARG_STRING, &option_name, "The init table is NAME_init_table (app)",
     "NAME"},
    {"default-database", 0, 0, G_OPTION_ARG_STRING, &option_default_database,
     "Fail unless there is a database NAME", "NAME"},
    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &option_out,
     "Directory of the generated files (generated)", "DIR"},
    G_OPTION_ENTRY_NULL};

static const GOptionEntry build_options[] = {
    {"depfile", 0, 0, G_OPTION_ARG_FILENAME, &option_depfile,
     "Write the files that were read, as a make rule for the stamp", "FILE"},
    {"stamp", 0, 0, G_OPTION_ARG_FILENAME, &option_stamp, "Touch FILE after everything else",
     "FILE"},
    G_OPTION_ENTRY_NULL};

static const GOptionEntry explain_options[] = {
    {"list", 'l', 0, G_OPTION_ARG_NONE, &option_list, "Print the names of all rules", NULL},
    G_OPTION_ENTRY_NULL};

/* <cleat/schema.h> is in ../include beside the program, installed or in a build tree. */
static const char *
include_directory(void)
{
    char *program = g_file_read_link("/proc/self/exe", NULL);
    char *bin = g_path_get_dirname(program == NULL ? "." : program);
    char *include = g_build_filename(bin, "..", "include", NULL);
    char *header = g_build_filename(include, "cleat", "schema.h", NULL);
    const char *found = g_file_test(header, G_FILE_TEST_EXISTS) ? arena_string(include) : NULL;
    g_free(header);
    g_free(include);
    g_free(bin);
    g_free(program);
    return found == NULL ? "/usr/include" : found;
}

static GPtrArray *
strings_of(char **strings, const char *prefix, GPtrArray *list)
{
    for (; strings != NULL && *strings != NULL; strings++)
        g_ptr_array_add(list, arena_printf("%s%s", prefix, *strings));
    return list;
}

static bool
is_identifier(const char *text)
{
    if (!g_ascii_isalpha(*text))
        return false;
    while (g_ascii_isalnum(*text) || *text == '_')
        text++;
    return *text == '\0';
}

static struct options
read_options(void)
{
    struct options options = {0};
    options.name = option_name == NULL ? "app" : option_name;
    options.out = option_out == NULL ? "generated" : option_out;
    options.inputs = option_inputs;
    options.default_database = option_default_database;
    options.depfile = option_depfile;
    options.stamp = option_stamp;
    options.include_dir = include_directory();
    options.roots = strings_of(option_schemas, "", arena_list());
    if (options.roots->len == 0)
        g_ptr_array_add(options.roots, arena_string("schemas"));
    options.arguments = strings_of(option_includes, "-I", arena_list());
    strings_of(option_defines, "-D", options.arguments);
    return options;
}

/* ---- messages ---- */

static int
environment_failed(GError *error)
{
    fprintf(stderr, "cleat: %s\n", error->message);
    g_error_free(error);
    return EXIT_ENVIRONMENT;
}

static bool
has_colour(void)
{
    const char *term = g_getenv("TERM");
    const char *no_colour = g_getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && (no_colour == NULL || *no_colour == '\0') &&
           g_strcmp0(term, "dumb") != 0;
}

/* ---- the run ---- */

static struct model *
new_model(const struct options *options)
{
    struct model *model = ARENA_NEW(struct model);
    model->name = options->name;
    model->modules = arena_list();
    model->databases = arena_list();
    model->enumerations = arena_list();
    model->distincts = arena_list();
    return model;
}

static bool
has_database(const struct model *model, const char *name)
{
    FOR_EACH(struct database, database, model->databases)
        if (strcmp(database->name, name) == 0)
            return true;
    return false;
}

static bool
check_inputs(const struct options *options, const struct model *model, GError **ret_error)
{
    if (model->modules->len > 0 || options->inputs != NULL)
        return true;
    g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no db_models.h below %s",
                (const char *)g_ptr_array_index(options->roots, 0));
    return false;
}

/* From the roots to a model that SQLite has accepted, or to errors in diag. */
static bool
load_model(const struct options *options, struct model *model, struct diag *diag,
           GError **ret_error)
{
    if (!stage_discover(options, model, ret_error) || !check_inputs(options, model, ret_error) ||
        !stage_parse(options, model, diag, ret_error))
        return false;
    stage_interpret(model, diag);
    stage_group(model, diag);
    stage_queries(model, diag);
    stage_check(model, diag);
    stage_schema(model);
    stage_verify(model, diag);
    if (diag_error_count(diag) == 0)
        stage_infer(model, diag);
    return true;
}

typedef int finish_run(const struct options *options, const struct model *model);

/* Loads the model, and when it is without errors does the rest of a command. */
static int
run(finish_run *finish)
{
    struct options options = read_options();
    if (!is_identifier(options.name)) {
        fprintf(stderr, "cleat: --name '%s' cannot begin a C name\n", options.name);
        return EXIT_USAGE;
    }
    GError *error = NULL;
    struct diag *diag = diag_new();
    struct model *model = new_model(&options);
    int status = EXIT_FINE;
    if (!load_model(&options, model, diag, &error)) {
        status = environment_failed(error);
    } else if (diag_error_count(diag) > 0) {
        diag_print(diag, stderr, has_colour());
        status = EXIT_FINDINGS;
    } else if (options.default_database != NULL && !has_database(model, options.default_database)) {
        fprintf(stderr, "cleat: there is no database '%s' to be the default\n",
                options.default_database);
        status = EXIT_FINDINGS;
    } else {
        status = finish(&options, model);
    }
    diag_free(diag);
    return status;
}

/* ---- cleat generate ---- */

static void
append_escaped(GString *rule, const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path == ' ' || *path == '#')
            g_string_append_c(rule, '\\');
        if (*path == '$')
            g_string_append_c(rule, '$');
        g_string_append_c(rule, *path);
    }
}

static int
compare_paths(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* What the schema files include. They themselves are dependencies that the build names. */
static bool
write_depfile(const struct options *options, const struct model *model, GError **ret_error)
{
    if (options->depfile == NULL)
        return true;
    GPtrArray *paths = arena_list();
    FOR_EACH(struct module, module, model->modules)
        g_ptr_array_extend(paths, module->includes, NULL, NULL);
    if (options->inputs != NULL)
        g_ptr_array_add(paths, (char *)options->inputs);
    g_ptr_array_sort(paths, compare_paths);
    GString *rule = g_string_new(NULL);
    append_escaped(rule, options->stamp == NULL ? options->depfile : options->stamp);
    g_string_append_c(rule, ':');
    const char *before = "";
    FOR_EACH(const char, path, paths) {
        if (strcmp(path, before) == 0)
            continue;
        g_string_append(rule, " \\\n  ");
        append_escaped(rule, path);
        before = path;
    }
    g_string_append_c(rule, '\n');
    bool fine = g_file_set_contents(options->depfile, rule->str, (gssize)rule->len, ret_error);
    g_string_free(rule, TRUE);
    return fine;
}

static bool
write_stamp(const struct options *options, GError **ret_error)
{
    return options->stamp == NULL || g_file_set_contents(options->stamp, "", 0, ret_error);
}

static int
finish_generate(const struct options *options, const struct model *model)
{
    struct file_set *files = file_set_new(options->out);
    GError *error = NULL;
    bool differs = false;
    int status = EXIT_FINE;
    stage_emit(model, files);
    if (!file_set_finish(files, &differs, &error) || !write_depfile(options, model, &error) ||
        !write_stamp(options, &error))
        status = environment_failed(error);
    file_set_free(files);
    return status;
}

static int
command_generate(int argc, char **argv)
{
    (void)argv;
    return argc > 1 ? EXIT_USAGE : run(finish_generate);
}

/* ---- cleat check ---- */

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

static int
finish_check(const struct options *options, const struct model *model)
{
    struct file_set *files = file_set_compare(options->out, stdout);
    GError *error = NULL;
    bool differs = false;
    int status = check_scans(model) ? EXIT_FINE : EXIT_FINDINGS;
    stage_emit(model, files);
    if (!file_set_finish(files, &differs, &error)) {
        status = environment_failed(error);
    } else if (differs) {
        fprintf(stderr, "cleat: %s is stale; run: cleat generate\n", options->out);
        status = EXIT_FINDINGS;
    }
    file_set_free(files);
    return status;
}

static int
command_check(int argc, char **argv)
{
    (void)argv;
    return argc > 1 ? EXIT_USAGE : run(finish_check);
}

/* ---- cleat list ---- */

static int
finish_list(const struct options *options, const struct model *model)
{
    (void)options;
    FOR_EACH(struct database, database, model->databases) {
        printf("%s\n", database->name);
        FOR_EACH(struct table, table, database->tables)
            printf("  %s (%s)\n", table->name, table->module->name);
    }
    return EXIT_FINE;
}

static int
command_list(int argc, char **argv)
{
    (void)argv;
    return argc > 1 ? EXIT_USAGE : run(finish_list);
}

/* ---- cleat explain ---- */

static int
command_explain(int argc, char **argv)
{
    if (option_list && argc == 1) {
        for (int i = 0; i < RULE_COUNT; i++)
            printf("%s\n", rules[i].name);
        return EXIT_FINE;
    }
    if (argc != 2)
        return EXIT_USAGE;
    const struct rule *rule = rule_find(argv[1]);
    if (rule == NULL) {
        const char *names[RULE_COUNT + 1] = {NULL};
        for (int i = 0; i < RULE_COUNT; i++)
            names[i] = rules[i].name;
        const char *nearest = diag_nearest(argv[1], names);
        fprintf(stderr, "cleat: there is no rule '%s'", argv[1]);
        fprintf(stderr, nearest == NULL ? "\n" : "; did you mean '%s'?\n", nearest);
        return EXIT_USAGE;
    }
    printf("%s\n\n%s\n", rule->name, rule->explanation);
    return EXIT_FINE;
}

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
     {schema_options, NULL},
     command_check},
    {"explain",
     "RULE",
     "say what a rule in an error message means and how to mend it",
     "Examples:\n"
     "  cleat explain unknown-word\n"
     "  cleat explain --list",
     {explain_options, NULL},
     command_explain},
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
