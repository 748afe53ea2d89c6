/* turn.c: the order in which threads of this process write a database. SQLite lets writers poll for
 * its lock, and who polls at the right moment wins; so here the others wait in a queue. To wake one
 * takes longer than most units: so those that run may go first for a while, which is the shorter the
 * more wait. Then the first of the queue, which wakes by itself, has the turn as soon as it is awake;
 * should that take too long, the turn is kept for it. A turn that nobody takes up it takes before. */
#include "connection/statement.h"

#include <stdlib.h>
#include <time.h>

/* The while, in nanoseconds: within a round everyone is to have had a turn, if that leaves each no
 * more or less than these. */
#define ROUND INT64_C(10000000)
#define LONGEST INT64_C(1000000)
#define SHORTEST INT64_C(200000)

/* So long after the while the turn is kept for one that sleeps. */
#define LATE INT64_C(2000000)

/* So long a turn is free until it is clear that nobody takes it up; the first of the queue looks
 * that often. */
#define IDLE INT64_C(100000)
#define PAUSE INT64_C(200000)

/* So long before and after the end of the while the first of the queue stays awake. */
#define AWAKE INT64_C(100000)

struct waiter {
    pthread_cond_t changed;
    struct waiter *before, *after;
    bool called;       /* it wakes without being told */
    bool awake;        /* and sees at once when the turn is given to it */
    atomic_bool given; /* the turn is its own */
};

struct turn {
    pthread_mutex_t mutex;
    struct waiter *first, *last;
    int64_t count;      /* of those who wait */
    int64_t due;        /* when the while is over */
    int64_t free_since; /* when it was given up last, as far as anyone waited */
    bool taken;
};

/* Whether a commit takes less time than waking who comes next, so that this may begin before. What
 * it does afterwards, moving the log into the file, does take time, but needs no turn. */
static bool
waits_for_no_disk(const struct options *options)
{
    return strcmp(options->journal_mode, "WAL") == 0 &&
           (strcmp(options->synchronous, "NORMAL") == 0 ||
            strcmp(options->synchronous, "OFF") == 0);
}

cleat_status
cleat_turn_open(struct database *database, cleat_error *error)
{
    struct turn *turn = calloc(1, sizeof *turn);
    if (turn == NULL)
        return cleat_error_memory(error);
    pthread_mutex_init(&turn->mutex, NULL);
    database->turn = turn;
    database->commits_quickly = waits_for_no_disk(&database->options);
    return CLEAT_OK;
}

void
cleat_turn_close(struct database *database)
{
    if (database->turn == NULL)
        return;
    pthread_mutex_destroy(&database->turn->mutex);
    free(database->turn);
    database->turn = NULL;
}

/* ---- the queue, under the lock ---- */

static void
join(struct turn *turn, struct waiter *waiter)
{
    waiter->before = turn->last;
    if (turn->last == NULL)
        turn->first = waiter;
    else
        turn->last->after = waiter;
    turn->last = waiter;
    turn->count++;
}

static void
leave(struct turn *turn, const struct waiter *waiter)
{
    if (waiter->before == NULL)
        turn->first = waiter->after;
    else
        waiter->before->after = waiter->after;
    if (waiter->after == NULL)
        turn->last = waiter->before;
    else
        waiter->after->before = waiter->before;
    turn->count--;
}

static void
begin_while(struct turn *turn, int64_t now)
{
    int64_t each = ROUND / (turn->count + 1);
    if (each > LONGEST)
        each = LONGEST;
    if (each < SHORTEST)
        each = SHORTEST;
    turn->due = now + each;
}

/* Gives the turn to one that waits. */
static void
hand_over(struct turn *turn, const struct waiter *waiter, int64_t now)
{
    leave(turn, waiter);
    turn->taken = true;
    begin_while(turn, now);
}

/* Hands a turn that is free to the first of the queue when that has come, or leaves it to whoever
 * comes. One that would sleep on is called, once. */
static void
offer(struct turn *turn)
{
    struct waiter *first = turn->first;
    if (first == NULL || turn->taken)
        return;
    int64_t now = cleat_clock();
    turn->free_since = now;
    if (now >= turn->due && (first->awake || now - turn->due >= LATE)) {
        hand_over(turn, first, now);
        atomic_store(&first->given, true);
    } else if (first->called) {
        return;
    }
    first->called = true;
    pthread_cond_signal(&first->changed);
}

/* Whether a waiter that is awake has the turn now. */
static bool
look(struct turn *turn, struct waiter *waiter, int64_t now)
{
    if (atomic_load(&waiter->given)) {
        begin_while(turn, now);
        return true;
    }
    if (turn->taken || turn->first != waiter || (now < turn->due && now - turn->free_since < IDLE))
        return false;
    hand_over(turn, waiter, now);
    return true;
}

/* ---- waiting ---- */

/* Looks at nothing else until the while is over, and a little longer. The lock is held before and
 * after. */
static int64_t
stay_awake(struct turn *turn, struct waiter *waiter, int64_t now)
{
    int64_t end = (now < turn->due ? turn->due : now) + AWAKE;
    waiter->awake = waiter->called = true;
    pthread_mutex_unlock(&turn->mutex);
    while (!atomic_load(&waiter->given) && now < end)
        now = cleat_clock();
    pthread_mutex_lock(&turn->mutex);
    waiter->awake = false;
    return now;
}

/* Sleeps until it is called. The first wakes by itself shortly before the end of the while, and
 * until then now and again, lest the turn is free and nobody takes it up. */
static int64_t
sleep_on(struct turn *turn, struct waiter *waiter, int64_t now, int64_t deadline)
{
    int64_t until = deadline, soon = turn->due - AWAKE;
    if (turn->first == waiter && now < soon) {
        int64_t look = soon - now < PAUSE ? soon : now + PAUSE;
        until = look < deadline ? look : deadline;
    }
    waiter->called = until < deadline;
    struct timespec time = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
    pthread_cond_timedwait(&waiter->changed, &turn->mutex, &time);
    return cleat_clock();
}

static bool
wait_for_turn(struct turn *turn, struct waiter *waiter, int64_t now, int64_t deadline)
{
    join(turn, waiter);
    while (now < deadline) {
        if (turn->first == waiter && now >= turn->due - AWAKE)
            now = stay_awake(turn, waiter, now);
        if (look(turn, waiter, now))
            return true;
        now = sleep_on(turn, waiter, now, deadline);
        if (look(turn, waiter, now))
            return true;
    }
    leave(turn, waiter);
    offer(turn); /* the call may have been meant for this one */
    return false;
}

/* ---- taking and giving ---- */

bool
cleat_turn_take(struct database *database, int64_t patience, int64_t *ret_waited)
{
    struct turn *turn = database->turn;
    bool given = false;
    *ret_waited = 0;
    pthread_mutex_lock(&turn->mutex);
    if (CLEAT_LIKELY(!turn->taken)) {
        turn->taken = true;
        given = true;
    } else if (patience > 0) {
        struct waiter waiter = {.called = false};
        int64_t since = cleat_clock();
        pthread_condattr_t monotonic;
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&waiter.changed, &monotonic);
        pthread_condattr_destroy(&monotonic);
        given = wait_for_turn(turn, &waiter, since, since + patience);
        pthread_cond_destroy(&waiter.changed);
        *ret_waited = cleat_clock() - since;
    }
    pthread_mutex_unlock(&turn->mutex);
    return given;
}

void
cleat_turn_give(struct database *database)
{
    struct turn *turn = database->turn;
    pthread_mutex_lock(&turn->mutex);
    turn->taken = false;
    offer(turn);
    pthread_mutex_unlock(&turn->mutex);
}
