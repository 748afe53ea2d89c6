/* ambient.c: the sessions that a thread is using, so that functions deep down need no parameter.
 * A stack per thread: the latest use of a database counts, and the one before comes back. */
#include "runtime.h"

#include <stdlib.h>

struct use {
    cleat_session *session;
    const cleat_registry *registry;
    uint64_t opened; /* session objects are used again: which opening of it is meant */
};

static _Thread_local struct use *uses;
static _Thread_local size_t use_count;
static _Thread_local size_t use_capacity;

static void
drop(size_t place)
{
    use_count--;
    memmove(uses + place, uses + place + 1, (use_count - place) * sizeof *uses);
    if (use_count > 0)
        return;
    free(uses);
    uses = NULL;
    use_capacity = 0;
}

void
cleat_ambient_forget(const cleat_session *session)
{
    for (size_t i = use_count; i > 0; i--)
        if (uses[i - 1].session == session)
            drop(i - 1);
}

void
cleat_ambient_forget_all(const cleat_registry *registry)
{
    for (size_t i = use_count; i > 0; i--)
        if (uses[i - 1].registry == registry)
            drop(i - 1);
}

cleat_status
cleat_session_use(cleat_session *session)
{
    cleat_status rc = cleat_session_check(session);
    if (rc < 0)
        return rc;
    if (use_count == use_capacity) {
        size_t capacity = use_capacity == 0 ? 4 : use_capacity * 2;
        struct use *larger = realloc(uses, capacity * sizeof *uses);
        if (larger == NULL)
            return CLEAT_NOMEM;
        uses = larger;
        use_capacity = capacity;
    }
    uses[use_count].session = session;
    uses[use_count].registry = cleat_session_registry(session);
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
    if (registry == NULL || cleat_registry_forked(registry))
        return CLEAT_MISUSE;
    cleat_error error;
    const char *name = database;
    if (name == NULL && registry->home != NULL)
        name = registry->home->schema->name;
    if (name == NULL)
        cleat_error_set(&error, CLEAT_NOT_FOUND, "there is no default database");
    else if (registry->usable && cleat_registry_find(registry, name) == NULL)
        cleat_error_set(&error, CLEAT_NOT_FOUND, "the registry has no database %s", name);
    else
        cleat_error_set(&error, CLEAT_MISUSE,
                        "this thread uses no session on %s: call cleat_session_use() first", name);
    cleat_text_copy(error.database, sizeof error.database, name == NULL ? "" : name);
    return cleat_registry_fail(registry, &error);
}
