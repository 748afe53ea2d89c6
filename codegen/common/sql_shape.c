/* sql_shape.c: tokens enter, the shape of a statement leaves. Parentheses are followed, keywords
 * are looked for at their level; what is no valid SQL is not noticed here. */
#include "sql_shape.h"

#include <string.h>

/* What a SELECT in parentheses is to the one around it. */
enum role { ROLE_OUTER, ROLE_FROM, ROLE_SCALAR, ROLE_FILTER };

static bool
is_one_of(const struct sql *sql, int place, const char *const *words)
{
    for (; *words != NULL; words++)
        if (sql_is(sql, place, *words))
            return true;
    return false;
}

static bool
begins_select(const struct sql *sql, int place)
{
    static const char *const words[] = {"select", "with", "values", NULL};
    return is_one_of(sql, place, words);
}

bool
shape_has(const struct sql *sql, struct range range, const char *word)
{
    for (int place = range.from; place < range.to; place++) {
        if (sql_is(sql, place, "("))
            place = sql_close(sql, place);
        else if (sql_is(sql, place, word))
            return true;
    }
    return false;
}

int
shape_verb(const struct sql *sql)
{
    static const char *const verbs[] = {"select", "values", "insert", "replace",
                                        "update", "delete", NULL};
    for (int place = 0; place < sql_count(sql); place++) {
        if (sql_is(sql, place, "("))
            place = sql_close(sql, place);
        else if (is_one_of(sql, place, verbs))
            return place;
    }
    return sql_count(sql);
}

GArray *
shape_arguments(const struct sql *sql, int open)
{
    GArray *arguments = g_array_new(FALSE, FALSE, sizeof(struct range));
    int close = sql_close(sql, open);
    struct range range = {open + 1, open + 1};
    for (int place = open + 1; place < close; place++) {
        if (sql_is(sql, place, "(")) {
            place = sql_close(sql, place);
        } else if (sql_is(sql, place, ",")) {
            range.to = place;
            g_array_append_val(arguments, range);
            range.from = place + 1;
        }
    }
    range.to = close;
    if (range.to > range.from)
        g_array_append_val(arguments, range);
    return arguments;
}

/* ---- scopes ---- */

/* A call of an aggregate that is no window function. */
static bool
is_aggregate(const struct sql *sql, int place)
{
    static const char *const names[] = {"count",
                                        "sum",
                                        "total",
                                        "avg",
                                        "group_concat",
                                        "string_agg",
                                        "json_group_array",
                                        "json_group_object",
                                        NULL};
    if (!sql_is_name(sql, place) || !sql_is(sql, place + 1, "("))
        return false;
    int close = sql_close(sql, place + 1);
    if (sql_is(sql, close + 1, "filter"))
        close = sql_close(sql, close + 2);
    if (sql_is(sql, close + 1, "over"))
        return false;
    if (is_one_of(sql, place, names))
        return true;
    if (!sql_is(sql, place, "min") && !sql_is(sql, place, "max"))
        return false;
    GArray *arguments = shape_arguments(sql, place + 1);
    bool single = arguments->len == 1;
    g_array_unref(arguments);
    return single;
}

static enum role
role_of(const struct sql *sql, int open, bool in_from)
{
    static const char *const sources[] = {"from", "join", "as", "materialized", NULL};
    static const char *const filters[] = {"in", "exists", NULL};
    if (is_one_of(sql, open - 1, sources))
        return ROLE_FROM;
    if (in_from && (sql_is(sql, open - 1, ",") || sql_is(sql, open - 1, "(")))
        return ROLE_FROM;
    return is_one_of(sql, open - 1, filters) ? ROLE_FILTER : ROLE_SCALAR;
}

/* `feeds`: its columns can be columns of the result. */
static void
scan_scope(const struct sql *sql, struct range range, enum role role, bool feeds,
           struct shape *shape)
{
    static const char *const after_from[] = {"where", "group", "having", "order",     "limit",
                                             "set",   "union", "except", "intersect", NULL};
    static const char *const compounds[] = {"union", "except", "intersect", NULL};
    static const char *const joins[] = {"left", "right", "full", NULL};
    bool in_from = false, aggregates = false, groups = false;
    for (int place = range.from; place < range.to; place++) {
        if (sql_is(sql, place, "(") && begins_select(sql, place + 1)) {
            enum role inner = role_of(sql, place, in_from);
            int close = sql_close(sql, place);
            if (inner == ROLE_SCALAR && role == ROLE_FROM && feeds)
                shape->has_doubt = true;
            scan_scope(sql, (struct range){place + 1, close}, inner, feeds && inner == ROLE_FROM,
                       shape);
            place = close;
            continue;
        }
        if (sql_is(sql, place, "from") && !sql_is(sql, place - 1, "distinct"))
            in_from = true;
        else if (is_one_of(sql, place, after_from))
            in_from = false;
        shape->has_compound = shape->has_compound || is_one_of(sql, place, compounds);
        shape->has_outer_join = shape->has_outer_join || is_one_of(sql, place, joins);
        groups = groups || sql_is(sql, place, "group");
        aggregates = aggregates || is_aggregate(sql, place);
    }
    if (role == ROLE_OUTER)
        shape->is_aggregate = aggregates && !groups;
    else if (feeds && aggregates && !groups)
        shape->has_doubt = true;
}

/* ---- items ---- */

/* Leaves the alias out: AS name, or a name right after an expression that has ended. */
static struct range
without_alias(const struct sql *sql, struct range range)
{
    int last = range.to - 1;
    if (last - 1 > range.from && sql_is(sql, last - 1, "as"))
        return (struct range){range.from, last - 1};
    bool names = sql_is_name(sql, last) && sql_is_name(sql, last - 1);
    bool plain = (last - range.from == 1 && names) ||
                 (last - range.from == 3 && names && sql_is(sql, range.from + 1, "."));
    bool call = sql_is_name(sql, last) && sql_is(sql, last - 1, ")");
    if (last > range.from && (plain || call) && !sql_is(sql, range.from, "not"))
        return (struct range){range.from, last};
    return range;
}

static void
add_item(GArray *items, const struct sql *sql, struct range range)
{
    struct item item = {.all = range};
    if (range.to <= range.from)
        return;
    item.is_star = sql_is(sql, range.to - 1, "*") &&
                   (range.to - range.from == 1 || sql_is(sql, range.to - 2, "."));
    item.expression = without_alias(sql, range);
    g_array_append_val(items, item);
}

GArray *
shape_items(const struct sql *sql, int from, int to)
{
    static const char *const ends[] = {"from",   "where",     "group", "having", "order", "limit",
                                       "window", "intersect", "union", "except", NULL};
    GArray *items = g_array_new(FALSE, FALSE, sizeof(struct item));
    int place = from + 1;
    if (sql_is(sql, place, "distinct") || sql_is(sql, place, "all"))
        place++;
    struct range range = {place, place};
    for (; place < to; place++) {
        bool is_from = is_one_of(sql, place, ends) && !sql_is(sql, place - 1, "distinct");
        if (sql_is(sql, place, "(")) {
            place = sql_close(sql, place);
        } else if (is_from) {
            break;
        } else if (sql_is(sql, place, ",")) {
            range.to = place;
            add_item(items, sql, range);
            range.from = place + 1;
        }
    }
    range.to = MIN(place, to);
    add_item(items, sql, range);
    return items;
}

static int
find_word(const struct sql *sql, int from, const char *word)
{
    for (int place = from; place < sql_count(sql); place++) {
        if (sql_is(sql, place, "("))
            place = sql_close(sql, place);
        else if (sql_is(sql, place, word))
            return place;
    }
    return sql_count(sql);
}

struct shape
shape_new(const struct sql *sql)
{
    struct shape shape = {.has_compound = false};
    int count = sql_count(sql);
    int verb = shape_verb(sql);
    int first = sql_is(sql, verb, "select") ? verb : find_word(sql, verb, "returning");
    scan_scope(sql, (struct range){0, count}, ROLE_OUTER, true, &shape);
    if (!sql_is(sql, verb, "select"))
        shape.is_aggregate = false;
    shape.has_limit = shape_has(sql, (struct range){0, count}, "limit");
    shape.items = shape_items(sql, first, count);
    return shape;
}

void
shape_free(struct shape *shape)
{
    g_array_unref(shape->items);
    shape->items = NULL;
}

const struct item *
shape_item(const struct shape *shape, int column, int columns)
{
    int count = (int)shape->items->len;
    int star = -1;
    for (int i = 0; i < count; i++) {
        if (!g_array_index(shape->items, struct item, i).is_star)
            continue;
        if (star >= 0)
            return NULL;
        star = i;
    }
    int place = column;
    if (star >= 0 && column >= star) {
        place = column - columns + count;
        if (place <= star)
            return NULL;
    } else if (star < 0 && count != columns) {
        return NULL;
    }
    return place < count ? &g_array_index(shape->items, struct item, place) : NULL;
}
