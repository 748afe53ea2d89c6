/* migrate_move.c: the rows of a table go from one file to another. Two files are no transaction, so
 * that there are two, each with both files locked: the first copies and compares, and commits the
 * target; the second compares again and only then deletes. Whatever happens in between leaves the
 * rows in both files, and the same command goes on from there. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "migrate_move.h"

#include "command/command.h"
#include "common/arena.h"
#include "execution/migration/migrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUSY_TIMEOUT_MS = 10000 };

struct move {
    const char *table;
    const char *from, *to; /* paths */
    sqlite3 *handle;       /* of the target; the source is attached */
    const char *columns;   /* "a, b" */
    const char *exact;     /* the same, to be compared byte by byte */
    const char *key;       /* an expression that names a row */
};

/* ---- statements ---- */

static int
fail(const struct move *move)
{
    int code = sqlite3_errcode(move->handle) & 0xff;
    bool outside = code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_FULL ||
                   code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    fprintf(stderr, "cleat: %s of %s was not moved to %s: %s\n", move->table, move->from, move->to,
            sqlite3_errmsg(move->handle));
    return outside ? EXIT_ENVIRONMENT : EXIT_FINDINGS;
}

static const char *
format_sql(const char *format, va_list arguments)
{
    char *sql = sqlite3_vmprintf(format, arguments);
    const char *copy = arena_string(sql);
    sqlite3_free(sql);
    return copy;
}

static bool
execute(const struct move *move, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *sql = format_sql(format, arguments);
    va_end(arguments);
    return sqlite3_exec(move->handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The first value of the first rows, as a list; false after a failure. */
static bool
ask(const struct move *move, GPtrArray *values, const char *format, ...)
{
    sqlite3_stmt *rows = NULL;
    va_list arguments;
    va_start(arguments, format);
    const char *sql = format_sql(format, arguments);
    va_end(arguments);
    if (sqlite3_prepare_v2(move->handle, sql, -1, &rows, NULL) != SQLITE_OK)
        return false;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *value = (const char *)sqlite3_column_text(rows, 0);
        g_ptr_array_add(values, arena_string(value == NULL ? "" : value));
    }
    return sqlite3_finalize(rows) == SQLITE_OK;
}

static bool
ask_number(const struct move *move, const char *sql, gint64 *ret_number)
{
    GPtrArray *values = arena_list();
    if (!ask(move, values, "%s", sql) || values->len == 0)
        return false;
    *ret_number = g_ascii_strtoll(g_ptr_array_index(values, 0), NULL, 10);
    return true;
}

static const char *
join(GPtrArray *texts, const char *separator)
{
    g_ptr_array_add(texts, NULL);
    char *joined = g_strjoinv(separator, (char **)texts->pdata);
    const char *copy = arena_string(joined);
    g_free(joined);
    return copy;
}

/* ---- the form of the table ---- */

/* What a column is called and holds; on one side only, it stands against the move. */
#define COLUMNS_SQL                                                                                \
    "SELECT lower(name) || ' ' || upper(type) FROM pragma_table_xinfo(%Q, %Q) WHERE hidden = 0"

static int
check_form(struct move *move)
{
    GPtrArray *apart = arena_list(), *names = arena_list(), *exact = arena_list();
    GPtrArray *keys = arena_list(), *target = arena_list();
    const char *here = move->table;
    if (!ask(move, names,
             "SELECT printf('\"%%w\"', name) FROM pragma_table_xinfo(%Q, 'cleat_from') WHERE "
             "hidden = 0",
             here) ||
        !ask(move, target, "SELECT name FROM pragma_table_xinfo(%Q, 'main')", here) ||
        !ask(move, apart,
             "SELECT * FROM (" COLUMNS_SQL " EXCEPT " COLUMNS_SQL ") UNION "
             "SELECT * FROM (" COLUMNS_SQL " EXCEPT " COLUMNS_SQL ")",
             here, "main", here, "cleat_from", here, "cleat_from", here, "main") ||
        !ask(move, exact,
             "SELECT printf('\"%%w\" COLLATE BINARY', name) FROM pragma_table_xinfo(%Q, "
             "'cleat_from') WHERE hidden = 0",
             here) ||
        !ask(move, keys,
             "SELECT printf('\"%%w\"', name) FROM pragma_table_info(%Q, 'cleat_from') WHERE pk > 0 "
             "ORDER BY pk",
             here))
        return fail(move);
    const char *missing = names->len == 0 ? move->from : target->len == 0 ? move->to : NULL;
    if (missing != NULL) {
        fprintf(stderr, "cleat: %s has no table %s; its migrations come first: cleat migrate up\n",
                missing, here);
        return EXIT_FINDINGS;
    }
    if (apart->len > 0) {
        fprintf(stderr, "cleat: %s has another form in %s than in %s: %s; move it as it is\n", here,
                move->to, move->from, join(apart, ", "));
        return EXIT_FINDINGS;
    }
    move->key = keys->len == 0 ? "1" : join(keys, " || ', ' || ");
    move->columns = join(names, ", ");
    move->exact = join(exact, ", ");
    return EXIT_FINE;
}

/* ---- rows ---- */

/* Rows of one side that the other does not have, or has with other values. */
#define APART_SQL "SELECT %s FROM (SELECT %s FROM %s.\"%w\" EXCEPT SELECT %s FROM %s.\"%w\")"

static bool
count_apart(const struct move *move, const char *one, const char *other, gint64 *ret_count)
{
    GPtrArray *count = arena_list();
    if (!ask(move, count, APART_SQL, "count(*)", move->exact, one, move->table, move->exact, other,
             move->table) ||
        count->len == 0)
        return false;
    *ret_count = g_ascii_strtoll(g_ptr_array_index(count, 0), NULL, 10);
    return true;
}

/* Whether both files have the same rows; says which not. */
static int
check_same(const struct move *move)
{
    GPtrArray *names = arena_list();
    gint64 missing = 0, more = 0;
    if (!count_apart(move, "cleat_from", "main", &missing) ||
        !count_apart(move, "main", "cleat_from", &more))
        return fail(move);
    if (missing == 0 && more == 0)
        return EXIT_FINE;
    if (!ask(move, names, APART_SQL " LIMIT 5", move->key, move->exact,
             missing > 0 ? "cleat_from" : "main", move->table, move->exact,
             missing > 0 ? "main" : "cleat_from", move->table))
        return fail(move);
    fprintf(stderr,
            "cleat: %s has rows in both files, and they are not the same: %" G_GINT64_FORMAT
            " of %s are not in %s, %" G_GINT64_FORMAT
            " the other way round, such as %s. Nothing "
            "was moved; make them the same, or empty the table in %s\n",
            move->table, missing, move->from, move->to, more, join(names, "; "), move->to);
    return EXIT_FINDINGS;
}

/* References of the rows that arrive must have their targets. */
static int
check_references(const struct move *move)
{
    GPtrArray *orphans = arena_list();
    if (!ask(move, orphans, "SELECT parent FROM pragma_foreign_key_check(%Q, 'main')", move->table))
        return fail(move);
    if (orphans->len == 0)
        return EXIT_FINE;
    fprintf(stderr,
            "cleat: %u references of %s to %s would have no target in %s; nothing was moved\n",
            orphans->len, move->table, (char *)g_ptr_array_index(orphans, 0), move->to);
    return EXIT_FINDINGS;
}

/* The greatest number that AUTOINCREMENT ever gave goes along. */
static bool
carry_sequence(const struct move *move)
{
    gint64 both = 0;
    if (!ask_number(move,
                    "SELECT (SELECT count(*) FROM main.sqlite_schema WHERE name = "
                    "'sqlite_sequence') * (SELECT count(*) FROM cleat_from.sqlite_schema WHERE "
                    "name = 'sqlite_sequence')",
                    &both))
        return false;
    return both == 0 ||
           execute(move,
                   "UPDATE main.sqlite_sequence SET seq = max(seq, coalesce((SELECT seq "
                   "FROM cleat_from.sqlite_sequence WHERE name = %Q), 0)) WHERE name = %Q",
                   move->table, move->table);
}

static int
copy_rows(const struct move *move, gint64 *ret_copied)
{
    gint64 there = 0;
    *ret_copied = 0;
    if (!execute(move, "BEGIN IMMEDIATE") ||
        !ask_number(move, arena_printf("SELECT EXISTS (SELECT 1 FROM main.\"%s\")", move->table),
                    &there))
        return fail(move);
    if (there == 0) {
        if (!execute(move, "INSERT INTO main.\"%w\" (%s) SELECT %s FROM cleat_from.\"%w\"",
                     move->table, move->columns, move->columns, move->table))
            return fail(move);
        *ret_copied = sqlite3_changes64(move->handle);
        if (!carry_sequence(move))
            return fail(move);
    }
    int status = check_same(move);
    if (status == EXIT_FINE)
        status = check_references(move);
    return status == EXIT_FINE && !execute(move, "COMMIT") ? fail(move) : status;
}

static int
delete_rows(const struct move *move, gint64 *ret_deleted)
{
    if (!execute(move, "BEGIN IMMEDIATE"))
        return fail(move);
    int status = check_same(move);
    if (status != EXIT_FINE)
        return status;
    if (!execute(move, "DELETE FROM cleat_from.\"%w\"", move->table))
        return fail(move);
    *ret_deleted = sqlite3_changes64(move->handle);
    return execute(move, "COMMIT") ? EXIT_FINE : fail(move);
}

static int
move_rows(struct move *move)
{
    gint64 copied = 0, deleted = 0;
    int status = check_form(move);
    if (status == EXIT_FINE)
        status = copy_rows(move, &copied);
    if (status == EXIT_FINE)
        status = delete_rows(move, &deleted);
    if (!sqlite3_get_autocommit(move->handle))
        execute(move, "ROLLBACK");
    if (status == EXIT_FINE)
        printf("%s: %" G_GINT64_FORMAT " rows are in %s%s\n", move->table, deleted, move->to,
               copied < deleted ? ", where they were copied before" : "");
    return status;
}

static const char *
real_path(const char *path)
{
    char *real = realpath(path, NULL);
    if (real == NULL)
        fprintf(stderr, "cleat: %s: %s\n", path, g_strerror(errno));
    const char *copy = real == NULL ? NULL : arena_string(real);
    free(real);
    return copy;
}

int
migrate_move(const char *table, const char *from, const char *to)
{
    struct move move = {.table = table, .from = real_path(from), .to = real_path(to)};
    if (move.from == NULL || move.to == NULL)
        return EXIT_ENVIRONMENT;
    int status,
        rc = cleat_migrate_open(move.to, CLEAT_TRUSTED_SCHEMA, BUSY_TIMEOUT_MS, &move.handle);
    sqlite3_limit(move.handle, SQLITE_LIMIT_ATTACHED, 1);
    if (rc != SQLITE_OK ||
        !execute(&move, "ATTACH %Q AS cleat_from; PRAGMA cleat_from.synchronous=FULL", move.from))
        status = fail(&move);
    else
        status = move_rows(&move);
    sqlite3_close(move.handle);
    return status;
}
