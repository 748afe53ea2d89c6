/* order.c: the order in which rows of the program are fed: by the first column of a key, so that
 * every page of the file is needed once. Rows that are equal there keep the order that they have:
 * of those that become one row the last one of the array wins.
 * What is sorted is a number for each row, with the rest of a text behind it, because comparing is
 * most of the work: the order is a help, and never more than that. */
#include "rows/rows.h"
#include "sets.h"

#include <stdlib.h>

/* A row by the first column of its key. */
struct sorted {
    uint64_t number;  /* of a text the first eight bytes */
    const char *rest; /* of a text that has more; NULL otherwise */
    size_t place;
};

/* How texts are compared. */
typedef int (*comparison)(const char *a, const char *b);

static inline bool
is_less(const struct sorted *a, const struct sorted *b, comparison compare)
{
    if (a->number != b->number || a->rest == NULL)
        return a->number < b->number;
    return compare(a->rest, b->rest) < 0;
}

/* Texts with the same number both have a rest or both have none. */
static void
set_text(struct sorted *sorted, const char *text, comparison compare)
{
    unsigned i = 0;
    for (; i < sizeof sorted->number && text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (compare == sqlite3_stricmp && byte >= 'A' && byte <= 'Z')
            byte = (unsigned char)(byte - 'A' + 'a');
        sorted->number |= (uint64_t)byte << (56 - 8 * i);
    }
    if (i == sizeof sorted->number)
        sorted->rest = text + i;
}

/* Kinds that are not sorted are all equal, and so is NULL to the least of the others. */
static inline struct sorted
sorted_row(const struct feed *feed, size_t place, comparison compare)
{
    struct sorted sorted = {.place = place};
    const char *member = feed->members + feed->step * place, *text = NULL;
    if (feed->has != NULL && !*(const bool *)(feed->has + feed->step * place))
        return sorted;
    if (feed->kind == CLEAT_KIND_INTEGER || feed->kind == CLEAT_KIND_TIMESTAMP) {
        memcpy(&sorted.number, member, sizeof sorted.number);
        sorted.number ^= UINT64_C(1) << 63; /* negative ones first */
    } else if (feed->kind == CLEAT_KIND_TEXT) {
        text = *(const char *const *)(const void *)member;
    } else if (feed->kind == CLEAT_KIND_ULID || feed->kind == CLEAT_KIND_UUID ||
               feed->kind == CLEAT_KIND_DATETIME) {
        text = member;
    }
    if (text != NULL)
        set_text(&sorted, text, compare);
    return sorted;
}

static bool
is_sorted(const struct feed *feed, size_t count, comparison compare)
{
    struct sorted last = sorted_row(feed, 0, compare);
    for (size_t i = 1; i < count; i++) {
        struct sorted next = sorted_row(feed, i, compare);
        if (is_less(&next, &last, compare))
            return false;
        last = next;
    }
    return true;
}

/* Merges two sorted runs that lie one behind the other. */
static void
merge(const struct sorted *first, const struct sorted *second, const struct sorted *end,
      struct sorted *to, comparison compare)
{
    const struct sorted *a = first, *b = second;
    while (a < second && b < end) {
        bool takes_b = is_less(b, a, compare);
        *to++ = takes_b ? *b : *a;
        a += !takes_b;
        b += takes_b;
    }
    memcpy(to, a, (size_t)(second - a) * sizeof *to);
    memcpy(to + (second - a), b, (size_t)(end - b) * sizeof *to);
}

/* Sorts by merging runs of 1, 2, 4, ... rows, to and fro between `rows` and as much room behind
 * them. Returns where they are then. */
static const struct sorted *
sort(struct sorted *rows, size_t count, comparison compare)
{
    struct sorted *from = rows, *to = rows + count;
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t i = 0; i < count; i += 2 * width) {
            size_t middle = count - i < width ? count : i + width;
            size_t end = count - i < 2 * width ? count : i + 2 * width;
            merge(from + i, from + middle, from + end, to + i, compare);
        }
        struct sorted *other = from;
        from = to;
        to = other;
    }
    return from;
}

/* How the database compares texts of a column; NULL when it is another way than by bytes or without
 * the case of letters. In a table that is none of the file's the order is of no account. */
static comparison
find_comparison(const cleat_session *session, const struct entry *entry,
                const struct column *column)
{
    const cleat_table *table = entry->table;
    const char *name = table->columns[column - entry->columns].name, *collation = NULL;
    sqlite3_table_column_metadata(session->connection->handle, table->database, table->name, name,
                                  NULL, &collation, NULL, NULL, NULL);
    if (sqlite3_stricmp(collation, "NOCASE") == 0)
        return sqlite3_stricmp;
    return collation == NULL || sqlite3_stricmp(collation, "BINARY") == 0 ? strcmp : NULL;
}

cleat_status
cleat_feed_sort(cleat_session *session, const struct entry *entry, unsigned key, size_t **ret_order)
{
    const struct column *column = entry->key_columns[entry->key_starts[key]];
    const struct feed *feed = &entry->feeder.feeds[column - entry->columns];
    size_t count = entry->feeder.count;
    comparison compare = count < 2 ? NULL : find_comparison(session, entry, column);
    if (compare == NULL || is_sorted(feed, count, compare))
        return CLEAT_OK;
    bool fits = count <= SIZE_MAX / 2 / sizeof(struct sorted);
    struct sorted *rows = fits ? malloc(2 * count * sizeof *rows) : NULL;
    size_t *order = malloc(count * sizeof *order);
    if (rows == NULL || order == NULL) {
        free(rows);
        free(order);
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    }
    for (size_t i = 0; i < count; i++)
        rows[i] = sorted_row(feed, i, compare);
    const struct sorted *sorted = sort(rows, count, compare);
    for (size_t i = 0; i < count; i++)
        order[i] = sorted[i].place;
    free(rows);
    *ret_order = order;
    return CLEAT_OK;
}
