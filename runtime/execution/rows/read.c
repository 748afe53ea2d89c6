/* read.c: from the columns of a result to the members of a row. What does not fit its member
 * exactly is an error that names the column, never a cut or a zero. */
#include "rows.h"

#include <stdlib.h>

/* What is wrong with a stored value, in words; NULL when nothing is. */
typedef const char *fault;

static const char is_absent[] = "the stored key is NULL"; /* else it may be */
static const char is_null[] = "the stored value is NULL";
static const char has_nul[] = "the stored text contains a NUL character";
static const char is_too_long[] = "the stored text is too long for its type";
static const char has_no_label[] = "the stored text is no label of its enum";
static const char is_no_boolean[] = "the stored number is neither 0 nor 1";
static const char is_other_type[] = "the stored value has another type";
static const char no_memory[] = "there is not enough memory";

/* ---- where values come from ---- */

/* The row that a statement is at, or the arguments of a function. */
struct source {
    sqlite3_stmt *handle; /* NULL: the values */
    sqlite3_value **values;
};

static inline int
type_of(struct source from, int place)
{
    return from.handle != NULL ? sqlite3_column_type(from.handle, place)
                               : sqlite3_value_type(from.values[place]);
}

static inline const char *
text_of(struct source from, int place)
{
    return (const char *)(from.handle != NULL ? sqlite3_column_text(from.handle, place)
                                              : sqlite3_value_text(from.values[place]));
}

static inline const void *
blob_of(struct source from, int place)
{
    return from.handle != NULL ? sqlite3_column_blob(from.handle, place)
                               : sqlite3_value_blob(from.values[place]);
}

/* The size of a text or blob that was asked for before. */
static inline size_t
size_of(struct source from, int place)
{
    return (size_t)(from.handle != NULL ? sqlite3_column_bytes(from.handle, place)
                                        : sqlite3_value_bytes(from.values[place]));
}

static inline int64_t
integer_of(struct source from, int place)
{
    return from.handle != NULL ? sqlite3_column_int64(from.handle, place)
                               : sqlite3_value_int64(from.values[place]);
}

static inline double
real_of(struct source from, int place)
{
    return from.handle != NULL ? sqlite3_column_double(from.handle, place)
                               : sqlite3_value_double(from.values[place]);
}

/* ---- where texts and blobs go ---- */

/* They are copied, or stay with SQLite, and their sizes are noted by column where that is asked. */
struct target {
    size_t *lengths;   /* or NULL */
    struct room *room; /* NULL: they stay */
};

/* Lets the first pointer of a member, the only one of a text, point to a copy. */
static inline fault
keep_bytes(struct room *room, char *member, const void *bytes, size_t size)
{
    char *copy = cleat_room_take(room, size);
    if (CLEAT_UNLIKELY(copy == NULL))
        return no_memory;
    memcpy(copy, bytes, size);
    memcpy(member, &copy, sizeof copy);
    return NULL;
}

/* ---- members ---- */

/* A column of a strict table that read as zero may be NULL. */
static fault
check_zero(struct source from, int place)
{
    return type_of(from, place) == SQLITE_NULL ? is_null : NULL;
}

/* A pointer that came as NULL: the value is NULL, or memory ran out. */
static fault
check_missing(struct source from, const struct column *column, int place)
{
    if (type_of(from, place) != SQLITE_NULL)
        return no_memory;
    return column->null ? is_absent : is_null;
}

static inline fault
read_text(struct source from, const struct column *column, int place, char *member,
          struct target to)
{
    const char *text = text_of(from, place);
    *(const char **)member = text;
    if (text == NULL)
        return check_missing(from, column, place);
    size_t size = size_of(from, place);
    if (CLEAT_UNLIKELY(strlen(text) != size))
        return has_nul;
    if (to.room != NULL)
        return keep_bytes(to.room, member, text, size + 1);
    if (to.lengths != NULL)
        to.lengths[place] = size;
    return NULL;
}

static inline fault
read_blob(struct source from, const struct column *column, int place, char *member,
          struct target to)
{
    cleat_blob blob = {blob_of(from, place), 0};
    fault wrong = NULL;
    if (blob.data != NULL) {
        blob.size = size_of(from, place);
    } else if (type_of(from, place) == SQLITE_BLOB) {
        blob.data = ""; /* empty, which is not NULL */
    } else {
        wrong = check_missing(from, column, place);
    }
    memcpy(member, &blob, sizeof blob);
    if (to.room != NULL && blob.size > 0)
        return keep_bytes(to.room, member, blob.data, blob.size);
    if (to.lengths != NULL)
        to.lengths[place] = blob.size;
    return wrong;
}

static fault
read_array(struct source from, const struct column *column, int place, char *member)
{
    size_t size = column->kind == CLEAT_KIND_ULID ? 27 : column->kind == CLEAT_KIND_UUID ? 37 : 25;
    const char *text = text_of(from, place);
    member[0] = '\0';
    if (text == NULL)
        return check_missing(from, column, place);
    size_t length = size_of(from, place);
    if (length >= size)
        return is_too_long;
    memcpy(member, text, length + 1);
    return strlen(text) == length ? NULL : has_nul;
}

static fault
read_label(struct source from, const struct column *column, int place, char *member)
{
    const char *text = text_of(from, place);
    int value = 0;
    if (text == NULL)
        return check_missing(from, column, place);
    size_t length = size_of(from, place);
    if (column->labels == NULL || cleat_enum_from_label(column->labels, text, &value) != CLEAT_OK ||
        strlen(text) != length)
        return has_no_label;
    memcpy(member, &value, sizeof value);
    return NULL;
}

static CLEAT_ALWAYS_INLINE fault
read_member(struct source from, const struct column *column, int place, char *row, struct target to)
{
    char *member = row + column->offset;
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: return read_text(from, column, place, member, to);
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: {
        int64_t value = integer_of(from, place);
        memcpy(member, &value, sizeof value);
        return value == 0 && !column->null ? check_zero(from, place) : NULL;
    }
    case CLEAT_KIND_BOOLEAN: {
        int64_t value = integer_of(from, place);
        *(bool *)member = value != 0;
        if (CLEAT_UNLIKELY((uint64_t)value > 1))
            return is_no_boolean;
        return value == 0 && !column->null ? check_zero(from, place) : NULL;
    }
    case CLEAT_KIND_REAL: {
        double value = real_of(from, place);
        memcpy(member, &value, sizeof value);
        return value >= 0 && value <= 0 && !column->null ? check_zero(from, place) : NULL;
    }
    case CLEAT_KIND_BLOB: return read_blob(from, column, place, member, to);
    case CLEAT_KIND_ENUM: return read_label(from, column, place, member);
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    return read_array(from, column, place, member);
}

/* A nullable member without a value is zero. Texts and blobs say so by themselves. */
static void
read_nothing(const struct column *column, char *row)
{
    char *member = row + column->offset;
    if (column->kind == CLEAT_KIND_INTEGER || column->kind == CLEAT_KIND_REAL ||
        column->kind == CLEAT_KIND_TIMESTAMP)
        memset(member, 0, sizeof(int64_t));
    else if (column->kind == CLEAT_KIND_ENUM)
        memset(member, 0, sizeof(int));
    else
        member[0] = 0; /* false, or an array's end */
}

/* In a table that is not strict a column may hold anything. */
static bool
has_right_type(struct source from, const struct column *column, int place)
{
    int type = type_of(from, place);
    if (type == SQLITE_NULL)
        return true;
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_BOOLEAN:
    case CLEAT_KIND_TIMESTAMP: return type == SQLITE_INTEGER;
    case CLEAT_KIND_REAL: return type == SQLITE_FLOAT || type == SQLITE_INTEGER;
    case CLEAT_KIND_BLOB: return type == SQLITE_BLOB;
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID:
    case CLEAT_KIND_ENUM: break;
    }
    return type == SQLITE_TEXT;
}

/* SQLite makes NULL of a value that it has no memory to read. */
static bool
has_run_out(const cleat_session *session)
{
    return sqlite3_errcode(session->connection->handle) == SQLITE_NOMEM;
}

static cleat_status
fail(cleat_session *session, const struct entry *entry, int place, fault wrong)
{
    if ((wrong == is_null || wrong == is_absent) && has_run_out(session))
        wrong = no_memory;
    return cleat_session_fail_column(session, wrong == no_memory ? CLEAT_NOMEM : CLEAT_VALUE,
                                     entry->table, entry->table->columns[place].name, wrong);
}

static cleat_status
check_types(cleat_session *session, const struct entry *entry, struct source from)
{
    for (int i = 0; i < entry->table->column_count; i++)
        if (!has_right_type(from, &entry->columns[i], i))
            return fail(session, entry, i, is_other_type);
    return CLEAT_OK;
}

static CLEAT_ALWAYS_INLINE cleat_status
read_row(cleat_session *session, const struct entry *entry, struct source from, char *ret_row,
         struct target to)
{
    const struct column *column = entry->columns;
    int count = entry->table->column_count, absent = -1;
    if (CLEAT_UNLIKELY(!entry->strict)) {
        cleat_status rc = check_types(session, entry, from);
        if (rc < 0)
            return rc;
    }
    for (int i = 0; i < count; i++, column++) {
        if (column->has) {
            bool has = type_of(from, i) != SQLITE_NULL;
            *(bool *)(ret_row + column->has_offset) = has;
            if (!has) {
                read_nothing(column, ret_row);
                continue;
            }
        }
        fault wrong = read_member(from, column, i, ret_row, to);
        if (wrong == is_absent)
            absent = i;
        else if (CLEAT_UNLIKELY(wrong != NULL))
            return fail(session, entry, i, wrong);
    }
    if (absent >= 0 && CLEAT_UNLIKELY(has_run_out(session)))
        return fail(session, entry, absent, no_memory);
    return CLEAT_OK;
}

cleat_status
cleat_row_read(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
               char *ret_row, size_t *lengths)
{
    return read_row(session, entry, (struct source){handle, NULL}, ret_row,
                    (struct target){lengths, NULL});
}

cleat_status
cleat_row_copy(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
               char *ret_row, struct room *room)
{
    return read_row(session, entry, (struct source){handle, NULL}, ret_row,
                    (struct target){NULL, room});
}

cleat_status
cleat_row_copy_values(cleat_session *session, const struct entry *entry, sqlite3_value **values,
                      char *ret_row, struct room *room)
{
    return read_row(session, entry, (struct source){NULL, values}, ret_row,
                    (struct target){NULL, room});
}

/* Of a key: where it is asked for none may be NULL. */
cleat_status
cleat_column_read(cleat_session *session, const struct entry *entry, const struct column *column,
                  sqlite3_stmt *handle, int place, char *row)
{
    const struct target to = {NULL, NULL};
    fault wrong = read_member((struct source){handle, NULL}, column, place, row, to);
    if (wrong == NULL)
        return CLEAT_OK;
    return fail(session, entry, (int)(column - entry->columns), wrong);
}

/* ---- rows that last ---- */

/* The bytes of a text or blob, NULL when it has none. A text's NUL counts. A blob's pointer is its
 * first member, so both kinds are read and set alike. */
static inline const void *
bytes_of(const struct entry *entry, const struct column *column, const char *row,
         const size_t *lengths, size_t *ret_size)
{
    const void *bytes;
    memcpy(&bytes, row + column->offset, sizeof bytes);
    *ret_size = lengths[column - entry->columns] + (column->kind != CLEAT_KIND_BLOB);
    return bytes;
}

/* A block begins with how much it holds. */
static bool
grow_block(void **owned, size_t size)
{
    size_t capacity;
    if (*owned != NULL) {
        memcpy(&capacity, *owned, sizeof capacity);
        if (capacity >= size)
            return true;
    }
    void *block = cleat_block_new(size + size / 4);
    if (block == NULL)
        return false;
    free(*owned);
    *owned = block;
    return true;
}

static size_t
count_bytes(const struct entry *entry, const char *row, const size_t *lengths)
{
    size_t total = 0, size;
    for (unsigned i = 0; i < entry->owned_count; i++)
        if (bytes_of(entry, entry->owned[i], row, lengths, &size) != NULL)
            total += size;
    return total;
}

static void
move_bytes(const struct entry *entry, char *row, const size_t *lengths, char *to)
{
    size_t size;
    for (unsigned i = 0; i < entry->owned_count; i++) {
        const void *bytes = bytes_of(entry, entry->owned[i], row, lengths, &size);
        if (bytes == NULL)
            continue;
        memcpy(to, bytes, size);
        memcpy(row + entry->owned[i]->offset, &to, sizeof to);
        to += size;
    }
}

cleat_status
cleat_row_keep(const struct entry *entry, char *row, const size_t *lengths, void **owned)
{
    size_t total = count_bytes(entry, row, lengths);
    if (total == 0)
        return CLEAT_OK;
    if (!grow_block(owned, total))
        return CLEAT_NOMEM;
    move_bytes(entry, row, lengths, (char *)*owned + sizeof(size_t));
    return CLEAT_OK;
}
