/* translate_node.h: a check between SQL and C: what translate.c reads and translate_write.c writes. */
#ifndef CLEAT_TRANSLATE_NODE_H
#define CLEAT_TRANSLATE_NODE_H

#include "model/model.h"

enum node_kind {
    NODE_INTEGER, /* these four are values */
    NODE_REAL,
    NODE_TEXT,
    NODE_LABEL, /* a column of an enum */
    NODE_AND,   /* the others are true, false or unknown */
    NODE_OR,
    NODE_NOT,
    NODE_COMPARISON,
    NODE_IS_NULL
};

struct node {
    enum node_kind kind;
    struct node *left, *right;
    const struct column *column; /* of a value that is a column */
    const char *code;            /* of a value, or the operator of a comparison */
    const char *missing;         /* C that says whether a value is NULL; NULL for never */
    const char *present;         /* the opposite, of a column */
    const char *literal;         /* of a constant text */
    bool constant;
};

/* C that says whether one of two values is missing; NULL, in and out, is never. */
const char *node_either(const char *a, const char *b);

/* The C of a whole check: false only when the check is false. In the arena. */
const char *node_write(const struct node *node);

#endif
