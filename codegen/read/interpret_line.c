/* interpret_line.c: the lines inside a table's braces: keys, indexes, checks, foreign keys, full
 * text, options and history. parse gives them as one flat list, in which every line starts with an
 * entry word and the words that change it follow. UNIQUE and INDEX of columns become indexes here
 * too, so that every index is named in one place. */
#include "interpret.h"

#include "common/arena.h"
#include "model/schema.h"

#include <string.h>

/* The line that is being read. */
struct line {
    struct table *table;
    struct diag *diag;
    const struct note *entry;
    struct index *index;         /* what WHERE and NAMED change */
    struct reference *reference; /* what ON_DELETE and ON_UPDATE change */
};

static void
report_form(struct line *line, struct location at, const char *form)
{
    diag_error(line->diag, RULE_ENTRY_FORM, at, "%s takes %s", word_shown(line->entry), form);
}

/* ---- lists of columns ---- */

static bool
contains(const GPtrArray *list, const void *item)
{
    return g_ptr_array_find((GPtrArray *)list, item, NULL);
}

static void
report_twice(struct line *line, enum rule_id rule, struct location at, const char *name)
{
    diag_error(line->diag, rule, at, "%s names column '%s' twice", word_shown(line->entry), name);
}

/* Reads plain column names from piece `first` on. Their places are added to `places`. */
static void
read_columns(struct line *line, const GPtrArray *pieces, guint first, enum rule_id twice,
             GPtrArray *columns, GPtrArray *places)
{
    for (guint i = first; i < pieces->len; i++) {
        const struct piece *piece = g_ptr_array_index(pieces, i);
        struct column *column = column_find(line->table, piece->text);
        if (!is_identifier(piece->text)) {
            report_form(line, piece->at, "plain columns");
        } else if (column == NULL) {
            column_report_unknown(line->table, piece->text, piece->at, line->diag);
        } else if (contains(columns, column)) {
            report_twice(line, twice, piece->at, column->name);
        } else {
            struct location *at = ARENA_NEW(struct location);
            *at = piece->at;
            g_ptr_array_add(columns, column);
            g_ptr_array_add(places, at);
        }
    }
}

static void
read_primary_key_on(struct line *line, const struct note *note)
{
    struct piece piece = piece_of_note(note);
    GPtrArray *pieces = piece_split(&piece);
    GPtrArray *columns = arena_list();
    if (pieces->len == 0)
        report_form(line, note->at, "at least one column");
    read_columns(line, pieces, 0, RULE_INDEX_COLUMN_TWICE, columns, arena_list());
    FOR_EACH(struct column, column, columns)
        column->primary_key = true;
    if (line->table->primary_key->len == 0) {
        line->table->primary_key = columns;
        line->table->primary_key_at = note->at;
    }
}

static void
read_full_text_on(struct line *line, const struct note *note)
{
    struct piece piece = piece_of_note(note);
    GPtrArray *pieces = piece_split(&piece);
    const struct piece *name = pieces->len == 0 ? NULL : g_ptr_array_index(pieces, 0);
    if (pieces->len < 2 || !is_identifier(name->text)) {
        report_form(line, piece.at, "a name for the index and its columns");
        return;
    }
    struct full_text *full_text = ARENA_NEW(struct full_text);
    full_text->name = name->text;
    full_text->name_at = name->at;
    full_text->at = note->at;
    full_text->table = line->table;
    full_text->columns = arena_list();
    full_text->column_at = arena_list();
    read_columns(line, pieces, 1, RULE_FULL_TEXT_COLUMN_TWICE, full_text->columns,
                 full_text->column_at);
    g_ptr_array_add(line->table->full_texts, full_text);
}

/* FOREIGN_KEY_ON((a, b), table(c, d)); a single column needs no parentheses. */
static void
read_foreign_key_on(struct line *line, const struct note *note)
{
    struct piece piece = piece_of_note(note);
    GPtrArray *pieces = piece_split(&piece);
    struct piece head, inside;
    line->reference = reference_read(note, pieces, 1, line->diag);
    if (line->reference == NULL)
        return;
    const struct piece *first = g_ptr_array_index(pieces, 0);
    GPtrArray *names = arena_list();
    if (piece_parentheses(first, &head, &inside) && *head.text == '\0')
        names = piece_split(&inside);
    else
        g_ptr_array_add(names, (struct piece *)first);
    if (names->len == 0)
        report_form(line, first->at, "at least one column");
    guint errors = diag_error_count(line->diag);
    read_columns(line, names, 0, RULE_INDEX_COLUMN_TWICE, line->reference->columns, arena_list());
    /* Half a key would only lead to more errors. */
    if (names->len > 0 && diag_error_count(line->diag) == errors)
        g_ptr_array_add(line->table->references, line->reference);
}

/* ---- indexes ---- */

/* Takes the last word off a text that has more before it. */
static const char *
cut_word(char *text)
{
    char *space = strrchr(text, ' ');
    if (space == NULL || space == text || !is_identifier(space + 1))
        return NULL;
    *space = '\0';
    g_strchomp(text);
    return space + 1;
}

static bool
is_word(const char *text, const char *word)
{
    return text != NULL && g_ascii_strcasecmp(text, word) == 0;
}

/* Splits `title COLLATE NOCASE DESC` into its three parts. */
static void
split_item(struct key_part *part, const char *item)
{
    char *text = arena_string(item);
    const char *word = cut_word(text);
    if (is_word(word, "desc") || is_word(word, "asc")) {
        part->descending = is_word(word, "desc");
        item = arena_string(text);
        word = cut_word(text);
    }
    if (word != NULL && is_word(cut_word(text), "collate")) {
        part->collate = word;
        item = text;
    }
    part->sql = item;
}

static void
add_item(struct line *line, const struct piece *piece)
{
    struct key_part *part = ARENA_NEW(struct key_part);
    part->at = piece->at;
    split_item(part, piece->text);
    if (part->collate != NULL)
        part->collate = collation_read(part->collate, piece_word(piece, part->collate, 0),
                                       line->diag);
    if (*part->sql == '\0' || *part->sql == '"') {
        report_form(line, piece->at, "columns, without quotes");
        return;
    }
    if (is_identifier(part->sql)) {
        part->at = piece_word(piece, part->sql, 0);
        part->column = column_find(line->table, part->sql);
        if (part->column == NULL)
            column_report_unknown(line->table, part->sql, part->at, line->diag);
    }
    FOR_EACH(struct key_part, earlier, line->index->parts)
        if (part->column != NULL && earlier->column == part->column)
            report_twice(line, RULE_INDEX_COLUMN_TWICE, part->at, part->column->name);
    g_ptr_array_add(line->index->parts, part);
}

static void
read_index_on(struct line *line, const struct note *note)
{
    struct piece piece = piece_of_note(note);
    GPtrArray *pieces = piece_split(&piece);
    line->index = ARENA_NEW(struct index);
    line->index->unique = strcmp(note->word, "unique_on") == 0;
    line->index->parts = arena_list();
    line->index->at = note->at;
    if (pieces->len == 0)
        report_form(line, note->at, "at least one column");
    FOR_EACH(struct piece, item, pieces)
        add_item(line, item);
    g_ptr_array_add(line->table->indexes, line->index);
}

static struct location
word_place(const struct column *column, const char *word)
{
    FOR_EACH(struct note, note, column->notes)
        if (strcmp(note->word, word) == 0)
            return note->at;
    return column->at;
}

static void
add_column_index(struct column *column, bool unique)
{
    struct index *index = ARENA_NEW(struct index);
    struct key_part *part = ARENA_NEW(struct key_part);
    index->unique = unique;
    index->parts = arena_list();
    index->at = word_place(column, unique ? "unique" : "index");
    part->column = column;
    part->sql = column->name;
    part->at = column->at;
    g_ptr_array_add(index->parts, part);
    g_ptr_array_add(column->table->indexes, index);
}

/* books_title_key for a unique one, books_title_idx for another; an expression counts as expr. */
static void
name_index(const struct table *table, struct index *index)
{
    GString *name = g_string_new(table->name);
    FOR_EACH(struct key_part, part, index->parts)
        g_string_append_printf(name, "_%s", part->column != NULL ? part->column->name : "expr");
    g_string_append(name, index->unique ? "_key" : "_idx");
    index->name = arena_string_n(name->str, name->len);
    g_string_free(name, TRUE);
}

/* ---- the other entries ---- */

static void
read_check_row(struct line *line, const struct note *note)
{
    struct expression *check = ARENA_NEW(struct expression);
    *check = expression_read(note, line->diag);
    if (check->sql != NULL)
        g_ptr_array_add(line->table->checks, check);
}

/* EXTENDS(table) or EXTENDS(table, column, CONSTANT). */
static void
read_extends(struct line *line, const struct note *note)
{
    struct piece piece = piece_of_note(note);
    GPtrArray *pieces = piece_split(&piece);
    bool fine = pieces->len == 1 || pieces->len == 3;
    FOR_EACH(struct piece, name, pieces)
        fine = fine && is_identifier(name->text);
    if (!fine) {
        report_form(line, piece.at, "a table, or a table, a column of it and a constant");
        return;
    }
    struct extension *extends = ARENA_NEW(struct extension);
    const struct piece *table = g_ptr_array_index(pieces, 0);
    extends->at = note->at;
    extends->table_name = table->text;
    extends->table_at = table->at;
    if (pieces->len == 3) {
        const struct piece *column = g_ptr_array_index(pieces, 1);
        const struct piece *value = g_ptr_array_index(pieces, 2);
        extends->column_name = column->text;
        extends->column_at = column->at;
        extends->value_name = value->text;
        extends->value_at = value->at;
    }
    line->table->extends = extends;
}

static void
read_dropped(struct line *line, const struct note *note)
{
    struct piece piece = piece_of_note(note);
    GPtrArray *pieces = piece_split(&piece);
    struct dropped *dropped = ARENA_NEW(struct dropped);
    const char *problem = NULL;
    const struct piece *name = pieces->len == 2 ? g_ptr_array_index(pieces, 0) : NULL;
    const struct piece *why = pieces->len == 2 ? g_ptr_array_index(pieces, 1) : NULL;
    if (name == NULL || !is_identifier(name->text) ||
        !literal_decode(why->text, &dropped->why, &problem)) {
        diag_error(line->diag, RULE_ARGUMENT_FORM, piece.at,
                   "DROPPED takes a column's name and the reason in double quotes");
        return;
    }
    dropped->column = name->text;
    dropped->at = name->at;
    g_ptr_array_add(line->table->dropped, dropped);
}

static void
read_table_was(struct line *line, const struct note *note)
{
    line->table->was = name_read(note, line->diag);
}

static void
read_without_rowid(struct line *line, const struct note *note)
{
    line->table->without_rowid = true;
    line->table->without_rowid_at = note->at;
}

static void
read_not_strict(struct line *line, const struct note *note)
{
    (void)note;
    line->table->strict = false;
}

/* ---- words that change a line ---- */

static void
read_where(struct line *line, const struct note *note)
{
    line->index->where = expression_read(note, line->diag);
}

static void
read_named(struct line *line, const struct note *note)
{
    line->index->name = literal_read(note, line->diag);
    line->index->named_at = piece_of_note(note).at;
}

static void
read_on_delete(struct line *line, const struct note *note)
{
    line->reference->on_delete = action_read(note, line->diag);
}

static void
read_on_update(struct line *line, const struct note *note)
{
    line->reference->on_update = action_read(note, line->diag);
}

/* ---- the words ---- */

enum changes { STARTS_LINE, CHANGES_INDEX, CHANGES_REFERENCE };

struct line_word {
    const char *word;
    enum changes changes;
    bool once; /* per table, or per line for a word that changes one */
    void (*read)(struct line *line, const struct note *note);
};

static const struct line_word line_words[] = {
    {"primary_key_on", STARTS_LINE, false, read_primary_key_on},
    {"unique_on", STARTS_LINE, false, read_index_on},
    {"index_on", STARTS_LINE, false, read_index_on},
    {"check_row", STARTS_LINE, false, read_check_row},
    {"foreign_key_on", STARTS_LINE, false, read_foreign_key_on},
    {"full_text_on", STARTS_LINE, false, read_full_text_on},
    {"extends", STARTS_LINE, true, read_extends},
    {"table_was", STARTS_LINE, true, read_table_was},
    {"dropped", STARTS_LINE, false, read_dropped},
    {"without_rowid", STARTS_LINE, true, read_without_rowid},
    {"not_strict", STARTS_LINE, true, read_not_strict},
    {"where", CHANGES_INDEX, true, read_where},
    {"named", CHANGES_INDEX, true, read_named},
    {"on_delete", CHANGES_REFERENCE, true, read_on_delete},
    {"on_update", CHANGES_REFERENCE, true, read_on_update},
};

static const struct line_word *
find_word(const struct note *note)
{
    for (gsize i = 0; i < G_N_ELEMENTS(line_words); i++)
        if (strcmp(line_words[i].word, note->word) == 0)
            return &line_words[i];
    return NULL;
}

/* The same word before, in the same line when it changes one. */
static const struct note *
find_earlier(const struct line *line, const struct note *note, const struct line_word *word)
{
    bool within = word->changes == STARTS_LINE;
    FOR_EACH(struct note, earlier, line->table->notes) {
        if (earlier == note)
            break;
        within = within || earlier == line->entry;
        if (within && strcmp(earlier->word, note->word) == 0)
            return earlier;
    }
    return NULL;
}

/* Whether the entry of the line is one that the word changes, even if it could not be read. */
static bool
can_change(const struct line *line, const struct line_word *word)
{
    const char *entry = line->entry == NULL ? "" : line->entry->word;
    if (word->changes == CHANGES_INDEX)
        return strcmp(entry, "index_on") == 0 || strcmp(entry, "unique_on") == 0;
    return strcmp(entry, "foreign_key_on") == 0;
}

static void
read_note(struct line *line, const struct note *note)
{
    const struct line_word *word = find_word(note);
    if (word != NULL && word->changes == STARTS_LINE) {
        line->entry = note;
        line->index = NULL;
        line->reference = NULL;
    } else if (word == NULL || !can_change(line, word)) {
        word_report_place(
            note, line->entry == NULL ? "here" : arena_printf("after %s", word_shown(line->entry)),
            line->diag);
        return;
    }
    /* cppcheck-suppress nullPointerRedundantCheck ; without a word the line above has returned */
    const struct note *earlier = word->once ? find_earlier(line, note, word) : NULL;
    if (earlier != NULL) {
        diag_error(line->diag, RULE_WORD_TWICE, note->at, "%s is given twice", word_shown(note));
        diag_note(line->diag, earlier->at, "the first one is here");
    } else if (word->changes != CHANGES_REFERENCE || line->reference != NULL) {
        word->read(line, note);
    }
}

/* ---- tables ---- */

static void
take_column_keys(struct table *table)
{
    FOR_EACH(struct column, column, table->columns) {
        if (column->primary_key) {
            if (table->primary_key->len == 0)
                table->primary_key_at = word_place(column, "primary_key");
            g_ptr_array_add(table->primary_key, column);
        }
        if (column->unique)
            add_column_index(column, true);
        if (column->indexed)
            add_column_index(column, false);
    }
}

static bool
has_rowid_key(const struct table *table)
{
    const struct column *first = table->primary_key->len == 1
                                     ? g_ptr_array_index(table->primary_key, 0)
                                     : NULL;
    return first != NULL && first->type == TYPE_INTEGER;
}

void
lines_read(struct table *table, struct diag *diag)
{
    struct line line = {.table = table, .diag = diag};
    table->strict = true;
    take_column_keys(table);
    FOR_EACH(struct note, note, table->notes)
        read_note(&line, note);
    FOR_EACH(struct column, column, table->primary_key)
        column->not_null = true;
    FOR_EACH(struct index, index, table->indexes)
        if (index->name == NULL)
            name_index(table, index);
    if (table->full_texts->len > 0 && !has_rowid_key(table))
        table->hidden_rowid = SCHEMA_HIDDEN_ROWID;
}
