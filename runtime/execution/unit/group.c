/* group.c: units of work of many threads in one transaction. Whoever finds no leader leads: takes
 * what waits, does it on one session, commits once and wakes the others; meanwhile the next batch
 * gathers. No thread is needed beside the program's own.
 *
 * A unit that fails goes back to its savepoint. What only the whole transaction knows, such as a
 * full disk at the commit, is found out by doing each unit alone. */
#include "unit.h"

#include "group.h"

#include <stdlib.h>

/* More in a batch gain nothing, and let the first wait too long. */
#define BATCH_MOST 256

struct group {
    pthread_mutex_t mutex;
    pthread_cond_t room;
    struct unit *first, *last; /* those that wait, in order */
    size_t waiting;
    bool led;
    pthread_t leader;
    cleat_stats counted; /* group_ members only */
};

cleat_status
cleat_group_open(struct database *database, cleat_error *error)
{
    struct group *group = calloc(1, sizeof *group);
    if (group == NULL)
        return cleat_error_memory(error);
    pthread_mutex_init(&group->mutex, NULL);
    pthread_cond_init(&group->room, NULL);
    database->group = group;
    return CLEAT_OK;
}

void
cleat_group_close(struct database *database)
{
    struct group *group = database->group;
    if (group == NULL)
        return;
    pthread_cond_destroy(&group->room);
    pthread_mutex_destroy(&group->mutex);
    free(group);
    database->group = NULL;
}

void
cleat_group_count(struct database *database, cleat_stats *stats)
{
    struct group *group = database->group;
    pthread_mutex_lock(&group->mutex);
    stats->group_units = group->counted.group_units;
    stats->group_batches = group->counted.group_batches;
    stats->group_largest = group->counted.group_largest;
    stats->group_repeated = group->counted.group_repeated;
    stats->group_waiting = group->waiting;
    pthread_mutex_unlock(&group->mutex);
}

/* ---- one transaction ---- */

void
cleat_unit_end(struct unit *unit, cleat_status status, const cleat_error *error)
{
    const char *name = unit->database->schema->name;
    unit->status = status;
    if (status >= 0 || unit->error == NULL)
        return;
    if (error->status == status) {
        *unit->error = *error;
        return;
    }
    cleat_error_set(unit->error, status, "%s: the work has returned %s", name,
                    cleat_status_name(status));
    cleat_text_copy(unit->error->database, sizeof unit->error->database, name);
}

static cleat_status
do_work(cleat_session *session, const struct unit *unit, cleat_error *ret_error)
{
    memset(&session->error, 0, sizeof session->error);
    session->grouped = true;
    cleat_status rc = unit->work(session, unit->data);
    session->grouped = false;
    *ret_error = session->error;
    return rc;
}

/* ---- alone ---- */

static void
do_alone(cleat_session *session, struct unit *unit)
{
    cleat_error error;
    cleat_status rc = do_work(session, unit, &error);
    if (rc >= 0) {
        cleat_status committed = cleat_session_commit(session);
        if (committed < 0) {
            rc = committed;
            error = session->error;
        }
    }
    if (rc < 0)
        cleat_session_rollback(session);
    cleat_unit_end(unit, rc, &error);
}

/* After a transaction that failed: what had failed by itself stays so, all else is done again. */
static size_t
do_one_by_one(cleat_session *session, struct unit *units)
{
    size_t count = 0;
    for (struct unit *unit = units; unit != NULL; unit = unit->next) {
        if (unit->status < 0)
            continue;
        do_alone(session, unit);
        count++;
    }
    return count;
}

/* ---- together ---- */

/* A violation that SQLite would only find at the commit, for which nobody else shall pay. */
static bool
breaks_reference(const cleat_session *session)
{
    int current = 0, highest = 0;
    sqlite3_db_status(session->connection->handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest,
                      0);
    return current != 0;
}

/* Does a unit among others: its failure is undone alone, with whatever savepoints it has left open.
 * False when the transaction is lost. */
static bool
do_among_others(cleat_session *session, struct unit *unit)
{
    cleat_error error;
    if (cleat_savepoint(session, "") < 0)
        return false;
    cleat_status rc = do_work(session, unit, &error);
    if (session->broken)
        return false;
    if (rc >= 0 && breaks_reference(session))
        rc = cleat_error_set(&error, CLEAT_FOREIGN_KEY, "%s: a reference has no target",
                             unit->database->schema->name);
    if (rc < 0 && cleat_savepoint_undo(session, 0) < 0)
        return false;
    cleat_unit_end(unit, rc, &error);
    return cleat_savepoint_keep(session, 0) == CLEAT_OK;
}

/* Whether all are done and on disk. */
static bool
do_together(cleat_session *session, struct unit *units)
{
    bool sound = true;
    for (struct unit *unit = units; sound && unit != NULL; unit = unit->next)
        sound = do_among_others(session, unit);
    return sound && cleat_session_commit(session) == CLEAT_OK;
}

/* Does a batch; returns how many units were done again. */
static size_t
do_batch(cleat_registry *registry, struct unit *units)
{
    cleat_session *session = NULL;
    cleat_error error;
    size_t repeated = 0;
    const char *name = units->database->schema->name;
    cleat_status rc = cleat_session_open(registry, name, CLEAT_WRITE, &session);
    if (rc < 0)
        cleat_registry_copy_error(registry, &error);
    else if ((rc = cleat_session_use(session)) < 0)
        cleat_error_memory(&error);
    if (rc < 0) {
        for (struct unit *unit = units; unit != NULL; unit = unit->next)
            cleat_unit_end(unit, rc, &error);
    } else if (units->next == NULL) {
        do_alone(session, units);
    } else if (!do_together(session, units)) {
        cleat_session_rollback(session);
        repeated = do_one_by_one(session, units);
    }
    cleat_session_close(session);
    return repeated;
}

/* ---- leading and following ---- */

/* Takes the batch off the queue. The lock is held. */
static struct unit *
take_batch(struct group *group, size_t *ret_count)
{
    struct unit *batch = group->first, *last = batch;
    size_t count = 1;
    for (; last->next != NULL && count < BATCH_MOST; count++)
        last = last->next;
    group->first = last->next;
    if (group->first == NULL)
        group->last = NULL;
    last->next = NULL;
    group->waiting -= count;
    pthread_cond_broadcast(&group->room);
    *ret_count = count;
    return batch;
}

static void
count_batch(cleat_stats *counted, size_t count, size_t repeated)
{
    counted->group_units += count;
    counted->group_batches++;
    counted->group_repeated += repeated;
    if (count > counted->group_largest)
        counted->group_largest = count;
}

/* Does the next batch, and finds a leader for the one after. The lock is held, but for the work. */
static void
lead(struct group *group, cleat_registry *registry)
{
    size_t count;
    struct unit *batch = take_batch(group, &count);
    group->led = true;
    group->leader = pthread_self();
    pthread_mutex_unlock(&group->mutex);
    size_t repeated = do_batch(registry, batch);
    pthread_mutex_lock(&group->mutex);
    count_batch(&group->counted, count, repeated);
    while (batch != NULL) {
        struct submitter *submitter = batch->submitter;
        batch = batch->next;
        submitter->left--;
        if (submitter->left == 0)
            pthread_cond_signal(&submitter->changed);
    }
    group->led = false;
    if (group->first != NULL)
        pthread_cond_signal(&group->first->submitter->changed);
}

/* Puts units at the end of the queue. The lock is held. */
static void
append(struct group *group, struct unit *units, size_t count)
{
    if (group->last == NULL)
        group->first = units;
    else
        group->last->next = units;
    for (group->last = units; group->last->next != NULL; group->last = group->last->next)
        ;
    group->waiting += count;
}

cleat_status
cleat_group_do(cleat_registry *registry, struct database *database, struct unit *units)
{
    struct group *group = database->group;
    struct submitter submitter = {.left = 0};
    for (struct unit *unit = units; unit != NULL; unit = unit->next) {
        unit->database = database;
        unit->status = CLEAT_OK;
        unit->submitter = &submitter;
        submitter.left++;
    }
    pthread_mutex_lock(&group->mutex);
    if (group->led && pthread_equal(group->leader, pthread_self())) {
        pthread_mutex_unlock(&group->mutex);
        /* NOLINTNEXTLINE(clang-analyzer-core.StackAddressEscape): refused, they are not used */
        return CLEAT_MISUSE;
    }
    pthread_cond_init(&submitter.changed, NULL);
    while (group->waiting > 0 && group->waiting + submitter.left > CLEAT_GROUP_WAITING)
        pthread_cond_wait(&group->room, &group->mutex);
    append(group, units, submitter.left);
    while (submitter.left > 0) {
        if (group->led)
            pthread_cond_wait(&submitter.changed, &group->mutex);
        else
            lead(group, registry);
    }
    pthread_mutex_unlock(&group->mutex);
    pthread_cond_destroy(&submitter.changed);
    /* NOLINTNEXTLINE(clang-analyzer-core.StackAddressEscape): the units are done with it */
    return CLEAT_OK;
}

/* Why a registry can do no work for anybody. */
static cleat_status
fail_enter(cleat_registry *registry, cleat_status rc, cleat_error *error)
{
    if (rc != CLEAT_FORKED)
        return cleat_error_set(error, rc, "there is no registry that is open");
    *error = *cleat_registry_error(registry);
    return rc;
}

cleat_status
cleat_group_run(cleat_registry *registry, const char *database, cleat_work *work, void *data,
                cleat_error *error)
{
    cleat_error own;
    struct database *found;
    if (error == NULL)
        error = &own;
    cleat_status rc = cleat_registry_enter(registry);
    if (rc < 0)
        return fail_enter(registry, rc, error);
    if (work == NULL)
        return cleat_error_set(error, CLEAT_MISUSE, "there is no work to be done");
    rc = cleat_registry_choose(registry, database, &found, error);
    if (rc != CLEAT_OK)
        return rc;
    struct unit unit = {.work = work, .data = data, .error = error};
    rc = cleat_group_do(registry, found, &unit);
    if (rc < 0) {
        cleat_error_set(error, rc, "%s: work of a group cannot wait for the same group",
                        found->schema->name);
        cleat_text_copy(error->database, sizeof error->database, found->schema->name);
        return rc;
    }
    return unit.status;
}
