/* pool.c: connections that wait for their next session, per database. Takes and gives are a lock
 * and a pointer; opening is the caller's, so nobody waits while a file is opened. Also knows all
 * connections there are, for their figures. */
#include "connection.h"

#include <stdlib.h>

struct pool {
    pthread_mutex_t mutex;
    struct connection *first;
    struct connection *all; /* used or not */
    int count;              /* of those that wait */
    int most;
    uint64_t sessions, opened, used, most_used;
    cleat_stats closed; /* what connections had counted that are closed now */
};

cleat_status
cleat_pool_open(cleat_registry *registry, struct database *database)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return cleat_error_memory(&registry->error);
    pthread_mutex_init(&pool->mutex, NULL);
    pool->most = database->options.pool_size;
    database->pool = pool;
    return CLEAT_OK;
}

void
cleat_pool_close(struct database *database)
{
    struct pool *pool = database->pool;
    if (pool == NULL)
        return;
    while (pool->first != NULL) {
        struct connection *connection = pool->first;
        pool->first = connection->next;
        cleat_connection_close(connection);
    }
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
    database->pool = NULL;
}

/* ---- figures ---- */

static uint64_t
read_count(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
add_counts(cleat_stats *stats, const struct counts *counts)
{
    uint64_t longest = read_count(&counts->longest_wait_ns);
    stats->commits += read_count(&counts->commits);
    stats->rollbacks += read_count(&counts->rollbacks);
    stats->statements += read_count(&counts->statements);
    stats->prepared += read_count(&counts->prepared);
    stats->waits += read_count(&counts->waits);
    stats->timeouts += read_count(&counts->timeouts);
    stats->wait_ns += read_count(&counts->wait_ns);
    if (longest > stats->longest_wait_ns)
        stats->longest_wait_ns = longest;
}

void
cleat_pool_count(struct database *database, cleat_stats *stats)
{
    struct pool *pool = database->pool;
    pthread_mutex_lock(&pool->mutex);
    *stats = pool->closed;
    for (const struct connection *one = pool->all; one != NULL; one = one->all_after)
        add_counts(stats, &one->counts);
    stats->sessions = pool->sessions;
    stats->connections_opened = pool->opened;
    stats->connections_used = pool->used;
    stats->connections_idle = (uint64_t)pool->count;
    stats->most_used = pool->most_used;
    pthread_mutex_unlock(&pool->mutex);
}

/* One more session has a connection. The lock is held. */
static void
count_use(struct pool *pool)
{
    pool->sessions++;
    pool->used++;
    if (pool->used > pool->most_used)
        pool->most_used = pool->used;
}

void
cleat_pool_add(struct connection *connection)
{
    struct pool *pool = connection->database->pool;
    pthread_mutex_lock(&pool->mutex);
    connection->known = true;
    connection->all_after = pool->all;
    if (pool->all != NULL)
        pool->all->all_before = connection;
    pool->all = connection;
    pool->opened++;
    count_use(pool);
    pthread_mutex_unlock(&pool->mutex);
}

void
cleat_pool_remove(struct connection *connection)
{
    struct pool *pool = connection->database->pool;
    if (!connection->known)
        return;
    pthread_mutex_lock(&pool->mutex);
    if (connection->all_before != NULL)
        connection->all_before->all_after = connection->all_after;
    else
        pool->all = connection->all_after;
    if (connection->all_after != NULL)
        connection->all_after->all_before = connection->all_before;
    add_counts(&pool->closed, &connection->counts);
    pthread_mutex_unlock(&pool->mutex);
}

/* ---- connections ---- */

struct connection *
cleat_pool_take(struct database *database)
{
    struct pool *pool = database->pool;
    pthread_mutex_lock(&pool->mutex);
    struct connection *connection = pool->first;
    if (connection != NULL) {
        pool->first = connection->next;
        pool->count--;
        count_use(pool);
    }
    pthread_mutex_unlock(&pool->mutex);
    return connection;
}

void
cleat_pool_give(struct database *database, struct connection *connection)
{
    struct pool *pool = database->pool;
    pthread_mutex_lock(&pool->mutex);
    /* one that is still inside a transaction must never serve somebody else */
    bool keep = pool->count < pool->most && !connection->suspect &&
                sqlite3_get_autocommit(connection->handle);
    pool->used--;
    if (keep) {
        connection->next = pool->first;
        pool->first = connection;
        pool->count++;
    }
    pthread_mutex_unlock(&pool->mutex);
    if (!keep)
        cleat_connection_close(connection);
}
