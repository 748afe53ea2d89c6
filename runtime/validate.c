/* validate.c: a row against its schema, before any database is asked. A row and its table's rules
 * enter; every violated rule leaves, with the column's name. What this finds, the database would
 * refuse too, or store as something else; what only the database can know (keys that are taken,
 * references, checks with functions of SQL) is left to it. Values of the row are never repeated in
 * a text. */
#include "boundary.h"

#include "json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- violations ---- */

const char *
cleat_rule_name(cleat_rule rule)
{
    static const char *const names[] = {"none", "null", "length", "enum",    "check",   "json",
                                        "type", "utf8", "number", "unknown", "missing", "twice"};
    return (unsigned)rule < CLEAT_COUNT(names) ? names[rule] : names[0];
}

void
cleat_violations_begin(cleat_violations *violations, const cleat_table *table)
{
    violations->database = table->database;
    violations->table = table->name;
    violations->total = 0;
    violations->count = 0;
}

/* Cuts a text behind its last whole character. */
static void
cut(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && !cleat_utf8_valid(text, length))
        length--;
    text[length] = '\0';
}

void
cleat_violations_add(cleat_violations *violations, cleat_rule rule, const char *column,
                     const char *format, ...)
{
    violations->total++;
    if (violations->count == CLEAT_VIOLATIONS_MAX)
        return;
    cleat_violation *item = &violations->items[violations->count++];
    item->rule = rule;
    snprintf(item->column, sizeof item->column, "%s", column == NULL ? "" : column);
    cut(item->column);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(item->text, sizeof item->text, format, arguments);
    va_end(arguments);
    cut(item->text);
}

/* ---- the forms of kinds ---- */

size_t
cleat_kind_size(uint8_t kind)
{
    switch ((cleat_kind)kind) {
    case CLEAT_KIND_DATETIME: return 25;
    case CLEAT_KIND_ULID: return 27;
    default: return 37;
    }
}

/* Crockford's base 32, in either case; 128 bits leave the first character at most 7. */
static bool
is_ulid(const char *text)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
    return strlen(text) == 26 && strspn(text, digits) == 26 && text[0] <= '7';
}

static bool
is_uuid(const char *text)
{
    static const char digits[] = "0123456789ABCDEFabcdef";
    static const size_t groups[] = {8, 4, 4, 4, 12};
    for (size_t i = 0; i < CLEAT_COUNT(groups); i++) {
        if (strspn(text, digits) != groups[i])
            return false;
        text += groups[i];
        if (*text++ != (i + 1 < CLEAT_COUNT(groups) ? '-' : '\0'))
            return false;
    }
    return true;
}

static bool
is_datetime(const char *text)
{
    int64_t time;
    char again[25];
    if (cleat_datetime_parse(text, &time) != CLEAT_OK)
        return false;
    cleat_datetime_format(time, again);
    return strcmp(text, again) == 0;
}

bool
cleat_kind_fits(uint8_t kind, const char *text)
{
    switch ((cleat_kind)kind) {
    case CLEAT_KIND_DATETIME: return is_datetime(text);
    case CLEAT_KIND_ULID: return is_ulid(text);
    default: return is_uuid(text);
    }
}

static const char *
kind_words(uint8_t kind)
{
    switch ((cleat_kind)kind) {
    case CLEAT_KIND_DATETIME: return "is no time of the form 2026-01-31T23:59:59.123Z";
    case CLEAT_KIND_ULID: return "is no ULID";
    default: return "is no UUID";
    }
}

/* ---- columns ---- */

const cleat_enum *
cleat_table_enum(const cleat_table *table, const cleat_column *column)
{
    for (unsigned i = 0; i < table->enum_count; i++)
        if (table->enums[i].offset == column->offset)
            return table->enums[i].type;
    return NULL;
}

static const char *
pointer_of(const cleat_column *column, const char *row)
{
    const char *pointer;
    memcpy(&pointer, row + column->offset, sizeof pointer);
    return pointer;
}

bool
cleat_row_is_null(const cleat_column *column, const char *row)
{
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_BLOB: return pointer_of(column, row) == NULL;
    default: return cleat_column_has(column) && row[column->has_offset] == 0;
    }
}

static void
validate_text(cleat_violations *violations, const cleat_column *column, const char *row)
{
    const char *text = pointer_of(column, row);
    size_t length = strlen(text);
    struct json json = cleat_json_new(text, length);
    if (!cleat_utf8_valid(text, length))
        cleat_violations_add(violations, CLEAT_VIOLATION_UTF8, column->name, "is not UTF-8");
    else if (column->kind == CLEAT_KIND_JSON && !cleat_json_check(&json))
        cleat_violations_add(violations, CLEAT_VIOLATION_JSON, column->name,
                             "is no JSON: %s, at byte %zu", json.fault,
                             (size_t)(json.at - json.start) + 1);
}

static void
validate_array(cleat_violations *violations, const cleat_column *column, const char *row)
{
    const char *text = row + column->offset;
    bool ends = memchr(text, '\0', cleat_kind_size(column->kind)) != NULL;
    if (ends && text[0] == '\0' && (column->flags & CLEAT_ASSIGNED))
        return;
    if (!ends || !cleat_kind_fits(column->kind, text))
        cleat_violations_add(violations, CLEAT_VIOLATION_TYPE, column->name, "%s",
                             kind_words(column->kind));
}

static void
validate_number(cleat_violations *violations, const cleat_column *column, const char *row)
{
    double value;
    memcpy(&value, row + column->offset, sizeof value);
    if (value != value)
        cleat_violations_add(violations, CLEAT_VIOLATION_NUMBER, column->name, "is not a number");
}

static void
validate_enum(cleat_violations *violations, const cleat_table *table, const cleat_column *column,
              const char *row)
{
    const cleat_enum *type = cleat_table_enum(table, column);
    int value;
    memcpy(&value, row + column->offset, sizeof value);
    if (type == NULL || cleat_enum_label(type, value) == NULL)
        cleat_violations_add(violations, CLEAT_VIOLATION_ENUM, column->name, "is no value of %s",
                             type == NULL ? "its enum" : type->name);
}

static void
validate_column(cleat_violations *violations, const cleat_table *table, const cleat_column *column,
                const char *row)
{
    if (column->flags & CLEAT_GENERATED)
        return;
    if (cleat_row_is_null(column, row)) {
        if (!(column->flags & CLEAT_NULLABLE))
            cleat_violations_add(violations, CLEAT_VIOLATION_NULL, column->name,
                                 "must have a value");
        return;
    }
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: validate_text(violations, column, row); return;
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: validate_array(violations, column, row); return;
    case CLEAT_KIND_REAL: validate_number(violations, column, row); return;
    case CLEAT_KIND_ENUM: validate_enum(violations, table, column, row); return;
    case CLEAT_KIND_BOOLEAN:
        if (((const unsigned char *)row)[column->offset] > 1)
            cleat_violations_add(violations, CLEAT_VIOLATION_TYPE, column->name,
                                 "is neither true nor false");
        return;
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP:
    case CLEAT_KIND_BLOB: return;
    }
}

/* ---- rules ---- */

/* Like length() of SQL, which counts the bytes that begin a character. */
int64_t
cleat_text_length(const char *text)
{
    int64_t length = 0;
    if (text == NULL)
        return 0;
    for (; *text != '\0'; length++)
        if ((unsigned char)*text++ >= 0xC0)
            while (((unsigned char)*text & 0xC0) == 0x80)
                text++;
    return length;
}

int64_t
cleat_integer_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

int64_t
cleat_integer_subtract(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

int64_t
cleat_integer_multiply(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

bool
cleat_overflows_add(int64_t a, int64_t b)
{
    return b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b;
}

bool
cleat_overflows_subtract(int64_t a, int64_t b)
{
    return b > 0 ? a < INT64_MIN + b : a > INT64_MAX + b;
}

bool
cleat_overflows_multiply(int64_t a, int64_t b)
{
    if (a == 0 || b == 0 || a == 1 || b == 1)
        return false;
    if (a == INT64_MIN || b == INT64_MIN)
        return true;
    /* cppcheck-suppress zerodivcond ; 0 was seen above */
    int64_t most = INT64_MAX / (b < 0 ? -b : b);
    return (a < 0 ? -a : a) > most;
}

static void
validate_limit(cleat_violations *violations, const cleat_column *column, const char *row,
               uint32_t max)
{
    int64_t length;
    cleat_blob blob;
    if (cleat_row_is_null(column, row))
        return;
    if (column->kind == CLEAT_KIND_BLOB) {
        memcpy(&blob, row + column->offset, sizeof blob);
        length = (int64_t)blob.size;
    } else {
        length = cleat_text_length(pointer_of(column, row));
    }
    if (length > (int64_t)max)
        cleat_violations_add(violations, CLEAT_VIOLATION_LENGTH, column->name,
                             "has %" PRId64 " %s, %" PRIu32 " is the most", length,
                             column->kind == CLEAT_KIND_BLOB ? "bytes" : "characters", max);
}

static void
validate_column_rules(cleat_violations *violations, const cleat_rules *rules,
                      const cleat_column *column, const char *row)
{
    for (unsigned i = 0; i < rules->limit_count; i++)
        if (rules->limits[i].offset == column->offset)
            validate_limit(violations, column, row, rules->limits[i].max);
    for (unsigned i = 0; i < rules->check_count; i++) {
        const cleat_check *check = &rules->checks[i];
        if (check->column != NULL && check->holds != NULL &&
            strcmp(check->column, column->name) == 0 && !check->holds(row))
            cleat_violations_add(violations, CLEAT_VIOLATION_CHECK, column->name, "%s", check->sql);
    }
}

cleat_status
cleat_row_validate(const cleat_rules *rules, const void *row, cleat_violations *ret_violations)
{
    cleat_violations own;
    /* cppcheck-suppress uninitvar ; its address is taken, and it is begun below */
    cleat_violations *violations = ret_violations == NULL ? &own : ret_violations;
    if (rules == NULL || row == NULL)
        return CLEAT_MISUSE;
    const cleat_table *table = rules->table;
    cleat_violations_begin(violations, table);
    for (unsigned i = 0; i < table->column_count; i++) {
        validate_column(violations, table, &table->columns[i], row);
        validate_column_rules(violations, rules, &table->columns[i], row);
    }
    const cleat_column *wrong = cleat_row_wrong_constant(table, row, false);
    if (wrong != NULL)
        cleat_violations_add(violations, CLEAT_VIOLATION_CHECK, wrong->name,
                             "has another value in every row of the table");
    for (unsigned i = 0; i < rules->check_count; i++) {
        const cleat_check *check = &rules->checks[i];
        if (check->column == NULL && check->holds != NULL && !check->holds(row))
            cleat_violations_add(violations, CLEAT_VIOLATION_CHECK, NULL, "%s", check->sql);
    }
    return violations->total == 0 ? CLEAT_OK : CLEAT_CHECK;
}
