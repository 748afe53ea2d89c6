/* lint.c: runs the rules of lint.def over a model without errors. What lint.conf turns off goes, and
 * so does what a comment in the schema allows:
 *
 *     real cost;  // lint: allow money-as-real: an estimate
 *
 * on the line of the warning or on one of its own above it. A comment that allows nothing is
 * reported itself, so that none outlives its reason. */
#include "lint.h"

#include "common/arena.h"

#include <string.h>

#define MARK "lint: allow"

/* One such comment. */
struct allowance {
    const struct module *module;
    struct location at;
    enum rule_id rule; /* RULE_COUNT when it names none */
    bool reason;
    bool own_line; /* nothing but the comment stands on its line */
    bool used;
};

struct lint {
    const struct model *model;
    const struct lint_config *config;
    struct diag *diag;
    GPtrArray *allowances; /* struct allowance */
};

/* ---- comments ---- */

static enum rule_id
lint_rule(const char *name, gsize length)
{
    for (guint i = 0; i < RULE_COUNT; i++)
        if (rules[i].severity == SEVERITY_WARNING && strlen(rules[i].name) == length &&
            memcmp(rules[i].name, name, length) == 0)
            return (enum rule_id)i;
    return RULE_COUNT;
}

/* Whether only blanks and the beginning of a comment stand between the line's start and `at`. */
static bool
is_own_line(const char *line, const char *at)
{
    while (line < at && strchr(" \t/*", *line) != NULL)
        line++;
    return line == at;
}

static void
read_allowance(struct lint *lint, const struct module *module, const char *line, unsigned number,
               const char *at)
{
    struct allowance *allowance = ARENA_NEW(struct allowance);
    const char *name = at + strlen(MARK);
    name += strspn(name, " ");
    gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
    const char *reason = name + length;
    allowance->module = module;
    allowance->rule = lint_rule(name, length);
    allowance->at.source = module->source;
    allowance->at.line = number;
    allowance->at.column = (unsigned)(at - line) + 1;
    allowance->at.offset = (unsigned)(at - module->source->text);
    allowance->at.length = (unsigned)(reason - at);
    allowance->own_line = is_own_line(line, at);
    reason += strspn(reason, ": ");
    allowance->reason = name[length] == ':' && *reason != '\n' && *reason != '\0' &&
                        strncmp(reason, "*/", 2) != 0;
    g_ptr_array_add(lint->allowances, allowance);
}

static void
read_allowances(struct lint *lint, const struct module *module)
{
    const char *line = module->source->text;
    for (unsigned number = 1; line != NULL && *line != '\0'; number++) {
        const char *end = strchr(line, '\n');
        gssize length = end == NULL ? -1 : end - line;
        const char *at = g_strstr_len(line, length, MARK);
        if (at != NULL)
            read_allowance(lint, module, line, number, at);
        line = end == NULL ? NULL : end + 1;
    }
}

/* Comments on lines of their own hold for the next line with code; several may follow one another. */
static bool
covers(const struct lint *lint, const struct allowance *allowance, unsigned line)
{
    if (!allowance->own_line)
        return allowance->at.line == line;
    unsigned covered = allowance->at.line + 1;
    FOR_EACH(struct allowance, other, lint->allowances)
        if (other->own_line && other->at.source == allowance->at.source &&
            other->at.line == covered)
            covered++;
    return covered == line;
}

/* ---- what is kept ---- */

static const struct module *
module_of(const struct model *model, const struct source *source)
{
    FOR_EACH(struct module, module, model->modules)
        if (module->source == source)
            return module;
    return NULL;
}

static bool
keeps(void *data, enum rule_id rule, const struct location *at)
{
    struct lint *lint = data;
    const struct module *module = module_of(lint->model, at->source);
    if (module != NULL && !lint_config_enables(lint->config, rule, module))
        return false;
    bool allowed = false;
    FOR_EACH(struct allowance, allowance, lint->allowances) {
        if (allowance->rule != rule || allowance->at.source != at->source || !allowance->reason ||
            !covers(lint, allowance, at->line))
            continue;
        allowance->used = true;
        allowed = true;
    }
    return !allowed;
}

static void
judge_allowance(const struct lint *lint, const struct allowance *allowance)
{
    if (allowance->rule == RULE_COUNT)
        diag_error(lint->diag, RULE_LINT_ALLOW, allowance->at, "the comment names no rule of lint");
    else if (!allowance->reason)
        diag_error(lint->diag, RULE_LINT_ALLOW, allowance->at,
                   "the comment gives no reason to allow '%s'", rules[allowance->rule].name);
    else if (!allowance->used &&
             lint_config_enables(lint->config, allowance->rule, allowance->module))
        diag_error(lint->diag, RULE_LINT_ALLOW, allowance->at,
                   "'%s' has nothing to say here: the comment can go", rules[allowance->rule].name);
}

void
stage_lint(const struct model *model, const struct lint_config *config, struct diag *diag)
{
    struct lint lint = {model, config, diag, arena_list()};
    for (guint i = 0; i < RULE_COUNT; i++)
        if (rules[i].severity == SEVERITY_WARNING && rules[i].check != NULL)
            rules[i].check(model, diag);
    FOR_EACH(struct module, module, model->modules)
        read_allowances(&lint, module);
    diag_filter(diag, keeps, &lint);
    FOR_EACH(struct allowance, allowance, lint.allowances)
        if (lint_config_enables(config, RULE_LINT_ALLOW, allowance->module))
            judge_allowance(&lint, allowance);
}
