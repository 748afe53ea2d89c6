/* rules.c: the table of rules, made of rules.def and lint.def. */
#include "rules.h"

#include "check.h"
#include "lint/lint.h"

#include <string.h>

const struct rule rules[RULE_COUNT] = {
#define RULE(id, name, check, explanation) {name, check, SEVERITY_ERROR, true, explanation},
#include "rules.def"
#undef RULE
#define LINT(id, name, check, enabled, explanation)                                                \
    {name, check, SEVERITY_WARNING, enabled, explanation},
#include "lint/lint.def"
#undef LINT
};

const struct rule *
rule_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}
