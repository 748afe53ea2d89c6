/* snapshot_table.c: reads stored CREATE statements for what SQLite's pragmas do not tell: CHECK,
 * COLLATE, AUTOINCREMENT, generated expressions, deferral, ON CONFLICT, index expressions and WHERE.
 * SQLite has accepted the statement, so its form is known and only the facts are looked for. */
#include "snapshot_parse.h"

#include "common/arena.h"
#include "common/sql_normal.h"

#include <string.h>

/* One item between the parentheses of CREATE TABLE: a column or constraints of the table. */
struct item {
    struct snapshot_table *table;
    struct snapshot_column *column; /* NULL for constraints of the table */
    const struct sql *sql;
    guint *foreign_key; /* how many REFERENCES there were before */
};

static unsigned
line_at(const struct snapshot_table *table, const struct sql *sql, int place)
{
    if (table->line == 0)
        return 0;
    unsigned line = table->line;
    for (unsigned i = 0; i < sql_token(sql, place)->offset; i++)
        line += sql->text[i] == '\n';
    return line;
}

/* ---- what a CHECK says ---- */

/* The only column of the table that an expression names, or NULL. */
static const char *
only_column(const struct snapshot_table *table, const struct sql *sql, int from, int to)
{
    const char *only = NULL;
    for (int place = from; place < to; place++) {
        if (!sql_is_name(sql, place) || sql_is(sql, place + 1, "("))
            continue;
        const struct snapshot_column *column = snapshot_column(table, sql_name(sql, place));
        if (column == NULL || column->name == only)
            continue;
        if (only != NULL)
            return NULL;
        only = column->name;
    }
    return only;
}

static const char *
string_value(const struct sql *sql, int place)
{
    const struct token *token = sql_token(sql, place);
    if (token == NULL || token->kind != TOKEN_STRING || sql->text[token->offset] != '\'')
        return NULL;
    GString *value = g_string_new_len(sql->text + token->offset + 1, (gssize)token->length - 2);
    g_string_replace(value, "''", "'", 0);
    const char *copy = arena_string_n(value->str, value->len);
    g_string_free(value, TRUE);
    return copy;
}

/* `c = 'a' OR c = 'b'` */
static GPtrArray *
labels_of_chain(const struct sql *sql, int from, int to, const char *column)
{
    GPtrArray *labels = arena_list();
    for (int place = from; place < to; place += 4) {
        const char *label = string_value(sql, place + 2);
        bool fine = sql_has_name(sql, place, column) &&
                    (sql_is(sql, place + 1, "=") || sql_is(sql, place + 1, "==")) &&
                    label != NULL && (place + 3 == to || sql_is(sql, place + 3, "or"));
        if (!fine)
            return NULL;
        g_ptr_array_add(labels, (char *)label);
    }
    return labels->len == 0 ? NULL : labels;
}

/* `c IN ('a', 'b')` */
static GPtrArray *
labels_of_list(const struct sql *sql, int from, int to, const char *column)
{
    GPtrArray *labels = arena_list();
    if (!sql_has_name(sql, from, column) || !sql_is(sql, from + 1, "in") ||
        !sql_is(sql, from + 2, "(") || sql_close(sql, from + 2) != to - 1)
        return NULL;
    for (int place = from + 3; place < to; place += 2) {
        const char *label = string_value(sql, place);
        if (label == NULL || (place + 1 < to - 1 && !sql_is(sql, place + 1, ",")))
            return NULL;
        g_ptr_array_add(labels, (char *)label);
    }
    return labels->len == 0 ? NULL : labels;
}

/* `length(c) <= 80` */
static gint64
length_limit(const struct sql *sql, int from, int to, const char *column)
{
    bool fine = to - from == 6 && sql_is(sql, from, "length") && sql_is(sql, from + 1, "(") &&
                sql_has_name(sql, from + 2, column) && sql_is(sql, from + 3, ")") &&
                sql_is(sql, from + 4, "<=") && sql_token(sql, from + 5)->kind == TOKEN_NUMBER;
    return fine ? g_ascii_strtoll(sql->text + sql_token(sql, from + 5)->offset, NULL, 10) : -1;
}

static void
add_check(struct item *item, int open, int close)
{
    struct snapshot_check *check = ARENA_NEW(struct snapshot_check);
    int from = open + 1, to = close;
    check->sql = sql_range(item->sql, from, to);
    check->line = line_at(item->table, item->sql, open);
    check->column = only_column(item->table, item->sql, from, to);
    check->max_length = -1;
    while (sql_is(item->sql, from, "(") && sql_close(item->sql, from) == to - 1) {
        from++;
        to--;
    }
    if (check->column != NULL) {
        check->labels = labels_of_chain(item->sql, from, to, check->column);
        if (check->labels == NULL)
            check->labels = labels_of_list(item->sql, from, to, check->column);
        check->max_length = length_limit(item->sql, from, to, check->column);
    }
    g_ptr_array_add(item->table->checks, check);
}

/* ---- one item ---- */

static int
read_reference(struct item *item, int place)
{
    GPtrArray *keys = item->table->foreign_keys;
    struct snapshot_foreign_key *key = NULL;
    if (*item->foreign_key < keys->len)
        key = g_ptr_array_index(keys, (*item->foreign_key)++);
    if (key != NULL)
        key->line = line_at(item->table, item->sql, place);
    return place + 1; /* behind it stands the name of a table */
}

/* NOT DEFERRABLE INITIALLY DEFERRED is not deferred. */
static void
read_deferral(struct item *item, int place)
{
    guint count = *item->foreign_key;
    bool deferred = !sql_is(item->sql, place - 1, "not") &&
                    sql_is(item->sql, place + 1, "initially") &&
                    sql_is(item->sql, place + 2, "deferred");
    if (count == 0 || count > item->table->foreign_keys->len)
        return;
    struct snapshot_foreign_key *key = g_ptr_array_index(item->table->foreign_keys, count - 1);
    key->deferred = deferred;
}

/* ON CONFLICT belongs to the constraint right before it. */
static void
read_conflict(struct item *item, int place)
{
    int from = place;
    while (from > 0 && !sql_is(item->sql, from, "unique") && !sql_is(item->sql, from, "primary") &&
           !sql_is(item->sql, from, "check") && !sql_is(item->sql, from, "null"))
        from--;
    const char *normal = sql_normal_range(item->sql, from, place + 3, NULL);
    const char *column = item->column == NULL ? "" : item->column->name;
    if (!sql_is(item->sql, place + 2, "abort"))
        g_ptr_array_add(item->table->conflicts, arena_printf("%s %s", column, normal));
}

static int
read_default(const struct item *item, int place)
{
    if (sql_is(item->sql, place + 1, "("))
        return sql_close(item->sql, place + 1);
    bool has_sign = sql_is(item->sql, place + 1, "+") || sql_is(item->sql, place + 1, "-");
    return place + (has_sign ? 2 : 1);
}

/* Reads one fact at a place, and returns the last place that belongs to it. */
static int
read_fact(struct item *item, int place)
{
    const struct sql *sql = item->sql;
    if (sql_is(sql, place, "check") && sql_is(sql, place + 1, "(")) {
        int close = sql_close(sql, place + 1);
        add_check(item, place + 1, close);
        return close;
    }
    if (sql_is(sql, place, "default"))
        return read_default(item, place);
    if (sql_is(sql, place, "constraint"))
        return place + 1;
    if (sql_is(sql, place, "references"))
        return read_reference(item, place);
    if (sql_is(sql, place, "deferrable"))
        read_deferral(item, place);
    if (sql_is(sql, place, "on") && sql_is(sql, place + 1, "conflict"))
        read_conflict(item, place);
    if (sql_is(sql, place, "autoincrement"))
        item->table->autoincrement = true;
    if (item->column != NULL && sql_is(sql, place, "collate")) {
        item->column->collation = sql_name(sql, place + 1);
        return place + 1;
    }
    if (item->column != NULL && sql_is(sql, place, "as") && sql_is(sql, place + 1, "(")) {
        int close = sql_close(sql, place + 1);
        item->column->generated_sql = sql_range(sql, place + 2, close);
        return close;
    }
    return sql_is(sql, place, "(") ? sql_close(sql, place) : place;
}

static bool
begins_constraint(const struct sql *sql, int place)
{
    static const char *const words[] = {"constraint", "primary", "unique", "check", "foreign"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (sql_is(sql, place, words[i]))
            return true;
    return false;
}

static void
/* NOLINTNEXTLINE(readability-non-const-parameter): facts are counted through it */
read_item(struct snapshot_table *table, const struct sql *sql, int from, int to, guint *foreign_key)
{
    struct item item = {table, NULL, sql, foreign_key};
    int place = from;
    if (!begins_constraint(sql, from)) {
        item.column = snapshot_column(table, sql_name(sql, from));
        if (item.column != NULL)
            item.column->line = line_at(table, sql, from);
        place++;
    }
    for (; place < to; place++)
        place = read_fact(&item, place);
}

/* ---- comments behind columns ---- */

/* The comment on the line that ends a column, behind its comma. */
static const char *
doc_behind(const struct snapshot_table *table, unsigned offset)
{
    const char *line_end = strchr(table->sql + offset, '\n');
    gsize length = line_end == NULL ? strlen(table->sql + offset)
                                    : (gsize)(line_end - (table->sql + offset));
    char *rest = g_strndup(table->sql + offset, length);
    char *at = g_strstrip(rest);
    if (*at == ',')
        at = g_strchug(at + 1);
    const char *doc = strncmp(at, "-- ", 3) == 0 ? arena_string(at + 3) : NULL;
    g_free(rest);
    return doc;
}

static void
read_column_doc(struct snapshot_table *table, const struct sql *sql, int from, int to)
{
    struct snapshot_column *column = begins_constraint(sql, from)
                                         ? NULL
                                         : snapshot_column(table, sql_name(sql, from));
    const struct token *last = sql_token(sql, to - 1);
    if (column != NULL && last != NULL)
        column->doc = doc_behind(table, last->offset + last->length);
}

/* ---- the statements ---- */

/* The place of the first parenthesis that is not inside of a name. */
static int
first_open(const struct sql *sql)
{
    int place = 0;
    while (place < sql_count(sql) && !sql_is(sql, place, "("))
        place++;
    return place;
}

/* The end of an item: a comma outside of parentheses, or `close`. */
static int
item_end(const struct sql *sql, int from, int close)
{
    int place = from;
    while (place < close && !sql_is(sql, place, ",")) {
        if (sql_is(sql, place, "("))
            place = sql_close(sql, place);
        place++;
    }
    return place < close ? place : close;
}

void
snapshot_parse_table(struct snapshot_table *table)
{
    struct sql sql = sql_new(table->sql);
    int open = first_open(&sql);
    int close = sql_close(&sql, open);
    guint foreign_key = 0;
    for (int from = open + 1; from < close;) {
        int to = item_end(&sql, from, close);
        read_item(table, &sql, from, to, &foreign_key);
        read_column_doc(table, &sql, from, to);
        from = to + 1;
    }
    sql_free(&sql);
}

void
snapshot_parse_virtual(struct snapshot_table *table)
{
    struct sql sql = sql_new(table->sql);
    int using = 0;
    while (using < sql_count(&sql) && !sql_is(&sql, using, "using"))
        using ++;
    char *module = g_ascii_strdown(sql_name(&sql, using + 1), -1);
    table->module = arena_string(module);
    g_free(module);
    table->arguments = arena_list();
    if (sql_is(&sql, using + 2, "(")) {
        int close = sql_close(&sql, using + 2);
        for (int from = using + 3; from < close;) {
            int to = item_end(&sql, from, close);
            g_ptr_array_add(table->arguments, (char *)sql_range(&sql, from, to));
            from = to + 1;
        }
    }
    sql_free(&sql);
}

/* ---- indexes ---- */

/* An item without COLLATE and direction. */
static const char *
part_expression(const struct sql *sql, int from, int to)
{
    if (sql_is(sql, to - 1, "asc") || sql_is(sql, to - 1, "desc"))
        to--;
    if (to - from > 2 && sql_is(sql, to - 2, "collate"))
        to -= 2;
    return sql_range(sql, from, to);
}

void
snapshot_parse_index(struct snapshot_index *index)
{
    struct sql sql = sql_new(index->sql);
    int open = first_open(&sql);
    int close = sql_close(&sql, open);
    guint part = 0;
    for (int from = open + 1; from < close && part < index->parts->len; part++) {
        int to = item_end(&sql, from, close);
        struct snapshot_key_part *key_part = g_ptr_array_index(index->parts, part);
        if (key_part->column == NULL)
            key_part->expression = part_expression(&sql, from, to);
        from = to + 1;
    }
    if (sql_is(&sql, close + 1, "where"))
        index->where = sql_range(&sql, close + 2, sql_count(&sql));
    sql_free(&sql);
}
