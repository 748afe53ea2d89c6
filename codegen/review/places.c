/* places.c: the text of db_models.h files enters, the lines of tables and columns leave. Only the
 * outer form is read: TABLE(name) { entries ; }. What is not found has no place of its own, and the
 * caller shows the line of the snapshot. */
#include "places.h"

#include "common/arena.h"
#include "common/sql_scan.h"

#include <string.h>

/* ---- plain text ---- */

static gsize
comment_length(const char *at)
{
    if (strncmp(at, "//", 2) == 0)
        return strcspn(at, "\n");
    if (strncmp(at, "/*", 2) != 0)
        return 0;
    const char *end = strstr(at + 2, "*/");
    return end == NULL ? strlen(at) : (gsize)(end + 2 - at);
}

static gsize
literal_length(const char *at)
{
    gsize length = 1;
    while (at[length] != '\0' && at[length] != '\n' && at[length] != *at)
        length += at[length] == '\\' && at[length + 1] != '\0' ? 2 : 1;
    return at[length] == *at ? length + 1 : length;
}

/* The text with blanks for comments: every offset and line stays. */
static char *
without_comments(const char *text)
{
    char *plain = g_strdup(text);
    for (char *at = plain; *at != '\0';) {
        gsize length = *at == '"' || *at == '\'' ? literal_length(at) : 0;
        if (length > 0) {
            at += length;
            continue;
        }
        length = comment_length(at);
        for (gsize i = 0; i < length; i++)
            if (at[i] != '\n')
                at[i] = ' ';
        at += length == 0 ? 1 : length;
    }
    return plain;
}

static void
find_line(const char *text, const char *at, unsigned *ret_line, unsigned *ret_column)
{
    const char *start = text;
    unsigned line = 1;
    for (const char *c = text; c < at; c++) {
        if (*c == '\n') {
            line++;
            start = c + 1;
        }
    }
    *ret_line = line;
    *ret_column = (unsigned)(at - start) + 1;
}

static bool
is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

/* ---- one entry ---- */

/* A word of the schema language: capital letters. */
static bool
is_schema_word(const char *word, gsize length)
{
    bool has_letter = false;
    for (gsize i = 0; i < length; i++) {
        if (g_ascii_islower(word[i]))
            return false;
        has_letter = has_letter || g_ascii_isupper(word[i]);
    }
    return has_letter && length > 1;
}

/* `enum state state NOT_NULL`: the last word before the first one of the schema language. */
static const char *
column_name(const char *entry, const char **ret_at)
{
    const char *name = NULL;
    gsize name_length = 0;
    for (const char *at = entry; *at != '\0';) {
        gsize length = 0;
        while (is_word(at[length]))
            length++;
        if (length == 0) {
            if (*at == '(')
                break;
            at++;
            continue;
        }
        if (is_schema_word(at, length))
            break;
        name = at;
        name_length = length;
        at += length;
    }
    *ret_at = name;
    return name == NULL ? NULL : arena_string_n(name, name_length);
}

/* The name in SQL: NAMED("…"), or the one of C. */
static const char *
sql_name_of(const char *entry, const char *name)
{
    const char *named = strstr(entry, "NAMED(\"");
    if (named == NULL)
        return name;
    named += strlen("NAMED(\"");
    return arena_string_n(named, strcspn(named, "\""));
}

static void
add_entry(struct declared_table *table, const char *text, const char *from, const char *to)
{
    while (from < to && g_ascii_isspace(*from))
        from++;
    if (from == to)
        return;
    struct entry_place *entry = ARENA_NEW(struct entry_place);
    const char *at = NULL;
    entry->text = arena_string_n(from, (gsize)(to - from));
    entry->name = column_name(entry->text, &at);
    find_line(text, at == NULL ? from : from + (at - entry->text), &entry->line, &entry->column);
    if (entry->name != NULL)
        entry->name = sql_name_of(entry->text, entry->name);
    g_ptr_array_add(table->entries, entry);
}

/* From behind the opening brace to behind the closing one. */
static const char *
read_entries(struct declared_table *table, const char *text, const char *at)
{
    const char *from = at;
    int depth = 0;
    while (*at != '\0' && *at != '}') {
        if (*at == '"' || *at == '\'') {
            at += literal_length(at);
            continue;
        }
        depth += (*at == '(') - (*at == ')');
        if (*at == ';' && depth <= 0) {
            add_entry(table, text, from, at);
            from = at + 1;
        }
        at++;
    }
    return at;
}

/* ---- a file ---- */

static const char *
database_of(const char *plain)
{
    const char *at = strstr(plain, "DATABASE_NAME");
    const char *quote = at == NULL ? NULL : strchr(at, '"');
    if (quote == NULL || memchr(at, '\n', (gsize)(quote - at)) != NULL)
        return NULL;
    return arena_string_n(quote + 1, strcspn(quote + 1, "\""));
}

static bool
begins_table(const char *plain, const char *at)
{
    return strncmp(at, "TABLE", 5) == 0 && !is_word(at[5]) && (at == plain || !is_word(at[-1]));
}

static void
read_module(struct side *side, const char *path)
{
    struct module_file *module = ARENA_NEW(struct module_file);
    char *plain = without_comments(side_text(side, path));
    module->path = path;
    module->tables = arena_list();
    module->database = database_of(plain);
    for (const char *at = plain; *at != '\0'; at++) {
        if (!begins_table(plain, at))
            continue;
        const char *open = strchr(at, '(');
        const char *name = open == NULL ? at : open + 1 + strspn(open + 1, " \t\n");
        const char *brace = strchr(name, '{');
        if (open == NULL || brace == NULL)
            break;
        struct declared_table *table = ARENA_NEW(struct declared_table);
        table->name = arena_string_n(name, strspn(name,
                                                  "abcdefghijklmnopqrstuvwxyz0123456789_"
                                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
        table->entries = arena_list();
        find_line(plain, name, &table->line, &table->column);
        at = read_entries(table, plain, brace + 1);
        g_ptr_array_add(module->tables, table);
        if (*at == '\0')
            break;
    }
    g_ptr_array_add(side->modules, module);
    g_free(plain);
}

void
places_read(struct side *side)
{
    FOR_EACH(const char, path, side->files)
        if ((g_str_has_suffix(path, "/db_models.h") || strcmp(path, "db_models.h") == 0) &&
            side_text(side, path) != NULL)
            read_module(side, path);
}

/* ---- finding ---- */

static bool
says_columns(const struct entry_place *entry, const char *part)
{
    char *plain = g_strdup(entry->text);
    char *to = plain;
    for (const char *at = plain; *at != '\0'; at++)
        if (!g_ascii_isspace(*at))
            *to++ = *at;
    *to = '\0';
    bool found = strstr(plain, part) != NULL;
    g_free(plain);
    return found;
}

static bool
has_word(const char *text, const char *word)
{
    gsize length = strlen(word);
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        if ((at == text || !is_word(at[-1])) && !is_word(at[length]))
            return true;
    return false;
}

/* An index is named by its table and columns, or by NAMED. */
static bool
is_index_of(const struct declared_table *table, const struct entry_place *entry, const char *part)
{
    gsize prefix = strlen(table->name);
    if (entry->name != NULL || strstr(entry->text, "_ON") == NULL)
        return false;
    if (strstr(entry->text, arena_printf("\"%s\"", part)) != NULL)
        return true;
    if (strncmp(part, table->name, prefix) != 0 || part[prefix] != '_')
        return false;
    GString *name = g_string_new(NULL);
    struct sql sql = sql_new(entry->text);
    for (int place = 2; place < sql_count(&sql) && !sql_is(&sql, place, ")"); place++)
        if (sql_is_name(&sql, place) && !sql_is(&sql, place, "desc") && !sql_is(&sql, place, "asc"))
            g_string_append_printf(name, "_%s", sql_name(&sql, place));
    sql_free(&sql);
    bool same = name->len > 0 && strncmp(part + prefix, name->str, name->len) == 0;
    g_string_free(name, TRUE);
    return same;
}

static const struct entry_place *
find_entry(const struct declared_table *table, const char *part)
{
    FOR_EACH(struct entry_place, entry, table->entries)
        if (entry->name != NULL && g_ascii_strcasecmp(entry->name, part) == 0)
            return entry;
    FOR_EACH(struct entry_place, entry, table->entries)
        if (entry->name == NULL && *part == '(' && says_columns(entry, part))
            return entry;
    FOR_EACH(struct entry_place, entry, table->entries)
        if (is_index_of(table, entry, part))
            return entry;
    gsize prefix = strlen(table->name);
    FOR_EACH(struct entry_place, entry, table->entries)
        if (entry->name != NULL && strncmp(part, table->name, prefix) == 0 && part[prefix] == '_' &&
            (strcmp(part + prefix + 1, arena_printf("%s_idx", entry->name)) == 0 ||
             strcmp(part + prefix + 1, arena_printf("%s_key", entry->name)) == 0))
            return entry;
    if (*part == '(' && strchr(part, ',') == NULL)
        return find_entry(table, arena_string_n(part + 1, strlen(part) - 2));
    FOR_EACH(struct entry_place, entry, table->entries)
        if (entry->name == NULL && has_word(entry->text, part))
            return entry;
    return NULL;
}

struct place
side_place(const struct side *side, const char *database, const char *table, const char *part)
{
    if (side == NULL)
        return (struct place){0};
    FOR_EACH(struct module_file, module, side->modules) {
        if (module->database == NULL || strcmp(module->database, database) != 0)
            continue;
        FOR_EACH(struct declared_table, declared, module->tables) {
            if (g_ascii_strcasecmp(declared->name, table) != 0)
                continue;
            const struct entry_place *entry = part == NULL ? NULL : find_entry(declared, part);
            if (entry != NULL)
                return (struct place){module->path, entry->line, entry->column};
            return (struct place){module->path, declared->line, declared->column};
        }
    }
    return (struct place){0};
}

struct place
side_object_place(const struct side *side, const char *name)
{
    if (side == NULL)
        return (struct place){0};
    FOR_EACH(const char, path, side->files) {
        const char *text = g_str_has_suffix(path, "/db_objects.sql") ? side_text(side, path) : NULL;
        if (text == NULL)
            continue;
        GArray *tokens = sql_tokens(text, strlen(text), false);
        struct sql sql = {text, tokens};
        struct place place = {0};
        for (int i = 2; i < sql_count(&sql) && place.path == NULL; i++) {
            if (!sql_has_name(&sql, i, name) || !sql_is(&sql, i - 2, "create"))
                continue;
            place.path = path;
            find_line(text, text + sql_token(&sql, i)->offset, &place.line, &place.column);
        }
        g_array_unref(tokens);
        if (place.path != NULL)
            return place;
    }
    return (struct place){0};
}
