/* statement.c: the statements of generated SQL, prepared when first needed and kept as long as
 * their connection. A table's entry is found by its address, its statements by their place. */
#include "statement.h"
#include "atomic/atomic.h"
#include "sets/sets.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- building an entry ---- */

static void
set_column(struct column *column, const cleat_table *table, const cleat_column *from,
           unsigned *written)
{
    column->offset = from->offset;
    column->has_offset = from->has_offset;
    column->kind = from->kind;
    column->null = (from->flags & CLEAT_NULLABLE) != 0;
    column->has = cleat_column_has(from);
    column->assigned = (from->flags & CLEAT_ASSIGNED) && from->kind == CLEAT_KIND_INTEGER;
    if (!(from->flags & CLEAT_GENERATED))
        column->parameter = (uint16_t)++ * written;
    for (unsigned i = 0; i < table->enum_count; i++)
        if (table->enums[i].offset == from->offset)
            column->labels = table->enums[i].type;
}

static void
set_columns(struct entry *entry, const cleat_table *table)
{
    unsigned written = 0;
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *from = &table->columns[i];
        set_column(&entry->columns[i], table, from, &written);
        if (from->flags & CLEAT_ASSIGNED)
            entry->assigned = from;
        if (from->flags & CLEAT_UPDATE_NOW)
            entry->update_now = true;
        if (from->kind == CLEAT_KIND_TEXT || from->kind == CLEAT_KIND_JSON ||
            from->kind == CLEAT_KIND_BLOB)
            entry->owned[entry->owned_count++] = &entry->columns[i];
    }
    unsigned place = 0;
    for (unsigned key = 0; key < table->key_count; key++) {
        entry->key_starts[key] = (uint16_t)place;
        for (unsigned i = 0; i < table->keys[key].count; i++) {
            uint16_t offset = table->keys[key].offsets[i];
            size_t column = (size_t)(cleat_table_column_at(table, offset) - table->columns);
            entry->key_columns[place++] = &entry->columns[column];
        }
    }
}

static size_t
count_key_columns(const cleat_table *table)
{
    size_t count = 0;
    for (unsigned key = 0; key < table->key_count; key++)
        count += table->keys[key].count;
    return count;
}

static void
free_entry(struct entry *entry)
{
    free(entry->parts);
    free(entry->columns);
    free(entry->key_columns);
    free(entry->key_starts);
    free(entry->owned);
    free(entry->feeder.feeds);
    free(entry);
}

/* The tables of a row as their own descriptors have them, but lying in this row. */
static struct parts *
new_parts(const cleat_table *table)
{
    unsigned count = cleat_part_count(table);
    struct parts *parts = calloc(1, sizeof *parts + count * sizeof parts->tables[0]);
    if (parts == NULL)
        return NULL;
    parts->count = count;
    parts->whole.table = table;
    for (unsigned i = 0; i < count; i++) {
        parts->tables[i] = *cleat_part(table, i);
        parts->tables[i].row_size = table->row_size;
        parts->tables[i].owned_offset = table->owned_offset;
        parts->tables[i].extends = &parts->whole;
    }
    return parts;
}

static struct entry *
new_entry(const void *identity, const cleat_table *table, const cleat_full_text *index)
{
    bool joined = cleat_is_joined(table);
    size_t end = table->extends != NULL ? CLEAT_SQL_EXTENDED_END : CLEAT_SQL_END;
    size_t slots = CLEAT_SQL_GET + (end - CLEAT_SQL_GET) * table->key_count;
    if (index != NULL)
        slots = CLEAT_SQL_LIST + 1;
    struct entry *entry = calloc(1, sizeof *entry + slots * sizeof entry->slots[0]);
    if (entry == NULL)
        return NULL;
    entry->identity = identity;
    entry->table = table;
    entry->index = index;
    entry->slot_count = slots;
    entry->columns = calloc(table->column_count + 1u, sizeof *entry->columns);
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what is kept */
    entry->key_columns = calloc(count_key_columns(table) + 1, sizeof *entry->key_columns);
    entry->key_starts = calloc(table->key_count + 1u, sizeof *entry->key_starts);
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what is kept */
    entry->owned = calloc(table->column_count + 1u, sizeof *entry->owned);
    entry->parts = joined ? new_parts(table) : NULL;
    if (entry->columns == NULL || entry->key_columns == NULL || entry->key_starts == NULL ||
        entry->owned == NULL || (joined && entry->parts == NULL)) {
        free_entry(entry);
        return NULL;
    }
    set_columns(entry, table);
    return entry;
}

/* Whether a CREATE TABLE ends with STRICT, before or after WITHOUT ROWID. */
static bool
is_strict(const char *sql)
{
    const char *options = sql == NULL ? NULL : strrchr(sql, ')');
    for (const char *at = options; at != NULL && *at != '\0'; at++)
        if (sqlite3_strnicmp(at, "STRICT", 6) == 0)
            return true;
    return false;
}

static void
set_facts(struct entry *entry, const char *sql, bool *ret_strict)
{
    *ret_strict = is_strict(sql);
    entry->autoincrement = sql != NULL && sqlite3_strlike("%AUTOINCREMENT%", sql, 0) == 0;
}

/* Whether SQLite itself keeps values of a wrong type out of the table, and whether it keeps the
 * numbers that keys have had. Asked of the schema's text: the pragma that knows it looks at every
 * table there is, and hides what fails on the way, even when that has ended the unit of work. */
static int
find_facts(sqlite3 *handle, const cleat_table *table, struct entry *entry)
{
    sqlite3_stmt *statement = NULL;
    bool strict = false;
    char *sql = sqlite3_mprintf(
        "SELECT name, sql FROM \"%w\".sqlite_schema WHERE type='table'"
        " AND name IN (?1, 'sqlite_sequence')",
        table->database);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (name != NULL && strcmp(name, table->name) == 0)
            set_facts(entry, (const char *)sqlite3_column_text(statement, 1), &strict);
        else
            entry->sequence = true;
    }
    entry->strict = entry->strict && strict;
    return sqlite3_finalize(statement);
}

static int
find_all_facts(sqlite3 *handle, struct entry *entry)
{
    int rc = SQLITE_OK;
    unsigned count = entry->parts == NULL ? 0 : entry->parts->count;
    entry->strict = true;
    for (unsigned i = 0; rc == SQLITE_OK && i < count; i++)
        rc = find_facts(handle, &entry->parts->tables[i], entry);
    return count == 0 ? find_facts(handle, entry->table, entry) : rc;
}

/* ---- the connection's table of entries ---- */

static size_t
place_of(const struct connection *connection, const void *identity)
{
    size_t mask = connection->entry_capacity - 1;
    size_t place = (size_t)((uintptr_t)identity >> 4) * 0x9E3779B1u & mask;
    while (connection->entries[place] != NULL && connection->entries[place]->identity != identity)
        place = (place + 1) & mask;
    return place;
}

static bool
grow_entries(struct connection *connection)
{
    struct entry **old = connection->entries;
    size_t old_capacity = connection->entry_capacity;
    size_t capacity = old_capacity == 0 ? 16 : old_capacity * 2;
    struct entry **entries = calloc(capacity, sizeof(struct entry *));
    if (entries == NULL)
        return false;
    connection->entries = entries;
    connection->entry_capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i] != NULL)
            entries[place_of(connection, old[i]->identity)] = old[i];
    free(old);
    return true;
}

/* Room to read one row of the table into. */
static bool
grow_scratch(struct connection *connection, const cleat_table *table)
{
    if (table->row_size > connection->scratch_size) {
        char *scratch = realloc(connection->scratch, table->row_size);
        if (scratch == NULL)
            return false;
        connection->scratch = scratch;
        connection->scratch_size = table->row_size;
    }
    if (table->column_count > connection->length_count) {
        size_t *lengths = realloc(connection->lengths, table->column_count * sizeof *lengths);
        if (lengths == NULL)
            return false;
        connection->lengths = lengths;
        connection->length_count = table->column_count;
    }
    return true;
}

static cleat_status
fail_reach(cleat_session *session, const cleat_table *table)
{
    char what[200];
    snprintf(what, sizeof what, "out of reach: the session is on %s, which is not linked to %s",
             session->database->schema->name, table->database);
    return cleat_session_fail_table(session, CLEAT_MISUSE, table, what);
}

static cleat_status
add_entry(cleat_session *session, const void *identity, const cleat_table *table,
          const cleat_full_text *index, struct entry **ret_entry)
{
    struct connection *connection = session->connection;
    if (cleat_reach_find(session->database, table->database) < 0)
        return fail_reach(session, table);
    if (connection->entry_count * 2 >= connection->entry_capacity && !grow_entries(connection))
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    struct entry *entry = NULL;
    if (grow_scratch(connection, table))
        entry = new_entry(identity, table, index);
    if (entry == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    int rc = find_all_facts(connection->handle, entry);
    if (rc != SQLITE_OK) {
        free_entry(entry);
        return cleat_session_fail_sqlite(session, rc, table->database, table, NULL);
    }
    connection->entries[place_of(connection, identity)] = entry;
    connection->entry_count++;
    *ret_entry = entry;
    return CLEAT_OK;
}

cleat_status
cleat_entry_open(cleat_session *session, const void *identity, const cleat_table *table,
                 const cleat_full_text *index, struct entry **ret_entry)
{
    struct connection *connection = session->connection;
    struct entry *entry = NULL;
    if (connection->entry_capacity > 0)
        entry = connection->entries[place_of(connection, identity)];
    if (entry == NULL) {
        cleat_status rc = add_entry(session, identity, table, index, &entry);
        if (rc < 0)
            return rc;
    }
    connection->last = entry;
    *ret_entry = entry;
    return CLEAT_OK;
}

static void
close_slot(struct statement *first)
{
    sqlite3_finalize(first->handle);
    while (first->next != NULL) {
        struct statement *next = first->next;
        first->next = next->next;
        sqlite3_finalize(next->handle);
        free(next);
    }
}

static void
close_variants(struct entry *entry)
{
    while (entry->variants != NULL) {
        struct variant *variant = entry->variants;
        entry->variants = variant->next;
        sqlite3_finalize(variant->statement.handle);
        free(variant);
    }
}

void
cleat_entries_close(struct connection *connection)
{
    for (size_t i = 0; i < connection->entry_capacity; i++) {
        struct entry *entry = connection->entries[i];
        if (entry == NULL)
            continue;
        for (size_t j = 0; j < entry->slot_count; j++)
            close_slot(&entry->slots[j]);
        close_variants(entry);
        free_entry(entry);
    }
    free(connection->entries);
    connection->entries = NULL;
    connection->entry_capacity = 0;
}

/* ---- statements ---- */

static char *
build(const struct entry *entry, enum operation operation, unsigned key)
{
    if (entry->index != NULL)
        return cleat_sql_search(entry->index, operation);
    if (operation == CLEAT_SQL_LAST && entry->sequence)
        return cleat_sql_last(entry->table);
    return cleat_sql_build(entry->table, operation, key);
}

static bool
is_fed(enum operation operation)
{
    return operation == CLEAT_SQL_INSERT_MANY || operation == CLEAT_SQL_APPEND_MANY ||
           operation == CLEAT_SQL_UPSERT_MANY || operation == CLEAT_SQL_ENSURE_MANY ||
           operation == CLEAT_SQL_UPSERT_APPEND || operation == CLEAT_SQL_ENSURE_APPEND ||
           operation == CLEAT_SQL_GET_MANY || operation == CLEAT_SQL_STORED_KEYS ||
           operation == CLEAT_SQL_FOUND_KEYS || operation == CLEAT_SQL_AGED ||
           operation == CLEAT_SQL_TOUCH_MANY || operation == CLEAT_SQL_DELETE_MANY;
}

static bool
is_append(enum operation operation)
{
    return operation == CLEAT_SQL_APPEND_MANY || operation == CLEAT_SQL_UPSERT_APPEND ||
           operation == CLEAT_SQL_ENSURE_APPEND;
}

static bool
is_collected(enum operation operation)
{
    return operation == CLEAT_SQL_COLLECT || operation == CLEAT_SQL_COLLECT_BY ||
           operation == CLEAT_SQL_GET_MANY;
}

/* Prepares a statement that is kept, and frees its SQL. */
static cleat_status
prepare(cleat_session *session, struct entry *entry, struct statement *statement, char *sql)
{
    const cleat_table *table = entry->table;
    cleat_status status = CLEAT_OK;
    statement->entry = entry;
    cleat_count(&session->connection->counts.prepared, 1);
    if (sql == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    cleat_capture_judge(session->connection, true);
    int rc = sqlite3_prepare_v3(session->connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                &statement->handle, NULL);
    cleat_capture_judge(session->connection, false);
    if (rc != SQLITE_OK)
        status = cleat_session_fail_sqlite(session, rc, table->database, table, sql);
    free(sql);
    return status;
}

/* A trigger is a program of its own within that of the statement. */
static cleat_status
find_triggers(cleat_session *session, const struct entry *entry, const char *sql, bool *ret_fires)
{
    const cleat_table *table = entry->table;
    int rc = cleat_plan_has(session->connection->handle, sql, "Program", ret_fires);
    if (rc == SQLITE_OK)
        return CLEAT_OK;
    return cleat_session_fail_sqlite(session, rc, table->database, table, sql);
}

cleat_status
cleat_statement_prepare(cleat_session *session, struct entry *entry, struct statement *statement,
                        enum operation operation, unsigned key)
{
    char *sql = build(entry, operation, key);
    cleat_status rc = CLEAT_OK;
    if (is_fed(operation))
        rc = cleat_feed_open(session, entry);
    if (rc == CLEAT_OK && sql != NULL && is_collected(operation))
        rc = cleat_collect_choose(session, entry, operation, key, &sql, &statement->collects);
    if (rc == CLEAT_OK && sql != NULL && is_append(operation))
        rc = find_triggers(session, entry, sql, &statement->fires);
    if (rc == CLEAT_OK)
        return prepare(session, entry, statement, sql);
    free(sql);
    return rc;
}

cleat_status
cleat_statement_again(cleat_session *session, struct entry *entry, struct statement *first,
                      enum operation operation, unsigned key, struct statement **ret_statement)
{
    struct statement *other = first->next;
    while (other != NULL && other->ticket >= session->unit)
        other = other->next;
    if (other == NULL) {
        other = calloc(1, sizeof *other);
        if (other == NULL)
            return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
        cleat_status rc = cleat_statement_prepare(session, entry, other, operation, key);
        if (rc < 0) {
            free(other);
            return rc;
        }
        other->next = first->next;
        first->next = other;
    }
    *ret_statement = other;
    return CLEAT_OK;
}

/* ---- variants ---- */

struct statement *
cleat_variant_find(const cleat_session *session, struct entry *entry, const void *signature,
                   size_t size)
{
    struct variant **at = &entry->variants;
    for (; *at != NULL; at = &(*at)->next) {
        struct variant *variant = *at;
        bool held = variant->statement.ticket >= session->unit;
        if (held || variant->size != size || memcmp(variant->signature, signature, size) != 0)
            continue;
        *at = variant->next;
        variant->next = entry->variants;
        entry->variants = variant;
        return &variant->statement;
    }
    return NULL;
}

/* Of statements for sets of columns there could be any number: the one that was not used for the
 * longest time gives its place, unlinked and without a statement. The place itself is never freed,
 * because cursors may remember it. NULL when there are still few, or all are held. */
static struct variant *
take_old(const cleat_session *session, struct entry *entry, unsigned char kind, size_t size)
{
    struct variant **last = NULL;
    unsigned count = 0;
    if (kind != VARIANT_PATCH && kind != VARIANT_WHERE)
        return NULL;
    for (struct variant **at = &entry->variants; *at != NULL; at = &(*at)->next) {
        if ((*at)->signature[0] != kind || (*at)->size != size)
            continue;
        count++;
        if ((*at)->statement.ticket < session->unit)
            last = at;
    }
    if (count < KEPT_VARIANTS || last == NULL)
        return NULL;
    struct variant *variant = *last;
    *last = variant->next;
    sqlite3_finalize(variant->statement.handle);
    memset(&variant->statement, 0, sizeof variant->statement);
    return variant;
}

cleat_status
cleat_variant_add(cleat_session *session, struct entry *entry, const void *signature, size_t size,
                  char *sql, struct statement **ret_statement)
{
    unsigned char kind;
    memcpy(&kind, signature, sizeof kind);
    struct variant *variant = take_old(session, entry, kind, size);
    if (variant == NULL)
        variant = calloc(1, sizeof *variant + size);
    if (variant == NULL) {
        free(sql);
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    }
    cleat_status rc = prepare(session, entry, &variant->statement, sql);
    if (rc < 0) {
        free(variant);
        return rc;
    }
    memcpy(variant->signature, signature, size);
    variant->size = size;
    variant->next = entry->variants;
    entry->variants = variant;
    *ret_statement = &variant->statement;
    return CLEAT_OK;
}
