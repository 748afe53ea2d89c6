/* where.c: rows by example beside the model: those that equal a row of the model in some columns
 * are counted, collected and deleted. What is deleted is known before: references change rows on
 * the way. */
#include "property.h"

#include <stdlib.h>

enum { DELETED_MAX = 8 };

/* A row of the model, which lends its values, and the columns that count. */
struct example {
    const struct model *model;
    const struct cell *cells;
    uint16_t places[PLACES_MAX];
    size_t count;
};

static bool
is_like(const struct example *example, const struct cell *cells)
{
    for (size_t i = 0; i < example->count; i++) {
        const struct cell *a = &cells[example->places[i]], *b = &example->cells[example->places[i]];
        enum collation collation = example->model->columns[example->places[i]].collation;
        if (a->type == SQLITE_NULL || b->type == SQLITE_NULL ? a->type != b->type
                                                             : cell_compare(a, b, collation) != 0)
            return false;
    }
    return true;
}

static void
choose_example(const struct model *model, struct example *example)
{
    example->model = model;
    example->cells = model->rows[chance_below(model->row_count)];
    example->count = 0;
    for (unsigned i = 0; i < model->count; i++)
        if (chance_one_in(model->count / 2 + 1))
            example->places[example->count++] = (uint16_t)i;
}

static size_t
count_like(const struct example *example)
{
    size_t count = 0;
    for (size_t i = 0; i < example->model->row_count; i++)
        count += is_like(example, example->model->rows[i]);
    return count;
}

void
read_where(const struct model *model, cleat_session *session)
{
    struct example example;
    int64_t counted = -1;
    struct {
        char *items;
        size_t count;
        void *owned;
    } rows = {NULL, 0, NULL};
    if (model->row_count == 0)
        return;
    choose_example(model, &example);
    if (example.count == 0 && !chance_one_in(8)) /* all rows are found, which takes long */
        example.places[example.count++] = (uint16_t)chance_below(model->count);
    cleat_columns columns = columns_of(model, example.places, example.count);
    void *row = row_make(model, example.cells);
    size_t expected = count_like(&example);
    cleat_status rc = cleat_row_count_where(session, model->table, row, columns, &counted);
    expect_status(model, session, rc, 0, "count_where");
    rc = cleat_row_collect_where(session, model->table, row, columns, &rows);
    expect_status(model, session, rc, 0, "collect_where");
    EXPECT(counted == (int64_t)expected && rows.count == expected,
           "%s.%s by example: counts %d, collects %zu of %zu", model->table->database,
           model->table->name, (int)counted, rows.count, expected);
    /* comparing each with all of the model would take most of the test's time */
    for (size_t i = 0; i < rows.count; i += 1 + rows.count / 8)
        expect_listed(model, rows.items + i * model->table->row_size, "collect_where");
    cleat_rows_clear(&rows);
    free(row);
}

/* ---- deleting ---- */

/* Whether rows that stay keep some from going, or perhaps some one another, which depends on their
 * order. */
enum hold { FREE, HELD, UNSURE };

static bool
is_among(const struct cell *cells, struct cell *const *some, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (some[i] == cells)
            return true;
    return false;
}

static size_t
place_of(const struct model *model, const struct cell *cells)
{
    size_t place = 0;
    while (place < model->row_count && model->rows[place] != cells)
        place++;
    return place;
}

static enum hold
find_hold(const struct model *model, struct cell *const *gone, size_t count)
{
    enum hold hold = FREE;
    for (size_t i = 0; i < count; i++) {
        if (model_may_delete(model, place_of(model, gone[i])))
            continue;
        hold = UNSURE;
        for (size_t j = 0; j < model->row_count; j++)
            if (model_refers(model, model->rows[j], gone[i]) &&
                !is_among(model->rows[j], gone, count))
                return HELD;
    }
    return hold;
}

static bool
has_cascade(const struct model *model)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->columns[i].parent == CASCADE)
            return true;
    return false;
}

/* Rows that another one has taken along are not there any more. */
static void
delete_all(struct model *model, struct cell *const *gone, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = place_of(model, gone[i]);
        if (place < model->row_count)
            model_delete(model, place);
    }
}

void
delete_where(struct model *model, cleat_session *session)
{
    struct example example;
    struct cell *gone[DELETED_MAX];
    size_t count = 0;
    int64_t deleted = -1;
    if (model->row_count == 0)
        return;
    choose_example(model, &example);
    if (example.count == 0 || count_like(&example) > DELETED_MAX)
        for (example.count = 0; example.count < model->count; example.count++)
            example.places[example.count] = (uint16_t)example.count;
    for (size_t i = 0; i < model->row_count; i++)
        if (is_like(&example, model->rows[i]))
            gone[count++] = model->rows[i];
    enum hold hold = find_hold(model, gone, count);
    void *row = row_make(model, example.cells);
    cleat_status rc = cleat_row_delete_where(
        session, model->table, row, columns_of(model, example.places, example.count), &deleted);
    if (hold == FREE || (hold == UNSURE && rc >= 0))
        expect_status(model, session, rc, 0, "delete_where");
    else
        expect_status(model, session, rc, FAULT(CLEAT_FOREIGN_KEY), "delete_where");
    if (rc >= 0) {
        bool taken = has_cascade(model);
        EXPECT(deleted == (int64_t)count || (taken && deleted > 0 && deleted < (int64_t)count),
               "%s.%s by example: %d of %zu rows deleted", model->table->database,
               model->table->name, (int)deleted, count);
        delete_all(model, gone, count);
    }
    free(row);
}
