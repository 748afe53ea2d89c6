/* rules.h: the registry of rules. A rule is one row of rules.def: its id, its name, the function
 * that checks it over the whole model (NULL when an earlier stage reports it on the way), and the
 * paragraph that `cleat explain` prints. */
#ifndef CLEAT_RULES_H
#define CLEAT_RULES_H

#include "model.h"

struct diag;

enum rule_id {
#define RULE(id, name, check, explanation) RULE_##id,
#include "rules.def"
#undef RULE
    RULE_COUNT
};

typedef void rule_check(const struct model *model, struct diag *diag);

struct rule {
    const char *name;
    rule_check *check;
    const char *explanation;
};

extern const struct rule rules[RULE_COUNT];

/* NULL when there is no such rule. */
const struct rule *rule_find(const char *name);

#endif
