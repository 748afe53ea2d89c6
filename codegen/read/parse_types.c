/* parse_types.c: the pieces of a declaration that are not its structure: its place, its doc comment,
 * its notes, and its type, followed through typedefs down to one of the schema types or an enum. */
#include "parse.h"

#include "common/arena.h"

#include <string.h>

#define NOTE_PREFIX "cleat1:"

const char *
parse_string(CXString string)
{
    const char *text = clang_getCString(string);
    const char *copy = arena_string(text == NULL ? "" : text);
    clang_disposeString(string);
    return copy;
}

/* ---- places ---- */

/* A path below the working directory is shown without it, and without detours. */
static const char *
shown_path(const char *path)
{
    char *here = g_get_current_dir();
    char *whole = g_canonicalize_filename(path, here);
    gsize length = strlen(here);
    bool below = g_str_has_prefix(whole, here) && whole[length] == '/';
    const char *shown = arena_string(below ? whole + length + 1 : whole);
    g_free(whole);
    g_free(here);
    return shown;
}

static const struct source *
source_of(struct parse *parse, CXFile file)
{
    if (clang_File_isEqual(file, parse->file))
        return parse->module->source;
    const char *name = parse_string(clang_getFileName(file));
    struct source *source = g_hash_table_lookup(parse->sources, name);
    if (source == NULL) {
        gsize length = 0;
        source = ARENA_NEW(struct source);
        source->path = shown_path(name);
        const char *text = clang_getFileContents(parse->unit, file, &length);
        source->text = arena_string_n(text, text == NULL ? 0 : length);
        source->length = length;
        g_hash_table_insert(parse->sources, (char *)name, source);
    }
    return source;
}

/* getFileLocation, not getSpellingLocation: it alone gives the place of the use of a macro in the
 * schema file, and the same one in libclang 14 and 19. */
struct location
parse_location(struct parse *parse, CXSourceLocation place, unsigned length)
{
    struct location at = {0};
    CXFile file;
    clang_getFileLocation(place, &file, &at.line, &at.column, &at.offset);
    if (file == NULL)
        return (struct location){0};
    at.source = source_of(parse, file);
    at.length = length;
    return at;
}

unsigned
parse_word_length(const struct location *at)
{
    unsigned length = 0;
    if (at->source == NULL)
        return 0;
    while (at->offset + length < at->source->length &&
           (g_ascii_isalnum(at->source->text[at->offset + length]) ||
            at->source->text[at->offset + length] == '_'))
        length++;
    return length;
}

unsigned
parse_end_offset(CXCursor cursor)
{
    unsigned offset;
    clang_getFileLocation(clang_getRangeEnd(clang_getCursorExtent(cursor)), NULL, NULL, NULL,
                          &offset);
    return offset;
}

CXFile
parse_file(CXCursor cursor)
{
    CXFile file;
    clang_getFileLocation(clang_getCursorLocation(cursor), &file, NULL, NULL, NULL);
    return file;
}

/* A comment counts only when it is written in the same file: libclang 19 also finds those inside
 * the body of a macro. */
const char *
parse_doc(CXCursor cursor)
{
    CXFile file;
    CXSourceRange range = clang_Cursor_getCommentRange(cursor);
    clang_getFileLocation(clang_getRangeStart(range), &file, NULL, NULL, NULL);
    if (file == NULL || !clang_File_isEqual(file, parse_file(cursor)))
        return NULL;
    CXString string = clang_Cursor_getRawCommentText(cursor);
    const char *raw = clang_getCString(string);
    const char *text = raw == NULL ? NULL : comment_text(raw);
    clang_disposeString(string);
    return text;
}

/* ---- notes ---- */

/* The place of the text between the parentheses after a word, when the word itself stands there
 * and was not brought by a macro of the user's. */
static struct location
argument_place(const struct location *word, const char *name, unsigned end)
{
    const struct source *source = word->source;
    if (source == NULL || end > source->length)
        return (struct location){0};
    const char *written = source->text + word->offset;
    unsigned length = word->length;
    if (length > strlen("CLEAT_SCHEMA_") && g_str_has_prefix(written, "CLEAT_SCHEMA_")) {
        written += strlen("CLEAT_SCHEMA_");
        length -= (unsigned)strlen("CLEAT_SCHEMA_");
    }
    if (strlen(name) != length || g_ascii_strncasecmp(written, name, length) != 0)
        return (struct location){0};
    unsigned open = word->offset + word->length;
    while (open < end && source->text[open] != '(')
        open++;
    if (open + 1 >= end)
        return (struct location){0};
    return diag_part(*word, open + 1 - word->offset, end - open - 2);
}

static void
add_note(struct parse *parse, GPtrArray *notes, CXCursor attribute, const struct location *instead)
{
    const char *text = parse_string(clang_getCursorSpelling(attribute));
    if (!g_str_has_prefix(text, NOTE_PREFIX))
        return;
    text += strlen(NOTE_PREFIX);
    struct note *note = ARENA_NEW(struct note);
    const char *space = strchr(text, ' ');
    note->word = space == NULL ? text : arena_string_n(text, (gsize)(space - text));
    note->arguments = space == NULL ? NULL : space + 1;
    if (instead != NULL) {
        note->at = *instead;
    } else {
        CXSourceRange range = clang_getCursorExtent(attribute);
        note->at = parse_location(parse, clang_getRangeStart(range), 0);
        note->at.length = parse_word_length(&note->at);
        if (note->arguments != NULL)
            note->argument = argument_place(&note->at, note->word, parse_end_offset(attribute));
    }
    g_ptr_array_add(notes, note);
}

struct note_visit {
    struct parse *parse;
    GPtrArray *notes;
    const struct location *instead;
};

static enum CXChildVisitResult
visit_note(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    const struct note_visit *visit = data;
    if (clang_getCursorKind(cursor) == CXCursor_AnnotateAttr)
        add_note(visit->parse, visit->notes, cursor, visit->instead);
    return CXChildVisit_Continue;
}

/* Collects the notes on a declaration. `instead` is the place to show when the declaration is a
 * typedef somewhere else. */
void
parse_notes(struct parse *parse, GPtrArray *notes, CXCursor cursor, const struct location *instead)
{
    if (!clang_Cursor_hasAttrs(cursor))
        return;
    struct note_visit visit = {parse, notes, instead};
    clang_visitChildren(cursor, visit_note, &visit);
}

const char *
parse_note_argument(const GPtrArray *notes, const char *word)
{
    FOR_EACH(struct note, note, notes)
        if (strcmp(note->word, word) == 0)
            return note->arguments;
    return NULL;
}

/* ---- enumerations ---- */

struct enum_visit {
    struct parse *parse;
    struct enumeration *enumeration;
};

static enum CXChildVisitResult
visit_enumerator(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct enum_visit *visit = data;
    if (clang_getCursorKind(cursor) != CXCursor_EnumConstantDecl)
        return CXChildVisit_Continue;
    struct enumerator *enumerator = ARENA_NEW(struct enumerator);
    enumerator->name = parse_string(clang_getCursorSpelling(cursor));
    enumerator->doc = parse_doc(cursor);
    enumerator->value = clang_getEnumConstantDeclValue(cursor);
    enumerator->at = parse_location(visit->parse, clang_getCursorLocation(cursor),
                                    (unsigned)strlen(enumerator->name));
    g_ptr_array_add(visit->enumeration->enumerators, enumerator);
    return CXChildVisit_Continue;
}

static struct enumeration *
new_enumeration(struct parse *parse, CXCursor cursor, const struct location *at, const char *name,
                bool is_typedef)
{
    struct enumeration *enumeration = ARENA_NEW(struct enumeration);
    enumeration->name = name;
    enumeration->is_typedef = is_typedef;
    enumeration->doc = parse_doc(cursor);
    enumeration->at = *at;
    enumeration->enumerators = arena_list();
    struct enum_visit visit = {parse, enumeration};
    clang_visitChildren(cursor, visit_enumerator, &visit);
    return enumeration;
}

/* The enumeration of a declaration, one object for all modules that include the same file. `alias`
 * names the typedef it was reached by, for an enum without a tag; NULL when there is none. */
static const struct enumeration *
enumeration_of(struct parse *parse, CXCursor cursor, const char *alias)
{
    struct location at = parse_location(parse, clang_getCursorLocation(cursor), 4);
    if (at.source == NULL)
        return NULL;
    /* libclang 14 gives a typedef's name to the enum itself: an enum without a tag is one whose
     * place is its keyword, not a name. */
    bool anonymous = strncmp(at.source->text + at.offset, "enum", 4) == 0 &&
                     parse_word_length(&at) == 4;
    if (anonymous && alias == NULL)
        return NULL;
    char *key = arena_printf("%s:%u", at.source->path, at.offset);
    struct enumeration *enumeration = g_hash_table_lookup(parse->enumerations, key);
    if (enumeration == NULL) {
        const char *tag = anonymous ? alias : parse_string(clang_getCursorSpelling(cursor));
        at.length = anonymous ? 4 : (unsigned)strlen(tag);
        enumeration = new_enumeration(parse, cursor, &at, tag, anonymous);
        g_hash_table_insert(parse->enumerations, key, enumeration);
    }
    if (!g_ptr_array_find(parse->module->enumerations, enumeration, NULL))
        g_ptr_array_add(parse->module->enumerations, enumeration);
    return enumeration;
}

/* ---- distinct types ---- */

/* The distinct type that a typedef makes, one object for all modules that include the same file. */
static const struct distinct *
distinct_of(struct parse *parse, CXCursor declaration, enum column_type type)
{
    const char *name = parse_string(clang_getCursorSpelling(declaration));
    struct location at = parse_location(parse, clang_getCursorLocation(declaration),
                                        (unsigned)strlen(name));
    if (at.source == NULL)
        return NULL;
    char *key = arena_printf("%s:%u", at.source->path, at.offset);
    struct distinct *distinct = g_hash_table_lookup(parse->distincts, key);
    if (distinct == NULL) {
        distinct = ARENA_NEW(struct distinct);
        *distinct = (struct distinct){name, parse_doc(declaration), type, at};
        g_hash_table_insert(parse->distincts, key, distinct);
    }
    if (!g_ptr_array_find(parse->module->distincts, distinct, NULL))
        g_ptr_array_add(parse->module->distincts, distinct);
    return distinct;
}

/* ---- types ---- */

static const char *const type_names[] = {"",     "integer",   "boolean",  "real", "text", "json",
                                         "blob", "timestamp", "datetime", "ulid", "uuid", NULL};

static enum column_type
type_by_name(const char *name)
{
    for (int i = 1; type_names[i] != NULL; i++)
        if (strcmp(type_names[i], name) == 0)
            return (enum column_type)i;
    return TYPE_UNKNOWN;
}

/* Takes the word DISTINCT out of the notes of a typedef; false when it is not there. */
static bool
take_distinct(GPtrArray *notes)
{
    for (guint i = 0; i < notes->len; i++) {
        const struct note *note = g_ptr_array_index(notes, i);
        if (strcmp(note->word, "distinct") != 0)
            continue;
        g_ptr_array_remove_index(notes, i);
        return true;
    }
    return false;
}

/* Follows a chain of typedefs down to one of the schema types or an enum. A type is known by the
 * declaration that carries its note, never by what it is in C. Notes of outer typedefs come after
 * those of inner ones, and the outermost typedef that is DISTINCT names the type. */
void
parse_type(struct parse *parse, struct column *column, CXType type)
{
    const char *alias = NULL;
    bool is_distinct = false;
    CXCursor distinct = clang_getNullCursor();
    CXCursor declaration = clang_getTypeDeclaration(type);
    while (clang_getCursorKind(declaration) == CXCursor_TypedefDecl) {
        GPtrArray *notes = arena_list();
        parse_notes(parse, notes, declaration, &column->type_at);
        const char *base = parse_note_argument(notes, "type");
        if (base != NULL) {
            column->type = type_by_name(base);
            if (is_distinct)
                column->distinct = distinct_of(parse, distinct, column->type);
            return;
        }
        if (take_distinct(notes) && !is_distinct) {
            is_distinct = true;
            distinct = declaration;
        }
        for (guint i = 0; i < notes->len; i++)
            g_ptr_array_insert(column->notes, (int)i, g_ptr_array_index(notes, i));
        alias = parse_string(clang_getCursorSpelling(declaration));
        declaration = clang_getTypeDeclaration(clang_getTypedefDeclUnderlyingType(declaration));
    }
    if (clang_getCursorKind(declaration) != CXCursor_EnumDecl)
        return;
    column->enumeration = enumeration_of(parse, declaration, alias);
    if (column->enumeration != NULL)
        column->type = TYPE_ENUM;
    if (column->enumeration != NULL && is_distinct)
        diag_error(parse->diag, RULE_DISTINCT_ENUM, column->type_at,
                   "'%s' cannot be DISTINCT: an enum is a type of its own already",
                   parse_string(clang_getCursorSpelling(distinct)));
}

/* The schema type that a C type most likely meant. */
static const char *
suggested_type(const char *c_type)
{
    static const struct {
        const char *part;
        const char *type;
    } suggestions[] = {{"bool", "boolean"},   {"char", "text"},        {"float", "real"},
                       {"double", "real"},    {"time_t", "timestamp"}, {"void", "blob"},
                       {"int", "integer"},    {"long", "integer"},     {"short", "integer"},
                       {"size_t", "integer"}, {"unsigned", "integer"}, {"string", "text"}};
    for (gsize i = 0; i < G_N_ELEMENTS(suggestions); i++)
        if (strstr(c_type, suggestions[i].part) != NULL)
            return suggestions[i].type;
    return diag_nearest(c_type, type_names + 1);
}

void
parse_report_type(struct parse *parse, const struct column *column, CXCursor cursor)
{
    if (clang_isInvalidDeclaration(cursor))
        return; /* clang has said what is wrong with it */
    /* clang spells a type without a name with the path of its file. */
    if (strchr(column->type_name, '(') != NULL && strchr(column->type_name, '/') != NULL) {
        diag_error(parse->diag, RULE_UNKNOWN_TYPE, column->type_at,
                   "a type without a name is no column type: give the enum one");
        return;
    }
    const char *suggestion = suggested_type(column->type_name);
    diag_error(parse->diag, RULE_UNKNOWN_TYPE, column->type_at, "'%s' is no column type",
               column->type_name);
    if (suggestion != NULL)
        diag_note(parse->diag, (struct location){0}, "did you mean '%s'?", suggestion);
}
