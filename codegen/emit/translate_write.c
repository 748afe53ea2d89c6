/* translate_write.c: the nodes of a check enter, C leaves. NOT is not written: it turns "not false"
 * into "not true", down to the comparisons, so that an unknown part passes on either side. */
#include "translate_node.h"

#include "model/names.h"

#include <string.h>

const char *
node_either(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    return name_join(a, " || ", b, NULL);
}

static const char *
opposite(const char *operator)
{
    static const char *const pairs[][2] = {{"==", "!="}, {"!=", "=="}, {"<", ">="},
                                           {">=", "<"},  {">", "<="},  {"<=", ">"}};
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (strcmp(pairs[i][0], operator) == 0)
            return pairs[i][1];
    return operator;
}

/* What joins the parts of a text that was written: nothing, && or ||. */
enum joint { JOINT_NONE, JOINT_AND, JOINT_OR };

static const char *
write_comparison(const struct node *node, bool holds, enum joint *ret_joint)
{
    const char *operator= holds ? node->code : opposite(node->code);
    const char *left = node->left->code;
    const char *right = node->right->code;
    const char *test;
    if (node->left->kind == NODE_TEXT)
        test = name_join("strcmp(", left, ", ", right, ") ", operator, " 0", NULL);
    else
        test = name_join(left, " ", operator, " ", right, NULL);
    const char *missing = node_either(node->left->missing, node->right->missing);
    *ret_joint = missing == NULL ? JOINT_NONE : JOINT_OR;
    return node_either(missing, test);
}

static const char *write_node(const struct node *node, bool holds, enum joint *ret_joint);

/* A part between joints; it needs parentheses when its own joint is another. */
static const char *
write_part(const struct node *node, bool holds, enum joint outer)
{
    enum joint inner = JOINT_NONE;
    const char *code = write_node(node, holds, &inner);
    return inner == JOINT_NONE || inner == outer ? code : name_join("(", code, ")", NULL);
}

/* Whether the node is not false, or, for !holds, not true. */
static const char *
write_node(const struct node *node, bool holds, enum joint *ret_joint)
{
    const struct node *left = node->left;
    switch (node->kind) {
    case NODE_NOT: return write_node(left, !holds, ret_joint);
    case NODE_COMPARISON: return write_comparison(node, holds, ret_joint);
    case NODE_IS_NULL:
        *ret_joint = JOINT_NONE;
        if (!holds)
            return left->present;
        return left->missing == NULL ? "false" : left->missing;
    default: break;
    }
    enum joint joint = (node->kind == NODE_AND) == holds ? JOINT_AND : JOINT_OR;
    *ret_joint = joint;
    return name_join(write_part(left, holds, joint), joint == JOINT_AND ? " && " : " || ",
                     write_part(node->right, holds, joint), NULL);
}

const char *
node_write(const struct node *node)
{
    enum joint joint = JOINT_NONE;
    return write_node(node, true, &joint);
}
