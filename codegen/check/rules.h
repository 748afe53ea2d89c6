/* rules.h: the registry of rules. A rule is one row of rules.def: its id, its name, the function
 * that checks it over the whole model (NULL when an earlier stage reports it on the way), and the
 * paragraph that `cleat explain` prints. A rule of rules.def is an error; one of lint.def is advice,
 * which `cleat lint` gives and a project may turn off. */
#ifndef CLEAT_RULES_H
#define CLEAT_RULES_H

#include "model/model.h"

struct diag;

enum rule_id {
#define RULE(id, name, check, explanation) RULE_##id,
#include "rules.def"
#undef RULE
#define LINT(id, name, check, enabled, explanation) RULE_##id,
#include "lint/lint.def"
#undef LINT
    RULE_COUNT
};

typedef void rule_check(const struct model *model, struct diag *diag);

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct rule {
    const char *name;
    rule_check *check;
    enum severity severity;
    bool enabled; /* of a warning: when nothing else is said */
    const char *explanation;
};

extern const struct rule rules[RULE_COUNT];

/* NULL when there is no such rule. */
const struct rule *rule_find(const char *name);

#endif
