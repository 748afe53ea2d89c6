/* row_json.c: rows as JSON and back. A row leaves as one object in the canonical form of
 * json_write.c: every column by its name in SQL, enums by their labels, times as ISO-8601 text,
 * blobs in base 64, JSON columns as the values that they are. What enters is checked as a whole
 * before anything is taken from it; a row that leaves owns its texts. */
#include "boundary.h"

#include "json.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- base 64 ---- */

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
put_blob(struct buffer *buffer, cleat_blob blob)
{
    const unsigned char *at = blob.data;
    cleat_put(buffer, "\"");
    for (size_t left = blob.size; left > 0;) {
        size_t count = left < 3 ? left : 3;
        unsigned bits = (unsigned)at[0] << 16;
        if (count > 1)
            bits |= (unsigned)at[1] << 8;
        if (count > 2)
            bits |= at[2];
        char text[4] = {digits64[bits >> 18], digits64[bits >> 12 & 63], '=', '='};
        if (count > 1)
            text[2] = digits64[bits >> 6 & 63];
        if (count > 2)
            text[3] = digits64[bits & 63];
        cleat_put_bytes(buffer, text, sizeof text);
        at += count;
        left -= count;
    }
    cleat_put(buffer, "\"");
}

/* Takes exactly what put_blob() writes. Decodes in place; returns false for anything else. */
static bool
read_blob(char *text, size_t length, size_t *ret_size)
{
    size_t size = 0, padding = 0;
    if (length % 4 != 0)
        return false;
    if (length > 0 && text[length - 1] == '=')
        padding = text[length - 2] == '=' ? 2 : 1;
    for (size_t i = 0; i < length; i += 4) {
        unsigned bits = 0;
        size_t count = i + 4 == length ? 4 - padding : 4;
        for (size_t j = 0; j < 4; j++) {
            /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): there are 64 digits, and an end */
            const char *digit = j < count ? memchr(digits64, text[i + j], 64) : digits64;
            if (digit == NULL)
                return false;
            bits = bits << 6 | (unsigned)(digit - digits64);
        }
        if ((bits & ((1u << padding * 8) - 1)) != 0 && i + 4 == length)
            return false;
        for (size_t j = 0; j + 1 < count; j++)
            text[size++] = (char)(bits >> (16 - 8 * j) & 0xFF);
    }
    *ret_size = size;
    return true;
}

/* ---- times ---- */

/* With all microseconds: "2026-01-31T23:59:59.123456Z". A time that no text can say is a number. */
static void
put_timestamp(struct buffer *buffer, int64_t time)
{
    char text[32];
    char datetime[25];
    cleat_datetime_format(time, datetime);
    if (datetime[0] == '\0') {
        snprintf(text, sizeof text, "%" PRId64, time);
    } else {
        int rest = (int)(time % 1000 < 0 ? time % 1000 + 1000 : time % 1000);
        snprintf(text, sizeof text, "\"%.23s%03dZ\"", datetime, rest);
    }
    cleat_put(buffer, text);
}

/* ---- writing ---- */

static bool
put_text(struct buffer *buffer, const cleat_column *column, const char *row)
{
    const char *text;
    memcpy(&text, row + column->offset, sizeof text);
    size_t length = strlen(text);
    if (column->kind == CLEAT_KIND_TEXT) {
        if (!cleat_utf8_valid(text, length))
            return false;
        cleat_json_put_string(buffer, text, length);
        return true;
    }
    struct json json = cleat_json_new(text, length);
    if (!cleat_json_check(&json))
        return false;
    if (!cleat_json_put_canonical(buffer, text, length))
        buffer->failed = true;
    return true;
}

static bool
put_array(struct buffer *buffer, const cleat_column *column, const char *row)
{
    const char *text = row + column->offset;
    const char *end = memchr(text, '\0', cleat_kind_size(column->kind));
    if (end == NULL || !cleat_utf8_valid(text, (size_t)(end - text)))
        return false;
    cleat_json_put_string(buffer, text, (size_t)(end - text));
    return true;
}

static bool
put_label(struct buffer *buffer, const cleat_table *table, const cleat_column *column,
          const char *row)
{
    const cleat_enum *type = cleat_table_enum(table, column);
    int value;
    memcpy(&value, row + column->offset, sizeof value);
    const char *label = type == NULL ? NULL : cleat_enum_label(type, value);
    if (label == NULL)
        return false;
    cleat_json_put_string(buffer, label, strlen(label));
    return true;
}

static bool
put_real(struct buffer *buffer, const char *member)
{
    double real;
    memcpy(&real, member, sizeof real);
    if (real != real)
        return false;
    cleat_json_put_real(buffer, real);
    return true;
}

/* Returns false for a value that has no form in JSON; cleat_row_validate() says why. */
static bool
put_member(struct buffer *buffer, const cleat_table *table, const cleat_column *column,
           const char *row)
{
    const char *member = row + column->offset;
    int64_t integer;
    cleat_blob blob;
    char text[24];
    if (cleat_row_is_null(column, row)) {
        cleat_put(buffer, "null");
        return true;
    }
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: return put_text(buffer, column, row);
    case CLEAT_KIND_ENUM: return put_label(buffer, table, column, row);
    case CLEAT_KIND_REAL: return put_real(buffer, member);
    case CLEAT_KIND_BOOLEAN: cleat_put(buffer, *member == 0 ? "false" : "true"); return true;
    case CLEAT_KIND_INTEGER:
        memcpy(&integer, member, sizeof integer);
        snprintf(text, sizeof text, "%" PRId64, integer);
        cleat_put(buffer, text);
        return true;
    case CLEAT_KIND_TIMESTAMP:
        memcpy(&integer, member, sizeof integer);
        put_timestamp(buffer, integer);
        return true;
    case CLEAT_KIND_BLOB:
        memcpy(&blob, member, sizeof blob);
        put_blob(buffer, blob);
        return true;
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    return put_array(buffer, column, row);
}

/* The columns sorted by name; NULL when out of memory. */
static const cleat_column **
sort_columns(const cleat_table *table)
{
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what is sorted */
    const cleat_column **sorted = malloc((table->column_count + 1u) * sizeof *sorted);
    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t place = i;
        for (; place > 0 && strcmp(sorted[place - 1]->name, table->columns[i].name) > 0; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = &table->columns[i];
    }
    return sorted;
}

cleat_status
cleat_row_to_json(const cleat_rules *rules, const void *row, char **ret_json)
{
    if (rules == NULL || row == NULL || ret_json == NULL)
        return CLEAT_MISUSE;
    const cleat_table *table = rules->table;
    const cleat_column **columns = sort_columns(table);
    if (columns == NULL)
        return CLEAT_NOMEM;
    struct buffer buffer = {0};
    bool fits = true;
    cleat_put(&buffer, "{");
    for (unsigned i = 0; fits && i < table->column_count; i++) {
        cleat_put(&buffer, i == 0 ? "" : ",");
        cleat_json_put_string(&buffer, columns[i]->name, strlen(columns[i]->name));
        cleat_put(&buffer, ":");
        fits = put_member(&buffer, table, columns[i], row);
    }
    cleat_put(&buffer, "}");
    free(columns);
    char *json = cleat_take(&buffer);
    if (json == NULL)
        return CLEAT_NOMEM;
    if (!fits) {
        free(json);
        return CLEAT_CHECK;
    }
    *ret_json = json;
    return CLEAT_OK;
}

void
cleat_free(void *memory)
{
    free(memory);
}

/* ---- reading ---- */

/* A document on its way into a row. */
struct reading {
    const cleat_table *table;
    cleat_violations *violations;
    char *row;
    char *room; /* what is left of the block that the row will own */
    struct json json;
};

/* The kinds of JSON values, as people call them. */
static const char *
expected(uint8_t kind)
{
    switch ((cleat_kind)kind) {
    case CLEAT_KIND_INTEGER: return "must be a whole number";
    case CLEAT_KIND_REAL: return "must be a number";
    case CLEAT_KIND_BOOLEAN: return "must be true or false";
    case CLEAT_KIND_TIMESTAMP: return "must be a time such as \"2026-01-31T23:59:59.123456Z\"";
    case CLEAT_KIND_DATETIME: return "must be a time such as \"2026-01-31T23:59:59.123Z\"";
    case CLEAT_KIND_BLOB: return "must be a string in base 64";
    case CLEAT_KIND_ULID: return "must be a ULID";
    case CLEAT_KIND_UUID: return "must be a UUID";
    case CLEAT_KIND_ENUM: return "must be a label of its enum";
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: break;
    }
    return "must be a string";
}

static void
refuse(struct reading *reading, const cleat_column *column, cleat_rule rule)
{
    cleat_violations_add(reading->violations, rule, column->name, "%s", expected(column->kind));
}

static void
read_number(struct reading *reading, const cleat_column *column, const char *value, size_t length)
{
    struct json_number number = cleat_json_number(value, length);
    char *member = reading->row + column->offset;
    if (column->kind != CLEAT_KIND_REAL) {
        int64_t integer;
        if (cleat_json_integer(&number, &integer))
            memcpy(member, &integer, sizeof integer);
        else
            cleat_violations_add(reading->violations, CLEAT_VIOLATION_NUMBER, column->name,
                                 "is no whole number of 64 bits");
        return;
    }
    double real = cleat_json_real(&number);
    bool named = number.count == 1 && *number.digits == '9' && number.point == 1000;
    if ((real > DBL_MAX || real < -DBL_MAX) && !named)
        cleat_violations_add(reading->violations, CLEAT_VIOLATION_NUMBER, column->name,
                             "is too large for a real number");
    else
        memcpy(member, &real, sizeof real);
}

static void
read_time(struct reading *reading, const cleat_column *column, const char *text)
{
    int64_t time;
    char datetime[25];
    char *member = reading->row + column->offset;
    bool fits = cleat_datetime_parse(text, &time) == CLEAT_OK;
    if (fits && column->kind == CLEAT_KIND_TIMESTAMP) {
        memcpy(member, &time, sizeof time);
        return;
    }
    if (fits && time % 1000 == 0) { /* a datetime has milliseconds, and nothing is cut off */
        cleat_datetime_format(time, datetime);
        if (datetime[0] != '\0') {
            memcpy(member, datetime, sizeof datetime);
            return;
        }
    }
    refuse(reading, column, CLEAT_VIOLATION_TYPE);
}

static void
read_label(struct reading *reading, const cleat_column *column, const char *text)
{
    const cleat_enum *type = cleat_table_enum(reading->table, column);
    int value;
    if (type != NULL && cleat_enum_from_label(type, text, &value) == CLEAT_OK)
        memcpy(reading->row + column->offset, &value, sizeof value);
    else
        refuse(reading, column, CLEAT_VIOLATION_ENUM);
}

static void
read_id(struct reading *reading, const cleat_column *column, const char *text)
{
    bool assigned = text[0] == '\0' && (column->flags & CLEAT_ASSIGNED);
    if (assigned || cleat_kind_fits(column->kind, text))
        memcpy(reading->row + column->offset, text, strlen(text) + 1);
    else
        refuse(reading, column, CLEAT_VIOLATION_TYPE);
}

static void
read_bytes(struct reading *reading, const cleat_column *column, char *text, size_t length)
{
    cleat_blob blob = {text, 0};
    if (!read_blob(text, length, &blob.size)) {
        refuse(reading, column, CLEAT_VIOLATION_TYPE);
        return;
    }
    memcpy(reading->row + column->offset, &blob, sizeof blob);
    reading->room = text + blob.size;
}

/* Reads a string into the room; it stays there only when the row points to it. */
static void
read_string(struct reading *reading, const cleat_column *column)
{
    char *text = reading->room;
    size_t length = cleat_json_string(&reading->json, text);
    text[length] = '\0';
    if (column->kind == CLEAT_KIND_BLOB) {
        read_bytes(reading, column, text, length);
        return;
    }
    if (strlen(text) != length) {
        cleat_violations_add(reading->violations, CLEAT_VIOLATION_TYPE, column->name,
                             "contains a NUL character");
        return;
    }
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
        memcpy(reading->row + column->offset, &text, sizeof text);
        reading->room = text + length + 1;
        return;
    case CLEAT_KIND_TIMESTAMP:
    case CLEAT_KIND_DATETIME: read_time(reading, column, text); return;
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: read_id(reading, column, text); return;
    case CLEAT_KIND_ENUM: read_label(reading, column, text); return;
    default: refuse(reading, column, CLEAT_VIOLATION_TYPE); return;
    }
}

/* A JSON column keeps the bytes of its value as they are. */
static void
read_json(struct reading *reading, const cleat_column *column)
{
    const char *value;
    char *text = reading->room;
    size_t length = cleat_json_value(&reading->json, &value);
    memcpy(text, value, length);
    text[length] = '\0';
    memcpy(reading->row + column->offset, &text, sizeof text);
    reading->room = text + length + 1;
}

static void
set_null(struct reading *reading, const cleat_column *column)
{
    static const size_t sizes[] = {
        [CLEAT_KIND_INTEGER] = sizeof(int64_t),
        [CLEAT_KIND_BOOLEAN] = sizeof(bool),
        [CLEAT_KIND_REAL] = sizeof(double),
        [CLEAT_KIND_TEXT] = sizeof(char *),
        [CLEAT_KIND_JSON] = sizeof(char *),
        [CLEAT_KIND_BLOB] = sizeof(cleat_blob),
        [CLEAT_KIND_TIMESTAMP] = sizeof(int64_t),
        [CLEAT_KIND_DATETIME] = 25,
        [CLEAT_KIND_ULID] = 27,
        [CLEAT_KIND_UUID] = 37,
        [CLEAT_KIND_ENUM] = sizeof(int),
    };
    memset(reading->row + column->offset, 0, sizes[column->kind]);
    if (cleat_column_has(column))
        reading->row[column->has_offset] = 0;
    if (!(column->flags & CLEAT_NULLABLE))
        cleat_violations_add(reading->violations, CLEAT_VIOLATION_NULL, column->name,
                             "must have a value");
}

static void
read_member(struct reading *reading, const cleat_column *column)
{
    const char *value;
    char first = cleat_json_peek(&reading->json);
    bool nullable = (column->flags & CLEAT_NULLABLE) != 0;
    if (cleat_column_has(column))
        reading->row[column->has_offset] = 1;
    if (column->kind == CLEAT_KIND_JSON && (first != 'n' || !nullable)) {
        read_json(reading, column);
        return;
    }
    if (first == '"') {
        read_string(reading, column);
        return;
    }
    size_t length = cleat_json_value(&reading->json, &value);
    bool is_number = first == '-' || (first >= '0' && first <= '9');
    bool takes_number = column->kind == CLEAT_KIND_INTEGER || column->kind == CLEAT_KIND_REAL ||
                        column->kind == CLEAT_KIND_TIMESTAMP;
    if (first == 'n')
        set_null(reading, column);
    else if (is_number && takes_number)
        read_number(reading, column, value, length);
    else if (column->kind == CLEAT_KIND_BOOLEAN && (first == 't' || first == 'f'))
        reading->row[column->offset] = first == 't';
    else
        refuse(reading, column, CLEAT_VIOLATION_TYPE);
}

static const cleat_column *
find_column(const cleat_table *table, const char *name, size_t length)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (strlen(table->columns[i].name) == length &&
            memcmp(table->columns[i].name, name, length) == 0)
            return &table->columns[i];
    return NULL;
}

/* Reads every member of the object; `seen` has a flag for each column. */
static void
read_members(struct reading *reading, bool strict, bool *seen)
{
    struct json *json = &reading->json;
    const char *value;
    cleat_json_take(json, '{');
    while (!cleat_json_take(json, '}')) {
        cleat_json_take(json, ',');
        size_t length = cleat_json_string(json, reading->room);
        const cleat_column *column = find_column(reading->table, reading->room, length);
        reading->room[length] = '\0';
        cleat_json_take(json, ':');
        if (column == NULL) {
            if (strict)
                cleat_violations_add(reading->violations, CLEAT_VIOLATION_UNKNOWN, reading->room,
                                     "is no column of the table");
            cleat_json_value(json, &value);
        } else if (seen[column - reading->table->columns]) {
            cleat_violations_add(reading->violations, CLEAT_VIOLATION_TWICE, column->name,
                                 "is there twice");
            cleat_json_value(json, &value);
        } else {
            seen[column - reading->table->columns] = true;
            read_member(reading, column);
        }
    }
}

static void
find_missing(const struct reading *reading, const bool *seen)
{
    for (unsigned i = 0; i < reading->table->column_count; i++)
        if (!seen[i] && !(reading->table->columns[i].flags & CLEAT_GENERATED))
            cleat_violations_add(reading->violations, CLEAT_VIOLATION_MISSING,
                                 reading->table->columns[i].name, "is missing");
}

/* The column in whose value the fault is, NULL when it is in none. */
static const cleat_column *
faulty_column(const cleat_table *table, const struct json *json)
{
    if (json->member == NULL)
        return NULL;
    const char *name = json->member + 1;
    const char *end = memchr(name, '"', (size_t)(json->end - name));
    return end == NULL ? NULL : find_column(table, name, (size_t)(end - name));
}

/* Whether the text is an object; else that is a violation. */
static bool
check_document(const cleat_table *table, struct json *json, cleat_violations *violations)
{
    if (!cleat_json_check(json)) {
        const cleat_column *column = faulty_column(table, json);
        cleat_violations_add(violations, CLEAT_VIOLATION_JSON, column == NULL ? NULL : column->name,
                             "the text is no JSON: %s, at byte %zu", json->fault,
                             (size_t)(json->at - json->start) + 1);
        return false;
    }
    json->at = json->start;
    if (cleat_json_peek(json) == '{')
        return true;
    cleat_violations_add(violations, CLEAT_VIOLATION_JSON, NULL, "the text is no object");
    return false;
}

/* Takes the members of a checked object into `row`, whose block is `owned`. */
static cleat_status
read_row(struct reading *reading, const cleat_rules *rules, bool strict, void *owned)
{
    bool seen_here[256] = {false};
    bool *seen = seen_here;
    if (reading->table->column_count > CLEAT_COUNT(seen_here)) {
        seen = calloc(reading->table->column_count, sizeof *seen);
        if (seen == NULL)
            return CLEAT_NOMEM;
    }
    read_members(reading, strict, seen);
    if (strict)
        find_missing(reading, seen);
    if (seen != seen_here)
        free(seen);
    memcpy(reading->row + reading->table->owned_offset, &owned, sizeof owned);
    if (reading->violations->total > 0)
        return CLEAT_CHECK;
    return strict ? cleat_row_validate(rules, reading->row, reading->violations) : CLEAT_OK;
}

cleat_status
cleat_row_from_json(const cleat_rules *rules, const char *json, size_t length, unsigned mode,
                    void *defaults, void *ret_row, cleat_violations *ret_violations)
{
    cleat_violations own;
    if (rules == NULL || json == NULL || defaults == NULL || ret_row == NULL ||
        (mode != CLEAT_JSON_STRICT && mode != CLEAT_JSON_LENIENT))
        return CLEAT_MISUSE;
    const cleat_table *table = rules->table;
    struct reading reading = {.table = table, .row = defaults};
    /* cppcheck-suppress uninitvar ; its address is taken, and it is begun below */
    reading.violations = ret_violations == NULL ? &own : ret_violations;
    reading.json = cleat_json_new(json, length);
    cleat_violations_begin(reading.violations, table);
    if (!check_document(table, &reading.json, reading.violations))
        return CLEAT_CHECK;
    /* no piece is longer than in the source, but for its NUL */
    void *owned = cleat_block_new(length + table->column_count + 1);
    if (owned == NULL)
        return CLEAT_NOMEM;
    reading.room = (char *)owned + sizeof(size_t);
    cleat_status rc = read_row(&reading, rules, mode == CLEAT_JSON_STRICT, owned);
    if (rc < 0) {
        free(owned);
        return rc;
    }
    cleat_row_clear(table, ret_row);
    memcpy(ret_row, defaults, table->row_size);
    return CLEAT_OK;
}
