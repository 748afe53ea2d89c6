/* command_import.c: cleat import writes a module for a database that is already there. */
#include "command.h"
#include "import/import.h"

#include "common/arena.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static char *option_database;

const GOptionEntry import_options[] = {
    {"database", 'd', 0, G_OPTION_ARG_STRING, &option_database,
     "The DATABASE_NAME (the name of the file without its ending)", "NAME"},
    G_OPTION_ENTRY_NULL};

static const char *
database_name(const char *path)
{
    if (option_database != NULL)
        return option_database;
    char *base = g_path_get_basename(path);
    char *dot = strrchr(base, '.');
    if (dot != NULL && dot != base)
        *dot = '\0';
    const char *name = import_identifier(base);
    g_free(base);
    return name;
}

static bool
read_snapshot(const char *path, struct snapshot **ret_snapshot, GError **ret_error)
{
    const char *database = database_name(path);
    if (!g_str_has_suffix(path, ".sql"))
        return snapshot_read_file(database, path, ret_snapshot, ret_error);
    char *text = NULL;
    bool fine = g_file_get_contents(path, &text, NULL, ret_error) &&
                snapshot_read_text(database, path, text, ret_snapshot, ret_error);
    g_free(text);
    return fine;
}

/* A module that is there already is somebody's work. */
static bool
write_new(const char *directory, const char *name, const GString *text, GError **ret_error)
{
    char *path = g_build_filename(directory, name, NULL);
    bool fine = !g_file_test(path, G_FILE_TEST_EXISTS);
    if (!fine)
        g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "%s is already there", path);
    else
        fine = g_file_set_contents(path, text->str, (gssize)text->len, ret_error);
    g_free(path);
    return fine;
}

static bool
write_module(const char *directory, const struct import *import, GError **ret_error)
{
    if (g_mkdir_with_parents(directory, 0777) != 0) {
        g_set_error(ret_error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", directory,
                    g_strerror(errno));
        return false;
    }
    return write_new(directory, "db_models.h", import->header, ret_error) &&
           (import->objects->len == 0 ||
            write_new(directory, "db_objects.sql", import->objects, ret_error));
}

static void
print_module(const struct import *import)
{
    fputs(import->header->str, stdout);
    if (import->objects->len > 0)
        fputs("cleat: views and triggers go to db_objects.sql: name a directory for both\n",
              stderr);
}

static int
report(const struct import *import)
{
    FOR_EACH(const char, lost, import->lost)
        fprintf(stderr, "cleat: not as in the file: %s\n", lost);
    return import->lost->len == 0 ? EXIT_FINE : EXIT_FINDINGS;
}

int
command_import(int argc, char **argv)
{
    if (argc < 2 || argc > 3)
        return EXIT_USAGE;
    struct snapshot *snapshot;
    GError *error = NULL;
    if (!read_snapshot(argv[1], &snapshot, &error))
        return environment_failed(error);
    struct import import = {snapshot, g_string_new(NULL), g_string_new(NULL), arena_list()};
    import_run(&import);
    int status = EXIT_FINE;
    if (argc == 2)
        print_module(&import);
    else if (!write_module(argv[2], &import, &error))
        status = environment_failed(error);
    if (status == EXIT_FINE)
        status = report(&import);
    g_string_free(import.header, TRUE);
    g_string_free(import.objects, TRUE);
    return status;
}
