/* parse_errors.c: clang's errors about a schema file, said in the words of the schema language.
 *
 * clang sees a misspelt NOT_NULL as a missing semicolon. So the place of its error leads to the
 * word that stands there, and the word decides: known or not, with or without arguments. What
 * remains is passed on as clang says it. */
#include "parse.h"

#include "common/arena.h"

#include <string.h>

static const char *const c_keywords[] = {
    "auto",     "break",  "case",   "char",     "const",    "continue", "default",  "do",
    "double",   "else",   "enum",   "extern",   "float",    "for",      "goto",     "if",
    "inline",   "int",    "long",   "register", "restrict", "return",   "short",    "signed",
    "sizeof",   "static", "struct", "switch",   "typedef",  "union",    "unsigned", "void",
    "volatile", "while",  "typeof", "asm",      NULL};

static const char *const type_words[] = {"integer",   "boolean",  "real", "text", "json", "blob",
                                         "timestamp", "datetime", "ulid", "uuid", "enum", NULL};

/* ---- reading on from a place ---- */

static char
char_at(const struct location *at, unsigned offset)
{
    return offset < at->source->length ? at->source->text[offset] : '\0';
}

/* The word at a place or behind the blanks that follow it on the line. */
static struct location
word_at(struct location at)
{
    unsigned skip = 0;
    while (char_at(&at, at.offset + skip) == ' ' || char_at(&at, at.offset + skip) == '\t')
        skip++;
    struct location word = diag_part(at, skip, 1);
    unsigned length = parse_word_length(&word);
    word.length = length > 0 ? length : 1;
    return word;
}

static const char *
text_of(const struct location *at)
{
    if (at->offset + at->length > at->source->length)
        return "";
    return arena_string_n(at->source->text + at->offset, at->length);
}

static char
next_char(const struct location *word)
{
    unsigned offset = word->offset + word->length;
    while (g_ascii_isspace(char_at(word, offset)))
        offset++;
    return char_at(word, offset);
}

static bool
contains(const char *const *list, const char *word)
{
    for (; *list != NULL; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

static bool
is_word_of_language(const struct parse *parse, const char *text)
{
    bool takes_arguments;
    return words_find(parse->words, text, &takes_arguments);
}

/* ---- one error ---- */

static void
suggest(struct parse *parse, const char *word, const char *const *words)
{
    const char *nearest = diag_nearest(word, words);
    if (nearest != NULL)
        diag_note(parse->diag, (struct location){0}, "did you mean '%s'?", nearest);
}

static void
report_unknown_word(struct parse *parse, struct location at, const char *word)
{
    diag_error(parse->diag, RULE_UNKNOWN_WORD, at, "unknown word '%s'", word);
    suggest(parse, word, words_names(parse->words));
}

static void
report_arguments(struct parse *parse, struct location at, const char *word, bool takes)
{
    if (takes)
        diag_error(parse->diag, RULE_WORD_ARGUMENTS, at, "'%s' needs arguments: %s(…)", word, word);
    else
        diag_error(parse->diag, RULE_WORD_ARGUMENTS, at, "'%s' takes no arguments", word);
}

/* The word that ends right before a place, past blanks. */
static struct location
word_before(struct location at)
{
    unsigned end = at.offset;
    while (end > 0 && (char_at(&at, end - 1) == ' ' || char_at(&at, end - 1) == '\t'))
        end--;
    unsigned start = end;
    while (start > 0 &&
           (g_ascii_isalnum(char_at(&at, start - 1)) || char_at(&at, start - 1) == '_'))
        start--;
    if (start == end || at.column <= at.offset - start)
        return at;
    at.column -= at.offset - start;
    at.offset = start;
    at.length = end - start;
    return at;
}

/* clang wants a semicolon: something it does not know stands there instead. */
static void
report_expected_end(struct parse *parse, struct location at)
{
    struct location word = word_at(at);
    const char *text = text_of(&word);
    bool takes = false;
    if (contains(c_keywords, text))
        return; /* reported where the name of the column was expected */
    if (words_find(parse->words, text, &takes)) {
        report_arguments(parse, word, text, takes && next_char(&word) != '(');
    } else if (g_ascii_isalpha(text[0]) || text[0] == '_') {
        report_unknown_word(parse, word, text);
    } else if (text[0] == '(') {
        struct location before = word_before(word);
        const char *name = text_of(&before);
        report_arguments(parse, before, name, false);
    } else {
        diag_error(parse->diag, RULE_MISSING_SEMICOLON, at, "a ';' is missing here");
    }
}

static struct location
whole_of(const struct source *source)
{
    return (struct location){source, 1, 1, 0, (unsigned)source->length};
}

/* `text titleREFERENCES(books);` declares a function, unless the word was reported before. */
static void
report_function(struct parse *parse, struct location parenthesis)
{
    struct location word = word_before(parenthesis);
    if (diag_has_error(parse->diag, &word))
        return;
    diag_error(parse->diag, RULE_C_SYNTAX, word,
               "'%s' is declared as a function: a word, or a blank before one, is missing",
               text_of(&word));
}

static void
report_unknown_type(struct parse *parse, struct location at)
{
    struct location word = word_at(at);
    const char *text = text_of(&word);
    /* The argument of an unknown word reads as the type of a parameter: the word is enough. */
    if (word.offset > 0 && char_at(&word, word.offset - 1) == '(') {
        report_function(parse, diag_part(whole_of(word.source), word.offset - 1, 1));
        return;
    }
    if (is_word_of_language(parse, text) || next_char(&word) == '(') {
        report_unknown_word(parse, word, text);
        return;
    }
    diag_error(parse->diag, RULE_UNKNOWN_TYPE, word, "'%s' is no column type", text);
    const char *nearest = diag_nearest(text, type_words);
    if (nearest == NULL && (strstr(text, "char") != NULL || strstr(text, "string") != NULL))
        nearest = "text";
    if (nearest == NULL && strstr(text, "int") != NULL)
        nearest = "integer";
    if (nearest != NULL)
        diag_note(parse->diag, (struct location){0}, "did you mean '%s'?", nearest);
}

static void
report_member_name(struct parse *parse, struct location at)
{
    struct location word = word_at(at);
    const char *text = text_of(&word);
    if (contains(c_keywords, text)) {
        diag_error(parse->diag, RULE_C_KEYWORD, word, "'%s' is a C keyword", text);
        diag_note(parse->diag, (struct location){0},
                  "name the column in C and in SQL apart: %s_ NAMED(\"%s\")", text, text);
    } else if (is_word_of_language(parse, text)) {
        diag_error(parse->diag, RULE_C_KEYWORD, word,
                   "'%s' is a word of the schema language and cannot name a column", text);
    } else {
        diag_error(parse->diag, RULE_C_SYNTAX, word, "a column needs a name here");
    }
}

static void
report_nothing_declared(struct parse *parse, struct location at)
{
    struct location word = word_at(at);
    const char *text = text_of(&word);
    if (is_word_of_language(parse, text))
        diag_error(parse->diag, RULE_WORD_PLACE, word, "'%s' stands after the name of a column",
                   text);
    else
        diag_error(parse->diag, RULE_C_SYNTAX, word, "a column needs a name here");
}

/* Whether a note of clang's is of use to somebody who did not write the macros. */
static bool
is_useful(const struct location *place, const char *text)
{
    return place->source != NULL && strcmp(place->source->path, PARSE_MAIN_FILE) != 0 &&
           strstr(text, "expanded from macro") == NULL &&
           strstr(text, "unguarded header") == NULL &&
           strstr(text, "in file included from") == NULL;
}

static void
report_as_clang_says(struct parse *parse, struct location at, CXDiagnostic diagnostic,
                     enum rule_id rule)
{
    diag_error(parse->diag, rule, at, "%s", parse_string(clang_getDiagnosticSpelling(diagnostic)));
    CXDiagnosticSet notes = clang_getChildDiagnostics(diagnostic);
    for (unsigned i = 0; i < clang_getNumDiagnosticsInSet(notes); i++) {
        CXDiagnostic note = clang_getDiagnosticInSet(notes, i);
        struct location place = parse_location(parse, clang_getDiagnosticLocation(note), 1);
        const char *text = parse_string(clang_getDiagnosticSpelling(note));
        place.length = MAX(parse_word_length(&place), 1);
        if (is_useful(&place, text))
            diag_note(parse->diag, place, "%s", text);
        clang_disposeDiagnostic(note);
    }
}

/* A quote or parenthesis that is never closed swallows the rest of the file, and clang says so in
 * several ways: one message is enough. */
static void
report_unbalanced(struct parse *parse, struct location at)
{
    diag_error(parse->diag, RULE_UNBALANCED_TEXT, at,
               "a quote or parenthesis is not closed; the rest of the file is lost");
    diag_note(parse->diag, (struct location){0},
              "write a text with an apostrophe as a C string: DEFAULT(\"it's\")");
}

struct known {
    const char *part; /* of clang's text */
    void (*report)(struct parse *parse, struct location at);
    enum rule_id rule; /* when there is no function: clang's words under this rule */
};

static const struct known known[] = {
    {"expected ';' at end of declaration list", report_expected_end, RULE_COUNT},
    {"expected ';' after", report_expected_end, RULE_COUNT},
    {"unknown type name", report_unknown_type, RULE_COUNT},
    {"type name requires a specifier", report_unknown_type, RULE_COUNT},
    {"type specifier missing", report_unknown_type, RULE_COUNT},
    {"a parameter list without types", report_unknown_type, RULE_COUNT},
    {"does not declare anything", report_nothing_declared, RULE_COUNT},
    {"must use 'enum' tag", NULL, RULE_UNKNOWN_TYPE},
    {"must use 'struct' tag", NULL, RULE_UNKNOWN_TYPE},
    {"expected member name", report_member_name, RULE_COUNT},
    {"unterminated function-like macro", report_unbalanced, RULE_COUNT},
    {"missing terminating", report_unbalanced, RULE_COUNT},
    {"macro redefined", NULL, RULE_DATABASE_NAME_TWICE},
    {"duplicate member", NULL, RULE_COLUMN_TWICE},
    {"redefinition of enumerator", NULL, RULE_ENUM_TWICE},
    {"redefinition of", NULL, RULE_TABLE_TWICE},
};

static bool
is_error(CXDiagnostic diagnostic, const char *text)
{
    if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error)
        return true;
    /* A warning to clang, but the text of a constraint is cut off. */
    return strstr(text, "missing terminating") != NULL;
}

/* The table around a place, as far as its braces tell: what is reported about it later may only
 * follow from this error. */
static void
mark_broken(struct parse *parse, struct location at, bool to_the_end)
{
    const struct source *source = at.source;
    /* cppcheck-suppress duplicateAssignExpression ; an empty range, to be widened */
    unsigned start = at.offset, end = at.offset;
    while (start > 0 && !(source->text[start - 1] == '}' && char_at(&at, start) == ';'))
        start--;
    while (end < source->length && (to_the_end || source->text[end] != '}'))
        end++;
    diag_broken(parse->diag, source, start, end);
}

/* Braces that are open at the end swallow what the main file adds, and clang's place is in there. */
static void
report_open_end(struct parse *parse)
{
    const struct source *source = parse->module->source;
    gsize end = source->length;
    while (end > 0 && g_ascii_isspace(source->text[end - 1]))
        end--;
    struct location last = diag_part(whole_of(source), (unsigned)MAX(end, 1) - 1, 1);
    if (!diag_has_error(parse->diag, &last))
        diag_error(parse->diag, RULE_C_SYNTAX, last,
                   "the file ends inside of a declaration: "
                   "a '}' or ';' is missing somewhere before");
}

/* Another module's file reports its own errors. */
static bool
is_another_module(const struct parse *parse, const struct source *source)
{
    return source != parse->module->source && g_str_has_suffix(source->path, "/db_models.h");
}

static const struct known *
find_known(const char *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (strstr(text, known[i].part) != NULL)
            return &known[i];
    return NULL;
}

static void
report(struct parse *parse, CXDiagnostic diagnostic, bool *unbalanced)
{
    const char *text = parse_string(clang_getDiagnosticSpelling(diagnostic));
    if (!is_error(diagnostic, text))
        return;
    struct location at = parse_location(parse, clang_getDiagnosticLocation(diagnostic), 1);
    const struct known *entry = find_known(text);
    if (*unbalanced || at.source == NULL || is_another_module(parse, at.source))
        return;
    if (strcmp(at.source->path, PARSE_MAIN_FILE) == 0) {
        report_open_end(parse);
        return;
    }
    at.length = MAX(parse_word_length(&at), 1);
    bool redefined = entry != NULL && entry->rule == RULE_DATABASE_NAME_TWICE;
    if (redefined && strstr(text, "'DATABASE_NAME'") == NULL)
        entry = NULL;
    if (entry == NULL)
        report_as_clang_says(parse, at, diagnostic, RULE_C_SYNTAX);
    else if (entry->report == NULL)
        report_as_clang_says(parse, at, diagnostic, entry->rule);
    else
        entry->report(parse, at);
    *unbalanced = entry != NULL && entry->report == report_unbalanced;
    mark_broken(parse, at, *unbalanced);
}

void
parse_report_errors(struct parse *parse)
{
    bool unbalanced = false;
    unsigned count = clang_getNumDiagnostics(parse->unit);
    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(parse->unit, i);
        report(parse, diagnostic, &unbalanced);
        clang_disposeDiagnostic(diagnostic);
    }
}
