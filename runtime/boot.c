/* boot.c: every database is there, with its whole schema, before anyone connects. Takes a registry
 * with paths; leaves each file created, migrated or verified, and says so in the log. Where some file
 * is not as it shall be, processes that start at once are serialised by a lock file in each
 * directory, taken in one order. */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME ".cleat-lock"

/* What a file is, whatever its name. */
struct identity {
    const struct database *database;
    bool exists;
    dev_t device;
    ino_t inode;
};

/* An order of files and directories that is everybody's, whatever they call them. */
static int
compare_inodes(dev_t device, ino_t inode, dev_t other_device, ino_t other_inode)
{
    int devices = (device > other_device) - (device < other_device);
    int inodes = (inode > other_inode) - (inode < other_inode);
    return devices != 0 ? devices : inodes;
}

static int
compare_identities(const void *one, const void *other)
{
    const struct identity *left = one, *right = other;
    if (left->exists != right->exists)
        return left->exists ? -1 : 1;
    if (!left->exists)
        return strcmp(left->database->path, right->database->path);
    return compare_inodes(left->device, left->inode, right->device, right->inode);
}

/* Two names for one file would block each other for ever, or worse. */
static cleat_status
check_distinct(cleat_registry *registry)
{
    struct identity *files = calloc(registry->count + 1, sizeof *files);
    cleat_status rc = CLEAT_OK;
    if (files == NULL)
        return cleat_error_memory(&registry->error);
    for (size_t i = 0; i < registry->count; i++) {
        struct stat found;
        const struct database *database = &registry->databases[i];
        bool exists = stat(database->path, &found) == 0;
        files[i] = (struct identity){database, exists, exists ? found.st_dev : 0,
                                     exists ? found.st_ino : 0};
    }
    qsort(files, registry->count, sizeof *files, compare_identities);
    for (size_t i = 1; rc == CLEAT_OK && i < registry->count; i++) {
        const struct database *one = files[i - 1].database, *other = files[i].database;
        if (compare_identities(&files[i - 1], &files[i]) == 0)
            rc = cleat_error_set(&registry->error, CLEAT_MISUSE,
                                 "the databases %s and %s have the same file %s",
                                 (one < other ? one : other)->schema->name,
                                 (one < other ? other : one)->schema->name, other->path);
    }
    free(files);
    return rc;
}

/* Waits for the lock of a file, and says so, because the other may be long at work or stopped.
 * Returns the system's code, 0 for the lock. */
static int
wait_for_lock(const struct config *config, const char *path, int file)
{
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        cleat_log(config, CLEAT_LOG_INFO, "bootstrap",
                  "Bootstrap: Waiting for another process that starts, it has the lock %s", path);
    int code;
    do
        code = flock(file, LOCK_EX) == 0 ? 0 : errno;
    while (code == EINTR);
    return code;
}

/* Takes the lock of one directory. A directory that may not be written needs none: nothing can be
 * created there; *ret_file is -1 then. */
static cleat_status
lock_directory(const struct config *config, const char *directory, int *ret_file,
               cleat_error *error)
{
    char *path = cleat_text("%s/" LOCK_NAME, directory);
    if (path == NULL)
        return cleat_error_memory(error);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int code = errno;
    if (file >= 0)
        code = wait_for_lock(config, path, file);
    if (file >= 0 && code != 0) {
        close(file);
        file = -1;
    }
    cleat_status rc = CLEAT_OK;
    if (file < 0 && code != EACCES && code != EROFS && code != EPERM)
        rc = cleat_error_set(error, CLEAT_CANNOT_OPEN, "the lock file %s: %s", path,
                             strerror(code));
    *ret_file = file;
    free(path);
    return rc;
}

/* A directory to be locked. It may have several names, as where it is mounted twice. */
struct place {
    char *path;
    dev_t device;
    ino_t inode;
    int file; /* its lock, -1 for none */
};

struct locks {
    struct place *places;
    size_t count;
};

static int
compare_paths(const void *one, const void *other)
{
    return strcmp(((const struct place *)one)->path, ((const struct place *)other)->path);
}

static int
compare_places(const void *one, const void *other)
{
    const struct place *left = one, *right = other;
    return compare_inodes(left->device, left->inode, right->device, right->inode);
}

/* Sorts them, and takes those out that are the same as the one before them. */
static void
drop_repeated(struct locks *locks, int (*compare)(const void *, const void *))
{
    size_t kept = 0;
    qsort(locks->places, locks->count, sizeof *locks->places, compare);
    for (size_t i = 0; i < locks->count; i++) {
        if (kept > 0 && compare(&locks->places[kept - 1], &locks->places[i]) == 0)
            free(locks->places[i].path);
        else
            locks->places[kept++] = locks->places[i];
    }
    locks->count = kept;
}

static void
unlock(struct locks *locks)
{
    for (size_t i = 0; i < locks->count; i++) {
        if (locks->places[i].file >= 0)
            close(locks->places[i].file);
        free(locks->places[i].path);
    }
    free(locks->places);
}

/* Finds the directories of all databases, each once. */
static cleat_status
find_places(const cleat_registry *registry, struct locks *locks, cleat_error *error)
{
    memset(locks, 0, sizeof *locks);
    locks->places = calloc(registry->count + 1, sizeof *locks->places);
    if (locks->places == NULL)
        return cleat_error_memory(error);
    for (; locks->count < registry->count; locks->count++) {
        const char *path = registry->databases[locks->count].path;
        struct place *place = &locks->places[locks->count];
        place->file = -1;
        place->path = cleat_text("%.*s", (int)(strrchr(path, '/') - path), path);
        if (place->path == NULL)
            return cleat_error_memory(error);
    }
    drop_repeated(locks, compare_paths);
    for (size_t i = 0; i < locks->count; i++) {
        struct stat found;
        struct place *place = &locks->places[i];
        const char *path = place->path[0] == '\0' ? "/" : place->path;
        if (stat(path, &found) != 0)
            return cleat_error_set(error, CLEAT_CANNOT_OPEN, "the directory %s: %s", path,
                                   strerror(errno));
        place->device = found.st_dev;
        place->inode = found.st_ino;
    }
    drop_repeated(locks, compare_places);
    return CLEAT_OK;
}

/* Locks the directory of each database once, in an order that is everybody's, whatever they call
 * the directories. */
static cleat_status
lock_directories(const cleat_registry *registry, struct locks *locks, cleat_error *error)
{
    cleat_status rc = find_places(registry, locks, error);
    for (size_t i = 0; rc == CLEAT_OK && i < locks->count; i++)
        rc = lock_directory(&registry->config, locks->places[i].path, &locks->places[i].file,
                            error);
    return rc;
}

/* Adds "a, b" to a text, as far as it fits. */
static void
join(char *text, size_t size, const char *name)
{
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%s", length == 0 ? "" : ", ", name);
}

static void
log_database(const cleat_registry *registry, const struct database *database)
{
    char modules[1024] = "";
    if (registry->config.log_level > CLEAT_LOG_INFO)
        return;
    for (const char *const *module = database->schema->modules; *module != NULL; module++)
        join(modules, sizeof modules, *module);
    cleat_log(&registry->config, CLEAT_LOG_INFO, "bootstrap",
              "%s: Database %s with %zu tables from modules: %s", database->schema->name,
              database->created        ? "created"
              : database->migrated > 0 ? "migrated"
                                       : "verified",
              database->table_count, modules);
}

/* Looks at a file that is there, and changes nothing: when one is refused, none was touched. */
static cleat_status
inspect_database(struct database *database, cleat_error *error)
{
    cleat_status rc = cleat_file_look(database, &database->absent, error);
    if (rc == CLEAT_OK && !database->absent)
        rc = cleat_file_verify(database, error);
    return rc;
}

/* Builds every file that is not there, before the first of them can be seen. */
static cleat_status
build_absent(const cleat_registry *registry, struct database **ret_database, cleat_error *error)
{
    cleat_status rc = CLEAT_OK;
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++)
        if (registry->databases[i].absent)
            rc = cleat_file_build(*ret_database = &registry->databases[i], error);
    return rc;
}

static void
abandon_absent(const cleat_registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        if (registry->databases[i].absent)
            cleat_file_abandon(&registry->databases[i]);
}

/* Publishes a file that was built, or runs the migrations that one lacks. */
static cleat_status
boot_database(const cleat_registry *registry, struct database *database, cleat_error *error)
{
    cleat_status rc = CLEAT_OK;
    bool stale = database->absent || database->behind;
    if (database->absent) {
        rc = cleat_file_publish(database, error);
        database->created = rc == CLEAT_CREATED;
    } else if (database->behind) {
        rc = cleat_file_migrate(registry, database, error);
    }
    if (rc == CLEAT_OK && stale)
        rc = cleat_file_verify(database, error);
    if (rc == CLEAT_OK && database->behind)
        rc = cleat_error_set(error, CLEAT_BUSY, "%s: the file %s is being replaced",
                             database->schema->name, database->path);
    if (rc < 0)
        return rc;
    log_database(registry, database);
    return CLEAT_OK;
}

static bool
share_directory(const struct database *one, const struct database *other)
{
    size_t length = (size_t)(strrchr(one->path, '/') - one->path) + 1;
    return strncmp(one->path, other->path, length) == 0 &&
           strchr(other->path + length, '/') == NULL;
}

/* Makes the names of all new files last, where one directory has many with one call. Should
 * somebody write such a file before: SQLite does the same before its first commit in it. */
static cleat_status
sync_created(const cleat_registry *registry, struct database **ret_database, cleat_error *error)
{
    cleat_status rc = CLEAT_OK;
    const struct database *last = NULL;
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++) {
        struct database *database = &registry->databases[i];
        if (!database->created || (last != NULL && share_directory(last, database)))
            continue;
        *ret_database = database;
        rc = cleat_file_sync_directory(database, error);
        last = database;
    }
    return rc;
}

/* Makes all databases what they shall be; none is seen before all that are new are whole. */
static cleat_status
complete_databases(const cleat_registry *registry, struct database **ret_database,
                   cleat_error *error)
{
    cleat_status rc = build_absent(registry, ret_database, error);
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++)
        rc = boot_database(registry, *ret_database = &registry->databases[i], error);
    if (rc == CLEAT_OK)
        rc = sync_created(registry, ret_database, error);
    if (rc < 0)
        abandon_absent(registry);
    return rc;
}

static cleat_status
boot_databases(cleat_registry *registry)
{
    cleat_status rc = CLEAT_OK;
    struct database *database = registry->databases;
    cleat_error *error = &registry->error;
    for (size_t i = 0; rc == CLEAT_OK && i < registry->count; i++)
        rc = inspect_database(database = &registry->databases[i], error);
    if (rc == CLEAT_OK) {
        rc = cleat_redo_all(registry, error);
        if (rc < 0)
            return rc; /* it names the database */
    }
    if (rc == CLEAT_OK)
        rc = complete_databases(registry, &database, error);
    if (rc < 0) {
        cleat_text_copy(error->database, sizeof error->database, database->schema->name);
        return rc;
    }
    return cleat_redo_created(registry, error);
}

/* As it nearly always is: every file says by itself that nothing has to be done, and nobody needs
 * to wait for the others. */
static bool
all_are_current(const cleat_registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        if (!cleat_file_is_current(&registry->databases[i]))
            return false;
    for (size_t i = 0; i < registry->count; i++)
        log_database(registry, &registry->databases[i]);
    return true;
}

/* Creates, completes and migrates what is not as it shall be, while no other process does. */
static cleat_status
boot_locked(cleat_registry *registry)
{
    struct locks locks;
    cleat_status rc = lock_directories(registry, &locks, &registry->error);
    if (rc == CLEAT_OK)
        rc = check_distinct(registry);
    if (rc == CLEAT_OK)
        rc = boot_databases(registry);
    unlock(&locks);
    return rc;
}

static void
log_created(const cleat_registry *registry)
{
    char names[1536] = "";
    size_t count = 0;
    for (size_t i = 0; i < registry->count; i++) {
        if (registry->databases[i].created) {
            join(names, sizeof names, registry->databases[i].schema->name);
            count++;
        }
    }
    if (count > 0)
        cleat_log(&registry->config, CLEAT_LOG_INFO, "bootstrap",
                  "Bootstrap: Created %zu complete databases: %s", count, names);
    else
        cleat_log(&registry->config, CLEAT_LOG_INFO, "bootstrap",
                  "Bootstrap: All %zu databases are already there", registry->count);
}

cleat_status
cleat_boot(cleat_registry *registry)
{
    const struct config *config = &registry->config;
    cleat_log(config, CLEAT_LOG_INFO, "bootstrap", "Bootstrap: Compiling database schema...");
    cleat_log(config, CLEAT_LOG_INFO, "bootstrap", "Bootstrap: Checking %zu databases...",
              registry->count);
    if (!all_are_current(registry)) {
        cleat_status rc = boot_locked(registry);
        if (rc < 0)
            return rc;
    }
    log_created(registry);
    cleat_log(config, CLEAT_LOG_INFO, "bootstrap", "Bootstrap: Database compilation complete");
    return CLEAT_OK;
}
