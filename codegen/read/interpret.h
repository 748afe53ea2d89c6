/* interpret.h: what the files of the interpret stage share. */
#ifndef CLEAT_INTERPRET_H
#define CLEAT_INTERPRET_H

#include "model/diag.h"
#include "model/model.h"

/* ---- interpret_text.c: the arguments of words, piece by piece ---- */

/* A part of a word's arguments. `text` is as the preprocessor gave it: no comments, single blanks,
 * for some words with macros expanded. `at` is the same part in the file when `placed`, and a
 * place nearby otherwise. */
struct piece {
    const char *text;
    struct location at;
    bool placed;
};

/* The whole argument of a note, "" when it has none. */
struct piece piece_of_note(const struct note *note);

/* The parts between commas outside of parentheses and quotes: struct piece. Nothing gives none. */
GPtrArray *piece_split(const struct piece *piece);

/* Splits `head(inside)`; the head may be empty. Returns false for any other form. */
bool piece_parentheses(const struct piece *piece, struct piece *ret_head, struct piece *ret_inside);

/* The place of a word inside a piece. */
struct location piece_word(const struct piece *piece, const char *word, unsigned nth);

bool is_identifier(const char *text);

/* Decodes one or more adjacent C string literals. Returns false with a reason that completes a
 * sentence when the text is not that, or holds what SQLite's text cannot. */
bool literal_decode(const char *text, const char **ret_value, const char **ret_problem);

/* Works out an integer expression of C: + - * / %, parentheses, suffixes. */
bool integer_evaluate(const char *text, gint64 *ret_value);

/* "NOT_NULL" for "not_null". */
const char *word_shown(const struct note *note);

/* ---- interpret_default.c ---- */

/* Reads the argument of DEFAULT into the column's default. */
void default_read(struct column *column, const struct piece *piece, struct diag *diag);

/* ---- interpret_reference.c ---- */

/* Reads `table[, column]` or `table(columns)`, with `database.` before it. Returns NULL after an
 * error. The referencing columns are the caller's. */
struct reference *reference_read(const struct note *note, const GPtrArray *pieces, guint first,
                                 struct diag *diag);

/* Reads CASCADE and the like; ACTION_NONE after an error. */
enum action action_read(const struct note *note, struct diag *diag);

/* ---- interpret_column.c ---- */

/* Reads the notes of all columns of a table. */
void columns_read(struct table *table, struct diag *diag);

/* The column with a name as written in C or in SQL, or NULL. */
struct column *column_find(const struct table *table, const char *name);

/* Reports a name that is no column of the table, with the nearest that is. */
void column_report_unknown(const struct table *table, const char *name, struct location at,
                           struct diag *diag);

/* Reports that a word stands where it cannot, or does not exist. */
void word_report_place(const struct note *note, const char *where, struct diag *diag);

/* The name of a collation as SQLite spells it; NULL after an error. */
const char *collation_read(const char *name, struct location at, struct diag *diag);

/* An argument that is one name; NULL after an error. */
const char *name_read(const struct note *note, struct diag *diag);

/* An argument that is a string literal; NULL after an error. */
const char *literal_read(const struct note *note, struct diag *diag);

/* An argument that is SQL; a zeroed one after an error. */
struct expression expression_read(const struct note *note, struct diag *diag);

/* ---- interpret_line.c ---- */

/* Reads the lines inside a table's braces, after its columns. */
void lines_read(struct table *table, struct diag *diag);

#endif
