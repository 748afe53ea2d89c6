/* migration_parse.c: the text of one migration. Its first comment lines are the message and what it
 * revises and leads to; `-- up` and `-- down` begin the two ways. Between them stand SQL statements;
 * one under `-- preflight:` or `-- check:` is a SELECT that must find nothing. What stands between
 * `-- by hand` and `-- end by hand` is kept as it is when the rest is written anew. */
#include "migrations.h"

#include "common/arena.h"
#include "common/sql_scan.h"

#include <sqlite3.h>
#include <string.h>

struct reader {
    struct diag *diag;
    struct migration *migration;
    GPtrArray *changes; /* of the way that is being read; NULL in the header */
    const char *must;
    bool is_preflight;
    unsigned start; /* of the statement, while is_open */
    bool is_open;
    bool has_way;    /* some statement that was not written by hand has been read */
    bool is_by_hand; /* between the two lines */
    unsigned hand_start;
    unsigned offset; /* for places: counted up to here */
    unsigned line;
    unsigned line_start;
};

/* Places are asked for in rising order. */
static struct location
place(struct reader *reader, unsigned offset, unsigned length)
{
    const struct source *source = reader->migration->source;
    for (; reader->offset < offset; reader->offset++) {
        if (source->text[reader->offset] == '\n') {
            reader->line++;
            reader->line_start = reader->offset + 1;
        }
    }
    unsigned column = offset >= reader->line_start ? offset - reader->line_start + 1 : 1;
    return (struct location){source, reader->line, column, offset, length};
}

/* ---- comment lines ---- */

/* What stands after a word and a colon: "revises: none" gives "none". */
static const char *
value_of(const char *line, const char *word)
{
    gsize length = strlen(word);
    if (strncmp(line, word, length) != 0 || line[length] != ':')
        return NULL;
    return arena_string(g_strstrip(arena_string(line + length + 1)));
}

static void
read_parents(struct migration *migration, const char *text)
{
    migration->parents_text = strcmp(text, "none") == 0 ? "" : text;
    char **parts = g_strsplit(migration->parents_text, ",", -1);
    for (char **part = parts; *part != NULL; part++)
        if (*g_strstrip(*part) != '\0')
            g_ptr_array_add(migration->parents, arena_string(*part));
    g_strfreev(parts);
}

/* "books.subtitle: upper(title)" */
static bool
read_backfill(struct reader *reader, const char *text, struct location at)
{
    const char *dot = strchr(text, '.');
    const char *colon = dot == NULL ? NULL : strchr(dot, ':');
    if (colon == NULL)
        return false;
    struct backfill *backfill = ARENA_NEW(struct backfill);
    backfill->table = arena_string_n(text, (gsize)(dot - text));
    backfill->column = arena_string_n(dot + 1, (gsize)(colon - dot - 1));
    backfill->sql = g_strstrip(arena_string(colon + 1));
    backfill->at = at;
    g_ptr_array_add(reader->migration->backfills, backfill);
    return true;
}

struct label_rename *
label_rename_parse(const char *text)
{
    struct label_rename *rename = ARENA_NEW(struct label_rename);
    const char *dot = strchr(text, '.');
    const char *colon = dot == NULL ? NULL : strchr(dot, ':');
    const char *equals = colon == NULL ? NULL : strchr(colon, '=');
    if (equals == NULL)
        return NULL;
    rename->table = g_strstrip(arena_string_n(text, (gsize)(dot - text)));
    rename->column = g_strstrip(arena_string_n(dot + 1, (gsize)(colon - dot - 1)));
    rename->from = g_strstrip(arena_string_n(colon + 1, (gsize)(equals - colon - 1)));
    rename->to = g_strstrip(arena_string(equals + 1));
    bool whole = *rename->table != '\0' && *rename->column != '\0' && *rename->from != '\0' &&
                 *rename->to != '\0';
    return whole ? rename : NULL;
}

/* "books: they are in the archive" */
static void
read_dropped(GPtrArray *list, const char *text, struct location at)
{
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        return;
    struct backfill *dropped = ARENA_NEW(struct backfill);
    dropped->table = arena_string_n(text, (gsize)(colon - text));
    dropped->sql = g_strstrip(arena_string(colon + 1));
    dropped->at = at;
    g_ptr_array_add(list, dropped);
}

/* "books.state: sold = bought" */
static bool
read_label(struct migration *migration, const char *text)
{
    struct label_rename *rename = label_rename_parse(text);
    if (rename != NULL)
        g_ptr_array_add(migration->labels, rename);
    return rename != NULL;
}

static void
begin_hand(struct reader *reader, const struct token *token)
{
    reader->is_by_hand = true;
    reader->hand_start = token->offset + token->length;
}

static void
end_hand(struct reader *reader, const struct token *token)
{
    const char *text = reader->migration->source->text;
    const char *part = arena_string_n(text + reader->hand_start,
                                      token->offset - reader->hand_start);
    bool is_down = reader->changes == reader->migration->down;
    const char **kept = is_down           ? &reader->migration->down_hand
                        : reader->has_way ? &reader->migration->after_hand
                                          : &reader->migration->before_hand;
    *kept = *kept == NULL ? part : arena_printf("%s%s", *kept, part);
    reader->is_by_hand = false;
}

static void
begin_way(struct reader *reader, GPtrArray **changes)
{
    if (*changes == NULL)
        *changes = arena_list();
    reader->changes = *changes;
    reader->has_way = false;
}

/* A line of the header, above `-- up`. The first one is the message. */
static void
read_header_line(struct reader *reader, const char *line)
{
    struct migration *migration = reader->migration;
    const char *value;
    if ((value = value_of(line, "revises")) != NULL)
        read_parents(migration, value);
    else if ((value = value_of(line, "schema")) != NULL)
        migration->schema = value;
    else if (migration->message == NULL)
        migration->message = line;
}

static void
read_comment(struct reader *reader, const struct token *token)
{
    const char *text = reader->migration->source->text + token->offset;
    if (!g_str_has_prefix(text, "--"))
        return;
    const char *line = g_strstrip(arena_string_n(text + 2, token->length - 2));
    struct location at = place(reader, token->offset, token->length);
    const char *value;
    if (strcmp(line, "up") == 0)
        begin_way(reader, &reader->migration->up);
    else if (strcmp(line, "down") == 0)
        begin_way(reader, &reader->migration->down);
    else if (reader->changes == NULL)
        read_header_line(reader, line);
    else if (strcmp(line, "by hand") == 0)
        begin_hand(reader, token);
    else if (strcmp(line, "end by hand") == 0 && reader->is_by_hand)
        end_hand(reader, token);
    else if ((value = value_of(line, "preflight")) != NULL) {
        reader->must = value;
        reader->is_preflight = true;
    } else if ((value = value_of(line, "check")) != NULL) {
        reader->must = value;
        reader->is_preflight = false;
    } else if (g_str_has_prefix(line, "renamed label ")) {
        if (!read_label(reader->migration, line + strlen("renamed label ")))
            diag_error(reader->diag, RULE_MIGRATION_FORMAT, at,
                       "a renamed label is written: -- renamed label table.column: old = new");
    } else if (g_str_has_prefix(line, "dropped "))
        read_dropped(reader->migration->dropped, line + strlen("dropped "), at);
    else if (g_str_has_prefix(line, "moved "))
        read_dropped(reader->migration->moved, line + strlen("moved "), at);
    else if (g_str_has_prefix(line, "backfill ") &&
             !read_backfill(reader, line + strlen("backfill "), at))
        diag_error(reader->diag, RULE_MIGRATION_FORMAT, at,
                   "a backfill is written: -- backfill table.column: expression");
}

/* ---- statements ---- */

static bool
is_select(const char *sql)
{
    return g_ascii_strncasecmp(sql, "select", 6) == 0 || g_ascii_strncasecmp(sql, "with", 4) == 0;
}

static void
add_statement(struct reader *reader, unsigned end)
{
    const char *text = reader->migration->source->text + reader->start;
    struct migration_sql *change = ARENA_NEW(struct migration_sql);
    change->sql = g_strchomp(arena_string_n(text, end - reader->start));
    change->at = place(reader, reader->start, end - reader->start);
    change->must = reader->must;
    change->is_preflight = reader->is_preflight;
    reader->must = NULL;
    reader->is_open = false;
    if (!reader->is_by_hand)
        reader->has_way = true;
    if (reader->changes == NULL)
        diag_error(reader->diag, RULE_MIGRATION_FORMAT, change->at,
                   "a statement stands above the line '-- up'");
    else if (is_select(change->sql) != (change->must != NULL))
        diag_error(reader->diag, RULE_MIGRATION_FORMAT, change->at,
                   change->must == NULL
                       ? "a SELECT needs a line '-- check: what must be true' above it"
                       : "what stands under '-- check:' or '-- preflight:' is a SELECT");
    else
        g_ptr_array_add(reader->changes, change);
}

/* A trigger's body has semicolons of its own. */
static bool
is_complete(const struct reader *reader, unsigned end)
{
    char *sql = g_strndup(reader->migration->source->text + reader->start, end - reader->start);
    bool complete = sqlite3_complete(sql) != 0;
    g_free(sql);
    return complete;
}

static void
read_token(struct reader *reader, const struct token *token)
{
    const char *text = reader->migration->source->text + token->offset;
    if (token->kind == TOKEN_COMMENT) {
        if (!reader->is_open)
            read_comment(reader, token);
        return;
    }
    if (!reader->is_open) {
        if (*text == ';')
            return;
        reader->start = token->offset;
        reader->is_open = true;
    } else if (token->kind == TOKEN_SYMBOL && *text == ';' &&
               is_complete(reader, token->offset + token->length)) {
        add_statement(reader, token->offset);
    }
}

/* ---- the file ---- */

/* Line ends and a byte order mark are the editor's and the version control's. */
const char *
migration_hash(const char *parents_text, const char *text)
{
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
        text += 3;
    g_checksum_update(checksum, (const guchar *)parents_text, -1);
    g_checksum_update(checksum, (const guchar *)"\n", 1);
    while (*text != '\0') {
        gsize length = strcspn(text, "\r");
        g_checksum_update(checksum, (const guchar *)text, (gssize)length);
        text += length;
        text += *text == '\r' ? 1 : 0;
    }
    const char *hash = arena_string_n(g_checksum_get_string(checksum), 12);
    g_checksum_free(checksum);
    return hash;
}

/* "0a1b2c3d4e5f_books_have_titles.sql" */
static const char *
revision_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    gsize length = strspn(name, "0123456789abcdef");
    return length == 12 && (name[12] == '_' || name[12] == '.') ? arena_string_n(name, 12) : NULL;
}

static void
check_form(struct reader *reader)
{
    const struct migration *migration = reader->migration;
    struct location end = place(reader, (unsigned)migration->source->length, 0);
    if (reader->is_open)
        diag_error(reader->diag, RULE_MIGRATION_FORMAT, end,
                   "the last statement has no end: a semicolon is missing");
    else if (reader->is_by_hand)
        diag_error(reader->diag, RULE_MIGRATION_FORMAT, end,
                   "'-- by hand' has no '-- end by hand'");
    else if (reader->must != NULL)
        diag_error(reader->diag, RULE_MIGRATION_FORMAT, end, "a check has no SELECT under it");
    if (migration->message == NULL || migration->schema == NULL || migration->up == NULL ||
        migration->parents_text == NULL)
        diag_error(reader->diag, RULE_MIGRATION_FORMAT, migration->at,
                   "a migration begins with its message and the lines '-- revises:', '-- schema:' "
                   "and '-- up'");
}

struct migration *
migration_parse(const struct source *source, struct diag *diag)
{
    struct migration *migration = ARENA_NEW(struct migration);
    struct reader reader = {.diag = diag, .migration = migration, .line = 1};
    guint errors = diag_error_count(diag);
    migration->source = source;
    migration->at = (struct location){source, 1, 1, 0, (unsigned)strcspn(source->text, "\n")};
    migration->revision = revision_of(source->path);
    migration->parents = arena_list();
    migration->backfills = arena_list();
    migration->dropped = arena_list();
    migration->moved = arena_list();
    migration->labels = arena_list();
    if (migration->revision == NULL)
        diag_error(diag, RULE_MIGRATION_FORMAT, migration->at,
                   "the name of a migration is its revision, _, words and .sql");
    GArray *tokens = sql_tokens(source->text, source->length, true);
    for (guint i = 0; i < tokens->len; i++)
        read_token(&reader, &g_array_index(tokens, struct token, i));
    g_array_unref(tokens);
    check_form(&reader);
    if (diag_error_count(diag) > errors)
        return NULL;
    migration->hash = migration_hash(migration->parents_text, source->text);
    return migration;
}
