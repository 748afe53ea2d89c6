/* turn.c: the order in which threads of this process write a database. SQLite lets writers poll for
 * its lock, and who polls at the right moment wins; so here the others wait in a queue. To wake the
 * next one takes longer than most units, and much longer on a busy machine: so whoever runs may go
 * first, and the turn is only handed over, in order, to those who have waited for a while, and as
 * often as costs a twentieth of the time. */
#include "connection/statement.h"

#include <stdlib.h>
#include <time.h>

/* So long, in nanoseconds, others may go before the first of the queue. */
#define SOON INT64_C(1000000)

/* The share of the time that handing over may take, unless it takes longer than this. */
enum { SHARE = 20 };
#define LONG INT64_C(400000)

/* The first of the queue looks again after such a pause, in nanoseconds, that doubles. */
#define PAUSE INT64_C(50000)
enum { LONGEST = 2 };

struct waiter {
    pthread_cond_t changed;
    struct waiter *before, *after;
    int64_t since;
    int looks;  /* since it was called to take the turn; 0: it was not */
    bool given; /* the turn is its own */
};

struct turn {
    pthread_mutex_t mutex;
    struct waiter *first, *last;
    bool taken;
    int64_t given_at; /* when it was handed over last */
    int64_t next;     /* when it may be handed over again */
};

cleat_status
cleat_turn_open(struct database *database, cleat_error *error)
{
    struct turn *turn = calloc(1, sizeof *turn);
    if (turn == NULL)
        return cleat_error_memory(error);
    pthread_mutex_init(&turn->mutex, NULL);
    database->turn = turn;
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
}

/* The turn is free: it is handed to the first of the queue, or that one is called, and who comes
 * before it has woken may be faster. From then on it looks by itself. */
static void
call_first(struct turn *turn)
{
    struct waiter *first = turn->first;
    if (first == NULL)
        return;
    int64_t now = cleat_clock();
    if (now - first->since >= SOON && now >= turn->next) {
        leave(turn, first);
        turn->taken = true;
        turn->given_at = now;
        first->given = true;
    } else if (first->looks > 0) {
        return;
    }
    first->looks = 1;
    pthread_cond_signal(&first->changed);
}

/* Whether a waiter that has woken has the turn now. */
static bool
look(struct turn *turn, struct waiter *waiter, int64_t now)
{
    if (waiter->given) {
        int64_t took = now - turn->given_at;
        turn->next = now + SHARE * (took < LONG ? took : LONG);
        return true;
    }
    if (turn->taken || turn->first != waiter)
        return false;
    leave(turn, waiter);
    turn->taken = true;
    return true;
}

/* When a waiter looks next, if nobody wakes it. */
static int64_t
next_look(const struct waiter *waiter, int64_t now, int64_t deadline)
{
    int64_t pause = PAUSE << (waiter->looks < LONGEST ? waiter->looks : LONGEST);
    return waiter->looks == 0 || deadline - now < pause ? deadline : now + pause;
}

static bool
wait_for_turn(struct turn *turn, struct waiter *waiter, int64_t deadline)
{
    int64_t now = waiter->since;
    join(turn, waiter);
    while (now < deadline) {
        int64_t until = next_look(waiter, now, deadline);
        struct timespec time = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
        pthread_cond_timedwait(&waiter->changed, &turn->mutex, &time);
        now = cleat_clock();
        if (look(turn, waiter, now))
            return true;
        waiter->looks += waiter->looks > 0;
    }
    leave(turn, waiter);
    if (!turn->taken) /* the call may have been meant for this one */
        call_first(turn);
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
        struct waiter waiter = {.since = cleat_clock()};
        pthread_condattr_t monotonic;
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&waiter.changed, &monotonic);
        pthread_condattr_destroy(&monotonic);
        given = wait_for_turn(turn, &waiter, waiter.since + patience);
        pthread_cond_destroy(&waiter.changed);
        *ret_waited = cleat_clock() - waiter.since;
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
    call_first(turn);
    pthread_mutex_unlock(&turn->mutex);
}
