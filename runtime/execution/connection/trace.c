/* trace.c: what a statement was and how long it took, for the trace hook, for the eyes of somebody
 * at a terminal, and for the log when it was slow. Nothing of this is measured unless one of the
 * three wants it. SQL is shown with its placeholders: values are never in it. */
#include "statement.h"

#include <stdio.h>
#include <time.h>

int64_t
cleat_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int
cleat_step_timed(struct statement *statement)
{
    int64_t start = cleat_clock();
    int rc = sqlite3_step(statement->handle);
    statement->nanoseconds += cleat_clock() - start;
    return rc;
}

void
cleat_report(const cleat_session *session, const char *sql, int64_t nanoseconds)
{
    const struct config *config = &session->registry->config;
    const char *database = session->database->schema->name;
    /* as numbers: the point of a double is the locale's */
    long long milliseconds = nanoseconds / 1000000, rest = nanoseconds / 1000 % 1000;
    if (config->echo_sql)
        fprintf(stderr, "SQL - %s - %lld.%03lld ms - %s\n", database, milliseconds, rest, sql);
    if (config->trace != NULL)
        config->trace(config->trace_data, database, sql, nanoseconds);
    if (config->slow_statement_ms > 0 && milliseconds >= config->slow_statement_ms)
        cleat_log(config, CLEAT_LOG_WARNING, "trace", "%s: slow statement, %lld.%lld ms: %s",
                  database, milliseconds, rest / 100, sql);
}
