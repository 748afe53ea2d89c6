/* interpret_column.c: the words after a column. Every word has a row that says what it does; a word
 * of the column's own counts more than the same one of its typedef. Columns leave with their typed
 * members set; keys, which lines of the table may add to, are interpret_line.c's. */
#include "interpret.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "model/names.h"

#include <stddef.h>
#include <string.h>

/* ---- shared with lines ---- */

void
word_report_place(const struct note *note, const char *where, struct diag *diag)
{
    diag_error(diag, RULE_WORD_PLACE, note->at, "%s cannot stand %s", word_shown(note), where);
}

static void
report_argument(const struct note *note, struct location at, const char *form, struct diag *diag)
{
    diag_error(diag, RULE_ARGUMENT_FORM, at, "%s takes %s", word_shown(note), form);
}

const char *
name_read(const struct note *note, struct diag *diag)
{
    struct piece piece = piece_of_note(note);
    if (is_identifier(piece.text))
        return piece.text;
    report_argument(note, piece.at, "one name", diag);
    return NULL;
}

const char *
literal_read(const struct note *note, struct diag *diag)
{
    struct piece piece = piece_of_note(note);
    const char *value = NULL, *problem = NULL;
    if (literal_decode(piece.text, &value, &problem))
        return value;
    report_argument(note, piece.at, "a name in double quotes", diag);
    return NULL;
}

struct expression
expression_read(const struct note *note, struct diag *diag)
{
    struct piece piece = piece_of_note(note);
    if (*piece.text != '\0')
        return (struct expression){piece.text, piece.at};
    report_argument(note, piece.at, "an SQL expression", diag);
    return (struct expression){0};
}

struct column *
column_find(const struct table *table, const char *name)
{
    FOR_EACH(struct column, column, table->columns)
        if (strcmp(column->name, name) == 0)
            return column;
    FOR_EACH(struct column, column, table->columns)
        if (strcmp(column->sql_name, name) == 0)
            return column;
    return NULL;
}

void
column_report_unknown(const struct table *table, const char *name, struct location at,
                      struct diag *diag)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct column, column, table->columns)
        g_ptr_array_add(names, (char *)column->name);
    g_ptr_array_add(names, NULL);
    diag_error(diag, RULE_COLUMN_UNKNOWN, at, "table '%s' has no column '%s'", table->name, name);
    const char *nearest = diag_nearest(name, (const char *const *)names->pdata);
    if (nearest != NULL)
        diag_note(diag, (struct location){0}, "did you mean '%s'?", nearest);
}

const char *
collation_read(const char *name, struct location at, struct diag *diag)
{
    static const char *const known[] = {"BINARY", "NOCASE", "RTRIM", NULL};
    for (guint i = 0; known[i] != NULL; i++)
        if (g_ascii_strcasecmp(known[i], name) == 0)
            return known[i];
    diag_error(diag, RULE_COLLATE_NAME, at, "SQLite has no collation '%s'", name);
    const char *nearest = diag_nearest(name, known);
    if (nearest != NULL)
        diag_note(diag, (struct location){0}, "did you mean '%s'?", nearest);
    else
        diag_note(diag, (struct location){0}, "it has BINARY, NOCASE and RTRIM");
    return NULL;
}

/* ---- one function per word ---- */

static void
read_default(struct column *column, const struct note *note, struct diag *diag)
{
    struct piece piece = piece_of_note(note);
    if (*piece.text == '\0')
        report_argument(note, piece.at, "a value", diag);
    else
        default_read(column, &piece, diag);
}

static void
read_length(struct column *column, const struct note *note, struct diag *diag)
{
    struct piece piece = piece_of_note(note);
    gint64 length = 0;
    if (!integer_evaluate(piece.text, &length))
        diag_error(diag, RULE_LENGTH_VALUE, piece.at, "the length is no whole number");
    else if (length < 1 || length > 1000000000)
        diag_error(diag, RULE_LENGTH_VALUE, piece.at,
                   "the length %" G_GINT64_FORMAT " is not between 1 and 1000000000", length);
    else
        column->max_length = length;
}

static void
read_check(struct column *column, const struct note *note, struct diag *diag)
{
    struct expression *check = ARENA_NEW(struct expression);
    *check = expression_read(note, diag);
    if (check->sql != NULL)
        g_ptr_array_add(column->checks, check);
}

static void
read_collate(struct column *column, const struct note *note, struct diag *diag)
{
    const char *name = name_read(note, diag);
    if (name != NULL)
        column->collate = collation_read(name, piece_of_note(note).at, diag);
}

static void
read_generated(struct column *column, const struct note *note, struct diag *diag)
{
    column->generated = expression_read(note, diag);
}

static struct reference *
read_reference(struct column *column, const struct note *note, struct diag *diag)
{
    struct piece piece = piece_of_note(note);
    struct reference *reference = reference_read(note, piece_split(&piece), 0, diag);
    if (reference != NULL)
        g_ptr_array_add(reference->columns, column);
    return reference;
}

static void
read_references(struct column *column, const struct note *note, struct diag *diag)
{
    column->reference = read_reference(column, note, diag);
}

static void
read_soft_references(struct column *column, const struct note *note, struct diag *diag)
{
    struct reference *reference = read_reference(column, note, diag);
    if (reference != NULL && reference->database == NULL)
        diag_error(diag, RULE_REFERENCE_FORM, reference->table_at,
                   "a soft reference names the database too: SOFT_REFERENCES(database.%s)",
                   reference->table_name);
    else
        column->soft_reference = reference;
}

/* Runs after all other words, wherever the action stands among them. */
static void
read_action(struct column *column, const struct note *note, struct diag *diag)
{
    enum action action = action_read(note, diag);
    if (column->reference == NULL)
        return;
    if (strcmp(note->word, "on_delete") == 0)
        column->reference->on_delete = action;
    else
        column->reference->on_update = action;
}

static void
read_named(struct column *column, const struct note *note, struct diag *diag)
{
    const char *name = literal_read(note, diag);
    if (name != NULL)
        column->sql_name = name;
}

static void
read_renamed_from(struct column *column, const struct note *note, struct diag *diag)
{
    /* An old name that is a C keyword can only be given as a text. */
    struct piece piece = piece_of_note(note);
    column->renamed_from = *piece.text == '"' ? literal_read(note, diag) : name_read(note, diag);
}

/* ---- the words ---- */

struct column_word {
    const char *word;
    size_t flag; /* the bool of the column that it sets, when there is no function */
    void (*read)(struct column *column, const struct note *note, struct diag *diag);
};

static const struct column_word column_words[] = {
    {"primary_key", offsetof(struct column, primary_key), NULL},
    {"autoincrement", offsetof(struct column, autoincrement), NULL},
    {"not_null", offsetof(struct column, not_null), NULL},
    {"unique", offsetof(struct column, unique), NULL},
    {"index", offsetof(struct column, indexed), NULL},
    {"default_now", offsetof(struct column, default_now), NULL},
    {"update_now", offsetof(struct column, update_now), NULL},
    {"default", 0, read_default},
    {"length", 0, read_length},
    {"check", 0, read_check},
    {"collate", 0, read_collate},
    {"generated", 0, read_generated},
    {"references", 0, read_references},
    {"soft_references", 0, read_soft_references},
    {"named", 0, read_named},
    {"renamed_from", 0, read_renamed_from},
    {"on_delete", 0, read_action},
    {"on_update", 0, read_action},
};

static const struct column_word *
find_word(const struct note *note)
{
    for (gsize i = 0; i < G_N_ELEMENTS(column_words); i++)
        if (strcmp(column_words[i].word, note->word) == 0)
            return &column_words[i];
    return NULL;
}

/* Whether a note came with the column's typedef: parse then gives it the place of the type. */
static bool
is_inherited(const struct column *column, const struct note *note)
{
    return note->at.source == column->type_at.source && note->at.offset == column->type_at.offset;
}

static const struct note *
find_earlier(const struct column *column, const struct note *note)
{
    FOR_EACH(struct note, earlier, column->notes) {
        if (earlier == note)
            return NULL;
        if (strcmp(earlier->word, note->word) == 0 && !is_inherited(column, earlier))
            return earlier;
    }
    return NULL;
}

static void
read_note(struct column *column, const struct note *note, struct diag *diag)
{
    const struct column_word *word = find_word(note);
    if (word == NULL) {
        word_report_place(note, "after a column", diag);
        return;
    }
    const struct note *earlier = find_earlier(column, note);
    if (earlier != NULL && word->read != read_check) {
        diag_error(diag, RULE_WORD_TWICE, note->at, "%s is given twice for '%s'", word_shown(note),
                   column->name);
        diag_note(diag, earlier->at, "the first one is here");
        return;
    }
    if (word->read != NULL)
        word->read(column, note, diag);
    else
        *(bool *)((char *)column + word->flag) = true;
}

static bool
is_action(const struct note *note)
{
    return strcmp(note->word, "on_delete") == 0 || strcmp(note->word, "on_update") == 0;
}

static void
report_lone_action(const struct column *column, const struct note *note, struct diag *diag)
{
    bool soft = false;
    FOR_EACH(struct note, other, column->notes) {
        if (strcmp(other->word, "references") == 0)
            return;
        soft = soft || strcmp(other->word, "soft_references") == 0;
    }
    diag_error(diag, RULE_ACTION_WITHOUT_REFERENCE, note->at, "%s needs a REFERENCES beside it",
               word_shown(note));
    if (soft)
        diag_note(diag, (struct location){0},
                  "a soft reference leads to another file and has no actions");
}

/* The text with a column's name for each VALUE, as in a CREATE DOMAIN of SQL; in the arena. */
static const char *
fill_value(const char *text, const char *name)
{
    struct sql sql = sql_new(text);
    GString *named = g_string_new(NULL);
    unsigned end = 0;
    for (int i = 0; i < sql_count(&sql); i++) {
        const struct token *token = sql_token(&sql, i);
        if (token->kind != TOKEN_WORD || !sql_is(&sql, i, "value") || sql_is(&sql, i - 1, ".") ||
            sql_is(&sql, i + 1, ".") || sql_is(&sql, i + 1, "("))
            continue;
        g_string_append_len(named, text + end, token->offset - end);
        g_string_append(named, name);
        end = token->offset + token->length;
    }
    g_string_append(named, text + end);
    sql_free(&sql);
    const char *copy = arena_string(named->str);
    g_string_free(named, TRUE);
    return copy;
}

/* A check that came with the typedef calls the column VALUE. */
static void
name_values(struct column *column)
{
    FOR_EACH(struct expression, check, column->checks)
        if (check->at.source == column->type_at.source &&
            check->at.offset == column->type_at.offset)
            check->sql = fill_value(check->sql, sql_quote_name(column->sql_name));
}

static void
read_column(struct column *column, struct diag *diag)
{
    column->sql_name = column->name;
    column->member = name_member(column->name);
    FOR_EACH(struct note, note, column->notes)
        if (!is_action(note))
            read_note(column, note, diag);
    FOR_EACH(struct note, note, column->notes) {
        if (!is_action(note))
            continue;
        report_lone_action(column, note, diag);
        read_note(column, note, diag);
    }
    name_values(column);
    if (column->reference != NULL)
        g_ptr_array_add(column->table->references, column->reference);
    if (column->soft_reference != NULL)
        g_ptr_array_add(column->table->soft_references, column->soft_reference);
}

void
columns_read(struct table *table, struct diag *diag)
{
    FOR_EACH(struct column, column, table->columns)
        read_column(column, diag);
}
