/* migrations.h: the histories of databases, as files: schemas/migrations/<database>/. */
#ifndef CLEAT_MIGRATIONS_H
#define CLEAT_MIGRATIONS_H

#include "model/diag.h"
#include "model/model.h"

struct cleat_database; /* <cleat/table.h> */

/* Reads the migrations of a database, checks that they are one unbroken line with one head, and
 * puts each after its parents. Faults go to diag. Returns false, with the reason on *ret_error,
 * when something cannot be read; a directory that is not there holds none. */
bool migrations_read(const char *directory, const char *database, struct diag *diag,
                     GPtrArray **ret_migrations, GError **ret_error);

/* The same without the checks, for those who mend a history; the order is that of the names. */
bool migrations_read_files(const char *directory, const char *database, struct diag *diag,
                           GPtrArray **ret_migrations, GError **ret_error);

/* Reads one text; a name of another form than <revision>_<slug>.sql gives no revision. */
struct migration *migration_parse(const struct source *source, struct diag *diag);

/* "table.column: old = new"; NULL when it is of another form. */
struct label_rename *label_rename_parse(const char *text);

/* 12 hex digits over the parents and the text, whatever its line ends are. */
const char *migration_hash(const char *parents_text, const char *text);

/* Those that no other follows. */
GPtrArray *migration_heads(const GPtrArray *migrations);

/* Each after its parents; those whose parents are not there are left out. */
GPtrArray *migrations_sort(const GPtrArray *migrations);

/* The last of a checked list, NULL when there is none. */
const struct migration *migration_head(const GPtrArray *migrations);

/* NULL when there is none with this revision. `revision` may be the beginning of just one. */
struct migration *migration_find(const GPtrArray *migrations, const char *revision);

/* As the runtime takes them. `revision` is that of the compiled schema, "" for none. */
struct cleat_database *migrations_compile(const char *database, const GPtrArray *migrations,
                                          const char *revision);

#endif
