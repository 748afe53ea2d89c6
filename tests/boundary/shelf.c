/* shelf.c: the fixture of the boundary tests. Every test gets a directory of its own and leaves
 * none. */
/* mkdtemp is POSIX, not C11. */
#define _POSIX_C_SOURCE 200809L

#include "shelf.h"
#include "../temporary.h"

#include <dirent.h>
#include <init_table.h>
#include <stdio.h>
#include <unistd.h>

cleat_registry *shelf_registry;
cleat_session *shelf_session;
char shelf_path[80];
static char directory[64];

void
shelf_return(void)
{
    cleat_settings settings;
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", directory);
    cleat_settings_set(&settings, "log_level", "none");
    cleat_status rc = cleat_registry_open(&shelf_model_init_table, &settings, &shelf_registry);
    if (rc != CLEAT_OK)
        print_error("%s\n", cleat_registry_error(shelf_registry)->text);
    assert_int_equal(rc, CLEAT_OK);
    rc = cleat_session_open(shelf_registry, "shelf", CLEAT_WRITE, &shelf_session);
    assert_int_equal(rc, CLEAT_OK);
}

void
shelf_leave(void)
{
    cleat_session_close(shelf_session);
    cleat_registry_close(shelf_registry);
    shelf_session = NULL;
    shelf_registry = NULL;
}

int
shelf_open(void **state)
{
    (void)state;
    if (!make_temporary(directory, sizeof directory, "boundary"))
        return -1;
    snprintf(shelf_path, sizeof shelf_path, "%s/shelf.db", directory);
    shelf_return();
    return 0;
}

int
shelf_close(void **state)
{
    char path[sizeof directory + sizeof(((struct dirent *)0)->d_name)];
    (void)state;
    shelf_leave();
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        unlink(path); /* which does nothing to . and .. */
    }
    closedir(listing);
    return rmdir(directory);
}

shelf_books_row
shelf_book(void)
{
    shelf_books_row row = shelf_books_defaults();
    row.id = 9007199254740993; /* 2^53 + 1 */
    row.title = "The sea";
    row.note = "\"wet\"\n\xE2\x82\xAC";
    row.meta = "{\"z\": 1, \"a\": [1.50, 1e2, -0]}";
    row.extra = "12345678901234567890123";
    row.cover = (cleat_blob){"\0\xFF\x10", 3};
    row.has_price = true;
    row.price = 0.1;
    row.has_repaired = true;
    row.repaired = BINDING_LEATHER;
    row.has_seen_at = true;
    row.seen_at = 1700000000123456;
    strcpy(row.made_at, "2026-01-31T23:59:59.123Z");
    strcpy(row.copy, "0190b5a2-7e6c-7abc-8def-0123456789ab");
    row.has_owner = true;
    strcpy(row.owner, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    return row;
}

unsigned
shelf_random(unsigned limit)
{
    static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % limit;
}

void
shelf_expect(cleat_status expected, cleat_status rc)
{
    if (rc != expected)
        print_error("%s: %s\n", cleat_status_name(rc), cleat_session_error(shelf_session)->text);
    assert_int_equal(rc, expected);
}
