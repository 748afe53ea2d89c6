/* review_markdown.c: one comment of a pull request. What a reviewer asks comes in the order in which
 * it is asked: can rows be lost or the upgrade fail, does the old program survive, which callers
 * change, what runs, how does it look. A normal change fits on one screen; texts are folded. */
#include "review_write.h"

#include "common/arena.h"
#include "common/text.h"
#include "effect.h"
#include "find.h"
#include "migrate/migrate_plan.h"

#include <glib/gstdio.h>
#include <string.h>

enum {
    MOST_ROWS = 40,  /* of changes, in all databases together */
    MOST_ITEMS = 10, /* of a list */
    MOST_DIFF_LINES = 200,
    MOST_CHARACTERS = 60000 /* GitHub takes 65,536 */
};

/* ---- the table of changes ---- */

static const char *
symbol_of(int severity)
{
    return severity == LEVEL_ERROR ? "⛔" : severity == LEVEL_WARNING ? "⚠️" : "ℹ️";
}

/* A cell holds no line end and no bar; outside of code nothing is a tag. */
static void
append_cell(GString *out, const char *text)
{
    bool is_code = false;
    for (; *text != '\0'; text++) {
        is_code = is_code != (*text == '`');
        if (*text == '|')
            g_string_append(out, "\\|");
        else if (!is_code && *text == '<')
            g_string_append(out, "&lt;");
        else if (!is_code && *text == '&')
            g_string_append(out, "&amp;");
        else
            g_string_append_c(out, g_ascii_iscntrl(*text) ? ' ' : *text);
    }
}

/* 'name' in a message becomes `name`. */
static const char *
as_code(const char *text)
{
    char *plain = g_strdup(text);
    GString *out = g_string_new(NULL);
    for (const char *at = plain; *at != '\0'; at++)
        g_string_append_c(out, *at == '\'' ? '`' : *at);
    const char *copy = arena_string_n(out->str, out->len);
    g_string_free(out, TRUE);
    g_free(plain);
    return copy;
}

static const struct finding *
worst_of(const struct review *review, const struct change *change)
{
    FOR_EACH(struct finding, finding, review->findings)
        if (finding->change == change && finding->id != FINDING_REBUILD_NEEDED)
            return finding;
    return NULL;
}

static void
append_rules(GString *out, const struct review *review, const struct change *change)
{
    const char *separator = "";
    FOR_EACH(struct finding, finding, review->findings) {
        if (finding->change != change || finding->id == FINDING_REBUILD_NEEDED)
            continue;
        g_string_append_printf(out, "%s%s", separator, finding_rules[finding->id].name);
        separator = ", ";
    }
}

static void
append_effect(GString *out, const struct finding *finding)
{
    if (finding->accepted != NULL) {
        append_cell(out, arena_printf("accepted: %s", finding->accepted));
        return;
    }
    append_cell(out, as_code(finding->text));
    if (finding->rows > 0)
        g_string_append_printf(out, " (**%" G_GINT64_FORMAT " %s**)", finding->rows,
                               finding->rows == 1 ? "row" : "rows");
    else if (finding->rows == 0)
        g_string_append(out, " (no row here)");
    if (finding->help != NULL && finding->severity == LEVEL_ERROR) {
        g_string_append(out, "; ");
        append_cell(out, as_code(finding->help));
    }
}

static void
append_row(GString *out, const struct review *review, const struct change *change)
{
    const struct finding *finding = worst_of(review, change);
    g_string_append_printf(out, "| %s | ",
                           finding == NULL             ? "✅"
                           : finding->accepted != NULL ? "☑️"
                                                       : symbol_of((int)finding->severity));
    append_cell(out, review_change_text(change));
    if (finding == NULL) {
        g_string_append(out, " | | | |\n");
        return;
    }
    g_string_append(out, " | ");
    append_cell(out, finding->place.path);
    g_string_append_printf(out, ":%u | ", finding->place.line);
    append_rules(out, review, change);
    g_string_append(out, " | ");
    append_effect(out, finding);
    g_string_append(out, " |\n");
}

/* 0 for what blocks, then warnings, notes, what is accepted and what nothing is said of. */
static int
rank_of(const struct review *review, const struct change *change)
{
    const struct finding *finding = worst_of(review, change);
    if (finding == NULL)
        return 4;
    return finding->accepted != NULL ? 3 : LEVEL_ERROR - (int)finding->severity;
}

static GPtrArray *
worst_first(const struct review *review, const GPtrArray *changes)
{
    GPtrArray *sorted = arena_list();
    for (int rank = 0; rank <= 4; rank++)
        FOR_EACH(struct change, change, changes)
            if (rank_of(review, change) == rank)
                g_ptr_array_add(sorted, change);
    return sorted;
}

/* `rows` is what is left of MOST_ROWS. */
static void
append_table(GString *out, const struct review *review, const struct comparison *comparison,
             guint *rows)
{
    GPtrArray *changes = worst_first(review, comparison->changes);
    guint shown = MIN(*rows, changes->len);
    if (shown > 0)
        g_string_append(out, "| | change | where | rule | effect |\n|-|-|-|-|-|\n");
    for (guint i = 0; i < shown; i++)
        append_row(out, review, g_ptr_array_index(changes, i));
    if (shown > 0 && shown < changes->len)
        g_string_append_printf(out, "| | and %u more changes | | | |\n", changes->len - shown);
    if (shown > 0)
        g_string_append_c(out, '\n');
    *rows -= shown;
}

/* ---- findings that belong to no single change ---- */

static bool
is_general(const struct finding *finding)
{
    enum finding_class class = finding_rules[finding->id].class;
    return finding->change == NULL && class != CLASS_API && finding->id != FINDING_NEWER_FILE &&
           !(class == CLASS_ADVISORY && finding->severity == LEVEL_NOTE);
}

static void
append_rest(GString *out, guint count)
{
    if (count > MOST_ITEMS)
        g_string_append_printf(out, "- and %u more: `cleat diff`\n", count - MOST_ITEMS);
    if (count > 0)
        g_string_append_c(out, '\n');
}

static void
append_general(GString *out, const struct review *review)
{
    guint count = 0;
    FOR_EACH(struct finding, finding, review->findings) {
        if (!is_general(finding) && finding->id != FINDING_QUERY_BROKEN)
            continue;
        if (++count > MOST_ITEMS)
            continue;
        g_string_append_printf(out, "- %s %s:%u ",
                               finding->accepted != NULL ? "☑️"
                                                         : symbol_of((int)finding->severity),
                               finding->place.path, finding->place.line);
        append_effect(out, finding);
        g_string_append_printf(out, " (%s)\n", finding_rules[finding->id].name);
    }
    append_rest(out, count);
}

/* ---- rows ---- */

static const char *
effect_text(const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_INDEX: return "an index is built";
    case EFFECT_DROP_COLUMN: return "every row is rewritten in place";
    case EFFECT_FULL_TEXT: return "the full-text index is filled";
    case EFFECT_REBUILD: return arena_printf("copied to a new table, because of %s", effect->why);
    default: return "";
    }
}

/* Where the rows of a table go that is not there any more. */
static const char *
gone_text(const struct review *review, const struct table_pair *pair)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        FOR_EACH(struct change, change, comparison->changes) {
            if (change->old_table != pair->old_table)
                continue;
            if (change->kind == CHANGE_TABLE_MOVED)
                return arena_printf("stay in the file of `%s`", change->old_snapshot->database);
            if (change->kind == CHANGE_TABLE_DROPPED)
                return change->new_snapshot == NULL ? "stay in a file that nothing opens any more"
                                                    : "**all of them are dropped**";
        }
    return NULL;
}

/* NULL when every row stays as it is. */
static const char *
rows_text(const struct review *review, const struct table_pair *pair)
{
    struct effect effect = effect_of_table(pair);
    if (pair->new_table == NULL)
        return gone_text(review, pair);
    if (pair->old_table == NULL || effect.kind == EFFECT_NONE)
        return NULL;
    return arena_printf("%s, about %.1f s for a million rows%s%s", effect_text(&effect),
                        effect.seconds, effect.help == NULL ? "" : "; ",
                        effect.help == NULL ? "" : effect.help);
}

static void
append_effects(GString *out, const struct review *review)
{
    guint count = 0;
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        FOR_EACH(struct table_pair, pair, comparison->tables) {
            const char *text = rows_text(review, pair);
            if (text == NULL)
                continue;
            if (count == 0)
                g_string_append(out, "**Rows that are there**\n");
            if (++count > MOST_ITEMS)
                continue;
            g_string_append_printf(
                out, "- `%s`: %s\n",
                (pair->new_table == NULL ? pair->old_table : pair->new_table)->name, text);
        }
    }
    if (count == 0)
        g_string_append(out,
                        "**Rows that are there** stay as they are: only the schema changes.\n\n");
    append_rest(out, count);
}

/* ---- callers ---- */

static void
append_callers(GString *out, const struct review *review)
{
    guint count = 0;
    FOR_EACH(struct finding, finding, review->findings) {
        if (finding_rules[finding->id].class != CLASS_API || finding->id == FINDING_QUERY_BROKEN)
            continue;
        if (count == 0)
            g_string_append(out, "**C that changes**\n");
        if (++count > MOST_ITEMS)
            continue;
        g_string_append_printf(out, "- %s", finding->text);
        if (finding->help != NULL)
            g_string_append_printf(out, "; %s", finding->help);
        g_string_append_c(out, '\n');
    }
    append_rest(out, count);
}

/* ---- texts ---- */

/* A folded text, when there is room for it. */
static void
append_fold(GString *out, const char *title, const char *language, const GString *body)
{
    if (out->len + body->len > MOST_CHARACTERS)
        return;
    g_string_append_printf(out, "<details><summary>%s</summary>\n\n", title);
    if (*language != '\0')
        g_string_append_printf(out, "```%s\n", language);
    g_string_append_len(out, body->str, (gssize)body->len);
    g_string_append(out, *language != '\0' ? "```\n\n</details>\n\n" : "\n</details>\n\n");
}

/* A fence inside of a text would end the block. */
static void
append_lines(GString *out, const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);
    guint count = 0;
    for (char **line = lines; *line != NULL && count < MOST_DIFF_LINES; line++, count++) {
        char **parts = g_strsplit(*line, "```", -1);
        char *safe = g_strjoinv("` ` `", parts);
        if (line[1] != NULL || *safe != '\0')
            g_string_append_printf(out, "%s\n", safe);
        g_free(safe);
        g_strfreev(parts);
    }
    if (count == MOST_DIFF_LINES)
        g_string_append(out, "… cut off here\n");
    g_strfreev(lines);
}

static void
append_code(GString *out, const char *title, const char *language, const char *text)
{
    GString *body = g_string_new(NULL);
    append_lines(body, text);
    append_fold(out, title, language, body);
    g_string_free(body, TRUE);
}

static const char *
write_scratch(const char *text)
{
    char *name = NULL;
    int file = g_file_open_tmp("cleat-XXXXXX", &name, NULL);
    if (file < 0)
        return NULL;
    g_close(file, NULL);
    g_file_set_contents(name, text, -1, NULL);
    const char *path = arena_string(name);
    g_free(name);
    return path;
}

/* A unified diff of two snapshots, without its first two lines. */
static const char *
diff_of(const char *was, const char *is)
{
    const char *left = write_scratch(was), *right = write_scratch(is);
    const char *arguments[] = {"diff", "-U2", left, right, NULL};
    char *output = NULL;
    const char *diff = NULL;
    if (left != NULL && right != NULL &&
        g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL,
                     NULL, NULL)) {
        const char *body = strstr(output, "\n@@");
        diff = body == NULL ? NULL : arena_string(body + 1);
    }
    if (left != NULL)
        g_unlink(left);
    if (right != NULL)
        g_unlink(right);
    g_free(output);
    return diff;
}

static const char *
source_text(const struct snapshot *snapshot)
{
    return snapshot == NULL || snapshot->source == NULL ? "" : snapshot->source->text;
}

static void
append_diffs(GString *out, const struct review *review)
{
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        if (comparison->changes->len == 0 || review->live_path != NULL)
            continue;
        const char *diff = diff_of(source_text(comparison->old_snapshot),
                                   source_text(comparison->new_snapshot));
        const struct snapshot *snapshot = comparison->new_snapshot == NULL
                                              ? comparison->old_snapshot
                                              : comparison->new_snapshot;
        if (diff == NULL)
            continue;
        append_code(out, arena_printf("Snapshot of <code>%s</code>", snapshot->database), "diff",
                    diff);
    }
}

static bool
has_migration(const struct review *review, const char *database)
{
    FOR_EACH(const char, path, review->new_side->files)
        if (review_is_new_migration(review, database, path))
            return true;
    return false;
}

/* What `cleat migrate new` would write; where something has to be declared first, that. */
static void
append_plan(GString *out, const struct comparison *comparison)
{
    struct plan_request request = {
        .comparison = comparison,
        .backfills = arena_list(),
        .dropped = arena_list(),
        .moved = arena_list(),
        .labels = arena_list(),
    };
    struct plan plan = migration_plan(&request);
    const char *database = comparison->new_snapshot->database;
    GString *text = g_string_new(NULL);
    FOR_EACH(const char, problem, plan.problems)
        g_string_append_printf(text, "-- not yet: %s\n", problem);
    g_string_append(text, plan.sql->str);
    g_strchomp(text->str);
    if (*text->str != '\0')
        append_code(out, arena_printf("SQL as planned for <code>%s</code>", database), "sql",
                    text->str);
    g_string_free(text, TRUE);
    g_string_free(plan.sql, TRUE);
}

/* The migrations that are new on this side, and plans for the databases that have none. */
static void
append_migrations(GString *out, const struct review *review)
{
    if (review->old_side == NULL || review->new_side == NULL)
        return;
    FOR_EACH(const char, path, review->new_side->files)
        if (review_is_new_migration(review, NULL, path))
            append_code(out, arena_printf("SQL that will run: <code>%s</code>", path), "sql",
                        side_text(review->new_side, path));
    FOR_EACH(struct comparison, comparison, review->comparisons)
        if (comparison->changes->len > 0 && comparison->old_snapshot != NULL &&
            comparison->new_snapshot != NULL &&
            !has_migration(review, comparison->new_snapshot->database))
            append_plan(out, comparison);
}

/* ---- the comment ---- */

static void
append_verdict(GString *out, const struct review *review)
{
    guint tables = 0, named = 0;
    GString *databases = g_string_new(NULL);
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        if (comparison->changes->len == 0)
            continue;
        const struct snapshot *snapshot = comparison->new_snapshot == NULL
                                              ? comparison->old_snapshot
                                              : comparison->new_snapshot;
        if (++named <= MOST_ITEMS)
            g_string_append_printf(databases, "%s%s", databases->len == 0 ? "" : ", ",
                                   snapshot->database);
        FOR_EACH(struct table_pair, pair, comparison->tables)
            tables += pair->changes->len > 0;
    }
    if (named > MOST_ITEMS)
        g_string_append_printf(databases, " and %u more", named - MOST_ITEMS);
    if (databases->len == 0)
        g_string_append_printf(out, "### No schema change%s%s\n",
                               review->findings->len == 0 ? "" : ": ",
                               review->findings->len == 0 ? "" : review_counts(review, NULL));
    else
        g_string_append_printf(out, "### %s: %s · %u %s touched\n", databases->str,
                               review_counts(review, NULL), tables,
                               tables == 1 ? "table" : "tables");
    g_string_append_c(out, '\n');
    g_string_free(databases, TRUE);
}

static void
append_databases(GString *out, const struct review *review)
{
    guint changed = 0, rows = MOST_ROWS;
    FOR_EACH(struct comparison, comparison, review->comparisons)
        changed += comparison->changes->len > 0;
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        const struct snapshot *snapshot = comparison->new_snapshot == NULL
                                              ? comparison->old_snapshot
                                              : comparison->new_snapshot;
        if (comparison->changes->len == 0 || out->len > MOST_CHARACTERS / 2)
            continue;
        if (changed > 1)
            g_string_append_printf(out, "**%s**: %s\n\n", snapshot->database,
                                   review_counts(review, snapshot->database));
        append_table(out, review, comparison, &rows);
    }
}

static void
append_diagram(GString *out, const struct review *review)
{
    GString *diagram = g_string_new(NULL);
    review_write_diagram(review, diagram);
    if (diagram->len > 0)
        append_fold(out, "Diagram of the touched tables", "", diagram);
    g_string_free(diagram, TRUE);
}

void
review_write_markdown(const struct review *review, GString *out)
{
    bool changed = false;
    FOR_EACH(struct comparison, comparison, review->comparisons)
        changed = changed || comparison->changes->len > 0;
    g_string_append(out, "<!-- cleat-diff -->\n");
    append_verdict(out, review);
    append_databases(out, review);
    append_general(out, review);
    if (changed) {
        append_effects(out, review);
        append_callers(out, review);
        append_migrations(out, review);
        append_diffs(out, review);
        append_diagram(out, review);
    }
}
