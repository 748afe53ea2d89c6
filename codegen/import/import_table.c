/* import_table.c: a table of a file as a TABLE: the enums of its columns, its columns, and the lines
 * for what several columns are together. */
#include "import.h"

#include "common/arena.h"
#include "common/sql_normal.h"
#include "common/text.h"
#include "model/names.h"
#include "model/schema.h"

#include <string.h>

/* ---- full text ---- */

static const char *
argument_of(const struct snapshot_table *virtual, const char *name)
{
    gsize length = strlen(name);
    FOR_EACH(const char, argument, virtual->arguments) {
        if (g_ascii_strncasecmp(argument, name, length) != 0 || argument[length] != '=')
            continue;
        const char *value = argument + length + 1;
        value += strspn(value, " '\"");
        return arena_string_n(value, strcspn(value, "'\""));
    }
    return "";
}

/* Whether FULL_TEXT_ON would make this index. */
static bool
is_full_text_of(const struct snapshot_table *virtual, const struct snapshot_table *table)
{
    return virtual->module != NULL && strcmp(virtual->module, "fts5") == 0 &&
           g_ascii_strcasecmp(argument_of(virtual, "content"), table->name) == 0 &&
           table->rowid_column != NULL &&
           g_ascii_strcasecmp(argument_of(virtual, "content_rowid"), table->rowid_column) == 0 &&
           strcmp(argument_of(virtual, "tokenize"), SCHEMA_TOKENIZER) == 0;
}

static bool
is_any_full_text(const struct import *import, const struct snapshot_table *virtual)
{
    FOR_EACH(struct snapshot_table, table, import->snapshot->tables)
        if (table->module == NULL && is_full_text_of(virtual, table))
            return true;
    return false;
}

bool
import_is_full_text_trigger(const struct import *import, const char *trigger)
{
    static const char *const events[] = {"_insert", "_delete", "_update"};
    FOR_EACH(struct snapshot_table, virtual, import->snapshot->tables)
        for (gsize i = 0; virtual->module != NULL && i < G_N_ELEMENTS(events); i++)
            if (strcmp(trigger, name_join(virtual->name, events[i], NULL)) == 0 &&
                is_any_full_text(import, virtual))
                return true;
    return false;
}

static void
add_full_texts(struct import *import, const struct snapshot_table *table)
{
    FOR_EACH(struct snapshot_table, virtual, import->snapshot->tables) {
        if (!is_full_text_of(virtual, table))
            continue;
        g_string_append_printf(import->header, "    FULL_TEXT_ON(%s", virtual->name);
        FOR_EACH(const char, argument, virtual->arguments)
            if (strchr(argument, '=') == NULL)
                g_string_append_printf(import->header, ", %s",
                                       import_identifier(g_strstrip(arena_string(argument))));
        g_string_append(import->header, ");\n");
    }
}

/* ---- keys and indexes ---- */

/* A table with a hidden rowid has the key that people see as its first UNIQUE. */
static bool
has_hidden_rowid(const struct snapshot_table *table)
{
    return table->rowid_column != NULL && strcmp(table->rowid_column, SCHEMA_HIDDEN_ROWID) == 0;
}

static const GPtrArray *
key_parts(const struct snapshot_table *table)
{
    if (!has_hidden_rowid(table))
        return table->primary_key;
    FOR_EACH(struct snapshot_index, index, table->indexes)
        if (index->is_constraint)
            return index->parts;
    return table->primary_key;
}

static bool
is_whole_key(const struct snapshot_table *table, const struct snapshot_column *column)
{
    const GPtrArray *parts = key_parts(table);
    const struct snapshot_key_part *first = parts->len == 1 ? g_ptr_array_index(parts, 0) : NULL;
    return first != NULL && first->column != NULL && strcmp(first->column, column->name) == 0;
}

static const char *
collation_of(const struct snapshot_table *table, const char *column)
{
    const struct snapshot_column *found = snapshot_column(table, column);
    return found == NULL ? "BINARY" : found->collation;
}

static void
add_parts(GString *out, const struct snapshot_table *table, const GPtrArray *parts)
{
    const char *separator = "";
    FOR_EACH(struct snapshot_key_part, part, parts) {
        g_string_append_printf(out, "%s%s", separator,
                               part->column != NULL ? import_identifier(part->column)
                                                    : part->expression);
        const char *own = part->column == NULL ? "BINARY" : collation_of(table, part->column);
        if (g_ascii_strcasecmp(part->collation, own) != 0)
            g_string_append_printf(out, " COLLATE %s", part->collation);
        if (part->descending)
            g_string_append(out, " DESC");
        separator = ", ";
    }
}

/* The name that an index without NAMED gets. */
static const char *
standard_name(const struct snapshot_index *index)
{
    const char *name = index->table->name;
    FOR_EACH(struct snapshot_key_part, part, index->parts)
        name = name_join(name, "_", part->column != NULL ? import_identifier(part->column) : "expr",
                         NULL);
    return name_join(name, index->unique ? "_key" : "_idx", NULL);
}

static void
add_index(GString *out, const struct snapshot_index *index)
{
    g_string_append(out, index->unique ? "    UNIQUE_ON(" : "    INDEX_ON(");
    add_parts(out, index->table, index->parts);
    g_string_append_c(out, ')');
    if (index->where != NULL)
        g_string_append_printf(out, " WHERE(%s)", index->where);
    if (!index->is_constraint && strcmp(index->name, standard_name(index)) != 0)
        g_string_append_printf(out, " NAMED(%s)", import_literal(index->name));
    g_string_append(out, ";\n");
}

static void
add_indexes(struct import *import, const struct snapshot_table *table)
{
    const GPtrArray *key = key_parts(table);
    if (key->len == 0)
        import_lose(import, "table %s has no primary key, which every table of cleat needs",
                    table->name);
    if (key->len > 1) {
        g_string_append(import->header, "    PRIMARY_KEY_ON(");
        add_parts(import->header, table, key);
        g_string_append(import->header, ");\n");
    }
    FOR_EACH(struct snapshot_index, index, table->indexes)
        if (index->parts != key)
            add_index(import->header, index);
}

/* ---- the other lines ---- */

static void
add_names(GString *out, const GPtrArray *names)
{
    const char *separator = "";
    FOR_EACH(const char, name, names) {
        g_string_append_printf(out, "%s%s", separator, import_identifier(name));
        separator = ", ";
    }
}

static void
add_action(GString *out, const char *word, const char *action)
{
    if (strcmp(action, "NO ACTION") == 0)
        return;
    char *name = g_strdelimit(g_strdup(action), " ", '_');
    g_string_append_printf(out, " %s(%s)", word, name);
    g_free(name);
}

static void
add_foreign_keys(struct import *import, const struct snapshot_table *table)
{
    GString *out = import->header;
    FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys) {
        if (key->columns->len < 2)
            continue;
        g_string_append(out, "    FOREIGN_KEY_ON((");
        add_names(out, key->columns);
        g_string_append_printf(out, "), %s(", import_identifier(key->table));
        add_names(out, key->targets);
        g_string_append(out, "))");
        add_action(out, "ON_DELETE", key->on_delete);
        add_action(out, "ON_UPDATE", key->on_update);
        g_string_append(out, ";\n");
        if (key->deferred)
            import_lose(import, "a foreign key of %s is deferred", table->name);
    }
}

static void
add_options(struct import *import, const struct snapshot_table *table)
{
    FOR_EACH(struct snapshot_check, check, table->checks)
        if (check->column == NULL)
            g_string_append_printf(import->header, "    CHECK_ROW(%s);\n", check->sql);
    if (table->without_rowid)
        g_string_append(import->header, "    WITHOUT_ROWID;\n");
    if (!table->strict)
        g_string_append(import->header, "    NOT_STRICT;\n");
    FOR_EACH(const char, conflict, table->conflicts)
        import_lose(import, "%s: an ON CONFLICT clause (%s)", table->name, conflict);
}

/* ---- the table ---- */

static void
add_enum(struct import *import, const struct import_column *column)
{
    const char *separator = "";
    g_string_append_printf(import->header, "\n%s {\n", column->type);
    FOR_EACH(const char, enumerator, column->enumerators) {
        g_string_append_printf(import->header, "%s    %s", separator, enumerator);
        separator = ",\n";
    }
    g_string_append(import->header, "\n};\n");
}

static GPtrArray *
columns_of(struct import *import, const struct snapshot_table *table)
{
    GPtrArray *columns = arena_list();
    FOR_EACH(struct snapshot_column, column, table->columns)
        if (!has_hidden_rowid(table) || strcmp(column->name, SCHEMA_HIDDEN_ROWID) != 0)
            g_ptr_array_add(columns, import_column_new(import, table, column));
    return columns;
}

void
import_table(struct import *import, const struct snapshot_table *table)
{
    const char *name = import_identifier(table->name);
    if (strcmp(name, table->name) != 0)
        import_lose(import, "table %s becomes %s", table->name, name);
    if (table->module != NULL) {
        if (!is_any_full_text(import, table))
            import_lose(import, "the virtual table %s (%s)", table->name, table->module);
        return;
    }
    GPtrArray *columns = columns_of(import, table);
    FOR_EACH(struct import_column, column, columns)
        if (column->enumerators != NULL)
            add_enum(import, column);
    g_string_append_c(import->header, '\n');
    if (table->doc != NULL)
        g_string_append_printf(import->header, "/** %s */\n", table->doc);
    g_string_append_printf(import->header, "TABLE(%s) {\n", name);
    int type_width = 0, name_width = 0;
    FOR_EACH(struct import_column, column, columns) {
        type_width = MAX(type_width, (int)strlen(column->type));
        name_width = MAX(name_width, (int)strlen(column->name));
    }
    FOR_EACH(struct import_column, column, columns)
        import_column_line(import, column, is_whole_key(table, column->column), type_width,
                           name_width);
    add_indexes(import, table);
    add_foreign_keys(import, table);
    add_options(import, table);
    add_full_texts(import, table);
    g_string_append(import->header, "};\n");
}
