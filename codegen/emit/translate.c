/* translate.c: the SQL of a CHECK enters, C that says the same about a row leaves, or nothing when
 * it has a part whose meaning in C is not exactly that in SQL: other functions, collations,
 * comparisons of different types, arithmetic that can overflow. NULL is as in SQL: a check fails
 * only when it is false, not when it is unknown; so every part is written either as "not false" or
 * as "not true", and NOT turns one into the other. */
#include "translate.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "common/text.h"
#include "model/names.h"
#include "translate_node.h"

#include <string.h>

/* The C of a longer check is nothing that anyone would read; it also grows faster than the SQL. */
#define TOKENS_MAX 400

struct translation {
    const struct table *table;
    struct sql sql;
    int place;
    int depth;
    bool failed;
    bool has_column;
};

static struct node *parse_or(struct translation *t);

/* ---- pieces ---- */

static struct node *
fail(struct translation *t)
{
    t->failed = true;
    return NULL;
}

static bool
take(struct translation *t, const char *word)
{
    if (t->failed || !sql_is(&t->sql, t->place, word))
        return false;
    t->place++;
    return true;
}

static struct node *
new_node(enum node_kind kind, struct node *left, struct node *right)
{
    struct node *node = ARENA_NEW(struct node);
    node->kind = kind;
    node->left = left;
    node->right = right;
    return node;
}

static bool
is_value(const struct node *node)
{
    return node != NULL && node->kind <= NODE_LABEL;
}

static bool
is_number(const struct node *node)
{
    return node != NULL && (node->kind == NODE_INTEGER || node->kind == NODE_REAL);
}

/* A number in the place of a truth is true when it is not zero. */
static struct node *
truth(struct translation *t, struct node *node)
{
    if (t->failed)
        return NULL;
    if (!is_value(node))
        return node;
    if (node->kind != NODE_INTEGER)
        return fail(t);
    struct node *zero = new_node(NODE_INTEGER, NULL, NULL);
    zero->code = "0";
    zero->constant = true;
    struct node *comparison = new_node(NODE_COMPARISON, node, zero);
    comparison->code = "!=";
    return comparison;
}

/* ---- columns and constants ---- */

static void
set_pointer(struct node *node, const char *pointer)
{
    node->missing = name_join(pointer, " == NULL", NULL);
    node->present = name_join(pointer, " != NULL", NULL);
}

static struct node *
column_node(struct translation *t, const struct column *column)
{
    const char *member = name_join("row->", name_value(column), NULL);
    struct node *node = new_node(NODE_TEXT, NULL, NULL);
    node->column = column;
    node->code = member;
    if (column->generated.sql != NULL)
        return fail(t);
    node->present = "true";
    if (name_has_flag(column)) {
        node->present = name_join("row->has_", column->member, NULL);
        node->missing = name_join("!", node->present, NULL);
    }
    switch (column->type) {
    case TYPE_INTEGER:
    case TYPE_TIMESTAMP: node->kind = NODE_INTEGER; break;
    case TYPE_BOOLEAN:
        node->kind = NODE_INTEGER;
        node->code = name_join("(int)", member, NULL);
        break;
    case TYPE_REAL: node->kind = NODE_REAL; break;
    case TYPE_TEXT: set_pointer(node, member); break;
    case TYPE_DATETIME:
    case TYPE_ULID:
    case TYPE_UUID: break;
    case TYPE_ENUM: node->kind = NODE_LABEL; break;
    default:
        if (column->type != TYPE_BLOB && column->type != TYPE_JSON)
            return fail(t);
        node->kind = NODE_LABEL; /* can be asked whether it is NULL, and no more */
        set_pointer(node, column->type == TYPE_BLOB ? name_join(member, ".data", NULL) : member);
        break;
    }
    t->has_column = true;
    return node;
}

static struct node *
find_column(struct translation *t)
{
    const char *name = sql_name(&t->sql, t->place);
    FOR_EACH(struct column, column, t->table->columns) {
        if (g_ascii_strcasecmp(column->sql_name, name) == 0) {
            t->place++;
            return column_node(t, column);
        }
    }
    return fail(t);
}

static struct node *
constant_node(enum node_kind kind, const char *code)
{
    struct node *node = new_node(kind, NULL, NULL);
    node->code = code;
    node->constant = true;
    return node;
}

static struct node *
parse_number(struct translation *t)
{
    const struct token *token = sql_token(&t->sql, t->place++);
    const char *text = arena_string_n(t->sql.text + token->offset, token->length);
    if (strspn(text, "0123456789") != strlen(text)) {
        if (strspn(text, "0123456789.eE+-") != strlen(text))
            return fail(t);
        return constant_node(NODE_REAL, text);
    }
    while (text[0] == '0' && text[1] != '\0') /* it is not octal */
        text++;
    if (strlen(text) > 19 || (strlen(text) == 19 && strcmp(text, "9223372036854775807") > 0))
        return fail(t);
    return constant_node(NODE_INTEGER, text);
}

static struct node *
parse_string(struct translation *t)
{
    const struct token *token = sql_token(&t->sql, t->place++);
    const char *from = t->sql.text + token->offset;
    if (from[0] != '\'' || token->length < 2)
        return fail(t);
    char *text = arena_alloc(token->length);
    char *to = text;
    for (unsigned i = 1; i + 1 < token->length; i++) {
        *to++ = from[i];
        i += from[i] == '\'';
    }
    GString *code = g_string_new(NULL);
    text_literal(code, text, strlen(text), " ");
    struct node *node = constant_node(NODE_TEXT, arena_string(code->str));
    node->literal = text;
    g_string_free(code, TRUE);
    return node;
}

/* length(text) counts characters, length(blob) bytes. */
static struct node *
parse_length(struct translation *t)
{
    t->place += 2;
    struct node *of = sql_is_name(&t->sql, t->place) ? find_column(t) : fail(t);
    if (t->failed || !take(t, ")"))
        return fail(t);
    struct node *node = new_node(NODE_INTEGER, NULL, NULL);
    node->missing = of->missing;
    if (of->column->type == TYPE_BLOB)
        node->code = name_join("(int64_t)", of->code, ".size", NULL);
    else if (of->kind == NODE_TEXT || of->column->type == TYPE_JSON)
        node->code = name_join("cleat_text_length(", of->code, ")", NULL);
    else
        return fail(t);
    return node;
}

/* ---- values ---- */

static struct node *
parse_operand(struct translation *t)
{
    const struct token *token = sql_token(&t->sql, t->place);
    if (t->failed || token == NULL)
        return fail(t);
    if (take(t, "(")) {
        struct node *node = parse_or(t);
        return take(t, ")") ? node : fail(t);
    }
    if (token->kind == TOKEN_NUMBER)
        return parse_number(t);
    if (token->kind == TOKEN_STRING)
        return parse_string(t);
    if (sql_is(&t->sql, t->place, "length") && sql_is(&t->sql, t->place + 1, "("))
        return parse_length(t);
    if (!sql_is_name(&t->sql, t->place) || sql_is(&t->sql, t->place + 1, "(") ||
        sql_is(&t->sql, t->place + 1, "."))
        return fail(t);
    struct node *node = find_column(t);
    if (!t->failed)
        return node;
    if (!sql_is(&t->sql, t->place, "true") && !sql_is(&t->sql, t->place, "false"))
        return NULL;
    t->failed = false;
    return constant_node(NODE_INTEGER, sql_is(&t->sql, t->place++, "true") ? "1" : "0");
}

static struct node *
parse_sign(struct translation *t)
{
    /* the depth bounds what nested parentheses and signs can do to the stack */
    if (t->failed || ++t->depth > 100)
        return fail(t);
    struct node *node;
    if (take(t, "-")) {
        node = parse_sign(t);
        if (!is_number(node) || !node->constant || node->code[0] == '-')
            return fail(t);
        node->code = name_join("-", node->code, NULL);
    } else if (take(t, "+")) {
        node = parse_sign(t);
        if (!is_number(node))
            return fail(t);
    } else {
        node = parse_operand(t);
    }
    t->depth--;
    return node;
}

/* Arithmetic of two integers that overflows is a real number in SQL; here it is left undecided. */
static struct node *
add_nodes(struct translation *t, const char *operation, struct node *left, struct node *right)
{
    if (t->failed || left->kind != NODE_INTEGER || right->kind != NODE_INTEGER)
        return fail(t);
    const char *arguments = name_join("(", left->code, ", ", right->code, ")", NULL);
    struct node *node = new_node(NODE_INTEGER, left, right);
    node->code = name_join("cleat_integer_", operation, arguments, NULL);
    node->missing = node_either(node_either(left->missing, right->missing),
                                name_join("cleat_overflows_", operation, arguments, NULL));
    return node;
}

/* Division by a constant above zero neither overflows nor gives NULL. */
static struct node *
divide_nodes(struct translation *t, const char *operator, struct node * left, struct node *right)
{
    if (t->failed || left->kind != NODE_INTEGER || right->kind != NODE_INTEGER ||
        !right->constant || right->code[0] == '-' || strcmp(right->code, "0") == 0)
        return fail(t);
    struct node *node = new_node(NODE_INTEGER, left, right);
    node->code = name_join("(", left->code, operator, right->code, ")", NULL);
    node->missing = left->missing;
    return node;
}

static struct node *
parse_product(struct translation *t)
{
    struct node *node = parse_sign(t);
    for (;;) {
        if (take(t, "*"))
            node = add_nodes(t, "multiply", node, parse_sign(t));
        else if (take(t, "/"))
            node = divide_nodes(t, " / ", node, parse_sign(t));
        else if (take(t, "%"))
            node = divide_nodes(t, " % ", node, parse_sign(t));
        else
            return node;
    }
}

static struct node *
parse_sum(struct translation *t)
{
    struct node *node = parse_product(t);
    for (;;) {
        if (take(t, "+"))
            node = add_nodes(t, "add", node, parse_product(t));
        else if (take(t, "-"))
            node = add_nodes(t, "subtract", node, parse_product(t));
        else
            return node;
    }
}

/* ---- comparisons ---- */

/* The enumerator that a label means; SQL compares the label, C the value. */
static const char *
enumerator_of(const struct column *column, const char *label)
{
    FOR_EACH(struct enumerator, enumerator, column->enumeration->enumerators)
        if (strcmp(enumerator->label, label) == 0)
            return enumerator->name;
    return NULL;
}

static bool
is_binary(const struct node *node)
{
    return node->column == NULL || node->column->collate == NULL ||
           g_ascii_strcasecmp(node->column->collate, "BINARY") == 0;
}

/* A whole number beside a real one is the same number in C up to 2^53. */
static bool
fits_real(struct node *node)
{
    if (node->kind == NODE_REAL)
        return true;
    if (!node->constant || strlen(node->code) > 15)
        return false;
    node->code = name_join(node->code, ".0", NULL);
    return true;
}

static struct node *
compare_label(struct translation *t, const char *operator, struct node * label, struct node *text)
{
    bool equals = strcmp(operator, "==") == 0 || strcmp(operator, "!=") == 0;
    if (!equals || text->literal == NULL || label->column->type != TYPE_ENUM || !is_binary(label))
        return fail(t);
    const char *enumerator = enumerator_of(label->column, text->literal);
    if (enumerator == NULL)
        return fail(t);
    struct node *value = constant_node(NODE_INTEGER, enumerator);
    struct node *node = new_node(NODE_COMPARISON, label, value);
    node->code = operator;
    return node;
}

static struct node *
compare(struct translation *t, const char *operator, struct node * left, struct node *right)
{
    if (t->failed || !is_value(left) || !is_value(right))
        return fail(t);
    if (left->kind == NODE_LABEL && right->kind == NODE_TEXT)
        return compare_label(t, operator, left, right);
    if (left->kind == NODE_TEXT && right->kind == NODE_LABEL)
        return compare_label(t, operator, right, left);
    bool texts = left->kind == NODE_TEXT && right->kind == NODE_TEXT;
    if (texts && (!is_binary(left) || !is_binary(right)))
        return fail(t);
    if (!texts && (!is_number(left) || !is_number(right)))
        return fail(t);
    if (left->kind != right->kind && (!fits_real(left) || !fits_real(right)))
        return fail(t);
    struct node *node = new_node(NODE_COMPARISON, left, right);
    node->code = operator;
    return node;
}

static const char *
take_order(struct translation *t)
{
    static const char *const operators[] = {"<=", "<", ">=", ">"};
    for (gsize i = 0; i < G_N_ELEMENTS(operators); i++)
        if (take(t, operators[i]))
            return operators[i];
    return NULL;
}

static struct node *
parse_order(struct translation *t)
{
    struct node *node = parse_sum(t);
    for (const char *operator; (operator= take_order(t)) != NULL;)
        node = compare(t, operator, node, parse_sum(t));
    return node;
}

static struct node *
parse_between(struct translation *t, struct node *node)
{
    struct node *low = compare(t, ">=", node, parse_order(t));
    if (t->failed || !take(t, "AND"))
        return fail(t);
    struct node *high = compare(t, "<=", node, parse_order(t));
    return t->failed ? NULL : new_node(NODE_AND, low, high);
}

static struct node *
parse_in(struct translation *t, struct node *node)
{
    struct node *any = NULL;
    if (!take(t, "("))
        return fail(t);
    do {
        struct node *one = compare(t, "==", node, parse_sum(t));
        if (t->failed)
            return NULL;
        any = any == NULL ? one : new_node(NODE_OR, any, one);
    } while (take(t, ","));
    return take(t, ")") ? any : fail(t);
}

/* What is calculated may be NULL here where it is not in SQL. */
static struct node *
is_null(struct translation *t, struct node *node)
{
    if (t->failed || !is_value(node) || node->present == NULL)
        return fail(t);
    return new_node(NODE_IS_NULL, node, NULL);
}

/* After IS, or after a value: one of the ways to ask for NULL. */
static struct node *
parse_is(struct translation *t, struct node *node)
{
    bool not = take(t, "NOT");
    if (!take(t, "NULL"))
        return fail(t);
    struct node *null = is_null(t, node);
    return not &&!t->failed ? new_node(NODE_NOT, null, NULL) : null;
}

static struct node *
parse_not_suffix(struct translation *t, struct node *node)
{
    struct node *inner;
    if (take(t, "IN"))
        inner = parse_in(t, node);
    else if (take(t, "BETWEEN"))
        inner = parse_between(t, node);
    else if (take(t, "NULL"))
        inner = is_null(t, node);
    else
        return fail(t);
    return t->failed ? NULL : new_node(NODE_NOT, inner, NULL);
}

static struct node *
parse_equality(struct translation *t)
{
    struct node *node = parse_order(t);
    while (!t->failed) {
        if (take(t, "=") || take(t, "=="))
            node = compare(t, "==", node, parse_order(t));
        else if (take(t, "<>") || take(t, "!="))
            node = compare(t, "!=", node, parse_order(t));
        else if (take(t, "IS"))
            node = parse_is(t, node);
        else if (take(t, "ISNULL"))
            node = is_null(t, node);
        else if (take(t, "NOTNULL"))
            node = new_node(NODE_NOT, is_null(t, node), NULL);
        else if (take(t, "IN"))
            node = parse_in(t, node);
        else if (take(t, "BETWEEN"))
            node = parse_between(t, node);
        else if (take(t, "NOT"))
            node = parse_not_suffix(t, node);
        else
            return node;
    }
    return NULL;
}

/* ---- truths ---- */

static struct node *
parse_not(struct translation *t)
{
    if (!take(t, "NOT"))
        return parse_equality(t);
    if (++t->depth > 100)
        return fail(t);
    struct node *node = truth(t, parse_not(t));
    t->depth--;
    return t->failed ? NULL : new_node(NODE_NOT, node, NULL);
}

static struct node *
parse_and(struct translation *t)
{
    struct node *node = parse_not(t);
    while (take(t, "AND")) {
        struct node *left = truth(t, node);
        struct node *right = truth(t, parse_not(t));
        node = new_node(NODE_AND, left, right);
    }
    return node;
}

static struct node *
parse_or(struct translation *t)
{
    struct node *node = parse_and(t);
    while (take(t, "OR")) {
        struct node *left = truth(t, node);
        struct node *right = truth(t, parse_and(t));
        node = new_node(NODE_OR, left, right);
    }
    return node;
}

/* ---- the check ---- */

const char *
translate_check(const struct table *table, const char *sql)
{
    struct translation t = {.table = table, .sql = sql_new(sql)};
    t.failed = sql_count(&t.sql) > TOKENS_MAX;
    struct node *node = truth(&t, parse_or(&t));
    const char *code = NULL;
    if (!t.failed && t.place == sql_count(&t.sql) && t.has_column)
        code = node_write(node);
    sql_free(&t.sql);
    return code;
}
