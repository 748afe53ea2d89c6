/* emit_init.c: init_table.h and init_table.c: every database of the program, for the runtime to
 * create before anything connects, and the labels of every enum, because modules share enums. The
 * tables are declared here instead of included: the file then compiles in the time that its own
 * text takes, however many modules there are. */
#include "emit.h"
#include "emit_text.h"

#include "common/text.h"
#include "model/keys.h"
#include "model/names.h"

#include <string.h>

#define FROM "every db_models.h below the schema roots"

void
emit_init_header(const struct model *model, GString *out)
{
    emit_banner(out, FROM);
    const char *guard = name_join("CLEAT_GENERATED_INIT_TABLE_", name_upper(model->name), "_H",
                                  NULL);
    text_emit(out,
              "#ifndef @guard@\n"
              "#define @guard@\n"
              "\n"
              "#include <cleat/cleat.h>\n"
              "\n"
              "#ifdef __cplusplus\n"
              "extern \"C\" {\n"
              "#endif\n"
              "\n"
              "/* Every database of the program with its schema, for cleat_registry_open(). */\n"
              "extern const cleat_init_table @name@_init_table;\n"
              "\n"
              "#ifdef __cplusplus\n"
              "}\n"
              "#endif\n"
              "\n"
              "#endif\n",
              "guard", guard, "name", model->name, NULL);
}

/* ---- declarations ---- */

static void
emit_externs(GString *out, const struct model *model)
{
    g_string_append(out,
                    "\n"
                    "#ifdef __cplusplus\n"
                    "extern \"C\" {\n"
                    "#endif\n"
                    "\n");
    FOR_EACH(struct enumeration, enumeration, model->enumerations)
        text_emit(out, "extern const cleat_enum @name@_enum;\n", "name", enumeration->name, NULL);
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            text_emit(out, "extern const cleat_table @p@_table;\n", "p", name_prefix(table), NULL);
    g_string_append(out,
                    "\n"
                    "#ifdef __cplusplus\n"
                    "}\n"
                    "#endif\n");
}

/* ---- enums ---- */

/* The values are written as numbers: the enum itself would have to come from a module's header. */
static void
emit_labels(GString *out, const struct enumeration *enumeration)
{
    text_emit(out,
              "\n"
              "static const cleat_label @name@_labels[] = {\n",
              "name", enumeration->name, NULL);
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators) {
        g_string_append_printf(out, "    {%" G_GINT64_FORMAT ", ", enumerator->value);
        text_literal(out, enumerator->label, strlen(enumerator->label), "");
        text_emit(out, "}, /* @name@ */\n", "name", enumerator->name, NULL);
    }
    text_emit(out,
              "};\n"
              "\n"
              "const cleat_enum @name@_enum = {\"@name@\", @name@_labels, "
              "CLEAT_COUNT(@name@_labels)};\n",
              "name", enumeration->name, NULL);
}

/* ---- databases ---- */

static void
begin_list(GString *out, const struct database *database, const char *type, const char *list)
{
    text_emit(out, "\nstatic const @type@const @name@_database_@list@[] = {\n", "type", type,
              "name", database->name, "list", list, NULL);
}

static void
end_list(GString *out)
{
    g_string_append(out,
                    "    NULL,\n"
                    "};\n");
}

static void
emit_modules(GString *out, const struct database *database)
{
    begin_list(out, database, "char *", "modules");
    FOR_EACH(struct module, module, database->modules) {
        g_string_append(out, "    ");
        text_literal(out, module->name, strlen(module->name), "");
        g_string_append(out, ",\n");
    }
    end_list(out);
}

static void
emit_tables(GString *out, const struct database *database)
{
    begin_list(out, database, "cleat_table *", "tables");
    FOR_EACH(struct table, table, database->tables)
        text_emit(out, "    &@p@_table,\n", "p", name_prefix(table), NULL);
    end_list(out);
}

static void
emit_links(GString *out, const struct database *database)
{
    begin_list(out, database, "char *", "links");
    FOR_EACH(struct database, link, database->links)
        text_emit(out, "    \"@name@\",\n", "name", link->name, NULL);
    end_list(out);
}

static bool
has_long_statement(const struct database *database)
{
    FOR_EACH(struct statement, statement, database->statements)
        if (strlen(statement->sql) > EMIT_LITERAL_MAX)
            return true;
    return false;
}

/* One literal per line. The parentheses say that no comma is missing between them. */
static void
emit_statement(GString *out, const char *sql)
{
    bool has_lines = strchr(sql, '\n') != NULL;
    g_string_append(out, has_lines ? "    (" : "    ");
    text_literal(out, sql, strlen(sql), "\n     ");
    g_string_append(out, has_lines ? "),\n" : ",\n");
}

static void
emit_schema(GString *out, const struct database *database)
{
    bool is_long = has_long_statement(database);
    if (is_long)
        emit_long_literals_begin(out);
    begin_list(out, database, "char *", "schema");
    FOR_EACH(struct statement, statement, database->statements)
        emit_statement(out, statement->sql);
    end_list(out);
    if (is_long)
        emit_long_literals_end(out);
}

/* Ends with a row of NULLs. */
static void
emit_soft_references(GString *out, const struct database *database)
{
    text_emit(out,
              "\n"
              "static const cleat_soft_reference @name@_database_soft_references[] = {\n",
              "name", database->name, NULL);
    FOR_EACH(struct table, table, database->tables) {
        FOR_EACH(struct reference, reference, table->soft_references) {
            const struct column *column = g_ptr_array_index(reference->columns, 0);
            const struct column *target = g_ptr_array_index(reference->targets, 0);
            const char *const words[] = {table->name, column->sql_name,
                                         reference->table->database->name, reference->table->name,
                                         target->sql_name};
            g_string_append(out, "    {");
            for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
                g_string_append(out, i == 0 ? "" : ", ");
                text_literal(out, words[i], strlen(words[i]), "");
            }
            g_string_append(out, "},\n");
        }
    }
    g_string_append(out,
                    "    {NULL, NULL, NULL, NULL, NULL},\n"
                    "};\n");
}

/* ---- migrations ---- */

/* The statements of a migration, up or down. */
static void
emit_changes(GString *out, const struct database *database, const struct migration *migration,
             const char *way, const GPtrArray *changes)
{
    text_emit(out, "\nstatic const cleat_change @name@_@revision@_@way@[] = {\n", "name",
              database->name, "revision", migration->revision, "way", way, NULL);
    FOR_EACH(struct migration_sql, change, changes) {
        g_string_append(out, "    {");
        if (change->must == NULL)
            g_string_append(out, "NULL");
        else
            text_literal(out, change->must, strlen(change->must), "\n     ");
        g_string_append(out, ",\n     ");
        text_literal(out, change->sql, strlen(change->sql), "\n     ");
        g_string_append(out, "},\n");
    }
    if (changes->len == 0)
        g_string_append(out, "    {NULL, \"SELECT 1 WHERE 0\"},\n");
    g_string_append(out, "};\n");
}

static void
emit_migration(GString *out, const struct database *database, const struct migration *migration)
{
    text_emit(out, "    CLEAT_MIGRATION@one@(\"@revision@\", \"@parents@\", \"@schema@\",\n     ",
              "one", migration->down == NULL ? "_ONE_WAY" : "", "revision", migration->revision,
              "parents", migration->parents_text, "schema", migration->schema, NULL);
    text_literal(out, migration->message, strlen(migration->message), "\n     ");
    text_emit(out, ",\n     @name@_@revision@_up", "name", database->name, "revision",
              migration->revision, NULL);
    if (migration->down != NULL)
        text_emit(out, ", @name@_@revision@_down", "name", database->name, "revision",
                  migration->revision, NULL);
    g_string_append(out, "),\n");
}

static bool
has_long_change(const GPtrArray *changes)
{
    for (guint i = 0; changes != NULL && i < changes->len; i++) {
        const struct migration_sql *change = g_ptr_array_index(changes, i);
        if (strlen(change->sql) > EMIT_LITERAL_MAX)
            return true;
    }
    return false;
}

static void
emit_migrations(GString *out, const struct database *database)
{
    bool is_long = false;
    if (database->migrations == NULL || database->migrations->len == 0)
        return;
    FOR_EACH(struct migration, migration, database->migrations)
        is_long = is_long || has_long_change(migration->up) || has_long_change(migration->down);
    if (is_long)
        emit_long_literals_begin(out);
    FOR_EACH(struct migration, migration, database->migrations) {
        emit_changes(out, database, migration, "up", migration->up);
        if (migration->down != NULL)
            emit_changes(out, database, migration, "down", migration->down);
    }
    text_emit(out, "\nstatic const cleat_migration @name@_database_migrations[] = {\n", "name",
              database->name, NULL);
    FOR_EACH(struct migration, migration, database->migrations)
        emit_migration(out, database, migration);
    g_string_append(out, "};\n");
    if (is_long)
        emit_long_literals_end(out);
}

static const char *
migration_list(const struct database *database)
{
    if (database->migrations == NULL || database->migrations->len == 0)
        return "NULL,\n        0";
    const char *list = name_join(database->name, "_database_migrations", NULL);
    return name_join(list, ",\n        CLEAT_COUNT(", list, ")", NULL);
}

static void
emit_database_lists(GString *out, const struct database *database)
{
    text_emit(out, "\n/* ---- @name@ ---- */\n", "name", database->name, NULL);
    emit_modules(out, database);
    emit_tables(out, database);
    emit_schema(out, database);
    emit_links(out, database);
    emit_migrations(out, database);
    emit_soft_references(out, database);
}

static void
emit_databases(GString *out, const struct model *model)
{
    text_emit(out,
              "\n"
              "/* ---- the program ---- */\n"
              "\n"
              "static const cleat_database @name@_databases[] = {\n",
              "name", model->name, NULL);
    FOR_EACH(struct database, database, model->databases)
        text_emit(out,
                  "    {\n"
                  "        \"@name@\",\n"
                  "        \"@revision@\",\n"
                  "        @name@_database_modules,\n"
                  "        @name@_database_tables,\n"
                  "        @name@_database_schema,\n"
                  "        @name@_database_links,\n"
                  "        @flags@,\n"
                  "        @migrations@,\n"
                  "        @name@_database_soft_references,\n"
                  "        @group@,\n"
                  "    },\n",
                  "name", database->name, "revision", database->revision, "flags",
                  database->trusted_schema ? "CLEAT_TRUSTED_SCHEMA" : "0", "migrations",
                  migration_list(database), "group",
                  database->atomic_group == NULL
                      ? "NULL"
                      : name_join("\"", database->atomic_group, "\"", NULL),
                  NULL);
    g_string_append(out, "};\n");
}

/* C has no empty array, so a program without a database has no list. */
static void
emit_init_table(GString *out, const struct model *model)
{
    const char *list = "NULL";
    const char *count = "0";
    if (model->databases->len > 0) {
        list = name_join(model->name, "_databases", NULL);
        count = name_join("CLEAT_COUNT(", list, ")", NULL);
        emit_databases(out, model);
    }
    text_emit(out,
              "\n"
              "const cleat_init_table @name@_init_table = {\n"
              "    CLEAT_GENERATED_ABI,\n"
              "    \"@name@\",\n"
              "    CLEAT_DEFAULT_DATABASE,\n"
              "    @list@,\n"
              "    @count@,\n"
              "};\n",
              "name", model->name, "list", list, "count", count, NULL);
}

void
emit_init_source(const struct model *model, GString *out)
{
    emit_banner(out, FROM);
    g_string_append(out,
                    "#include \"init_table.h\"\n"
                    "\n"
                    "#include <cleat/table.h>\n"
                    "\n"
                    "#if CLEAT_GENERATED_ABI != 1\n"
                    "#error \"init_table.c needs another cleat runtime: run cleat generate\"\n"
                    "#endif\n"
                    "\n"
                    "/* The database of a session that names none; a build may choose it. */\n"
                    "#ifndef CLEAT_DEFAULT_DATABASE\n"
                    "#define CLEAT_DEFAULT_DATABASE NULL\n"
                    "#endif\n");
    if (model->databases->len > 0)
        emit_externs(out, model);
    if (model->enumerations->len > 0)
        g_string_append(out, "\n/* ---- enums ---- */\n");
    FOR_EACH(struct enumeration, enumeration, model->enumerations)
        emit_labels(out, enumeration);
    FOR_EACH(struct database, database, model->databases)
        emit_database_lists(out, database);
    emit_init_table(out, model);
}
