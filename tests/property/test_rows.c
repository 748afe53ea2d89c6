/* test_rows.c: the property test of values. Every table of some hundred random schemas is written
 * and read at random, through its descriptor, beside a model in memory: each call must do what the
 * model says, every value must come back exactly, and what cannot be stored must be a clear error.
 * An ordinary connection reads the same files and must see the same.
 *
 * CLEAT_PROPERTY_SEED repeats a run; CLEAT_PROPERTY_ROUNDS makes it longer. */
#include "facts.h"
#include "property.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { STEPS = 1131, CHECKS = 3 };

extern const cleat_init_table property_schemas_init_table;

static size_t inserted;

/* ---- writes ---- */

/* A failed insert leaves the row's key as it was. */
static void
expect_key_kept(const struct model *model, const void *row, const struct cell *cells)
{
    unsigned key = model->uniques[0].places[0];
    if (value_unbindable(&model->columns[key], &cells[key]))
        return;
    struct cell kept = row_take(&model->columns[key], row);
    EXPECT(cell_same(&kept, &cells[key]), "a failed insert of %s.%s changed the key",
           model->table->database, model->table->name);
    cell_clear(&kept);
}

static void
insert_row(struct model *model, cleat_session *session)
{
    struct cell *cells = cells_random(model);
    unsigned key = model->uniques[0].places[0];
    bool new_key = cells_clear_key(model, cells);
    if (new_key)
        cells_forget_parents(model, cells);
    cells_forget_itself(model, cells);
    void *row = row_make(model, cells);
    unsigned faults = model_faults(model, cells, -1);
    cleat_status rc = cleat_row_insert(session, model->table, row);
    expect_status(model, session, rc, faults, "insert");
    if (rc < 0) {
        expect_column(model, session, cells, faults);
        expect_key_kept(model, row, cells);
        model_free_cells(model, cells);
    } else {
        inserted++;
        if (new_key)
            cells_take(model, cells, row, key);
        EXPECT(model_find(model, &model->uniques[0], cells, -1) < 0, "%s.%s: a key was given twice",
               model->table->database, model->table->name);
        model_add(model, cells);
    }
    free(row);
}

/* The stored key stays, also where another text is equal to it. */
static void
keep_key(const struct model *model, struct cell *cells, size_t place)
{
    cells_copy_key(model, &model->uniques[0], cells, place);
}

static void
update_row(struct model *model, cleat_session *session)
{
    struct cell *cells = cells_random(model);
    if (model->row_count > 0 && !chance_one_in(10))
        cells_copy_key(model, &model->uniques[0], cells, chance_below(model->row_count));
    cells_forget_itself(model, cells);
    void *row = row_make(model, cells);
    long place = model_find(model, &model->uniques[0], cells, -1);
    int64_t since = cleat_now();
    cleat_status rc = cleat_row_update(session, model->table, row);
    if (place < 0) {
        bool wrong = model_wrong_column(model, cells) != NULL;
        /* of a row in several tables the last part is written first */
        EXPECT((wrong && rc == CLEAT_CHECK) ||
                   ((!wrong || model->level > 0) && rc == CLEAT_NOT_FOUND),
               "update of no row of %s.%s: %s", model->table->database, model->table->name,
               cleat_status_name(rc));
    } else {
        cells_set_times(model, cells);
        expect_status(model, session, rc, model_faults(model, cells, place), "update");
        if (rc >= 0)
            cells_take_times(model, cells, row, since);
    }
    if (place < 0 || rc < 0) {
        model_free_cells(model, cells);
    } else {
        keep_key(model, cells, (size_t)place);
        model_replace(model, (size_t)place, cells);
    }
    free(row);
}

/* Times of updates count only when there is nothing else to compare. */
bool
is_unchanged(const struct model *model, const struct cell *cells, const struct cell *stored)
{
    bool compared = false, times = false;
    for (unsigned i = 0; i < model->count; i++) {
        unsigned flags = model->columns[i].column->flags;
        if (flags & (CLEAT_KEY | CLEAT_GENERATED))
            continue;
        if (flags & CLEAT_UPDATE_NOW) {
            times = true;
            continue;
        }
        compared = true;
        if (!cell_same(&cells[i], &stored[i]))
            return false;
    }
    return compared || !times;
}

static void
finish_upsert(struct model *model, struct cell *cells, const void *row, long place, cleat_status rc,
              int64_t since)
{
    unsigned key = model->uniques[0].places[0];
    cleat_status expected = CLEAT_CREATED;
    model_settle(model, cells);
    if (place >= 0)
        expected = is_unchanged(model, cells, model->rows[place]) ? CLEAT_UNCHANGED : CLEAT_UPDATED;
    EXPECT(rc == expected, "upsert of %s.%s says %s, not %s", model->table->database,
           model->table->name, cleat_status_name(rc), cleat_status_name(expected));
    if (rc == CLEAT_UNCHANGED) {
        model_free_cells(model, cells);
        return;
    }
    cells_take_times(model, cells, row, since);
    if (place >= 0) {
        keep_key(model, cells, (size_t)place);
        model_replace(model, (size_t)place, cells);
        return;
    }
    inserted++;
    if (column_is_assigned(&model->columns[key]))
        cells_take(model, cells, row, key);
    model_add(model, cells);
}

/* Another text that its collation takes for the same. */
static void
vary_text(const struct model *model, struct cell *cells)
{
    unsigned place = (unsigned)chance_below(model->count);
    const struct column_model *column = &model->columns[place];
    struct cell *cell = &cells[place];
    if (column->column->kind != CLEAT_KIND_TEXT || column->parent != NO_PARENT ||
        column->base >= 0 || cell->type != SQLITE_TEXT || cell->size == 0)
        return;
    char *last = &cell->bytes[cell->size - 1];
    if (isalpha((unsigned char)*last))
        *last ^= 0x20;
    else if (*last == ' ')
        cell->bytes[--cell->size] = '\0';
}

/* Takes the values of another row, nearly. */
static void
copy_values(const struct model *model, struct cell *cells, size_t from)
{
    for (unsigned i = 0; i < model->count; i++) {
        cell_clear(&cells[i]);
        cells[i] = cell_copy(&model->rows[from][i]);
    }
    if (chance_one_in(2))
        vary_text(model, cells);
}

static void
upsert_row(struct model *model, cleat_session *session)
{
    struct cell *cells = cells_random(model);
    size_t other = model->row_count == 0 ? 0 : chance_below(model->row_count);
    if (model->row_count > 0 && chance_one_in(2))
        copy_values(model, cells, other);
    if (model->row_count > 0 && chance_one_in(2))
        cells_copy_key(model, &model->uniques[0], cells, other);
    else if (cells_clear_key(model, cells))
        cells_forget_parents(model, cells);
    cells_forget_itself(model, cells);
    void *row = row_make(model, cells);
    cells_set_times(model, cells);
    long place = model_find(model, &model->uniques[0], cells, -1);
    unsigned faults = model_faults(model, cells, place);
    int64_t since = cleat_now();
    cleat_status rc = cleat_row_upsert(session, model->table, 0, row);
    expect_status(model, session, rc, faults, "upsert");
    if (rc < 0)
        model_free_cells(model, cells);
    else
        finish_upsert(model, cells, row, place, rc, since);
    free(row);
}

static void
delete_row(struct model *model, cleat_session *session)
{
    cleat_value values[KEY_MAX];
    if (model->row_count == 0)
        return;
    size_t place = chance_below(model->row_count);
    bool may = model_may_delete(model, place);
    key_make(model, &model->uniques[0], model->rows[place], values);
    cleat_status rc = cleat_row_delete(session, model->table, 0, values);
    EXPECT(rc == (may ? CLEAT_OK : CLEAT_FOREIGN_KEY), "delete of %s.%s: %s: %s",
           model->table->database, model->table->name, cleat_status_name(rc),
           cleat_session_error(session)->text);
    if (may)
        model_delete(model, place);
}

/* ---- a table ---- */

/* What is done with a table that others extend makes rows that those do not have. */
static void
take_family_step(const struct model *model, cleat_session *session)
{
    struct model *upper = &model->family[chance_below(model->family_count - 1)];
    size_t choice = chance_below(10);
    if (choice < 6)
        insert_row(upper, session);
    else if (choice < 7)
        delete_row(upper, session);
    else
        read_family(model, session);
}

static void
take_step(struct model *model, cleat_session *session, void *own)
{
    size_t choice = chance_below(100);
    if (model->family_count > 1 && chance_one_in(10))
        take_family_step(model, session);
    else if (choice < 49)
        insert_row(model, session);
    else if (choice < 51)
        write_by_key(model, session, &inserted);
    else if (choice < 58)
        update_row(model, session);
    else if (choice < 63)
        patch_row(model, session);
    else if (choice < 72)
        upsert_row(model, session);
    else if (choice < 75)
        insert_set(model, session, &inserted);
    else if (choice < 78)
        upsert_set(model, session, &inserted);
    else if (choice < 80)
        ensure_set(model, session, &inserted);
    else if (choice < 83)
        delete_row(model, session);
    else if (choice < 84)
        delete_where(model, session);
    else if (choice < 90)
        read_get(model, session, own);
    else if (choice < 93)
        read_get_many(model, session);
    else if (choice < 96)
        read_where(model, session);
    else
        read_list_by(model, session);
}

/* Writes that are rolled back leave nothing; the next comparison looks at the rows themselves. */
static void
take_back(struct model *model, cleat_session *session)
{
    size_t before = model->row_count, counted = inserted;
    for (int i = 0; i < 3; i++)
        insert_row(model, session);
    while (model->row_count > before)
        model_free_cells(model, model->rows[--model->row_count]);
    inserted = counted;
    expect_status(model, session, cleat_session_rollback(session), 0, "rollback");
    read_count(model, session);
}

/* The models of a table and of those that it extends; returns its own. */
static struct model *
open_family(struct model *models, const cleat_table *table, sqlite3 *plain)
{
    const cleat_table *chain[CHAIN_MAX];
    unsigned count = chain_of(table, chain);
    for (unsigned i = 0; i < count; i++) {
        model_open(&models[i], chain[i], plain);
        models[i].family = models;
        models[i].family_count = count;
    }
    return &models[count - 1];
}

static void
test_table(cleat_registry *registry, const cleat_table *table, sqlite3 *plain)
{
    struct model models[CHAIN_MAX], *model = open_family(models, table, plain);
    cleat_session *session;
    void *own = calloc(1, table->row_size);
    EXPECT(own != NULL, "out of memory");
    EXPECT(cleat_session_open(registry, table->database, CLEAT_WRITE, &session) == CLEAT_OK, "%s",
           cleat_registry_error(registry)->text);
    for (int check = 0; check < CHECKS; check++) {
        for (int i = 0; i < STEPS / CHECKS; i++)
            take_step(model, session, own);
        read_list(model, session);
        if (check == CHECKS / 2)
            read_pages(model, session);
        expect_status(model, session, cleat_session_commit(session), 0, "commit");
        plain_compare(model, plain);
        take_back(model, session);
    }
    cleat_row_clear(table, own);
    cleat_session_close(session);
    for (unsigned i = 0, count = model->family_count; i < count; i++)
        model_close(&models[i]);
    free(own);
}

/* A table that others extend is tested along with the last of those. */
static bool
is_extended(const cleat_table *table)
{
    for (const struct chain_fact *fact = property_chains; fact->database != NULL; fact++)
        if (strcmp(fact->database, table->database) == 0 && strcmp(fact->extends, table->name) == 0)
            return true;
    return false;
}

/* ---- everything ---- */

struct total {
    size_t tables, databases, chains;
};

static sqlite3 *
open_plain(const char *path)
{
    sqlite3 *plain;
    EXPECT(sqlite3_open_v2(path, &plain, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK, "%s", path);
    sqlite3_busy_timeout(plain, 5000);
    return plain;
}

static void
test_databases(cleat_registry *registry, struct total *total)
{
    const cleat_init_table *schemas = &property_schemas_init_table;
    cleat_database_info info;
    for (size_t i = 0; cleat_registry_database(registry, i, &info) == CLEAT_OK; i++) {
        const cleat_database *database = &schemas->databases[i];
        EXPECT(strcmp(database->name, info.name) == 0, "%s is not %s", info.name, database->name);
        sqlite3 *plain = open_plain(info.path);
        for (const cleat_table *const *table = database->tables; *table != NULL; table++) {
            if (!is_extended(*table))
                test_table(registry, *table, plain);
            total->chains += !is_extended(*table) && (*table)->extends != NULL;
            total->tables++;
        }
        plain_run(plain, "PRAGMA integrity_check");
        plain_run(plain, "PRAGMA foreign_key_check");
        sqlite3_close(plain);
        total->databases++;
    }
}

static void
test_seed(uint64_t seed, const char *directory)
{
    cleat_registry *registry;
    cleat_settings settings;
    struct total total = {0, 0, 0};
    inserted = calls_refused = 0;
    chance_start(seed);
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", directory);
    cleat_settings_set(&settings, "synchronous", "OFF");
    cleat_settings_set(&settings, "log_level", "warning");
    cleat_status rc = cleat_registry_open(&property_schemas_init_table, &settings, &registry);
    EXPECT(rc == CLEAT_OK, "%s", cleat_registry_error(registry)->text);
    test_databases(registry, &total);
    cleat_registry_close(registry);
    printf("seed %" PRIu64
           ": %zu tables in %zu databases, %zu chains of tables that extend others, "
           "%zu rows stored, %zu calls refused\n",
           seed, total.tables, total.databases, total.chains, inserted, calls_refused);
    EXPECT(total.chains >= 10, "there are not 10 chains");
    EXPECT(total.tables >= 200, "there are not 200 tables");
    EXPECT(inserted >= 100000, "there were not 100,000 rows");
}

static uint64_t
number_of(const char *name, uint64_t standard)
{
    const char *text = getenv(name);
    return text == NULL || *text == '\0' ? standard : strtoull(text, NULL, 10);
}

int
main(void)
{
    uint64_t seed = number_of("CLEAT_PROPERTY_SEED", property_seed);
    uint64_t rounds = number_of("CLEAT_PROPERTY_ROUNDS", 1);
    printf("schemas of seed %u; CLEAT_PROPERTY_SEED=%" PRIu64 " repeats the rows\n", property_seed,
           seed);
    for (uint64_t i = 0; i < rounds; i++) {
        char directory[] = "property-XXXXXX";
        char command[64];
        EXPECT(mkdtemp(directory) != NULL, "cannot make a directory");
        test_seed(seed + i, directory);
        snprintf(command, sizeof command, "rm -r %s", directory);
        EXPECT(system(command) == 0, "cannot remove %s", directory);
    }
    return 0;
}
