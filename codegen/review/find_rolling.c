/* find_rolling.c: the rules of class ROLLING, where the old program meets the new file, and what is
 * only to be known about indexes, views and order. */
#include "find.h"

#include "common/arena.h"

#include <string.h>

/* ---- the old program ---- */

void
find_required_column_added(struct review *review, const struct change *change)
{
    const struct snapshot_column *column = change->new_column;
    if (change->kind == CHANGE_COLUMN_ADDED && column->not_null && column->default_sql == NULL &&
        column->generated == GENERATED_NOT)
        review_report(review, FINDING_REQUIRED_COLUMN_ADDED, change,
                      "the old program cannot insert into '%s': it does not know '%s'",
                      change->new_table->name, column->name);
}

void
find_gone_for_old(struct review *review, const struct change *change)
{
    const char *what = NULL;
    switch (change->kind) {
    case CHANGE_TABLE_DROPPED:
    case CHANGE_TABLE_MOVED:
    case CHANGE_TABLE_RENAMED: what = arena_printf("table '%s'", change->old_table->name); break;
    case CHANGE_COLUMN_DROPPED:
    case CHANGE_COLUMN_RENAMED: what = arena_printf("column '%s'", find_old_name(change)); break;
    case CHANGE_VIEW_DROPPED: what = arena_printf("view '%s'", change->old_view->name); break;
    case CHANGE_VIRTUAL_DROPPED:
        what = arena_printf("full-text index '%s'", change->old_table->name);
        break;
    default: return;
    }
    review_report(review, FINDING_GONE_FOR_OLD, change, "the old program fails where it uses %s",
                  what)
        ->help = "in two steps: first a version that no longer uses it, then one without it";
}

void
find_enum_label_added(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_LABEL_ADDED)
        review_report(review, FINDING_ENUM_LABEL_ADDED, change,
                      "the old program has no constant for label '%s' of '%s'", change->label,
                      find_new_name(change));
}

static bool
is_longer(const struct change *change)
{
    return change->new_check == NULL ||
           (change->old_check != NULL &&
            change->old_check->max_length < change->new_check->max_length);
}

void
find_constraint_added_for_old(struct review *review, const struct change *change)
{
    const char *rule = NULL;
    switch (change->kind) {
    case CHANGE_COLUMN_NULL: rule = change->new_column->not_null ? "NOT NULL" : NULL; break;
    case CHANGE_CHECK_ADDED: rule = "a CHECK"; break;
    case CHANGE_LENGTH: rule = is_longer(change) ? NULL : "a length"; break;
    case CHANGE_LABEL_REMOVED: rule = arena_printf("no label '%s'", change->label); break;
    case CHANGE_UNIQUE_ADDED: rule = "UNIQUE"; break;
    case CHANGE_INDEX_ADDED:
    case CHANGE_INDEX_CHANGED: rule = change->new_index->unique ? "UNIQUE" : NULL; break;
    case CHANGE_FOREIGN_KEY_ADDED: rule = "a foreign key"; break;
    case CHANGE_STRICT: rule = change->new_table->strict ? "STRICT" : NULL; break;
    default: break;
    }
    if (rule != NULL)
        review_report(review, FINDING_CONSTRAINT_ADDED_FOR_OLD, change,
                      "the old program does not know that '%s' has %s", find_new_name(change),
                      rule);
}

void
find_default_changed(struct review *review, const struct change *change)
{
    if (change->kind != CHANGE_COLUMN_DEFAULT)
        return;
    const char *was = change->old_column->default_sql, *is = change->new_column->default_sql;
    review_report(review, FINDING_DEFAULT_CHANGED, change,
                  "the default of '%s' changes from %s to %s: rows keep what they have",
                  find_new_name(change), was == NULL ? "none" : was, is == NULL ? "none" : is);
}

/* ---- to know ---- */

void
find_index_changed(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_INDEX_CHANGED)
        review_report(review, FINDING_INDEX_CHANGED, change,
                      "index '%s' is another one: queries may be planned in another way",
                      change->new_index->name);
    if (change->kind == CHANGE_INDEX_RENAMED)
        review_report(review, FINDING_INDEX_CHANGED, change, "index '%s' is called '%s' now",
                      change->old_index->name, change->new_index->name);
}

void
find_index_dropped(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_INDEX_DROPPED)
        review_report(review, FINDING_INDEX_DROPPED, change,
                      "index '%s' is gone: queries that used it read the whole of '%s'",
                      change->old_index->name, change->new_table->name);
}

void
find_index_added(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_INDEX_ADDED)
        review_report(review, FINDING_INDEX_ADDED, change,
                      "index '%s' is new: building it reads the whole of '%s'",
                      change->new_index->name, change->new_table->name);
}

void
find_view_changed(struct review *review, const struct change *change)
{
    const char *what = NULL;
    switch (change->kind) {
    case CHANGE_VIEW_ADDED: what = "view '%s' is new"; break;
    case CHANGE_VIEW_CHANGED: what = "view '%s' says something else"; break;
    case CHANGE_TRIGGER_ADDED: what = "trigger '%s' is new"; break;
    case CHANGE_TRIGGER_DROPPED: what = "trigger '%s' is gone"; break;
    case CHANGE_TRIGGER_CHANGED: what = "trigger '%s' does something else"; break;
    case CHANGE_VIRTUAL_ADDED:
        what = "full-text index '%s' is new: filling it reads every row";
        break;
    case CHANGE_VIRTUAL_CHANGED: what = "full-text index '%s' changes: it is filled anew"; break;
    default: return;
    }
    const char *name = change->new_view != NULL      ? change->new_view->name
                       : change->new_trigger != NULL ? change->new_trigger->name
                       : change->old_trigger != NULL ? change->old_trigger->name
                                                     : change->new_table->name;
    char **parts = g_strsplit(what, "%s", 2);
    review_report(review, FINDING_VIEW_CHANGED, change, "%s%s%s", parts[0], name, parts[1]);
    g_strfreev(parts);
}

void
find_column_order(struct review *review, const struct change *change)
{
    if (change->kind == CHANGE_COLUMN_ORDER)
        review_report(review, FINDING_COLUMN_ORDER, change,
                      "the columns of '%s' stand in another order", change->new_table->name);
}
