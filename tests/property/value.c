/* value.c: random values for every type of column, with a bias for the edges, and which of them
 * a column must refuse. */
#include "property.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static struct cell
random_integer(void)
{
    static const int64_t edges[] = {
        INT64_MIN,
        INT64_MIN + 1,
        INT64_MAX,
        INT64_MAX - 1,
        0,
        -1,
        1,
        INT32_MIN,
        INT32_MAX,
        INT64_C(9007199254740993),
        -INT64_C(9007199254740993),
        255,
        256,
        32767,
        32768,
        8388608,
    };
    if (chance_one_in(4))
        return cell_integer(edges[chance_below(CLEAT_COUNT(edges))]);
    if (chance_one_in(2))
        return cell_integer((int64_t)chance_below(2000) - 1000);
    return cell_integer((int64_t)chance_bits());
}

static struct cell
random_real(void)
{
    static const double edges[] = {
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.1,
        5e-324,
        -5e-324,
        DBL_MIN,
        DBL_MAX,
        -DBL_MAX,
        (double)INFINITY,
        -(double)INFINITY,
        9007199254740993.0,
        9223372036854775807.0,
        -9223372036854775808.0,
        1e15,
        1e16,
        2.2250738585072011e-308,
        3.0,
        1e22,
    };
    double real;
    if (chance_one_in(100))
        return cell_real((double)NAN);
    if (chance_one_in(3))
        return cell_real(edges[chance_below(CLEAT_COUNT(edges))]);
    uint64_t bits = chance_bits();
    memcpy(&real, &bits, sizeof real);
    return cell_real(isnan(real) ? (double)bits : real);
}

static size_t
random_size(void)
{
    if (chance_one_in(6000))
        return 1000000 + chance_below(100);
    if (chance_one_in(60))
        return chance_below(6000);
    return chance_below(40);
}

/* Characters of one to four bytes, and bytes that are none. */
static struct cell
random_text(void)
{
    static const char *const pieces[] = {
        "a",
        "B",
        "c ",
        "\xc3\xb6",
        "\xe6\x97\xa5",
        "\xf0\x9f\x8e\x89",
        "'",
        "\"",
        "\n",
        "\x01",
        "\xff",
        "\x80",
        "\xc0\xaf",
        "\xed\xa0\x80",
        "\xf0\x9f",
        "\xef\xbb\xbf",
        "%",
        "0",
    };
    static const char *const edges[] = {
        "",
        " ",
        "  ",
        "0",
        "1e5",
        " 12 ",
        "0x10",
        "NULL",
        "-0.0",
        "9223372036854775808",
        "x'00'",
        "\xff\xfe",
        "\xef\xbf\xbe",
        "a",
        "A",
        "a ",
        "inf",
        "nan",
        "\xf4\x90\x80\x80",
        "'; DROP",
    };
    if (chance_one_in(8))
        return cell_text(edges[chance_below(CLEAT_COUNT(edges))]);
    size_t size = random_size(), length = 0;
    size_t kinds = chance_one_in(3) ? CLEAT_COUNT(pieces) : 3;
    struct cell cell = cell_bytes(SQLITE_TEXT, NULL, 0);
    cell.bytes = realloc(cell.bytes, size + 8);
    EXPECT(cell.bytes != NULL, "out of memory");
    while (length < size) {
        const char *piece = pieces[chance_below(kinds)];
        memcpy(cell.bytes + length, piece, strlen(piece) + 1);
        length += strlen(piece);
    }
    cell.bytes[length] = '\0';
    cell.size = length;
    return cell;
}

static const char *const no_json[] = {"", "{", "{'a': 1}x", "nul", "[1,]x", "\"a", "1 2"};

static struct cell
random_json(void)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "0",
        "\"\"",
        "[1, 2.5, -3e10]",
        "9007199254740993",
        " { } ",
        "{\"a\": {\"b\": [true, false, null]}}",
        "\"\xc3\xb6\\u00e4\\n\"",
        "[[[[[[[[]]]]]]]]",
        "123456789012345678901234567890",
        "{\"a\":1,\"a\":2}",
        "1e400",
    };
    char text[200];
    if (chance_one_in(150))
        return cell_text(no_json[chance_below(CLEAT_COUNT(no_json))]);
    if (chance_one_in(2))
        return cell_text(texts[chance_below(CLEAT_COUNT(texts))]);
    snprintf(text, sizeof text, "{\"id\": %lld, \"tags\": [\"%08x\", %.17g]}",
             (long long)chance_bits(), (unsigned)chance_bits(), (double)chance_bits() / 3);
    return cell_text(text);
}

static struct cell
random_blob(void)
{
    size_t size = chance_one_in(6) ? 0 : random_size();
    struct cell cell = cell_bytes(SQLITE_BLOB, NULL, 0);
    cell.bytes = realloc(cell.bytes, size + 8);
    EXPECT(cell.bytes != NULL, "out of memory");
    for (size_t i = 0; i < size; i += 8) {
        uint64_t bits = chance_bits();
        memcpy(cell.bytes + i, &bits, sizeof bits);
    }
    cell.bytes[size] = '\0';
    cell.size = size;
    return cell;
}

static struct cell
random_datetime(void)
{
    static const char *const edges[] = {
        "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z",
        "2000-02-29T12:00:00.001Z", "1900-02-28T23:59:59.999Z", "2024-12-31T23:59:59.995Z",
    };
    char text[25];
    if (chance_one_in(5))
        return cell_text(edges[chance_below(CLEAT_COUNT(edges))]);
    if (chance_one_in(100))
        return cell_text("yesterday");
    uint64_t milliseconds = chance_bits() % UINT64_C(315569520000000);
    cleat_datetime_format((int64_t)(milliseconds * 1000) - INT64_C(62167219200000000), text);
    EXPECT(strlen(text) == 24, "no datetime for %llu ms", (unsigned long long)milliseconds);
    return cell_text(text);
}

static struct cell
random_id(uint8_t kind)
{
    char text[37];
    if (kind == CLEAT_KIND_ULID)
        cleat_ulid_new(text);
    else if (chance_one_in(2))
        cleat_uuid_new(text);
    else
        cleat_uuid4_new(text);
    if (chance_one_in(100))
        text[chance_below(strlen(text))] = '\0';
    return cell_text(text);
}

static struct cell
label_cell(const cleat_label *label)
{
    struct cell cell = cell_text(label->text);
    cell.label = label->value;
    return cell;
}

static struct cell
constant_cell(const struct column_model *column)
{
    for (size_t i = 0; i < column->labels->count; i++)
        if (strcmp(column->labels->labels[i].text, column->constant) == 0)
            return label_cell(&column->labels->labels[i]);
    fail_at(__FILE__, __LINE__, "%s has no label %s", column->column->name, column->constant);
}

static struct cell
random_label(const cleat_enum *labels)
{
    if (chance_one_in(150)) {
        struct cell cell = cell_text("");
        cell.label = 12345;
        return cell;
    }
    return label_cell(&labels->labels[chance_below(labels->count)]);
}

struct cell
value_random(const struct column_model *column, bool for_key)
{
    bool nullable = (column->column->flags & CLEAT_NULLABLE) != 0;
    bool pointer = column->column->kind == CLEAT_KIND_TEXT ||
                   column->column->kind == CLEAT_KIND_JSON ||
                   column->column->kind == CLEAT_KIND_BLOB;
    if (!for_key && ((nullable && chance_one_in(4)) || (pointer && chance_one_in(300))))
        return (struct cell){.type = SQLITE_NULL};
    if (column->constant != NULL && !chance_one_in(60))
        return constant_cell(column);
    switch ((cleat_kind)column->column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: return random_integer();
    case CLEAT_KIND_BOOLEAN: return cell_integer((int64_t)chance_below(2));
    case CLEAT_KIND_REAL: return random_real();
    case CLEAT_KIND_TEXT: return random_text();
    case CLEAT_KIND_JSON: return random_json();
    case CLEAT_KIND_BLOB: return random_blob();
    case CLEAT_KIND_DATETIME: return random_datetime();
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: return random_id(column->column->kind);
    case CLEAT_KIND_ENUM: break;
    }
    return random_label(column->labels);
}

bool
value_unbindable(const struct column_model *column, const struct cell *cell)
{
    if (cell->type == SQLITE_FLOAT)
        return isnan(cell->real);
    return column->labels != NULL && cell->type == SQLITE_TEXT &&
           cleat_enum_label(column->labels, cell->label) == NULL;
}

bool
value_inconstant(const struct column_model *column, const struct cell *cell)
{
    return column->constant != NULL && cell->type == SQLITE_TEXT &&
           strcmp(cell->bytes, column->constant) != 0;
}

bool
value_unchecked(const struct column_model *column, const struct cell *cell)
{
    if (cell->type == SQLITE_NULL)
        return false;
    if (column->length > 0 && cell_length(cell) > column->length)
        return true;
    switch (column->column->kind) {
    case CLEAT_KIND_JSON:
        for (size_t i = 0; i < CLEAT_COUNT(no_json); i++)
            if (strcmp(cell->bytes, no_json[i]) == 0)
                return true;
        return false;
    case CLEAT_KIND_DATETIME:
        /* the one day in 10,000 years that SQLite's calendar takes for another one */
        return cell->size != 24 || strncmp(cell->bytes, "0300-03-01", 10) == 0;
    case CLEAT_KIND_ULID: return cell->size != 26;
    case CLEAT_KIND_UUID: return cell->size != 36;
    default: return false;
    }
}
