/* model.c: a table in memory that answers what the one on disk must do: which writes fail, and
 * what is there after those that do not. Unique keys are read from the file, so that the model
 * does not believe the descriptors. */
#include "facts.h"
#include "property.h"

#include <stdlib.h>

/* ---- from the file and the facts ---- */

unsigned
chain_of(const cleat_table *table, const cleat_table **ret_tables)
{
    unsigned count = 0;
    for (const cleat_table *up = table; up != NULL; up = up->extends ? up->extends->table : NULL)
        count++;
    EXPECT(count <= CHAIN_MAX, "%s.%s extends too many", table->database, table->name);
    for (unsigned i = count; i > 0; i--) {
        ret_tables[i - 1] = table;
        table = table->extends ? table->extends->table : NULL;
    }
    return count;
}

/* The level of a table of the chain; -1 for one that is none. */
static int
find_part(const cleat_table *table, const char *name)
{
    const cleat_table *chain[CHAIN_MAX];
    unsigned count = chain_of(table, chain);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(chain[i]->name, name) == 0)
            return (int)i;
    return -1;
}

static int
find_column(const cleat_table *table, const char *name)
{
    for (unsigned i = 0; name != NULL && i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

static enum collation
collation_of(const char *name)
{
    return strcmp(name, "NOCASE") == 0 ? NOCASE : strcmp(name, "RTRIM") == 0 ? RTRIM : BINARY;
}

static enum parent
parent_of(const char *action)
{
    if (action[0] == '\0')
        return NO_PARENT;
    return strcmp(action, "CASCADE") == 0    ? CASCADE
           : strcmp(action, "SET_NULL") == 0 ? SET_NULL
                                             : RESTRICT;
}

static void
read_facts(struct model *model)
{
    const cleat_table *table = model->table;
    for (const struct fact *fact = property_facts; fact->database != NULL; fact++) {
        if (strcmp(fact->database, table->database) != 0 || find_part(table, fact->table) < 0)
            continue;
        int place = find_column(table, fact->column);
        EXPECT(place >= 0, "%s.%s has no column %s", table->database, table->name, fact->column);
        struct column_model *column = &model->columns[place];
        column->length = (size_t)fact->length;
        column->collation = collation_of(fact->collation);
        column->parent = parent_of(fact->parent);
        if (fact->base[0] != '\0')
            column->base = find_column(table, fact->base);
    }
}

static void
read_constants(struct model *model)
{
    const cleat_table *table = model->table;
    for (const struct chain_fact *fact = property_chains; fact->database != NULL; fact++) {
        if (strcmp(fact->database, table->database) != 0 || strcmp(fact->table, table->name) != 0)
            continue;
        EXPECT(table->extends != NULL && strcmp(table->extends->table->name, fact->extends) == 0,
               "%s.%s does not extend %s", table->database, table->name, fact->extends);
        int place = find_column(table, fact->column);
        EXPECT(fact->column == NULL || place >= 0, "%s.%s has no column %s", table->database,
               table->name, fact->column);
        if (place >= 0)
            model->columns[place].constant = fact->label;
    }
}

static void
read_columns(struct model *model)
{
    const cleat_table *table = model->table;
    for (unsigned i = 0; i < table->column_count; i++) {
        model->columns[i].column = &table->columns[i];
        model->columns[i].base = -1;
        for (unsigned j = 0; j < table->enum_count; j++)
            if (table->enums[j].offset == table->columns[i].offset)
                model->columns[i].labels = table->enums[j].type;
    }
}

static void
read_primary_key(struct model *model)
{
    const cleat_key *key = &model->table->keys[0];
    struct unique *unique = &model->uniques[model->unique_count++];
    for (unsigned i = 0; i < key->count; i++)
        for (unsigned j = 0; j < model->count; j++)
            if (model->columns[j].column->offset == key->offsets[i]) {
                unique->places[unique->count] = j;
                unique->collations[unique->count++] = model->columns[j].collation;
            }
    EXPECT(unique->count == key->count, "the key of %s is not of its columns", model->table->name);
}

static sqlite3_stmt *
prepare(sqlite3 *plain, const char *sql, const char *name)
{
    sqlite3_stmt *statement;
    EXPECT(sqlite3_prepare_v2(plain, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
           sqlite3_errmsg(plain));
    if (name != NULL)
        sqlite3_bind_text(statement, 1, name, -1, SQLITE_TRANSIENT);
    return statement;
}

static void
read_index(struct model *model, sqlite3 *plain, const char *name, unsigned part)
{
    struct unique unique = {.count = 0, .part = part};
    bool known = true;
    sqlite3_stmt *statement = prepare(
        plain, "SELECT name, coll FROM pragma_index_xinfo(?1) WHERE key", name);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        int place = find_column(model->table, (const char *)sqlite3_column_text(statement, 0));
        known = known && place >= 0 && unique.count < KEY_MAX;
        if (!known)
            continue;
        unique.places[unique.count] = (unsigned)place;
        unique.collations[unique.count++] = collation_of(
            (const char *)sqlite3_column_text(statement, 1));
    }
    sqlite3_finalize(statement);
    EXPECT(model->unique_count < UNIQUE_MAX, "%s has too many keys", model->table->name);
    if (known)
        model->uniques[model->unique_count++] = unique;
}

static void
read_indexes(struct model *model, sqlite3 *plain, const char *table, unsigned part)
{
    sqlite3_stmt *statement = prepare(
        plain, "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk'", table);
    while (sqlite3_step(statement) == SQLITE_ROW)
        read_index(model, plain, (const char *)sqlite3_column_text(statement, 0), part);
    sqlite3_finalize(statement);
}

void
model_open(struct model *model, const cleat_table *table, sqlite3 *plain)
{
    const cleat_table *chain[CHAIN_MAX];
    memset(model, 0, sizeof *model);
    model->table = table;
    model->count = table->column_count;
    model->columns = calloc(model->count, sizeof *model->columns);
    EXPECT(model->columns != NULL, "out of memory");
    read_columns(model);
    read_facts(model);
    read_constants(model);
    read_primary_key(model);
    model->family = model;
    model->family_count = 1;
    model->level = chain_of(table, chain) - 1;
    for (unsigned i = 0; i <= model->level; i++)
        read_indexes(model, plain, chain[i]->name, i);
    sqlite3_stmt *statement = prepare(
        plain, "SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_schema WHERE name=?1",
        chain[0]->name);
    model->counts_up = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
}

void
model_free_cells(const struct model *model, struct cell *cells)
{
    for (unsigned i = 0; i < model->count; i++)
        cell_clear(&cells[i]);
    free(cells);
}

void
model_close(struct model *model)
{
    for (size_t i = 0; i < model->row_count; i++)
        model_free_cells(model, model->rows[i]);
    free(model->rows);
    free(model->columns);
}

/* ---- what is there ---- */

static bool
same_key(const struct unique *unique, const struct cell *one, const struct cell *other)
{
    for (unsigned i = 0; i < unique->count; i++) {
        unsigned place = unique->places[i];
        if (one[place].type == SQLITE_NULL || other[place].type == SQLITE_NULL ||
            cell_compare(&one[place], &other[place], unique->collations[i]) != 0)
            return false;
    }
    return true;
}

long
model_find(const struct model *model, const struct unique *unique, const struct cell *cells,
           long but)
{
    unsigned first = unique->places[0];
    uint32_t hash = cell_hash(&cells[first]);
    for (size_t i = 0; i < model->row_count; i++) {
        uint32_t other = model->rows[i][first].hash;
        if ((other == hash || other == 0) && (long)i != but &&
            same_key(unique, model->rows[i], cells))
            return (long)i;
    }
    return -1;
}

bool
model_is_taken(const struct model *model, const struct unique *unique, const struct cell *cells,
               long but)
{
    if (model_find(model, unique, cells, but) >= 0)
        return true;
    for (unsigned i = unique->part; model->family_count > 1 && i < model->family_count; i++)
        if (i != model->level && model_find(&model->family[i], unique, cells, -1) >= 0)
            return true;
    return false;
}

size_t
model_matches(const struct model *model, const struct unique *unique, const struct cell *cells)
{
    size_t count = 0;
    for (size_t i = 0; i < model->row_count; i++)
        count += same_key(unique, model->rows[i], cells);
    return count;
}

/* Whether a column refers to a row's key. */
static bool
refers_to(const struct model *model, const struct cell *child, const struct cell *cells)
{
    const struct unique *key = &model->uniques[0];
    return child->type != SQLITE_NULL &&
           cell_compare(child, &cells[key->places[0]], key->collations[0]) == 0;
}

static bool
lacks_parent(const struct model *model, const struct cell *child, const struct cell *cells)
{
    if (child->type == SQLITE_NULL || refers_to(model, child, cells))
        return false;
    for (size_t i = 0; i < model->row_count; i++)
        if (refers_to(model, child, model->rows[i]))
            return false;
    return true;
}

static unsigned
column_faults(const struct column_model *column, const struct cell *cell)
{
    const cleat_column *descriptor = column->column;
    bool new_id = (descriptor->flags & CLEAT_ASSIGNED) && cell->type == SQLITE_TEXT &&
                  cell->size == 0;
    if (column->base >= 0 || new_id)
        return 0;
    if (cell->type == SQLITE_NULL)
        return descriptor->flags & CLEAT_NULLABLE ? 0 : FAULT(CLEAT_NOT_NULL);
    return value_unbindable(column, cell) || value_inconstant(column, cell) ||
                   value_unchecked(column, cell)
               ? FAULT(CLEAT_CHECK)
               : 0;
}

const struct column_model *
model_wrong_column(const struct model *model, const struct cell *cells)
{
    for (unsigned i = 0; i < model->count; i++)
        if (value_unbindable(&model->columns[i], &cells[i]) ||
            value_inconstant(&model->columns[i], &cells[i]))
            return &model->columns[i];
    return NULL;
}

unsigned
model_faults(const struct model *model, const struct cell *cells, long place)
{
    unsigned faults = 0;
    for (unsigned i = 0; i < model->count; i++) {
        faults |= column_faults(&model->columns[i], &cells[i]);
        if (model->columns[i].parent != NO_PARENT && lacks_parent(model, &cells[i], cells))
            faults |= FAULT(CLEAT_FOREIGN_KEY);
    }
    for (unsigned i = 0; i < model->unique_count; i++)
        if (model_is_taken(model, &model->uniques[i], cells, place))
            faults |= FAULT(CLEAT_CONFLICT);
    return faults;
}

/* ---- changes ---- */

void
model_settle(const struct model *model, struct cell *cells)
{
    static const char *const names[] = {"", "integer", "real", "text", "blob", "null"};
    for (unsigned i = 0; i < model->count; i++) {
        if (cells[i].type == SQLITE_FLOAT && cells[i].real >= 0 && cells[i].real <= 0)
            cells[i].real = 0.0;
        if (model->columns[i].base < 0)
            continue;
        cell_clear(&cells[i]);
        cells[i] = cell_text(names[cells[model->columns[i].base].type]);
    }
}

/* The cells that model_find() looks at first. */
static void
set_hashes(const struct model *model, struct cell *cells)
{
    for (unsigned i = 0; i < model->unique_count; i++) {
        struct cell *cell = &cells[model->uniques[i].places[0]];
        cell->hash = cell_hash(cell);
    }
}

void
model_add(struct model *model, struct cell *cells)
{
    if (model->row_count == model->row_capacity) {
        model->row_capacity = model->row_capacity * 2 + 64;
        model->rows = realloc(model->rows, model->row_capacity * sizeof *model->rows);
        EXPECT(model->rows != NULL, "out of memory");
    }
    model_settle(model, cells);
    set_hashes(model, cells);
    model->rows[model->row_count++] = cells;
}

void
model_replace(struct model *model, size_t place, struct cell *cells)
{
    model_free_cells(model, model->rows[place]);
    model_settle(model, cells);
    set_hashes(model, cells);
    model->rows[place] = cells;
}

static const struct column_model *
parent_column(const struct model *model)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->columns[i].parent != NO_PARENT)
            return &model->columns[i];
    return NULL;
}

bool
model_refers(const struct model *model, const struct cell *cells, const struct cell *other)
{
    const struct column_model *parent = parent_column(model);
    return parent != NULL && refers_to(model, &cells[parent - model->columns], other);
}

bool
model_may_delete(const struct model *model, size_t place)
{
    const struct column_model *parent = parent_column(model);
    if (parent == NULL || parent->parent != RESTRICT)
        return true;
    size_t column = (size_t)(parent - model->columns);
    for (size_t i = 0; i < model->row_count; i++)
        if (refers_to(model, &model->rows[i][column], model->rows[place]))
            return false;
    return true;
}

void
model_delete(struct model *model, size_t place)
{
    const struct column_model *parent = parent_column(model);
    struct cell *gone = model->rows[place];
    model->rows[place] = model->rows[--model->row_count];
    size_t column = parent == NULL ? 0 : (size_t)(parent - model->columns);
    for (size_t i = 0; parent != NULL && i < model->row_count; i++) {
        if (!refers_to(model, &model->rows[i][column], gone))
            continue;
        if (parent->parent == CASCADE) {
            model_delete(model, i);
            i = (size_t)-1; /* rows have moved */
        } else {
            cell_clear(&model->rows[i][column]);
            model_settle(model, model->rows[i]);
        }
    }
    model_free_cells(model, gone);
}
