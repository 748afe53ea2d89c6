/* side.h: one state of a project: a directory, or a git revision, whose files are read without
 * checking it out. Paths are below the top of the project, with slashes. */
#ifndef CLEAT_SIDE_H
#define CLEAT_SIDE_H

#include "snapshot/snapshot.h"

/* A line of a file, for people, annotations and SARIF. A zeroed one is nowhere. */
struct place {
    const char *path;
    unsigned line;
    unsigned column;
};

struct side {
    const char *label;     /* "1f2e3d4c5b6a", "schemas as they are now", a directory */
    const char *directory; /* NULL for a revision */
    const char *revision;  /* NULL for a directory */
    const char *out;       /* "generated", below the top */
    GPtrArray *roots;      /* const char *: "schemas" */
    GPtrArray *files;      /* const char *: all below the roots and `out`, sorted */
    GHashTable *texts;     /* what has been read, by path */
    GPtrArray *snapshots;  /* struct snapshot, by name */
    GPtrArray *modules;    /* struct module_file; see places.h */
};

/* Reads the list of files and all snapshots. `top` is a directory, or where git looks for the
 * revision. */
bool side_open_directory(const char *top, const char *out, GPtrArray *roots, struct side **ret_side,
                         GError **ret_error);
bool side_open_revision(const char *revision, const char *out, GPtrArray *roots,
                        struct side **ret_side, GError **ret_error);

/* The text of a file, NULL when it is not there. */
const char *side_text(const struct side *side, const char *path);

/* What git says to a command, without the newline at its end; NULL, with its complaint, when it
 * fails. */
const char *side_git(const char *const *arguments, GError **ret_error);

/* ---- places.c ---- */

/* Where a table, or what of it `part` names (a column, an index, columns in parentheses), is
 * declared in a db_models.h of this side; a place without path when it is not found. */
struct place side_place(const struct side *side, const char *database, const char *table,
                        const char *part);

/* Where a view or trigger is declared in a db_objects.sql. */
struct place side_object_place(const struct side *side, const char *name);

#endif
