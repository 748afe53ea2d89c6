/* check_group.c: rules about DATABASE_ATOMIC_GROUP: the modules of a database agree on it, and a
 * group has at least two databases. Takes grouped databases; reports, and changes nothing. */
#include "check.h"

#include <string.h>

static bool
is_same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static struct location
place_of(const struct module *module)
{
    return module->atomic_group == NULL ? module->database_at : module->group_at;
}

/* The first module decides. */
void
check_atomic_group_differs(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases) {
        const struct module *first = g_ptr_array_index(database->modules, 0);
        FOR_EACH(struct module, module, database->modules) {
            if (is_same(module->atomic_group, first->atomic_group))
                continue;
            const char *group = module->atomic_group, *other = first->atomic_group;
            diag_error(diag, RULE_ATOMIC_GROUP_DIFFERS, place_of(module),
                       "module %s puts database '%s' into %s%s%s, module %s into %s%s%s",
                       module->name, database->name, group == NULL ? "no atomic group" : "group '",
                       group == NULL ? "" : group, group == NULL ? "" : "'", first->name,
                       other == NULL ? "no atomic group" : "group '", other == NULL ? "" : other,
                       other == NULL ? "" : "'");
            diag_note(diag, place_of(first), "module %s is here", first->name);
        }
    }
}

void
check_atomic_group_alone(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases) {
        bool alone = database->atomic_group != NULL;
        FOR_EACH(struct database, other, model->databases)
            alone = alone &&
                    (other == database || !is_same(other->atomic_group, database->atomic_group));
        if (!alone)
            continue;
        const struct module *module = g_ptr_array_index(database->modules, 0);
        diag_error(diag, RULE_ATOMIC_GROUP_ALONE, place_of(module),
                   "database '%s' is alone in the atomic group '%s'", database->name,
                   database->atomic_group);
    }
}
