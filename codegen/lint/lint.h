/* lint.h: the advice of `cleat lint`. Each piece is one function and one row of lint.def; it looks
 * at a model without errors. What a project does not want to hear is said in lint.conf, by path,
 * or in a comment beside the thing, with a reason. */
#ifndef CLEAT_LINT_H
#define CLEAT_LINT_H

#include "model/stages.h"

/* Which rules apply where. */
struct lint_config;

/* Reads the lint.conf of every root that has one. False when one cannot be read, or names a rule
 * that does not exist. */
bool lint_config_read(const struct options *options, struct lint_config **ret_config,
                      GError **ret_error);
void lint_config_free(struct lint_config *config);

/* Whether a rule applies to a module. */
bool lint_config_enables(const struct lint_config *config, enum rule_id rule,
                         const struct module *module);

/* Runs every rule over the model. What the configuration turns off and comments allow is left out;
 * a comment that allows nothing is reported. */
void stage_lint(const struct model *model, const struct lint_config *config, struct diag *diag);

rule_check lint_foreign_key_unindexed;
rule_check lint_soft_reference_unindexed;
rule_check lint_index_prefix;
rule_check lint_unique_nullable;
rule_check lint_key_unbounded;
rule_check lint_key_random;
rule_check lint_money_as_real;
rule_check lint_column_repeated;
rule_check lint_check_list;
rule_check lint_table_wide;
rule_check lint_comment_missing;
rule_check lint_name_keyword;

#endif
