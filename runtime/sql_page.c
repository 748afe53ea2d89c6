/* sql_page.c: the SQL of pages: the rows that come next to a given one in an order that is total,
 * because the primary key is its end. The row need not exist any more. NULL is less than any
 * value, as SQLite sorts it; where a column has NULLs the comparison says so. */
#include "sql_put.h"

/* ---- the order ---- */

/* Reads one name, in quotes or not, if it is this one; else returns NULL. No name has quotes. */
static const char *
skip_name(const char *text, const char *name)
{
    size_t length = strlen(name);
    bool quoted = *text == '"';
    text += quoted;
    if (strncmp(text, name, length) != 0)
        return NULL;
    text += length;
    if (quoted)
        return *text == '"' ? text + 1 : NULL;
    return *text == '\0' || *text == ' ' || *text == ',' ? text : NULL;
}

static const char *
read_item(const char *text, const cleat_table *table, struct page_column *ret_column)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const char *end = skip_name(text, table->columns[i].name);
        if (end == NULL)
            continue;
        ret_column->place = (uint16_t)i;
        ret_column->down = strncmp(end, " DESC", 5) == 0;
        ret_column->null = false;
        end += ret_column->down ? 5 : 0;
        return end + strspn(end, ", ");
    }
    return NULL;
}

static bool
in_order(const struct page_column *order, unsigned count, unsigned place)
{
    for (unsigned i = 0; i < count; i++)
        if (order[i].place == place)
            return true;
    return false;
}

unsigned
cleat_sql_page_order(const cleat_table *table, const cleat_key *key, struct page_column *ret_order)
{
    const cleat_key *primary = &table->keys[0];
    unsigned count = 0;
    const char *text = key == NULL || key->order == NULL ? "" : key->order;
    while (text != NULL && *text != '\0') {
        text = read_item(text, table, &ret_order[count]);
        count += text != NULL;
    }
    for (unsigned i = 0; i < primary->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, primary->offsets[i]);
        unsigned place = (unsigned)(column - table->columns);
        if ((key != NULL && cleat_in_key(key, column)) || in_order(ret_order, count, place))
            continue;
        ret_order[count++] = (struct page_column){(uint16_t)place, false, false};
    }
    return count;
}

/* ---- the statement ---- */

struct page {
    struct buffer *buffer;
    const cleat_table *table;
    const struct page_column *order;
    unsigned count;
    unsigned first; /* the number of the first parameter of the order */
    bool before;
};

static const cleat_column *
column_at(const struct page *page, unsigned place)
{
    return &page->table->columns[page->order[place].place];
}

static bool
is_down(const struct page *page, unsigned place)
{
    return page->order[place].down != page->before;
}

static bool
is_nullable(const struct page *page, unsigned place)
{
    return (column_at(page, place)->flags & CLEAT_NULLABLE) != 0;
}

/* "name<operator>?n" */
static void
put_compared(const struct page *page, unsigned place, const char *operator)
{
    unsigned number = page->first;
    for (unsigned i = 0; i < place; i++)
        number += !page->order[i].null;
    cleat_put_name(page->buffer, column_at(page, place)->name);
    cleat_put(page->buffer, operator);
    cleat_put_parameter(page->buffer, number);
}

/* That the column alone puts a row behind the one of the page. */
static void
put_strict(const struct page *page, unsigned place)
{
    bool down = is_down(page, place);
    if (page->order[place].null) {
        if (!down)
            cleat_put_name(page->buffer, column_at(page, place)->name);
        cleat_put(page->buffer, down ? "0" : " IS NOT NULL");
        return;
    }
    bool nulls = down && is_nullable(page, place);
    cleat_put(page->buffer, nulls ? "(" : "");
    put_compared(page, place, down ? "<" : ">");
    if (!nulls)
        return;
    cleat_put(page->buffer, " OR ");
    cleat_put_name(page->buffer, column_at(page, place)->name);
    cleat_put(page->buffer, " IS NULL)");
}

static void
put_equal(const struct page *page, unsigned place)
{
    if (!page->order[place].null) {
        put_compared(page, place, "=");
        return;
    }
    cleat_put_name(page->buffer, column_at(page, place)->name);
    cleat_put(page->buffer, " IS NULL");
}

/* Whether one comparison of row values says it: all columns go the same way, and no NULL can be
 * on the far side. */
static bool
is_one_comparison(const struct page *page)
{
    for (unsigned i = 0; i < page->count; i++)
        if (page->order[i].null || is_down(page, i) != is_down(page, 0) ||
            (is_down(page, i) && is_nullable(page, i)))
            return false;
    return true;
}

static void
put_one_comparison(const struct page *page)
{
    for (unsigned i = 0; i < page->count; i++) {
        cleat_put(page->buffer, i == 0 ? "(" : ",");
        cleat_put_name(page->buffer, column_at(page, i)->name);
    }
    cleat_put(page->buffer, is_down(page, 0) ? ")<(" : ")>(");
    for (unsigned i = 0; i < page->count; i++) {
        cleat_put(page->buffer, i == 0 ? "" : ",");
        cleat_put_parameter(page->buffer, page->first + i);
    }
    cleat_put(page->buffer, ")");
}

/* "a>=?1 AND (a>?1 OR (a=?1 AND (b<?2)))": the first comparison is for the index. */
static void
put_many_comparisons(const struct page *page)
{
    if (!page->order[0].null && !(is_down(page, 0) && is_nullable(page, 0))) {
        put_compared(page, 0, is_down(page, 0) ? "<=" : ">=");
        cleat_put(page->buffer, " AND ");
    }
    for (unsigned i = 0; i < page->count; i++) {
        cleat_put(page->buffer, "(");
        put_strict(page, i);
        if (i + 1 == page->count)
            break;
        cleat_put(page->buffer, " OR (");
        put_equal(page, i);
        cleat_put(page->buffer, " AND ");
    }
    for (unsigned i = 0; i + 1 < page->count; i++)
        cleat_put(page->buffer, "))");
    cleat_put(page->buffer, ")");
}

static void
put_order(const struct page *page, bool before)
{
    for (unsigned i = 0; i < page->count; i++) {
        cleat_put(page->buffer, i == 0 ? " ORDER BY " : ",");
        cleat_put_name(page->buffer, column_at(page, i)->name);
        cleat_put(page->buffer, page->order[i].down != before ? " DESC" : "");
    }
}

char *
cleat_sql_page(const cleat_table *table, const cleat_key *key, const struct page_column *order,
               unsigned count, bool from_row, bool before)
{
    struct buffer buffer = {0};
    unsigned keys = key == NULL ? 0 : key->count;
    struct page page = {&buffer, table, order, count, keys + 1, before};
    unsigned limit = keys + 1;
    for (unsigned i = 0; from_row && i < count; i++)
        limit += !order[i].null;
    if (before) {
        cleat_put(&buffer, "SELECT ");
        cleat_put_columns(&buffer, table, "");
        cleat_put(&buffer, " FROM (");
    }
    cleat_put_select(&buffer, table, key);
    if (key != NULL)
        cleat_put_where(&buffer, table, key, true);
    if (from_row && count > 0) {
        cleat_put(&buffer, key == NULL ? " WHERE " : " AND ");
        if (is_one_comparison(&page))
            put_one_comparison(&page);
        else
            put_many_comparisons(&page);
    } else if (from_row) {
        cleat_put(&buffer, " AND 0"); /* the key names one row, and nothing is beside it */
    }
    put_order(&page, before);
    cleat_put(&buffer, " LIMIT ");
    cleat_put_parameter(&buffer, limit);
    if (before) {
        cleat_put(&buffer, ")");
        put_order(&page, false);
    }
    return cleat_take(&buffer);
}
