/* promises.c: what is promised of every table, whichever it is. Each promise goes through all
 * tables of a suite with rows that its program makes, and calls only functions that were generated
 * for that table. A failure names the table. */
#include <init_table.h>

#include "rows.h"
#include "tables.h"

/* Rows of one table, enough of them to tell them apart. */
union any_row {
    max_align_t align;
    char bytes[1024];
};

/* Calls a check for each table of the suite. */
static void
for_each(void **state, void (*check)(const struct table_test *))
{
    const struct suite *suite = *state;
    for (size_t i = 0; suite->tables[i] != NULL; i++) {
        assert_true(suite->tables[i]->table->row_size <= sizeof(union any_row));
        check(suite->tables[i]);
    }
}

/* For each whose rows may be changed and deleted. */
static void
for_each_mutable(void **state, void (*check)(const struct table_test *))
{
    const struct suite *suite = *state;
    for (size_t i = 0; suite->tables[i] != NULL; i++)
        if (suite->tables[i]->table != suite->append_only)
            check(suite->tables[i]);
}

/* A call of a generated function, with the table's name in the failure. */
#define table_gives(expected, call)                                                                \
    check_status(call, expected, format("%s: " #call, t->table->name), __FILE__, __LINE__)

#define key_gives(expected, call)                                                                  \
    check_status(call, expected, format("%s by %s: " #call, t->table->name, k->name), __FILE__,    \
                 __LINE__)

int
start_system(void **state)
{
    const struct suite *suite = *state;
    if (make_directory(state) != 0)
        return -1;
    boot();
    work_on(suite->database);
    return 0;
}

/* ---- the suite is whole ---- */

static const cleat_database *
find_database(const char *name)
{
    for (size_t i = 0; i < app_init_table.database_count; i++)
        if (strcmp(app_init_table.databases[i].name, name) == 0)
            return &app_init_table.databases[i];
    fail_msg("there is no database %s", name);
    return NULL;
}

static const struct table_test *
find_test(const struct suite *suite, const cleat_table *table)
{
    for (size_t i = 0; suite->tables[i] != NULL; i++)
        if (suite->tables[i]->table == table)
            return suite->tables[i];
    fail_msg("%s.%s has no test", table->database, table->name);
    return NULL;
}

/* A column or key that is added to a schema must come into its test. */
void
every_table_and_key_is_tested(void **state)
{
    const cleat_database *database = find_database(((const struct suite *)*state)->database);
    for (size_t i = 0; database->tables[i] != NULL; i++) {
        const cleat_table *table = database->tables[i];
        const struct table_test *t = find_test(*state, table);
        unsigned keys = 0;
        while (t->keys[keys] != NULL)
            keys++;
        if (keys + 1 != table->key_count)
            fail_msg("%s has %d keys, %u are tested", table->name, table->key_count, keys + 1);
    }
}

/* ---- writing and reading ---- */

static void
check_everything_set(const cleat_table *table, const void *row)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (!(table->columns[i].flags & CLEAT_GENERATED) && !is_set(&table->columns[i], row))
            fail_msg("the test's row of %s leaves %s unset", table->name, table->columns[i].name);
}

/* The row can be read in every way, and each gives the same. */
static void
check_readable(const struct table_test *t, const void *row)
{
    union any_row copy = {.bytes = ""};
    union any_row lent;
    table_gives(CLEAT_OK, t->exists(row));
    table_gives(CLEAT_OK, t->get(row, &copy));
    check_same_row(t->table, &copy, row);
    table_gives(CLEAT_OK, t->lend(row, &lent));
    check_same_row(t->table, &lent, row);
    t->clear(&copy);
}

static void
check_comes_back(const struct table_test *t)
{
    union any_row row;
    t->store(&row);
    check_everything_set(t->table, &row);
    check_readable(t, &row);
}

void
a_row_comes_back_as_it_was_written(void **state)
{
    for_each(state, check_comes_back);
}

static void
check_nullable(const struct table_test *t)
{
    union any_row row;
    t->make(&row);
    for (unsigned i = 0; i < t->table->column_count; i++) {
        const cleat_column *column = &t->table->columns[i];
        bool needed = strstr(t->needed, format(",%s,", column->name)) != NULL;
        if ((column->flags & CLEAT_NULLABLE) && !needed)
            unset(column, &row);
    }
    table_gives(CLEAT_OK, t->insert(&row));
    check_readable(t, &row);
}

void
nullable_columns_may_be_unset(void **state)
{
    for_each(state, check_nullable);
}

static void
check_assigned(const struct table_test *t)
{
    const cleat_column *key = column_at(t->table, t->table->keys[0].offsets[0]);
    union any_row first;
    union any_row second;
    if (!(key->flags & CLEAT_ASSIGNED))
        return;
    t->make(&first);
    t->make(&second);
    union any_row none = first;
    unset(key, &none);
    unset(key, &first);
    unset(key, &second);
    table_gives(CLEAT_OK, t->insert(&first));
    table_gives(CLEAT_OK, t->insert(&second));
    if (same_value(key, &first, &none) || same_value(key, &first, &second))
        fail_msg("%s.%s was not assigned", t->table->name, key->name);
    check_readable(t, &first);
    check_readable(t, &second);
}

void
new_keys_are_assigned(void **state)
{
    for_each(state, check_assigned);
}

/* ---- unique keys ---- */

static void
check_found_by(const struct table_test *t, const struct key_test *k)
{
    union any_row row;
    union any_row other;
    union any_row copy = {.bytes = ""};
    union any_row lent;
    t->store(&row);
    t->make(&other);
    key_gives(CLEAT_OK, k->exists(&row));
    key_gives(CLEAT_OK, k->get(&row, &copy));
    check_same_row(t->table, &copy, &row);
    key_gives(CLEAT_OK, k->lend(&row, &lent));
    check_same_row(t->table, &lent, &row);
    key_gives(CLEAT_NOT_FOUND, k->exists(&other));
    key_gives(CLEAT_NOT_FOUND, k->get(&other, &copy));
    check_same_row(t->table, &copy, &row);
    key_gives(CLEAT_NOT_FOUND, k->lend(&other, &lent));
    t->clear(&copy);
}

static void
check_unique_keys(const struct table_test *t)
{
    for (size_t i = 0; t->keys[i] != NULL; i++)
        if (t->keys[i]->get != NULL)
            check_found_by(t, t->keys[i]);
}

void
unique_keys_find_their_row(void **state)
{
    for_each(state, check_unique_keys);
}

static bool
has_column(const cleat_table *table, const char *name)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return true;
    return false;
}

/* The table that has the key: the one itself, or one that it extends. */
static const char *
table_with(const cleat_table *table, unsigned key)
{
    const char *name = column_at(table, table->keys[key].offsets[0])->name;
    while (table->extends != NULL && has_column(table->extends->table, name))
        table = table->extends->table;
    return table->name;
}

static void
check_taken(const struct table_test *t, unsigned key)
{
    union any_row row;
    union any_row second;
    int64_t before;
    int64_t after;
    t->store(&row);
    t->make(&second);
    copy_key(t->table, key, &row, &second);
    table_gives(CLEAT_OK, t->count(&before));
    table_gives(CLEAT_CONFLICT, t->insert(&second));
    blames(table_with(t->table, key), names_of_key(t->table, key));
    table_gives(CLEAT_OK, t->count(&after));
    assert_int_equal(before, after);
    check_readable(t, &row);
}

static void
check_taken_once(const struct table_test *t)
{
    check_taken(t, 0);
    for (unsigned i = 0; t->keys[i] != NULL; i++)
        if (t->keys[i]->get != NULL)
            check_taken(t, i + 1);
}

void
a_unique_key_is_taken_once(void **state)
{
    for_each(state, check_taken_once);
}

/* ---- lists ---- */

/* How many rows of the whole table have the key of this one. */
static int64_t
count_by_hand(const struct table_test *t, unsigned key, const void *row)
{
    cleat_cursor cursor;
    union any_row one;
    int64_t count = 0;
    cleat_status status;
    table_gives(CLEAT_OK, t->list(&cursor));
    while ((status = t->next(&cursor, &one)) == CLEAT_ROW)
        count += same_key(t->table, key, &one, row);
    table_gives(CLEAT_DONE, status);
    return count;
}

/* The index lists the rows with the key, this one among them. */
static int64_t
count_listed(const struct table_test *t, const struct key_test *k, unsigned key, const void *row)
{
    cleat_cursor cursor;
    union any_row one;
    int64_t count = 0;
    int64_t found = 0;
    cleat_status status;
    key_gives(CLEAT_OK, k->list(row, &cursor));
    for (; (status = t->next(&cursor, &one)) == CLEAT_ROW; count++) {
        if (!same_key(t->table, key, &one, row))
            fail_msg("%s by %s lists another key", t->table->name, k->name);
        if (!same_key(t->table, 0, &one, row))
            continue;
        check_same_row(t->table, &one, row);
        found++;
    }
    key_gives(CLEAT_DONE, status);
    assert_int_equal(found, 1);
    return count;
}

static void
check_index(const struct table_test *t, const struct key_test *k, unsigned key)
{
    union any_row row;
    union any_row twin;
    int64_t count;
    t->store(&row);
    t->make(&twin);
    assert_true(has_key(t->table, key, &row));
    /* a second row with the key, unless the key is a part of one that is unique or refers */
    copy_key(t->table, key, &row, &twin);
    cleat_status status = t->insert(&twin);
    if (status != CLEAT_CONFLICT && status != CLEAT_FOREIGN_KEY)
        table_gives(CLEAT_OK, status);
    key_gives(CLEAT_OK, k->count(&row, &count));
    assert_int_equal(count, count_by_hand(t, key, &row));
    assert_int_equal(count, count_listed(t, k, key, &row));
    if (status == CLEAT_OK)
        assert_true(count >= 2);
}

static void
check_indexes(const struct table_test *t)
{
    for (unsigned i = 0; t->keys[i] != NULL; i++)
        if (t->keys[i]->list != NULL)
            check_index(t, t->keys[i], i + 1);
}

void
indexes_list_and_count_their_rows(void **state)
{
    for_each(state, check_indexes);
}

enum { LISTED = 4 };

/* The place of a row among the stored ones, -1 for a row that came about otherwise. */
static int
place_of(const struct table_test *t, const union any_row *rows, const void *row)
{
    for (int i = 0; i < LISTED; i++)
        if (same_key(t->table, 0, &rows[i], row))
            return i;
    return -1;
}

static void
check_list(const struct table_test *t)
{
    union any_row rows[LISTED];
    union any_row one;
    cleat_cursor cursor;
    cleat_status status;
    int64_t count;
    int64_t listed = 0;
    int found = 0;
    int last = -1;
    for (size_t i = 0; i < LISTED; i++)
        t->store(&rows[i]);
    table_gives(CLEAT_OK, t->list(&cursor));
    for (; (status = t->next(&cursor, &one)) == CLEAT_ROW; listed++) {
        int place = place_of(t, rows, &one);
        if (place < 0)
            continue;
        check_same_row(t->table, &one, &rows[place]);
        if (last >= 0 && compare_keys(t->table, &rows[last], &rows[place]) >= 0)
            fail_msg("%s is not listed in the order of its key", t->table->name);
        last = place;
        found++;
    }
    table_gives(CLEAT_DONE, status);
    table_gives(CLEAT_OK, t->count(&count));
    assert_int_equal(found, LISTED);
    assert_int_equal(listed, count);
}

void
a_list_has_every_row_in_the_order_of_the_key(void **state)
{
    for_each(state, check_list);
}

/* ---- changing ---- */

static void
check_times_moved(const struct table_test *t, const void *row, int64_t before)
{
    for (unsigned i = 0; i < t->table->column_count; i++) {
        const cleat_column *column = &t->table->columns[i];
        if ((column->flags & CLEAT_UPDATE_NOW) && time_of(column, row) < before)
            fail_msg("%s.%s has not moved", t->table->name, column->name);
    }
}

/* Another row in every column but its key. The times of the last update are old. */
static void
make_change(const struct table_test *t, const void *row, void *ret_changed)
{
    t->make(ret_changed);
    copy_key(t->table, 0, row, ret_changed);
}

static void
check_update(const struct table_test *t)
{
    union any_row row;
    union any_row changed;
    union any_row missing;
    t->store(&row);
    make_change(t, &row, &changed);
    int64_t before = cleat_now() / 1000 * 1000;
    table_gives(CLEAT_OK, t->update(&changed));
    check_times_moved(t, &changed, before);
    check_readable(t, &changed);
    t->make(&missing);
    table_gives(CLEAT_NOT_FOUND, t->update(&missing));
    table_gives(CLEAT_NOT_FOUND, t->exists(&missing));
}

void
update_writes_every_column(void **state)
{
    for_each_mutable(state, check_update);
}

/* What an upsert of `changed` over `row` says: times that the update itself sets do not count. */
static cleat_status
upsert_outcome(const cleat_table *table, const void *row, const void *changed)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if ((column->flags & (CLEAT_KEY | CLEAT_GENERATED | CLEAT_UPDATE_NOW)) != 0)
            continue;
        if (is_set(column, row) != is_set(column, changed) ||
            (is_set(column, row) && !same_value(column, row, changed)))
            return CLEAT_UPDATED;
    }
    return CLEAT_UNCHANGED;
}

static void
check_upsert(const struct table_test *t)
{
    union any_row row;
    union any_row changed;
    int64_t before;
    int64_t added;
    int64_t overwritten;
    t->make(&row);
    table_gives(CLEAT_OK, t->count(&before));
    table_gives(CLEAT_CREATED, t->upsert(&row));
    table_gives(CLEAT_OK, t->count(&added));
    check_readable(t, &row);
    make_change(t, &row, &changed);
    table_gives(CLEAT_OK, t->count(&before));
    int64_t now = cleat_now() / 1000 * 1000;
    cleat_status outcome = upsert_outcome(t->table, &row, &changed);
    table_gives(outcome, t->upsert(&changed));
    table_gives(CLEAT_OK, t->count(&overwritten));
    if (outcome == CLEAT_UPDATED)
        check_times_moved(t, &changed, now);
    assert_int_equal(before, overwritten);
    assert_true(added > 0);
    check_readable(t, &changed);
}

void
upsert_adds_then_overwrites(void **state)
{
    for_each_mutable(state, check_upsert);
}

static void
check_upsert_by(const struct table_test *t, const struct key_test *k, unsigned key)
{
    union any_row row;
    union any_row changed;
    int64_t before;
    int64_t after;
    t->make(&row);
    key_gives(CLEAT_CREATED, k->upsert(&row));
    check_readable(t, &row);
    t->make(&changed);
    copy_key(t->table, key, &row, &changed);
    table_gives(CLEAT_OK, t->count(&before));
    key_gives(CLEAT_UPDATED, k->upsert(&changed));
    table_gives(CLEAT_OK, t->count(&after));
    assert_int_equal(before, after);
    /* the row that was there keeps its primary key, and an assigned one is read back */
    if (column_at(t->table, t->table->keys[0].offsets[0])->flags & CLEAT_ASSIGNED)
        assert_true(same_key(t->table, 0, &row, &changed));
    copy_key(t->table, 0, &row, &changed);
    check_readable(t, &changed);
    cleat_row_clear(t->table, &changed);
}

static void
check_upserts_by(const struct table_test *t)
{
    for (unsigned i = 0; t->keys[i] != NULL; i++)
        if (t->keys[i]->upsert != NULL)
            check_upsert_by(t, t->keys[i], i + 1);
}

void
upsert_by_a_unique_key_keeps_the_row(void **state)
{
    for_each(state, check_upserts_by);
}

/* ---- deleting ---- */

static void
check_gone(const struct table_test *t, const void *row)
{
    union any_row copy = {.bytes = ""};
    table_gives(CLEAT_NOT_FOUND, t->exists(row));
    table_gives(CLEAT_NOT_FOUND, t->get(row, &copy));
    table_gives(CLEAT_NOT_FOUND, t->lend(row, &copy));
    table_gives(CLEAT_NOT_FOUND, t->erase(row));
}

static void
check_delete(const struct table_test *t)
{
    union any_row row;
    union any_row kept;
    t->store(&row);
    t->store(&kept);
    table_gives(CLEAT_OK, t->erase(&row));
    check_gone(t, &row);
    check_readable(t, &kept);
    assert_int_equal(count_by_hand(t, 0, &row), 0);
}

void
deleted_rows_are_not_found(void **state)
{
    for_each_mutable(state, check_delete);
}

static void
check_deletes_by(const struct table_test *t)
{
    for (size_t i = 0; t->keys[i] != NULL; i++) {
        const struct key_test *k = t->keys[i];
        union any_row row;
        union any_row kept;
        if (k->erase == NULL)
            continue;
        t->store(&row);
        t->store(&kept);
        key_gives(CLEAT_OK, k->erase(&row));
        key_gives(CLEAT_NOT_FOUND, k->erase(&row));
        check_gone(t, &row);
        check_readable(t, &kept);
    }
}

void
unique_keys_delete_their_row(void **state)
{
    for_each(state, check_deletes_by);
}

/* ---- units of work, and the file ---- */

void
work_that_is_not_committed_is_gone(void **state)
{
    const struct suite *suite = *state;
    union any_row row;
    for (size_t i = 0; suite->tables[i] != NULL; i++) {
        const struct table_test *t = suite->tables[i];
        t->store(&row);
        works(cleat_session_rollback(session));
        check_gone(t, &row);
        t->store(&row);
        work_on(suite->database);
        check_gone(t, &row);
    }
}

void
rows_are_there_after_a_second_start(void **state)
{
    const struct suite *suite = *state;
    enum { TABLES = 32 };
    union any_row rows[TABLES];
    size_t count = 0;
    assert_true(info_of(suite->database).created);
    for (; suite->tables[count] != NULL; count++) {
        assert_true(count < TABLES);
        suite->tables[count]->store(&rows[count]);
    }
    restart(suite->database);
    assert_false(info_of(suite->database).created);
    assert_int_equal(info_of(suite->database).table_count, count);
    for (size_t i = 0; i < count; i++)
        check_readable(suite->tables[i], &rows[i]);
}

static void
check_stored(const struct table_test *t)
{
    union any_row row;
    t->store(&row);
    works(cleat_session_commit(session));
    check_stored_row(t->table, &row);
}

void
plain_sqlite_reads_the_same_values(void **state)
{
    for_each(state, check_stored);
}
