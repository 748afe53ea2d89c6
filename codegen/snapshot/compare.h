/* compare.h: two snapshots enter, the list of what changed leaves. Schemas that mean the same to
 * SQLite have no change between them, however they were written: quotes, case, comments, and where
 * a constraint stands make no difference. A rename is one only when the schema declares it
 * (RENAMED_FROM, TABLE_WAS); whatever else is gone and new is dropped and added. */
#ifndef CLEAT_COMPARE_H
#define CLEAT_COMPARE_H

#include "snapshot.h"

enum change_kind {
    CHANGE_DATABASE_ADDED,
    CHANGE_DATABASE_DROPPED,
    CHANGE_DATABASE_RENAMED, /* gone here, new there, and the same inside */

    CHANGE_TABLE_ADDED,
    CHANGE_TABLE_DROPPED,
    CHANGE_TABLE_RENAMED, /* declared; further changes of the same table follow */
    CHANGE_TABLE_MOVED,   /* to another database: old_snapshot and new_snapshot differ */
    CHANGE_STRICT,
    CHANGE_WITHOUT_ROWID,
    CHANGE_AUTOINCREMENT,
    CHANGE_PRIMARY_KEY, /* columns, order, direction, collation */
    CHANGE_CONFLICT,    /* an ON CONFLICT clause */

    CHANGE_COLUMN_ADDED,
    CHANGE_COLUMN_DROPPED,
    CHANGE_COLUMN_RENAMED, /* declared; further changes of the same column follow */
    CHANGE_COLUMN_TYPE,
    CHANGE_COLUMN_NULL, /* NOT NULL came or went */
    CHANGE_COLUMN_DEFAULT,
    CHANGE_COLUMN_COLLATION,
    CHANGE_COLUMN_GENERATED,
    CHANGE_COLUMN_ORDER, /* the columns of both sides stand in another order */

    CHANGE_LABEL_ADDED, /* to the labels of a column; `label` */
    CHANGE_LABEL_REMOVED,
    CHANGE_LENGTH, /* LENGTH(n) came, went or changed; -1 in the check for none */
    CHANGE_CHECK_ADDED,
    CHANGE_CHECK_DROPPED,

    CHANGE_UNIQUE_ADDED, /* a UNIQUE of the table itself */
    CHANGE_UNIQUE_DROPPED,
    CHANGE_INDEX_ADDED,
    CHANGE_INDEX_DROPPED,
    CHANGE_INDEX_CHANGED, /* same name */
    CHANGE_INDEX_RENAMED, /* same facts, another name */

    CHANGE_FOREIGN_KEY_ADDED,
    CHANGE_FOREIGN_KEY_DROPPED,
    CHANGE_FOREIGN_KEY_ACTION, /* same columns and target, other actions or deferral */

    CHANGE_VIRTUAL_ADDED,
    CHANGE_VIRTUAL_DROPPED,
    CHANGE_VIRTUAL_CHANGED,

    CHANGE_VIEW_ADDED,
    CHANGE_VIEW_DROPPED,
    CHANGE_VIEW_CHANGED,
    CHANGE_TRIGGER_ADDED,
    CHANGE_TRIGGER_DROPPED,
    CHANGE_TRIGGER_CHANGED,

    CHANGE_KIND_COUNT
};

/* One change with both of its sides; what does not apply, or is not there on a side, is NULL. */
struct change {
    enum change_kind kind;
    const struct snapshot *old_snapshot;
    const struct snapshot *new_snapshot;
    const struct snapshot_table *old_table;
    const struct snapshot_table *new_table;
    const struct snapshot_column *old_column;
    const struct snapshot_column *new_column;
    const struct snapshot_check *old_check;
    const struct snapshot_check *new_check;
    const struct snapshot_index *old_index;
    const struct snapshot_index *new_index;
    const struct snapshot_foreign_key *old_foreign_key;
    const struct snapshot_foreign_key *new_foreign_key;
    const struct snapshot_view *old_view;
    const struct snapshot_view *new_view;
    const struct snapshot_trigger *old_trigger;
    const struct snapshot_trigger *new_trigger;
    const char *label;
    const struct snapshot_drop *drop;     /* the DROPPED that declares a dropped column */
    const struct snapshot_rename *rename; /* the RENAMED_FROM that declares a renamed column */
};

/* The columns of a table that stand for each other. */
struct column_pair {
    const struct snapshot_column *old_column; /* NULL: added */
    const struct snapshot_column *new_column; /* NULL: dropped */
    const struct snapshot_rename *rename;     /* NULL: same name */
};

/* The tables of two snapshots that stand for each other. */
struct table_pair {
    const struct snapshot_table *old_table; /* NULL: added */
    const struct snapshot_table *new_table; /* NULL: dropped */
    GPtrArray *columns;                     /* struct column_pair; empty unless both are there */
    GPtrArray *changes; /* struct change, of this table, in the order of the enum
                                               within columns and their order */
};

/* One database on both sides. */
struct comparison {
    const struct snapshot *old_snapshot; /* NULL: the database is new */
    const struct snapshot *new_snapshot; /* NULL: the database is gone */
    GPtrArray *tables;                   /* struct table_pair, by name; virtual tables too */
    GPtrArray *changes;                  /* struct change: of the database, of its tables in order,
                                            of views and their triggers */
};

/* Compares one database. One side may be NULL. */
struct comparison *compare_snapshots(const struct snapshot *old_snapshot,
                                     const struct snapshot *new_snapshot);

/* Compares all databases of a project by name: lists of struct snapshot. A table that is gone in
 * one database and new in another is moved; a database whose schema stands unchanged under another
 * name is renamed. Returns a list of struct comparison, by name, also of unchanged ones. */
GPtrArray *compare_projects(const GPtrArray *old_snapshots, const GPtrArray *new_snapshots);

/* "column-added": the name of a kind for people and files. */
const char *change_kind_name(enum change_kind kind);

/* What a change is about: "catalog", "catalog.book", "catalog.book.note", with the name of the new
 * side where it has one. A key without a name is its columns: "catalog.book.(a,b)". In the arena. */
const char *change_object(const struct change *change);

#endif
