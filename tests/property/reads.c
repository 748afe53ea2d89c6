/* reads.c: everything that reads rows finds what the model has, value by value. */
#include "property.h"

#include <inttypes.h>
#include <stdlib.h>

void
read_get(const struct model *model, cleat_session *session, void *own)
{
    const cleat_table *table = model->table;
    cleat_value values[KEY_MAX];
    void *lent = calloc(1, table->row_size);
    EXPECT(lent != NULL, "out of memory");
    struct cell *cells = cells_random(model);
    if (model->row_count > 0 && !chance_one_in(10))
        cells_copy_key(model, &model->uniques[0], cells, chance_below(model->row_count));
    long place = model_find(model, &model->uniques[0], cells, -1);
    key_make(model, &model->uniques[0], cells, values);
    unsigned faults = 0;
    for (unsigned i = 0; i < model->count; i++)
        if ((model->columns[i].column->flags & CLEAT_KEY) &&
            value_unbindable(&model->columns[i], &cells[i]))
            faults = FAULT(CLEAT_CHECK);
    cleat_status expected = place < 0 ? CLEAT_NOT_FOUND : CLEAT_OK;
    cleat_status rc = cleat_row_get(session, table, 0, values, own);
    expect_status(model, session, rc, faults, "get");
    if (faults == 0) {
        EXPECT(rc == expected, "get of %s.%s: %d", table->database, table->name, rc);
        rc = cleat_row_exists(session, table, 0, values);
        EXPECT(rc == expected, "exists of %s.%s: %d", table->database, table->name, rc);
        rc = cleat_row_lend(session, table, 0, values, lent);
        EXPECT(rc == expected, "lend of %s.%s: %d", table->database, table->name, rc);
    }
    if (rc == CLEAT_OK) {
        expect_row(model, lent, model->rows[place], "lend");
        expect_row(model, own, model->rows[place], "get");
    }
    model_free_cells(model, cells);
    free(lent);
}

void
read_family(const struct model *model, cleat_session *session)
{
    const struct model *upper = &model->family[chance_below(model->family_count)];
    cleat_value values[KEY_MAX];
    int64_t counted = -1, expected = 0;
    if (model->row_count == 0)
        return;
    const struct cell *cells = model->rows[chance_below(model->row_count)];
    void *row = calloc(1, upper->table->row_size);
    EXPECT(row != NULL, "out of memory");
    key_make(upper, &upper->uniques[0], cells, values);
    cleat_status rc = cleat_row_get(session, upper->table, 0, values, row);
    expect_status(upper, session, rc, 0, "get");
    EXPECT(rc == CLEAT_OK, "%s.%s has no row of %s", upper->table->database, upper->table->name,
           model->table->name);
    expect_row(upper, row, cells, "get");
    for (unsigned i = upper->level; i < model->family_count; i++)
        expected += (int64_t)model->family[i].row_count;
    rc = cleat_row_count(session, upper->table, &counted);
    expect_status(upper, session, rc, 0, "count");
    EXPECT(counted == expected, "%s.%s counts %" PRId64 " of %" PRId64, upper->table->database,
           upper->table->name, counted, expected);
    cleat_row_clear(upper->table, row);
    free(row);
}

int
compare_keys(const struct model *model, const struct cell *one, const struct cell *other)
{
    const struct unique *key = &model->uniques[0];
    for (unsigned i = 0; i < key->count; i++) {
        unsigned place = key->places[i];
        int difference = cell_compare(&one[place], &other[place], key->collations[i]);
        if (difference != 0)
            return difference;
    }
    return 0;
}

/* Finds the row of the model that a listed row is, and compares it. */
const struct cell *
expect_listed(const struct model *model, const void *row, const char *call)
{
    struct cell *cells = calloc(model->count, sizeof *cells);
    EXPECT(cells != NULL, "out of memory");
    for (unsigned i = 0; i < model->count; i++)
        cells[i] = row_take(&model->columns[i], row);
    long place = model_find(model, &model->uniques[0], cells, -1);
    EXPECT(place >= 0, "%s of %s.%s has a row that nobody stored", call, model->table->database,
           model->table->name);
    expect_row(model, row, model->rows[place], call);
    model_free_cells(model, cells);
    return model->rows[place];
}

void
read_count(const struct model *model, cleat_session *session)
{
    int64_t counted = -1;
    cleat_status rc = cleat_row_count(session, model->table, &counted);
    expect_status(model, session, rc, 0, "count");
    EXPECT(counted == (int64_t)model->row_count, "%s.%s counts %" PRId64 " of %zu rows",
           model->table->database, model->table->name, counted, model->row_count);
}

void
read_list(const struct model *model, cleat_session *session)
{
    const cleat_table *table = model->table;
    const struct cell *before = NULL;
    cleat_cursor cursor;
    size_t count = 0;
    void *row = calloc(1, table->row_size);
    EXPECT(row != NULL, "out of memory");
    cleat_status rc = cleat_row_list(session, table, &cursor);
    expect_status(model, session, rc, 0, "list");
    while ((rc = cleat_row_next(&cursor, table, row)) == CLEAT_ROW) {
        const struct cell *cells = expect_listed(model, row, "list");
        EXPECT(before == NULL || compare_keys(model, before, cells) < 0,
               "%s.%s is not listed in the order of its key", table->database, table->name);
        before = cells;
        count++;
    }
    expect_status(model, session, rc, 0, "next");
    EXPECT(count == model->row_count, "%s.%s lists %zu of %zu rows", table->database, table->name,
           count, model->row_count);
    read_count(model, session);
    free(row);
}

/* The columns of any key of the table, which need not be unique. */
static bool
read_key(const struct model *model, const cleat_key *key, const struct cell *cells,
         struct unique *ret_unique)
{
    bool all = key->count <= KEY_MAX;
    ret_unique->count = 0;
    for (unsigned i = 0; all && i < key->count; i++)
        for (unsigned j = 0; j < model->count; j++)
            if (model->columns[j].column->offset == key->offsets[i]) {
                all = all && cells[j].type != SQLITE_NULL;
                ret_unique->places[ret_unique->count] = j;
                ret_unique->collations[ret_unique->count++] = model->columns[j].collation;
            }
    return all;
}

void
read_list_by(const struct model *model, cleat_session *session)
{
    const cleat_table *table = model->table;
    struct unique unique;
    cleat_value values[KEY_MAX];
    cleat_cursor cursor;
    int64_t count = -1, expected, listed = 0;
    if (model->row_count == 0)
        return;
    unsigned key = (unsigned)chance_below(table->key_count);
    const struct cell *cells = model->rows[chance_below(model->row_count)];
    if (!read_key(model, &table->keys[key], cells, &unique))
        return;
    expected = (int64_t)model_matches(model, &unique, cells);
    key_make(model, &unique, cells, values);
    cleat_status rc = cleat_row_count_by(session, table, key, values, &count);
    expect_status(model, session, rc, 0, "count_by");
    void *row = calloc(1, table->row_size);
    EXPECT(row != NULL, "out of memory");
    rc = cleat_row_list_by(session, table, key, values, &cursor);
    expect_status(model, session, rc, 0, "list_by");
    while ((rc = cleat_row_next(&cursor, table, row)) == CLEAT_ROW) {
        expect_listed(model, row, "list_by");
        listed++;
    }
    expect_status(model, session, rc, 0, "next");
    EXPECT(count == expected && listed == expected,
           "%s.%s by key %u: counts %" PRId64 ", lists %" PRId64 " of %" PRId64, table->database,
           table->name, key, count, listed, expected);
    free(row);
}
