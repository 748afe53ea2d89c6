/* finding.c: what rules are about, and findings as they are reported: each at the place of its object,
 * and counted, and in the order in which people want to read them. */
#include "finding.h"

#include "common/arena.h"

#include <stdarg.h>
#include <string.h>

const struct finding_rule finding_rules[FINDING_COUNT] = {
#define FINDING(id, name, class, severity, find, explanation)                                      \
    {name, CLASS_##class, LEVEL_##severity, explanation},
#include "findings.def"
#undef FINDING
};

const struct finding_rule *
finding_rule_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(finding_rules); i++)
        if (strcmp(finding_rules[i].name, name) == 0)
            return &finding_rules[i];
    return NULL;
}

const char *
level_name(enum level severity)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[severity];
}

const char *finding_class_name(enum finding_class class)
{
    static const char *const names[] = {"DATA",    "ROLLING", "API",     "REBUILD",
                                        "HISTORY", "DRIFT",   "ADVISORY"};
    return names[class];
}

/* ---- places ---- */

static const char *
part_name(const struct change *change, bool is_new)
{
    const struct snapshot_column *column = is_new ? change->new_column : change->old_column;
    const struct snapshot_index *index = is_new ? change->new_index : change->old_index;
    const struct snapshot_foreign_key *key = is_new ? change->new_foreign_key
                                                    : change->old_foreign_key;
    const struct snapshot_check *check = is_new ? change->new_check : change->old_check;
    if (column != NULL)
        return column->name;
    if (index != NULL)
        return index->name;
    if (key != NULL)
        return arena_printf("(%s)", (const char *)g_ptr_array_index(key->columns, 0));
    return check == NULL ? NULL : check->sql;
}

static unsigned
snapshot_line(const struct change *change, bool is_new)
{
    const struct snapshot_table *table = is_new ? change->new_table : change->old_table;
    const struct snapshot_column *column = is_new ? change->new_column : change->old_column;
    const struct snapshot_index *index = is_new ? change->new_index : change->old_index;
    const struct snapshot_foreign_key *key = is_new ? change->new_foreign_key
                                                    : change->old_foreign_key;
    const struct snapshot_check *check = is_new ? change->new_check : change->old_check;
    const struct snapshot_view *view = is_new ? change->new_view : change->old_view;
    const struct snapshot_trigger *trigger = is_new ? change->new_trigger : change->old_trigger;
    return trigger != NULL  ? trigger->line
           : view != NULL   ? view->line
           : check != NULL  ? check->line
           : index != NULL  ? index->line
           : key != NULL    ? key->line
           : column != NULL ? column->line
           : table != NULL  ? table->line
                            : 1;
}

static struct place
place_in(const struct side *side, const struct change *change, bool is_new)
{
    const struct snapshot *snapshot = is_new ? change->new_snapshot : change->old_snapshot;
    const struct snapshot_table *table = is_new ? change->new_table : change->old_table;
    const struct snapshot_view *view = is_new ? change->new_view : change->old_view;
    const struct snapshot_trigger *trigger = is_new ? change->new_trigger : change->old_trigger;
    struct place place = {0};
    if (snapshot == NULL)
        return place;
    if (view != NULL || trigger != NULL)
        place = side_object_place(side, view != NULL ? view->name : trigger->name);
    if (place.path == NULL && table != NULL)
        place = side_place(side, snapshot->database, table->name, part_name(change, is_new));
    if (place.path == NULL)
        place = (struct place){snapshot->path, MAX(1, snapshot_line(change, is_new)), 1};
    return place;
}

/* The new side's line; what is gone is shown where its table, or else its file, is. */
static struct place
place_of(const struct review *review, const struct change *change)
{
    bool is_new = change->new_table != NULL || change->new_view != NULL ||
                  change->new_trigger != NULL || change->old_snapshot == NULL ||
                  (change->old_table == NULL && change->old_view == NULL &&
                   change->old_trigger == NULL && change->new_snapshot != NULL);
    const struct side *side = is_new ? review->new_side : review->old_side;
    struct place place = place_in(side, change, is_new);
    if (is_new || side == NULL || review->new_side == NULL ||
        side_text(review->new_side, place.path) == NULL)
        return place;
    return (struct place){place.path, 1, 1};
}

/* ---- reporting ---- */

static struct finding *
new_finding(struct review *review, enum finding_id id, const char *text)
{
    struct finding *finding = ARENA_NEW(struct finding);
    finding->id = id;
    finding->severity = finding_rules[id].severity;
    finding->text = text;
    finding->rows = -1;
    g_ptr_array_add(review->findings, finding);
    return finding;
}

struct finding *
review_report(struct review *review, enum finding_id id, const struct change *change,
              const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    struct finding *finding = new_finding(review, id, arena_string(text));
    g_free(text);
    finding->change = change;
    finding->database =
        (change->new_snapshot == NULL ? change->old_snapshot : change->new_snapshot)->database;
    finding->object = change->label == NULL
                          ? change_object(change)
                          : arena_printf("%s.%s", change_object(change), change->label);
    finding->place = place_of(review, change);
    return finding;
}

struct finding *
review_report_at(struct review *review, enum finding_id id, const char *database,
                 const char *object, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    struct finding *finding = new_finding(review, id, arena_string(text));
    g_free(text);
    finding->database = database;
    finding->object = object;
    finding->place = place;
    return finding;
}

/* ---- order and counts ---- */

static int
compare_findings(gconstpointer left, gconstpointer right)
{
    const struct finding *l = *(const struct finding *const *)left;
    const struct finding *r = *(const struct finding *const *)right;
    if ((l->accepted == NULL) != (r->accepted == NULL))
        return l->accepted == NULL ? -1 : 1;
    if (l->severity != r->severity)
        return l->severity > r->severity ? -1 : 1;
    int order = strcmp(l->database, r->database);
    if (order == 0)
        order = g_strcmp0(l->place.path, r->place.path);
    if (order == 0)
        order = (l->place.line > r->place.line) - (l->place.line < r->place.line);
    if (order == 0)
        order = (l->id > r->id) - (l->id < r->id);
    return order != 0 ? order : strcmp(l->text, r->text);
}

void
review_sort(struct review *review)
{
    g_ptr_array_sort(review->findings, compare_findings);
}

int
review_worst(const struct review *review)
{
    int worst = -1;
    FOR_EACH(struct finding, finding, review->findings)
        if (finding->accepted == NULL)
            worst = MAX(worst, (int)finding->severity);
    return worst;
}

guint
review_count(const struct review *review, const char *database, enum level severity)
{
    guint count = 0;
    FOR_EACH(struct finding, finding, review->findings)
        count += finding->accepted == NULL && finding->severity == severity &&
                 (database == NULL || strcmp(finding->database, database) == 0);
    return count;
}
