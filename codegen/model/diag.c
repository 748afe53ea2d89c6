/* diag.c: collects errors of all stages, sorts them, and prints each in clang's form:
 *
 *   schemas/a/db_models.h:9:12: error: unknown column type 'varchar' [unknown-type]
 *       9 |     varchar title NOT_NULL;
 *         |     ^~~~~~~
 *   schemas/a/db_models.h:9:12: note: did you mean 'text'?
 *
 * The same error at the same place is reported once. */
#include "diag.h"

#include "common/arena.h"

#include <stdarg.h>
#include <string.h>

struct message {
    struct location at;
    const char *text;
};

struct error {
    enum rule_id rule;
    struct message message;
    GPtrArray *notes; /* struct message */
};

/* A piece of a source that did not parse. */
struct broken {
    const struct source *source;
    unsigned start;
    unsigned end;
};

struct diag {
    GPtrArray *errors;
    GArray *broken;       /* struct broken */
    struct error *latest; /* takes the notes; NULL after an error that was not kept */
};

struct diag *
diag_new(void)
{
    struct diag *diag = g_new0(struct diag, 1);
    diag->errors = g_ptr_array_new_with_free_func(g_free);
    diag->broken = g_array_new(FALSE, FALSE, sizeof(struct broken));
    return diag;
}

void
diag_free(struct diag *diag)
{
    g_ptr_array_unref(diag->errors);
    g_array_unref(diag->broken);
    g_free(diag);
}

void
diag_broken(struct diag *diag, const struct source *source, unsigned start, unsigned end)
{
    struct broken broken = {source, start, end};
    g_array_append_val(diag->broken, broken);
}

/* Whether an error may be no more than the echo of a syntax error beside it. */
static bool
is_echo(const struct diag *diag, enum rule_id rule, const struct location *at)
{
    static const enum rule_id missing_something[] = {RULE_PRIMARY_KEY_MISSING, RULE_COLUMN_UNKNOWN,
                                                     RULE_FOREIGN_KEY_COLUMN,
                                                     RULE_FOREIGN_KEY_UNIQUE, RULE_ENUM_EMPTY};
    bool misses = false;
    for (gsize i = 0; i < G_N_ELEMENTS(missing_something); i++)
        misses = misses || missing_something[i] == rule;
    for (guint i = 0; misses && i < diag->broken->len; i++) {
        const struct broken *broken = &g_array_index(diag->broken, struct broken, i);
        if (broken->source == at->source && broken->start <= at->offset &&
            at->offset <= broken->end)
            return true;
    }
    return false;
}

static const char *
format_text(const char *format, va_list arguments)
{
    char *text = g_strdup_vprintf(format, arguments);
    char *valid = g_utf8_make_valid(text, -1);
    const char *copy = arena_string(valid);
    g_free(valid);
    g_free(text);
    return copy;
}

void
diag_error(struct diag *diag, enum rule_id rule, struct location at, const char *format, ...)
{
    diag->latest = NULL;
    if (is_echo(diag, rule, &at))
        return;
    struct error *error = g_new0(struct error, 1);
    va_list arguments;
    va_start(arguments, format);
    error->rule = rule;
    error->message.at = at;
    error->message.text = format_text(format, arguments);
    error->notes = arena_list();
    va_end(arguments);
    g_ptr_array_add(diag->errors, error);
    diag->latest = error;
}

void
diag_note(struct diag *diag, struct location at, const char *format, ...)
{
    if (diag->latest == NULL)
        return;
    struct message *note = ARENA_NEW(struct message);
    va_list arguments;
    va_start(arguments, format);
    note->at = at;
    note->text = format_text(format, arguments);
    va_end(arguments);
    g_ptr_array_add(diag->latest->notes, note);
}

bool
diag_has_error(const struct diag *diag, const struct location *at)
{
    FOR_EACH(struct error, error, diag->errors)
        if (error->message.at.source == at->source && error->message.at.offset == at->offset)
            return true;
    return false;
}

bool
diag_has_error_in(const struct diag *diag, const struct source *source, unsigned start,
                  unsigned end)
{
    FOR_EACH(struct error, error, diag->errors)
        if (error->message.at.source == source && error->message.at.offset >= start &&
            error->message.at.offset <= end)
            return true;
    return false;
}

guint
diag_error_count(const struct diag *diag)
{
    return diag->errors->len;
}

void
diag_filter(struct diag *diag, diag_keeps *keeps, void *data)
{
    guint kept = 0;
    for (guint i = 0; i < diag->errors->len; i++) {
        struct error *error = g_ptr_array_index(diag->errors, i);
        if (keeps(data, error->rule, &error->message.at))
            diag->errors->pdata[kept++] = error;
        else
            g_free(error);
    }
    /* what is cut off has moved up or is freed */
    g_ptr_array_set_free_func(diag->errors, NULL);
    g_ptr_array_set_size(diag->errors, (int)kept);
    g_ptr_array_set_free_func(diag->errors, g_free);
    diag->latest = NULL;
}

/* ---- order ---- */

static int
compare_places(const struct location *a, const struct location *b)
{
    if (a->source != b->source) {
        if (a->source == NULL || b->source == NULL)
            return a->source == NULL ? -1 : 1;
        int order = strcmp(a->source->path, b->source->path);
        if (order != 0)
            return order;
    }
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return 0;
}

static int
compare_errors(gconstpointer left, gconstpointer right)
{
    const struct error *a = *(struct error *const *)left;
    const struct error *b = *(struct error *const *)right;
    int order = compare_places(&a->message.at, &b->message.at);
    if (order == 0)
        order = strcmp(rules[a->rule].name, rules[b->rule].name);
    if (order == 0)
        order = strcmp(a->message.text, b->message.text);
    return order;
}

/* ---- print ---- */

static void
print_line_with_caret(FILE *out, const struct location *at)
{
    const struct source *source = at->source;
    if (at->offset > source->length || at->column == 0 || at->offset + 1 < at->column)
        return;
    const char *start = source->text + (at->offset - (at->column - 1));
    const char *limit = source->text + source->length;
    const char *end = start;
    while (end < limit && *end != '\n' && *end != '\r')
        end++;
    char *line = g_utf8_make_valid(start, end - start);
    fprintf(out, "%5u | %s\n      | ", at->line, line);
    g_free(line);
    const char *caret = source->text + at->offset;
    /* Every character before the caret takes one place; a tab stays a tab, so that both lines
     * meet whatever the width of tabs. */
    for (const char *p = start; p < caret; p++)
        if (((unsigned char)*p & 0xC0) != 0x80)
            fputc(*p == '\t' ? '\t' : ' ', out);
    fputc('^', out);
    for (const char *p = caret + 1; p < caret + at->length && p < end; p++)
        if (((unsigned char)*p & 0xC0) != 0x80)
            fputc('~', out);
    fputc('\n', out);
}

static void
print_message(FILE *out, bool colour, const char *kind, const struct message *message,
              const char *rule)
{
    const char *bold = colour ? "\033[1m" : "";
    const char *tint = !colour                        ? ""
                       : strcmp(kind, "error") == 0   ? "\033[1;31m"
                       : strcmp(kind, "warning") == 0 ? "\033[1;35m"
                                                      : "\033[1;36m";
    const char *plain = colour ? "\033[0m" : "";
    const struct location *at = &message->at;
    if (at->source != NULL)
        fprintf(out, "%s%s:%u:%u:%s ", bold, at->source->path, at->line, at->column, plain);
    else
        fprintf(out, "%scleat:%s ", bold, plain);
    fprintf(out, "%s%s:%s %s%s%s", tint, kind, plain, bold, message->text, plain);
    if (rule != NULL)
        fprintf(out, " [%s]", rule);
    fputc('\n', out);
    if (at->source != NULL)
        print_line_with_caret(out, at);
}

static void
print_error(FILE *out, bool colour, const struct error *error)
{
    const struct rule *rule = &rules[error->rule];
    print_message(out, colour, rule->severity == SEVERITY_ERROR ? "error" : "warning",
                  &error->message, rule->name);
    FOR_EACH(struct message, note, error->notes) {
        if (note->at.source != NULL)
            print_message(out, colour, "note", note, NULL);
        else
            fprintf(out, "      = %s\n", note->text);
    }
}

void
diag_print(struct diag *diag, FILE *out, bool colour)
{
    g_ptr_array_sort(diag->errors, compare_errors);
    const struct error *before = NULL;
    guint printed = 0, errors = 0;
    FOR_EACH(struct error, error, diag->errors) {
        if (before != NULL && compare_errors(&before, &error) == 0)
            continue;
        print_error(out, colour, error);
        before = error;
        printed++;
        errors += rules[error->rule].severity == SEVERITY_ERROR;
    }
    if (errors > 0)
        fprintf(out, "%u %s; nothing was written\n", errors, errors == 1 ? "error" : "errors");
    else if (printed > 0)
        fprintf(out, "%u %s\n", printed, printed == 1 ? "warning" : "warnings");
}

/* ---- finding words ---- */

/* Edit distance in which two swapped neighbours count once, without regard to case; gives up with
 * `limit` + 1. Words of the language and of schemas are short, so a row on the stack is enough. */
static guint
edit_distance(const char *a, const char *b, guint limit)
{
    guint rows[3][64];
    gsize a_length = strlen(a), b_length = strlen(b);
    if (a_length > 60 || b_length > 60)
        return limit + 1;
    for (gsize j = 0; j <= b_length; j++)
        rows[0][j] = (guint)j;
    for (gsize i = 1; i <= a_length; i++) {
        guint *row = rows[i % 3];
        const guint *up = rows[(i - 1) % 3];
        const guint *up2 = rows[(i + 1) % 3];
        row[0] = (guint)i;
        for (gsize j = 1; j <= b_length; j++) {
            bool same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]);
            guint best = MIN(up[j - 1] + (same ? 0 : 1), MIN(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 2]) &&
                g_ascii_tolower(a[i - 2]) == g_ascii_tolower(b[j - 1]))
                best = MIN(best, up2[j - 2] + 1);
            row[j] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *
diag_nearest(const char *word, const char *const *words)
{
    guint limit = (guint)MAX(strlen(word), 3) / 3;
    const char *nearest = NULL;
    guint best = limit + 1;
    for (; *words != NULL; words++) {
        guint distance = edit_distance(word, *words, limit);
        if (distance < best) {
            best = distance;
            nearest = *words;
        }
    }
    return nearest;
}

struct location
diag_part(struct location in, unsigned offset, unsigned length)
{
    if (in.source == NULL || in.offset + offset > in.source->length)
        return in;
    const char *text = in.source->text;
    for (unsigned i = in.offset; i < in.offset + offset; i++) {
        if (text[i] == '\n') {
            in.line++;
            in.column = 0;
        }
        in.column++;
    }
    in.offset += offset;
    in.length = length;
    return in;
}

static bool
is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

struct location
diag_find_word(struct location in, const char *word, unsigned nth)
{
    if (in.source == NULL || in.offset + in.length > in.source->length)
        return in;
    const char *text = in.source->text + in.offset;
    unsigned length = (unsigned)strlen(word);
    char quote = 0;
    for (unsigned i = 0; i + length <= in.length; i++) {
        if (quote != 0 || text[i] == '\'' || text[i] == '"') {
            if (quote == 0)
                quote = text[i];
            else if (text[i] == '\\')
                i++;
            else if (text[i] == quote)
                quote = 0;
            continue;
        }
        bool starts = i == 0 || !is_word(text[i - 1]);
        bool ends = i + length == in.length || !is_word(text[i + length]);
        if (starts && ends && memcmp(text + i, word, length) == 0 && nth-- == 0)
            return diag_part(in, i, length);
    }
    return in;
}
