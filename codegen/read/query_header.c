/* query_header.c: the comment lines above a statement. Those that say a type or a reason become
 * annotations; the others are documentation. */
#include "queries.h"

#include "check/check.h"
#include "common/arena.h"
#include "interpret.h"

#include <string.h>

struct location
reader_place(const struct reader *reader, unsigned offset, unsigned length)
{
    struct location start = {reader->source, 1, 1, 0, 0};
    return diag_part(start, offset, length);
}

void
reader_begin_header(struct reader *reader)
{
    g_string_truncate(reader->doc, 0);
    reader->text = (struct text){.annotations = arena_list()};
    reader->scan_reason = NULL;
    reader->start = reader->end = 0;
    reader->closed = false;
    reader->header_line = 0;
}

/* A byte order mark is no part of the SQL. */
GArray *
reader_tokens(const struct source *source)
{
    static const char mark[] = "\xEF\xBB\xBF";
    GArray *tokens = sql_tokens(source->text, source->length, true);
    struct token *first = &g_array_index(tokens, struct token, 0);
    if (tokens->len == 0 || strncmp(source->text, mark, 3) != 0)
        return tokens;
    first->offset += 3;
    first->length -= 3;
    if (first->length == 0)
        g_array_remove_index(tokens, 0);
    return tokens;
}

bool
is_lower_name(const char *text)
{
    return g_ascii_islower(*text) && strlen(text) <= 63 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

/* ---- comment lines ---- */

/* Splits a line into words, in the arena; returns how many, at most `max`. */
guint
reader_words(const struct reader *reader, unsigned offset, unsigned length, struct word *words,
             guint max)
{
    const char *text = reader->source->text;
    unsigned end = offset + length;
    guint count = 0;
    while (count < max) {
        while (offset < end && g_ascii_isspace(text[offset]))
            offset++;
        if (offset == end)
            break;
        unsigned start = offset;
        while (offset < end && !g_ascii_isspace(text[offset]))
            offset++;
        words[count++] = (struct word){arena_string_n(text + start, offset - start), start};
    }
    return count;
}

struct location
reader_word_at(const struct reader *reader, const struct word *word)
{
    return reader_place(reader, word->offset, (unsigned)strlen(word->text));
}

static const char *const type_words[] = {"integer",   "boolean",  "real", "text", "json", "blob",
                                         "timestamp", "datetime", "ulid", "uuid", NULL};

/* A type of the schema language, an enum, or a typedef that some column has. */
static bool
find_type(const struct model *model, const char *word, struct annotation *annotation)
{
    for (int i = 0; type_words[i] != NULL; i++) {
        if (strcmp(type_words[i], word) == 0) {
            annotation->type = TYPE_INTEGER + (enum column_type)i;
            return true;
        }
    }
    FOR_EACH(struct enumeration, enumeration, model->enumerations) {
        if (strcmp(enumeration->name, word) == 0) {
            annotation->type = TYPE_ENUM;
            annotation->enumeration = enumeration;
            return true;
        }
    }
    FOR_EACH(struct module, module, model->modules)
        FOR_EACH(struct table, table, module->tables)
            FOR_EACH(struct column, column, table->columns)
                if (column->type_name != NULL && strcmp(column->type_name, word) == 0) {
                    annotation->type = column->type;
                    annotation->enumeration = column->enumeration;
                    annotation->distinct = column->distinct;
                    return true;
                }
    return false;
}

static void
report_type(struct reader *reader, const struct word *word)
{
    GPtrArray *words = arena_list();
    for (int i = 0; type_words[i] != NULL; i++)
        g_ptr_array_add(words, (char *)type_words[i]);
    FOR_EACH(struct enumeration, enumeration, reader->model->enumerations)
        g_ptr_array_add(words, (char *)enumeration->name);
    diag_error(reader->diag, RULE_QUERY_ANNOTATION, reader_word_at(reader, word),
               "there is no type '%s'", word->text);
    note_nearest(reader->diag, word->text, words);
}

/* Reads "null" or "not null" at the end of an annotation; false when there is something else. */
static bool
read_null(const struct word *words, guint count, struct annotation *annotation)
{
    if (count == 0)
        return true;
    annotation->says_null = true;
    annotation->nullable = count == 1;
    if (count == 1)
        return g_ascii_strcasecmp(words[0].text, "null") == 0;
    return count == 2 && g_ascii_strcasecmp(words[0].text, "not") == 0 &&
           g_ascii_strcasecmp(words[1].text, "null") == 0;
}

/* Reads `name type [null | not null]`. */
static void
read_annotation(struct reader *reader, bool is_parameter, const struct word *words, guint count)
{
    struct annotation *annotation = ARENA_NEW(struct annotation);
    struct location line = reader_word_at(reader, &words[0]);
    annotation->is_parameter = is_parameter;
    annotation->name = words[0].text + (is_parameter ? 1 : 0);
    annotation->at = line;
    guint first = count > 1 && strcmp(words[1].text, "enum") == 0 ? 2 : 1;
    if (count <= first || !is_identifier(annotation->name)) {
        diag_error(reader->diag, RULE_QUERY_ANNOTATION, line, "write %s",
                   is_parameter ? "'-- :name type', with 'null' after it where NULL may be passed"
                                : "'-- column name type', with 'not null' after it where it holds");
        return;
    }
    if (!find_type(reader->model, words[first].text, annotation)) {
        report_type(reader, &words[first]);
        return;
    }
    annotation->type_name = words[first].text;
    if (!read_null(words + first + 1, count - first - 1, annotation)) {
        diag_error(reader->diag, RULE_QUERY_ANNOTATION, reader_word_at(reader, &words[first + 1]),
                   "after the type comes 'null', 'not null' or nothing");
        return;
    }
    FOR_EACH(struct annotation, other, reader->text.annotations) {
        if (other->is_parameter != is_parameter || strcmp(other->name, annotation->name) != 0)
            continue;
        diag_error(reader->diag, RULE_QUERY_ANNOTATION, line, "'%s' has a type already",
                   words[0].text);
        diag_note(reader->diag, other->at, "it is here");
    }
    g_ptr_array_add(reader->text.annotations, annotation);
}

static void
read_scan(struct reader *reader, unsigned offset, unsigned length)
{
    char *why = g_strstrip(g_strndup(reader->source->text + offset, length));
    if (*why == '\0')
        diag_error(reader->diag, RULE_QUERY_ANNOTATION, reader_place(reader, offset, 1),
                   "say why the whole table may be read: '-- scan ok: it has ten rows'");
    reader->scan_reason = arena_string(why);
    g_free(why);
}

/* A comment line above a statement: a type, a reason, or documentation. */
void
reader_header_line(struct reader *reader, unsigned offset, unsigned length)
{
    const char *text = reader->source->text + offset;
    struct word words[6];
    guint count = reader_words(reader, offset, length, words, G_N_ELEMENTS(words));
    if (count > 0 && words[0].text[0] == ':') {
        read_annotation(reader, true, words, count);
    } else if (count > 0 && strcmp(words[0].text, "column") == 0) {
        if (count > 1)
            read_annotation(reader, false, words + 1, count - 1);
        else
            diag_error(reader->diag, RULE_QUERY_ANNOTATION, reader_word_at(reader, &words[0]),
                       "write '-- column name type'");
    } else if (count > 1 && strcmp(words[0].text, "scan") == 0 &&
               g_str_has_prefix(words[1].text, "ok:")) {
        unsigned skip = words[1].offset + 3 - offset;
        read_scan(reader, offset + skip, length - skip);
    } else {
        char *line = g_strndup(text, length);
        if (reader->doc->len > 0)
            g_string_append_c(reader->doc, '\n');
        g_string_append(reader->doc, g_strstrip(line));
        g_free(line);
    }
}

bool
reader_is_annotation(const struct reader *reader, unsigned offset, unsigned length)
{
    struct word words[3];
    struct annotation annotation;
    guint count = reader_words(reader, offset, length, words, G_N_ELEMENTS(words));
    if (count >= 2 && strcmp(words[0].text, "scan") == 0)
        return g_str_has_prefix(words[1].text, "ok:");
    if (count >= 2 && words[0].text[0] == ':')
        return find_type(reader->model, words[1].text, &annotation);
    return count == 3 && strcmp(words[0].text, "column") == 0 &&
           find_type(reader->model, words[2].text, &annotation);
}

/* Ends the header: `text` is complete but for the statement. */
void
reader_end_header(struct reader *reader)
{
    g_strstrip(reader->doc->str);
    if (reader->doc->str[0] != '\0')
        reader->text.doc = arena_string(reader->doc->str);
    reader->text.sql = arena_string_n(reader->source->text + reader->start,
                                      reader->end - reader->start);
    reader->text.at = reader_place(reader, reader->start, reader->end - reader->start);
}
