/* model.h: what the stages talk through: modules with their tables as they were written, and
 * databases as they will be made. Plain structs; everything lives in the arena until the end of
 * the run. Lists are GPtrArrays of pointers to the named struct.
 *
 *   parse      fills modules, tables, columns, enumerations and their notes
 *   interpret  reads the notes into the typed members
 *   group      puts the tables into databases and resolves names between them
 *   check      reports; changes nothing
 *   queries    reads db_queries.sql and db_objects.sql
 *   schema     writes each database's statements      verify   runs them in a real SQLite
 *   infer      asks SQLite what views and queries take and give
 *   emit       turns databases and modules into files */
#ifndef CLEAT_MODEL_H
#define CLEAT_MODEL_H

#include <glib.h>
#include <stdbool.h>

/* A file that was read, for carets and for finding words in arguments. */
struct source {
    const char *path; /* as shown to people */
    const char *text;
    gsize length;
};

/* A piece of a source: `length` bytes from `offset`. Line and column count from 1, the column in
 * bytes. A zeroed location has no source and is shown without a place. */
struct location {
    const struct source *source;
    unsigned line;
    unsigned column;
    unsigned offset;
    unsigned length;
};

/* One word of the schema language as it was written: NOT_NULL, or DEFAULT with its arguments. */
struct note {
    const char *word;         /* in lower case: "default" */
    const char *arguments;    /* the text between the parentheses, NULL when it has none */
    struct location at;       /* the word, or the column when a typedef brought it */
    struct location argument; /* the text between the parentheses in the file, when it is there */
};

enum column_type {
    TYPE_UNKNOWN,
    TYPE_INTEGER,
    TYPE_BOOLEAN,
    TYPE_REAL,
    TYPE_TEXT,
    TYPE_JSON,
    TYPE_BLOB,
    TYPE_TIMESTAMP,
    TYPE_DATETIME,
    TYPE_ULID,
    TYPE_UUID,
    TYPE_ENUM
};

struct enumerator {
    const char *name;  /* DOCUMENT_NEW */
    const char *label; /* new; set by interpret */
    const char *doc;
    gint64 value;
    struct location at;
};

struct enumeration {
    const char *name; /* the tag, or the typedef of an enum without one */
    bool is_typedef;  /* written `typedef enum { … } name` */
    const char *doc;
    GPtrArray *enumerators;
    struct location at;
};

/* A type that C keeps apart from others of the same kind: `typedef ulid document_id DISTINCT;`. In
 * C it is a struct with one member. */
struct distinct {
    const char *name;
    const char *doc;
    enum column_type type;
    struct location at;
};

/* SQL text from the schema, with its place. A zeroed one is absent. */
struct expression {
    const char *sql;
    struct location at;
};

enum default_kind {
    DEFAULT_NONE,
    DEFAULT_NULL,
    DEFAULT_INTEGER, /* .integer; booleans too */
    DEFAULT_REAL,    /* .real */
    DEFAULT_TEXT,    /* .text */
    DEFAULT_BLOB,    /* .text is the hex of X'..' */
    DEFAULT_LABEL    /* .enumerator */
};

/* A default that C and SQL agree on: every one is a constant or the current time. */
struct default_value {
    enum default_kind kind;
    gint64 integer;
    double real;
    const char *text;
    const struct enumerator *enumerator;
    const char *sql; /* as it stands after DEFAULT, NULL when there is none; also DEFAULT_NOW's */
    struct location at;
};

enum action {
    ACTION_NONE,
    ACTION_NO_ACTION,
    ACTION_RESTRICT,
    ACTION_CASCADE,
    ACTION_SET_NULL,
    ACTION_SET_DEFAULT
};

struct table;
struct column;

/* A foreign key, or a soft reference when `database` is set. Names as written; the pointers are
 * group's, NULL when the name leads nowhere. */
struct reference {
    GPtrArray *columns;   /* struct column of the referencing table */
    const char *database; /* soft references: the other database */
    const char *table_name;
    GPtrArray *target_names; /* const char *; empty means the primary key */
    struct table *table;
    GPtrArray *targets; /* struct column, as many as columns, or empty */
    enum action on_delete;
    enum action on_update;
    struct location at;       /* the word */
    struct location table_at; /* the name of the table in its arguments */
    GPtrArray *target_at;     /* struct location *, one per target name */
};

struct column {
    const char *name;     /* as written in C */
    const char *member;   /* its name in the row: `name`, with _ after a C or C++ keyword */
    const char *sql_name; /* NAMED, or the name */
    const char *doc;      /* comment text without its marks, NULL when there is none */
    struct table *table;
    enum column_type type;
    const struct enumeration *enumeration;
    const struct distinct *distinct; /* NULL for a type that C does not keep apart */
    const char *type_name;           /* as written: "sha256", "enum document_state" */
    struct location at;              /* the name */
    struct location type_at;
    GPtrArray *notes; /* struct note; a typedef's before the column's own */

    bool primary_key; /* alone, or one of PRIMARY_KEY_ON; set by interpret */
    bool autoincrement;
    bool not_null; /* NOT_NULL, or part of the key */
    bool unique;
    bool indexed;
    bool default_now;
    bool update_now;
    gint64 max_length; /* 0: none */
    const char *collate;
    struct default_value default_value;
    GPtrArray *checks; /* struct expression */
    struct expression generated;
    struct reference *reference;
    struct reference *soft_reference;
    const char *renamed_from;
};

/* One item of a key or index: a column, or an SQL expression when `column` is NULL. */
struct key_part {
    struct column *column;
    const char *sql; /* the item without direction and collation */
    const char *collate;
    bool descending;
    struct location at;
};

struct index {
    const char *name; /* in SQL; set by interpret */
    bool unique;
    GPtrArray *parts; /* struct key_part */
    struct expression where;
    struct location at;
    struct location named_at; /* its name, when NAMED gives it; else zeroed */
};

struct full_text {
    const char *name;
    GPtrArray *columns;   /* struct column */
    GPtrArray *column_at; /* struct location * */
    struct table *table;
    struct location at;
    struct location name_at;
};

/* EXTENDS(table): a row of the table has the columns of that one before its own. With a column and
 * an enumerator, every row has that value there. Names as written; the pointers are group's, NULL
 * when a name leads nowhere. */
struct extension {
    const char *table_name;
    const char *column_name; /* NULL for no constant */
    const char *value_name;
    struct location at;
    struct location table_at;
    struct location column_at;
    struct location value_at;
    struct table *table;
    const struct reference *reference; /* from the key to that table's */
    const struct column *column;       /* of that table's row */
    const struct enumerator *value;
};

struct dropped {
    const char *column;
    const char *why;
    struct location at;
};

struct module;
struct database;

struct table {
    const char *name;
    const char *doc;
    struct module *module;
    struct database *database;
    struct location at;        /* the name in TABLE(name) */
    unsigned end;              /* the offset behind its closing brace */
    bool sound;                /* no error is known in it: it can become SQL; set by check */
    const char *database_text; /* DATABASE_NAME at this table, as libclang gave it */
    GPtrArray *columns;        /* struct column, in declared order */
    GPtrArray *row;            /* struct column: what its rows have; set by group */
    GPtrArray *notes;          /* struct note, the lines inside the braces, in order */

    GPtrArray *primary_key; /* struct column, in the order of the key */
    struct location primary_key_at;
    GPtrArray *indexes;    /* struct index: first UNIQUE and INDEX of columns, then the lines */
    GPtrArray *checks;     /* struct expression */
    GPtrArray *references; /* struct reference: foreign keys of columns, then of lines */
    GPtrArray *soft_references;
    GPtrArray *full_texts;     /* struct full_text */
    GPtrArray *dropped;        /* struct dropped */
    struct extension *extends; /* NULL: it stands alone */
    bool without_rowid;
    struct location without_rowid_at;
    bool strict;
    const char *was;

    /* A full-text index points to rows by integer. A table whose key is not one gets a hidden
     * INTEGER PRIMARY KEY with this name, because VACUUM renumbers plain rowids. */
    const char *hidden_rowid;
};

struct module {
    const char *path; /* below its root, with slashes: "core/database" */
    const char *name; /* "core.database" */
    const struct source *source;
    const char *database_text;   /* DATABASE_NAME at the end of the file, as libclang gave it */
    struct location database_at; /* the name in the #define, when it can be found */
    const char *database_name;   /* decoded, NULL when it is missing or wrong; set by interpret */
    const char *group_text;      /* DATABASE_ATOMIC_GROUP at the end of the file, likewise */
    struct location group_at;
    const char *atomic_group; /* decoded, NULL when there is none; set by interpret */
    GPtrArray *tables;
    GPtrArray *enumerations;             /* those its columns use, in the order of first use */
    GPtrArray *distincts;                /* the same of struct distinct */
    GPtrArray *includes;                 /* const char *: other files it read, for the depfile */
    const struct source *queries_source; /* db_queries.sql, NULL when there is none */
    const struct source *objects_source; /* db_objects.sql, NULL when there is none */
    GPtrArray *queries;                  /* struct query, as written; set by queries */
    GPtrArray *objects;                  /* struct schema_object, as written; set by queries */
};

/* ---- SQL beside a module ---- */

/* A comment line that says a type: `-- :since timestamp`, `-- column total integer not null`. */
struct annotation {
    const char *name;
    bool is_parameter;
    bool says_null; /* it ends with null or not null */
    bool nullable;
    enum column_type type;
    const struct enumeration *enumeration;
    const struct distinct *distinct;
    const char *type_name;
    struct location at; /* the name */
};

/* What stands above a statement, and the statement. */
struct text {
    const char *sql;    /* as in the file, up to the semicolon */
    struct location at; /* the same in the file */
    const char *doc;
    GPtrArray *annotations; /* struct annotation */
};

enum query_kind { QUERY_ONE, QUERY_MANY, QUERY_EXEC, QUERY_EXECROWS };

/* :name in a statement. An array is written (:name...). */
struct parameter {
    struct column *column; /* its name and type, as if it were a column */
    bool is_array;
    struct location at; /* where it stands first */
};

/* One typed query. What SQLite says of it is infer's to fill in. */
struct query {
    const char *name;
    enum query_kind kind;
    struct module *module;
    struct database *database; /* the module's */
    struct location at;        /* the name */
    struct text text;
    const char *scan_reason; /* why a whole table may be read, NULL when nothing is said */
    GPtrArray *parameters;   /* struct parameter, in SQLite's order */
    struct table *row;       /* the result's columns as a table's; no columns for none */
    GPtrArray *databases;    /* struct database, by name: all it reads or writes */
    bool writes;
    const char *sql;  /* for the runtime */
    GPtrArray *scans; /* const char *: tables it reads from end to end */
    GPtrArray *plan;  /* const char *: how each table's rows are found; set by infer */
};

/* A view or a trigger. */
struct schema_object {
    const char *name;
    bool is_view;
    struct module *module;
    struct database *database;
    struct location at; /* the name */
    struct text text;
    const char *sql;   /* without comments: what a file stores */
    struct table *row; /* of a view; set by infer */
};

/* One CREATE statement. */
struct statement {
    const char *name;
    const char *sql;                   /* without the semicolon */
    const struct table *table;         /* NULL for a view or trigger of db_objects.sql */
    const struct index *index;         /* for an index */
    const struct full_text *full_text; /* for a full-text table and its triggers */
    const char *doc;                   /* goes above it in the snapshot */
};

/* One statement of a migration. With `must` it is a SELECT of the rows that stand against it. */
struct migration_sql {
    const char *must;   /* what has to be true, in words; or NULL */
    bool is_preflight;  /* it is about rows that were there before the migration */
    const char *sql;    /* without the semicolon */
    struct location at; /* the statement */
};

/* schemas/migrations/<database>/<revision>_<slug>.sql: a step from one schema to the next. */
struct migration {
    const char *revision; /* 12 hex digits, of the file's name */
    const char *hash;     /* what its text gives; the revision unless it was edited */
    const char *schema;   /* the revision of the schema that it ends at */
    const char *message;
    const char *parents_text; /* revisions with ", " between them; "" for the first */
    GPtrArray *parents;       /* const char *; two for one that joins branches */
    GPtrArray *up;            /* struct migration_sql */
    GPtrArray *down;          /* struct migration_sql; NULL when there is no way back */
    GPtrArray *backfills;     /* struct backfill */
    GPtrArray *dropped;       /* struct backfill: a table, and in `sql` why it goes */
    GPtrArray *moved;         /* struct backfill: a table, and in `sql` the database that has it */
    GPtrArray *labels;        /* struct label_rename */
    const char *before_hand;  /* the parts written by hand, as they stand, or NULL */
    const char *after_hand;
    const char *down_hand;
    const struct source *source;
    struct location at; /* its first line */
};

/* `-- backfill table.column: expression`: what rows that exist get in a column that is new. */
struct backfill {
    const char *table;
    const char *column;
    const char *sql;
    struct location at;
};

/* `-- renamed label table.column: old = new`: an enum calls a label by another name. */
struct label_rename {
    const char *table; /* after the migration; so is the column */
    const char *column;
    const char *from;
    const char *to;
};

struct database {
    const char *name;
    GPtrArray *modules;       /* struct module, by name */
    GPtrArray *tables;        /* struct table, by name */
    GPtrArray *links;         /* struct database, by name: joined by a reference or a query */
    GPtrArray *objects;       /* struct schema_object: views, then triggers; set by queries */
    GPtrArray *statements;    /* struct statement; set by schema */
    const char *revision;     /* 12 hex digits over the statements; set by schema */
    bool trusted_schema;      /* its checks or triggers call json or FTS5 */
    const char *atomic_group; /* of its modules, NULL for none */
    GPtrArray *migrations;    /* struct migration, each after its parents; NULL before history */
};

struct model {
    const char *name;        /* --name: "app" */
    GPtrArray *modules;      /* by name */
    GPtrArray *databases;    /* by name */
    GPtrArray *enumerations; /* of all modules, by name */
    GPtrArray *distincts;    /* the same */
};

/* Walks a list; break and continue do what they say: FOR_EACH(struct column, c, columns) { … } */
#define FOR_EACH(type, item, list)                                                                 \
    for (guint item##_at_ = 0, item##_go_ = 1; item##_go_ && item##_at_ < (list)->len;             \
         item##_at_++)                                                                             \
        for (type *item = (item##_go_ = 0, g_ptr_array_index((list), item##_at_)); !item##_go_;    \
             item##_go_ = 1)

#endif
