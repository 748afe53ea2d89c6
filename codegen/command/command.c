/* command.c: what commands share: the options that say where schemas are and where generated files
 * go, the way from roots to a checked model, and how a run ends. */
#include "command.h"

#include "common/arena.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- options ---- */

static char **option_schemas;
static char *option_out;
static char *option_name;
static char *option_inputs;
static char *option_default_database;
static char *option_migrations;
static char **option_includes;
static char **option_defines;

const GOptionEntry schema_options[] = {
    {"schemas", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &option_schemas,
     "Root of modules; may be repeated (schemas)", "DIR"},
    {"inputs", 0, 0, G_OPTION_ARG_FILENAME, &option_inputs,
     "Read the schema files that FILE lists instead of walking the roots", "FILE"},
    {"include", 'I', 0, G_OPTION_ARG_FILENAME_ARRAY, &option_includes,
     "Search DIR for what schema files include", "DIR"},
    {"define", 'D', 0, G_OPTION_ARG_STRING_ARRAY, &option_defines,
     "Define a macro for the schema files", "NAME[=VALUE]"},
    {"migrations", 0, 0, G_OPTION_ARG_FILENAME, &option_migrations,
     "Directory of the migrations (schemas/migrations)", "DIR"},
    {"name", 'n', 0, G_OPTION_ARG_STRING, &option_name, "The init table is NAME_init_table (app)",
     "NAME"},
    {"default-database", 0, 0, G_OPTION_ARG_STRING, &option_default_database,
     "Fail unless there is a database NAME", "NAME"},
    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &option_out,
     "Directory of the generated files (generated)", "DIR"},
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

struct options
read_options(void)
{
    struct options options = {0};
    options.name = option_name == NULL ? "app" : option_name;
    options.out = option_out == NULL ? "generated" : option_out;
    options.out_given = option_out != NULL;
    options.inputs = option_inputs;
    options.default_database = option_default_database;
    options.include_dir = include_directory();
    options.roots = strings_of(option_schemas, "", arena_list());
    if (options.roots->len == 0)
        g_ptr_array_add(options.roots, arena_string("schemas"));
    options.migrations = option_migrations;
    if (options.migrations == NULL)
        options.migrations = arena_printf("%s/migrations",
                                          (char *)g_ptr_array_index(options.roots, 0));
    options.arguments = strings_of(option_includes, "-I", arena_list());
    strings_of(option_defines, "-D", options.arguments);
    return options;
}

/* ---- messages ---- */

int
environment_failed(GError *error)
{
    fprintf(stderr, "cleat: %s\n", error->message);
    g_error_free(error);
    return EXIT_ENVIRONMENT;
}

bool
has_colour(void)
{
    const char *term = g_getenv("TERM");
    const char *no_colour = g_getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && (no_colour == NULL || *no_colour == '\0') &&
           g_strcmp0(term, "dumb") != 0;
}

/* ---- the run ---- */

struct model *
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

bool
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
    g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "no db_models.h below %s; --schemas names another root",
                (const char *)g_ptr_array_index(options->roots, 0));
    return false;
}

/* From the roots to a model that SQLite has accepted, or to errors in diag. */
bool
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
    if (diag_error_count(diag) > 0 || options->migrations == NULL)
        return true;
    return stage_migrations(options, model, diag, ret_error);
}

/* Loads the model, and when it is without errors does the rest of a command. */
int
run(const struct options *options, finish_run *finish)
{
    if (!is_identifier(options->name)) {
        fprintf(stderr, "cleat: --name '%s' cannot begin a C name\n", options->name);
        return EXIT_USAGE;
    }
    GError *error = NULL;
    struct diag *diag = diag_new();
    struct model *model = new_model(options);
    int status = EXIT_FINE;
    if (!load_model(options, model, diag, &error)) {
        status = environment_failed(error);
    } else if (diag_error_count(diag) > 0) {
        diag_print(diag, stderr, has_colour());
        status = EXIT_FINDINGS;
    } else if (options->default_database != NULL &&
               !has_database(model, options->default_database)) {
        fprintf(stderr, "cleat: there is no database '%s' to be the default\n",
                options->default_database);
        status = EXIT_FINDINGS;
    } else {
        status = finish(options, model);
    }
    diag_free(diag);
    return status;
}
