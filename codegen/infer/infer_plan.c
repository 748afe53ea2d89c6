/* infer_plan.c: how SQLite finds the rows of a query. The lines of EXPLAIN QUERY PLAN enter; what
 * leaves is one line for each table, with the index it is found by, for people to review, and the
 * tables that are read from end to end. The wording is our own and the order that of names, because
 * SQLite's change from version to version. */
#include "infer.h"

#include "common/arena.h"

#include <string.h>

/* A line of the plan, "SEARCH d USING INDEX i (a=? AND b>?)", in its parts; NULL for what it has
 * not. */
struct step {
    bool is_scan;
    const char *name;  /* of the table, as the statement calls it */
    const char *index; /* "" for one that is made for the query */
    const char *terms; /* "(a=? AND b>?)" */
    bool is_key;
};

static const char *
word_at(const char *text)
{
    return arena_string_n(text, strcspn(text, " "));
}

/* What stands behind USING. */
static void
read_index(const char *using, struct step *step)
{
    const char *index = strstr(using, "INDEX ");
    const char *terms = strchr(using, '(');
    if (terms != NULL)
        step->terms = arena_string_n(terms, strcspn(terms, ")") + 1);
    if (index != NULL && (terms == NULL || index < terms))
        step->index = g_str_has_prefix(using, "AUTOMATIC") ? "" : word_at(index + 6);
    step->is_key = step->index == NULL ? g_strrstr(using, "PRIMARY KEY") != NULL
                                       : g_str_has_prefix(step->index, "sqlite_autoindex_");
}

/* Returns false for a line that is about no table. */
static bool
read_step(const char *detail, struct step *step)
{
    *step = (struct step){.is_scan = g_str_has_prefix(detail, "SCAN ")};
    if (!step->is_scan && !g_str_has_prefix(detail, "SEARCH "))
        return false;
    const char *name = strchr(detail, ' ') + 1;
    if (g_str_has_prefix(name, "TABLE "))
        name += strlen("TABLE ");
    step->name = word_at(name);
    const char *using = strstr(name, " USING ");
    if (using != NULL)
        read_index(using + strlen(" USING "), step);
    else if (strstr(name, " VIRTUAL TABLE") != NULL)
        step->index = "full text";
    return true;
}

/* The plan calls a table by its alias; some versions of SQLite add its database, or leave the alias
 * out. NULL for what is no table: a subquery. */
static const struct alias *
find_alias(const struct subject *subject, const char *name)
{
    FOR_EACH(struct alias, alias, subject->aliases) {
        const char *own = alias->table == NULL ? alias->name : alias->table->name;
        const char *full = arena_printf("%s.%s", alias->database, own);
        if (g_ascii_strcasecmp(alias->name, name) == 0 || g_ascii_strcasecmp(full, name) == 0 ||
            g_ascii_strcasecmp(own, name) == 0)
            return alias;
    }
    return NULL;
}

/* Of what stands in a view the statement has no alias; the names of common tables, and those that a
 * view gives to its tables, stay as they are. */
static const char *
step_table(const struct subject *subject, const struct alias *alias, const char *name)
{
    if (alias != NULL)
        return arena_printf("%s.%s", alias->database,
                            alias->table == NULL ? alias->name : alias->table->name);
    FOR_EACH(struct touched, touched, subject->touched)
        if (g_ascii_strcasecmp(touched->table, name) == 0)
            return arena_printf("%s.%s", touched->database, touched->table);
    return name;
}

/* "catalog.documents by documents_by_parent_id (parent_id=?)" */
static const char *
step_text(const struct step *step, const char *table)
{
    if (step->is_scan && step->index == NULL)
        return arena_printf("%s whole", table);
    if (step->is_key)
        return arena_printf(step->is_scan ? "%s whole, by its key" : "%s by its key", table);
    if (step->index != NULL && *step->index == '\0')
        return arena_printf("%s by an index that is made each time %s", table, step->terms);
    return arena_printf(
        "%s %s%s%s%s", table,
        step->is_scan && step->terms == NULL && strcmp(step->index, "full text") != 0 ? "whole, by "
                                                                                      : "by ",
        step->index == NULL ? "its key" : step->index, step->terms == NULL ? "" : " ",
        step->terms == NULL ? "" : step->terms);
}

static int
compare_texts(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void
add_line(GPtrArray *lines, const char *line)
{
    if (!g_ptr_array_find_with_equal_func(lines, line, g_str_equal, NULL))
        g_ptr_array_add(lines, (char *)line);
}

static GPtrArray *
explain(const struct subject *subject)
{
    GPtrArray *details = arena_list();
    char *sql = g_strconcat("EXPLAIN QUERY PLAN ", subject->sql, NULL);
    sqlite3_stmt *plan = subject_prepare(subject, sql);
    while (plan != NULL && sqlite3_step(plan) == SQLITE_ROW)
        g_ptr_array_add(details, arena_string((const char *)sqlite3_column_text(plan, 3)));
    sqlite3_finalize(plan);
    g_free(sql);
    return details;
}

void
infer_plan(const struct subject *subject, struct query *query)
{
    static const char sort[] = "USE TEMP B-TREE FOR ";
    GPtrArray *details = explain(subject), *sorts = arena_list();
    query->plan = arena_list();
    FOR_EACH(const char, line, details)
        if (g_str_has_prefix(line, sort))
            add_line(sorts, arena_printf("sorts for %s", line + strlen(sort)));
    FOR_EACH(const char, detail, details) {
        struct step step;
        if (!read_step(detail, &step))
            continue;
        if (*step.name == '(')
            continue; /* a subquery, whose own steps are there too */
        const struct alias *alias = find_alias(subject, step.name);
        const char *table = step_table(subject, alias, step.name);
        /* a limited read along an index ends early */
        bool ends = subject->shape.has_limit && sorts->len == 0 &&
                    (step.index != NULL || step.is_key);
        if (step.is_scan && alias != NULL && alias->table != NULL && !ends)
            g_ptr_array_add(query->scans, (char *)table);
        add_line(query->plan, step_text(&step, table));
    }
    g_ptr_array_sort(query->plan, compare_texts);
    FOR_EACH(char, line_of_sort, sorts)
        g_ptr_array_add(query->plan, line_of_sort);
}
