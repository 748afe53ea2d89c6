/* main.c: opens the databases below the directory of its argument, adds an item to the default one
 * and an entry to the other, reads both back, and prints what it has read. */
#include "audit_log.h"

#include <init_table.h>
#include <inttypes.h>
#include <shop/db_models.cleat.h>
#include <stdio.h>

static cleat_status
add_item(cleat_registry *registry, shop_items_row *item)
{
    cleat_session *session;
    cleat_status status = cleat_session_open(registry, NULL, CLEAT_WRITE, &session);
    if (status < 0)
        return status;
    status = shop_items_insert(session, item);
    if (status >= 0)
        status = cleat_session_commit(session);
    cleat_session_close(session);
    return status;
}

static cleat_status
print_item(cleat_registry *registry, const char *name)
{
    cleat_session *session;
    cleat_status status = cleat_session_open(registry, NULL, CLEAT_READ, &session);
    if (status < 0)
        return status;
    shop_items_row item = shop_items_defaults();
    status = shop_items_get_by_name(session, name, &item);
    if (status == CLEAT_OK)
        printf("%s: %" PRId64 " cents\n", item.name, item.price_cents);
    shop_items_clear(&item);
    cleat_session_close(session);
    return status;
}

static cleat_status
run(cleat_registry *registry)
{
    shop_items_row item = shop_items_defaults();
    item.name = "teapot";
    item.price_cents = 1999;
    cleat_status status = add_item(registry, &item);
    if (status < 0)
        return status;
    status = audit_log_add(registry, item.id, "added");
    if (status < 0)
        return status;
    int64_t count;
    status = audit_log_count(registry, &count);
    if (status < 0)
        return status;
    printf("audit entries: %" PRId64 "\n", count);
    return print_item(registry, item.name);
}

int
main(int argc, char **argv)
{
    cleat_settings settings;
    cleat_settings_init(&settings, NULL);
    if (argc > 1)
        cleat_settings_set(&settings, "directory", argv[1]);
    cleat_registry *registry = NULL;
    cleat_status status = cleat_registry_open(&app_init_table, &settings, &registry);
    if (status >= 0)
        status = run(registry);
    if (status != CLEAT_OK)
        fprintf(stderr, "consumer: %s %s\n", cleat_status_name(status),
                registry == NULL ? "" : cleat_registry_error(registry)->text);
    cleat_registry_close(registry);
    return status == CLEAT_OK ? 0 : 1;
}
