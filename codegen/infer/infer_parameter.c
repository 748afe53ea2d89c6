/* infer_parameter.c: the parameters of a query. A parameter has the type of the column that it is
 * compared with, assigned to or inserted into, or else of the only column with its name among those
 * the statement touches; what is none of these needs a line `-- :name type`. Only where a column
 * that can be NULL is written or compared by IS, or where the statement tests `:name IS NULL`, may
 * NULL be passed. */
#include "infer.h"

#include "check/check.h"
#include "common/arena.h"
#include "model/names.h"

#include <string.h>

/* What the places of one parameter say about it. */
struct guess {
    struct inferred type; /* TYPE_UNKNOWN: nothing yet */
    bool differs;         /* two places say two types */
    bool derived;         /* a place compares it with a column that is no table's */
    bool can_be_null;
};

static void
add_guess(struct guess *guess, struct inferred type)
{
    if (type.type == TYPE_UNKNOWN)
        return;
    if (guess->type.type == TYPE_UNKNOWN)
        guess->type = type;
    else if (guess->type.type != type.type || guess->type.enumeration != type.enumeration ||
             guess->type.distinct != type.distinct)
        guess->differs = true;
}

static struct inferred
type_of(const struct column *column)
{
    return column == NULL ? infer_plain(TYPE_UNKNOWN, false) : infer_type(column, true);
}

/* ---- columns by name ---- */

/* The type that all tables with this column give it; unknown when they differ. */
static struct inferred
bare_column(const struct subject *subject, const char *name)
{
    struct guess guess = {.differs = false};
    FOR_EACH(struct alias, alias, subject->aliases)
        if (alias->table != NULL)
            add_guess(&guess, type_of(infer_column(alias->table, name)));
    return guess.differs ? type_of(NULL) : guess.type;
}

static struct inferred
column_of_alias(const struct subject *subject, const char *alias_name, const char *name)
{
    struct guess guess = {.differs = false};
    FOR_EACH(struct alias, alias, subject->aliases)
        if (alias->table != NULL && g_ascii_strcasecmp(alias->name, alias_name) == 0)
            add_guess(&guess, type_of(infer_column(alias->table, name)));
    return guess.differs ? type_of(NULL) : guess.type;
}

/* The column that the tokens from `from` up to `to` name: column, t.column, database.t.column. */
static struct inferred
named_column(const struct subject *subject, struct guess *guess, int from, int to)
{
    const struct sql *sql = &subject->tokens;
    const struct column *column = NULL;
    if (infer_resolve(subject, (struct range){from, to}, &column)) {
        guess->derived = guess->derived || column == NULL;
        return type_of(column);
    }
    if (to - from == 1)
        return bare_column(subject, sql_name(sql, from));
    if (to - from == 3)
        return column_of_alias(subject, sql_name(sql, from), sql_name(sql, from + 2));
    const struct table *table = infer_table(subject->infer->model, sql_name(sql, from),
                                            sql_name(sql, from + 2));
    return type_of(table == NULL ? NULL : infer_column(table, sql_name(sql, from + 4)));
}

static bool
is_one_of(const struct sql *sql, int place, const char *const *words)
{
    for (; *words != NULL; words++)
        if (sql_is(sql, place, *words))
            return true;
    return false;
}

/* Whether nothing before a place belongs to the operand that begins there. */
static bool
begins_operand(const struct sql *sql, int place)
{
    static const char *const words[] = {"(",      "where", "and",       "or",   "on",   "set",
                                        "not",    ",",     "when",      "then", "else", "having",
                                        "select", "case",  "returning", NULL};
    return sql_token(sql, place - 1) == NULL || is_one_of(sql, place - 1, words);
}

/* Whether nothing at a place belongs to the operand that ends before it. */
static bool
ends_operand(const struct sql *sql, int place)
{
    static const char *const words[] = {
        ")",      "and",    "or",  "order",  "group",  "limit",   "returning", ",",
        "then",   "else",   "end", "where",  "from",   "union",   "except",    "intersect",
        "having", "window", "on",  "escape", "offset", "collate", "do",        NULL};
    return sql_token(sql, place) == NULL || is_one_of(sql, place, words);
}

/* The column that ends right before a place and is a whole operand. */
static struct inferred
column_before(const struct subject *subject, struct guess *guess, int place)
{
    const struct sql *sql = &subject->tokens;
    int from = place - 1;
    if (!sql_is_name(sql, from) || sql_is(sql, from, "null"))
        return type_of(NULL);
    while (sql_is(sql, from - 1, ".") && sql_is_name(sql, from - 2))
        from -= 2;
    return begins_operand(sql, from) ? named_column(subject, guess, from, place) : type_of(NULL);
}

static struct inferred
column_after(const struct subject *subject, struct guess *guess, int place)
{
    const struct sql *sql = &subject->tokens;
    int to = place + 1;
    if (!sql_is_name(sql, place) || sql_is(sql, place, "null"))
        return type_of(NULL);
    while (sql_is(sql, to, ".") && sql_is_name(sql, to + 1))
        to += 2;
    return ends_operand(sql, to) ? named_column(subject, guess, place, to) : type_of(NULL);
}

/* ---- places ---- */

static const char *const comparisons[] = {
    "=", "==", "<>", "!=", "<", "<=", ">", ">=", "is", "like", "glob", NULL};

/* Behind `column =`, `column IS NOT`, `column NOT LIKE`: where the column ends; -1 for none. */
static int
compared_end(const struct sql *sql, int place)
{
    int operator= place - 1;
    if (sql_is(sql, operator, "not") && sql_is(sql, operator- 1, "is"))
        operator--;
    if (!is_one_of(sql, operator, comparisons))
        return -1;
    return sql_is(sql, operator- 1, "not") ? operator- 1 : operator;
}

/* Whether `column = :p` at a place assigns: it follows SET or a comma of SET's list. */
static bool
is_assignment(const struct sql *sql, int place)
{
    static const char *const ends[] = {"where", "from", "select", "values", "returning", NULL};
    int name = place - 2;
    if (!sql_is(sql, place - 1, "=") || !sql_is_name(sql, name) ||
        !(sql_is(sql, name - 1, "set") || sql_is(sql, name - 1, ",")))
        return false;
    for (int i = name - 1; i >= 0; i--) {
        if (sql_is(sql, i, "set"))
            return true;
        if (is_one_of(sql, i, ends))
            return false;
    }
    return false;
}

/* The opening parenthesis around a place, -1 for none. */
static int
enclosing(const struct sql *sql, int place)
{
    int depth = 0;
    for (int i = place - 1; i >= 0; i--) {
        if (sql_is(sql, i, ")"))
            depth++;
        else if (sql_is(sql, i, "(") && depth-- == 0)
            return i;
    }
    return -1;
}

/* :p inside `column IN (…)`, and inside `column BETWEEN :a AND :b`. */
static void
guess_list(const struct subject *subject, int place, struct guess *guess)
{
    const struct sql *sql = &subject->tokens;
    int open = enclosing(sql, place);
    bool alone = (sql_is(sql, place - 1, "(") || sql_is(sql, place - 1, ",")) &&
                 (sql_is(sql, place + 1, ")") || sql_is(sql, place + 1, ","));
    if (alone && sql_is(sql, open - 1, "in"))
        add_guess(guess, column_before(subject, guess,
                                       sql_is(sql, open - 2, "not") ? open - 2 : open - 1));
    int between = place - 1;
    if (sql_is(sql, between, "and") && sql_is(sql, between - 2, "between"))
        between -= 2;
    if (sql_is(sql, between, "between") &&
        (ends_operand(sql, place + 1) || sql_is(sql, place + 1, "and")))
        add_guess(guess, column_before(subject, guess,
                                       sql_is(sql, between - 1, "not") ? between - 1 : between));
}

/* The columns that an INSERT names, by their place in its list; NULL when there is no list. */
static const struct column *
inserted_column(const struct subject *subject, int into, guint item)
{
    const struct sql *sql = &subject->tokens;
    const struct table *table = infer_table(subject->infer->model, sql_name(sql, into + 1),
                                            sql_name(sql, into + 3));
    int list = into + 4;
    if (sql_is(sql, list, "as"))
        list += 2;
    if (table == NULL)
        return NULL;
    if (!sql_is(sql, list, "("))
        return item < table->columns->len ? g_ptr_array_index(table->columns, item) : NULL;
    GArray *names = shape_arguments(sql, list);
    const struct column *column = NULL;
    if (item < names->len)
        column = infer_column(table, sql_name(sql, g_array_index(names, struct range, item).from));
    g_array_unref(names);
    return column;
}

/* Which of the ranges is this one token; their number for none. */
static guint
place_among(const GArray *ranges, int place)
{
    guint i = 0;
    for (; i < ranges->len; i++) {
        const struct range *range = &g_array_index(ranges, struct range, i);
        if (range->from == place && range->to == place + 1)
            break;
    }
    return i;
}

static void
guess_column(const struct column *column, struct guess *guess)
{
    add_guess(guess, type_of(column));
    guess->can_be_null = guess->can_be_null || (column != NULL && !column->not_null);
}

/* INSERT INTO database.t (…) VALUES (…, :p, …), or SELECT …, :p, … */
static void
guess_insert(const struct subject *subject, int place, struct guess *guess)
{
    const struct sql *sql = &subject->tokens;
    int into = shape_verb(sql);
    int open = enclosing(sql, place);
    GArray *values = NULL;
    if (!sql_is(sql, into, "insert") && !sql_is(sql, into, "replace"))
        return;
    while (into < place && !sql_is(sql, into, "into"))
        into++;
    if (into == place || !sql_is(sql, into + 2, "."))
        return;
    if (open > into && (sql_is(sql, open - 1, "values") ||
                        (sql_is(sql, open - 1, ",") && sql_is(sql, open - 2, ")"))))
        values = shape_arguments(sql, open);
    if (values != NULL) {
        guint item = place_among(values, place);
        if (item < values->len)
            guess_column(inserted_column(subject, into, item), guess);
        g_array_unref(values);
    }
}

static void
guess_place(const struct subject *subject, int place, struct guess *guess)
{
    const struct sql *sql = &subject->tokens;
    int end = compared_end(sql, place);
    if (sql_is(sql, place + 1, "is") &&
        (sql_is(sql, place + 2, "null") ||
         (sql_is(sql, place + 2, "not") && sql_is(sql, place + 3, "null"))))
        guess->can_be_null = true;
    if (sql_is(sql, place - 1, "limit") || sql_is(sql, place - 1, "offset"))
        add_guess(guess, infer_plain(TYPE_INTEGER, true));
    if (sql_is(sql, place - 1, "match"))
        add_guess(guess, infer_plain(TYPE_TEXT, true));
    if (is_assignment(sql, place) && ends_operand(sql, place + 1)) {
        struct inferred type = column_before(subject, guess, place - 1);
        add_guess(guess, type);
        guess->can_be_null = guess->can_be_null || (type.type != TYPE_UNKNOWN && !type.not_null);
    } else if (end >= 0 && ends_operand(sql, place + 1)) {
        struct inferred type = column_before(subject, guess, end);
        bool finds_null = sql_is(sql, place - 1, "is") || sql_is(sql, place - 2, "is");
        add_guess(guess, type);
        guess->can_be_null = guess->can_be_null ||
                             (finds_null && type.type != TYPE_UNKNOWN && !type.not_null);
    }
    if (begins_operand(sql, place) && is_one_of(sql, place + 1, comparisons))
        add_guess(guess,
                  column_after(subject, guess, place + (sql_is(sql, place + 2, "not") ? 3 : 2)));
    guess_list(subject, place, guess);
    guess_insert(subject, place, guess);
}

/* ---- one parameter ---- */

/* The type of the columns with the parameter's name among those that are read or written. */
static void
guess_by_name(const struct subject *subject, const char *name, struct guess *guess)
{
    FOR_EACH(struct touched, touched, subject->touched) {
        const struct table *table = infer_table(subject->infer->model, touched->database,
                                                touched->table);
        if (table != NULL && (touched->writes || strcmp(touched->column, name) == 0))
            add_guess(guess, type_of(infer_column(table, name)));
    }
}

static void
report_unknown(const struct subject *subject, const char *name, struct location at, bool differs)
{
    diag_error(subject->infer->diag, RULE_QUERY_PARAMETER_TYPE, at,
               differs ? "':%s' stands where two types are meant"
                       : "the type of ':%s' is not known",
               name);
    diag_note(subject->infer->diag, (struct location){0},
              "say it above the statement: '-- :%s TYPE'; the types are " INFER_TYPE_WORDS, name);
}

static bool
is_array(const struct subject *subject, int place)
{
    const struct token *token = sql_token(&subject->tokens, place);
    return strncmp(subject->text->sql + token->offset + token->length, "...", 3) == 0;
}

static void
add_parameter(const struct subject *subject, const char *name, GPtrArray *parameters,
              struct table *owner)
{
    const struct sql *sql = &subject->tokens;
    const struct annotation *annotation = subject_annotation(subject, true, name);
    struct guess guess = {.differs = false};
    struct parameter *parameter = ARENA_NEW(struct parameter);
    for (int i = 0; i < sql_count(sql); i++) {
        const struct token *token = sql_token(sql, i);
        if (token->kind != TOKEN_PARAMETER || strlen(name) + 1 != token->length ||
            memcmp(sql->text + token->offset + 1, name, strlen(name)) != 0)
            continue;
        if (parameter->at.source == NULL)
            parameter->at = subject_at(subject, i);
        parameter->is_array = parameter->is_array || is_array(subject, i);
        guess_place(subject, i, &guess);
    }
    if (guess.type.type == TYPE_UNKNOWN && !guess.derived)
        guess_by_name(subject, name, &guess);
    bool null = guess.can_be_null && !parameter->is_array;
    if (annotation != NULL)
        guess = (struct guess){
            .type = {annotation->type, annotation->enumeration, true, annotation->distinct}};
    if (annotation != NULL && annotation->says_null)
        null = annotation->nullable;
    if (guess.differs || guess.type.type == TYPE_UNKNOWN) {
        report_unknown(subject, name, parameter->at, guess.differs);
        return;
    }
    guess.type.not_null = !null;
    parameter->column = infer_add_column(owner, name, guess.type);
    g_ptr_array_add(parameters, parameter);
}

void
infer_parameters(struct subject *subject, GPtrArray *parameters)
{
    struct table *owner = infer_row(subject->database, NULL, subject->name, NULL);
    for (int i = 1; i <= sqlite3_bind_parameter_count(subject->prepared); i++) {
        const char *name = sqlite3_bind_parameter_name(subject->prepared, i);
        add_parameter(subject, arena_string(name + 1), parameters, owner);
    }
}
