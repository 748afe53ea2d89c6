/* json_write.c: writes JSON in one form only: equal values give equal bytes. Members of objects
 * are sorted by the bytes of their names; numbers are written as RFC 8785 has them for a double,
 * but keep every digit that they have; strings escape only what must be escaped. */
#include "json.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- strings ---- */

static void
put_escape(struct buffer *buffer, unsigned char c)
{
    static const char characters[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    char text[8] = {'\\'};
    const char *at = c == '\0' ? NULL : strchr(characters, c);
    if (at != NULL)
        text[1] = letters[at - characters];
    else
        snprintf(text, sizeof text, "\\u%04x", c);
    cleat_put(buffer, text);
}

void
cleat_json_put_string(struct buffer *buffer, const char *text, size_t length)
{
    const char *end = text + length;
    cleat_put(buffer, "\"");
    while (text < end) {
        const char *at = text;
        while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
            at++;
        cleat_put_bytes(buffer, text, (size_t)(at - text));
        if (at < end)
            put_escape(buffer, (unsigned char)*at++);
        text = at;
    }
    cleat_put(buffer, "\"");
}

/* ---- numbers ---- */

/* Writes `count` digits, those that the number does not have as zeros; moves on. */
static void
put_digits(struct buffer *buffer, const struct json_number *number, size_t *place,
           const char **digit, size_t count)
{
    for (size_t i = 0; i < count; i++, (*place)++) {
        if (*place >= number->count) {
            cleat_put(buffer, "0");
            continue;
        }
        *digit += **digit == '.';
        cleat_put_bytes(buffer, (*digit)++, 1);
    }
}

static void
put_number(struct buffer *buffer, const struct json_number *number)
{
    const char *digit = number->digits;
    size_t place = 0, count = number->count;
    int64_t point = number->point;
    cleat_put(buffer, number->negative ? "-" : "");
    if (count == 0) {
        cleat_put(buffer, "0");
    } else if (point > 21 || point <= -6) {
        char exponent[32];
        put_digits(buffer, number, &place, &digit, 1);
        cleat_put(buffer, count > 1 ? "." : "");
        put_digits(buffer, number, &place, &digit, count - 1);
        snprintf(exponent, sizeof exponent, "e%+" PRId64, point - 1);
        cleat_put(buffer, exponent);
    } else if (point <= 0) {
        cleat_put(buffer, "0.");
        cleat_put_bytes(buffer, "00000", (size_t)-point);
        put_digits(buffer, number, &place, &digit, count);
    } else {
        put_digits(buffer, number, &place, &digit, (size_t)point);
        if (count <= (size_t)point)
            return;
        cleat_put(buffer, ".");
        put_digits(buffer, number, &place, &digit, count - (size_t)point);
    }
}

/* The digits of a %e text, whatever the locale's point is, as a number without one. */
static void
write_plain(char *ret_text, size_t size, const char *scientific)
{
    size_t length = 0;
    int count = 0;
    for (; *scientific != 'e'; scientific++) {
        bool is_digit = *scientific >= '0' && *scientific <= '9';
        if (is_digit || *scientific == '-')
            ret_text[length++] = *scientific;
        count += is_digit;
    }
    snprintf(ret_text + length, size - length, "e%d",
             (int)strtol(scientific + 1, NULL, 10) - (count - 1));
}

void
cleat_json_put_real(struct buffer *buffer, double value)
{
    char text[64], plain[64];
    double size = value < 0 ? -value : value;
    if (value > DBL_MAX || value < -DBL_MAX) {
        cleat_put(buffer, value > 0 ? "9e999" : "-9e999");
        return;
    }
    /* numbers near zero have fewer digits */
    for (int digits = size < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        double again = strtod(text, NULL);
        /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): -0.0 is not 0.0 here */
        if (memcmp(&again, &value, sizeof value) == 0)
            break;
    }
    write_plain(plain, sizeof plain, text);
    struct json_number number = cleat_json_number(plain, strlen(plain));
    put_number(buffer, &number);
}

/* ---- objects ---- */

struct member {
    const char *text; /* its name with quotes, colon and value, in the canonical form */
    size_t length;
    size_t place;
};

struct members {
    struct member *items;
    size_t count, capacity;
};

/* Reads one byte of a canonical string; its end is less than every byte. */
static int
next_byte(const char **text)
{
    static const char letters[] = "bfnrt";
    static const char characters[] = "\b\f\n\r\t";
    const char *at = *text;
    if (*at == '"')
        return -1;
    if (*at != '\\') {
        *text = at + 1;
        return (unsigned char)*at;
    }
    *text = at + 2;
    const char *letter = strchr(letters, at[1]);
    if (letter != NULL)
        return characters[letter - letters];
    if (at[1] != 'u')
        return (unsigned char)at[1];
    *text = at + 6;
    return (int)strtol((char[]){at[4], at[5], '\0'}, NULL, 16);
}

static int
compare_members(const void *a, const void *b)
{
    const struct member *left = a, *right = b;
    const char *l = left->text + 1, *r = right->text + 1;
    for (;;) {
        int x = next_byte(&l), y = next_byte(&r);
        if (x != y)
            return x < y ? -1 : 1;
        if (x < 0)
            return left->place < right->place ? -1 : 1;
    }
}

static bool
add_member(struct members *members, size_t start, size_t length)
{
    if (members->count == members->capacity) {
        size_t capacity = members->capacity * 2 + 8;
        struct member *items = realloc(members->items, capacity * sizeof *items);
        if (items == NULL)
            return false;
        members->items = items;
        members->capacity = capacity;
    }
    members->items[members->count] = (struct member){NULL, length, start};
    members->count++;
    return true;
}

/* Puts the members, which are in the buffer from `start` on with commas between, into order. */
static bool
sort_members(struct buffer *buffer, size_t start, struct members *members)
{
    bool sorted = true;
    for (size_t i = 0; i < members->count; i++) {
        members->items[i].text = buffer->text + members->items[i].place;
        sorted = sorted &&
                 (i == 0 || compare_members(&members->items[i - 1], &members->items[i]) < 0);
    }
    if (sorted)
        return true;
    char *copy = malloc(buffer->size - start);
    if (copy == NULL)
        return false;
    qsort(members->items, members->count, sizeof *members->items, compare_members);
    char *to = copy;
    for (size_t i = 0; i < members->count; i++) {
        if (i > 0)
            *to++ = ',';
        memcpy(to, members->items[i].text, members->items[i].length);
        to += members->items[i].length;
    }
    memcpy(buffer->text + start, copy, (size_t)(to - copy));
    free(copy);
    return true;
}

/* ---- values ---- */

static bool put_value(struct buffer *buffer, struct json *json, char *scratch);

static void
put_string(struct buffer *buffer, struct json *json, char *scratch)
{
    size_t length = cleat_json_string(json, scratch);
    cleat_json_put_string(buffer, scratch, length);
}

static bool
put_member(struct buffer *buffer, struct json *json, char *scratch, struct members *members)
{
    size_t start = buffer->size;
    put_string(buffer, json, scratch);
    cleat_json_take(json, ':');
    cleat_put(buffer, ":");
    return put_value(buffer, json, scratch) && !buffer->failed &&
           add_member(members, start, buffer->size - start);
}

static bool
put_object(struct buffer *buffer, struct json *json, char *scratch)
{
    struct members members = {0};
    bool ok = true;
    cleat_json_take(json, '{');
    cleat_put(buffer, "{");
    size_t start = buffer->size;
    while (ok && !cleat_json_take(json, '}')) {
        if (cleat_json_take(json, ','))
            cleat_put(buffer, ",");
        ok = put_member(buffer, json, scratch, &members);
    }
    ok = ok && sort_members(buffer, start, &members);
    free(members.items);
    cleat_put(buffer, "}");
    return ok;
}

static bool
put_array(struct buffer *buffer, struct json *json, char *scratch)
{
    cleat_json_take(json, '[');
    cleat_put(buffer, "[");
    while (!cleat_json_take(json, ']')) {
        if (cleat_json_take(json, ','))
            cleat_put(buffer, ",");
        if (!put_value(buffer, json, scratch))
            return false;
    }
    cleat_put(buffer, "]");
    return true;
}

static bool
put_value(struct buffer *buffer, struct json *json, char *scratch)
{
    char first = cleat_json_peek(json);
    if (first == '{')
        return put_object(buffer, json, scratch);
    if (first == '[')
        return put_array(buffer, json, scratch);
    if (first == '"') {
        put_string(buffer, json, scratch);
        return true;
    }
    const char *text;
    size_t length = cleat_json_value(json, &text);
    struct json_number number = {.vast = true};
    if (first == '-' || (first >= '0' && first <= '9'))
        number = cleat_json_number(text, length);
    if (number.vast) /* a word, or a number that nothing calculates with */
        cleat_put_bytes(buffer, text, length);
    else
        put_number(buffer, &number);
    return true;
}

bool
cleat_json_put_canonical(struct buffer *buffer, const char *text, size_t length)
{
    struct json json = cleat_json_new(text, length);
    char *scratch = malloc(length + 1);
    if (scratch == NULL)
        return false;
    bool ok = put_value(buffer, &json, scratch) && !buffer->failed;
    free(scratch);
    return ok;
}
