/* import_column.c: what a column is in the schema language: its type by what is declared and by the
 * check that the type would make, then its words. */
#include "import.h"

#include "common/arena.h"
#include "common/sql_normal.h"
#include "model/names.h"
#include "model/schema.h"

#include <string.h>

/* ---- types ---- */

/* SQLite's own rule: the affinity of a declared type (datatype3.html, section 3.1). */
static enum column_type
declared_type(const char *declared)
{
    static const struct {
        const char *part;
        enum column_type type;
    } rules[] = {{"INT", TYPE_INTEGER}, {"CHAR", TYPE_TEXT}, {"CLOB", TYPE_TEXT},
                 {"TEXT", TYPE_TEXT},   {"BLOB", TYPE_BLOB}, {"REAL", TYPE_REAL},
                 {"FLOA", TYPE_REAL},   {"DOUB", TYPE_REAL}};
    char *upper = g_ascii_strup(declared, -1);
    enum column_type type = *declared == '\0' ? TYPE_BLOB : TYPE_UNKNOWN;
    for (gsize i = 0; type == TYPE_UNKNOWN && i < G_N_ELEMENTS(rules); i++)
        if (strstr(upper, rules[i].part) != NULL)
            type = rules[i].type;
    g_free(upper);
    return type == TYPE_UNKNOWN ? TYPE_REAL : type; /* NUMERIC, which is all numbers */
}

/* The check of a table that says the same, or NULL. */
static const struct snapshot_check *
find_check(const struct snapshot_table *table, const char *sql)
{
    FOR_EACH(struct snapshot_check, check, table->checks)
        if (sql != NULL && sql_same(check->sql, sql, NULL))
            return check;
    return NULL;
}

/* A type that makes a check is known by it. */
static enum column_type
checked_type(struct import_column *own, enum column_type declared)
{
    static const enum column_type texts[] = {TYPE_DATETIME, TYPE_JSON, TYPE_ULID, TYPE_UUID};
    static const enum column_type numbers[] = {TYPE_BOOLEAN};
    const enum column_type *types = declared == TYPE_TEXT ? texts : numbers;
    gsize count = declared == TYPE_TEXT ? G_N_ELEMENTS(texts) : G_N_ELEMENTS(numbers);
    struct column column = {.sql_name = own->column->name, .not_null = own->column->not_null};
    for (gsize i = 0; i < count && (declared == TYPE_TEXT || declared == TYPE_INTEGER); i++) {
        column.type = types[i];
        own->type_check = find_check(own->table, schema_type_check(&column));
        if (own->type_check != NULL)
            return types[i];
    }
    return declared;
}

/* Whether a column has the default that DEFAULT_NOW of a type makes. */
static bool
is_now(const struct snapshot_column *column, enum column_type type)
{
    return column->default_sql != NULL && sql_same(column->default_sql, schema_now(type), NULL);
}

/* ---- enums ---- */

/* A label comes back from its enumerator when it is in lower case and could be a name. */
static bool
is_label(const char *label)
{
    if (*label == '\0')
        return false;
    for (; *label != '\0'; label++)
        if (!g_ascii_islower(*label) && !g_ascii_isdigit(*label) && *label != '_')
            return false;
    return true;
}

/* An enum's labels are what differs between its enumerators, up to the last common underscore: labels
 * that begin alike would lose that. */
static bool
begin_alike(const GPtrArray *labels)
{
    const char *first = g_ptr_array_index(labels, 0);
    const char *end = strchr(first, '_');
    if (end == NULL)
        return false;
    FOR_EACH(const char, label, labels)
        if (strncmp(label, first, (gsize)(end - first) + 1) != 0)
            return false;
    return true;
}

static const struct snapshot_check *
find_labels(const struct import_column *own)
{
    FOR_EACH(struct snapshot_check, check, own->table->checks) {
        if (check->labels == NULL || check->column == NULL ||
            g_ascii_strcasecmp(check->column, own->column->name) != 0)
            continue;
        FOR_EACH(const char, label, check->labels)
            if (!is_label(label))
                return NULL;
        return begin_alike(check->labels) ? NULL : check;
    }
    return NULL;
}

static void
become_enum(struct import_column *own, const struct snapshot_check *check)
{
    const char *name = name_join(import_identifier(own->table->name), "_", own->name, NULL);
    own->type = name_join("enum ", name, NULL);
    own->type_check = check;
    own->enumerators = arena_list();
    FOR_EACH(const char, label, check->labels)
        g_ptr_array_add(own->enumerators, (char *)name_upper(name_join(name, "_", label, NULL)));
}

/* ---- the column ---- */

static const char *
type_word(enum column_type type)
{
    static const char *const words[] = {
        [TYPE_UNKNOWN] = "",  [TYPE_INTEGER] = "integer",     [TYPE_BOOLEAN] = "boolean",
        [TYPE_REAL] = "real", [TYPE_TEXT] = "text",           [TYPE_JSON] = "json",
        [TYPE_BLOB] = "blob", [TYPE_TIMESTAMP] = "timestamp", [TYPE_DATETIME] = "datetime",
        [TYPE_ULID] = "ulid", [TYPE_UUID] = "uuid",           [TYPE_ENUM] = "text",
    };
    return words[type];
}

struct import_column *
import_column_new(struct import *import, const struct snapshot_table *table,
                  const struct snapshot_column *column)
{
    struct import_column *own = ARENA_NEW(struct import_column);
    own->table = table;
    own->column = column;
    own->name = import_identifier(column->name);
    enum column_type type = declared_type(column->type);
    if (g_ascii_strcasecmp(column->type, sql_type(type)) != 0)
        import_lose(import, "%s.%s is declared %s and becomes %s", table->name, column->name,
                    *column->type == '\0' ? "without a type" : column->type, sql_type(type));
    const struct snapshot_check *labels = type == TYPE_TEXT ? find_labels(own) : NULL;
    if (labels != NULL && labels->labels->len > 1) {
        become_enum(own, labels);
        return own;
    }
    type = checked_type(own, type);
    if (type == TYPE_INTEGER && is_now(column, TYPE_TIMESTAMP))
        type = TYPE_TIMESTAMP;
    own->type = type_word(type);
    return own;
}

/* ---- words ---- */

static void
add_word(GString *out, const char *word, const char *argument)
{
    g_string_append_printf(out, " %s", word);
    if (argument != NULL)
        g_string_append_printf(out, "(%s)", argument);
}

/* 'it''s' as a C string, or NULL for what is no plain text. */
static const char *
text_default(const char *sql)
{
    gsize length = strlen(sql);
    if (length < 2 || *sql != '\'' || sql[length - 1] != '\'')
        return NULL;
    GString *text = g_string_new(NULL);
    for (const char *at = sql + 1; at < sql + length - 1; at++) {
        if (*at == '\'' && *++at != '\'') {
            g_string_free(text, TRUE);
            return NULL;
        }
        g_string_append_c(text, *at);
    }
    const char *literal = import_literal(text->str);
    g_string_free(text, TRUE);
    return literal;
}

static const char *
enumerator_default(const struct import_column *own)
{
    for (guint i = 0; own->enumerators != NULL && i < own->enumerators->len; i++) {
        const char *label = g_ptr_array_index(own->type_check->labels, i);
        if (sql_same(own->column->default_sql, arena_printf("'%s'", label), NULL))
            return g_ptr_array_index(own->enumerators, i);
    }
    return NULL;
}

/* A default is a constant, because the runtime writes every column. */
static bool
is_clock(const char *sql)
{
    return sql_same(sql, "CURRENT_TIMESTAMP", NULL) || sql_same(sql, "CURRENT_DATE", NULL) ||
           sql_same(sql, "CURRENT_TIME", NULL);
}

static void
add_default(GString *out, struct import *import, const struct import_column *own)
{
    const char *sql = own->column->default_sql;
    if (sql == NULL)
        return;
    if (is_clock(sql)) {
        import_lose(import, "%s.%s has the default %s, which is no constant", own->table->name,
                    own->column->name, sql);
        return;
    }
    bool is_time = strcmp(own->type, "timestamp") == 0 || strcmp(own->type, "datetime") == 0;
    if (is_time && (is_now(own->column, TYPE_TIMESTAMP) || is_now(own->column, TYPE_DATETIME))) {
        add_word(out, "DEFAULT_NOW", NULL);
        return;
    }
    const char *argument = enumerator_default(own);
    if (argument == NULL)
        argument = text_default(sql);
    add_word(out, "DEFAULT", argument == NULL ? sql : argument);
}

static void
add_checks(GString *out, const struct import_column *own)
{
    FOR_EACH(struct snapshot_check, check, own->table->checks) {
        if (check == own->type_check || check->column == NULL ||
            g_ascii_strcasecmp(check->column, own->column->name) != 0)
            continue;
        if (check->max_length > 0)
            add_word(out, "LENGTH", arena_printf("%" G_GINT64_FORMAT, check->max_length));
        else
            add_word(out, "CHECK", check->sql);
    }
}

static void
add_action(GString *out, const char *word, const char *action)
{
    if (strcmp(action, "NO ACTION") == 0)
        return;
    char *name = g_strdelimit(g_strdup(action), " ", '_');
    add_word(out, word, name);
    g_free(name);
}

static void
add_reference(GString *out, struct import *import, const struct import_column *own)
{
    FOR_EACH(struct snapshot_foreign_key, key, own->table->foreign_keys) {
        const char *first = g_ptr_array_index(key->columns, 0);
        if (key->columns->len > 1 || g_ascii_strcasecmp(first, own->column->name) != 0)
            continue;
        const char *target = g_ptr_array_index(key->targets, 0);
        add_word(out, "REFERENCES",
                 name_join(import_identifier(key->table), ", ", import_identifier(target), NULL));
        add_action(out, "ON_DELETE", key->on_delete);
        add_action(out, "ON_UPDATE", key->on_update);
        if (key->deferred)
            import_lose(import, "the foreign key of %s.%s is deferred", own->table->name,
                        own->column->name);
    }
}

static void
add_generated(GString *out, struct import *import, const struct import_column *own)
{
    if (own->column->generated == GENERATED_NOT)
        return;
    add_word(out, "GENERATED", own->column->generated_sql);
    if (own->column->generated == GENERATED_STORED)
        import_lose(import, "%s.%s is stored and becomes virtual", own->table->name,
                    own->column->name);
}

/* Everything behind the name. */
static void
add_words(GString *out, struct import *import, const struct import_column *own, bool is_key)
{
    const struct snapshot_column *column = own->column;
    if (strcmp(own->name, column->name) != 0)
        add_word(out, "NAMED", import_literal(column->name));
    if (is_key)
        add_word(out, "PRIMARY_KEY", NULL);
    else if (column->not_null && column->key_place == 0)
        add_word(out, "NOT_NULL", NULL);
    if (is_key && own->table->autoincrement)
        add_word(out, "AUTOINCREMENT", NULL);
    if (g_ascii_strcasecmp(column->collation, "BINARY") != 0)
        add_word(out, "COLLATE", column->collation);
    add_default(out, import, own);
    add_checks(out, own);
    add_generated(out, import, own);
    add_reference(out, import, own);
}

void
import_column_line(struct import *import, const struct import_column *own, bool is_key,
                   int type_width, int name_width)
{
    GString *words = g_string_new(NULL);
    add_words(words, import, own, is_key);
    if (own->column->doc != NULL)
        g_string_append_printf(import->header, "    /** %s */\n", own->column->doc);
    g_string_append_printf(import->header, "    %-*s %-*s%s;\n", type_width, own->type,
                           words->len == 0 ? 0 : name_width, own->name, words->str);
    g_string_free(words, TRUE);
}
