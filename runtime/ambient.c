/* ambient.c: the sessions that a thread is using, so that functions deep down need no parameter.
 * A stack per thread: the latest use of a database counts, and the one before comes back. */
#include "runtime.h"

#include <stdlib.h>

struct use {
    cleat_session *session;
    const cleat_registry *registry;
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
        if (cleat_session_is_open(session) &&
            strcmp(cleat_session_database(session), database) == 0)
            return session;
    }
    return NULL;
}
