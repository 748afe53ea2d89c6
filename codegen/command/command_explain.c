/* command_explain.c: cleat explain prints what a rule means. */
#include "command.h"

#include "review/finding.h"

#include <stdio.h>

static gboolean option_list;
static gboolean option_findings;

const GOptionEntry explain_options[] = {
    {"list", 'l', 0, G_OPTION_ARG_NONE, &option_list, "Print the names of all rules of schemas",
     NULL},
    {"findings", 0, 0, G_OPTION_ARG_NONE, &option_findings,
     "Print the names of all findings of diff, with class and severity", NULL},
    G_OPTION_ENTRY_NULL};

/* The name that is nearest to a misspelt one. */
static const char *
nearest_rule(const char *name)
{
    const char *names[RULE_COUNT + FINDING_COUNT + 1] = {NULL};
    for (int i = 0; i < RULE_COUNT; i++)
        names[i] = rules[i].name;
    for (int i = 0; i < FINDING_COUNT; i++)
        names[RULE_COUNT + i] = finding_rules[i].name;
    return diag_nearest(name, names);
}

static int
list_rules(void)
{
    for (int i = 0; i < RULE_COUNT; i++)
        printf("%s\n", rules[i].name);
    return EXIT_FINE;
}

static int
list_findings(void)
{
    for (int i = 0; i < FINDING_COUNT; i++)
        printf("%s %s %s\n", finding_rules[i].name, finding_class_name(finding_rules[i].class),
               level_name(finding_rules[i].severity));
    return EXIT_FINE;
}

int
command_explain(int argc, char **argv)
{
    if (argc == 1 && (option_list || option_findings))
        return option_list ? list_rules() : list_findings();
    if (argc != 2)
        return EXIT_USAGE;
    const struct rule *rule = rule_find(argv[1]);
    const struct finding_rule *finding = finding_rule_find(argv[1]);
    if (rule == NULL && finding == NULL) {
        const char *nearest = nearest_rule(argv[1]);
        fprintf(stderr, "cleat: there is no rule '%s'", argv[1]);
        fprintf(stderr, nearest == NULL ? "\n" : "; did you mean '%s'?\n", nearest);
        return EXIT_USAGE;
    }
    if (rule != NULL)
        printf("%s\n\n%s\n", rule->name, rule->explanation);
    else
        printf("%s (%s, %s)\n\n%s\n", finding->name, finding_class_name(finding->class),
               level_name(finding->severity), finding->explanation);
    return EXIT_FINE;
}
