/* report.c: read sessions enter, tables on standard output leave. Each function opens its own
 * session, and has said what failed when it returns a failure. */
#include "report.h"

#include <init_table.h>
#include <inttypes.h>
#include <stdio.h>

#include <cleat/table.h>

cleat_status
report_failure(cleat_status status, const cleat_error *error)
{
    const char *text = error->status == status ? error->text : "the program itself ran into it";
    fprintf(stderr, "hub: %s: %s\n", cleat_status_name(status), text);
    return status;
}

/* ---- rows of every table ----
 * Typed functions are for those who know the table. Whoever wants all tables walks through the
 * init table, as the runtime does. */

static cleat_status
count_rows(cleat_session *session, const cleat_database *database, int *ret_tables,
           int64_t *ret_rows)
{
    *ret_tables = 0;
    *ret_rows = 0;
    for (const cleat_table *const *table = database->tables; *table != NULL; table++) {
        int64_t rows;
        cleat_status status = cleat_row_count(session, *table, &rows);
        if (status < 0)
            return report_failure(status, cleat_session_error(session));
        *ret_tables += 1;
        *ret_rows += rows;
    }
    return CLEAT_OK;
}

static cleat_status
report_database(cleat_registry *registry, const cleat_database *database)
{
    cleat_session *session;
    cleat_status status = cleat_session_open(registry, database->name, CLEAT_READ, &session);
    if (status < 0)
        return report_failure(status, cleat_registry_error(registry));
    int tables;
    int64_t rows;
    status = count_rows(session, database, &tables, &rows);
    if (status >= 0)
        printf("%-24s %6d %8" PRId64 "\n", database->name, tables, rows);
    cleat_session_close(session);
    return status;
}

cleat_status
report_databases(cleat_registry *registry)
{
    printf("\n%-24s %6s %8s\n", "DATABASE", "TABLES", "ROWS");
    for (size_t i = 0; i < app_init_table.database_count; i++) {
        cleat_status status = report_database(registry, &app_init_table.databases[i]);
        if (status < 0)
            return status;
    }
    return CLEAT_OK;
}

/* ---- a join over two databases ---- */

/* Each name carries its database; that content is another file does not show. */
static const char largest_sql[] =
    "SELECT d.path, length(CAST(c.body AS BLOB)), substr(c.content_hash, 1, 12)"
    "  FROM catalog.documents AS d"
    "  JOIN content.document_content AS c ON c.document_id = d.id"
    " WHERE d.active"
    " ORDER BY 2 DESC, 1"
    " LIMIT ?1";

static cleat_status
print_documents(cleat_statement *statement)
{
    cleat_status status;
    printf("\n%10s  %-12s  %s\n", "BYTES", "SHA-256", "DOCUMENT");
    while ((status = cleat_statement_next(statement)) == CLEAT_ROW)
        printf("%10" PRId64 "  %-12s  %s\n", cleat_statement_integer(statement, 1),
               cleat_statement_text(statement, 2), cleat_statement_text(statement, 0));
    return status;
}

static cleat_status
join_largest(cleat_session *session, int count)
{
    cleat_statement *statement;
    cleat_status status = cleat_statement_open(session, largest_sql, &statement);
    if (status < 0)
        return report_failure(status, cleat_session_error(session));
    status = cleat_statement_bind_integer(statement, 1, count);
    if (status >= 0)
        status = print_documents(statement);
    if (status < 0)
        report_failure(status, cleat_session_error(session));
    cleat_statement_close(statement);
    return status;
}

cleat_status
report_largest(cleat_registry *registry, int count)
{
    cleat_session *session;
    cleat_status status = cleat_session_open(registry, "catalog", CLEAT_READ, &session);
    if (status < 0)
        return report_failure(status, cleat_registry_error(registry));
    status = join_largest(session, count);
    cleat_session_close(session);
    return status;
}
