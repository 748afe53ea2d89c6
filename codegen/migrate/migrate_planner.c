/* migrate_planner.c: the statements of a plan, as they stand in a migration. */
#include "migrate_planner.h"

#include "common/sql_scan.h"

#include <string.h>

void
plan_sql(const struct planner *planner, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_string_append_vprintf(planner->plan->sql, format, arguments);
    va_end(arguments);
    g_string_append(planner->plan->sql, ";\n\n");
}

void
plan_text(const struct planner *planner, const char *sql)
{
    plan_sql(planner, "%s", sql_without_comments(sql, strlen(sql)));
}
