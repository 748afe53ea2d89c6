/* parse.c: libclang reads each module's db_models.h as C in which the schema words are annotations
 * (see <cleat/schema.h>), and its structs, fields and enums become tables, columns, enumerations
 * and notes with their places. What the words mean is interpret's business.
 *
 * One translation unit is reparsed for all files with a new main file each time: that costs two
 * thirds of a fresh unit per file. The main file also asks for DATABASE_NAME as it stands at the
 * end of the module, so that a module without a table has one too. */
#include "model/stages.h"

#include "common/arena.h"
#include "parse.h"

#include <stdlib.h>
#include <string.h>

#define PARSE_OPTIONS (CXTranslationUnit_SkipFunctionBodies | CXTranslationUnit_KeepGoing)

/* ---- tables ---- */

/* `integer LENGTH;` declares a member whose name is the inside of a word. */
static bool
is_word_as_name(struct parse *parse, const struct column *column)
{
    static const char prefix[] = "CLEAT_SCHEMA_";
    if (!g_str_has_prefix(column->name, prefix))
        return false;
    diag_error(parse->diag, RULE_WORD_ARGUMENTS, column->at,
               "'%s' is a word that needs arguments, not the name of a column",
               column->name + strlen(prefix));
    return true;
}

static void
add_column(struct parse *parse, CXCursor cursor)
{
    struct column *column = ARENA_NEW(struct column);
    column->name = parse_string(clang_getCursorSpelling(cursor));
    column->table = parse->table;
    column->at = parse_location(parse, clang_getCursorLocation(cursor),
                                (unsigned)strlen(column->name));
    column->at.length = MIN(column->at.length, parse_word_length(&column->at));
    column->doc = parse_doc(cursor);
    column->notes = arena_list();
    column->checks = arena_list();
    CXType type = clang_getCursorType(cursor);
    column->type_name = parse_string(clang_getTypeSpelling(type));
    column->type_at = parse_location(parse, clang_getRangeStart(clang_getCursorExtent(cursor)),
                                     (unsigned)strlen(column->type_name));
    parse_type(parse, column, type);
    parse_notes(parse, column->notes, cursor, NULL);
    if (clang_Cursor_isBitField(cursor))
        diag_error(parse->diag, RULE_UNKNOWN_TYPE, column->at, "a column is no bit-field");
    else if (column->type == TYPE_UNKNOWN)
        parse_report_type(parse, column, cursor);
    if (!is_word_as_name(parse, column))
        g_ptr_array_add(parse->table->columns, column);
}

static enum CXChildVisitResult
visit_member(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct parse *parse = data;
    if (clang_getCursorKind(cursor) != CXCursor_FieldDecl)
        return CXChildVisit_Continue;
    CXString name = clang_getCursorSpelling(cursor);
    const char *text = clang_getCString(name);
    bool unnamed = text == NULL || *text == '\0';
    clang_disposeString(name);
    /* A line about the table is an unnamed bit-field with notes: it takes no space. */
    if (unnamed)
        parse_notes(parse, parse->table->notes, cursor, NULL);
    else
        add_column(parse, cursor);
    return CXChildVisit_Continue;
}

static struct table *
new_table(struct parse *parse, CXCursor cursor, const char *note)
{
    struct table *table = ARENA_NEW(struct table);
    table->name = parse_string(clang_getCursorSpelling(cursor));
    table->at = parse_location(parse, clang_getCursorLocation(cursor),
                               (unsigned)strlen(table->name));
    table->end = parse_end_offset(cursor);
    table->doc = parse_doc(cursor);
    table->module = parse->module;
    const char *in = strstr(note, " in ");
    table->database_text = in == NULL ? "" : in + strlen(" in ");
    table->columns = arena_list();
    table->notes = arena_list();
    table->primary_key = arena_list();
    table->indexes = arena_list();
    table->checks = arena_list();
    table->references = arena_list();
    table->soft_references = arena_list();
    table->full_texts = arena_list();
    table->dropped = arena_list();
    return table;
}

static void
add_table(struct parse *parse, CXCursor cursor, const char *note)
{
    parse->table = new_table(parse, cursor, note);
    if (strchr(parse->table->name, '(') != NULL)
        return; /* declared twice: libclang 19 takes the name from the second one */
    clang_visitChildren(cursor, visit_member, parse);
    g_ptr_array_add(parse->module->tables, parse->table);
    parse->table = NULL;
}

/* A table that is not in the module's own file would be lost, or belong to two modules. */
static void
report_foreign_table(struct parse *parse, CXCursor cursor)
{
    const char *name = parse_string(clang_getCursorSpelling(cursor));
    struct location at = parse_location(parse, clang_getCursorLocation(cursor),
                                        (unsigned)strlen(name));
    const char *included = at.source == NULL ? "" : at.source->path;
    if (g_str_has_suffix(included, "/db_models.h"))
        diag_error(
            parse->diag, RULE_SCHEMA_INCLUDE,
            diag_part((struct location){.source = parse->module->source, .line = 1, .column = 1}, 0,
                      1),
            "module '%s' includes the tables of '%s'", parse->module->name, included);
    else
        diag_error(parse->diag, RULE_TABLE_OUTSIDE_MODULE, at,
                   "table '%s' is not in a db_models.h and belongs to no module", name);
}

static void
visit_struct(struct parse *parse, CXCursor cursor, CXFile file)
{
    GPtrArray *notes = arena_list();
    parse_notes(parse, notes, cursor, NULL);
    const char *module = parse_note_argument(notes, "module");
    const char *table = parse_note_argument(notes, "table");
    const char *group = parse_note_argument(notes, "group");
    if (group != NULL)
        parse->module->group_text = group + strlen("in ");
    if (module != NULL) {
        parse->module->database_text = module + strlen("in ");
    } else if (table != NULL) {
        if (file != NULL && clang_File_isEqual(file, parse->file))
            add_table(parse, cursor, table);
        else
            report_foreign_table(parse, cursor);
    }
}

/* ---- modules ---- */

/* Variables and functions in a schema file are misspelt tables, or code in the wrong place. */
static void
report_stranger(struct parse *parse, CXCursor cursor)
{
    if (clang_isInvalidDeclaration(cursor))
        return;
    const char *name = parse_string(clang_getCursorSpelling(cursor));
    struct location at = parse_location(parse, clang_getCursorLocation(cursor),
                                        (unsigned)strlen(name));
    if (diag_has_error(parse->diag, &at))
        return; /* as a word that clang did not understand */
    diag_error(parse->diag, RULE_NOT_A_TABLE, at,
               "'%s' is no table: a schema file holds tables, enums and typedefs", name);
}

static enum CXChildVisitResult
visit_top(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    struct parse *parse = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (kind == CXCursor_StructDecl && clang_Cursor_hasAttrs(cursor)) {
        visit_struct(parse, cursor, parse_file(cursor));
    } else if (kind == CXCursor_VarDecl || kind == CXCursor_FunctionDecl ||
               kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl) {
        CXFile file = parse_file(cursor);
        if (file != NULL && clang_File_isEqual(file, parse->file))
            report_stranger(parse, cursor);
    }
    return CXChildVisit_Continue;
}

static void
visit_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
    (void)stack;
    struct parse *parse = data;
    const char *name = parse_string(clang_getFileName(file));
    if (depth == 0 || clang_File_isEqual(file, parse->file))
        return;
    if (g_str_has_suffix(name, "/cleat/schema.h"))
        parse->has_words = true;
    g_ptr_array_add(parse->module->includes, (char *)name);
}

/* Where the #define of a word stands, for errors about its value. */
static struct location
find_define(const struct source *source, const char *word)
{
    struct location whole = {source, 1, 1, 0, (unsigned)source->length};
    for (const char *at = source->text; (at = strstr(at, word)) != NULL; at++) {
        const char *before = at;
        while (before > source->text && (before[-1] == ' ' || before[-1] == '\t'))
            before--;
        if (before - source->text >= 6 && strncmp(before - 6, "define", 6) == 0)
            return diag_part(whole, (unsigned)(at - source->text), (unsigned)strlen(word));
    }
    return diag_part(whole, 0, 1);
}

static void
check_bytes(struct parse *parse, const struct source *source)
{
    struct location whole = {source, 1, 1, 0, (unsigned)source->length};
    const char *end = NULL;
    if (g_utf8_validate(source->text, (gssize)source->length, &end))
        return;
    diag_error(parse->diag, RULE_SOURCE_TEXT, diag_part(whole, (unsigned)(end - source->text), 1),
               *end == '\0' ? "the file holds a zero byte"
                            : "the file holds a byte that is not UTF-8");
}

static void
read_unit(struct parse *parse)
{
    struct module *module = parse->module;
    module->database_at = find_define(module->source, "DATABASE_NAME");
    module->group_at = find_define(module->source, "DATABASE_ATOMIC_GROUP");
    clang_getInclusions(parse->unit, visit_inclusion, parse);
    if (!parse->has_words) {
        diag_error(parse->diag, RULE_SCHEMA_MISSING, diag_part(module->database_at, 0, 1),
                   "the file does not include <cleat/schema.h>");
        return;
    }
    check_bytes(parse, module->source);
    parse_report_errors(parse);
    clang_visitChildren(clang_getTranslationUnitCursor(parse->unit), visit_top, parse);
}

/* ---- the translation unit ---- */

static char *
main_text(const char *path)
{
    return g_strdup_printf(
        "#include \"%s\"\n"
        "#ifdef CLEAT_SCHEMA_H\n"
        "struct CLEAT_SCHEMA_NOTE_(\"module in \" CLEAT_SCHEMA_EXPANDED_(DATABASE_NAME)) "
        "cleat_module_ { int member; };\n"
        "struct CLEAT_SCHEMA_NOTE_(\"group in \" "
        "CLEAT_SCHEMA_EXPANDED_(DATABASE_ATOMIC_GROUP)) cleat_group_ { int member; };\n"
        "#endif\n",
        path);
}

static GPtrArray *
clang_arguments(const struct options *options)
{
    GPtrArray *arguments = arena_list();
    static const char *const fixed[] = {"-xc",
                                        "-std=gnu17",
                                        "-D__CLEAT__=1",
                                        "-Ulinux",
                                        "-Uunix",
                                        "-Ui386",
                                        "-ferror-limit=0",
                                        "-Werror=implicit-int",
                                        "-Werror=macro-redefined",
                                        "-Werror=missing-declarations",
                                        "-Wno-pragma-once-outside-header"};
    for (gsize i = 0; i < G_N_ELEMENTS(fixed); i++)
        g_ptr_array_add(arguments, (char *)fixed[i]);
    g_ptr_array_add(arguments, arena_printf("-I%s", options->include_dir));
    FOR_EACH(char, argument, options->arguments)
        g_ptr_array_add(arguments, argument);
    return arguments;
}

/* Parses the first file, and reparses the same unit for the others. */
static bool
load(CXIndex index, const GPtrArray *arguments, const char *text, CXTranslationUnit *unit)
{
    struct CXUnsavedFile file = {PARSE_MAIN_FILE, text, (unsigned long)strlen(text)};
    if (*unit != NULL) {
        unsigned flags = clang_defaultReparseOptions(*unit);
        if (clang_reparseTranslationUnit(*unit, 1, &file, flags) == 0)
            return true;
        clang_disposeTranslationUnit(*unit);
        *unit = NULL;
    }
    return clang_parseTranslationUnit2(index, PARSE_MAIN_FILE,
                                       (const char *const *)arguments->pdata, (int)arguments->len,
                                       &file, 1, PARSE_OPTIONS, unit) == CXError_Success;
}

static bool
parse_module(struct parse *parse, CXIndex index, const GPtrArray *arguments, GError **ret_error)
{
    char *path = g_canonicalize_filename(parse->module->source->path, NULL);
    char *text = main_text(path);
    bool fine = strpbrk(path, "\"\\\n") == NULL && load(index, arguments, text, &parse->unit);
    if (fine) {
        parse->file = clang_getFile(parse->unit, path);
        parse->has_words = false;
        fine = parse->file != NULL;
    }
    if (fine)
        read_unit(parse);
    else
        g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: libclang cannot read it",
                    parse->module->source->path);
    g_free(text);
    g_free(path);
    return fine;
}

static bool
parse_modules(struct parse *parse, const struct options *options, GError **ret_error)
{
    GPtrArray *arguments = clang_arguments(options);
    CXIndex index = clang_createIndex(1, 0);
    parse->sources = g_hash_table_new(g_str_hash, g_str_equal);
    parse->enumerations = g_hash_table_new(g_str_hash, g_str_equal);
    parse->distincts = g_hash_table_new(g_str_hash, g_str_equal);
    bool fine = true;
    for (guint i = 0; fine && i < parse->model->modules->len; i++) {
        parse->module = g_ptr_array_index(parse->model->modules, i);
        fine = parse_module(parse, index, arguments, ret_error);
    }
    g_hash_table_unref(parse->sources);
    g_hash_table_unref(parse->enumerations);
    g_hash_table_unref(parse->distincts);
    if (parse->unit != NULL)
        clang_disposeTranslationUnit(parse->unit);
    clang_disposeIndex(index);
    return fine;
}

bool
stage_parse(const struct options *options, struct model *model, struct diag *diag,
            GError **ret_error)
{
    /* Without its own thread per parse libclang is 7 % faster. */
    setenv("LIBCLANG_NOTHREADS", "1", 1);
    struct words *words = words_load(options->include_dir, ret_error);
    if (words == NULL)
        return false;
    struct parse parse = {.model = model, .diag = diag, .words = words};
    bool fine = parse_modules(&parse, options, ret_error);
    words_free(words);
    return fine;
}
