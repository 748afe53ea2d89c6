/* command_list.c: cleat list prints every database with its tables. */
#include "command.h"

#include <stdio.h>

static int
finish_list(const struct options *options, const struct model *model)
{
    (void)options;
    FOR_EACH(struct database, database, model->databases) {
        printf("%s\n", database->name);
        FOR_EACH(struct table, table, database->tables)
            printf("  %s (%s)\n", table->name, table->module->name);
    }
    return EXIT_FINE;
}

int
command_list(int argc, char **argv)
{
    (void)argv;
    struct options options = read_options();
    return argc > 1 ? EXIT_USAGE : run(&options, finish_list);
}
