/* json.c: reads JSON as RFC 8259 has it. Any bytes enter; a text is first checked as a whole, and
 * only then read again piece by piece, so that the reading functions need not fail. Refused beyond
 * the grammar: more than CLEAT_JSON_DEPTH_MAX levels, bytes that are no UTF-8, and halves of
 * surrogate pairs. Numbers stay the digits that they are. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- UTF-8 ---- */

/* The length of the character at `text`, 0 when it is none. `left` is at least 1. */
static size_t
character_length(const unsigned char *text, size_t left)
{
    unsigned char first = text[0];
    if (first < 0x80)
        return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (first == 0xE0 && text[1] < 0xA0) || (first == 0xF0 && text[1] < 0x90);
    bool beyond = (first == 0xED && text[1] > 0x9F) || (first == 0xF4 && text[1] > 0x8F);
    return overlong || beyond ? 0 : length;
}

bool
cleat_utf8_valid(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    while (length > 0) {
        size_t size = character_length(at, length);
        if (size == 0)
            return false;
        at += size;
        length -= size;
    }
    return true;
}

static char *
put_character(char *to, unsigned code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xE0 | code >> 12);
        } else {
            *to++ = (char)(0xF0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (code & 0x3F));
    return to;
}

/* ---- pieces ---- */

struct json
cleat_json_new(const char *text, size_t length)
{
    return (struct json){.start = text, .at = text, .end = text + length};
}

char
cleat_json_peek(struct json *json)
{
    while (json->at < json->end &&
           (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r'))
        json->at++;
    return json->at < json->end ? *json->at : '\0';
}

bool
cleat_json_take(struct json *json, char c)
{
    if (c == '\0' || cleat_json_peek(json) != c)
        return false;
    json->at++;
    return true;
}

static bool
fail(struct json *json, const char *fault)
{
    json->fault = fault;
    return false;
}

static bool
is_digit(const struct json *json)
{
    return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

static bool
skip_digits(struct json *json)
{
    if (!is_digit(json))
        return fail(json, "a digit is missing");
    while (is_digit(json))
        json->at++;
    return true;
}

static bool
is_at(const struct json *json, const char *characters)
{
    return json->at < json->end && *json->at != '\0' && strchr(characters, *json->at) != NULL;
}

static bool
check_number(struct json *json)
{
    if (is_at(json, "-"))
        json->at++;
    if (is_at(json, "0"))
        json->at++;
    else if (!skip_digits(json))
        return false;
    if (is_digit(json))
        return fail(json, "a number begins with a zero too many");
    if (is_at(json, ".")) {
        json->at++;
        if (!skip_digits(json))
            return false;
    }
    if (!is_at(json, "eE"))
        return true;
    json->at++;
    if (is_at(json, "+-"))
        json->at++;
    return skip_digits(json);
}

/* Four hexadecimal digits, -1 when they are not there. */
static int
read_hex(const char *at, const char *end)
{
    int value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            value = value * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* Reads what follows a backslash and u, with the other half of a pair. -1 for no character. */
static int
read_code(const char **at, const char *end)
{
    int code = read_hex(*at, end);
    if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF))
        return -1;
    *at += 4;
    if (code < 0xD800 || code > 0xDFFF)
        return code;
    if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return -1;
    int low = read_hex(*at + 2, end);
    if (low < 0xDC00 || low > 0xDFFF)
        return -1;
    *at += 6;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static bool
check_escape(struct json *json)
{
    if (is_at(json, "\"\\/bfnrt")) {
        json->at++;
        return true;
    }
    if (!is_at(json, "u"))
        return fail(json, "a backslash is followed by what it cannot be");
    const char *at = json->at + 1;
    if (read_code(&at, json->end) < 0)
        return fail(json, "\\u is not followed by a character");
    json->at = at;
    return true;
}

static bool
check_string(struct json *json)
{
    for (json->at++; json->at < json->end;) {
        unsigned char c = (unsigned char)*json->at;
        if (c == '"') {
            json->at++;
            return true;
        }
        if (c < 0x20)
            return fail(json, "a string contains a control character");
        if (c == '\\') {
            json->at++;
            if (!check_escape(json))
                return false;
            continue;
        }
        size_t size = character_length((const unsigned char *)json->at,
                                       (size_t)(json->end - json->at));
        if (size == 0)
            return fail(json, "a string is not UTF-8");
        json->at += size;
    }
    return fail(json, "a string has no end");
}

static bool
check_word(struct json *json, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
        return fail(json, "this is no value");
    json->at += length;
    return true;
}

/* ---- values ---- */

static bool check_value(struct json *json);

static bool
check_member(struct json *json)
{
    bool outermost = json->depth == 1;
    if (cleat_json_peek(json) != '"')
        return fail(json, "the name of a member is missing");
    const char *name = json->at;
    if (!check_string(json))
        return false;
    if (!cleat_json_take(json, ':'))
        return fail(json, "a colon is missing");
    if (outermost)
        json->member = name;
    if (!check_value(json))
        return false;
    if (outermost)
        json->member = NULL;
    return true;
}

static bool
check_list(struct json *json, char close, bool (*check)(struct json *json))
{
    if (++json->depth > CLEAT_JSON_DEPTH_MAX)
        return fail(json, "there are too many levels");
    json->at++;
    if (!cleat_json_take(json, close)) {
        do {
            if (!check(json))
                return false;
        } while (cleat_json_take(json, ','));
        if (!cleat_json_take(json, close))
            return fail(json, "a comma or closing bracket is missing");
    }
    json->depth--;
    return true;
}

static bool
check_value(struct json *json)
{
    switch (cleat_json_peek(json)) {
    case '{': return check_list(json, '}', check_member);
    case '[': return check_list(json, ']', check_value);
    case '"': return check_string(json);
    case 't': return check_word(json, "true");
    case 'f': return check_word(json, "false");
    case 'n': return check_word(json, "null");
    default: break;
    }
    if (!is_digit(json) && !is_at(json, "-"))
        return fail(json, json->at == json->end ? "the text ends too early" : "this is no value");
    return check_number(json);
}

bool
cleat_json_check(struct json *json)
{
    if (!check_value(json))
        return false;
    cleat_json_peek(json);
    if (json->at != json->end)
        return fail(json, "something follows the end");
    return true;
}

/* ---- reading what has been checked ---- */

size_t
cleat_json_value(struct json *json, const char **ret_value)
{
    cleat_json_peek(json);
    *ret_value = json->at;
    check_value(json);
    return (size_t)(json->at - *ret_value);
}

size_t
cleat_json_string(struct json *json, char *ret_text)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char *to = ret_text;
    cleat_json_peek(json);
    for (json->at++; *json->at != '"';) {
        if (*json->at != '\\') {
            *to++ = *json->at++;
        } else if (json->at[1] != 'u') {
            *to++ = meanings[strchr(escapes, json->at[1]) - escapes];
            json->at += 2;
        } else {
            json->at += 2;
            to = put_character(to, (unsigned)read_code(&json->at, json->end));
        }
    }
    json->at++;
    return (size_t)(to - ret_text);
}

/* ---- numbers ---- */

/* The exponent behind e, kept within what can be added to. */
static int64_t
read_exponent(const char *at, const char *end, bool *ret_vast)
{
    bool negative = *at == '-';
    int64_t value = 0;
    if (*at == '-' || *at == '+')
        at++;
    for (; at < end; at++) {
        if (value < INT64_C(1000000000000000))
            value = value * 10 + (*at - '0');
        else
            *ret_vast = true;
    }
    return negative ? -value : value;
}

struct json_number
cleat_json_number(const char *text, size_t length)
{
    struct json_number number = {text, 0, 0, *text == '-', false};
    const char *end = text + length;
    bool past_point = false;
    size_t zeros = 0; /* since the last other digit */
    const char *at = text + number.negative;
    for (; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            past_point = true;
            continue;
        }
        number.point += !past_point;
        if (*at != '0') {
            if (number.count == 0) {
                number.digits = at;
                number.point -= (int64_t)zeros;
                zeros = 0;
            }
            number.count += zeros + 1;
            zeros = 0;
        } else {
            zeros++;
        }
    }
    if (number.count == 0)
        return (struct json_number){text, 0, 0, false, false};
    if (at < end)
        number.point += read_exponent(at + 1, end, &number.vast);
    return number;
}

bool
cleat_json_integer(const struct json_number *number, int64_t *ret_value)
{
    uint64_t value = 0;
    const char *at = number->digits;
    if (number->vast || number->point > 19 || number->point < (int64_t)number->count)
        return false;
    for (size_t i = 0; i < (size_t)number->point; i++) {
        value *= 10;
        if (i >= number->count)
            continue;
        at += *at == '.';
        value += (uint64_t)(*at++ - '0');
    }
    if (value > (uint64_t)INT64_MAX + number->negative)
        return false;
    if (number->negative)
        *ret_value = value == 0 ? 0 : -(int64_t)(value - 1) - 1;
    else
        *ret_value = (int64_t)value;
    return true;
}

/* Written without a point, because strtod() asks the locale for it. A double is decided by its
 * first 768 digits and whether others follow. */
double
cleat_json_real(const struct json_number *number)
{
    enum { DIGITS = 780 };
    char text[DIGITS + 32];
    size_t size = 0;
    const char *at = number->digits;
    if (number->count == 0)
        return 0.0;
    int64_t point = number->point > 9999 ? 9999 : number->point < -9999 ? -9999 : number->point;
    if (number->negative)
        text[size++] = '-';
    size_t count = number->count < DIGITS ? number->count : DIGITS;
    for (size_t i = 0; i < count; i++) {
        at += *at == '.';
        text[size++] = *at++;
    }
    if (count < number->count)
        text[size - 1] |= 1; /* an odd digit is no half of anything */
    snprintf(text + size, sizeof text - size, "e%d", (int)(point - (int64_t)count));
    return strtod(text, NULL);
}
