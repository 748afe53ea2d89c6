/* snapshot.h: the schema of one database as facts, from SQL text (a snapshot that people review, a
 * migrated state) or from a live file. A real SQLite reads the schema and says what it consists of;
 * what its pragmas leave out (CHECK, AUTOINCREMENT, expressions, deferral) is read from the stored
 * statements. Texts are as they were written; compare.c knows which of them mean the same. Lists
 * are GPtrArrays of the named struct, and everything lives in the arena. */
#ifndef CLEAT_SNAPSHOT_H
#define CLEAT_SNAPSHOT_H

#include "model/model.h"

struct snapshot_table;

/* A CHECK of a column or of the table; SQLite makes no difference. */
struct snapshot_check {
    const char *sql;    /* between its parentheses, on one line */
    const char *column; /* the only column it reads; NULL when it reads several, or none */
    GPtrArray *labels;  /* const char *: `c = 'a' OR c = 'b'` and `c IN ('a', 'b')`; else NULL */
    gint64 max_length;  /* `length(c) <= 80`; else -1 */
    unsigned line;      /* in the snapshot file; 0 for a live file */
};

enum snapshot_generated { GENERATED_NOT, GENERATED_VIRTUAL, GENERATED_STORED };

struct snapshot_column {
    const char *name;
    const char *type;        /* as declared, "" when there is none */
    const char *default_sql; /* NULL when there is none; DEFAULT NULL is none */
    const char *collation;   /* "BINARY" when nothing is said */
    enum snapshot_generated generated;
    const char *generated_sql; /* between its parentheses, NULL when not generated */
    bool not_null;             /* SQLite refuses NULL: said, STRICT key, WITHOUT ROWID key */
    unsigned key_place;        /* in the primary key, from 1; 0 when it is not of it */
    const char *doc;           /* the comment behind it, NULL when there is none */
    unsigned line;
};

struct snapshot_key_part {
    const char *column; /* NULL for an expression */
    const char *expression;
    const char *collation;
    bool descending;
};

/* An index, or a UNIQUE of the table itself, which has no name of its own. */
struct snapshot_index {
    const char *name;
    const char *sql; /* without the semicolon; NULL for a UNIQUE of the table */
    const struct snapshot_table *table;
    GPtrArray *parts; /* struct snapshot_key_part */
    const char *where;
    bool unique;
    bool is_constraint;
    unsigned line;
};

struct snapshot_foreign_key {
    GPtrArray *columns; /* const char * */
    const char *table;
    GPtrArray *targets;    /* const char *; the parent's key when none is written */
    const char *on_delete; /* "CASCADE", "NO ACTION" when nothing is said */
    const char *on_update;
    bool deferred;
    unsigned line;
};

/* What the schema says about its past, one comment line each above CREATE TABLE. */
struct snapshot_rename {
    const char *column;
    const char *from;
    unsigned line;
};

struct snapshot_drop {
    const char *column;
    const char *why;
    unsigned line;
};

struct snapshot_trigger {
    const char *name;
    const char *table; /* the table or view it hangs on */
    const char *sql;
    const char *doc;
    unsigned line;
};

struct snapshot_view {
    const char *name;
    const char *sql;
    const char *doc;
    GPtrArray *columns; /* const char *; empty when the view does not compile */
    unsigned line;
};

/* A table, or a virtual table when `module` is set. */
struct snapshot_table {
    const char *name;
    const char *sql; /* as sqlite_schema stores it */
    const char *doc;
    unsigned line;
    bool strict;
    bool without_rowid;
    bool autoincrement;
    const char *rowid_column; /* the INTEGER PRIMARY KEY that is the rowid, or NULL */
    GPtrArray *columns;       /* struct snapshot_column, in declared order */
    GPtrArray *checks;        /* struct snapshot_check, of columns too */
    GPtrArray *primary_key;   /* struct snapshot_key_part; empty when there is none */
    GPtrArray *indexes;       /* struct snapshot_index, by name: first the UNIQUE of the table */
    GPtrArray *foreign_keys;  /* struct snapshot_foreign_key, in declared order */
    GPtrArray *triggers;      /* struct snapshot_trigger, by name */
    GPtrArray *conflicts;     /* const char *: the constraints with an ON CONFLICT, normalized */

    const char *module;   /* "fts5" in lower case; NULL for a plain table */
    GPtrArray *arguments; /* const char *: of the module, on one line each, as written */

    const char *was;    /* TABLE_WAS */
    unsigned was_line;  /* 0 when it does not say */
    GPtrArray *renames; /* struct snapshot_rename: RENAMED_FROM */
    GPtrArray *drops;   /* struct snapshot_drop: DROPPED */
};

struct snapshot {
    const char *database;
    const char *path;            /* as shown to people */
    const struct source *source; /* the text with line numbers; NULL for a live file */
    GPtrArray *tables;           /* struct snapshot_table, by name; no shadow tables, no sqlite_* */
    GPtrArray *views;            /* struct snapshot_view, by name */
    GPtrArray *view_triggers;    /* struct snapshot_trigger: INSTEAD OF, by name */
};

/* Reads a text of CREATE statements. `path` is only shown. False, with the place and SQLite's
 * reason, when one of them fails or is no CREATE; PRAGMA, BEGIN and COMMIT are passed over. */
bool snapshot_read_text(const char *database, const char *path, const char *text,
                        struct snapshot **ret_snapshot, GError **ret_error);

/* Reads the schema of a database file, which is opened read-only. */
bool snapshot_read_file(const char *database, const char *path, struct snapshot **ret_snapshot,
                        GError **ret_error);

/* By name, in any case; NULL when there is none. */
struct snapshot_table *snapshot_table(const struct snapshot *snapshot, const char *name);
struct snapshot_column *snapshot_column(const struct snapshot_table *table, const char *name);
struct snapshot_index *snapshot_index(const struct snapshot_table *table, const char *name);
struct snapshot_view *snapshot_view(const struct snapshot *snapshot, const char *name);

#endif
