/* checkpointer.c: a thread that moves write-ahead logs into their files, so that no commit has to.
 * Commits tell it when a log is long enough. Under writers that never pause it cannot keep up
 * politely; so from the limit on it makes the log begin anew, and at twice the limit committers
 * wait for that, or do it themselves. A reader that stays is not waited for long: then the log
 * may grow by another limit before the next attempt. */
#include "maintain.h"

#include <stdlib.h>

/* What is waited for readers and for writers of other processes, in milliseconds. */
enum { PATIENCE_MS = 100 };

/* One database's log. */
struct log {
    struct database *database;
    sqlite3 *handle;      /* the thread's, opened when it is needed */
    pthread_mutex_t gate; /* held by who moves the log; SQLite lets only one do so */
    atomic_uint turns;    /* how often it was tried */
    atomic_int most;      /* pages; from here on committers wait */
};

struct checkpointer {
    cleat_registry *registry;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    atomic_bool asked; /* some log is long enough */
    bool stopping;
    struct log *logs; /* one for each database of the registry */
};

static int
pages_of_limit(const struct database *database)
{
    int64_t pages = ((int64_t)database->options.wal_limit_mb << 20) / 4096;
    return pages > 1 << 28 ? 1 << 28 : (int)pages;
}

/* Whether a reader that stayed has let the file of a log become longer than writers alone do. */
static bool
is_overgrown(const struct database *database)
{
    return cleat_file_size(database, "-wal") > INT64_C(3) * database->options.wal_limit_mb << 20;
}

/* Moves all of a log and has the next writer begin it anew; its file is kept, which saves making it
 * again, unless it is overgrown. The gate is held. */
static int
restart(struct log *log, sqlite3 *handle, const char *name, int pages)
{
    int limit = pages_of_limit(log->database);
    int mode = is_overgrown(log->database) ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART;
    int rc = sqlite3_wal_checkpoint_v2(handle, name, mode, NULL, NULL);
    atomic_store(&log->most, rc == SQLITE_OK ? 2 * limit : pages + limit);
    atomic_fetch_add(&log->turns, 1);
    return rc;
}

/* ---- in the commits ---- */

static void
ask(struct checkpointer *checkpointer)
{
    if (atomic_exchange(&checkpointer->asked, true))
        return;
    pthread_mutex_lock(&checkpointer->mutex);
    pthread_cond_signal(&checkpointer->changed);
    pthread_mutex_unlock(&checkpointer->mutex);
}

/* Waits for whoever begins the log anew; when nobody did so meanwhile, does it. */
static void
pass_gate(struct connection *connection, struct log *log, int pages)
{
    unsigned turn = atomic_load(&log->turns);
    pthread_mutex_lock(&log->gate);
    if (atomic_load(&log->turns) == turn) {
        connection->patience = PATIENCE_MS * INT64_C(1000000);
        restart(log, connection->handle, log->database->schema->name, pages);
        connection->patience = 0;
    }
    pthread_mutex_unlock(&log->gate);
}

/* A database that does without the thread, on a connection with one that does not. */
static void
checkpoint_as_usual(sqlite3 *handle, const struct database *database, int pages)
{
    int most = database->options.wal_autocheckpoint;
    if (most > 0 && pages >= most)
        sqlite3_wal_checkpoint_v2(handle, database->schema->name, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                  NULL);
}

/* SQLite calls it after each commit, with the length of the log. Its own checkpoints end when there
 * is such a hook. */
static int
note_commit(void *data, sqlite3 *handle, const char *name, int pages)
{
    struct connection *connection = data;
    struct checkpointer *checkpointer = connection->registry->checkpointer;
    struct database *database = cleat_registry_find(connection->registry, name);
    /* a registry that closes has ended the thread; its last connection moves the log */
    if (checkpointer == NULL || database == NULL)
        return SQLITE_OK;
    struct log *log = &checkpointer->logs[database - connection->registry->databases];
    int enough = database->options.wal_autocheckpoint;
    if (enough == 0)
        enough = pages_of_limit(database);
    if (!database->options.checkpointer)
        checkpoint_as_usual(handle, database, pages);
    else if (pages >= atomic_load(&log->most))
        pass_gate(connection, log, pages);
    else if (pages >= enough)
        ask(checkpointer);
    return SQLITE_OK;
}

void
cleat_checkpointer_watch(struct connection *connection)
{
    if (connection->registry->checkpointer != NULL)
        sqlite3_wal_hook(connection->handle, note_commit, connection);
}

/* ---- in the thread ---- */

static bool
open_log(struct checkpointer *checkpointer, struct log *log)
{
    cleat_error error;
    if (log->handle != NULL)
        return true;
    if (cleat_maintain_open(log->database, &log->handle, &error) == CLEAT_OK) {
        sqlite3_busy_timeout(log->handle, PATIENCE_MS);
        return true;
    }
    cleat_log(&checkpointer->registry->config, CLEAT_LOG_WARNING, "checkpointer", "%s", error.text);
    return false;
}

/* Moves what can be moved without waiting for anyone; when the log is too long even so, waits. */
static void
checkpoint(struct checkpointer *checkpointer, struct log *log)
{
    int number, pages = 0;
    if (!open_log(checkpointer, log))
        return;
    pthread_mutex_lock(&log->gate);
    int rc = cleat_ask_number(log->handle, "PRAGMA user_version", &number);
    if (rc == SQLITE_OK)
        rc = sqlite3_wal_checkpoint_v2(log->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, NULL);
    if (rc == SQLITE_OK && pages >= pages_of_limit(log->database))
        rc = restart(log, log->handle, NULL, pages);
    pthread_mutex_unlock(&log->gate);
    if (rc != SQLITE_OK && rc != SQLITE_BUSY)
        cleat_log(&checkpointer->registry->config, CLEAT_LOG_WARNING, "checkpointer", "%s: %s",
                  log->database->schema->name, sqlite3_errmsg(log->handle));
}

static void *
run(void *data)
{
    struct checkpointer *checkpointer = data;
    pthread_mutex_lock(&checkpointer->mutex);
    while (!checkpointer->stopping) {
        if (!atomic_load(&checkpointer->asked)) {
            pthread_cond_wait(&checkpointer->changed, &checkpointer->mutex);
            continue;
        }
        atomic_store(&checkpointer->asked, false);
        pthread_mutex_unlock(&checkpointer->mutex);
        for (size_t i = 0; i < checkpointer->registry->count; i++)
            if (checkpointer->registry->databases[i].options.checkpointer)
                checkpoint(checkpointer, &checkpointer->logs[i]);
        pthread_mutex_lock(&checkpointer->mutex);
    }
    pthread_mutex_unlock(&checkpointer->mutex);
    return NULL;
}

/* ---- start and stop ---- */

static void
end(struct checkpointer *checkpointer)
{
    for (size_t i = 0; checkpointer->logs != NULL && i < checkpointer->registry->count; i++) {
        sqlite3_close(checkpointer->logs[i].handle);
        pthread_mutex_destroy(&checkpointer->logs[i].gate);
    }
    pthread_cond_destroy(&checkpointer->changed);
    pthread_mutex_destroy(&checkpointer->mutex);
    free(checkpointer->logs);
    free(checkpointer);
}

static struct checkpointer *
new_checkpointer(cleat_registry *registry)
{
    struct checkpointer *checkpointer = calloc(1, sizeof *checkpointer);
    if (checkpointer == NULL)
        return NULL;
    checkpointer->registry = registry;
    checkpointer->logs = calloc(registry->count + 1, sizeof *checkpointer->logs);
    for (size_t i = 0; checkpointer->logs != NULL && i < registry->count; i++) {
        struct log *log = &checkpointer->logs[i];
        log->database = &registry->databases[i];
        pthread_mutex_init(&log->gate, NULL);
        atomic_init(&log->most, 2 * pages_of_limit(log->database));
    }
    pthread_mutex_init(&checkpointer->mutex, NULL);
    pthread_cond_init(&checkpointer->changed, NULL);
    return checkpointer;
}

cleat_status
cleat_checkpointer_start(cleat_registry *registry)
{
    bool wanted = false;
    for (size_t i = 0; i < registry->count; i++)
        wanted = wanted || registry->databases[i].options.checkpointer;
    if (!wanted)
        return CLEAT_OK;
    struct checkpointer *checkpointer = new_checkpointer(registry);
    if (checkpointer == NULL)
        return cleat_error_memory(&registry->error);
    if (checkpointer->logs == NULL ||
        cleat_thread_start(&checkpointer->thread, run, checkpointer) != 0) {
        end(checkpointer);
        return cleat_error_memory(&registry->error);
    }
    registry->checkpointer = checkpointer;
    return CLEAT_OK;
}

void
cleat_checkpointer_stop(cleat_registry *registry)
{
    struct checkpointer *checkpointer = registry->checkpointer;
    if (checkpointer == NULL)
        return;
    pthread_mutex_lock(&checkpointer->mutex);
    checkpointer->stopping = true;
    pthread_cond_signal(&checkpointer->changed);
    pthread_mutex_unlock(&checkpointer->mutex);
    pthread_join(checkpointer->thread, NULL);
    end(checkpointer);
    registry->checkpointer = NULL;
}
