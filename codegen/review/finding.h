/* finding.h: what a change of schemas means: findings about rows, running programs, C code and
 * design. A finding is of a rule in findings.def, about one object, at one place; it may be accepted
 * with a reason. */
#ifndef CLEAT_FINDING_H
#define CLEAT_FINDING_H

#include "side.h"
#include "snapshot/compare.h"

enum finding_class {
    CLASS_DATA,    /* rows can be lost or rejected */
    CLASS_ROLLING, /* the old program meets the new file */
    CLASS_API,     /* C that no longer compiles, SQL that no longer prepares */
    CLASS_REBUILD, /* what the upgrade does to the file */
    CLASS_HISTORY, /* migrations */
    CLASS_DRIFT,   /* a live file is not what the schema says */
    CLASS_ADVISORY /* design */
};

enum level { LEVEL_NOTE, LEVEL_WARNING, LEVEL_ERROR };

enum finding_id {
#define FINDING(id, name, class, severity, find, explanation) FINDING_##id,
#include "findings.def"
#undef FINDING
    FINDING_COUNT
};

struct finding_rule {
    const char *name;
    enum finding_class class;
    enum level severity;
    const char *explanation;
};

extern const struct finding_rule finding_rules[FINDING_COUNT];

/* NULL when there is no such rule. */
const struct finding_rule *finding_rule_find(const char *name);

struct finding {
    enum finding_id id;
    enum level severity;
    const char *database;
    const char *object; /* "catalog.book.note" */
    const char *text;   /* in lower case, without a full stop; names in single quotes */
    const char *help;   /* what to do about it, or NULL */
    const char *query;  /* a SELECT of the keys of the rows it is about, or NULL */
    struct place place;
    const struct change *change;
    gint64 rows;          /* in the live file, of that SELECT; -1 when nobody has looked */
    GPtrArray *keys;      /* const char *: the first of them, or NULL */
    const char *accepted; /* the reason, NULL when it is not accepted */
};

/* A C name that is gone or is not what it was; see api.c. */
struct api_change {
    const char *name; /* of the function, or row.member */
    const char *was;  /* NULL: new */
    const char *is;   /* NULL: gone */
    const char *database;
    bool is_member;
    GPtrArray *uses; /* struct place, below the module roots; the first few */
    guint use_count;
};

struct review {
    const struct side *old_side; /* NULL for lint and where the old state is a live file */
    const struct side *new_side;
    GPtrArray *comparisons;    /* struct comparison */
    GPtrArray *findings;       /* struct finding, worst first, then by place */
    GPtrArray *api;            /* struct api_change, by name */
    GPtrArray *new_migrations; /* struct migration: those that come with the change */
    const char *live_path;     /* the file that is compared with the snapshot, or NULL */
    const char *migrations;    /* the directory of histories by which it is judged, or NULL */
    bool is_older;             /* the file lacks migrations */
    const char *title;         /* what is compared with what */
};

/* What blocks first, what is accepted last, then by place. */
void review_sort(struct review *review);

/* Reports a finding about a change, at the place of what it is about. Returns it, for help, query
 * and another severity. */
struct finding *review_report(struct review *review, enum finding_id id,
                              const struct change *change, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Reports a finding that is not about one change. */
struct finding *review_report_at(struct review *review, enum finding_id id, const char *database,
                                 const char *object, struct place place, const char *format, ...)
    G_GNUC_PRINTF(6, 7);

/* The worst severity that is not accepted; -1 when there is none. */
int review_worst(const struct review *review);

/* How many findings of a database (NULL: of all) have a severity and are not accepted. */
guint review_count(const struct review *review, const char *database, enum level severity);

const char *level_name(enum level severity);              /* "error" */
const char *finding_class_name(enum finding_class class); /* "DATA" */

#endif
