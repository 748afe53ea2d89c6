/* review_text.c: a review for a terminal, and the words that all forms share. */
#include "review_write.h"

#include "common/arena.h"
#include "find.h"

#include <stdio.h>
#include <string.h>

/* ---- changes in words ---- */

static const char *
name_of(const struct change *change)
{
    const char *object = change_object(change);
    const char *dot = strchr(object, '.');
    return dot == NULL ? object : dot + 1;
}

static const char *
shown(const char *text)
{
    return text == NULL ? "none" : text;
}

static const char *
column_text(const struct change *change, const char *name)
{
    const struct snapshot_column *was = change->old_column, *is = change->new_column;
    switch (change->kind) {
    case CHANGE_COLUMN_ADDED:
        return arena_printf("column `%s` added: %s%s", name, is->type,
                            is->not_null ? " NOT NULL" : "");
    case CHANGE_COLUMN_DROPPED: return arena_printf("column `%s` dropped", name);
    case CHANGE_COLUMN_RENAMED:
        return arena_printf("column `%s` renamed from `%s`", name, was->name);
    case CHANGE_COLUMN_TYPE: return arena_printf("`%s`: %s becomes %s", name, was->type, is->type);
    case CHANGE_COLUMN_NULL:
        return arena_printf("`%s`: %s", name, is->not_null ? "NOT NULL added" : "NULL allowed");
    case CHANGE_COLUMN_DEFAULT:
        return arena_printf("`%s`: default `%s` becomes `%s`", name, shown(was->default_sql),
                            shown(is->default_sql));
    case CHANGE_COLUMN_COLLATION:
        return arena_printf("`%s`: collation %s becomes %s", name, was->collation, is->collation);
    case CHANGE_COLUMN_GENERATED: return arena_printf("`%s`: generated in another way", name);
    case CHANGE_LABEL_ADDED: return arena_printf("`%s`: label `%s` added", name, change->label);
    case CHANGE_LABEL_REMOVED: return arena_printf("`%s`: label `%s` removed", name, change->label);
    case CHANGE_LENGTH: {
        const char *old = change->old_check == NULL ? "any length"
                                                    : arena_printf("length %" G_GINT64_FORMAT,
                                                                   change->old_check->max_length);
        const char *now = change->new_check == NULL ? "any length"
                                                    : arena_printf("length %" G_GINT64_FORMAT,
                                                                   change->new_check->max_length);
        return arena_printf("`%s`: %s becomes %s", name, old, now);
    }
    default: return NULL;
    }
}

const char *
review_change_text(const struct change *change)
{
    const char *name = name_of(change);
    const char *text = column_text(change, name);
    if (text != NULL)
        return text;
    switch (change->kind) {
    case CHANGE_TABLE_RENAMED:
        return arena_printf("table `%s` renamed from `%s`", name, change->old_table->name);
    case CHANGE_TABLE_MOVED:
        return arena_printf("table `%s` moved here from `%s`", name,
                            change->old_snapshot->database);
    case CHANGE_DATABASE_RENAMED:
        return arena_printf("database `%s` renamed from `%s`", name,
                            change->old_snapshot->database);
    case CHANGE_CHECK_ADDED:
        return arena_printf("`%s`: CHECK `%s` added", name, change->new_check->sql);
    case CHANGE_CHECK_DROPPED:
        return arena_printf("`%s`: CHECK `%s` dropped", name, change->old_check->sql);
    case CHANGE_STRICT:
        return arena_printf("table `%s`: %s", name,
                            change->new_table->strict ? "STRICT" : "not STRICT any more");
    case CHANGE_WITHOUT_ROWID:
        return arena_printf("table `%s`: %s", name,
                            change->new_table->without_rowid ? "WITHOUT ROWID" : "with rowids");
    case CHANGE_PRIMARY_KEY: return arena_printf("primary key of `%s` changed", name);
    case CHANGE_VIRTUAL_ADDED: return arena_printf("full-text index `%s` added", name);
    case CHANGE_VIRTUAL_DROPPED: return arena_printf("full-text index `%s` dropped", name);
    case CHANGE_VIRTUAL_CHANGED: return arena_printf("full-text index `%s` changed", name);
    case CHANGE_COLUMN_ORDER: return arena_printf("columns of `%s` in another order", name);
    case CHANGE_FOREIGN_KEY_ACTION: return arena_printf("foreign key `%s`: other actions", name);
    case CHANGE_AUTOINCREMENT:
        return arena_printf("table `%s`: %s", name,
                            change->new_table->autoincrement ? "AUTOINCREMENT"
                                                             : "no AUTOINCREMENT any more");
    default: break;
    }
    const char *kind = change_kind_name(change->kind);
    const char *dash = strrchr(kind, '-');
    char *words = g_strdelimit(g_strdup(kind), "-", ' ');
    const char *what = dash == NULL ? words : arena_string_n(words, (gsize)(dash - kind));
    text = dash == NULL ? arena_printf("`%s`: %s changed", name, what)
                        : arena_printf("%s `%s` %s", what, name, dash + 1);
    g_free(words);
    return text;
}

/* ---- counts ---- */

static void
append_count(GString *text, guint count, const char *one, const char *many)
{
    if (count > 0)
        g_string_append_printf(text, "%s%u %s", text->len == 0 ? "" : ", ", count,
                               count == 1 ? one : many);
}

const char *
review_counts(const struct review *review, const char *database)
{
    GString *text = g_string_new(NULL);
    append_count(text, review_count(review, database, LEVEL_ERROR), "blocking", "blocking");
    append_count(text, review_count(review, database, LEVEL_WARNING), "warning", "warnings");
    append_count(text, review_count(review, database, LEVEL_NOTE), "to know", "to know");
    const char *copy = text->len == 0 ? "nothing to say" : arena_string_n(text->str, text->len);
    g_string_free(text, TRUE);
    return copy;
}

/* ---- the terminal ---- */

static void
write_finding(const struct finding *finding, GString *out)
{
    g_string_append_printf(out, "%s:%u:%u: %s: %s [%s]\n", finding->place.path, finding->place.line,
                           MAX(1, finding->place.column),
                           finding->accepted != NULL ? "accepted" : level_name(finding->severity),
                           finding->text, finding_rules[finding->id].name);
    if (finding->accepted != NULL) {
        g_string_append_printf(out, "  because: %s\n", finding->accepted);
        return;
    }
    if (finding->help != NULL)
        g_string_append_printf(out, "  help: %s\n", finding->help);
    if (finding->rows > 0) {
        g_string_append_printf(out, "  rows: %" G_GINT64_FORMAT ", such as", finding->rows);
        const char *separator = "";
        FOR_EACH(const char, key, finding->keys) {
            g_string_append_printf(out, "%s %s", separator, key);
            separator = ";";
        }
        g_string_append_c(out, '\n');
    } else if (finding->rows == 0) {
        g_string_append(out, "  rows: none\n");
    } else if (finding->query != NULL && finding->severity == LEVEL_ERROR) {
        g_string_append_printf(out, "  rows: %s\n", finding->query);
    }
}

void
review_write_text(const struct review *review, GString *out)
{
    g_string_append_printf(out, "%s\n", review->title);
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        if (comparison->changes->len == 0)
            continue;
        const struct snapshot *snapshot = comparison->new_snapshot == NULL
                                              ? comparison->old_snapshot
                                              : comparison->new_snapshot;
        g_string_append_printf(out, "\n%s\n", snapshot->database);
        FOR_EACH(struct change, change, comparison->changes) {
            char **parts = g_strsplit(review_change_text(change), "`", -1);
            char *plain = g_strjoinv("", parts);
            g_string_append_printf(out, "  %s\n", plain);
            g_free(plain);
            g_strfreev(parts);
        }
    }
    if (review->findings->len > 0)
        g_string_append_c(out, '\n');
    FOR_EACH(struct finding, finding, review->findings)
        write_finding(finding, out);
    g_string_append_printf(out, "\n%s\n", review_counts(review, NULL));
}

/* ---- the forms ---- */

const struct review_format *
review_find_format(const char *name)
{
    static const struct review_format formats[] = {
        {"text", review_write_text},   {"markdown", review_write_markdown},
        {"json", review_write_json},   {"github", review_write_github},
        {"sarif", review_write_sarif},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    fprintf(stderr, "cleat: there is no format '%s'\n", name);
    return NULL;
}

int
review_least_failure(const char *name)
{
    static const char *const names[] = {"note", "warning", "error", "never"};
    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fprintf(stderr, "cleat: --fail-on takes error, warning, note or never, not '%s'\n", name);
    return -1;
}
