/* by_key.c: upserts and ensures by a unique key that is not the primary one, of one row and of many:
 * rows of the model with some other values, without their primary key where that is assigned, and
 * rows that are new. Each must find the row that has the key, leave both keys as they are stored,
 * and tell the row its primary key; with a value that is refused nothing may happen. */
#include "property.h"

#include <stdlib.h>

enum { ROWS_MAX = 9 };

struct known {
    struct model *model;
    unsigned key; /* a place in the table's keys */
    const struct unique *unique;
    struct cell *cells[ROWS_MAX];
    long places[ROWS_MAX]; /* in the model; -1 for a row that is new */
    bool lacks[ROWS_MAX];  /* the row comes without its primary key */
    char *rows;
    size_t count;
    unsigned faults; /* of all rows */
};

static char *
row_of(const struct known *known, size_t i)
{
    return known->rows + i * known->model->table->row_size;
}

/* The place of a unique set among the keys of the table; -1 when it is none. */
static int
find_key(const struct model *model, const struct unique *unique)
{
    for (unsigned k = 1; k < model->table->key_count; k++) {
        const cleat_key *key = &model->table->keys[k];
        bool same = key->count == unique->count;
        for (unsigned i = 0; same && i < key->count; i++)
            same = key->offsets[i] == model->columns[unique->places[i]].column->offset;
        if (same)
            return (int)k;
    }
    return -1;
}

static bool
is_in_unique(const struct model *model, unsigned place)
{
    for (unsigned i = 0; i < model->unique_count; i++)
        for (unsigned j = 0; j < model->uniques[i].count; j++)
            if (model->uniques[i].places[j] == place)
                return true;
    return false;
}

/* Other values for columns that no key has; none that is refused, or perhaps some. */
static void
change_values(const struct model *model, struct cell *cells, bool wrong)
{
    for (unsigned i = 0; i < model->count; i++) {
        const struct column_model *column = &model->columns[i];
        if (column->base >= 0 || column->parent != NO_PARENT || is_in_unique(model, i) ||
            !chance_one_in(4))
            continue;
        struct cell cell = value_random(column, false);
        bool null = cell.type == SQLITE_NULL && !(column->column->flags & CLEAT_NULLABLE);
        bool refused = null || value_unbindable(column, &cell) || value_inconstant(column, &cell) ||
                       value_unchecked(column, &cell);
        if (refused && (!wrong || (column->column->flags & CLEAT_UPDATE_NOW))) {
            cell_clear(&cell);
            continue;
        }
        cell_clear(&cells[i]);
        cells[i] = cell;
    }
    model_settle(model, cells);
}

static bool
is_far(const struct cell *cell)
{
    return cell->integer > INT64_MAX - 2 * ROWS_MAX;
}

/* Whether numbers can still be assigned: where none returns, that is tried before a row is found. */
static bool
has_room(const struct known *known)
{
    const struct model *model = known->model;
    unsigned key = model->uniques[0].places[0];
    for (size_t i = 0; i < known->count; i++)
        if (is_far(&known->cells[i][key]))
            return false;
    for (unsigned f = 0; f < model->family_count; f++)
        for (size_t i = 0; i < model->family[f].row_count; i++)
            if (is_far(&model->family[f].rows[i][key]))
                return false;
    return true;
}

static void
add_row(struct known *known, struct cell *cells, long place)
{
    const struct model *model = known->model;
    unsigned key = model->uniques[0].places[0];
    char *row = row_of(known, known->count);
    for (unsigned i = 0; i < model->count; i++)
        row_put(&model->columns[i], row, &cells[i]);
    bool number = model->columns[key].column->kind == CLEAT_KIND_INTEGER;
    bool room = !number || (place >= 0 && !model->counts_up) || has_room(known);
    if (column_is_assigned(&model->columns[key]) && room && (place >= 0 || chance_one_in(2))) {
        struct cell none = number ? cell_integer(0) : cell_text("");
        row_put(&model->columns[key], row, &none);
        cell_clear(&none);
        known->lacks[known->count] = true;
    }
    known->faults |= model_faults(model, cells, place);
    known->cells[known->count] = cells;
    known->places[known->count++] = place;
}

/* A row of the model that is not in the set yet and has no NULL in the key. */
static void
add_known(struct known *known)
{
    const struct model *model = known->model;
    size_t place = chance_below(model->row_count);
    for (size_t i = 0; i < known->count; i++)
        if (known->places[i] == (long)place)
            return;
    if (model_matches(model, known->unique, model->rows[place]) != 1)
        return;
    struct cell *cells = calloc(model->count, sizeof *cells);
    EXPECT(cells != NULL, "out of memory");
    for (unsigned i = 0; i < model->count; i++)
        cells[i] = cell_copy(&model->rows[place][i]);
    if (chance_one_in(2))
        change_values(model, cells, chance_one_in(8));
    add_row(known, cells, (long)place);
}

/* A row that nothing refuses; one at most, or they could meet. */
static void
add_new(struct known *known)
{
    const struct model *model = known->model;
    struct cell *cells = cells_random(model);
    unsigned key = model->uniques[0].places[0];
    cells_forget_parents(model, cells);
    model_settle(model, cells);
    bool empty = column_is_assigned(&model->columns[key]) && cells[key].integer == 0 &&
                 cells[key].size == 0;
    if (empty || model_faults(model, cells, -1) != 0)
        model_free_cells(model, cells);
    else
        add_row(known, cells, -1);
}

static bool
make_known(struct known *known, struct model *model, size_t most)
{
    size_t wanted = 1 + chance_below(most);
    *known = (struct known){.model = model};
    if (model->row_count == 0 || model->unique_count < 2)
        return false;
    known->unique = &model->uniques[1 + chance_below(model->unique_count - 1)];
    int key = find_key(model, known->unique);
    if (key < 0)
        return false;
    known->key = (unsigned)key;
    known->rows = calloc(ROWS_MAX, model->table->row_size);
    EXPECT(known->rows != NULL, "out of memory");
    if (chance_one_in(3))
        add_new(known);
    while (known->count < wanted && wanted-- > 0)
        add_known(known);
    return known->count > 0;
}

/* The row has the key under which it is stored. */
static void
expect_key(const struct known *known, size_t i, const struct cell *stored)
{
    const struct unique *key = &known->model->uniques[0];
    for (unsigned j = 0; j < key->count; j++) {
        struct cell cell = row_take(&known->model->columns[key->places[j]], row_of(known, i));
        EXPECT(cell_same(&cell, &stored[key->places[j]]), "%s.%s: by key %u a row has another key",
               known->model->table->database, known->model->table->name, known->key);
        cell_clear(&cell);
    }
}

/* A row that is new has got a key that no other has. */
static void
take_key(const struct known *known, size_t i)
{
    const struct model *model = known->model;
    struct cell *cells = known->cells[i];
    unsigned key = model->uniques[0].places[0];
    cells_take(model, cells, row_of(known, i), key);
    EXPECT((cells[key].integer != 0 || cells[key].size > 0) &&
               !model_is_taken(model, &model->uniques[0], cells, -1),
           "%s.%s: by key %u a new row has got no key of its own", model->table->database,
           model->table->name, known->key);
}

/* After a failure the row has the key that it came with. */
static void
expect_kept(const struct known *known)
{
    const struct model *model = known->model;
    unsigned key = model->uniques[0].places[0];
    for (size_t i = 0; i < known->count; i++) {
        struct cell cell = row_take(&model->columns[key], row_of(known, i));
        bool kept = known->lacks[i] ? cell.integer == 0 && cell.size == 0
                                    : cell_same(&cell, &known->cells[i][key]);
        EXPECT(kept, "%s.%s: a failure by key %u changed the primary key", model->table->database,
               model->table->name, known->key);
        cell_clear(&cell);
    }
}

/* Brings the model to what was written; `upserted`, or ensured. */
static void
take_rows(struct known *known, bool upserted, int64_t since, size_t *inserted)
{
    struct model *model = known->model;
    for (size_t i = 0; i < known->count; i++) {
        struct cell *cells = known->cells[i];
        long place = known->places[i];
        if (place < 0 && known->lacks[i])
            take_key(known, i);
        expect_key(known, i, cells);
        if (place >= 0 && (!upserted || is_unchanged(model, cells, model->rows[place])))
            continue;
        if (upserted)
            cells_take_times(model, cells, row_of(known, i), since);
        known->cells[i] = NULL;
        if (place >= 0)
            model_replace(model, (size_t)place, cells);
        else
            model_add(model, cells);
        *inserted += place < 0;
    }
}

static void
free_known(struct known *known)
{
    for (size_t i = 0; i < known->count; i++) {
        if (known->cells[i] != NULL)
            model_free_cells(known->model, known->cells[i]);
        cleat_row_clear(known->model->table, row_of(known, i));
    }
    free(known->rows);
}

/* ---- calls ---- */

static void
write_many(struct known *known, cleat_session *session, bool upserts, size_t *inserted)
{
    const cleat_table *table = known->model->table;
    int64_t since = cleat_now();
    cleat_status rc =
        upserts ? cleat_row_upsert_many(session, table, known->key, known->rows, known->count)
                : cleat_row_ensure_many(session, table, known->key, known->rows, known->count);
    expect_status(known->model, session, rc, known->faults,
                  upserts ? "upsert_many_by" : "ensure_many_by");
    if (rc < 0)
        expect_kept(known);
    else
        take_rows(known, upserts, since, inserted);
}

static void
write_one(struct known *known, cleat_session *session, bool upserts, size_t *inserted)
{
    const struct model *model = known->model;
    int64_t since = cleat_now();
    long place = known->places[0];
    cleat_status expected = CLEAT_CREATED;
    if (place >= 0 && !upserts)
        expected = CLEAT_FOUND;
    else if (place >= 0)
        expected = is_unchanged(model, known->cells[0], model->rows[place]) ? CLEAT_UNCHANGED
                                                                            : CLEAT_UPDATED;
    cleat_status rc = upserts ? cleat_row_upsert(session, model->table, known->key, known->rows)
                              : cleat_row_ensure(session, model->table, known->key, known->rows);
    expect_status(model, session, rc, known->faults, upserts ? "upsert_by" : "ensure_by");
    if (rc < 0) {
        expect_kept(known);
        return;
    }
    EXPECT(rc == expected, "%s.%s by key %u: %s, not %s", model->table->database,
           model->table->name, known->key, cleat_status_name(rc), cleat_status_name(expected));
    if (rc == CLEAT_FOUND)
        expect_row(model, known->rows, model->rows[place], "ensure_by");
    take_rows(known, upserts, since, inserted);
}

void
write_by_key(struct model *model, cleat_session *session, size_t *inserted)
{
    struct known known;
    bool many = chance_one_in(2), upserts = chance_one_in(2);
    if (!make_known(&known, model, many ? ROWS_MAX - 1 : 1)) {
        free(known.rows);
        return;
    }
    if (many)
        write_many(&known, session, upserts, inserted);
    else
        write_one(&known, session, upserts, inserted);
    free_known(&known);
}
