/* carry.c: what a step leaves as it was although none of its statements takes care of it. SQLite's
 * statistics go with a table that is made anew, and do not follow one that gets another name; both
 * would leave a file slow until somebody runs ANALYZE. They are kept in temporary tables, inside of
 * the step's transaction, and put back where table and index are still the same. */
#include "step.h"

#include <stdarg.h>

/* ---- statements ---- */

int
cleat_migrate_run(const struct migrate *migrate, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_exec(migrate->handle, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

static int
has_table(const struct migrate *migrate, const char *name, bool *ret_has)
{
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2(
        migrate->handle, "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1", -1,
        &row, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
    *ret_has = sqlite3_step(row) == SQLITE_ROW;
    return sqlite3_finalize(row);
}

/* ---- statistics ---- */

static const struct statistics {
    const char *table;
    const char *kept; /* temporary */
    const char *columns;
} statistics[] = {
    {"sqlite_stat1", "cleat_stat1", "tbl, idx, stat"},
    {"sqlite_stat4", "cleat_stat4", "tbl, idx, neq, nlt, ndlt, sample"},
};

/* What an index is, of the column idx: its columns; of a partial one, or one of expressions, the
 * text too. NULL for none. */
#define INDEX_IS                                                                                     \
    "((SELECT group_concat(coalesce(name, '') || ' ' || coll || ' ' || \"desc\")"                    \
    "   FROM pragma_index_xinfo(idx) WHERE \"key\") ||"                                              \
    " coalesce((SELECT sql FROM main.sqlite_schema WHERE type = 'index' AND name = idx AND"          \
    "   (sql LIKE '%% WHERE %%' OR EXISTS (SELECT 1 FROM pragma_index_xinfo(idx) WHERE cid = -2)))," \
    "  ''))"

static int
keep(const struct migrate *migrate, const struct statistics *of)
{
    bool has = false;
    int rc = has_table(migrate, of->table, &has);
    if (rc != SQLITE_OK || !has)
        return rc;
    return cleat_migrate_run(migrate,
                             "CREATE TEMP TABLE %s AS SELECT %s, " INDEX_IS " AS was FROM main.%s",
                             of->kept, of->columns, of->table);
}

/* What the step found out itself, with an ANALYZE, is newer. */
static int
put_back(const struct migrate *migrate, const struct statistics *of)
{
    bool has = false;
    int rc = has_table(migrate, of->table, &has);
    if (rc != SQLITE_OK || !has)
        return rc;
    rc = cleat_migrate_run(
        migrate,
        "INSERT INTO main.%s (%s) SELECT %s FROM temp.%s AS k WHERE was IS " INDEX_IS
        " AND EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = tbl)"
        " AND NOT EXISTS (SELECT 1 FROM main.%s AS s WHERE s.tbl = k.tbl AND s.idx IS k.idx)",
        of->table, of->columns, of->columns, of->kept, of->table);
    return rc == SQLITE_OK ? cleat_migrate_run(migrate, "DROP TABLE temp.%s", of->kept) : rc;
}

int
cleat_carry_begin(struct migrate *migrate)
{
    int rc = has_table(migrate, "sqlite_stat1", &migrate->carries);
    for (size_t i = 0; rc == SQLITE_OK && migrate->carries && i < CLEAT_COUNT(statistics); i++)
        rc = keep(migrate, &statistics[i]);
    return rc;
}

int
cleat_carry_end(struct migrate *migrate)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && migrate->carries && i < CLEAT_COUNT(statistics); i++)
        rc = put_back(migrate, &statistics[i]);
    migrate->carries = false;
    return rc;
}

/* ---- names ---- */

/* The name of an index follows that of its table where SQLite made it up. */
static int
rename_statistics(const struct migrate *migrate, const char *table, const char *from,
                  const char *to)
{
    return cleat_migrate_run(
        migrate,
        "UPDATE %s SET tbl = %Q, idx = CASE WHEN idx = %Q THEN %Q"
        " WHEN substr(idx, 1, length('sqlite_autoindex_' || %Q || '_')) ="
        "  'sqlite_autoindex_' || %Q || '_'"
        " THEN 'sqlite_autoindex_' || %Q || substr(idx, length('sqlite_autoindex_' || %Q) + 1)"
        " ELSE idx END WHERE tbl = %Q",
        table, to, from, to, from, from, to, from, from);
}

static int
rename_kept(const struct migrate *migrate, const char *from, const char *to)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && migrate->carries && i < CLEAT_COUNT(statistics); i++) {
        bool has = false;
        rc = has_table(migrate, statistics[i].table, &has);
        if (rc == SQLITE_OK && has)
            rc = rename_statistics(migrate, statistics[i].table, from, to);
        if (rc == SQLITE_OK && has)
            rc = rename_statistics(migrate, statistics[i].kept, from, to);
    }
    if (rc == SQLITE_OK && migrate->allowed > 0)
        rc = cleat_references_rename(migrate, from, to);
    return rc;
}

#define RENAMED_SQL                                                                                \
    "SELECT n.name, s.name FROM temp.cleat_names AS n JOIN main.sqlite_schema AS s"                \
    " ON s.rootpage = n.rootpage WHERE s.type = 'table' AND s.name <> n.name"

/* A table that has another name keeps its place in the file. */
static int
follow(const struct migrate *migrate)
{
    sqlite3_stmt *row = NULL;
    char *from = NULL, *to = NULL;
    int rc = sqlite3_prepare_v2(migrate->handle, RENAMED_SQL, -1, &row, NULL);
    if (rc == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW) {
        from = sqlite3_mprintf("%s", sqlite3_column_text(row, 0));
        to = sqlite3_mprintf("%s", sqlite3_column_text(row, 1));
        rc = from == NULL || to == NULL ? SQLITE_NOMEM : SQLITE_OK;
    }
    int end = sqlite3_finalize(row);
    rc = rc == SQLITE_OK ? end : rc;
    if (rc == SQLITE_OK && from != NULL)
        rc = rename_kept(migrate, from, to);
    sqlite3_free(from);
    sqlite3_free(to);
    return rc == SQLITE_OK ? cleat_migrate_run(migrate, "DROP TABLE temp.cleat_names") : rc;
}

int
cleat_carry_run(struct migrate *migrate, const char *sql)
{
    bool writes = migrate->writes;
    bool follows = (migrate->carries || migrate->allowed > 0) &&
                   sqlite3_strnicmp(sql, "alter", 5) == 0;
    int rc = SQLITE_OK;
    if (follows)
        rc = cleat_migrate_run(migrate,
                               "CREATE TEMP TABLE cleat_names AS SELECT rootpage, name"
                               " FROM main.sqlite_schema WHERE type = 'table'"
                               " AND rootpage > 0");
    if (follows)
        migrate->writes = writes;
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(migrate->handle, sql, NULL, NULL, NULL);
    writes = migrate->writes;
    if (rc == SQLITE_OK && follows)
        rc = follow(migrate);
    migrate->writes = writes;
    return rc;
}
