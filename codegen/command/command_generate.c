/* command_generate.c: cleat generate writes every generated file, and for a build its depfile and
 * stamp. */
#include "command.h"

#include "migrate/migrations.h"

#include "common/arena.h"

#include <string.h>

static char *option_depfile;
static char *option_stamp;

const GOptionEntry build_options[] = {
    {"depfile", 0, 0, G_OPTION_ARG_FILENAME, &option_depfile,
     "Write the files that were read, as a make rule for the stamp", "FILE"},
    {"stamp", 0, 0, G_OPTION_ARG_FILENAME, &option_stamp, "Touch FILE after everything else",
     "FILE"},
    G_OPTION_ENTRY_NULL};

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
    FOR_EACH(struct database, database, model->databases)
        for (guint i = 0; database->migrations != NULL && i < database->migrations->len; i++) {
            const struct migration *migration = g_ptr_array_index(database->migrations, i);
            g_ptr_array_add(paths, (char *)migration->source->path);
        }
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

/* No error yet: a schema that is being worked on has no migration. cleat check is stricter. */
static void
warn_of_unmigrated(const struct model *model)
{
    FOR_EACH(struct database, database, model->databases) {
        const struct migration *head = migration_head(database->migrations);
        if (head != NULL && strcmp(head->schema, database->revision) != 0)
            fprintf(stderr,
                    "cleat: warning: the schema of database '%s' has no migration yet; when it is "
                    "done, run: cleat migrate new -m \"...\"\n",
                    database->name);
    }
}

static int
finish_generate(const struct options *options, const struct model *model)
{
    struct file_set *files = file_set_new(options->out);
    GError *error = NULL;
    bool differs = false;
    int status = EXIT_FINE;
    warn_of_unmigrated(model);
    stage_emit(model, files);
    if (!file_set_finish(files, &differs, &error) || !write_depfile(options, model, &error) ||
        !write_stamp(options, &error))
        status = environment_failed(error);
    file_set_free(files);
    return status;
}

int
command_generate(int argc, char **argv)
{
    (void)argv;
    struct options options = read_options();
    options.depfile = option_depfile;
    options.stamp = option_stamp;
    return argc > 1 ? EXIT_USAGE : run(&options, finish_generate);
}
