/* references.c: references without a target, before a step and after it. Those that were there
 * before are not the step's fault: they are noted one by one, by the table, the row and the table
 * that is referred to, and only others end the step. */
#include "step.h"

#include <stdio.h>

/* One row, or the rows of a table without rowids, that refer to nothing. */
struct orphan {
    const char *child;
    const char *parent;
    bool has_number;
    int64_t number; /* the rowid */
};

struct names {
    char text[240];
    int count;
    int rc; /* of the naming, when it has ended the transaction */
};

/* A row may refer to one table in several ways; which of them is numbered anew with every change of
 * the table's form, so that they are counted. */
#define ORPHANS_SQL                                                                                \
    "SELECT \"table\" AS child, rowid AS number, parent, count(*) AS times"                        \
    " FROM pragma_foreign_key_check GROUP BY 1, 2, 3"

static int
ask(const struct migrate *migrate, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2(migrate->handle, sql, -1, &row, NULL);
    if (rc == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(row, 0);
    int end = sqlite3_finalize(row);
    return rc == SQLITE_OK ? end : rc;
}

cleat_status
cleat_migrate_allow(struct migrate *migrate, cleat_error *error)
{
    migrate->allowed = 0;
    int rc = cleat_migrate_run(migrate, "DROP TABLE IF EXISTS temp.cleat_orphans");
    if (rc == SQLITE_OK)
        rc = cleat_migrate_run(migrate, "CREATE TEMP TABLE cleat_orphans AS " ORPHANS_SQL);
    if (rc == SQLITE_OK)
        rc = ask(migrate, "SELECT coalesce(sum(times), 0) FROM temp.cleat_orphans",
                 &migrate->allowed);
    return rc == SQLITE_OK ? CLEAT_OK : cleat_migrate_fail(migrate, rc, NULL, error);
}

int
cleat_references_forget(struct migrate *migrate)
{
    migrate->allowed = 0;
    return cleat_migrate_run(migrate, "DROP TABLE IF EXISTS temp.cleat_orphans");
}

int
cleat_references_rename(const struct migrate *migrate, const char *from, const char *to)
{
    return cleat_migrate_run(migrate,
                             "UPDATE temp.cleat_orphans SET"
                             " child = CASE child WHEN %Q THEN %Q ELSE child END,"
                             " parent = CASE parent WHEN %Q THEN %Q ELSE parent END",
                             from, to, from, to);
}

/* ---- names of rows ---- */

/* A SELECT of the keys of the rows of ?1 that refer to nothing in ?2; of the row ?3 where rows have
 * numbers. */
#define KEYS_SQL                                                                                   \
    "SELECT 'SELECT ' || (SELECT group_concat(printf('c.\"%w\"', name), ' || '', '' || ')"         \
    "   FROM pragma_table_info(?1) WHERE pk > 0) || printf(' FROM \"%w\" AS c WHERE ', ?1) ||"     \
    " coalesce('c.rowid = ' || ?3, group_concat(item, ' OR ')) || ' LIMIT 5' FROM"                 \
    " (SELECT '(' || group_concat(printf('c.\"%w\" IS NOT NULL', \"from\"), ' AND ') ||"           \
    "   printf(' AND NOT EXISTS (SELECT 1 FROM \"%w\" AS p WHERE ', ?2) ||"                        \
    "   group_concat(printf('p.\"%w\" = c.\"%w\"', \"to\", \"from\"), ' AND ') || '))' AS item"    \
    "   FROM pragma_foreign_key_list(?1) WHERE \"table\" = ?2 GROUP BY id)"

/* A row that cannot be named is counted all the same; but a statement without memory undoes the whole
 * transaction, and the check with it. */
static void
end_naming(const struct migrate *migrate, sqlite3_stmt *rows, struct names *names)
{
    int rc = sqlite3_finalize(rows);
    if (rc != SQLITE_OK && sqlite3_get_autocommit(migrate->handle))
        names->rc = rc;
}

/* NULL for a table without a key, or where names cannot be found out. */
static char *
keys_sql(const struct migrate *migrate, const struct orphan *orphan, struct names *names)
{
    sqlite3_stmt *row = NULL;
    char *sql = NULL;
    if (!migrate->name_rows ||
        sqlite3_prepare_v2(migrate->handle, KEYS_SQL, -1, &row, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_bind_text(row, 1, orphan->child, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, orphan->parent, -1, SQLITE_STATIC);
    if (orphan->has_number)
        sqlite3_bind_int64(row, 3, orphan->number);
    if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_type(row, 0) != SQLITE_NULL)
        sql = sqlite3_mprintf("%s", sqlite3_column_text(row, 0));
    end_naming(migrate, row, names);
    return sql;
}

/* "reviews 1 to books" */
static void
append(struct names *names, const struct orphan *orphan, const char *key)
{
    size_t length = strlen(names->text);
    if (names->count++ < CLEAT_NAMED_ROWS)
        snprintf(names->text + length, sizeof names->text - length, "%s%s%s%s to %s",
                 length == 0 ? "" : ", ", orphan->child, *key == '\0' ? "" : " ", key,
                 orphan->parent);
}

static void
name_rows(const struct migrate *migrate, const struct orphan *orphan, struct names *names)
{
    char key[64] = "";
    sqlite3_stmt *rows = NULL;
    char *sql = keys_sql(migrate, orphan, names);
    if (sql != NULL && sqlite3_prepare_v2(migrate->handle, sql, -1, &rows, NULL) == SQLITE_OK)
        while (sqlite3_step(rows) == SQLITE_ROW) {
            key[0] = '\0';
            cleat_migrate_name_row(migrate, rows, key, sizeof key);
            append(names, orphan, key);
        }
    end_naming(migrate, rows, names);
    sqlite3_free(sql);
    if (key[0] != '\0')
        return;
    if (orphan->has_number)
        snprintf(key, sizeof key, "%lld", (long long)orphan->number);
    append(names, orphan, key);
}

/* ---- after a step ---- */

#define NEW_ORPHANS_SQL                                                                            \
    "SELECT f.child, f.number, f.parent, f.times - coalesce(o.times, 0) FROM (" ORPHANS_SQL        \
    ") AS"                                                                                         \
    " f LEFT JOIN temp.cleat_orphans AS o ON o.child = f.child AND o.number IS f.number"           \
    " AND o.parent = f.parent WHERE f.times > coalesce(o.times, 0)"

static int
find_orphans(const struct migrate *migrate, int64_t *ret_count, struct names *names)
{
    sqlite3_stmt *rows = NULL;
    const char *sql = migrate->allowed > 0 ? NEW_ORPHANS_SQL : ORPHANS_SQL;
    int rc = sqlite3_prepare_v2(migrate->handle, sql, -1, &rows, NULL);
    *ret_count = 0;
    while (rc == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
        struct orphan orphan = {
            .child = (const char *)sqlite3_column_text(rows, 0),
            .parent = (const char *)sqlite3_column_text(rows, 2),
            .has_number = sqlite3_column_type(rows, 1) == SQLITE_INTEGER,
            .number = sqlite3_column_int64(rows, 1),
        };
        *ret_count += sqlite3_column_int64(rows, 3);
        if (orphan.child != NULL && orphan.parent != NULL && names->count < CLEAT_NAMED_ROWS)
            name_rows(migrate, &orphan, names);
    }
    int end = sqlite3_finalize(rows);
    if (names->rc != SQLITE_OK)
        return names->rc;
    return rc == SQLITE_OK ? end : rc;
}

cleat_status
cleat_references_check(const struct migrate *migrate, cleat_error *error)
{
    int64_t count = 0;
    struct names names = {.count = 0};
    int rc = find_orphans(migrate, &count, &names);
    if (rc != SQLITE_OK)
        return cleat_migrate_fail(migrate, rc, "PRAGMA foreign_key_check", error);
    if (count == 0)
        return CLEAT_OK;
    return cleat_migrate_refuse(migrate, CLEAT_FOREIGN_KEY, error,
                                "after it %lld %s no target%s: %s%s", (long long)count,
                                count == 1 ? "reference has" : "references have",
                                migrate->allowed > 0 ? " that had one before" : "", names.text,
                                count > names.count ? ", …" : "");
}
