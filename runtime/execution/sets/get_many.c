/* get_many.c: the rows of many keys, by one join of an array of keys with the table. The keys are
 * fed in their own order, so that every page of the file is needed once; the rows are then put into
 * the order of the array. */
#include "collect.h"
#include "rows/call.h"
#include "sets.h"

#include <stdlib.h>

static cleat_status
fail_memory(cleat_session *session)
{
    return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
}

static cleat_status
check_arrays(cleat_session *session, const cleat_table *table, unsigned key,
             const void *const *values)
{
    for (unsigned i = 0; i < table->keys[key].count; i++)
        if (values[i] == NULL)
            return cleat_session_fail_table(session, CLEAT_MISUSE, table,
                                            "a call without an array of keys");
    return CLEAT_OK;
}

/* Puts rows that came in the order of their keys back into that of the array. Of several rows of
 * one key, which only a file has whose index is damaged, the last is given. */
static cleat_status
restore_order(struct collection *collection, size_t count)
{
    size_t size = collection->entry->table->row_size, found = 0;
    if (collection->count < 2)
        return CLEAT_OK;
    const char **at = calloc(count, sizeof *at);
    char *items = malloc(collection->count * size);
    if (at == NULL || items == NULL) {
        free(at);
        free(items);
        return fail_memory(collection->session);
    }
    for (size_t i = 0; i < collection->count; i++)
        at[collection->places[i]] = collection->items + i * size;
    for (size_t place = 0; place < count; place++)
        if (at[place] != NULL)
            memcpy(items + found++ * size, at[place], size);
    free(at);
    free(collection->items);
    collection->items = items;
    collection->count = found;
    return CLEAT_OK;
}

/* Feeds the keys and collects their rows. */
static cleat_status
collect(struct collection *collection, struct entry *entry, struct statement *statement,
        unsigned key, size_t count)
{
    size_t *order = NULL;
    cleat_status rc = cleat_feed_sort(collection->session, entry, key, &order);
    if (rc == CLEAT_OK && order != NULL) {
        entry->feeder.order = order;
        collection->places = malloc(count * sizeof *collection->places);
        if (collection->places == NULL)
            rc = fail_memory(collection->session);
    }
    if (rc == CLEAT_OK)
        rc = cleat_collection_fill(collection, statement);
    if (rc < 0 && entry->feeder.fault != NULL)
        rc = cleat_bind_fail(collection->session, entry, entry->feeder.fault,
                             entry->feeder.fault_code);
    if (rc == CLEAT_OK && order != NULL)
        rc = restore_order(collection, count);
    cleat_feed_end(entry);
    free(collection->places);
    free(order);
    return rc;
}

cleat_status
cleat_row_get_many(cleat_session *session, const cleat_table *table, unsigned key,
                   const void *const *values, size_t count, void *ret_rows)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = cleat_call_begin(session, table, key, values == NULL ? NULL : ret_rows,
                                       &entry);
    if (rc == CLEAT_OK)
        rc = cleat_call_check_key(session, table);
    if (rc == CLEAT_OK && count > 0)
        rc = check_arrays(session, table, key, values);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, entry, CLEAT_SQL_GET_MANY, key, &statement);
    if (rc < 0)
        return rc;
    struct collection collection = {.session = session, .entry = entry, .most = count};
    cleat_feed_keys(entry, key, values, count);
    if (count > 0) /* which also forgets the keys */
        rc = collect(&collection, entry, statement, key, count);
    size_t found = collection.count;
    rc = cleat_collection_give(&collection, rc, ret_rows);
    return rc == CLEAT_OK && found < count ? CLEAT_NOT_FOUND : rc;
}
