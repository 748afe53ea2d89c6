/* ambient.c: the sessions that a thread is using, so that functions deep down need no parameter.
 * A stack per thread: the latest use of a database counts, and the one before comes back. What a
 * thread has left there is forgotten when it ends, and when another thread closes the registry. */
#include "runtime.h"

#include <stdlib.h>

struct use {
    cleat_session *session;
    uint64_t registry; /* the number of its registry */
    uint64_t opened;   /* session objects are used again: which opening of it is meant */
};

static _Thread_local struct use *uses;
static _Thread_local size_t use_count;
static _Thread_local size_t use_capacity;
static _Thread_local unsigned seen_closings;

/* The registries that are open: the sessions of others are not there any more. */
static pthread_mutex_t registries_mutex = PTHREAD_MUTEX_INITIALIZER;
static cleat_registry *registries;
static uint64_t last_number;
static atomic_uint closings;

/* ---- the memory of a thread ---- */

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void
free_uses(void *memory)
{
    free(memory);
    uses = NULL;
    use_count = use_capacity = 0;
}

static void
create_key(void)
{
    has_key = pthread_key_create(&key, free_uses) == 0;
}

#if defined(__GNUC__)
/* Where the library is unloaded, threads that end later must not look for it. */
__attribute__((destructor)) static void
delete_key(void)
{
    if (has_key)
        pthread_key_delete(key);
    has_key = false;
}
#endif

/* Has the memory freed when the thread ends. */
static void
keep_memory(struct use *memory)
{
    uses = memory;
    pthread_once(&key_once, create_key);
    if (has_key)
        pthread_setspecific(key, memory);
}

static void
drop(size_t place)
{
    use_count--;
    memmove(uses + place, uses + place + 1, (use_count - place) * sizeof *uses);
    if (use_count > 0)
        return;
    free(uses);
    keep_memory(NULL);
    use_capacity = 0;
}

/* ---- registries ---- */

void
cleat_ambient_open(cleat_registry *registry)
{
    pthread_mutex_lock(&registries_mutex);
    registry->number = ++last_number;
    registry->open_next = registries;
    registries = registry;
    pthread_mutex_unlock(&registries_mutex);
}

void
cleat_ambient_close(cleat_registry *registry)
{
    for (size_t i = use_count; i > 0; i--)
        if (uses[i - 1].registry == registry->number)
            drop(i - 1);
    pthread_mutex_lock(&registries_mutex);
    cleat_registry **at = &registries;
    while (*at != NULL && *at != registry)
        at = &(*at)->open_next;
    if (*at != NULL)
        *at = registry->open_next;
    pthread_mutex_unlock(&registries_mutex);
    atomic_fetch_add(&closings, 1);
}

static bool
is_open(uint64_t number)
{
    const cleat_registry *registry = registries;
    while (registry != NULL && registry->number != number)
        registry = registry->open_next;
    return registry != NULL;
}

/* Drops what this thread uses of registries that others have closed. */
static void
drop_closed(void)
{
    unsigned now = atomic_load(&closings);
    if (CLEAT_LIKELY(now == seen_closings))
        return;
    pthread_mutex_lock(&registries_mutex);
    for (size_t i = use_count; i > 0; i--)
        if (!is_open(uses[i - 1].registry))
            drop(i - 1);
    pthread_mutex_unlock(&registries_mutex);
    seen_closings = now;
}

/* ---- uses ---- */

void
cleat_ambient_forget(const cleat_session *session)
{
    for (size_t i = use_count; i > 0; i--)
        if (uses[i - 1].session == session)
            drop(i - 1);
}

cleat_status
cleat_session_use(cleat_session *session)
{
    cleat_status rc = cleat_session_check(session);
    if (rc < 0)
        return rc;
    drop_closed();
    if (use_count == use_capacity) {
        size_t capacity = use_capacity == 0 ? 4 : use_capacity * 2;
        struct use *larger = realloc(uses, capacity * sizeof *uses);
        if (larger == NULL)
            return CLEAT_NOMEM;
        keep_memory(larger);
        use_capacity = capacity;
    }
    uses[use_count].session = session;
    uses[use_count].registry = cleat_session_registry(session)->number;
    uses[use_count].opened = cleat_session_opened(session);
    use_count++;
    return CLEAT_OK;
}

cleat_status
cleat_session_release(cleat_session *session)
{
    for (size_t i = use_count; i > 0; i--) {
        if (uses[i - 1].session == session) {
            drop(i - 1);
            return CLEAT_OK;
        }
    }
    return CLEAT_MISUSE;
}

cleat_session *
cleat_session_current(const char *database)
{
    if (database == NULL) {
        const cleat_registry *registry = cleat_registry_current();
        if (registry == NULL || registry->home == NULL)
            return NULL;
        database = registry->home->schema->name;
    }
    drop_closed();
    for (size_t i = use_count; i > 0; i--) {
        cleat_session *session = uses[i - 1].session;
        if (cleat_session_opened(session) == uses[i - 1].opened &&
            strcmp(cleat_session_database(session), database) == 0)
            return session;
    }
    return NULL;
}

cleat_status
cleat_session_expect(const char *database, cleat_session **ret_session)
{
    cleat_registry *registry = cleat_registry_current();
    cleat_session *session = cleat_session_current(database);
    if (ret_session != NULL && session != NULL) {
        *ret_session = session;
        return CLEAT_OK;
    }
    cleat_status rc = cleat_registry_enter(registry);
    if (rc < 0)
        return rc;
    cleat_error error;
    struct database *found;
    if (cleat_registry_choose(registry, database, &found, &error) != CLEAT_OK)
        return cleat_registry_fail(registry, &error);
    cleat_error_set(&error, CLEAT_MISUSE,
                    "this thread uses no session on %s: call cleat_session_use() first",
                    found->schema->name);
    cleat_text_copy(error.database, sizeof error.database, found->schema->name);
    return cleat_registry_fail(registry, &error);
}
