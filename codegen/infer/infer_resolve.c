/* infer_resolve.c: which column of which table a name in a statement means, where several tables,
 * subqueries and common tables have one of that name. SQLite knows: its authorizer is asked for
 * every column that a statement reads, and of the two statements, as it is and with NULL in the
 * place of the name, the first reads one more. */
#include "infer.h"

#include <string.h>

static int
count_read(void *data, int action, const char *table, const char *column, const char *database,
           const char *inner)
{
    GHashTable *reads = data;
    (void)inner;
    if (action != SQLITE_READ || database == NULL || column == NULL)
        return SQLITE_OK;
    char *key = g_strdup_printf("%s\n%s\n%s", database, table, column);
    gpointer count = g_hash_table_lookup(reads, key);
    g_hash_table_insert(reads, key, GINT_TO_POINTER(GPOINTER_TO_INT(count) + 1));
    return SQLITE_OK;
}

/* How often a statement reads each column; NULL when SQLite refuses it. */
static GHashTable *
count_reads(const struct subject *subject, const char *sql)
{
    GHashTable *reads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    sqlite3_set_authorizer(subject->connection, count_read, reads);
    sqlite3_stmt *prepared = subject_prepare(subject, sql);
    sqlite3_set_authorizer(subject->connection, NULL, NULL);
    sqlite3_finalize(prepared);
    if (prepared != NULL)
        return reads;
    g_hash_table_unref(reads);
    return NULL;
}

static const struct column *
column_of_key(const struct subject *subject, const char *key)
{
    char **names = g_strsplit(key, "\n", 3);
    const struct table *table = infer_table(subject->infer->model, names[0], names[1]);
    const struct column *column = table == NULL ? NULL : infer_column(table, names[2]);
    g_strfreev(names);
    return column;
}

/* The one column that is read more often in `whole`; NULL for none, several, or no table's. */
static const struct column *
find_more(const struct subject *subject, GHashTable *whole, GHashTable *without)
{
    const char *found = NULL;
    GHashTableIter iter;
    gpointer key, count;
    g_hash_table_iter_init(&iter, whole);
    while (g_hash_table_iter_next(&iter, &key, &count)) {
        if (GPOINTER_TO_INT(count) <= GPOINTER_TO_INT(g_hash_table_lookup(without, key)))
            continue;
        if (found != NULL)
            return NULL;
        found = key;
    }
    return found == NULL ? NULL : column_of_key(subject, found);
}

bool
infer_resolve(const struct subject *subject, struct range name, const struct column **ret_column)
{
    const struct token *first = sql_token(&subject->tokens, name.from);
    const struct token *last = sql_token(&subject->tokens, name.to - 1);
    char *sql = g_strdup_printf("%.*s NULL %s", (int)first->offset, subject->sql,
                                subject->sql + last->offset + last->length);
    GHashTable *whole = count_reads(subject, subject->sql);
    GHashTable *without = count_reads(subject, sql);
    bool known = whole != NULL && without != NULL;
    if (known)
        *ret_column = find_more(subject, whole, without);
    g_clear_pointer(&whole, g_hash_table_unref);
    g_clear_pointer(&without, g_hash_table_unref);
    g_free(sql);
    return known;
}
