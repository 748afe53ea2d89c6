/* interpret_default.c: the argument of DEFAULT. It enters as text and leaves as a value that C can
 * assign and as the SQL that stands after DEFAULT, which mean the same. What is no literal is taken
 * as an SQL expression, whose value verify works out. Whether the value fits the column is the
 * business of rules. */
#include "interpret.h"

#include "common/arena.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct reading {
    struct column *column;
    struct default_value *value;
    const struct piece *piece;
    struct diag *diag;
};

/* Each kind of value has a reader, which returns false when the text is of another kind. */
typedef bool read_value(struct reading *reading, const char *text);

/* The text as SQL. Control characters, which would break a line of the snapshot or its look, are
 * written as char(n). */
static const char *
sql_string(const char *text)
{
    GString *sql = g_string_new(NULL);
    bool inside = false, computed = false;
    for (const char *at = text; *at != '\0'; at++) {
        bool control = g_ascii_iscntrl(*at);
        if (inside && control)
            g_string_append_c(sql, '\'');
        if (sql->len > 0 && !(inside && !control))
            g_string_append(sql, " || ");
        if (control)
            g_string_append_printf(sql, "char(%d)", *at);
        else
            g_string_append_printf(sql, "%s%s%c", inside ? "" : "'", *at == '\'' ? "'" : "", *at);
        inside = !control;
        computed = computed || control;
    }
    if (inside)
        g_string_append_c(sql, '\'');
    const char *copy = computed        ? arena_printf("(%s)", sql->str)
                       : *text == '\0' ? "''"
                                       : arena_string(sql->str);
    g_string_free(sql, TRUE);
    return copy;
}

static void
set_text(struct reading *reading, const char *text)
{
    reading->value->kind = DEFAULT_TEXT;
    reading->value->text = text;
    reading->value->sql = sql_string(text);
}

static void
set_integer(struct reading *reading, gint64 value)
{
    reading->value->kind = DEFAULT_INTEGER;
    reading->value->integer = value;
    reading->value->sql = arena_printf("%" G_GINT64_FORMAT, value);
    if (reading->column->type == TYPE_REAL) {
        reading->value->kind = DEFAULT_REAL;
        reading->value->real = (double)value;
        reading->value->sql = arena_printf("%s.0", reading->value->sql);
    }
}

/* ---- texts and blobs ---- */

static bool
read_c_string(struct reading *reading, const char *text)
{
    const char *value = NULL, *problem = NULL;
    if (*text != '"')
        return false;
    if (literal_decode(text, &value, &problem))
        set_text(reading, value);
    else
        diag_error(reading->diag, RULE_DEFAULT_VALUE, reading->piece->at, "the default %s",
                   problem);
    return true;
}

/* 'it''s', whole. */
static bool
read_sql_string(struct reading *reading, const char *text)
{
    if (*text != '\'')
        return false;
    GString *value = g_string_new(NULL);
    const char *at = text + 1;
    for (; *at != '\0'; at++) {
        if (*at == '\'' && at[1] != '\'')
            break;
        if (*at == '\'')
            at++;
        g_string_append_c(value, *at);
    }
    bool whole = *at == '\'' && at[1] == '\0';
    if (whole)
        set_text(reading, arena_string_n(value->str, value->len));
    g_string_free(value, TRUE);
    return whole;
}

static bool
read_blob(struct reading *reading, const char *text)
{
    if ((*text != 'X' && *text != 'x') || text[1] != '\'')
        return false;
    const char *digits = text + 2;
    gsize count = strspn(digits, "0123456789abcdefABCDEF");
    if (digits[count] != '\'' || digits[count + 1] != '\0')
        return false;
    if (count % 2 != 0) {
        diag_error(reading->diag, RULE_DEFAULT_VALUE, reading->piece->at,
                   "a blob has two hex digits per byte");
        return true;
    }
    reading->value->kind = DEFAULT_BLOB;
    reading->value->text = arena_string_n(digits, count);
    reading->value->sql = arena_printf("X'%s'", reading->value->text);
    return true;
}

/* ---- numbers ---- */

static const char *
skip_sign(const char *text)
{
    if (*text == '-' || *text == '+')
        text++;
    while (*text == ' ')
        text++;
    return text;
}

static bool
is_integer(const char *digits)
{
    bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    gsize length = hex ? 2 + strspn(digits + 2, "0123456789abcdefABCDEF")
                       : strspn(digits, "0123456789");
    return length > (hex ? 2 : 0) && digits[length + strspn(digits + length, "uUlL")] == '\0';
}

static bool
read_integer(struct reading *reading, const char *text)
{
    const char *digits = skip_sign(text);
    bool negative = *text == '-';
    if (!is_integer(digits))
        return false;
    if (digits[0] == '0' && g_ascii_isdigit(digits[1])) {
        diag_error(reading->diag, RULE_DEFAULT_VALUE, reading->piece->at,
                   "a number with a leading zero is octal in C and decimal in SQL");
        return true;
    }
    bool hex = digits[1] == 'x' || digits[1] == 'X';
    errno = 0;
    guint64 value = g_ascii_strtoull(digits, NULL, hex ? 16 : 10);
    guint64 limit = (guint64)G_MAXINT64 + (negative ? 1 : 0);
    if (errno == ERANGE || value > limit) {
        diag_error(reading->diag, RULE_DEFAULT_VALUE, reading->piece->at,
                   "the number does not fit 64 bits with a sign");
        return true;
    }
    set_integer(reading, negative ? (gint64)(0 - value) : (gint64)value);
    return true;
}

/* The length of 12.5e-3, .5 or 1e9; 0 when it has neither a point nor an exponent. */
static gsize
real_length(const char *text)
{
    gsize whole = strspn(text, "0123456789");
    gsize length = whole;
    gsize fraction = 0;
    bool real = false;
    if (text[length] == '.') {
        fraction = strspn(text + length + 1, "0123456789");
        length += 1 + fraction;
        real = true;
    }
    if (whole + fraction > 0 && (text[length] == 'e' || text[length] == 'E')) {
        gsize sign = text[length + 1] == '-' || text[length + 1] == '+' ? 1 : 0;
        gsize exponent = strspn(text + length + 1 + sign, "0123456789");
        if (exponent == 0)
            return 0;
        length += 1 + sign + exponent;
        real = true;
    }
    return real && whole + fraction > 0 ? length : 0;
}

static bool
read_real(struct reading *reading, const char *text)
{
    const char *digits = skip_sign(text);
    gsize length = real_length(digits);
    if (length == 0 || digits[length] != '\0')
        return false;
    double value = g_ascii_strtod(digits, NULL);
    if (isinf(value)) {
        diag_error(reading->diag, RULE_DEFAULT_VALUE, reading->piece->at,
                   "the number is too large for a real");
        return true;
    }
    reading->value->kind = DEFAULT_REAL;
    reading->value->real = *text == '-' ? -value : value;
    reading->value->sql = arena_printf("%s%s", *text == '-' ? "-" : "", digits);
    return true;
}

/* ---- names ---- */

static bool
read_constant(struct reading *reading, const char *text)
{
    if (g_ascii_strcasecmp(text, "true") == 0 || g_ascii_strcasecmp(text, "false") == 0) {
        set_integer(reading, g_ascii_tolower(*text) == 't');
        return true;
    }
    if (g_ascii_strcasecmp(text, "null") != 0)
        return false;
    reading->value->kind = DEFAULT_NULL;
    reading->value->sql = "NULL";
    return true;
}

static bool
read_enumerator(struct reading *reading, const char *text)
{
    const struct enumeration *enumeration = reading->column->enumeration;
    if (enumeration == NULL || !is_identifier(text))
        return false;
    GPtrArray *names = arena_list();
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators) {
        g_ptr_array_add(names, (char *)enumerator->name);
        if (strcmp(enumerator->name, text) != 0)
            continue;
        reading->value->kind = DEFAULT_LABEL;
        reading->value->enumerator = enumerator;
        reading->value->sql = sql_string(enumerator->label);
        return true;
    }
    g_ptr_array_add(names, NULL);
    diag_error(reading->diag, RULE_DEFAULT_VALUE, reading->piece->at,
               "'%s' is no enumerator of '%s'", text, enumeration->name);
    const char *nearest = diag_nearest(text, (const char *const *)names->pdata);
    if (nearest != NULL)
        diag_note(reading->diag, (struct location){0}, "did you mean '%s'?", nearest);
    return true;
}

static bool
read_name(struct reading *reading, const char *text)
{
    if (!is_identifier(text))
        return false;
    diag_error(reading->diag, RULE_DEFAULT_VALUE, reading->piece->at, "'%s' is no value", text);
    if (g_ascii_strncasecmp(text, "current_", strlen("current_")) == 0)
        diag_note(reading->diag, (struct location){0}, "the current time is DEFAULT_NOW");
    else
        diag_note(reading->diag, (struct location){0},
                  "a text is written \"%s\"; macros are not expanded in DEFAULT", text);
    return true;
}

static bool
read_expression(struct reading *reading, const char *text)
{
    reading->value->sql = arena_printf("(%s)", text);
    return true;
}

void
default_read(struct column *column, const struct piece *piece, struct diag *diag)
{
    static read_value *const readers[] = {read_c_string,   read_sql_string, read_blob,
                                          read_integer,    read_real,       read_constant,
                                          read_enumerator, read_name,       read_expression};
    column->default_value = (struct default_value){.at = piece->at};
    struct reading reading = {column, &column->default_value, piece, diag};
    for (gsize i = 0; i < G_N_ELEMENTS(readers); i++)
        if (readers[i](&reading, piece->text))
            return;
}
