/* check.h: what the rules share, and the rules themselves. A rule is one function and one row of
 * rules.def; it looks at the whole model and reports every violation. Columns whose type is unknown
 * were reported before and break no other rule. */
#ifndef CLEAT_CHECK_H
#define CLEAT_CHECK_H

#include "model/diag.h"
#include "model/model.h"

typedef void check_table(const struct table *table, struct diag *diag);
typedef void check_column(const struct column *column, struct diag *diag);

/* Calls a function for every table or column of every module, also of those without a database. */
void each_table(const struct model *model, struct diag *diag, check_table *check);
void each_column(const struct model *model, struct diag *diag, check_column *check);

/* The word of a column that counts, its own rather than its typedef's; NULL when it has none. */
const struct note *column_note(const struct column *column, const char *word);

/* The place of a column's word, or of its argument; of the column when it has none. */
struct location word_at(const struct column *column, const char *word);
struct location argument_at(const struct column *column, const char *word);

/* The type as people write it: "text", or "enum kind". */
const char *type_name(const struct column *column);

/* Adds "did you mean" to the latest error. The list of words is used up. */
void note_nearest(struct diag *diag, const char *word, GPtrArray *words);

/* The rules about a default's value, for one that was an expression when they ran. */
struct sqlite3;
void check_default_worked_out(struct sqlite3 *connection, const struct column *column,
                              struct diag *diag);

/* ---- rules ---- */

rule_check check_name_form;
rule_check check_name_reserved;
rule_check check_column_twice;
rule_check check_member_twice;
rule_check check_table_twice;
rule_check check_symbol_collision;
rule_check check_object_twice;
rule_check check_enum_empty;
rule_check check_enum_twice;
rule_check check_enum_label_twice;
rule_check check_enum_value_twice;
rule_check check_distinct_twice;
rule_check check_distinct_reference;
rule_check check_table_empty;
rule_check check_primary_key_missing;
rule_check check_primary_key_twice;
rule_check check_key_type;
rule_check check_autoincrement_key;
rule_check check_index_twice;
rule_check check_column_limit;
rule_check check_default_type;
rule_check check_default_form;
rule_check check_default_length;
rule_check check_default_null;
rule_check check_default_key;
rule_check check_default_twice;
rule_check check_now_type;
rule_check check_now_key;
rule_check check_length_type;
rule_check check_collate_type;
rule_check check_generated_conflict;
rule_check check_foreign_key_database;
rule_check check_foreign_key_table;
rule_check check_foreign_key_column;
rule_check check_foreign_key_count;
rule_check check_foreign_key_unique;
rule_check check_foreign_key_type;
rule_check check_foreign_key_null;
rule_check check_foreign_key_default;
rule_check check_foreign_key_twice;
rule_check check_soft_reference_target;
rule_check check_soft_reference_same_database;
rule_check check_soft_reference_type;
rule_check check_attach_limit;
rule_check check_atomic_group_differs;
rule_check check_atomic_group_alone;
rule_check check_extends_table;
rule_check check_extends_itself;
rule_check check_extends_key;
rule_check check_extends_column;
rule_check check_extends_constant;
rule_check check_extends_limit;
rule_check check_full_text_type;
rule_check check_full_text_name;
rule_check check_full_text_rowid;
rule_check check_dropped_exists;
rule_check check_renamed_exists;

#endif
