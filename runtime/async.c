/* async.c: work for a thread beside an event loop. The loop submits and goes on; the worker does
 * what waits, committing writes of one database together; results are queued, and a file descriptor
 * is readable exactly while there are some. All calls are short: nobody waits for the disk but the
 * worker. */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>
#endif

/* A piece of work from submission to the fetching of its result. */
struct task {
    struct unit unit;
    unsigned mode;
    cleat_result result;
    struct task *next;
};

struct tasks {
    struct task *first, *last;
    size_t count;
};

struct cleat_async {
    cleat_registry *registry;
    unsigned forks;
    int readable; /* what the loop polls */
    int writable; /* what makes it readable; the same for an eventfd */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct tasks waiting, done;
    size_t count; /* from submission to fetching */
    bool started, closing;
    pthread_t worker;
    cleat_async *next; /* of the registry */
};

/* ---- queues ---- */

static void
append(struct tasks *tasks, struct task *task)
{
    task->next = NULL;
    if (tasks->last == NULL)
        tasks->first = task;
    else
        tasks->last->next = task;
    tasks->last = task;
    tasks->count++;
}

static struct task *
take_first(struct tasks *tasks)
{
    struct task *task = tasks->first;
    tasks->first = task->next;
    if (tasks->first == NULL)
        tasks->last = NULL;
    tasks->count--;
    return task;
}

static void
free_tasks(struct tasks *tasks)
{
    while (tasks->first != NULL)
        free(take_first(tasks));
}

/* ---- the descriptor ---- */

static cleat_status
open_descriptor(cleat_async *async)
{
#ifdef __linux__
    async->readable = async->writable = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return async->readable < 0 ? CLEAT_CANNOT_OPEN : CLEAT_OK;
#else
    int ends[2];
    if (pipe(ends) != 0)
        return CLEAT_CANNOT_OPEN;
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
    async->readable = ends[0];
    async->writable = ends[1];
    return CLEAT_OK;
#endif
}

static void
close_descriptor(const cleat_async *async)
{
    close(async->readable);
#ifndef __linux__
    close(async->writable);
#endif
}

/* Eight bytes are a number to an eventfd and as good as any to a pipe. The one descriptor never has
 * more than one signal in it, so neither call can block, be interrupted or fail. */
static void
set_readable(const cleat_async *async)
{
    uint64_t one = 1;
    ssize_t written = write(async->writable, &one, sizeof one);
    (void)written;
}

static void
clear_readable(const cleat_async *async)
{
    uint64_t any;
    ssize_t taken = read(async->readable, &any, sizeof any);
    (void)taken;
}

/* ---- the worker ---- */

/* Takes the first that waits, and the writes of the same database right behind it. */
static void
take_batch(cleat_async *async, struct tasks *ret_batch)
{
    const struct task *first = async->waiting.first;
    const struct database *database = first->unit.database;
    bool writes = first->mode == CLEAT_WRITE;
    do
        append(ret_batch, take_first(&async->waiting));
    while (writes && async->waiting.first != NULL && async->waiting.first->mode == CLEAT_WRITE &&
           async->waiting.first->unit.database == database);
}

static void
do_reading(cleat_registry *registry, struct unit *unit)
{
    cleat_session *session = NULL;
    cleat_error error;
    cleat_status rc = cleat_session_open(registry, unit->database->schema->name, CLEAT_READ,
                                         &session);
    if (rc < 0) {
        cleat_registry_copy_error(registry, &error);
    } else {
        cleat_session_use(session);
        rc = unit->work(session, unit->data);
        error = *cleat_session_error(session);
    }
    cleat_unit_end(unit, rc, &error);
    cleat_session_close(session);
}

static void
do_tasks(cleat_registry *registry, struct tasks *batch)
{
    struct task *first = batch->first;
    if (first->mode == CLEAT_READ) {
        do_reading(registry, &first->unit);
        return;
    }
    for (struct task *task = first; task != NULL; task = task->next)
        task->unit.next = task->next == NULL ? NULL : &task->next->unit;
    cleat_group_do(registry, first->unit.database, &first->unit);
}

/* Hands results over. The lock is held. */
static void
finish(cleat_async *async, struct tasks *batch)
{
    bool was_empty = async->done.first == NULL;
    while (batch->first != NULL) {
        struct task *task = take_first(batch);
        task->result.status = task->unit.status;
        task->result.data = task->unit.data;
        append(&async->done, task);
    }
    if (was_empty)
        set_readable(async);
}

static void *
work(void *data)
{
    cleat_async *async = data;
    pthread_mutex_lock(&async->mutex);
    for (;;) {
        while (async->waiting.first == NULL && !async->closing)
            pthread_cond_wait(&async->changed, &async->mutex);
        if (async->waiting.first == NULL)
            break;
        struct tasks batch = {0};
        take_batch(async, &batch);
        pthread_mutex_unlock(&async->mutex);
        do_tasks(async->registry, &batch);
        pthread_mutex_lock(&async->mutex);
        finish(async, &batch);
    }
    pthread_mutex_unlock(&async->mutex);
    return NULL;
}

/* ---- for programs ---- */

cleat_status
cleat_async_open(cleat_registry *registry, cleat_async **ret_async)
{
    cleat_error error;
    cleat_status rc = cleat_registry_enter(registry);
    if (rc < 0)
        return rc;
    if (ret_async == NULL) {
        cleat_error_set(&error, CLEAT_MISUSE, "there is no place for the queue");
        return cleat_registry_fail(registry, &error);
    }
    cleat_async *async = calloc(1, sizeof *async);
    if (async == NULL) {
        cleat_error_memory(&error);
        return cleat_registry_fail(registry, &error);
    }
    if (open_descriptor(async) < 0) {
        cleat_error_set(&error, CLEAT_CANNOT_OPEN, "no descriptor for events: %s", strerror(errno));
        free(async);
        return cleat_registry_fail(registry, &error);
    }
    async->registry = registry;
    async->forks = cleat_forks;
    pthread_mutex_init(&async->mutex, NULL);
    pthread_cond_init(&async->changed, NULL);
    pthread_mutex_lock(&registry->mutex);
    async->next = registry->asyncs;
    registry->asyncs = async;
    pthread_mutex_unlock(&registry->mutex);
    *ret_async = async;
    return CLEAT_OK;
}

int
cleat_async_fd(const cleat_async *async)
{
    return async == NULL ? -1 : async->readable;
}

/* Puts a task into the queue, and starts the worker with the first. The lock is held. */
static cleat_status
enqueue(cleat_async *async, struct task *task, cleat_error *error)
{
    const char *name = task->unit.database->schema->name;
    if (async->count >= CLEAT_GROUP_WAITING) {
        cleat_error_set(error, CLEAT_BUSY,
                        "%s: %d pieces of work wait, or have results that nobody has fetched", name,
                        CLEAT_GROUP_WAITING);
        cleat_text_copy(error->database, sizeof error->database, name);
        return CLEAT_BUSY;
    }
    int code = async->started ? 0 : cleat_thread_start(&async->worker, work, async);
    if (code != 0)
        return cleat_error_set(error, CLEAT_NOMEM, "no thread for work: %s", strerror(code));
    async->started = true;
    append(&async->waiting, task);
    async->count++;
    pthread_cond_signal(&async->changed);
    return CLEAT_OK;
}

static cleat_status
submit(cleat_async *async, struct database *database, unsigned mode, cleat_work *work_of,
       void *data, cleat_error *error)
{
    if (work_of == NULL || (mode != CLEAT_READ && mode != CLEAT_WRITE))
        return cleat_error_set(error, CLEAT_MISUSE,
                               "work is a function, and CLEAT_READ or CLEAT_WRITE");
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        return cleat_error_memory(error);
    task->mode = mode;
    task->unit.work = work_of;
    task->unit.data = data;
    task->unit.database = database;
    task->unit.error = &task->result.error;
    pthread_mutex_lock(&async->mutex);
    cleat_status rc = enqueue(async, task, error);
    pthread_mutex_unlock(&async->mutex);
    if (rc < 0)
        free(task);
    return rc;
}

cleat_status
cleat_async_submit(cleat_async *async, const char *database, unsigned mode, cleat_work *work_of,
                   void *data)
{
    cleat_error error;
    struct database *found;
    if (async == NULL)
        return CLEAT_MISUSE;
    cleat_status rc = cleat_registry_enter(async->registry);
    if (rc < 0)
        return rc;
    rc = cleat_registry_choose(async->registry, database, &found, &error);
    if (rc == CLEAT_OK)
        rc = submit(async, found, mode, work_of, data, &error);
    return rc == CLEAT_OK ? rc : cleat_registry_fail(async->registry, &error);
}

cleat_status
cleat_async_next(cleat_async *async, cleat_result *ret_result)
{
    if (async == NULL || ret_result == NULL)
        return CLEAT_MISUSE;
    if (async->forks != cleat_forks)
        return CLEAT_FORKED;
    pthread_mutex_lock(&async->mutex);
    struct task *task = async->done.first == NULL ? NULL : take_first(&async->done);
    if (task != NULL) {
        async->count--;
        if (async->done.first == NULL)
            clear_readable(async);
    }
    pthread_mutex_unlock(&async->mutex);
    if (task == NULL)
        return CLEAT_DONE;
    *ret_result = task->result;
    free(task);
    return CLEAT_ROW;
}

/* Takes an object off its registry's list; false when it is not there any more. */
static bool
forget(cleat_async *async)
{
    cleat_registry *registry = async->registry;
    pthread_mutex_lock(&registry->mutex);
    cleat_async **at = &registry->asyncs;
    while (*at != NULL && *at != async)
        at = &(*at)->next;
    bool found = *at != NULL;
    if (found)
        *at = async->next;
    pthread_mutex_unlock(&registry->mutex);
    return found;
}

void
cleat_async_close(cleat_async *async)
{
    if (async == NULL || async->forks != cleat_forks)
        return;
    if (async->started && pthread_equal(async->worker, pthread_self()))
        return; /* work that closes what it is done by would wait for itself */
    if (!forget(async))
        return;
    pthread_mutex_lock(&async->mutex);
    async->closing = true;
    pthread_cond_signal(&async->changed);
    pthread_mutex_unlock(&async->mutex);
    if (async->started)
        pthread_join(async->worker, NULL);
    free_tasks(&async->done);
    close_descriptor(async);
    pthread_cond_destroy(&async->changed);
    pthread_mutex_destroy(&async->mutex);
    free(async);
}

void
cleat_asyncs_close(cleat_registry *registry)
{
    while (registry->asyncs != NULL)
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it takes itself from the list */
        cleat_async_close(registry->asyncs);
}
