/* plan.c: which databases a connection attaches: those that the schema joins its own to, and those
 * that the setting `attach` adds. The order is that of their names, in every process, so that no
 * two connections ever take locks in opposite order. A set that SQLite cannot attach is refused
 * with what asked for it. */
#include "runtime.h"

#include <stdlib.h>

/* By name, which is the order of the databases in the registry. */
static int
compare_links(const void *one, const void *other)
{
    const struct database *const *left = one;
    const struct database *const *right = other;
    return *left < *right ? -1 : *left > *right;
}

/* Puts the links in order, and what follows from them. */
static void
finish(struct database *database)
{
    if (database->link_count > 0)
        qsort(database->links, database->link_count, sizeof(struct database *), compare_links);
    database->rank = 0;
    for (size_t i = 0; i < database->link_count; i++) {
        database->links[i]->linked = true;
        database->rank += database->links[i] < database;
    }
}

static bool
has_link(const struct database *database, const struct database *other)
{
    for (size_t i = 0; i < database->link_count; i++)
        if (database->links[i] == other)
            return true;
    return false;
}

static cleat_status
add_link(struct database *database, struct database *other)
{
    struct database **links = realloc(database->links,
                                      (database->link_count + 1) * sizeof(struct database *));
    if (links == NULL)
        return CLEAT_NOMEM;
    database->links = links;
    links[database->link_count++] = other;
    return CLEAT_OK;
}

cleat_status
cleat_plan_schema(cleat_registry *registry, struct database *database)
{
    const char *name = database->schema->name;
    cleat_error *error = &registry->error;
    for (const char *const *link = database->schema->links; *link != NULL; link++) {
        struct database *other = cleat_registry_find(registry, *link);
        if (other == NULL || other == database)
            return cleat_error_set(error, CLEAT_MISUSE,
                                   "the database %s is linked to %s, which cannot be", name, *link);
        if (!has_link(database, other) && add_link(database, other) < 0)
            return cleat_error_memory(error);
    }
    if (database->link_count > CLEAT_ATTACHED_MAX)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the database %s is linked to %zu others, a connection attaches %d "
                               "at most",
                               name, database->link_count, CLEAT_ATTACHED_MAX);
    finish(database);
    return CLEAT_OK;
}

/* Adds what one name of the setting asks for. A setting for all databases names each itself too. */
static cleat_status
attach_name(cleat_registry *registry, struct database *database, const char *name, size_t length,
            const char *origin)
{
    const char *own = database->schema->name;
    cleat_error *error = &registry->error;
    char copy[64] = "";
    if (length < sizeof copy)
        memcpy(copy, name, length);
    struct database *other = cleat_registry_find(registry, copy);
    if (other == NULL)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the setting attach of %s from %s names a database that is none of "
                               "the init table",
                               own, origin);
    if (other == database || has_link(database, other))
        return CLEAT_OK;
    if (database->link_count == CLEAT_ATTACHED_MAX)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the setting attach of %s from %s names %s: a connection attaches "
                               "%d at most, and %zu come before it",
                               own, origin, copy, CLEAT_ATTACHED_MAX, database->link_count);
    return add_link(database, other) < 0 ? cleat_error_memory(error) : CLEAT_OK;
}

/* The names, for who asks what the sessions of a database reach. */
static cleat_status
name_links(struct database *database, cleat_error *error)
{
    const char **names = calloc(database->link_count + 1, sizeof *names);
    if (names == NULL)
        return cleat_error_memory(error);
    for (size_t i = 0; i < database->link_count; i++)
        names[i] = database->links[i]->schema->name;
    free(database->link_names);
    database->link_names = names;
    return CLEAT_OK;
}

cleat_status
cleat_plan_setting(cleat_registry *registry, struct database *database, const char *names,
                   const char *origin)
{
    static const char between[] = ", \t";
    cleat_status rc = CLEAT_OK;
    for (names += strspn(names, between); rc == CLEAT_OK && *names != '\0';
         names += strspn(names, between)) {
        size_t length = strcspn(names, between);
        rc = attach_name(registry, database, names, length, origin);
        names += length;
    }
    if (rc != CLEAT_OK) {
        cleat_text_copy(registry->error.database, sizeof registry->error.database,
                        database->schema->name);
        return rc;
    }
    finish(database);
    return name_links(database, &registry->error);
}
