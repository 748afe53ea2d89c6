/* discover.c: from the roots of the command line to modules with their sources read. Every
 * directory below a root that holds a db_models.h is a module; its name is its path below the root
 * with dots. Directories that begin with a dot are passed over. Modules come out sorted by name. */
#include "model/stages.h"

#include "common/arena.h"
#include "common/text.h"

#include <errno.h>
#include <string.h>

#define SCHEMA_FILE "db_models.h"
#define QUERIES_FILE "db_queries.sql"
#define OBJECTS_FILE "db_objects.sql"

static const struct source *
read_source(const char *path, GError **ret_error)
{
    char *text;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, ret_error))
        return NULL;
    struct source *source = ARENA_NEW(struct source);
    source->path = arena_string(path);
    source->text = arena_string_n(text, length);
    source->length = length;
    g_free(text);
    return source;
}

/* Reads a file that stands beside the schema file. That there is none is no failure. */
static bool
read_beside(const char *file, const char *name, const struct source **ret_source,
            GError **ret_error)
{
    char *directory = g_path_get_dirname(file);
    char *path = strchr(file, '/') == NULL ? g_strdup(name)
                                           : g_strconcat(directory, "/", name, NULL);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        *ret_source = read_source(path, ret_error);
    bool fine = *ret_source != NULL || *ret_error == NULL;
    g_free(path);
    g_free(directory);
    return fine;
}

static bool
add_module(struct model *model, const char *file, const char *below, GError **ret_error)
{
    const struct source *source = read_source(file, ret_error);
    if (source == NULL)
        return false;
    struct module *module = ARENA_NEW(struct module);
    if (!read_beside(file, QUERIES_FILE, &module->queries_source, ret_error) ||
        !read_beside(file, OBJECTS_FILE, &module->objects_source, ret_error))
        return false;
    module->queries = arena_list();
    module->objects = arena_list();
    module->source = source;
    module->path = arena_string(below);
    module->name = g_strdelimit(arena_string(below), "/", '.');
    module->tables = arena_list();
    module->enumerations = arena_list();
    module->distincts = arena_list();
    module->includes = arena_list();
    g_ptr_array_add(model->modules, module);
    return true;
}

static bool
walk(struct model *model, const char *directory, const char *below, GError **ret_error)
{
    GDir *dir = g_dir_open(directory, 0, ret_error);
    if (dir == NULL)
        return false;
    bool fine = true;
    const char *name;
    while (fine && (name = g_dir_read_name(dir)) != NULL) {
        if (name[0] == '.')
            continue;
        char *path = g_strconcat(directory, "/", name, NULL);
        if (strcmp(name, SCHEMA_FILE) == 0) {
            fine = add_module(model, path, below, ret_error);
        } else if (g_file_test(path, G_FILE_TEST_IS_DIR) &&
                   !g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
            char *deeper = below[0] == '\0' ? g_strdup(name) : g_strconcat(below, "/", name, NULL);
            fine = walk(model, path, deeper, ret_error);
            g_free(deeper);
        }
        g_free(path);
    }
    g_dir_close(dir);
    return fine;
}

/* ---- a list of files instead of a walk ---- */

/* The part of a schema file's directory that lies below a root; NULL when it is below none. */
static char *
below_roots(const struct options *options, const char *file)
{
    char *directory = g_path_get_dirname(file);
    char *found = NULL;
    FOR_EACH(const char, root, options->roots) {
        char *canonical_root = g_canonicalize_filename(root, NULL);
        char *canonical = g_canonicalize_filename(directory, NULL);
        gsize length = strlen(canonical_root);
        if (strcmp(canonical, canonical_root) == 0)
            found = g_strdup("");
        else if (g_str_has_prefix(canonical, canonical_root) && canonical[length] == '/')
            found = g_strdup(canonical + length + 1);
        g_free(canonical);
        g_free(canonical_root);
        if (found != NULL)
            break;
    }
    g_free(directory);
    return found;
}

static bool
add_listed(const struct options *options, struct model *model, const char *file, GError **ret_error)
{
    char *below = below_roots(options, file);
    if (below == NULL) {
        g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s: '%s' is not below any --schemas directory", options->inputs, file);
        return false;
    }
    bool fine = add_module(model, file, below, ret_error);
    g_free(below);
    return fine;
}

static bool
read_list(const struct options *options, struct model *model, GError **ret_error)
{
    char *text;
    if (!g_file_get_contents(options->inputs, &text, NULL, ret_error))
        return false;
    char **lines = g_strsplit(text, "\n", -1);
    bool fine = true;
    for (char **line = lines; fine && *line != NULL; line++)
        if (*g_strstrip(*line) != '\0')
            fine = add_listed(options, model, *line, ret_error);
    g_strfreev(lines);
    g_free(text);
    return fine;
}

/* ---- the stage ---- */

static int
compare_modules(gconstpointer left, gconstpointer right)
{
    const struct module *a = *(struct module *const *)left;
    const struct module *b = *(struct module *const *)right;
    return strcmp(a->name, b->name);
}

/* The path stands in #include lines, where C has no way to write these; ?? begins a trigraph. */
static bool
can_be_included(const char *path)
{
    return text_is_visible(path) && strpbrk(path, "\"\\") == NULL && strstr(path, "??") == NULL;
}

/* Outputs take their names from modules, so two roots must not hold the same one. */
static bool
names_fit(const struct model *model, GError **ret_error)
{
    const struct module *before = NULL;
    FOR_EACH(struct module, module, model->modules) {
        if (module->path[0] == '\0') {
            g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                        "%s: a module is a directory below a root: move the file into one",
                        module->source->path);
            return false;
        }
        if (!can_be_included(module->path)) {
            g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                        "%s: no #include line can hold this path: rename the directory",
                        module->source->path);
            return false;
        }
        if (before != NULL && strcmp(before->name, module->name) == 0) {
            g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                        "module '%s' exists twice: %s and %s", module->name, before->source->path,
                        module->source->path);
            return false;
        }
        before = module;
    }
    return true;
}

bool
stage_discover(const struct options *options, struct model *model, GError **ret_error)
{
    if (options->inputs != NULL) {
        if (!read_list(options, model, ret_error))
            return false;
    } else {
        FOR_EACH(const char, root, options->roots) {
            if (!g_file_test(root, G_FILE_TEST_EXISTS)) {
                g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                            "there is no directory %s; --schemas names the root of modules", root);
                return false;
            }
            if (!walk(model, root, "", ret_error))
                return false;
        }
    }
    g_ptr_array_sort(model->modules, compare_modules);
    return names_fit(model, ret_error);
}
