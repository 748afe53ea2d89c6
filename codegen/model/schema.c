/* schema.c: from tables to SQL. A checked model enters; every database leaves with its CREATE
 * statements in order (each table, then its indexes, full-text tables and triggers) and a revision
 * that names them. The text is what files store, what snapshots show and what the runtime compares
 * byte by byte, so its form is part of the contract: one fact per line, names quoted only where SQL
 * needs it, and never a database name: a qualified name would make a file unopenable under another
 * one. */
#include "schema.h"

#include "common/arena.h"
#include "names.h"
#include "stages.h"

#include <string.h>

/* SQLite takes one reading of the clock per statement, so the two calls agree. */
#define NOW_TIMESTAMP                                                                              \
    "(CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))"
#define NOW_DATETIME "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"

/* ---- columns ---- */

/* An OR chain: IN with three constants or more builds a table for every row (3.5 times the price of
 * the insert). */
static const char *
enum_check(const char *name, const struct enumeration *enumeration)
{
    const char *sql = NULL;
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators)
        sql = sql == NULL ? arena_printf("%s = '%s'", name, enumerator->label)
                          : arena_printf("%s OR %s = '%s'", sql, name, enumerator->label);
    return sql;
}

const char *
schema_type_check(const struct column *column)
{
    const char *name = sql_quote_name(column->sql_name);
    switch (column->type) {
    case TYPE_BOOLEAN: return arena_printf("%s = 0 OR %s = 1", name, name);
    case TYPE_JSON: /* json_valid(NULL) is 0 before SQLite 3.45 */
        if (column->not_null)
            return arena_printf("json_valid(%s)", name);
        return arena_printf("%s IS NULL OR json_valid(%s)", name, name);
    case TYPE_DATETIME: return arena_printf(DATETIME_CHECK, name, name, name);
    case TYPE_ULID: return arena_printf("length(%s) = 26", name);
    case TYPE_UUID: return arena_printf("length(%s) = 36", name);
    case TYPE_ENUM: return enum_check(name, column->enumeration);
    default: return NULL;
    }
}

const char *
schema_now(enum column_type type)
{
    return type == TYPE_TIMESTAMP ? NOW_TIMESTAMP : NOW_DATETIME;
}

static void
append_default(GString *sql, const struct column *column)
{
    if (column->default_now)
        g_string_append_printf(sql, " DEFAULT %s", schema_now(column->type));
    else if (column->default_value.sql != NULL)
        g_string_append_printf(sql, " DEFAULT %s", column->default_value.sql);
}

static void
append_names(GString *sql, const GPtrArray *columns)
{
    const char *separator = "";
    g_string_append_c(sql, '(');
    FOR_EACH(struct column, column, columns) {
        g_string_append_printf(sql, "%s%s", separator, sql_quote_name(column->sql_name));
        separator = ", ";
    }
    g_string_append_c(sql, ')');
}

static void
append_action(GString *sql, const char *event, enum action action)
{
    static const char *const texts[] = {NULL,      "NO ACTION", "RESTRICT",
                                        "CASCADE", "SET NULL",  "SET DEFAULT"};
    if (texts[action] != NULL)
        g_string_append_printf(sql, " ON %s %s", event, texts[action]);
}

static void
append_reference(GString *sql, const struct reference *reference)
{
    g_string_append_printf(sql, "REFERENCES %s ", sql_quote_name(reference->table->name));
    append_names(sql, reference->targets);
    append_action(sql, "DELETE", reference->on_delete);
    append_action(sql, "UPDATE", reference->on_update);
}

static bool
is_whole_key(const struct column *column)
{
    return column->primary_key && column->table->primary_key->len == 1;
}

static void
append_key(GString *sql, const struct column *column)
{
    const struct table *table = column->table;
    bool alone = is_whole_key(column);
    bool rowid = alone && column->type == TYPE_INTEGER && !table->without_rowid;
    /* A key of the rowid is never NULL; every other one may be, in SQLite, unless it says so. */
    if (column->not_null && !rowid)
        g_string_append(sql, " NOT NULL");
    if (alone)
        g_string_append(sql, table->hidden_rowid != NULL ? " UNIQUE" : " PRIMARY KEY");
    if (column->autoincrement)
        g_string_append(sql, " AUTOINCREMENT");
}

static void
append_column(GString *sql, const struct column *column)
{
    const char *name = sql_quote_name(column->sql_name);
    g_string_append_printf(sql, "    %s %s", name, sql_type(column->type));
    append_key(sql, column);
    if (column->collate != NULL)
        g_string_append_printf(sql, " COLLATE %s", column->collate);
    append_default(sql, column);
    const char *type_check = schema_type_check(column);
    if (type_check != NULL)
        g_string_append_printf(sql, " CHECK (%s)", type_check);
    if (column->max_length > 0)
        g_string_append_printf(sql, " CHECK (length(%s) <= %" G_GINT64_FORMAT ")", name,
                               column->max_length);
    FOR_EACH(struct expression, check, column->checks)
        g_string_append_printf(sql, " CHECK (%s)", check->sql);
    if (column->generated.sql != NULL)
        g_string_append_printf(sql, " GENERATED ALWAYS AS (%s) VIRTUAL", column->generated.sql);
    if (column->reference != NULL) {
        g_string_append_c(sql, ' ');
        append_reference(sql, column->reference);
    }
}

/* ---- tables ---- */

static bool
belongs_to_column(const struct reference *reference)
{
    const struct column *first = g_ptr_array_index(reference->columns, 0);
    return first->reference == reference;
}

static void
append_table_lines(GString *sql, const struct table *table)
{
    if (table->primary_key->len > 1) {
        g_string_append_printf(sql, ",\n    %s ",
                               table->hidden_rowid != NULL ? "UNIQUE" : "PRIMARY KEY");
        append_names(sql, table->primary_key);
    }
    FOR_EACH(struct expression, check, table->checks)
        g_string_append_printf(sql, ",\n    CHECK (%s)", check->sql);
    FOR_EACH(struct reference, reference, table->references) {
        if (belongs_to_column(reference))
            continue;
        g_string_append(sql, ",\n    FOREIGN KEY ");
        append_names(sql, reference->columns);
        g_string_append_c(sql, ' ');
        append_reference(sql, reference);
    }
}

static const char *
table_options(const struct table *table)
{
    if (table->without_rowid)
        return table->strict ? " STRICT, WITHOUT ROWID" : " WITHOUT ROWID";
    return table->strict ? " STRICT" : "";
}

static const char *
take_text(GString *text)
{
    const char *copy = arena_string_n(text->str, text->len);
    g_string_free(text, TRUE);
    return copy;
}

static const char *
table_sql(const struct table *table)
{
    GString *sql = g_string_new(NULL);
    g_string_append_printf(sql, "CREATE TABLE %s (\n", sql_quote_name(table->name));
    if (table->hidden_rowid != NULL)
        g_string_append_printf(sql, "    %s INTEGER PRIMARY KEY,\n", table->hidden_rowid);
    const char *separator = "";
    FOR_EACH(struct column, column, table->columns) {
        g_string_append(sql, separator);
        append_column(sql, column);
        separator = ",\n";
    }
    append_table_lines(sql, table);
    g_string_append_printf(sql, "\n)%s", table_options(table));
    return take_text(sql);
}

/* ---- indexes ---- */

static const char *
index_sql(const struct table *table, const struct index *index)
{
    GString *sql = g_string_new(NULL);
    g_string_append_printf(sql, "CREATE %sINDEX %s ON %s (", index->unique ? "UNIQUE " : "",
                           sql_quote_name(index->name), sql_quote_name(table->name));
    const char *separator = "";
    FOR_EACH(struct key_part, part, index->parts) {
        const char *item = part->column == NULL ? part->sql
                                                : sql_quote_name(part->column->sql_name);
        g_string_append_printf(sql, "%s%s", separator, item);
        if (part->collate != NULL)
            g_string_append_printf(sql, " COLLATE %s", part->collate);
        if (part->descending)
            g_string_append(sql, " DESC");
        separator = ", ";
    }
    g_string_append_c(sql, ')');
    if (index->where.sql != NULL)
        g_string_append_printf(sql, " WHERE %s", index->where.sql);
    return take_text(sql);
}

/* ---- full text ---- */

/* The integer column that an entry of the index points to. */
static const char *
rowid_column(const struct table *table)
{
    if (table->hidden_rowid != NULL)
        return table->hidden_rowid;
    const struct column *key = g_ptr_array_index(table->primary_key, 0);
    return key->sql_name;
}

static const char *
full_text_sql(const struct full_text *full_text)
{
    const struct table *table = full_text->table;
    GString *sql = g_string_new(NULL);
    GString *rowid = g_string_new(rowid_column(table));
    g_string_replace(rowid, "'", "''", 0);
    g_string_append_printf(sql, "CREATE VIRTUAL TABLE %s USING fts5(\n",
                           sql_quote_name(full_text->name));
    FOR_EACH(struct column, column, full_text->columns)
        g_string_append_printf(sql, "    %s,\n", sql_quote_name(column->sql_name));
    g_string_append_printf(sql,
                           "    content='%s',\n"
                           "    content_rowid='%s',\n"
                           "    tokenize='" SCHEMA_TOKENIZER
                           "'\n"
                           ")",
                           table->name, rowid->str);
    g_string_free(rowid, TRUE);
    return take_text(sql);
}

/* ", old.title, old.body" or, for the index's own columns, ", title, body". */
static void
append_values(GString *sql, const struct full_text *full_text, const char *row)
{
    FOR_EACH(struct column, column, full_text->columns)
        g_string_append_printf(sql, ", %s%s", row, sql_quote_name(column->sql_name));
}

static void
append_remove(GString *sql, const struct full_text *full_text)
{
    const char *name = sql_quote_name(full_text->name);
    g_string_append_printf(sql, "    INSERT INTO %s (%s, rowid", name, name);
    append_values(sql, full_text, "");
    g_string_append_printf(sql, ") VALUES ('delete', old.%s",
                           sql_quote_name(rowid_column(full_text->table)));
    append_values(sql, full_text, "old.");
    g_string_append(sql, ");\n");
}

static void
append_enter(GString *sql, const struct full_text *full_text)
{
    g_string_append_printf(sql, "    INSERT INTO %s (rowid", sql_quote_name(full_text->name));
    append_values(sql, full_text, "");
    g_string_append_printf(sql, ") VALUES (new.%s", sql_quote_name(rowid_column(full_text->table)));
    append_values(sql, full_text, "new.");
    g_string_append(sql, ");\n");
}

/* An update that changes no indexed text must not touch the index: entering a row costs twenty
 * times the update itself. */
static void
append_changed(GString *sql, const struct full_text *full_text)
{
    const char *rowid = sql_quote_name(rowid_column(full_text->table));
    g_string_append_printf(sql, "\nWHEN old.%s <> new.%s", rowid, rowid);
    FOR_EACH(struct column, column, full_text->columns) {
        const char *name = sql_quote_name(column->sql_name);
        g_string_append_printf(sql, " OR old.%s IS NOT new.%s", name, name);
    }
}

static const char *
trigger_name(const struct full_text *full_text, const char *event)
{
    char *lower = g_ascii_strdown(event, -1);
    const char *name = arena_printf("%s_%s", full_text->name, lower);
    g_free(lower);
    return name;
}

static const char *
trigger_sql(const struct full_text *full_text, const char *event)
{
    bool removes = strcmp(event, "INSERT") != 0;
    bool enters = strcmp(event, "DELETE") != 0;
    GString *sql = g_string_new(NULL);
    g_string_append_printf(sql, "CREATE TRIGGER %s AFTER %s ON %s",
                           sql_quote_name(trigger_name(full_text, event)), event,
                           sql_quote_name(full_text->table->name));
    if (removes && enters)
        append_changed(sql, full_text);
    g_string_append(sql, "\nBEGIN\n");
    if (removes)
        append_remove(sql, full_text);
    if (enters)
        append_enter(sql, full_text);
    g_string_append(sql, "END");
    return take_text(sql);
}

/* ---- the stage ---- */

static struct statement *
add_statement(struct database *database, const struct table *table, const char *name,
              const char *sql)
{
    struct statement *statement = ARENA_NEW(struct statement);
    statement->table = table;
    statement->name = name;
    statement->sql = sql;
    g_ptr_array_add(database->statements, statement);
    return statement;
}

static void
add_full_text(struct database *database, const struct full_text *full_text)
{
    static const char *const events[] = {"INSERT", "DELETE", "UPDATE"};
    struct statement *statement = add_statement(database, full_text->table, full_text->name,
                                                full_text_sql(full_text));
    statement->full_text = full_text;
    for (gsize i = 0; i < G_N_ELEMENTS(events); i++) {
        statement = add_statement(database, full_text->table, trigger_name(full_text, events[i]),
                                  trigger_sql(full_text, events[i]));
        statement->full_text = full_text;
    }
}

static void
add_table(struct database *database, const struct table *table)
{
    add_statement(database, table, table->name, table_sql(table))->doc = table->doc;
    FOR_EACH(struct index, index, table->indexes)
        add_statement(database, table, index->name, index_sql(table, index))->index = index;
    FOR_EACH(struct full_text, full_text, table->full_texts)
        add_full_text(database, full_text);
}

static const char *
revision_of(const struct database *database)
{
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    FOR_EACH(struct statement, statement, database->statements) {
        g_checksum_update(checksum, (const guchar *)statement->sql, -1);
        g_checksum_update(checksum, (const guchar *)";\n", 2);
    }
    const char *revision = arena_string_n(g_checksum_get_string(checksum), 12);
    g_checksum_free(checksum);
    return revision;
}

void
stage_schema(struct model *model)
{
    FOR_EACH(struct database, database, model->databases) {
        database->statements = arena_list();
        FOR_EACH(struct table, table, database->tables)
            if (table->sound)
                add_table(database, table);
        FOR_EACH(struct schema_object, object, database->objects)
            add_statement(database, NULL, object->name, object->sql)->doc = object->text.doc;
        database->revision = revision_of(database);
    }
}
