/* rows.c: rows of any table by its descriptor. What is stored is checked against the contract, not
 * against the runtime: the storage class of every kind is written down here once more. */
#include "rows.h"

static const char *
at(const cleat_column *column, const void *row)
{
    return (const char *)row + column->offset;
}

static const char *
text_of(const cleat_column *column, const void *row)
{
    const char *text;
    memcpy(&text, at(column, row), sizeof text);
    return text;
}

static cleat_blob
blob_of(const cleat_column *column, const void *row)
{
    cleat_blob blob;
    memcpy(&blob, at(column, row), sizeof blob);
    return blob;
}

static int64_t
integer_of(const cleat_column *column, const void *row)
{
    int64_t integer;
    memcpy(&integer, at(column, row), sizeof integer);
    return integer;
}

static size_t
size_of(const cleat_column *column)
{
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: return sizeof(int64_t);
    case CLEAT_KIND_BOOLEAN: return sizeof(bool);
    case CLEAT_KIND_REAL: return sizeof(double);
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: return sizeof(const char *);
    case CLEAT_KIND_BLOB: return sizeof(cleat_blob);
    case CLEAT_KIND_DATETIME: return 25;
    case CLEAT_KIND_ULID: return 27;
    case CLEAT_KIND_UUID: return 37;
    case CLEAT_KIND_ENUM: return sizeof(int);
    }
    fail_msg("column %s has no kind", column->name);
    return 0;
}

const cleat_column *
column_at(const cleat_table *table, uint16_t offset)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].offset == offset)
            return &table->columns[i];
    fail_msg("%s has no column at %u", table->name, offset);
    return NULL;
}

/* ---- values ---- */

bool
is_set(const cleat_column *column, const void *row)
{
    if (column->has_offset != 0)
        return ((const char *)row)[column->has_offset] != 0;
    if (column->kind == CLEAT_KIND_TEXT || column->kind == CLEAT_KIND_JSON)
        return text_of(column, row) != NULL;
    if (column->kind == CLEAT_KIND_BLOB)
        return blob_of(column, row).data != NULL;
    return true;
}

void
unset(const cleat_column *column, void *row)
{
    memset((char *)row + column->offset, 0, size_of(column));
    if (column->has_offset != 0)
        ((char *)row)[column->has_offset] = 0;
}

bool
same_value(const cleat_column *column, const void *one, const void *other)
{
    if (is_set(column, one) != is_set(column, other))
        return false;
    if (!is_set(column, one))
        return true;
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: return strcmp(text_of(column, one), text_of(column, other)) == 0;
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: return strcmp(at(column, one), at(column, other)) == 0;
    case CLEAT_KIND_BLOB:
        return blob_of(column, one).size == blob_of(column, other).size &&
               memcmp(blob_of(column, one).data, blob_of(column, other).data,
                      blob_of(column, one).size) == 0;
    default: return memcmp(at(column, one), at(column, other), size_of(column)) == 0;
    }
}

int64_t
time_of(const cleat_column *column, const void *row)
{
    int64_t time;
    if (column->kind == CLEAT_KIND_TIMESTAMP)
        return integer_of(column, row);
    works(cleat_datetime_parse(at(column, row), &time));
    return time;
}

const char *
label_of(const cleat_table *table, const cleat_column *column, const void *row)
{
    int value;
    memcpy(&value, at(column, row), sizeof value);
    for (unsigned i = 0; i < table->enum_count; i++)
        if (table->enums[i].offset == column->offset)
            return cleat_enum_label(table->enums[i].type, value);
    fail_msg("%s.%s has no enum", table->name, column->name);
    return NULL;
}

/* ---- keys ---- */

bool
has_key(const cleat_table *table, unsigned key, const void *row)
{
    for (unsigned i = 0; i < table->keys[key].count; i++)
        if (!is_set(column_at(table, table->keys[key].offsets[i]), row))
            return false;
    return true;
}

bool
same_key(const cleat_table *table, unsigned key, const void *one, const void *other)
{
    for (unsigned i = 0; i < table->keys[key].count; i++)
        if (!same_value(column_at(table, table->keys[key].offsets[i]), one, other))
            return false;
    return true;
}

void
copy_key(const cleat_table *table, unsigned key, const void *from, void *row)
{
    for (unsigned i = 0; i < table->keys[key].count; i++) {
        const cleat_column *column = column_at(table, table->keys[key].offsets[i]);
        memcpy((char *)row + column->offset, at(column, from), size_of(column));
        if (column->has_offset != 0)
            ((char *)row)[column->has_offset] = ((const char *)from)[column->has_offset];
    }
}

const char *
names_of_key(const cleat_table *table, unsigned key)
{
    const char *names = "";
    for (unsigned i = 0; i < table->keys[key].count; i++)
        names = format("%s%s%s", names, i == 0 ? "" : ", ",
                       column_at(table, table->keys[key].offsets[i])->name);
    return names;
}

static int
compare_values(const cleat_column *column, const void *one, const void *other)
{
    int64_t a;
    int64_t b;
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT: return strcmp(text_of(column, one), text_of(column, other));
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: return strcmp(at(column, one), at(column, other));
    default:
        a = integer_of(column, one);
        b = integer_of(column, other);
        return (a > b) - (a < b);
    }
}

int
compare_keys(const cleat_table *table, const void *one, const void *other)
{
    int order = 0;
    for (unsigned i = 0; order == 0 && i < table->keys[0].count; i++)
        order = compare_values(column_at(table, table->keys[0].offsets[i]), one, other);
    return order;
}

/* ---- rows ---- */

void
check_same_row(const cleat_table *table, const void *row, const void *expected)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (!(column->flags & CLEAT_GENERATED) && !same_value(column, row, expected))
            fail_msg("%s.%s.%s is not what was written", table->database, table->name,
                     column->name);
    }
}

static int
storage_class(const cleat_column *column)
{
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_BOOLEAN:
    case CLEAT_KIND_TIMESTAMP: return SQLITE_INTEGER;
    case CLEAT_KIND_REAL: return SQLITE_FLOAT;
    case CLEAT_KIND_BLOB: return SQLITE_BLOB;
    default: return SQLITE_TEXT;
    }
}

/* What a column of the file must have as its text. */
static const char *
stored_text(const cleat_table *table, const cleat_column *column, const void *row)
{
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: return text_of(column, row);
    case CLEAT_KIND_ENUM: return label_of(table, column, row);
    default: return at(column, row);
    }
}

static bool
is_stored(const cleat_table *table, const cleat_column *column, const void *row,
          sqlite3_stmt *statement, int place)
{
    int storage = sqlite3_column_type(statement, place);
    double real;
    if (!is_set(column, row))
        return storage == SQLITE_NULL;
    if (storage != storage_class(column))
        return false;
    switch (storage) {
    case SQLITE_TEXT:
        return strcmp((const char *)sqlite3_column_text(statement, place),
                      stored_text(table, column, row)) == 0;
    case SQLITE_BLOB:
        return (size_t)sqlite3_column_bytes(statement, place) == blob_of(column, row).size &&
               memcmp(sqlite3_column_blob(statement, place), blob_of(column, row).data,
                      blob_of(column, row).size) == 0;
    case SQLITE_FLOAT:
        memcpy(&real, at(column, row), sizeof real);
        return memcmp(&real, &(double){sqlite3_column_double(statement, place)}, sizeof real) == 0;
    default:
        if (column->kind == CLEAT_KIND_BOOLEAN)
            return sqlite3_column_int(statement, place) == *(const bool *)at(column, row);
        return sqlite3_column_int64(statement, place) == integer_of(column, row);
    }
}

/* Selects the columns of the row by its primary key, as somebody would with a shell. Tables that
 * extend one another have nothing but the key in common. */
static char *
select_row(const cleat_table *table, const void *row)
{
    sqlite3_str *sql = sqlite3_str_new(NULL);
    for (unsigned i = 0; i < table->column_count; i++)
        sqlite3_str_appendf(sql, "%s\"%w\"", i == 0 ? "SELECT " : ", ", table->columns[i].name);
    sqlite3_str_appendf(sql, " FROM \"%w\"", table->name);
    for (const cleat_table *up = table; up->extends != NULL; up = up->extends->table)
        sqlite3_str_appendf(sql, " NATURAL JOIN \"%w\"", up->extends->table->name);
    for (unsigned i = 0; i < table->keys[0].count; i++) {
        const cleat_column *column = column_at(table, table->keys[0].offsets[i]);
        sqlite3_str_appendf(sql, "%s\"%w\" = ", i == 0 ? " WHERE " : " AND ", column->name);
        if (storage_class(column) == SQLITE_INTEGER)
            sqlite3_str_appendf(sql, "%lld", (long long)integer_of(column, row));
        else
            sqlite3_str_appendf(sql, "%Q", stored_text(table, column, row));
    }
    return sqlite3_str_finish(sql);
}

void
check_stored_row(const cleat_table *table, const void *row)
{
    sqlite3 *file;
    sqlite3_stmt *statement;
    char *sql = select_row(table, row);
    assert_int_equal(sqlite3_open_v2(path_of(table->database), &file, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    if (sqlite3_prepare_v2(file, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(file));
    if (sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%s has no row", sql);
    for (unsigned i = 0; i < table->column_count; i++)
        if (!(table->columns[i].flags & CLEAT_GENERATED) &&
            !is_stored(table, &table->columns[i], row, statement, (int)i))
            fail_msg("%s.%s is stored as '%s'", table->name, table->columns[i].name,
                     (const char *)sqlite3_column_text(statement, (int)i));
    if (sqlite3_step(statement) != SQLITE_DONE)
        fail_msg("%s has more than one row", sql);
    sqlite3_finalize(statement);
    sqlite3_close(file);
    sqlite3_free(sql);
}
