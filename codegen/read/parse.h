/* parse.h: what the files of the parse stage share. These alone include clang-c. */
#ifndef CLEAT_PARSE_H
#define CLEAT_PARSE_H

#include "model/diag.h"
#include "model/model.h"
#include "words.h"

#include <clang-c/Index.h>

/* libclang's main file, which exists only in memory and includes a module's file. */
#define PARSE_MAIN_FILE "cleat-main.c"

/* One module while it is being read. */
struct parse {
    struct model *model;
    struct module *module;
    struct diag *diag;
    const struct words *words;
    GHashTable *sources;      /* file name -> struct source, over the whole run */
    GHashTable *enumerations; /* "path:offset" -> struct enumeration, over the whole run */
    GHashTable *distincts;    /* the same for struct distinct */
    CXTranslationUnit unit;
    CXFile file;         /* the module's db_models.h */
    bool has_words;      /* it includes <cleat/schema.h> */
    struct table *table; /* the one whose members are being visited */
};

/* A place as a location of `length` bytes; without a source when clang knows none. */
struct location parse_location(struct parse *parse, CXSourceLocation place, unsigned length);

/* The length of the identifier at a location. */
unsigned parse_word_length(const struct location *at);

/* Copies a string of clang's into the arena. */
const char *parse_string(CXString string);

/* The file a cursor is in, where its macro is used. */
CXFile parse_file(CXCursor cursor);

/* The offset behind a declaration in its file. */
unsigned parse_end_offset(CXCursor cursor);

/* The doc comment of a declaration, NULL when it has none of its own. */
const char *parse_doc(CXCursor cursor);

/* Collects the notes on a declaration. `instead` is the place to show when the declaration is a
 * typedef somewhere else, or NULL. */
void parse_notes(struct parse *parse, GPtrArray *notes, CXCursor cursor,
                 const struct location *instead);

/* The arguments of the first note with a word, NULL when there is none. */
const char *parse_note_argument(const GPtrArray *notes, const char *word);

/* Finds the type and the enumeration of a column, and the notes that its typedefs bring. */
void parse_type(struct parse *parse, struct column *column, CXType type);

/* Reports that a column's C type is none of the schema's. */
void parse_report_type(struct parse *parse, const struct column *column, CXCursor cursor);

/* parse_errors.c: clang's errors in the words of the schema language. */
void parse_report_errors(struct parse *parse);

/* comments.c: the text of a doc comment without its marks; NULL when nothing is left. */
const char *comment_text(const char *raw);

#endif
