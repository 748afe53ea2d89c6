/* calls.c: random rows with the trouble that real ones make (keys that are taken, references to
 * nothing, ids not yet assigned), and what every call must leave behind. */
#include "property.h"

#include <stdlib.h>

size_t calls_refused;

/* A row of the model in the form of the table. The caller frees it. */
void *
row_make(const struct model *model, const struct cell *cells)
{
    void *row = calloc(1, model->table->row_size);
    EXPECT(row != NULL, "out of memory");
    for (unsigned i = 0; i < model->count; i++)
        row_put(&model->columns[i], row, &cells[i]);
    return row;
}

void
key_make(const struct model *model, const struct unique *unique, const struct cell *cells,
         cleat_value *ret_values)
{
    for (unsigned i = 0; i < unique->count; i++)
        ret_values[i] = row_value(&model->columns[unique->places[i]], &cells[unique->places[i]]);
}

/* A call must succeed without faults, and with some fail in one of their ways, naming the
 * column where only one is at fault. */
void
expect_status(const struct model *model, cleat_session *session, cleat_status rc, unsigned faults,
              const char *call)
{
    const cleat_error *error = cleat_session_error(session);
    const char *database = model->table->database, *table = model->table->name;
    if (faults == 0) {
        EXPECT(rc >= 0, "%s of %s.%s failed: %s: %s", call, database, table, cleat_status_name(rc),
               error->text);
        return;
    }
    EXPECT(rc < 0, "%s of %s.%s succeeded with faults %#x", call, database, table, faults);
    EXPECT((faults & FAULT(rc)) != 0, "%s of %s.%s failed with %s (%s), not %#x", call, database,
           table, cleat_status_name(rc), error->text, faults);
    EXPECT(error->status == rc, "%s of %s.%s left the status %d", call, database, table,
           error->status);
    EXPECT(error->text[0] != '\0', "%s of %s.%s left no text", call, database, table);
    calls_refused++;
}

/* The only column that cannot be bound, or is NULL and must not be; NULL for none or several. */
static const char *
guilty_column(const struct model *model, const struct cell *cells)
{
    const char *name = NULL;
    for (unsigned i = 0; i < model->count; i++) {
        const struct column_model *column = &model->columns[i];
        bool null = cells[i].type == SQLITE_NULL && column->base < 0 &&
                    !(column->column->flags & CLEAT_NULLABLE);
        if (!null && !value_unbindable(column, &cells[i]) && !value_inconstant(column, &cells[i]))
            continue;
        if (name != NULL)
            return NULL;
        name = column->column->name;
    }
    return name;
}

void
expect_column(const struct model *model, const cleat_session *session, const struct cell *cells,
              unsigned faults)
{
    const char *name = guilty_column(model, cells);
    bool single = faults == FAULT(CLEAT_CHECK) || faults == FAULT(CLEAT_NOT_NULL);
    if (name == NULL || !single)
        return;
    for (unsigned i = 0; i < model->count; i++)
        if (value_unchecked(&model->columns[i], &cells[i]) &&
            !value_unbindable(&model->columns[i], &cells[i]))
            return;
    EXPECT(strcmp(cleat_session_error(session)->column, name) == 0,
           "%s.%s: the error is about '%s', not '%s'", model->table->database, model->table->name,
           cleat_session_error(session)->column, name);
}

/* ---- rows ---- */

bool
column_is_assigned(const struct column_model *column)
{
    return (column->column->flags & CLEAT_ASSIGNED) != 0;
}

static const struct column_model *
key_column(const struct model *model)
{
    return &model->columns[model->uniques[0].places[0]];
}

/* NULL, the key of another row, or anything. */
static struct cell
random_parent(const struct model *model, const struct column_model *column)
{
    unsigned key = model->uniques[0].places[0];
    if (chance_one_in(2))
        return (struct cell){.type = SQLITE_NULL};
    if (model->row_count == 0 || chance_one_in(20))
        return value_random(column, true);
    return cell_copy(&model->rows[chance_below(model->row_count)][key]);
}

/* Takes the values of a unique key from another row. */
void
cells_copy_key(const struct model *model, const struct unique *unique, struct cell *cells,
               size_t from)
{
    for (unsigned i = 0; i < unique->count; i++) {
        cell_clear(&cells[unique->places[i]]);
        cells[unique->places[i]] = cell_copy(&model->rows[from][unique->places[i]]);
    }
}

/* Sometimes takes a key that a row of the family has. */
static void
copy_family_key(const struct model *model, struct cell *cells)
{
    const struct model *other = &model->family[chance_below(model->family_count)];
    const struct unique *unique = &model->uniques[chance_below(model->unique_count)];
    if (other->row_count > 0 && unique->part <= other->level && chance_one_in(20))
        cells_copy_key(other, unique, cells, chance_below(other->row_count));
}

struct cell *
cells_random(const struct model *model)
{
    struct cell *cells = calloc(model->count, sizeof *cells);
    EXPECT(cells != NULL, "out of memory");
    for (unsigned i = 0; i < model->count; i++) {
        const struct column_model *column = &model->columns[i];
        cells[i].type = SQLITE_NULL;
        if (column->parent != NO_PARENT)
            cells[i] = random_parent(model, column);
        else if (column->base < 0)
            cells[i] = value_random(column, (column->column->flags & CLEAT_KEY) != 0);
    }
    /* a key at the end of all numbers would leave no number for the next row */
    if (model->counts_up)
        cells[model->uniques[0].places[0]].integer /= 2;
    if (model->row_count > 0 && chance_one_in(30))
        cells_copy_key(model, &model->uniques[chance_below(model->unique_count)], cells,
                       chance_below(model->row_count));
    if (model->family_count > 1)
        copy_family_key(model, cells);
    return cells;
}

/* Whether the next number is not 0: SQLite gives the greatest one plus 1, also where that is -1. */
static bool
counts_from_one(const struct model *model)
{
    unsigned key = model->uniques[0].places[0];
    for (unsigned f = 0; f < model->family_count; f++)
        for (size_t i = 0; i < model->family[f].row_count; i++)
            if (model->family[f].rows[i][key].integer > 0)
                return true;
    return false;
}

bool
cells_clear_key(const struct model *model, struct cell *cells)
{
    const struct column_model *column = key_column(model);
    struct cell *cell = &cells[column - model->columns];
    bool number = column->column->kind == CLEAT_KIND_INTEGER;
    if (!column_is_assigned(column))
        return false;
    if (number && !counts_from_one(model)) {
        cell->integer += cell->integer == 0;
        return false;
    }
    if (chance_one_in(2)) {
        cell_clear(cell);
        *cell = number ? cell_integer(0) : cell_text("");
    }
    return number ? cell->integer == 0 : cell->size == 0;
}

/* A row with a new key must not refer to itself: it does not know its key. */
void
cells_forget_parents(const struct model *model, struct cell *cells)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->columns[i].parent != NO_PARENT)
            cell_clear(&cells[i]);
}

/* With NO ACTION and RESTRICT, who refers to itself cannot be told from who is referred to. */
void
cells_forget_itself(const struct model *model, struct cell *cells)
{
    unsigned key = model->uniques[0].places[0];
    for (unsigned i = 0; i < model->count; i++)
        if (model->columns[i].parent == RESTRICT &&
            cell_compare(&cells[i], &cells[key], model->uniques[0].collations[0]) == 0)
            cell_clear(&cells[i]);
}

/* Takes from a row what a call has written there: the new key, the time of an update. */
void
cells_take(const struct model *model, struct cell *cells, const void *row, unsigned place)
{
    cell_clear(&cells[place]);
    cells[place] = row_take(&model->columns[place], row);
}

void
cells_take_times(const struct model *model, struct cell *cells, const void *row, int64_t since)
{
    char text[25];
    cleat_datetime_format(since, text);
    for (unsigned i = 0; i < model->count; i++) {
        const cleat_column *column = model->columns[i].column;
        if (!(column->flags & CLEAT_UPDATE_NOW))
            continue;
        cells_take(model, cells, row, i);
        bool fresh = column->kind == CLEAT_KIND_DATETIME ? strcmp(cells[i].bytes, text) >= 0
                                                         : cells[i].integer >= since;
        EXPECT(fresh && cells[i].type != SQLITE_NULL, "%s.%s.%s does not have the time",
               model->table->database, model->table->name, column->name);
    }
}

void
cells_set_times(const struct model *model, struct cell *cells)
{
    char text[25];
    cleat_datetime_format(cleat_now(), text);
    for (unsigned i = 0; i < model->count; i++) {
        const cleat_column *column = model->columns[i].column;
        if (!(column->flags & CLEAT_UPDATE_NOW))
            continue;
        cell_clear(&cells[i]);
        cells[i] = cell_integer(cleat_now());
        if (column->kind == CLEAT_KIND_DATETIME)
            cells[i] = cell_text(text);
    }
}

void
expect_row(const struct model *model, const void *row, const struct cell *cells, const char *call)
{
    for (unsigned i = 0; i < model->count; i++) {
        struct cell cell = row_take(&model->columns[i], row);
        EXPECT(cell_same(&cell, &cells[i]),
               "%s of %s.%s: '%s' came back different: type %d for %d, %.17g for %.17g, "
               "%zu bytes for %zu",
               call, model->table->database, model->table->name, model->table->columns[i].name,
               cell.type, cells[i].type, cell.real, cells[i].real, cell.size, cells[i].size);
        cell_clear(&cell);
    }
}
