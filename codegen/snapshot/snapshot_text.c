/* snapshot_text.c: the text of a snapshot enters and runs in SQLite, one statement after the other;
 * the place of each leaves, with the comment lines right above it. Lines that begin with
 * `-- cleat: ` are facts of the schema language, all others documentation. What comes from a pull
 * request runs here, so that only CREATE may run, and not without end. */
#include "snapshot_parse.h"

#include "common/arena.h"
#include "common/sql_scan.h"

#include <string.h>

enum { STEPS_BETWEEN_LOOKS = 1000, MOST_LOOKS = 100000 };

/* A text while it runs. */
struct text_run {
    sqlite3 *db;
    const char *path;
    const char *text;
    const char *counted_to; /* `line` is the line of this place */
    unsigned line;
    GHashTable *places;
    GError *error;
};

/* ---- comments above ---- */

/* Where the statement's own comment lines begin: upwards until a line that is none. */
static const char *
comments_above(const char *text, const char *statement)
{
    const char *start = statement;
    while (start > text && start[-1] != '\n')
        start--;
    while (start > text) {
        const char *line = start - 1;
        while (line > text && line[-1] != '\n')
            line--;
        if (strncmp(line, "--", 2) != 0)
            break;
        start = line;
    }
    return start;
}

static void
add_fact(struct snapshot_place *place, const char *fact, unsigned line)
{
    place->fact_lines = g_realloc_n(place->fact_lines, place->facts->len + 1, sizeof(unsigned));
    place->fact_lines[place->facts->len] = line;
    g_ptr_array_add(place->facts, arena_string(fact));
}

static void
read_above(struct snapshot_place *place, const char *from, const char *to, unsigned line)
{
    GString *doc = g_string_new(NULL);
    char *text = g_strndup(from, (gsize)(to - from));
    char **lines = g_strsplit(text, "\n", -1);
    for (char **at = lines; *at != NULL; at++, line++) {
        g_strchomp(*at);
        if (g_str_has_prefix(*at, "-- cleat: ")) {
            add_fact(place, *at + strlen("-- cleat: "), line);
        } else if (g_str_has_prefix(*at, "--")) {
            if (doc->len > 0)
                g_string_append_c(doc, '\n');
            g_string_append(doc, g_strchug(*at + 2));
        }
    }
    if (doc->len > 0)
        place->doc = arena_string(doc->str);
    g_strfreev(lines);
    g_free(text);
    g_string_free(doc, TRUE);
}

/* ---- one statement ---- */

/* The place of the name in CREATE [UNIQUE|VIRTUAL] kind [IF NOT EXISTS] name. */
static int
name_place(const struct sql *sql)
{
    int place = sql_is(sql, 1, "unique") || sql_is(sql, 1, "virtual") ? 3 : 2;
    return sql_is(sql, place, "if") ? place + 3 : place;
}

/* Whether a statement changes nothing about the schema, as scripts have around it. */
static bool
is_frame(const struct sql *sql)
{
    static const char *const words[] = {"pragma", "begin", "commit", "end", "analyze"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (sql_is(sql, 0, words[i]))
            return true;
    return false;
}

/* Lines are counted once: statements come in the order of the text. */
static unsigned
line_of(struct text_run *run, const char *at)
{
    for (; run->counted_to < at; run->counted_to++)
        run->line += *run->counted_to == '\n';
    return run->line;
}

static char *
place_key(const char *name, bool is_trigger)
{
    char *lower = g_ascii_strdown(name, -1);
    char *key = g_strconcat(is_trigger ? "trigger " : "", lower, NULL);
    g_free(lower);
    return key;
}

static void
note_place(struct text_run *run, const char *statement, const struct sql *sql)
{
    int at = name_place(sql);
    if (sql_token(sql, at) == NULL)
        return;
    const char *first = statement + sql_token(sql, 0)->offset;
    const char *above = comments_above(run->text, first);
    struct snapshot_place *place = g_new0(struct snapshot_place, 1);
    place->facts = arena_list();
    read_above(place, above, first, line_of(run, above));
    place->line = line_of(run, statement + sql_token(sql, at)->offset);
    g_hash_table_replace(run->places, place_key(sql_name(sql, at), sql_is(sql, 1, "trigger")),
                         place);
}

const struct snapshot_place *
snapshot_find_place(GHashTable *places, const char *name, bool is_trigger)
{
    char *key = place_key(name, is_trigger);
    const struct snapshot_place *place = places == NULL ? NULL : g_hash_table_lookup(places, key);
    g_free(key);
    return place;
}

static bool
fail_at(struct text_run *run, const char *at, const char *reason)
{
    g_set_error(&run->error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s:%u: %s", run->path,
                line_of(run, at), reason);
    return false;
}

static bool
run_statement(sqlite3 *db, const char *statement, gsize length)
{
    sqlite3_stmt *compiled = NULL;
    if (sqlite3_prepare_v2(db, statement, (int)length, &compiled, NULL) != SQLITE_OK)
        return false;
    while (sqlite3_step(compiled) == SQLITE_ROW)
        continue;
    return sqlite3_finalize(compiled) == SQLITE_OK;
}

static bool
take_statement(struct text_run *run, const char *statement, gsize length)
{
    struct sql sql = sql_new(arena_string_n(statement, length));
    bool fine = true;
    if (sql_count(&sql) > 0 && !sql_is(&sql, 0, ";") && !is_frame(&sql)) {
        const char *at = statement + sql_token(&sql, 0)->offset;
        if (!sql_is(&sql, 0, "create") || sql_is(&sql, 1, "temp") || sql_is(&sql, 1, "temporary"))
            fine = fail_at(run, at, "only CREATE statements are expected here");
        else if (!run_statement(run->db, statement, length))
            fine = fail_at(run, at, sqlite3_errmsg(run->db));
        else
            note_place(run, statement, &sql);
    }
    sql_free(&sql);
    return fine;
}

/* ---- all of them ---- */

static bool
is_complete(const char *statement, const char *end)
{
    char *text = g_strndup(statement, (gsize)(end - statement));
    bool complete = sqlite3_complete(text) != 0;
    g_free(text);
    return complete;
}

/* A statement ends at the semicolon that completes it: triggers have others inside. */
static bool
take_all(struct text_run *run, const GArray *tokens)
{
    const char *statement = run->text;
    bool fine = true;
    for (guint i = 0; fine && i < tokens->len; i++) {
        const struct token *token = &g_array_index(tokens, struct token, i);
        const char *end = run->text + token->offset + token->length;
        if (token->length != 1 || end[-1] != ';' || !is_complete(statement, end))
            continue;
        fine = take_statement(run, statement, (gsize)(end - statement));
        statement = end;
    }
    return fine && take_statement(run, statement, strlen(statement));
}

static int
look(void *data)
{
    int *looks = data;
    return ++*looks > MOST_LOOKS;
}

static void
free_place(gpointer data)
{
    struct snapshot_place *place = data;
    g_free(place->fact_lines);
    g_free(place);
}

bool
snapshot_run_text(sqlite3 *db, const char *path, const char *text, GHashTable **ret_places,
                  GError **ret_error)
{
    struct text_run run = {db, path, text, text, 1, NULL, NULL};
    int looks = 0;
    run.places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_place);
    sqlite3_progress_handler(db, STEPS_BETWEEN_LOOKS, look, &looks);
    GArray *tokens = sql_tokens(text, strlen(text), false);
    bool fine = take_all(&run, tokens);
    g_array_unref(tokens);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (fine) {
        *ret_places = run.places;
    } else {
        g_hash_table_unref(run.places);
        g_propagate_error(ret_error, run.error);
    }
    return fine;
}

/* ---- facts ---- */

/* `was old_table` */
static void
read_was(struct snapshot_table *table, const struct sql *sql, unsigned line)
{
    table->was = sql_name(sql, 1);
    table->was_line = line;
}

/* `renamed new_column from old_column` */
static void
read_renamed(struct snapshot_table *table, const struct sql *sql, unsigned line)
{
    struct snapshot_rename *rename = ARENA_NEW(struct snapshot_rename);
    rename->column = sql_name(sql, 1);
    rename->from = sql_name(sql, 3);
    rename->line = line;
    g_ptr_array_add(table->renames, rename);
}

/* `dropped column: why` */
static void
read_dropped(struct snapshot_table *table, const struct sql *sql, unsigned line)
{
    struct snapshot_drop *drop = ARENA_NEW(struct snapshot_drop);
    const char *why = sql->text + sql_token(sql, 2)->offset + 1;
    drop->column = sql_name(sql, 1);
    drop->why = arena_string(why + strspn(why, " "));
    drop->line = line;
    g_ptr_array_add(table->drops, drop);
}

void
snapshot_read_facts(struct snapshot_table *table, const struct snapshot_place *place)
{
    for (guint i = 0; i < place->facts->len; i++) {
        struct sql sql = sql_new(g_ptr_array_index(place->facts, i));
        unsigned line = place->fact_lines[i];
        if (sql_is(&sql, 0, "was") && sql_is_name(&sql, 1))
            read_was(table, &sql, line);
        else if (sql_is(&sql, 0, "renamed") && sql_is_name(&sql, 1) && sql_is(&sql, 2, "from") &&
                 sql_is_name(&sql, 3))
            read_renamed(table, &sql, line);
        else if (sql_is(&sql, 0, "dropped") && sql_is_name(&sql, 1) && sql_is(&sql, 2, ":"))
            read_dropped(table, &sql, line);
        sql_free(&sql);
    }
}
