/* command.h: what the commands of the program share. A command is one file, command_<name>.c, and one
 * row in main.c; it gets the arguments that its options left over, and returns how the run ends. */
#ifndef CLEAT_COMMAND_H
#define CLEAT_COMMAND_H

#include "model/stages.h"

enum { EXIT_FINE = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

/* Where schemas are and where generated files go: every command that reads schemas takes these. */
extern const GOptionEntry schema_options[];

/* The values of schema_options, with their defaults. */
struct options read_options(void);

/* Prints the error, frees it and returns EXIT_ENVIRONMENT. */
int environment_failed(GError *error);

/* Whether standard error is a terminal that shows colours. */
bool has_colour(void);

struct model *new_model(const struct options *options);

bool has_database(const struct model *model, const char *name);

/* From the roots to a model that SQLite has accepted, or to errors in diag. False, with the reason
 * on *ret_error, when something could not be read. */
bool load_model(const struct options *options, struct model *model, struct diag *diag,
                GError **ret_error);

/* What a command does with a model that has no errors. */
typedef int finish_run(const struct options *options, const struct model *model);

/* Loads the model, prints its errors, and when there are none does the rest of a command. */
int run(const struct options *options, finish_run *finish);

/* ---- the commands ---- */

extern const GOptionEntry build_options[];   /* of generate */
extern const GOptionEntry check_options[];   /* of check */
extern const GOptionEntry diff_options[];    /* of diff */
extern const GOptionEntry explain_options[]; /* of explain */
extern const GOptionEntry import_options[];  /* of import */
extern const GOptionEntry migrate_options[]; /* of migrate */

int command_check(int argc, char **argv);
int command_docs(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_generate(int argc, char **argv);
int command_import(int argc, char **argv);
int command_lint(int argc, char **argv);
int command_list(int argc, char **argv);
int command_migrate(int argc, char **argv);

#endif
