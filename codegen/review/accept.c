/* accept.c: findings that somebody has accepted. `.cleat-accepted` at the top of a project has one a
 * line: `rule object: reason`, or with an end, `rule object until 2027-01-31: reason`. An
 * acceptance is for one rule and one object; what it accepts no more is a finding itself. */
#include "find.h"

#include "common/arena.h"

#include <string.h>

#define ACCEPTED ".cleat-accepted"

struct acceptance {
    const char *rule;
    const char *object;
    const char *until; /* NULL: for ever */
    const char *reason;
    unsigned line;
    bool used;
};

static bool
is_date(const char *text)
{
    static const char form[] = "0000-00-00";
    for (gsize i = 0; i < sizeof form; i++)
        if (form[i] == '0' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
            return false;
    return true;
}

/* NULL when the line is of another form. */
static struct acceptance *
parse_line(const char *line, unsigned number)
{
    const char *colon = strstr(line, ": ");
    if (colon == NULL)
        return NULL;
    char *head = g_strndup(line, (gsize)(colon - line));
    char **words = g_strsplit_set(g_strstrip(head), " \t", -1);
    guint count = g_strv_length(words);
    struct acceptance *acceptance = NULL;
    bool ends = count == 4 && strcmp(words[2], "until") == 0 && is_date(words[3]);
    if ((count == 2 || ends) && finding_rule_find(words[0]) != NULL) {
        acceptance = ARENA_NEW(struct acceptance);
        acceptance->rule = arena_string(words[0]);
        acceptance->object = arena_string(words[1]);
        acceptance->until = ends ? arena_string(words[3]) : NULL;
        acceptance->reason = arena_string(colon + 2 + strspn(colon + 2, " "));
        acceptance->line = number;
    }
    g_strfreev(words);
    g_free(head);
    return acceptance != NULL && *acceptance->reason == '\0' ? NULL : acceptance;
}

static GPtrArray *
parse_file(struct review *review, const char *text)
{
    GPtrArray *acceptances = arena_list();
    char **lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        if (*line == '\0' || *line == '#')
            continue;
        struct acceptance *acceptance = parse_line(line, i + 1);
        if (acceptance != NULL)
            g_ptr_array_add(acceptances, acceptance);
        else
            review_report_at(review, FINDING_ACCEPTANCE_FORM, "", ACCEPTED,
                             (struct place){ACCEPTED, i + 1, 1}, "this line accepts nothing")
                ->help = "write: rule object: reason";
    }
    g_strfreev(lines);
    return acceptances;
}

static bool
is_over(const struct acceptance *acceptance, const char *today)
{
    return acceptance->until != NULL && strcmp(acceptance->until, today) < 0;
}

static void
accept_findings(struct review *review, struct acceptance *acceptance, const char *today)
{
    FOR_EACH(struct finding, finding, review->findings) {
        if (strcmp(finding_rules[finding->id].name, acceptance->rule) != 0 ||
            strcmp(finding->object, acceptance->object) != 0)
            continue;
        acceptance->used = true;
        if (!is_over(acceptance, today))
            finding->accepted = acceptance->reason;
    }
}

static void
report_ends(struct review *review, const struct acceptance *acceptance, const char *today)
{
    struct place place = {ACCEPTED, acceptance->line, 1};
    if (!acceptance->used)
        review_report_at(review, FINDING_ACCEPTANCE_STALE, "", acceptance->object, place,
                         "nothing is found any more that '%s %s' accepts", acceptance->rule,
                         acceptance->object)
            ->help = "remove the line";
    else if (is_over(acceptance, today))
        review_report_at(review, FINDING_ACCEPTANCE_EXPIRED, "", acceptance->object, place,
                         "'%s %s' was accepted until %s", acceptance->rule, acceptance->object,
                         acceptance->until);
}

void
review_accept(struct review *review, const char *today)
{
    const char *text = review->new_side == NULL ? NULL : side_text(review->new_side, ACCEPTED);
    if (text == NULL)
        return;
    GPtrArray *acceptances = parse_file(review, text);
    FOR_EACH(struct acceptance, acceptance, acceptances)
        accept_findings(review, acceptance, today);
    FOR_EACH(struct acceptance, acceptance, acceptances)
        report_ends(review, acceptance, today);
}
