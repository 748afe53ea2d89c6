/* command_explain.c: cleat explain prints what a rule means. */
#include "command.h"

#include <stdio.h>

static gboolean option_list;

const GOptionEntry explain_options[] = {
    {"list", 'l', 0, G_OPTION_ARG_NONE, &option_list, "Print the names of all rules", NULL},
    G_OPTION_ENTRY_NULL};

int
command_explain(int argc, char **argv)
{
    if (option_list && argc == 1) {
        for (int i = 0; i < RULE_COUNT; i++)
            printf("%s\n", rules[i].name);
        return EXIT_FINE;
    }
    if (argc != 2)
        return EXIT_USAGE;
    const struct rule *rule = rule_find(argv[1]);
    if (rule == NULL) {
        const char *names[RULE_COUNT + 1] = {NULL};
        for (int i = 0; i < RULE_COUNT; i++)
            names[i] = rules[i].name;
        const char *nearest = diag_nearest(argv[1], names);
        fprintf(stderr, "cleat: there is no rule '%s'", argv[1]);
        fprintf(stderr, nearest == NULL ? "\n" : "; did you mean '%s'?\n", nearest);
        return EXIT_USAGE;
    }
    printf("%s\n\n%s\n", rule->name, rule->explanation);
    return EXIT_FINE;
}
