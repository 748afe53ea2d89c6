/* names.c: names of the schema enter, names in C and SQL leave. The same name always leaves for the
 * same input, with every version of SQLite: the keywords are listed here, because
 * sqlite3_keyword_check() answers for the version it was linked with and generated text must not
 * differ between machines. */
#include "names.h"

#include "common/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */

/* Sorted, for bsearch. Keywords of C and C++, macros of the standard headers and of Qt without
 * arguments, types that rows use, and the row's own member. */
static const char *const c_words[] = {
    "EOF", "FALSE", "NULL", "TRUE", "alignas", "alignof", "and", "and_eq", "asm", "assert", "auto",
    "bitand", "bitor", "bool", "break", "case", "catch", "char", "char16_t", "char32_t", "char8_t",
    "class", "co_await", "co_return", "co_yield", "compl", "complex", "concept", "const",
    "const_cast", "consteval", "constexpr", "constinit", "continue", "contract_assert", "decltype",
    "default", "delete", "do", "double", "dynamic_cast", "else", "emit", "enum", "errno",
    "explicit", "export", "extern", "false", "float", "for", "foreach", "forever", "fortran",
    "friend", "goto", "i386", "if", "imaginary", "inline", "int", "int16_t", "int32_t", "int64_t",
    "int8_t", "intmax_t", "intptr_t", "linux", "long", "mutable", "namespace", "new", "noexcept",
    "noreturn", "not", "not_eq", "nullptr", "offsetof", "operator", "or", "or_eq", "owned",
    "private", "protected", "ptrdiff_t", "public", "register", "reinterpret_cast", "requires",
    "restrict", "return", "short", "signals", "signed", "size_t", "sizeof", "slots", "st_atime",
    "st_ctime", "st_mtime", "static", "static_assert", "static_cast", "stderr", "stdin", "stdout",
    "struct", "switch", "template", "this", "thread_local", "throw", "true", "try", "typedef",
    "typeid", "typename", "typeof", "typeof_unqual", "uint16_t", "uint32_t", "uint64_t", "uint8_t",
    "uintmax_t", "uintptr_t", "union", "unix", "unsigned", "using", "virtual", "void", "volatile",
    "wchar_t", "while", "xor", "xor_eq",
};

/* Sorted. What a generated function already has: its own parameters and its local variable, and
 * global variables of <time.h>, <unistd.h> and <math.h>, which -Wshadow compares with
 * parameters. */
static const char *const taken_parameters[] = {
    "column", "count", "daylight", "environ", "key", "limit", "mode", "optarg", "opterr", "optind",
    "optopt", "ret_count", "ret_cursor", "ret_row", "ret_rows", "ret_stream", "row", "s", "side",
    "signgam", "size", "timezone", "tzname", "values",
};

/* Sorted. */
static const char *const sql_words[] = {
    "abort", "action", "add", "after", "all", "alter", "always", "analyze", "and", "as", "asc",
    "attach", "autoincrement", "before", "begin", "between", "by", "cascade", "case", "cast",
    "check", "collate", "column", "commit", "conflict", "constraint", "create", "cross", "current",
    "current_date", "current_time", "current_timestamp", "database", "default", "deferrable",
    "deferred", "delete", "desc", "detach", "distinct", "do", "drop", "each", "else", "end",
    "escape", "except", "exclude", "exclusive", "exists", "explain", "fail", "false", "filter",
    "first", "following", "for", "foreign", "from", "full", "generated", "glob", "group", "groups",
    "having", "if", "ignore", "immediate", "in", "index", "indexed", "initially", "inner", "insert",
    "instead", "intersect", "into", "is", "isnull", "join", "key", "last", "left", "like", "limit",
    "match", "materialized", "natural", "no", "not", "nothing", "notnull", "null", "nulls", "of",
    "offset", "on", "or", "order", "others", "outer", "over", "partition", "plan", "pragma",
    "preceding", "primary", "query", "raise", "range", "recursive", "references", "regexp",
    "reindex", "release", "rename", "replace", "restrict", "returning", "right", "rollback", "row",
    "rows", "savepoint", "select", "set", "table", "temp", "temporary", "then", "ties", "to",
    "transaction", "trigger", "true", "unbounded", "union", "unique", "update", "using", "vacuum",
    "values", "view", "virtual", "when", "where", "window", "with", "within", "without",
};

/* clang-format on */

static int
compare_words(const void *word, const void *entry)
{
    return strcmp(word, *(const char *const *)entry);
}

static bool
is_word_of(const char *word, const char *const *words, gsize count)
{
    return bsearch(word, words, count, sizeof(*words), compare_words) != NULL;
}

/* ---- joining ---- */

const char *
name_join(const char *first, ...)
{
    va_list rest;
    gsize length = strlen(first);
    va_start(rest, first);
    for (const char *text = va_arg(rest, const char *); text != NULL;
         text = va_arg(rest, const char *))
        length += strlen(text);
    va_end(rest);

    char *joined = arena_alloc(length + 1);
    char *end = g_stpcpy(joined, first);
    va_start(rest, first);
    for (const char *text = va_arg(rest, const char *); text != NULL;
         text = va_arg(rest, const char *))
        end = g_stpcpy(end, text);
    va_end(rest);
    return joined;
}

const char *
name_upper(const char *name)
{
    char *upper = arena_string(name);
    for (char *at = upper; *at != '\0'; at++)
        *at = g_ascii_toupper(*at);
    return upper;
}

/* ---- C ---- */

const char *
name_member(const char *column)
{
    return is_word_of(column, c_words, G_N_ELEMENTS(c_words)) ? name_join(column, "_", NULL)
                                                              : column;
}

const char *
name_parameter(const struct column *column)
{
    return is_word_of(column->member, taken_parameters, G_N_ELEMENTS(taken_parameters))
               ? name_join(column->member, "_", NULL)
               : column->member;
}

const char *
name_prefix(const struct table *table)
{
    return name_join(table->database->name, "_", table->name, NULL);
}

/* core/database and core_database must differ, so a slash is __, and what is no lower-case letter,
 * digit or single underscore is its code in hexadecimal. */
const char *
name_guard(const struct module *module)
{
    GString *guard = g_string_new("CLEAT_GENERATED_");
    char before = '_';
    for (const char *at = module->path; *at != '\0'; at++) {
        bool plain = g_ascii_islower(*at) || g_ascii_isdigit(*at) || (*at == '_' && before != '_');
        if (plain)
            g_string_append_c(guard, g_ascii_toupper(*at));
        else if (*at == '/')
            g_string_append(guard, "__");
        else
            g_string_append_printf(guard, "x%02x", (unsigned)(guchar)*at);
        before = *at;
    }
    const char *name = name_join(guard->str, "_H", NULL);
    g_string_free(guard, TRUE);
    return name;
}

const char *
name_enumeration(const struct enumeration *enumeration)
{
    return enumeration->is_typedef ? enumeration->name
                                   : name_join("enum ", enumeration->name, NULL);
}

/* A member or parameter with the name of a typedef hides it, in C++ in the whole row. The tag can
 * always be reached. */
static bool
is_hidden(const struct column *column)
{
    FOR_EACH(struct column, other, column->table->columns)
        if (strcmp(other->member, column->enumeration->name) == 0)
            return true;
    return false;
}

const char *
name_c_type(const struct column *column)
{
    if (column->distinct != NULL)
        return name_join("struct ", column->distinct->name, " ", NULL);
    switch (column->type) {
    case TYPE_BOOLEAN: return "bool ";
    case TYPE_REAL: return "double ";
    case TYPE_BLOB: return "cleat_blob ";
    case TYPE_INTEGER:
    case TYPE_TIMESTAMP: return "int64_t ";
    case TYPE_ENUM:
        if (is_hidden(column))
            return name_join("enum ", column->enumeration->name, " ", NULL);
        return name_join(name_enumeration(column->enumeration), " ", NULL);
    default: return "const char *";
    }
}

/* Ids are passed by their addresses, as texts are. */
const char *
name_item_type(const struct column *column)
{
    const char *type = name_c_type(column);
    if (column->distinct != NULL && name_array_size(column->type) > 0)
        return name_join("const ", type, "*const ", NULL);
    return type[strlen(type) - 1] == '*' ? name_join(type, "const ", NULL)
                                         : name_join("const ", type, NULL);
}

const char *
name_distinct_member(enum column_type type)
{
    return strcmp(sql_type(type), "TEXT") == 0 ? "text" : "value";
}

const char *
name_value(const struct column *column)
{
    if (column->distinct == NULL)
        return column->member;
    return name_join(column->member, ".", name_distinct_member(column->type), NULL);
}

unsigned
name_array_size(enum column_type type)
{
    switch (type) {
    case TYPE_DATETIME: return 25;
    case TYPE_ULID: return 27;
    case TYPE_UUID: return 37;
    default: return 0;
    }
}

bool
name_has_flag(const struct column *column)
{
    return !column->not_null && column->type != TYPE_TEXT && column->type != TYPE_JSON &&
           column->type != TYPE_BLOB;
}

/* ---- SQL ---- */

const char *
sql_type(enum column_type type)
{
    switch (type) {
    case TYPE_INTEGER:
    case TYPE_BOOLEAN:
    case TYPE_TIMESTAMP: return "INTEGER";
    case TYPE_REAL: return "REAL";
    case TYPE_BLOB: return "BLOB";
    default: return "TEXT";
    }
}

static bool
is_plain(const char *name)
{
    if (!g_ascii_islower(*name) && *name != '_')
        return false;
    for (const char *at = name; *at != '\0'; at++)
        if (!g_ascii_islower(*at) && !g_ascii_isdigit(*at) && *at != '_')
            return false;
    return !is_word_of(name, sql_words, G_N_ELEMENTS(sql_words));
}

static const char *
quote(const char *text, char mark)
{
    char *quoted = arena_alloc(2 * strlen(text) + 3);
    char *to = quoted;
    *to++ = mark;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == mark)
            *to++ = mark;
        *to++ = *from;
    }
    *to = mark;
    return quoted;
}

const char *
sql_quote_name(const char *name)
{
    if (is_plain(name))
        return name;
    return quote(name, '"');
}

const char *
sql_quote_text(const char *text)
{
    return quote(text, '\'');
}
