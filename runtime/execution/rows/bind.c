/* bind.c: from C values to parameters. Texts and blobs are borrowed with explicit lengths, empty
 * ones stay empty and never become NULL; what SQLite would change silently is refused. */
#include "rows.h"

/* What a row's member of an array kind holds, by kind. */
static size_t
array_size(uint8_t kind)
{
    return kind == CLEAT_KIND_ULID ? 27 : kind == CLEAT_KIND_UUID ? 37 : 25;
}

static int
bind_text(sqlite3_stmt *handle, int parameter, const char *text)
{
    if (text == NULL)
        return sqlite3_bind_null(handle, parameter);
    return sqlite3_bind_text64(handle, parameter, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8);
}

static int
bind_blob(sqlite3_stmt *handle, int parameter, cleat_blob blob)
{
    if (blob.data == NULL)
        return sqlite3_bind_null(handle, parameter);
    return sqlite3_bind_blob64(handle, parameter, blob.data, blob.size, SQLITE_STATIC);
}

static int
bind_array(sqlite3_stmt *handle, int parameter, const char *text, uint8_t kind)
{
    size_t size = array_size(kind);
    const char *end = memchr(text, '\0', size);
    return sqlite3_bind_text64(handle, parameter, text, end == NULL ? size : (size_t)(end - text),
                               SQLITE_STATIC, SQLITE_UTF8);
}

static int
bind_integer(sqlite3_stmt *handle, const struct column *column, int parameter, const char *member)
{
    int64_t value;
    memcpy(&value, member, sizeof value);
    if (column->assigned && value == 0)
        return sqlite3_bind_null(handle, parameter);
    return sqlite3_bind_int64(handle, parameter, value);
}

/* Binds a number that is no NaN: SQLite would store NULL for one. SQLITE_MISMATCH says so. */
static int
bind_real(sqlite3_stmt *handle, int parameter, double value)
{
    return value == value ? sqlite3_bind_double(handle, parameter, value) : SQLITE_MISMATCH;
}

static int
bind_label(sqlite3_stmt *handle, const struct column *column, int parameter, int value)
{
    const char *label = column->labels == NULL ? NULL : cleat_enum_label(column->labels, value);
    return label == NULL ? SQLITE_MISMATCH : bind_text(handle, parameter, label);
}

/* A byte is read, as a program may have put any into its row. */
static int
bind_boolean(sqlite3_stmt *handle, int parameter, const char *member)
{
    unsigned char value = *(const unsigned char *)member;
    return value > 1 ? SQLITE_MISMATCH : sqlite3_bind_int(handle, parameter, value);
}

/* Binds one column of a row. Inline where all columns are bound. */
static CLEAT_ALWAYS_INLINE int
bind_member(sqlite3_stmt *handle, const struct column *column, int parameter, const char *row)
{
    const char *member = row + column->offset;
    cleat_blob blob;
    double real;
    int label;
    if (column->has && !*(const bool *)(row + column->has_offset))
        return sqlite3_bind_null(handle, parameter);
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: return bind_text(handle, parameter, *(const char *const *)member);
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: return bind_integer(handle, column, parameter, member);
    case CLEAT_KIND_BOOLEAN: return bind_boolean(handle, parameter, member);
    case CLEAT_KIND_REAL:
        memcpy(&real, member, sizeof real);
        return bind_real(handle, parameter, real);
    case CLEAT_KIND_BLOB:
        memcpy(&blob, member, sizeof blob);
        return bind_blob(handle, parameter, blob);
    case CLEAT_KIND_ENUM:
        memcpy(&label, member, sizeof label);
        return bind_label(handle, column, parameter, label);
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    return bind_array(handle, parameter, member, column->kind);
}

static int
bind_one(sqlite3_stmt *handle, const struct column *column, int parameter, const char *row)
{
    return bind_member(handle, column, parameter, row);
}

/* Binds a value of a key. SQLITE_EMPTY says that it has none, though its column always does. */
static int
bind_value(sqlite3_stmt *handle, const struct column *column, int parameter,
           const cleat_value *value)
{
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: return sqlite3_bind_int64(handle, parameter, value->integer);
    case CLEAT_KIND_BOOLEAN: return sqlite3_bind_int(handle, parameter, value->integer != 0);
    case CLEAT_KIND_REAL: return bind_real(handle, parameter, value->real);
    case CLEAT_KIND_BLOB: return bind_blob(handle, parameter, value->blob);
    case CLEAT_KIND_ENUM: return bind_label(handle, column, parameter, (int)value->integer);
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    if (value->text == NULL && !column->null)
        return SQLITE_EMPTY;
    return bind_text(handle, parameter, value->text);
}

cleat_status
cleat_bind_fail(cleat_session *session, const struct entry *entry, const struct column *column,
                int rc)
{
    const cleat_table *table = entry->table;
    const char *name = table->columns[column - entry->columns].name;
    if (rc == SQLITE_MISMATCH && column->kind == CLEAT_KIND_REAL)
        return cleat_session_fail_column(session, CLEAT_CHECK, table, name,
                                         "not a number cannot be stored");
    if (rc == SQLITE_MISMATCH && column->kind == CLEAT_KIND_BOOLEAN)
        return cleat_session_fail_column(session, CLEAT_CHECK, table, name,
                                         "neither true nor false");
    if (rc == SQLITE_EMPTY)
        return cleat_session_fail_column(session, CLEAT_NOT_NULL, table, name,
                                         "the key must have a value");
    if (rc == SQLITE_MISMATCH)
        return cleat_session_fail_column(session, CLEAT_CHECK, table, name,
                                         "the value has no label in its enum");
    if (rc == SQLITE_TOOBIG)
        return cleat_session_fail_column(session, CLEAT_TOO_BIG, table, name,
                                         "the value is too long for SQLite");
    return cleat_session_fail_column(session, cleat_status_of(rc), table, name, sqlite3_errstr(rc));
}

cleat_status
cleat_row_bind(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
               const void *row)
{
    const struct column *column = entry->columns;
    const struct column *end = column + entry->table->column_count;
    for (; column < end; column++) {
        if (column->parameter == 0)
            continue;
        int rc = bind_member(handle, column, column->parameter, row);
        if (CLEAT_UNLIKELY(rc != SQLITE_OK))
            return cleat_bind_fail(session, entry, column, rc);
    }
    return CLEAT_OK;
}

cleat_status
cleat_row_bind_needed(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
                      const void *row)
{
    int last = sqlite3_bind_parameter_count(handle);
    for (unsigned i = 0; i < entry->table->column_count; i++) {
        const struct column *column = &entry->columns[i];
        int rc = SQLITE_OK;
        if (column->parameter > 0 && column->parameter <= last)
            rc = bind_one(handle, column, column->parameter, row);
        if (rc != SQLITE_OK)
            return cleat_bind_fail(session, entry, column, rc);
    }
    return CLEAT_OK;
}

cleat_status
cleat_key_bind(cleat_session *session, const struct entry *entry, unsigned key,
               sqlite3_stmt *handle, const cleat_value *values)
{
    struct column *const *columns = entry->key_columns + entry->key_starts[key];
    for (int i = 0; i < entry->table->keys[key].count; i++) {
        int rc = bind_value(handle, columns[i], i + 1, &values[i]);
        if (CLEAT_UNLIKELY(rc != SQLITE_OK))
            return cleat_bind_fail(session, entry, columns[i], rc);
    }
    return CLEAT_OK;
}

cleat_status
cleat_key_bind_row(cleat_session *session, const struct entry *entry, unsigned key,
                   sqlite3_stmt *handle, const void *row)
{
    struct column *const *columns = entry->key_columns + entry->key_starts[key];
    for (int i = 0; i < entry->table->keys[key].count; i++) {
        int rc = bind_one(handle, columns[i], i + 1, row);
        if (CLEAT_UNLIKELY(rc != SQLITE_OK))
            return cleat_bind_fail(session, entry, columns[i], rc);
    }
    return CLEAT_OK;
}

cleat_status
cleat_row_bind_some(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
                    const void *row, const unsigned char *bits)
{
    const struct column *columns = entry->columns;
    struct column *const *key = entry->key_columns;
    int rc = SQLITE_OK;
    for (unsigned i = 0; i < entry->table->column_count; i++) {
        if (bits[i / 8] == 0) {
            i |= 7;
            continue;
        }
        if ((bits[i / 8] >> i % 8 & 1) != 0)
            rc = bind_one(handle, &columns[i], columns[i].parameter, row);
        if (rc != SQLITE_OK)
            return cleat_bind_fail(session, entry, &columns[i], rc);
    }
    for (unsigned i = 0; i < entry->table->keys[0].count; i++) {
        rc = bind_one(handle, key[i], key[i]->parameter, row);
        if (rc != SQLITE_OK)
            return cleat_bind_fail(session, entry, key[i], rc);
    }
    return CLEAT_OK;
}

/* ---- values for statements that outlive the call ---- */

/* A member as a value of a call; texts and blobs are borrowed. */
static cleat_value
member_value(const struct column *column, const char *row)
{
    const char *member = row + column->offset;
    cleat_value value = {.blob = {NULL, 0}}; /* the whole of it */
    int label;
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: value.text = *(const char *const *)member; break;
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: memcpy(&value.integer, member, sizeof value.integer); break;
    case CLEAT_KIND_BOOLEAN: value.integer = *(const unsigned char *)member; break;
    case CLEAT_KIND_REAL: memcpy(&value.real, member, sizeof value.real); break;
    case CLEAT_KIND_BLOB: memcpy(&value.blob, member, sizeof value.blob); break;
    case CLEAT_KIND_ENUM:
        memcpy(&label, member, sizeof label);
        value.integer = label;
        break;
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: value.text = member; break;
    }
    return value;
}

/* Labels live as long as the program; numbers are always copied. */
static int
bind_copy(sqlite3_stmt *handle, const struct column *column, int parameter,
          const cleat_value *value)
{
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_BLOB:
        if (value->blob.data == NULL)
            break;
        return sqlite3_bind_blob64(handle, parameter, value->blob.data, value->blob.size,
                                   SQLITE_TRANSIENT);
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID:
        if (value->text == NULL)
            break;
        return sqlite3_bind_text64(handle, parameter, value->text, strlen(value->text),
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_BOOLEAN:
    case CLEAT_KIND_REAL:
    case CLEAT_KIND_TIMESTAMP:
    case CLEAT_KIND_ENUM: break;
    }
    return bind_value(handle, column, parameter, value);
}

bool
cleat_column_is_null(const struct column *column, const void *row)
{
    const char *bytes = row;
    if (column->has)
        return !*(const bool *)(bytes + column->has_offset);
    if (column->kind == CLEAT_KIND_BLOB)
        return member_value(column, bytes).blob.data == NULL;
    if (column->kind == CLEAT_KIND_TEXT || column->kind == CLEAT_KIND_JSON)
        return member_value(column, bytes).text == NULL;
    return false;
}

cleat_status
cleat_column_bind_copy(cleat_session *session, const struct entry *entry,
                       const struct column *column, sqlite3_stmt *handle, int parameter,
                       const void *row)
{
    cleat_value value = member_value(column, row);
    int rc = bind_copy(handle, column, parameter, &value);
    return rc == SQLITE_OK ? CLEAT_OK : cleat_bind_fail(session, entry, column, rc);
}

cleat_status
cleat_key_bind_copies(cleat_session *session, const struct entry *entry, unsigned key,
                      sqlite3_stmt *handle, const cleat_value *values)
{
    struct column *const *columns = entry->key_columns + entry->key_starts[key];
    for (int i = 0; i < entry->table->keys[key].count; i++) {
        int rc = bind_copy(handle, columns[i], i + 1, &values[i]);
        if (rc != SQLITE_OK)
            return cleat_bind_fail(session, entry, columns[i], rc);
    }
    return CLEAT_OK;
}
