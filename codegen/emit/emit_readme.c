/* emit_readme.c: the index of the databases for people who read the repository on a code host: per
 * database its modules, its tables and a Mermaid diagram. Names and schema text enter as plain
 * words; nothing a comment says can become markup. */
#include "emit.h"

#include "common/mermaid.h"
#include "common/text.h"
#include "model/extend.h"
#include "model/keys.h"
#include "model/names.h"

#include <string.h>

enum { MOST_CHARACTERS = 50000 }; /* of a diagram, as Mermaid is set by default */

/* ---- the diagram ---- */

static bool
is_foreign(const struct column *column)
{
    if (column->soft_reference != NULL)
        return true;
    FOR_EACH(struct reference, reference, column->table->references)
        if (g_ptr_array_find(reference->columns, column, NULL))
            return true;
    return false;
}

static const char *
type_text(const struct column *column)
{
    static const char *const names[] = {
        [TYPE_UNKNOWN] = "",  [TYPE_INTEGER] = "integer",     [TYPE_BOOLEAN] = "boolean",
        [TYPE_REAL] = "real", [TYPE_TEXT] = "text",           [TYPE_JSON] = "json",
        [TYPE_BLOB] = "blob", [TYPE_TIMESTAMP] = "timestamp", [TYPE_DATETIME] = "datetime",
        [TYPE_ULID] = "ulid", [TYPE_UUID] = "uuid",
    };
    if (column->distinct != NULL)
        return column->distinct->name;
    return column->type == TYPE_ENUM ? column->enumeration->name : names[column->type];
}

static void
emit_column(GString *out, const struct column *column)
{
    const char *marks = "";
    if (column->primary_key)
        marks = is_foreign(column) ? " PK, FK" : " PK";
    else if (is_foreign(column))
        marks = " FK";
    text_emit(out, "        @type@ @name@@marks@\n", "type", mermaid_word(type_text(column)),
              "name", mermaid_word(column->name), "marks", marks, NULL);
}

static void
emit_entity(GString *out, const struct table *table, bool keys_only)
{
    text_emit(out, "    @name@ {\n", "name", mermaid_entity(table->name), NULL);
    FOR_EACH(struct column, column, table->columns)
        if (!keys_only || column->primary_key || is_foreign(column))
            emit_column(out, column);
    g_string_append(out, "    }\n");
}

static bool
has_columns(const struct access *access, const GPtrArray *columns)
{
    if (access->columns->len != columns->len)
        return false;
    for (guint i = 0; i < columns->len; i++)
        if (row_column(g_ptr_array_index(columns, i)) != g_ptr_array_index(access->columns, i))
            return false;
    return true;
}

/* One row at most has these columns' values. */
static bool
is_one_to_one(const struct reference *reference, const GPtrArray *accesses)
{
    FOR_EACH(struct access, access, accesses)
        if (access->kind != ACCESS_PREFIX && has_columns(access, reference->columns))
            return true;
    return false;
}

static bool
may_be_null(const struct reference *reference)
{
    FOR_EACH(struct column, column, reference->columns)
        if (!column->not_null)
            return true;
    return false;
}

static void
emit_relation(GString *out, const struct table *table, const struct reference *reference,
              const GPtrArray *accesses)
{
    const char *target = reference->table_name;
    if (reference->database != NULL)
        target = name_join(reference->database, ".", target, NULL);
    text_emit(out, "    @target@ @one@@line@@many@ @name@ : \"", "target", mermaid_entity(target),
              "one", may_be_null(reference) ? "|o" : "||", "line",
              reference->database != NULL ? ".." : "--", "many",
              is_one_to_one(reference, accesses) ? "o|" : "o{", "name", mermaid_entity(table->name),
              NULL);
    const char *separator = "";
    FOR_EACH(struct column, column, reference->columns) {
        text_emit(out, "@separator@@name@", "separator", separator, "name", column->name, NULL);
        separator = ", ";
    }
    g_string_append(out, "\"\n");
}

static GString *
diagram_of(const struct database *database, bool keys_only)
{
    GString *out = g_string_new("\n```mermaid\nerDiagram\n");
    FOR_EACH(struct table, table, database->tables)
        emit_entity(out, table, keys_only);
    FOR_EACH(struct table, table, database->tables) {
        GPtrArray *accesses = table_accesses(table);
        FOR_EACH(struct reference, reference, table->references)
            emit_relation(out, table, reference, accesses);
        FOR_EACH(struct reference, reference, table->soft_references)
            emit_relation(out, table, reference, accesses);
    }
    g_string_append(out, "```\n");
    return out;
}

/* Mermaid draws nothing of a text that is too long: then its keys, then a word about it. */
static void
emit_diagram(GString *out, const struct database *database)
{
    GString *diagram = diagram_of(database, false);
    if (diagram->len > MOST_CHARACTERS) {
        g_string_free(diagram, TRUE);
        diagram = diagram_of(database, true);
    }
    if (diagram->len > MOST_CHARACTERS)
        g_string_assign(diagram,
                        "\nIt is too large for one diagram here; `cleat docs` draws it.\n");
    g_string_append_len(out, diagram->str, (gssize)diagram->len);
    g_string_free(diagram, TRUE);
}

/* ---- the tables ---- */

static void
emit_first_sentence(GString *out, const char *doc)
{
    char *sentence = g_strndup(doc, text_first_sentence(doc));
    text_markdown(out, sentence);
    g_free(sentence);
}

static void
emit_table_rows(GString *out, const struct database *database)
{
    g_string_append(out, "\n| Table | Module | Holds |\n| --- | --- | --- |\n");
    FOR_EACH(struct table, table, database->tables) {
        text_emit(out, "| `@table@` | `@module@` | ", "table", table->name, "module",
                  table->module->name, NULL);
        if (table->doc != NULL)
            emit_first_sentence(out, table->doc);
        g_string_append(out, " |\n");
    }
}

/* ---- the views and queries ---- */

static void
emit_views(GString *out, const struct database *database)
{
    const char *head = "\n| View | Module | Shows |\n| --- | --- | --- |\n";
    FOR_EACH(struct schema_object, object, database->objects) {
        if (!object->is_view)
            continue;
        text_emit(out, "@head@| `@view@` | `@module@` | ", "head", head, "view", object->name,
                  "module", object->module->name, NULL);
        if (object->text.doc != NULL)
            emit_first_sentence(out, object->text.doc);
        g_string_append(out, " |\n");
        head = "";
    }
}

static void
emit_queries(GString *out, const struct database *database)
{
    const char *head = "\n| Query | Module | Does |\n| --- | --- | --- |\n";
    FOR_EACH(struct module, module, database->modules)
        FOR_EACH(struct query, query, module->queries) {
            text_emit(out, "@head@| `@query@` | `@module@` | ", "head", head, "query", query->name,
                      "module", module->name, NULL);
            if (query->text.doc != NULL)
                emit_first_sentence(out, query->text.doc);
            g_string_append(out, " |\n");
            head = "";
        }
    if (*head == '\0')
        text_emit(out, "\nHow their rows are found: [`plans/@name@.txt`](plans/@name@.txt)\n",
                  "name", database->name, NULL);
}

/* ---- the page ---- */

static void
emit_modules(GString *out, const struct database *database)
{
    g_string_append(out, "\nModules:\n\n");
    FOR_EACH(struct module, module, database->modules)
        text_emit(out, "- [`@name@`](@path@/db_models.cleat.h)\n", "name", module->name, "path",
                  module->path, NULL);
}

static void
emit_links(GString *out, const struct database *database)
{
    const char *separator = "\nIts sessions also see ";
    FOR_EACH(struct database, link, database->links) {
        text_emit(out, "@separator@[@name@](#@name@)", "separator", separator, "name", link->name,
                  NULL);
        separator = ", ";
    }
    if (database->links->len > 0)
        g_string_append(out, ".\n");
}

static void
emit_database(GString *out, const struct database *database)
{
    text_emit(out, "\n## @name@\n\nSchema: [`sql/@name@.sql`](sql/@name@.sql)\n", "name",
              database->name, NULL);
    emit_modules(out, database);
    emit_links(out, database);
    if (database->tables->len == 0) {
        g_string_append(out, "\nIt has no tables yet.\n");
        emit_queries(out, database);
        return;
    }
    emit_table_rows(out, database);
    emit_views(out, database);
    emit_queries(out, database);
    emit_diagram(out, database);
}

void
emit_readme(const struct model *model, GString *out)
{
    g_string_append(out,
                    "<!-- Generated by cleat from every db_models.h below the schema roots. Do not "
                    "edit.\n"
                    "     To regenerate: cleat generate -->\n"
                    "\n"
                    "# Databases\n");
    if (model->databases->len > 0)
        g_string_append_c(out, '\n');
    FOR_EACH(struct database, database, model->databases)
        text_emit(out, "- [@name@](#@name@)\n", "name", database->name, NULL);
    FOR_EACH(struct database, database, model->databases)
        emit_database(out, database);
}
