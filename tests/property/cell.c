/* cell.c: single values: making, copying, and comparing them, exactly and as SQL does. */
#include "property.h"

#include <ctype.h>
#include <stdlib.h>

struct cell
cell_integer(int64_t integer)
{
    return (struct cell){.type = SQLITE_INTEGER, .integer = integer};
}

struct cell
cell_real(double real)
{
    return (struct cell){.type = SQLITE_FLOAT, .real = real};
}

struct cell
cell_bytes(int type, const void *bytes, size_t size)
{
    struct cell cell = {.type = type, .size = size};
    cell.bytes = malloc(size + 1);
    EXPECT(cell.bytes != NULL, "out of memory");
    if (size > 0)
        memcpy(cell.bytes, bytes, size);
    cell.bytes[size] = '\0';
    return cell;
}

struct cell
cell_text(const char *text)
{
    return cell_bytes(SQLITE_TEXT, text, strlen(text));
}

struct cell
cell_copy(const struct cell *cell)
{
    struct cell copy = *cell;
    copy.hash = 0;
    if (cell->bytes == NULL)
        return copy;
    copy = cell_bytes(cell->type, cell->bytes, cell->size);
    copy.label = cell->label;
    return copy;
}

void
cell_clear(struct cell *cell)
{
    free(cell->bytes);
    *cell = (struct cell){.type = SQLITE_NULL};
}

bool
cell_same(const struct cell *one, const struct cell *other)
{
    if (one->type != other->type)
        return false;
    if (one->type == SQLITE_INTEGER)
        return one->integer == other->integer;
    if (one->type == SQLITE_FLOAT)
        return memcmp(&one->real, &other->real, sizeof one->real) == 0;
    return one->size == other->size &&
           (one->size == 0 || memcmp(one->bytes, other->bytes, one->size) == 0);
}

static size_t
size_of(const struct cell *cell, enum collation collation)
{
    size_t size = cell->size;
    while (collation == RTRIM && size > 0 && cell->bytes[size - 1] == ' ')
        size--;
    return size;
}

static int
fold(char byte, enum collation collation)
{
    int value = (unsigned char)byte;
    return collation == NOCASE && value < 128 ? tolower(value) : value;
}

static int
compare_bytes(const struct cell *one, const struct cell *other, enum collation collation)
{
    size_t size = size_of(one, collation), other_size = size_of(other, collation);
    for (size_t i = 0; i < size && i < other_size; i++) {
        int difference = fold(one->bytes[i], collation) - fold(other->bytes[i], collation);
        if (difference != 0)
            return difference;
    }
    return (size > other_size) - (size < other_size);
}

int
cell_compare(const struct cell *one, const struct cell *other, enum collation collation)
{
    if (one->type != other->type)
        return one->type == SQLITE_NULL ? -1 : other->type == SQLITE_NULL ? 1 : 0;
    switch (one->type) {
    case SQLITE_NULL: return 0;
    case SQLITE_INTEGER: return (one->integer > other->integer) - (one->integer < other->integer);
    case SQLITE_FLOAT: return (one->real > other->real) - (one->real < other->real);
    default: return compare_bytes(one, other, collation);
    }
}

uint32_t
cell_hash(const struct cell *cell)
{
    uint64_t hash = 1469598103934665603u;
    size_t size = size_of(cell, RTRIM);
    double real = cell->real + 0.0; /* zero has no sign */
    if (cell->type == SQLITE_INTEGER)
        hash ^= (uint64_t)cell->integer;
    else if (cell->type == SQLITE_FLOAT)
        memcpy(&hash, &real, sizeof hash);
    for (size_t i = 0; (cell->type == SQLITE_TEXT || cell->type == SQLITE_BLOB) && i < size; i++)
        hash = (hash ^ (uint64_t)fold(cell->bytes[i], NOCASE)) * 1099511628211u;
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(hash >> 32) | 1;
}

size_t
cell_length(const struct cell *cell)
{
    size_t count = 0;
    if (cell->type != SQLITE_TEXT)
        return cell->size;
    for (size_t i = 0; i < cell->size; count++) {
        bool begins = (unsigned char)cell->bytes[i++] >= 0xc0;
        while (begins && i < cell->size && ((unsigned char)cell->bytes[i] & 0xc0) == 0x80)
            i++;
    }
    return count;
}
