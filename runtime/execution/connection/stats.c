/* stats.c: the figures of databases at this moment. Connections count for themselves, without
 * locks, since one thread at a time uses each; a snapshot adds them up. The log is measured by its
 * name: to open it would end locks of this process. */
#include "file/maintain.h"

#include <stdlib.h>
#include <sys/stat.h>

int64_t
cleat_file_size(const struct database *database, const char *suffix)
{
    struct stat found;
    char *path = cleat_text("%s%s", database->path, suffix);
    int64_t size = path == NULL || stat(path, &found) != 0 ? 0 : (int64_t)found.st_size;
    free(path);
    return size;
}

static uint64_t
greater(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

static cleat_status
add_database(struct database *database, void *data, cleat_error *error)
{
    cleat_stats *sum = data;
    cleat_stats one = {0};
    (void)error;
    cleat_pool_count(database, &one);
    cleat_group_count(database, &one);
    sum->sessions += one.sessions;
    sum->commits += one.commits;
    sum->rollbacks += one.rollbacks;
    sum->statements += one.statements;
    sum->prepared += one.prepared;
    sum->waits += one.waits;
    sum->timeouts += one.timeouts;
    sum->wait_ns += one.wait_ns;
    sum->longest_wait_ns = greater(sum->longest_wait_ns, one.longest_wait_ns);
    sum->connections_opened += one.connections_opened;
    sum->connections_used += one.connections_used;
    sum->connections_idle += one.connections_idle;
    sum->most_used = greater(sum->most_used, one.most_used);
    sum->group_units += one.group_units;
    sum->group_batches += one.group_batches;
    sum->group_repeated += one.group_repeated;
    sum->group_waiting += one.group_waiting;
    sum->group_largest = greater(sum->group_largest, one.group_largest);
    sum->file_size += cleat_file_size(database, "");
    sum->log_size += cleat_file_size(database, "-wal");
    return CLEAT_OK;
}

cleat_status
cleat_registry_stats(cleat_registry *registry, const char *database, cleat_stats *ret_stats)
{
    cleat_stats sum = {0};
    if (ret_stats == NULL)
        return CLEAT_MISUSE;
    cleat_status rc = cleat_each_database(registry, database, add_database, &sum);
    if (rc == CLEAT_OK)
        *ret_stats = sum;
    return rc;
}
