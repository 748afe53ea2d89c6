/* json.h: JSON as the runtime reads and writes it (RFC 8259): a reader that goes over a text once,
 * and the pieces of the canonical form. Nothing here knows rows. */
#ifndef CLEAT_JSON_H
#define CLEAT_JSON_H

#include "sql_put.h"

/* A place in a text. After a fault `fault` says what is wrong at `at`; when that is in the value of
 * a member of the outermost object, `member` is the member's name in the text, with its quotes. */
struct json {
    const char *start, *at, *end;
    unsigned depth;
    const char *fault;
    const char *member;
};

/* Whether bytes are UTF-8, without surrogates and overlong forms. */
bool cleat_utf8_valid(const char *text, size_t length);

struct json cleat_json_new(const char *text, size_t length);

/* Whether the text is one value, and nothing else but blanks. The reader stays where the fault
 * is. */
bool cleat_json_check(struct json *json);

/* The rest is for texts that have been checked. */

/* The next character that is no blank, '\0' at the end; it is not taken. */
char cleat_json_peek(struct json *json);

/* Takes one character, when it is next. */
bool cleat_json_take(struct json *json, char c);

/* Takes a value; returns its length, and where it begins. */
size_t cleat_json_value(struct json *json, const char **ret_value);

/* Takes a string. `ret_text` has room for as many bytes as the string has in the source; it gets
 * no NUL at its end, and may get some inside. Returns the length. */
size_t cleat_json_string(struct json *json, char *ret_text);

/* The digits of a number without zeros at their ends, and its size: 0.d1d2d3… times 10^point.
 * Zero has no digits. */
struct json_number {
    const char *digits; /* may have a point inside, which does not count */
    size_t count;
    int64_t point;
    bool negative;
    bool vast; /* its exponent is too large to calculate with */
};

struct json_number cleat_json_number(const char *text, size_t length);
bool cleat_json_integer(const struct json_number *number, int64_t *ret_value);
double cleat_json_real(const struct json_number *number);

/* ---- writing the canonical form ---- */

/* A string with quotes; `text` is UTF-8. */
void cleat_json_put_string(struct buffer *buffer, const char *text, size_t length);

/* The shortest digits that give exactly this value; infinities as 9e999. Not for NaN. */
void cleat_json_put_real(struct buffer *buffer, double value);

/* A checked text: keys sorted by their bytes, no blanks, numbers without needless digits but with
 * all others. Returns false when memory ran out. */
bool cleat_json_put_canonical(struct buffer *buffer, const char *text, size_t length);

#endif
