/* stats_print.c: the figures of all databases as a table for people, in a file or in the log. */
#include "runtime.h"

#include <stdio.h>

enum { LINE_SIZE = 256 };

static void
write_head(char *ret_line)
{
    snprintf(ret_line, LINE_SIZE, "%-20s %9s %9s %9s %11s %8s %7s %8s %10s %7s %9s %9s", "database",
             "sessions", "commits", "rollbacks", "statements", "prepared", "waits", "timeouts",
             "longest ms", "used", "file KiB", "log KiB");
}

static void
write_line(char *ret_line, const char *name, const cleat_stats *stats)
{
    char used[48];
    snprintf(used, sizeof used, "%llu/%llu", (unsigned long long)stats->connections_used,
             (unsigned long long)(stats->connections_used + stats->connections_idle));
    /* of a millisecond; as numbers, since the point of a double is the locale's */
    unsigned long long tenths = stats->longest_wait_ns / 100000;
    snprintf(ret_line, LINE_SIZE,
             "%-20s %9llu %9llu %9llu %11llu %8llu %7llu %8llu %8llu.%llu %7s %9lld %9lld", name,
             (unsigned long long)stats->sessions, (unsigned long long)stats->commits,
             (unsigned long long)stats->rollbacks, (unsigned long long)stats->statements,
             (unsigned long long)stats->prepared, (unsigned long long)stats->waits,
             (unsigned long long)stats->timeouts, tenths / 10, tenths % 10, used,
             (long long)(stats->file_size / 1024), (long long)(stats->log_size / 1024));
}

static void
put(const cleat_registry *registry, FILE *file, const char *line)
{
    if (file == NULL)
        cleat_log(&registry->config, CLEAT_LOG_INFO, "stats", "%s", line);
    else
        fprintf(file, "%s\n", line);
}

cleat_status
cleat_stats_print(cleat_registry *registry, FILE *file)
{
    char line[LINE_SIZE];
    cleat_stats stats = {0};
    cleat_status rc = cleat_registry_enter(registry);
    if (rc < 0)
        return rc;
    write_head(line);
    put(registry, file, line);
    for (size_t i = 0; i <= registry->count; i++) {
        bool all = i == registry->count;
        const char *name = all ? "all" : registry->databases[i].schema->name;
        cleat_registry_stats(registry, all ? NULL : name, &stats); /* of one that is there */
        write_line(line, name, &stats);
        put(registry, file, line);
    }
    return file != NULL && ferror(file) ? CLEAT_IO : CLEAT_OK;
}
