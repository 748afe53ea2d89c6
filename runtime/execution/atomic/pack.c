/* pack.c: values of SQLite as bytes and back, for the rows of intents. The form is in atomic.h. */
#include "atomic.h"

#include <stdlib.h>

enum { PACKED_NULL, PACKED_INTEGER, PACKED_REAL, PACKED_TEXT, PACKED_BLOB };

static unsigned char *
grow(struct packed *packed, size_t count)
{
    if (packed->capacity - packed->size < count) {
        size_t capacity = packed->capacity == 0 ? 256 : packed->capacity;
        while (capacity - packed->size < count)
            capacity *= 2;
        unsigned char *larger = realloc(packed->bytes, capacity);
        if (larger == NULL)
            return NULL;
        packed->bytes = larger;
        packed->capacity = capacity;
    }
    packed->size += count;
    return packed->bytes + packed->size - count;
}

static void
put_number(unsigned char *bytes, uint64_t number, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
}

static uint64_t
get_number(const unsigned char *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

static bool
pack_number(struct packed *packed, unsigned char type, uint64_t number)
{
    unsigned char *bytes = grow(packed, 9);
    if (bytes == NULL)
        return false;
    bytes[0] = type;
    put_number(bytes + 1, number, 8);
    return true;
}

static bool
pack_bytes(struct packed *packed, unsigned char type, const void *from, size_t size)
{
    unsigned char *bytes = grow(packed, 5 + size);
    if (bytes == NULL)
        return false;
    bytes[0] = type;
    put_number(bytes + 1, size, 4);
    if (size > 0)
        memcpy(bytes + 5, from, size);
    return true;
}

bool
cleat_pack(struct packed *packed, sqlite3_value *value)
{
    uint64_t bits;
    double real;
    unsigned char *bytes;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        return pack_number(packed, PACKED_INTEGER, (uint64_t)sqlite3_value_int64(value));
    case SQLITE_FLOAT:
        real = sqlite3_value_double(value);
        memcpy(&bits, &real, sizeof bits);
        return pack_number(packed, PACKED_REAL, bits);
    case SQLITE_TEXT: {
        const void *text = sqlite3_value_text(value);
        return text != NULL &&
               pack_bytes(packed, PACKED_TEXT, text, (size_t)sqlite3_value_bytes(value));
    }
    case SQLITE_BLOB: {
        size_t size = (size_t)sqlite3_value_bytes(value);
        const void *blob = sqlite3_value_blob(value);
        return (blob != NULL || size == 0) && pack_bytes(packed, PACKED_BLOB, blob, size);
    }
    default:
        bytes = grow(packed, 1);
        if (bytes != NULL)
            bytes[0] = PACKED_NULL;
        return bytes != NULL;
    }
}

bool
cleat_pack_text(struct packed *packed, const char *text)
{
    return pack_bytes(packed, PACKED_TEXT, text, strlen(text));
}

/* Binds one value; *ret_used is how many bytes it has. */
static int
bind_one(const unsigned char *bytes, size_t size, sqlite3_stmt *handle, int place, size_t *ret_used)
{
    double real;
    uint64_t number;
    unsigned char type = bytes[0];
    if (type == PACKED_NULL) {
        *ret_used = 1;
        return sqlite3_bind_null(handle, place);
    }
    bool counted = type == PACKED_TEXT || type == PACKED_BLOB;
    size_t head = counted ? 5 : 9;
    if (type > PACKED_BLOB || size < head)
        return SQLITE_CORRUPT;
    number = get_number(bytes + 1, head - 1);
    *ret_used = counted ? head + (size_t)number : head;
    if (size < *ret_used)
        return SQLITE_CORRUPT;
    if (type == PACKED_INTEGER)
        return sqlite3_bind_int64(handle, place, (int64_t)number);
    if (type == PACKED_TEXT)
        return sqlite3_bind_text64(handle, place, (const char *)bytes + 5, number, SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    if (type == PACKED_BLOB)
        return sqlite3_bind_blob64(handle, place, bytes + 5, number, SQLITE_TRANSIENT);
    memcpy(&real, &number, sizeof real);
    return sqlite3_bind_double(handle, place, real);
}

int
cleat_unpack(const unsigned char *bytes, size_t size, sqlite3_stmt *handle)
{
    int count = sqlite3_bind_parameter_count(handle);
    for (int place = 1; place <= count; place++) {
        size_t used = 0;
        if (size == 0)
            return SQLITE_CORRUPT;
        int rc = bind_one(bytes, size, handle, place, &used);
        if (rc != SQLITE_OK)
            return rc;
        bytes += used;
        size -= used;
    }
    return size == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}

bool
cleat_unpack_text(const unsigned char **bytes, size_t *size, const char **ret_text,
                  size_t *ret_length)
{
    if (*size < 5 || (*bytes)[0] != PACKED_TEXT)
        return false;
    size_t length = (size_t)get_number(*bytes + 1, 4);
    if (*size - 5 < length)
        return false;
    *ret_text = (const char *)*bytes + 5;
    *ret_length = length;
    *bytes += 5 + length;
    *size -= 5 + length;
    return true;
}
