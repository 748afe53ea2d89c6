/* readme.c DIRECTORY: the program of the README, on databases in a new or empty directory. Exits 0
 * when its loan was written, read and committed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <init_table.h>
#include <library/db_models.cleat.h>

static void
run(cleat_settings settings)
{
    cleat_registry *registry = NULL;
    cleat_session *s = NULL;
    cleat_cursor cursor;
    cleat_status rc;
    int64_t rows = 0, stored = 0;
#include "readme.inc"
    assert(rc == CLEAT_DONE && rows == 1);
    cleat_session_close(s);
    assert(cleat_session_open(registry, "library", CLEAT_READ, &s) == CLEAT_OK);
    assert(library_loans_count(s, &stored) == CLEAT_OK && stored == 1);
    cleat_session_close(s);
    cleat_registry_close(registry);
}

int
main(int argc, char **argv)
{
    cleat_settings settings;
    if (argc != 2)
        return EXIT_FAILURE;
    cleat_settings_init(&settings, NULL);
    if (cleat_settings_set(&settings, "directory", argv[1]) < 0)
        return EXIT_FAILURE;
    run(settings);
    return EXIT_SUCCESS;
}
