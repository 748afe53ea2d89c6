/* emit.c: the last stage. A model without errors enters, with its databases' statements; the text
 * of every generated file leaves. It is the same text on every machine, and one fact of a schema
 * stands on as few lines as can be: no counts, dates, versions or places that would shift. */
#include "emit.h"

#include "common/arena.h"
#include "model/names.h"
#include "model/stages.h"

/* Names are made by the thousand and needed only while a module is written. */
static void
emit_module(const struct module *module, struct file_set *files)
{
    struct arena_mark mark = arena_mark();
    const char *path = name_join(module->path, "/db_models.cleat", NULL);
    emit_header(module, file_set_add(files, name_join(path, ".h", NULL)));
    emit_source(module, file_set_add(files, name_join(path, ".c", NULL)));
    arena_release(mark);
}

static bool
database_has_queries(const struct database *database)
{
    FOR_EACH(struct module, module, database->modules)
        if (module->queries->len > 0)
            return true;
    return false;
}

void
stage_emit(const struct model *model, struct file_set *files)
{
    FOR_EACH(struct module, module, model->modules)
        emit_module(module, files);
    FOR_EACH(struct database, database, model->databases)
        emit_sql(database, file_set_add(files, name_join("sql/", database->name, ".sql", NULL)));
    FOR_EACH(struct database, with_queries, model->databases)
        if (database_has_queries(with_queries))
            emit_plans(with_queries,
                       file_set_add(files, name_join("plans/", with_queries->name, ".txt", NULL)));
    emit_init_header(model, file_set_add(files, "init_table.h"));
    emit_init_source(model, file_set_add(files, "init_table.c"));
    emit_readme(model, file_set_add(files, "README.md"));
}
