/* api.c: the C that breaks. The generated headers of both sides enter, names of functions, constants
 * and row members that are gone or are not what they were leave, with the places below the module
 * roots that use them. Headers are read as text: they are generated, so their form is known. */
#include "find.h"

#include "common/arena.h"

#include <string.h>

enum { MOST_NAMES = 5, MOST_USES = 5 };

/* ---- one header ---- */

static bool
is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

/* One blank between words, comments gone. */
static const char *
squeeze(const char *text, gsize length)
{
    GString *out = g_string_new(NULL);
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '/' && i + 1 < length && text[i + 1] == '*') {
            const char *end = g_strstr_len(text + i, (gssize)(length - i), "*/");
            i = end == NULL ? length : (gsize)(end - text) + 1;
        } else if (!g_ascii_isspace(text[i])) {
            g_string_append_c(out, text[i]);
        } else if (out->len > 0 && out->str[out->len - 1] != ' ') {
            g_string_append_c(out, ' ');
        }
    }
    while (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    const char *copy = arena_string_n(out->str, out->len);
    g_string_free(out, TRUE);
    return copy;
}

static void
enter(GHashTable *names, const char *name, const char *what)
{
    g_hash_table_insert(names, (gpointer)name, (gpointer)what);
}

/* `static inline type\nname(parameters)\n{` */
static void
read_function(GHashTable *names, const char *text, const char *at, const char *open)
{
    const char *line = at > text + 1 ? at - 2 : text;
    const char *close = strchr(open, ')');
    while (line > text && line[-1] != '\n')
        line--;
    if (close == NULL || at == text || !g_str_has_prefix(line, "static inline "))
        return;
    line += strlen("static inline ");
    enter(names, arena_string_n(at, (gsize)(open - at)), squeeze(line, (gsize)(close + 1 - line)));
}

/* `    int64_t id; ` and `bool has_x; char x[25];` between the braces of a row. */
static void
read_members(GHashTable *names, const char *row, const char *from, const char *to)
{
    const char *body = squeeze(from, (gsize)(to - from));
    char **members = g_strsplit(body, ";", -1);
    for (char **member = members; *member != NULL; member++) {
        char *text = g_strstrip(*member);
        const char *end = strchr(text, '[');
        if (end == NULL)
            end = text + strlen(text);
        const char *name = end;
        while (name > text && is_word(name[-1]))
            name--;
        if (name < end)
            enter(names, arena_printf("%s.%.*s", row, (int)(end - name), name), arena_string(text));
    }
    g_strfreev(members);
}

static void
read_row(GHashTable *names, const char *at)
{
    const char *name = at + strlen("typedef struct ");
    gsize length = 0;
    while (is_word(name[length]))
        length++;
    const char *open = name + length;
    const char *close = strstr(open, "\n}");
    if (strncmp(open, " {", 2) == 0 && close != NULL)
        read_members(names, arena_string_n(name, length), open + 2, close);
}

/* `enum name {` up to the brace: constants stand alone on their lines. */
static void
read_constants(GHashTable *names, const char *at)
{
    const char *open = at + strcspn(at, "{\n");
    const char *close = *open == '{' ? strstr(open, "\n}") : NULL;
    if (close == NULL)
        return;
    const char *body = squeeze(open + 1, (gsize)(close - open - 1));
    char **constants = g_strsplit(body, ",", -1);
    for (char **constant = constants; *constant != NULL; constant++) {
        char *text = g_strstrip(*constant);
        gsize length = 0;
        while (is_word(text[length]))
            length++;
        if (length > 0)
            enter(names, arena_string_n(text, length), "a constant");
    }
    g_strfreev(constants);
}

/* `#define CATALOG_BOOKS_NOTE CLEAT_COLUMN_BIT(…)`: the flag of a column for patch. */
static void
read_flag(GHashTable *names, const char *at)
{
    const char *name = at + strlen("#define ");
    gsize length = 0;
    while (is_word(name[length]))
        length++;
    if (g_str_has_prefix(name + length, " CLEAT_COLUMN_BIT("))
        enter(names, arena_string_n(name, length), "a flag");
}

static void
read_header(GHashTable *names, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        const char *open = at;
        while (is_word(*open))
            open++;
        if (g_str_has_prefix(at, "typedef struct "))
            read_row(names, at);
        else if (g_str_has_prefix(at, "enum "))
            read_constants(names, at);
        else if (g_str_has_prefix(at, "#define "))
            read_flag(names, at);
        else if (open > at && *open == '(')
            read_function(names, text, at, open);
        at = strchr(at, '\n');
        if (at == NULL)
            return;
        at++;
    }
}

static GHashTable *
read_headers(const struct side *side)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(const char, path, side->files)
        if (g_str_has_suffix(path, ".cleat.h") && side_text(side, path) != NULL)
            read_header(names, side_text(side, path));
    return names;
}

/* ---- uses ---- */

static bool
is_c_file(const struct side *side, const char *path)
{
    static const char *const ends[] = {".c", ".h", ".cc", ".cpp", ".hpp"};
    if (g_str_has_prefix(path, side->out) && path[strlen(side->out)] == '/')
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(path, ends[i]))
            return !g_str_has_suffix(path, "db_models.h");
    return false;
}

static void
find_uses_in(struct api_change *change, const char *path, const char *text, const char *word,
             char before)
{
    gsize length = strlen(word);
    unsigned line = 1;
    const char *counted = text;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + length, word)) {
        char previous = at == text ? '\n' : at[-1];
        if (is_word(previous) || is_word(at[length]) ||
            (before != '\0' && previous != '.' && previous != '>'))
            continue;
        for (; counted < at; counted++)
            line += *counted == '\n';
        change->use_count++;
        if (change->uses->len == MOST_USES)
            continue;
        struct place *place = ARENA_NEW(struct place);
        *place = (struct place){path, line, 1};
        g_ptr_array_add(change->uses, place);
    }
}

/* A member is used by `.name` or `->name` in a file that names its row or a function of its table. */
static void
find_uses(const struct side *side, struct api_change *change)
{
    const char *dot = strchr(change->name, '.');
    const char *row = dot == NULL ? NULL
                                  : arena_string_n(change->name, (gsize)(dot - change->name));
    const char *stem = row == NULL ? NULL : arena_string_n(row, strlen(row) - strlen("row"));
    FOR_EACH(const char, path, side->files) {
        const char *text = is_c_file(side, path) ? side_text(side, path) : NULL;
        if (text == NULL || (stem != NULL && strstr(text, stem) == NULL))
            continue;
        find_uses_in(change, path, text, dot == NULL ? change->name : dot + 1,
                     dot == NULL ? '\0' : '.');
    }
}

/* ---- differences ---- */

static int
compare_api(gconstpointer left, gconstpointer right)
{
    return strcmp((*(const struct api_change *const *)left)->name,
                  (*(const struct api_change *const *)right)->name);
}

static void
collect(struct review *review, GHashTable *was, GHashTable *is)
{
    GHashTableIter iter;
    gpointer name, what;
    g_hash_table_iter_init(&iter, was);
    while (g_hash_table_iter_next(&iter, &name, &what)) {
        const char *now = g_hash_table_lookup(is, name);
        if (now != NULL && strcmp(now, what) == 0)
            continue;
        struct api_change *change = ARENA_NEW(struct api_change);
        change->name = name;
        change->was = what;
        change->is = now;
        change->is_member = strchr(name, '.') != NULL;
        change->uses = arena_list();
        find_uses(review->new_side, change);
        g_ptr_array_add(review->api, change);
    }
    g_ptr_array_sort(review->api, compare_api);
}

/* ---- findings: one for each table and rule ---- */

static enum finding_id
rule_of(const struct api_change *change)
{
    if (change->is_member)
        return FINDING_ROW_FIELD_CHANGED;
    return change->is == NULL ? FINDING_FUNCTION_REMOVED : FINDING_SIGNATURE_CHANGED;
}

static void
append_uses(GString *help, const GPtrArray *changes)
{
    guint uses = 0;
    FOR_EACH(struct api_change, change, changes) {
        uses += change->use_count;
        FOR_EACH(struct place, place, change->uses)
            if (help->len < 200)
                g_string_append_printf(help, "%s%s:%u", help->len == 0 ? "used in " : ", ",
                                       place->path, place->line);
    }
    if (uses == 0)
        g_string_append(help, "nothing below the module roots uses it");
}

static const char *
describe(enum finding_id id, const GPtrArray *changes)
{
    static const char *const what[] = {"gone in C", "changed in C", "members changed in C"};
    GString *text = g_string_new(NULL);
    guint shown = 0;
    g_string_append_printf(text, "%s: ", what[id - FINDING_FUNCTION_REMOVED]);
    FOR_EACH(struct api_change, change, changes) {
        if (shown == MOST_NAMES) {
            g_string_append_printf(text, " and %u more", changes->len - shown);
            break;
        }
        g_string_append_printf(text, "%s%s", shown++ == 0 ? "" : ", ", change->name);
        if (change->is_member)
            g_string_append(text, change->is == NULL ? " (gone)" : "");
        if (change->is_member && change->is != NULL)
            g_string_append_printf(text, " (%s)", change->is);
    }
    const char *copy = arena_string_n(text->str, text->len);
    g_string_free(text, TRUE);
    return copy;
}

static void
report_group(struct review *review, const struct table_pair *pair, const char *database,
             enum finding_id id, const GPtrArray *changes)
{
    const struct snapshot_table *table = pair->new_table == NULL ? pair->old_table
                                                                 : pair->new_table;
    struct place place = side_place(review->new_side, database, table->name, NULL);
    GString *help = g_string_new(NULL);
    append_uses(help, changes);
    if (place.path == NULL)
        place = (struct place){arena_printf("%s/sql/%s.sql", review->new_side->out, database),
                               MAX(1, table->line), 1};
    review_report_at(review, id, database, arena_printf("%s.%s", database, table->name), place,
                     "%s", describe(id, changes))
        ->help = arena_string(help->str);
    g_string_free(help, TRUE);
}

/* The changes of a rule whose names begin with a table's. Longer names of tables come first. */
static GPtrArray *
take_group(struct review *review, const char *prefix, enum finding_id id)
{
    GPtrArray *group = arena_list();
    char *upper = g_ascii_strup(prefix, -1);
    FOR_EACH(struct api_change, change, review->api) {
        if (change->database != NULL || rule_of(change) != id ||
            !(g_str_has_prefix(change->name, prefix) || g_str_has_prefix(change->name, upper)))
            continue;
        g_ptr_array_add(group, change);
    }
    g_free(upper);
    return group;
}

static int
compare_name_lengths(gconstpointer left, gconstpointer right)
{
    const struct table_pair *l = *(const struct table_pair *const *)left;
    const struct table_pair *r = *(const struct table_pair *const *)right;
    const char *l_name = (l->old_table == NULL ? l->new_table : l->old_table)->name;
    const char *r_name = (r->old_table == NULL ? r->new_table : r->old_table)->name;
    gsize l_length = strlen(l_name), r_length = strlen(r_name);
    return l_length != r_length ? (l_length > r_length ? -1 : 1) : strcmp(l_name, r_name);
}

static void
report_database(struct review *review, const struct comparison *comparison)
{
    static const enum finding_id ids[] = {FINDING_FUNCTION_REMOVED, FINDING_SIGNATURE_CHANGED,
                                          FINDING_ROW_FIELD_CHANGED};
    if (comparison->old_snapshot == NULL)
        return;
    const char *database = comparison->old_snapshot->database;
    GPtrArray *pairs = arena_list();
    g_ptr_array_extend(pairs, comparison->tables, NULL, NULL);
    g_ptr_array_sort(pairs, compare_name_lengths);
    FOR_EACH(struct table_pair, pair, pairs) {
        const struct snapshot_table *table = pair->old_table == NULL ? pair->new_table
                                                                     : pair->old_table;
        const char *prefix = arena_printf("%s_%s_", database, table->name);
        bool is_gone = pair->new_table == NULL ||
                       g_ascii_strcasecmp(pair->new_table->name, table->name) != 0;
        for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
            GPtrArray *group = take_group(review, prefix, ids[i]);
            FOR_EACH(struct api_change, change, group)
                change->database = database;
            /* The members of a row that is gone say nothing that its functions do not. */
            if (group->len > 0 && !(is_gone && ids[i] == FINDING_ROW_FIELD_CHANGED))
                report_group(review, pair, database, ids[i], group);
        }
    }
}

/* Enums and queries, which belong to no table. */
static void
report_rest(struct review *review)
{
    FOR_EACH(struct api_change, change, review->api) {
        if (change->database != NULL)
            continue;
        GString *help = g_string_new(NULL);
        GPtrArray *alone = arena_list();
        g_ptr_array_add(alone, change);
        append_uses(help, alone);
        change->database = "";
        review_report_at(
            review, rule_of(change), "", change->name,
            (struct place){arena_printf("%s/init_table.h", review->new_side->out), 1, 1}, "%s",
            describe(rule_of(change), alone))
            ->help = arena_string(help->str);
        g_string_free(help, TRUE);
    }
}

void
review_find_api(struct review *review)
{
    if (review->old_side == NULL || review->new_side == NULL || review->live_path != NULL)
        return;
    GHashTable *was = read_headers(review->old_side);
    GHashTable *is = read_headers(review->new_side);
    collect(review, was, is);
    FOR_EACH(struct comparison, comparison, review->comparisons)
        report_database(review, comparison);
    report_rest(review);
    g_hash_table_unref(was);
    g_hash_table_unref(is);
}
