/* check_cache.c: a record of one check that found nothing: a digest over everything that could change
 * the answer. It is over the program and its libraries, the options, the names of all files below the
 * roots, the include directories and the output, and the contents of all inputs and outputs; never
 * over times of files, which git and copies set as they like. Records lie in the user's cache
 * directory (or $CLEAT_CACHE_DIR; none when that is empty), never in the project. */
#include "check_cache.h"

#include "common/arena.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what the answer depends on ---- */

static void
add_text(GChecksum *digest, const char *text)
{
    /* The end too: "ab", "c" is not "a", "bc". */
    const char *known = text == NULL ? "" : text;
    g_checksum_update(digest, (const guchar *)known, (gssize)strlen(known) + 1);
}

static void
add_list(GChecksum *digest, const GPtrArray *list)
{
    FOR_EACH(const char, text, list)
        add_text(digest, text);
    add_text(digest, "end of list");
}

/* A file that is not there is not the same as an empty one. */
static void
add_file(GChecksum *digest, const char *path)
{
    GMappedFile *file = g_mapped_file_new(path, FALSE, NULL);
    add_text(digest, path);
    if (file == NULL) {
        add_text(digest, "none");
        return;
    }
    gsize length = g_mapped_file_get_length(file);
    add_text(digest, arena_printf("%" G_GSIZE_FORMAT, length));
    if (length > 0)
        g_checksum_update(digest, (const guchar *)g_mapped_file_get_contents(file), (gssize)length);
    g_mapped_file_unref(file);
}

static int
compare_paths(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* "address permissions offset device inode path" of something that is run, not just read. */
static bool
is_code(const char *mapping)
{
    const char *permissions = strchr(mapping, ' ');
    return permissions != NULL && strlen(permissions) > 3 && permissions[3] == 'x' &&
           strchr(mapping, '/') != NULL;
}

/* The program and the libraries that are loaded with it: another libclang or SQLite may judge in
 * another way. Taken once, at the start: what is loaded or mapped later depends on the way. */
static const char *
program_text(void)
{
    static const char *known;
    if (known != NULL)
        return known;
    GString *text = g_string_new(NULL);
    char *maps = NULL;
    g_file_get_contents("/proc/self/maps", &maps, NULL, NULL);
    char **lines = g_strsplit(maps == NULL ? "" : maps, "\n", -1);
    GPtrArray *paths = arena_list();
    const char *before = "";
    for (char **line = lines; *line != NULL; line++)
        if (is_code(*line))
            g_ptr_array_add(paths, strchr(*line, '/'));
    g_ptr_array_sort(paths, compare_paths); /* addresses, and with them the order, are random */
    FOR_EACH(const char, path, paths) {
        GStatBuf status;
        if (strcmp(path, before) == 0 || g_stat(path, &status) != 0 ||
            strstr(path, "gconv") != NULL)
            continue;
        before = path;
        g_string_append_printf(text, "%s %lld %lld\n", path, (long long)status.st_size,
                               (long long)status.st_mtime);
    }
    g_strfreev(lines);
    g_free(maps);
    known = arena_string_n(text->str, text->len);
    g_string_free(text, TRUE);
    return known;
}

static void
add_options(GChecksum *digest, const struct options *options)
{
    static const char *const variables[] = {"CPATH", "C_INCLUDE_PATH", "CLEAT_CACHE_DIR"};
    char *directory = g_get_current_dir();
    add_text(digest, directory);
    g_free(directory);
    add_text(digest, options->name);
    add_text(digest, options->out);
    add_text(digest, options->inputs);
    add_text(digest, options->default_database);
    add_text(digest, options->include_dir);
    add_text(digest, options->migrations);
    add_list(digest, options->roots);
    add_list(digest, options->arguments);
    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++)
        add_text(digest, g_getenv(variables[i]));
}

/* ---- files ---- */

/* Every file below a directory, sorted. */
static void
list_files(const char *directory, GPtrArray *files)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GDir *opened = g_dir_open(directory, 0, NULL);
    const char *name;
    while (opened != NULL && (name = g_dir_read_name(opened)) != NULL)
        g_ptr_array_add(names, g_build_filename(directory, name, NULL));
    if (opened != NULL)
        g_dir_close(opened);
    g_ptr_array_sort(names, compare_paths);
    for (guint i = 0; i < names->len; i++) {
        const char *path = g_ptr_array_index(names, i);
        if (!g_file_test(path, G_FILE_TEST_IS_DIR))
            g_ptr_array_add(files, arena_string(path));
        else if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            list_files(path, files);
    }
    g_ptr_array_unref(names);
}

/* What an include could lead to. */
static void
add_include_names(GChecksum *digest, const struct options *options)
{
    GPtrArray *files = arena_list();
    FOR_EACH(const char, argument, options->arguments)
        if (g_str_has_prefix(argument, "-I"))
            list_files(argument + 2, files);
    add_list(digest, files);
}

static const char *
digest_of(const struct options *options, const GPtrArray *includes)
{
    GChecksum *digest = g_checksum_new(G_CHECKSUM_SHA256);
    GPtrArray *files = arena_list();
    add_text(digest, program_text());
    add_options(digest, options);
    add_include_names(digest, options);
    FOR_EACH(const char, root, options->roots)
        list_files(root, files);
    list_files(options->migrations, files);
    list_files(options->out, files);
    g_ptr_array_extend(files, (GPtrArray *)includes, NULL, NULL);
    if (options->inputs != NULL) {
        char *text = NULL;
        g_ptr_array_add(files, (char *)options->inputs);
        if (g_file_get_contents(options->inputs, &text, NULL, NULL)) {
            char **lines = g_strsplit(text, "\n", -1);
            for (char **line = lines; *line != NULL; line++)
                if (**line != '\0')
                    g_ptr_array_add(files, arena_string(*line));
            g_strfreev(lines);
        }
        g_free(text);
    }
    FOR_EACH(const char, path, files)
        add_file(digest, path);
    const char *hex = arena_string(g_checksum_get_string(digest));
    g_checksum_free(digest);
    return hex;
}

/* ---- the record ---- */

/* One for each project and way to call: its first line is the digest, then come the files that the
 * schemas included. */
static char *
record_path(const struct options *options)
{
    const char *set = g_getenv("CLEAT_CACHE_DIR");
    if (set != NULL && *set == '\0')
        return NULL;
    GChecksum *name = g_checksum_new(G_CHECKSUM_SHA256);
    add_options(name, options);
    char *base = set == NULL ? g_build_filename(g_get_user_cache_dir(), "cleat", NULL)
                             : g_strdup(set);
    char *path = g_build_filename(base, g_checksum_get_string(name), NULL);
    g_free(base);
    g_checksum_free(name);
    return path;
}

bool
check_cache_is_fine(const struct options *options)
{
    program_text();
    char *path = record_path(options), *text = NULL;
    bool fine = path != NULL && g_file_get_contents(path, &text, NULL, NULL);
    if (fine) {
        char **lines = g_strsplit(text, "\n", -1);
        GPtrArray *includes = arena_list();
        for (char **line = lines + 1; lines[0] != NULL && *line != NULL; line++)
            if (**line != '\0')
                g_ptr_array_add(includes, arena_string(*line));
        fine = lines[0] != NULL && strcmp(lines[0], digest_of(options, includes)) == 0;
        g_strfreev(lines);
    }
    g_free(text);
    g_free(path);
    return fine;
}

/* The includes of all modules, each once. */
static GPtrArray *
includes_of(const struct model *model)
{
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *includes = arena_list();
    FOR_EACH(struct module, module, model->modules) {
        FOR_EACH(const char, path, module->includes)
            if (g_hash_table_add(seen, (gpointer)path))
                g_ptr_array_add(includes, (char *)path);
    }
    g_ptr_array_sort(includes, compare_paths);
    g_hash_table_unref(seen);
    return includes;
}

void
check_cache_store(const struct options *options, const struct model *model)
{
    char *path = record_path(options);
    if (path == NULL)
        return;
    GPtrArray *includes = includes_of(model);
    GString *text = g_string_new(digest_of(options, includes));
    FOR_EACH(const char, include, includes)
        g_string_append_printf(text, "\n%s", include);
    char *directory = g_path_get_dirname(path);
    if (g_mkdir_with_parents(directory, 0700) == 0)
        g_file_set_contents(path, text->str, (gssize)text->len, NULL);
    g_free(directory);
    g_string_free(text, TRUE);
    g_free(path);
}
