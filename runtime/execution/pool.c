/* pool.c: connections that wait for their next session, per database. Takes and gives are a lock
 * and a pointer; opening is the caller's, so nobody waits while a file is opened. */
#include "execution.h"

#include <stdlib.h>

struct pool {
    pthread_mutex_t mutex;
    struct connection *first;
    int count;
    int most;
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

struct connection *
cleat_pool_take(struct database *database)
{
    struct pool *pool = database->pool;
    pthread_mutex_lock(&pool->mutex);
    struct connection *connection = pool->first;
    if (connection != NULL) {
        pool->first = connection->next;
        pool->count--;
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
    if (keep) {
        connection->next = pool->first;
        pool->first = connection;
        pool->count++;
    }
    pthread_mutex_unlock(&pool->mutex);
    if (!keep)
        cleat_connection_close(connection);
}
