/* backup.c: a set of copies of all databases as they were at one moment. For an instant all write
 * locks are held, while a reading transaction begins on each database; what these see is one state,
 * and it is copied while writers go on. The copies are made in a directory that gets its name when
 * all of them are on disk. */
#include "maintain.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pages between two calls of the hook. */
#define STEP 256

/* For a lock while others are held, in nanoseconds. */
#define SHORT_WAIT INT64_C(30000000)

struct backup {
    cleat_registry *registry;
    char *directory; /* what the set will be */
    char *beside;    /* where it is made */
    sqlite3 **readers;
    sqlite3 **lockers;
    cleat_backup_hook *hook;
    void *data;
    cleat_error error;
};

static cleat_status
fail_system(struct backup *backup, const char *path, int code)
{
    bool taken = code == ENOTEMPTY || code == EEXIST;
    cleat_status status = taken ? CLEAT_CONFLICT : cleat_status_of_system(code);
    return cleat_error_set(&backup->error, status, "the backup %s: %s", path, strerror(code));
}

static cleat_status
fail_sqlite(struct backup *backup, sqlite3 *handle, int code, size_t place)
{
    return cleat_error_sqlite(&backup->error, handle, code,
                              backup->registry->databases[place].schema->name, NULL, NULL);
}

/* ---- one moment ---- */

static cleat_status
open_handles(struct backup *backup)
{
    const cleat_registry *registry = backup->registry;
    cleat_status rc = CLEAT_OK;
    backup->readers = calloc(registry->count + 1, sizeof(sqlite3 *));
    backup->lockers = calloc(registry->count + 1, sizeof(sqlite3 *));
    if (backup->readers == NULL || backup->lockers == NULL)
        return cleat_error_memory(&backup->error);
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++) {
        const struct database *database = &registry->databases[i];
        rc = cleat_maintain_open(database, &backup->lockers[i], &backup->error);
        if (rc == CLEAT_OK)
            rc = cleat_maintain_open(database, &backup->readers[i], &backup->error);
    }
    return rc;
}

static void
close_handles(struct backup *backup)
{
    for (size_t i = 0; i < backup->registry->count; i++) {
        if (backup->lockers != NULL)
            sqlite3_close(backup->lockers[i]);
        if (backup->readers != NULL)
            sqlite3_close(backup->readers[i]);
    }
    free(backup->lockers);
    free(backup->readers);
}

/* Locks one database, waiting until `deadline` at most. */
static int
lock_one(const struct backup *backup, size_t place, int64_t deadline)
{
    int64_t left = (deadline - cleat_clock()) / 1000000;
    sqlite3_busy_timeout(backup->lockers[place], left > 0 ? (int)left : 0);
    return sqlite3_exec(backup->lockers[place], "BEGIN IMMEDIATE", NULL, NULL, NULL);
}

static void
unlock_all(const struct backup *backup)
{
    for (size_t i = 0; i < backup->registry->count; i++)
        if (!sqlite3_get_autocommit(backup->lockers[i]))
            sqlite3_exec(backup->lockers[i], "ROLLBACK", NULL, NULL, NULL);
}

/* A session may hold one database and only then write another, so in no order is it safe to wait
 * for a lock while others are held. Therefore the one that was not to be had comes first the next
 * time, when nothing is held; for those after it the wait is short. */
static int
lock_all(const struct backup *backup, size_t *ret_place)
{
    int64_t deadline = cleat_clock();
    size_t count = backup->registry->count, first = 0;
    int longest = 0, rc;
    for (size_t i = 0; i < count; i++)
        if (backup->registry->databases[i].options.busy_timeout_ms > longest)
            longest = backup->registry->databases[i].options.busy_timeout_ms;
    deadline += longest * INT64_C(1000000);
    do {
        *ret_place = first;
        rc = lock_one(backup, first, deadline);
        for (size_t i = 0; rc == SQLITE_OK && i < count; i++) {
            if (i == first)
                continue;
            *ret_place = i;
            rc = lock_one(backup, i, cleat_clock() + SHORT_WAIT);
        }
        if (rc != SQLITE_OK)
            unlock_all(backup);
        first = *ret_place;
    } while ((rc & 0xff) == SQLITE_BUSY && cleat_clock() < deadline);
    return rc;
}

/* Begins to read everywhere while nobody can write. To ask for a number in the header begins a
 * reading transaction, and reads no schema. */
static cleat_status
choose_moment(struct backup *backup)
{
    size_t count = backup->registry->count, place = 0;
    int number, rc = count == 0 ? SQLITE_OK : lock_all(backup, &place);
    if (rc != SQLITE_OK)
        return fail_sqlite(backup, backup->lockers[place], rc, place);
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++) {
        place = i;
        rc = sqlite3_exec(backup->readers[i], "BEGIN", NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            rc = cleat_ask_number(backup->readers[i], "PRAGMA user_version", &number);
    }
    cleat_status status = CLEAT_OK;
    if (rc != SQLITE_OK)
        status = fail_sqlite(backup, backup->readers[place], rc, place);
    unlock_all(backup);
    return status;
}

/* ---- copies ---- */

static cleat_status
copy_pages(struct backup *backup, sqlite3 *copy, size_t place)
{
    const char *name = backup->registry->databases[place].schema->name;
    sqlite3_backup *pages = sqlite3_backup_init(copy, "main", backup->readers[place], "main");
    if (pages == NULL)
        return fail_sqlite(backup, copy, sqlite3_extended_errcode(copy), place);
    bool go_on = true;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && go_on) {
        rc = sqlite3_backup_step(pages, STEP);
        if (backup->hook != NULL && (rc == SQLITE_OK || rc == SQLITE_DONE)) {
            int64_t total = sqlite3_backup_pagecount(pages);
            go_on = backup->hook(backup->data, name, total - sqlite3_backup_remaining(pages),
                                 total);
        }
    }
    sqlite3_backup_finish(pages);
    if (!go_on)
        return cleat_error_set(&backup->error, CLEAT_INTERRUPTED,
                               "the program has ended the backup of %s", name);
    if (rc != SQLITE_DONE)
        return fail_sqlite(backup, copy, rc, place);
    return CLEAT_OK;
}

static cleat_status
copy_into(struct backup *backup, const char *path, size_t place)
{
    sqlite3 *copy = NULL;
    int rc = sqlite3_open_v2(path, &copy,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                             NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL,
                          NULL);
    cleat_status status = CLEAT_OK;
    if (rc != SQLITE_OK)
        status = fail_sqlite(backup, copy, rc, place);
    else
        status = copy_pages(backup, copy, place);
    sqlite3_close(copy);
    return status;
}

/* SQLite gives a copy another version of its schema; the original's says that nobody changed it.
 * Then the file goes to disk. */
static cleat_status
finish_copy(struct backup *backup, int file, const char *path, size_t place)
{
    int version = 0;
    int rc = cleat_ask_number(backup->readers[place], "PRAGMA schema_version", &version);
    if (rc != SQLITE_OK)
        return fail_sqlite(backup, backup->readers[place], rc, place);
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)((unsigned)version >> (24 - 8 * i));
    if (pwrite(file, bytes, sizeof bytes, 40) != (ssize_t)sizeof bytes || fsync(file) != 0)
        return fail_system(backup, path, errno);
    return CLEAT_OK;
}

static cleat_status
copy_database(struct backup *backup, size_t place)
{
    const char *name = backup->registry->databases[place].schema->name;
    char *path = cleat_text("%s/%s.db", backup->beside, name);
    if (path == NULL)
        return cleat_error_memory(&backup->error);
    cleat_status rc = CLEAT_OK;
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        rc = fail_system(backup, path, errno);
    if (rc == CLEAT_OK)
        rc = copy_into(backup, path, place);
    if (rc == CLEAT_OK)
        rc = finish_copy(backup, file, path, place);
    if (file >= 0)
        close(file);
    free(path);
    return rc;
}

/* ---- the directory ---- */

/* Whether something is in a directory; nothing is in one that is not there. */
static bool
is_taken(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return errno != ENOENT;
    int count = 0;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count > 2;
}

static cleat_status
make_beside(struct backup *backup, const char *directory)
{
    struct directory parent = {NULL, NULL};
    struct stat found;
    char *text = cleat_text("%s", directory);
    if (text == NULL)
        return cleat_error_memory(&backup->error);
    for (size_t end = strlen(text); end > 1 && text[end - 1] == '/'; end--)
        text[end - 1] = '\0';
    cleat_status rc = cleat_path_resolve(text, &parent, &backup->directory, &found, &backup->error);
    cleat_directory_forget(&parent);
    free(text);
    if (rc < 0)
        return rc;
    if (is_taken(backup->directory))
        return cleat_error_set(&backup->error, CLEAT_CONFLICT,
                               "the backup %s: something is there already", backup->directory);
    char *beside = cleat_text("%s.XXXXXX", backup->directory);
    if (beside == NULL)
        return cleat_error_memory(&backup->error);
    if (mkdtemp(beside) == NULL) {
        fail_system(backup, beside, errno);
        free(beside);
        return backup->error.status;
    }
    backup->beside = beside;
    return CLEAT_OK;
}

/* Brings the entries of a directory to disk. Some file systems cannot, which is no failure. */
static cleat_status
sync_directory(struct backup *backup, const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleat_status rc = CLEAT_OK;
    if (directory >= 0 && fsync(directory) != 0 && errno != EINVAL && errno != ENOTSUP)
        rc = fail_system(backup, path, errno);
    if (directory >= 0)
        close(directory);
    return rc;
}

static cleat_status
publish(struct backup *backup)
{
    cleat_status rc = sync_directory(backup, backup->beside);
    if (rc < 0)
        return rc;
    if (rename(backup->beside, backup->directory) != 0)
        return fail_system(backup, backup->directory, errno);
    char *slash = strrchr(backup->directory, '/');
    *slash = '\0';
    rc = sync_directory(backup, slash == backup->directory ? "/" : backup->directory);
    *slash = '/';
    /* a name that may not last is none: what failed leaves nothing */
    if (rc < 0 && rename(backup->directory, backup->beside) == 0)
        return rc;
    free(backup->beside);
    backup->beside = NULL;
    return rc;
}

/* Removes what was made so far. */
static void
abandon(const struct backup *backup)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < backup->registry->count; i++) {
        for (size_t j = 0; j < CLEAT_COUNT(suffixes); j++) {
            char *path = cleat_text("%s/%s.db%s", backup->beside,
                                    backup->registry->databases[i].schema->name, suffixes[j]);
            if (path != NULL)
                unlink(path);
            free(path);
        }
    }
    rmdir(backup->beside);
}

cleat_status
cleat_registry_backup(cleat_registry *registry, const char *directory, cleat_backup_hook *hook,
                      void *data)
{
    cleat_status rc = cleat_registry_enter(registry);
    if (rc < 0 || directory == NULL)
        return rc < 0 ? rc : CLEAT_MISUSE;
    struct backup backup = {.registry = registry, .hook = hook, .data = data};
    rc = make_beside(&backup, directory);
    if (rc == CLEAT_OK)
        rc = open_handles(&backup);
    if (rc == CLEAT_OK)
        rc = choose_moment(&backup);
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++)
        rc = copy_database(&backup, i);
    close_handles(&backup);
    if (rc == CLEAT_OK)
        rc = publish(&backup);
    if (backup.beside != NULL)
        abandon(&backup);
    free(backup.beside);
    free(backup.directory);
    return rc == CLEAT_OK ? rc : cleat_registry_fail(registry, &backup.error);
}
