/* sets.c: many rows in one call, some columns of one row, and pages, all beside the
 * model: a set is there as a whole or not at all, and what it reads comes in its order. */
#include "property.h"

#include <stdlib.h>

enum { SET_MAX = 9 };

/* ---- sets ---- */

/* The rows of one call: as cells, and in the form of the table. */
struct set {
    struct model *model;
    struct cell *cells[SET_MAX];
    char *rows;
    size_t count;
};

static void *
row_of(const struct set *set, size_t i)
{
    return set->rows + i * set->model->table->row_size;
}

static void
free_set(struct set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->cells[i] != NULL)
            model_free_cells(set->model, set->cells[i]);
        cleat_row_clear(set->model->table, row_of(set, i));
    }
    free(set->rows);
}

/* The member of the set with the same primary key, -1 when there is none. */
static long
find_in_set(const struct set *set, const struct cell *cells)
{
    struct model seen = *set->model;
    seen.rows = (struct cell **)(uintptr_t)set->cells;
    seen.row_count = set->count;
    return model_find(&seen, &seen.uniques[0], cells, -1);
}

/* Whether a row would take from a key what a row of the model or of the set has, other than that of
 * its own primary key: then the order of the set would decide. */
static bool
meets_others(const struct set *set, const struct cell *cells)
{
    const struct model *model = set->model;
    long place = model_find(model, &model->uniques[0], cells, -1);
    long twin = find_in_set(set, cells);
    struct model seen = *model;
    seen.rows = (struct cell **)(uintptr_t)set->cells;
    seen.row_count = set->count;
    for (unsigned i = 1; i < model->unique_count; i++) {
        if (model_find(model, &model->uniques[i], cells, place) >= 0 ||
            model_find(&seen, &model->uniques[i], cells, twin) >= 0)
            return true;
    }
    return twin >= 0; /* of two with one key the second would meet the first */
}

/* A key that a set would assign becomes another one; assign_keys() empties them when it can. */
static void
take_key(const struct model *model, struct cell *cells)
{
    unsigned key = model->uniques[0].places[0];
    struct cell *cell = &cells[key];
    if (!column_is_assigned(&model->columns[key]))
        return;
    if (cell->type == SQLITE_INTEGER && cell->integer == 0)
        cell->integer = 1;
    if (cell->type == SQLITE_TEXT && cell->size == 0) {
        char id[37];
        if (model->columns[key].column->kind == CLEAT_KIND_ULID)
            cleat_ulid_new(id);
        else
            cleat_uuid_new(id);
        cell_clear(cell);
        *cell = cell_text(id);
    }
}

/* The greatest number of the key; -1 when the next one is not sure to be the next greater. */
static int64_t
greatest_key(const struct model *model)
{
    unsigned key = model->uniques[0].places[0];
    int64_t greatest = 0;
    for (unsigned f = 0; f < model->family_count; f++)
        for (size_t i = 0; i < model->family[f].row_count; i++)
            if (model->family[f].rows[i][key].integer > greatest)
                greatest = model->family[f].rows[i][key].integer;
    return greatest == 0 || greatest > INT64_MAX - 2 * SET_MAX ? -1 : greatest;
}

/* Sometimes all rows of a set get keys that the call assigns: numbers that follow on, or new ids.
 * The cells have what is expected of numbers, and any id. */
static bool
assign_keys(struct set *set)
{
    const struct model *model = set->model;
    unsigned key = model->uniques[0].places[0];
    const struct column_model *column = &model->columns[key];
    bool number = column->column->kind == CLEAT_KIND_INTEGER;
    int64_t greatest = number ? greatest_key(model) : 0;
    if (!column_is_assigned(column) || greatest < 0 || !chance_one_in(2))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        struct cell *cell = &set->cells[i][key];
        struct cell none = number ? cell_integer(0) : cell_text("");
        cell_clear(cell);
        *cell = number ? cell_integer(++greatest) : cell_text("");
        take_key(model, set->cells[i]);
        row_put(column, row_of(set, i), &none);
        cell_clear(&none);
    }
    return true;
}

/* What was assigned: of numbers the next ones, unless they once were higher. */
static void
take_assigned(const struct set *set)
{
    const struct model *model = set->model;
    unsigned key = model->uniques[0].places[0];
    for (size_t i = 0; i < set->count; i++) {
        struct cell expected = cell_copy(&set->cells[i][key]);
        cells_take(model, set->cells[i], row_of(set, i), key);
        const struct cell *given = &set->cells[i][key];
        EXPECT(expected.type != SQLITE_INTEGER || given->integer == expected.integer ||
                   (model->counts_up && given->integer > expected.integer),
               "%s.%s: a set was given another number than the next", model->table->database,
               model->table->name);
        EXPECT(given->type == SQLITE_INTEGER || given->size > 0, "%s.%s: a set was given no id",
               model->table->database, model->table->name);
        cell_clear(&expected);
    }
}

/* Fills a set with random rows. A reference to a row that comes with the set would depend on how
 * much one statement writes, so there is none. `apart`: no two rows meet in a key. */
static void
make_set(struct set *set, struct model *model, bool apart, bool existing)
{
    size_t wanted = 1 + chance_below(SET_MAX);
    *set = (struct set){.model = model, .rows = calloc(wanted, model->table->row_size)};
    EXPECT(set->rows != NULL, "out of memory");
    while (wanted-- > 0) {
        struct cell *cells = cells_random(model);
        if (existing && model->row_count > 0 && chance_one_in(2))
            cells_copy_key(model, &model->uniques[0], cells, chance_below(model->row_count));
        cells_forget_parents(model, cells);
        take_key(model, cells);
        model_settle(model, cells);
        if (apart && meets_others(set, cells)) {
            model_free_cells(model, cells);
            continue;
        }
        for (unsigned i = 0; i < model->count; i++)
            row_put(&model->columns[i], row_of(set, set->count), &cells[i]);
        set->cells[set->count++] = cells;
    }
}

/* A failed call names a row that is at fault, and has written nothing: the next comparison shows
 * that. */
static void
expect_set(const struct set *set, cleat_session *session, cleat_status rc, const unsigned *faults,
           const char *call)
{
    unsigned all = 0;
    for (size_t i = 0; i < set->count; i++)
        all |= faults[i];
    expect_status(set->model, session, rc, all, call);
    if (rc >= 0)
        return;
    int64_t row = cleat_session_error(session)->row;
    EXPECT(row >= 0 && (size_t)row < set->count && (faults[row] & FAULT(rc)) != 0,
           "%s of %s.%s blames row %d, which is not at fault: %s", call,
           set->model->table->database, set->model->table->name, (int)row,
           cleat_session_error(session)->text);
}

/* The faults of each row, where those before it that have none are there already. The model has
 * them then. */
static void
add_rows(struct set *set, unsigned *faults)
{
    struct model *model = set->model;
    for (size_t i = 0; i < set->count; i++) {
        faults[i] = model_faults(model, set->cells[i], -1);
        if (faults[i] == 0)
            model_add(model, set->cells[i]);
    }
}

void
insert_set(struct model *model, cleat_session *session, size_t *inserted)
{
    struct set set;
    unsigned faults[SET_MAX] = {0};
    size_t before = model->row_count;
    make_set(&set, model, false, false);
    bool assigned = assign_keys(&set);
    add_rows(&set, faults);
    cleat_status rc = cleat_row_insert_many(session, model->table, set.rows, set.count);
    expect_set(&set, session, rc, faults, "insert_many");
    if (rc < 0) {
        model->row_count = before; /* the set still has their cells */
    } else {
        *inserted += set.count;
        if (assigned)
            take_assigned(&set);
        memset(set.cells, 0, sizeof set.cells);
    }
    free_set(&set);
}

/* The faults of each row of a set whose rows do not meet. */
static void
find_faults(const struct set *set, unsigned *faults)
{
    const struct model *model = set->model;
    for (size_t i = 0; i < set->count; i++)
        faults[i] = model_faults(model, set->cells[i],
                                 model_find(model, &model->uniques[0], set->cells[i], -1));
}

void
upsert_set(struct model *model, cleat_session *session, size_t *inserted)
{
    struct set set;
    unsigned faults[SET_MAX] = {0};
    make_set(&set, model, true, true);
    for (size_t i = 0; i < set.count; i++)
        cells_set_times(model, set.cells[i]);
    find_faults(&set, faults);
    int64_t since = cleat_now();
    cleat_status rc = cleat_row_upsert_many(session, model->table, 0, set.rows, set.count);
    expect_set(&set, session, rc, faults, "upsert_many");
    for (size_t i = 0; i < set.count && rc >= 0; i++) {
        struct cell *cells = set.cells[i];
        long place = model_find(model, &model->uniques[0], cells, -1);
        if (place >= 0 && is_unchanged(model, cells, model->rows[place]))
            continue;
        cells_take_times(model, cells, row_of(&set, i), since);
        set.cells[i] = NULL;
        if (place >= 0) {
            cells_copy_key(model, &model->uniques[0], cells, (size_t)place);
            model_replace(model, (size_t)place, cells);
        } else {
            model_add(model, cells);
            *inserted += 1;
        }
    }
    free_set(&set);
}

/* To a row that is there already it is of no account what other rows have. */
static void
forget_conflicts(const struct set *set, unsigned *faults)
{
    const struct model *model = set->model;
    for (size_t i = 0; i < set->count; i++)
        if (model_find(model, &model->uniques[0], set->cells[i], -1) >= 0)
            faults[i] &= ~FAULT(CLEAT_CONFLICT);
}

void
ensure_set(struct model *model, cleat_session *session, size_t *inserted)
{
    struct set set;
    unsigned faults[SET_MAX] = {0};
    make_set(&set, model, true, true);
    find_faults(&set, faults);
    forget_conflicts(&set, faults);
    cleat_status rc = cleat_row_ensure_many(session, model->table, 0, set.rows, set.count);
    expect_set(&set, session, rc, faults, "ensure_many");
    for (size_t i = 0; i < set.count && rc >= 0; i++) {
        if (model_find(model, &model->uniques[0], set.cells[i], -1) >= 0)
            continue;
        model_add(model, set.cells[i]);
        set.cells[i] = NULL;
        *inserted += 1;
    }
    free_set(&set);
}

/* ---- many keys ---- */

/* The values of one column of a key as get_many takes them: in an array of their C type. */
static void *
make_array(const struct set *set, const struct column_model *column)
{
    cleat_blob *array = calloc(set->count + 1, sizeof *array); /* the largest of them */
    EXPECT(array != NULL, "out of memory");
    char *to = (char *)array;
    for (size_t i = 0; i < set->count; i++) {
        cleat_value value = row_value(column, &set->cells[i][column - set->model->columns]);
        const bool boolean = value.integer != 0;
        const int label = (int)value.integer;
        switch ((cleat_kind)column->column->kind) {
        case CLEAT_KIND_INTEGER:
        case CLEAT_KIND_TIMESTAMP: memcpy(to + i * sizeof(int64_t), &value.integer, 8); break;
        case CLEAT_KIND_REAL: memcpy(to + i * sizeof(double), &value.real, 8); break;
        case CLEAT_KIND_BOOLEAN: memcpy(to + i * sizeof(bool), &boolean, sizeof boolean); break;
        case CLEAT_KIND_ENUM: memcpy(to + i * sizeof(int), &label, sizeof label); break;
        case CLEAT_KIND_BLOB: array[i] = value.blob; break;
        default: memcpy(to + i * sizeof(char *), &value.text, sizeof value.text); break;
        }
    }
    return array;
}

void
read_get_many(struct model *model, cleat_session *session)
{
    struct set set;
    const struct unique *key = &model->uniques[0];
    void *arrays[KEY_MAX];
    struct {
        char *items;
        size_t count;
        void *owned;
    } rows = {NULL, 0, NULL};
    unsigned faults = 0;
    size_t found = 0;
    make_set(&set, model, false, true);
    for (unsigned i = 0; i < key->count; i++)
        arrays[i] = make_array(&set, &model->columns[key->places[i]]);
    for (size_t i = 0; i < set.count; i++)
        for (unsigned j = 0; j < key->count; j++)
            if (value_unbindable(&model->columns[key->places[j]], &set.cells[i][key->places[j]]))
                faults = FAULT(CLEAT_CHECK);
    cleat_status rc = cleat_row_get_many(session, model->table, 0, (const void *const *)arrays,
                                         set.count, &rows);
    expect_status(model, session, rc, faults, "get_many");
    for (size_t i = 0; i < set.count && rc >= 0; i++) {
        long place = model_find(model, key, set.cells[i], -1);
        if (place < 0)
            continue;
        EXPECT(found < rows.count, "get_many of %s.%s lacks a row", model->table->database,
               model->table->name);
        expect_row(model, rows.items + found++ * model->table->row_size, model->rows[place],
                   "get_many");
    }
    if (rc >= 0)
        EXPECT(found == rows.count && rc == (found == set.count ? CLEAT_OK : CLEAT_NOT_FOUND),
               "get_many of %s.%s gives %zu of %zu rows: %s", model->table->database,
               model->table->name, rows.count, found, cleat_status_name(rc));
    cleat_rows_clear(&rows);
    for (unsigned i = 0; i < key->count; i++)
        free(arrays[i]);
    free_set(&set);
}

/* ---- some columns ---- */

static bool
is_patched(const struct column_model *column)
{
    return (column->column->flags & (CLEAT_KEY | CLEAT_GENERATED)) == 0;
}

/* Calls by bits where a number has enough of them. */
cleat_columns
columns_of(const struct model *model, const uint16_t *places, size_t count)
{
    uint64_t bits = 0;
    if (model->count > 64)
        return cleat_columns_of_places(places, count);
    for (size_t i = 0; i < count; i++)
        bits |= UINT64_C(1) << places[i];
    return cleat_columns_of_bits(bits);
}

/* Takes the stored values of all columns but some that a patch may change. */
static size_t
choose_columns(const struct model *model, struct cell *cells, long place, uint16_t *places)
{
    size_t count = 0;
    for (unsigned i = 0; i < model->count; i++) {
        if (is_patched(&model->columns[i]) && chance_one_in(2)) {
            places[count++] = (uint16_t)i;
        } else if (place >= 0) {
            cell_clear(&cells[i]);
            cells[i] = cell_copy(&model->rows[place][i]);
        }
    }
    return count;
}

void
patch_row(struct model *model, cleat_session *session)
{
    uint16_t places[PLACES_MAX];
    struct cell *cells = cells_random(model);
    if (model->row_count > 0)
        cells_copy_key(model, &model->uniques[0], cells, chance_below(model->row_count));
    cells_forget_itself(model, cells);
    long place = model_find(model, &model->uniques[0], cells, -1);
    size_t count = choose_columns(model, cells, place, places);
    cleat_columns columns = columns_of(model, places, count);
    void *row = row_make(model, cells);
    int64_t since = cleat_now();
    cleat_status rc = columns.places != NULL
                          ? cleat_row_patch_places(session, model->table, row, places, count)
                          : cleat_row_patch(session, model->table, row, columns.bits);
    if (place >= 0) {
        cells_set_times(model, cells);
        expect_status(model, session, rc, model_faults(model, cells, place), "patch");
        if (rc >= 0)
            cells_take_times(model, cells, row, since);
    }
    if (place >= 0 && rc >= 0)
        model_replace(model, (size_t)place, cells);
    else
        model_free_cells(model, cells);
    free(row);
}

/* ---- pages ---- */

/* One page beside a row of the model, which may be NULL; its rows are in the order of the key on
 * either side. Returns the row beside which the next page is. */
static const struct cell *
read_page(const struct model *model, cleat_session *session, const struct cell *beside,
          cleat_side side, size_t limit, size_t *ret_count)
{
    const cleat_table *table = model->table;
    const struct cell *before = side == CLEAT_AFTER ? beside : NULL, *first = NULL;
    cleat_cursor cursor;
    void *mark = beside == NULL ? NULL : row_make(model, beside);
    void *row = calloc(1, table->row_size);
    EXPECT(row != NULL, "out of memory");
    cleat_status rc = cleat_row_list_page(session, table, mark, side, limit, &cursor);
    expect_status(model, session, rc, 0, "list_page");
    for (*ret_count = 0; (rc = cleat_row_next(&cursor, table, row)) == CLEAT_ROW; ++*ret_count) {
        const struct cell *cells = expect_listed(model, row, "list_page");
        EXPECT(before == NULL || compare_keys(model, before, cells) < 0,
               "a page of %s.%s is not in the order of its key", table->database, table->name);
        first = first == NULL ? cells : first;
        before = cells;
    }
    expect_status(model, session, rc, 0, "next");
    EXPECT(side == CLEAT_AFTER || beside == NULL || before == NULL ||
               compare_keys(model, before, beside) < 0,
           "a page of %s.%s is not before its row", table->database, table->name);
    free(mark);
    free(row);
    return side == CLEAT_AFTER ? before : first;
}

void
read_pages(const struct model *model, cleat_session *session)
{
    size_t limit = 1 + chance_below(model->row_count + 10), total = 0, count;
    cleat_side side = chance_one_in(2) ? CLEAT_AFTER : CLEAT_BEFORE;
    const struct cell *last = NULL;
    if (limit < model->row_count / 8)
        limit = model->row_count / 8;
    do {
        last = read_page(model, session, last, side, limit, &count);
        total += count;
    } while (count == limit);
    EXPECT(count < limit && total == model->row_count, "the pages of %s.%s have %zu of %zu rows",
           model->table->database, model->table->name, total, model->row_count);
}
