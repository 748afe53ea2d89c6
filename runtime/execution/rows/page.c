/* page.c: pages of a list, found by the row they begin or end at instead of by counting: the rows
 * before may come and go without moving the page. The order always ends with the primary key. The
 * SQL depends on which members of the row are NULL, so each form is a variant of the entry. */
#include "call.h"

#include <stdlib.h>

/* What the caller asks for. */
struct request {
    const cleat_table *table;
    const cleat_key *by; /* NULL: all rows */
    unsigned key;        /* its place */
    const cleat_value *values;
    const void *row; /* NULL: the first or the last page */
    bool before;
    size_t limit;
};

/* The signature of the statement: kind, key in two bytes, direction, then one for each column of
 * the order that says whether it is NULL. */
enum { SIGNATURE_HEAD = 5 };

struct form {
    unsigned count; /* of the order */
    size_t size;    /* of the signature */
    struct page_column *order;
    unsigned char *signature;
};

static void
free_form(struct form *form)
{
    free(form->order);
    free(form->signature);
}

static cleat_status
make_form(cleat_session *session, const struct entry *entry, const struct request *request,
          struct form *form)
{
    const cleat_table *table = request->table;
    form->order = calloc(table->column_count + 1u, sizeof *form->order);
    form->signature = calloc(table->column_count + (size_t)SIGNATURE_HEAD, 1);
    if (form->order == NULL || form->signature == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    form->count = cleat_sql_page_order(table, request->by, form->order);
    form->size = form->count + (size_t)SIGNATURE_HEAD;
    unsigned key = request->by == NULL ? UINT16_MAX : request->key;
    unsigned char *to = form->signature;
    *to++ = VARIANT_PAGE;
    *to++ = (unsigned char)(key & 0xff);
    *to++ = (unsigned char)(key >> 8);
    *to++ = request->before;
    *to++ = request->row != NULL;
    for (unsigned i = 0; i < form->count && request->row != NULL; i++) {
        const struct column *column = &entry->columns[form->order[i].place];
        form->order[i].null = cleat_column_is_null(column, request->row);
        *to++ = form->order[i].null;
    }
    return CLEAT_OK;
}

static cleat_status
bind_page(cleat_session *session, const struct entry *entry, const struct request *request,
          const struct form *form, sqlite3_stmt *handle)
{
    int parameter = 1 + (request->by == NULL ? 0 : request->by->count);
    cleat_status rc = CLEAT_OK;
    if (request->by != NULL)
        rc = cleat_key_bind_copies(session, entry, request->key, handle, request->values);
    for (unsigned i = 0; i < form->count && rc == CLEAT_OK && request->row != NULL; i++) {
        const struct column *column = &entry->columns[form->order[i].place];
        if (!form->order[i].null)
            rc = cleat_column_bind_copy(session, entry, column, handle, parameter++, request->row);
    }
    int64_t limit = request->limit > INT64_MAX ? INT64_MAX : (int64_t)request->limit;
    if (rc == CLEAT_OK)
        sqlite3_bind_int64(handle, parameter, limit);
    return rc;
}

static cleat_status
list_page(cleat_session *session, struct entry *entry, const struct request *request,
          cleat_cursor *ret_cursor)
{
    struct form form = {0};
    struct statement *statement = NULL;
    cleat_status rc = make_form(session, entry, request, &form);
    if (rc == CLEAT_OK)
        statement = cleat_variant_find(session, entry, form.signature, form.size);
    if (rc == CLEAT_OK && statement == NULL)
        rc = cleat_variant_add(session, entry, form.signature, form.size,
                               cleat_sql_page(request->table, request->by, form.order, form.count,
                                              request->row != NULL, request->before),
                               &statement);
    if (rc == CLEAT_OK)
        rc = bind_page(session, entry, request, &form, statement->handle);
    if (rc == CLEAT_OK)
        cleat_cursor_hold(ret_cursor, session, request->table, statement);
    free_form(&form);
    return rc;
}

static cleat_status
begin(cleat_session *session, const cleat_table *table, unsigned key, const void *argument,
      cleat_side side, struct entry **ret_entry)
{
    cleat_status rc = cleat_call_begin(session, table, key, argument, ret_entry);
    if (rc == CLEAT_OK && side != CLEAT_AFTER && side != CLEAT_BEFORE)
        rc = cleat_session_fail_table(session, CLEAT_MISUSE, table,
                                      "a page is CLEAT_AFTER or CLEAT_BEFORE");
    return rc == CLEAT_OK ? cleat_call_check_key(session, table) : rc;
}

cleat_status
cleat_row_list_page(cleat_session *session, const cleat_table *table, const void *row,
                    cleat_side side, size_t limit, cleat_cursor *ret_cursor)
{
    struct entry *entry;
    cleat_status rc = begin(session, table, 0, ret_cursor, side, &entry);
    if (rc < 0)
        return rc;
    struct request request = {
        .table = table, .row = row, .before = side == CLEAT_BEFORE, .limit = limit};
    return list_page(session, entry, &request, ret_cursor);
}

cleat_status
cleat_row_list_page_by(cleat_session *session, const cleat_table *table, unsigned key,
                       const cleat_value *values, const void *row, cleat_side side, size_t limit,
                       cleat_cursor *ret_cursor)
{
    struct entry *entry;
    cleat_status rc = begin(session, table, key, values == NULL ? NULL : ret_cursor, side, &entry);
    if (rc < 0)
        return rc;
    struct request request = {.table = table,
                              .by = &table->keys[key],
                              .key = key,
                              .values = values,
                              .row = row,
                              .before = side == CLEAT_BEFORE,
                              .limit = limit};
    return list_page(session, entry, &request, ret_cursor);
}
