/* find_advice.c: the design rules that a snapshot alone can be judged by. `cleat lint` says
 * all of it; a review only what is new, so that an old fault of a table does not stand in the way
 * of everyone who touches it, and not what a comment of the schema allows. */
#include "find.h"

#include "common/arena.h"
#include "common/sql_normal.h"

#include <string.h>

enum { MOST_COLUMNS = 40 };

/* One table under advice. */
struct advice {
    struct review *review;
    const struct snapshot *snapshot;
    const struct snapshot_table *table;
};

static struct finding *
advise(const struct advice *advice, enum finding_id id, const char *part, unsigned line,
       const char *text)
{
    const char *database = advice->snapshot->database, *table = advice->table->name;
    struct place place = side_place(advice->review->new_side, database, table, part);
    if (place.path == NULL)
        place = (struct place){advice->snapshot->path, MAX(1, line), 1};
    return review_report_at(advice->review, id, database,
                            part == NULL ? arena_printf("%s.%s", database, table)
                                         : arena_printf("%s.%s.%s", database, table, part),
                            place, "%s", text);
}

/* ---- keys and indexes ---- */

/* Whether a key or index begins with these columns, in any order among them. */
static bool
begins_with(const GPtrArray *parts, const GPtrArray *columns)
{
    if (parts->len < columns->len)
        return false;
    for (guint i = 0; i < columns->len; i++) {
        const struct snapshot_key_part *part = g_ptr_array_index(parts, i);
        bool found = false;
        FOR_EACH(const char, column, columns)
            found = found ||
                    (part->column != NULL && g_ascii_strcasecmp(part->column, column) == 0);
        if (!found)
            return false;
    }
    return true;
}

static bool
has_index(const struct snapshot_table *table, const GPtrArray *columns)
{
    if (begins_with(table->primary_key, columns))
        return true;
    FOR_EACH(struct snapshot_index, index, table->indexes)
        if (index->where == NULL && begins_with(index->parts, columns))
            return true;
    return false;
}

static void
advise_foreign_key_index(const struct advice *advice)
{
    FOR_EACH(struct snapshot_foreign_key, key, advice->table->foreign_keys)
        if (!has_index(advice->table, key->columns))
            advise(
                advice, FINDING_FOREIGN_KEY_UNINDEXED, g_ptr_array_index(key->columns, 0),
                key->line,
                arena_printf("no index begins with (%s): each delete from '%s' reads all of '%s'",
                             find_names(key->columns), key->table, advice->table->name))
                ->help = "add INDEX";
}

static bool
same_part(const struct snapshot_key_part *left, const struct snapshot_key_part *right)
{
    return g_strcmp0(left->column, right->column) == 0 &&
           g_strcmp0(left->expression, right->expression) == 0 &&
           g_ascii_strcasecmp(left->collation, right->collation) == 0 &&
           left->descending == right->descending;
}

/* Whether `longer` begins with all of `shorter`. */
static bool
covers(const GPtrArray *longer, const GPtrArray *shorter)
{
    if (longer->len < shorter->len)
        return false;
    for (guint i = 0; i < shorter->len; i++)
        if (!same_part(g_ptr_array_index(longer, i), g_ptr_array_index(shorter, i)))
            return false;
    return true;
}

static void
advise_covered(const struct advice *advice, const struct snapshot_index *index,
               const GPtrArray *parts, const char *name)
{
    if (!covers(parts, index->parts))
        return;
    bool same = parts->len == index->parts->len;
    advise(advice, same ? FINDING_INDEX_REDUNDANT : FINDING_INDEX_PREFIX_OF, index->name,
           index->line,
           arena_printf(same ? "index '%s' has the columns of %s"
                             : "index '%s' is the beginning of %s",
                        index->name, name));
}

static void
advise_redundant_index(const struct advice *advice)
{
    FOR_EACH(struct snapshot_index, index, advice->table->indexes) {
        if (index->is_constraint || index->unique || index->where != NULL)
            continue;
        advise_covered(advice, index, advice->table->primary_key, "the primary key");
        FOR_EACH(struct snapshot_index, other, advice->table->indexes)
            if (other != index && other->where == NULL &&
                (other->parts->len > index->parts->len || other->unique ||
                 strcmp(other->name, index->name) < 0))
                advise_covered(advice, index, other->parts,
                               other->is_constraint ? "a UNIQUE of the table"
                                                    : arena_printf("'%s'", other->name));
    }
}

static void
advise_key(const struct advice *advice)
{
    const struct snapshot_table *table = advice->table;
    if (table->primary_key->len == 0)
        advise(advice, FINDING_NO_PRIMARY_KEY, NULL, table->line,
               arena_printf("table '%s' has no primary key", table->name));
    FOR_EACH(struct snapshot_key_part, part, table->primary_key) {
        const struct snapshot_column *column = snapshot_column(table, part->column);
        if (column != NULL && !column->not_null)
            advise(advice, FINDING_NULLABLE_KEY, column->name, column->line,
                   arena_printf("'%s.%s' is of the primary key and may be NULL", table->name,
                                column->name));
        if (column != NULL && table->primary_key->len == 1 &&
            g_ascii_strcasecmp(column->type, "INT") == 0)
            advise(advice, FINDING_INT_NOT_INTEGER_KEY, column->name, column->line,
                   arena_printf("'%s.%s' is INT, not INTEGER: it is no rowid", table->name,
                                column->name));
    }
}

static gint64
max_length(const struct snapshot_table *table, const char *column)
{
    FOR_EACH(struct snapshot_check, check, table->checks)
        if (check->column != NULL && g_ascii_strcasecmp(check->column, column) == 0 &&
            (check->max_length >= 0 || check->labels != NULL ||
             strstr(check->sql, "length(") != NULL || strstr(check->sql, "strftime") != NULL))
            return MAX(check->max_length, 0);
    return -1;
}

static void
advise_text_key(const struct advice *advice)
{
    FOR_EACH(struct snapshot_key_part, part, advice->table->primary_key) {
        const struct snapshot_column *column = snapshot_column(advice->table, part->column);
        if (column != NULL && find_affinity(column->type) == 'T' &&
            max_length(advice->table, column->name) < 0 &&
            !find_refers(advice->table, column->name))
            advise(advice, FINDING_KEY_LENGTH, column->name, column->line,
                   arena_printf("'%s.%s' is a key of texts of any length", advice->table->name,
                                column->name))
                ->help = "add LENGTH(n)";
    }
}

static void
advise_random_key(const struct advice *advice)
{
    if (advice->table->primary_key->len != 1)
        return;
    const struct snapshot_key_part *part = g_ptr_array_index(advice->table->primary_key, 0);
    FOR_EACH(struct snapshot_check, check, advice->table->checks)
        if (check->column != NULL && g_strcmp0(check->column, part->column) == 0 &&
            strcmp(check->sql, arena_printf("length(%s) = 36", part->column)) == 0 &&
            !find_refers(advice->table, part->column))
            advise(advice, FINDING_RANDOM_KEY, part->column, advice->table->line,
                   arena_printf("'%s.%s' is a uuid: random keys are written all over the index",
                                advice->table->name, part->column));
}

static void
advise_nullable_unique(const struct advice *advice)
{
    FOR_EACH(struct snapshot_index, index, advice->table->indexes) {
        if (!index->unique || index->where != NULL)
            continue;
        FOR_EACH(struct snapshot_key_part, part, index->parts) {
            const struct snapshot_column *column =
                part->column == NULL ? NULL : snapshot_column(advice->table, part->column);
            if (column == NULL || column->not_null || column->generated != GENERATED_NOT)
                continue;
            advise(advice, FINDING_NULLABLE_UNIQUE, column->name, column->line,
                   arena_printf("'%s.%s' is of a unique key and may be NULL in any number of rows",
                                advice->table->name, column->name))
                ->help = "add NOT_NULL, or say WHERE(…) what is unique";
        }
    }
}

/* ---- references ---- */

static bool
is_unique_there(const struct snapshot_table *parent, const GPtrArray *columns)
{
    if (parent->primary_key->len == columns->len && begins_with(parent->primary_key, columns))
        return true;
    FOR_EACH(struct snapshot_index, index, parent->indexes)
        if (index->unique && index->where == NULL && index->parts->len == columns->len &&
            begins_with(index->parts, columns))
            return true;
    return false;
}

static void
advise_parent(const struct advice *advice)
{
    FOR_EACH(struct snapshot_foreign_key, key, advice->table->foreign_keys) {
        const struct snapshot_table *parent = snapshot_table(advice->snapshot, key->table);
        const char *first = g_ptr_array_index(key->columns, 0);
        if (parent == NULL || !is_unique_there(parent, key->targets)) {
            advise(advice, FINDING_FK_PARENT_NOT_UNIQUE, first, key->line,
                   arena_printf("(%s) refers to '%s', where no key is on (%s)",
                                find_names(key->columns), key->table, find_names(key->targets)));
            continue;
        }
        for (guint i = 0; i < key->columns->len; i++) {
            const char *name = g_ptr_array_index(key->columns, i);
            const struct snapshot_column *child = snapshot_column(advice->table, name);
            const struct snapshot_column *target = snapshot_column(
                parent, g_ptr_array_index(key->targets, i));
            if (child != NULL && target != NULL &&
                find_affinity(child->type) != find_affinity(target->type))
                advise(advice, FINDING_FK_TYPE_MISMATCH, name, key->line,
                       arena_printf("'%s.%s' is %s and refers to '%s.%s', which is %s",
                                    advice->table->name, name, child->type, parent->name,
                                    target->name, target->type));
        }
    }
}

static bool
is_repeated(const struct advice *advice, const struct snapshot_foreign_key *key,
            const struct snapshot_table *parent, const struct snapshot_column *column)
{
    const struct snapshot_column *same = snapshot_column(parent, column->name);
    if (same == NULL || column->key_place > 0 || find_affinity(column->type) != 'T' ||
        find_affinity(same->type) != 'T' || column->generated != GENERATED_NOT ||
        column->doc != NULL || max_length(advice->table, column->name) == 0)
        return false;
    FOR_EACH(const char, name, key->columns)
        if (g_ascii_strcasecmp(name, column->name) == 0)
            return false;
    return !find_refers(advice->table, column->name);
}

static void
advise_repeated(const struct advice *advice)
{
    static const char *const common[] = {"name",  "title", "description", "status",
                                         "state", "kind",  "type"};
    FOR_EACH(struct snapshot_foreign_key, key, advice->table->foreign_keys) {
        const struct snapshot_table *parent = snapshot_table(advice->snapshot, key->table);
        if (parent == NULL || parent == advice->table)
            continue;
        FOR_EACH(struct snapshot_column, column, advice->table->columns) {
            bool is_common = false;
            for (gsize i = 0; i < G_N_ELEMENTS(common); i++)
                is_common = is_common || strcmp(column->name, common[i]) == 0;
            if (!is_common && is_repeated(advice, key, parent, column))
                advise(advice, FINDING_COLUMN_REPEATED, column->name, column->line,
                       arena_printf("'%s.%s' repeats '%s.%s', to which the row refers",
                                    advice->table->name, column->name, parent->name, column->name));
        }
    }
}

/* ---- names and form ---- */

static bool
is_plain_name(const char *name)
{
    for (; *name != '\0'; name++)
        if (!g_ascii_islower(*name) && !g_ascii_isdigit(*name) && *name != '_')
            return false;
    return true;
}

static void
advise_name(const struct advice *advice, const char *part, const char *name, unsigned line)
{
    if (!is_plain_name(name))
        advise(
            advice, FINDING_NAME_STYLE, part, line,
            arena_printf("'%s' has other than lower-case letters, digits and underscores", name));
    else if (sql_is_reserved(name))
        advise(advice, FINDING_KEYWORD_NAME, part, line,
               arena_printf("'%s' is a keyword of SQL", name));
}

static bool
has_word(const char *name, const char *word)
{
    char *guarded = g_strdup_printf("_%s_", name);
    char *wanted = g_strdup_printf("_%s_", word);
    bool found = strstr(guarded, wanted) != NULL;
    g_free(guarded);
    g_free(wanted);
    return found;
}

static void
advise_money(const struct advice *advice)
{
    static const char *const words[] = {"price", "cost",    "amount", "balance", "salary", "fee",
                                        "total", "revenue", "budget", "money",   "usd",    "eur"};
    FOR_EACH(struct snapshot_column, column, advice->table->columns)
        for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
            if (find_affinity(column->type) == 'R' && has_word(column->name, words[i])) {
                advise(advice, FINDING_FLOATING_MONEY, column->name, column->line,
                       arena_printf("'%s.%s' keeps money in a real", advice->table->name,
                                    column->name))
                    ->help = "store the smallest unit in an integer";
                break;
            }
}

static void
advise_form(const struct advice *advice)
{
    const struct snapshot_table *table = advice->table;
    advise_name(advice, NULL, table->name, table->line);
    if (g_ascii_strncasecmp(table->name, "cleat_", strlen("cleat_")) == 0)
        advise(advice, FINDING_RESERVED_NAME, NULL, table->line,
               arena_printf("'%s' is a name of the runtime's", table->name));
    FOR_EACH(struct snapshot_column, column, table->columns)
        advise_name(advice, column->name, column->name, column->line);
    if (table->doc == NULL)
        advise(advice, FINDING_COMMENT_MISSING, NULL, table->line,
               arena_printf("table '%s' has no comment", table->name));
    if (table->columns->len > MOST_COLUMNS)
        advise(advice, FINDING_TABLE_WIDE, NULL, table->line,
               arena_printf("table '%s' has more than %d columns", table->name, MOST_COLUMNS));
}

static void
advise_full_text(struct review *review, const struct snapshot *snapshot,
                 const struct snapshot_table *table)
{
    FOR_EACH(struct snapshot_table, source, snapshot->tables) {
        const char *content = arena_printf("content='%s'", source->name);
        struct advice advice = {review, snapshot, table};
        FOR_EACH(const char, argument, table->arguments)
            if (g_ascii_strcasecmp(argument, content) == 0 && source->rowid_column == NULL)
                advise(&advice, FINDING_FTS_TEXT_KEY_VACUUM, NULL, table->line,
                       arena_printf("'%s' points into '%s', whose rowids a VACUUM changes",
                                    table->name, source->name));
    }
}

/* ---- a snapshot ---- */

static void
advise_all(struct review *review, const struct snapshot *snapshot)
{
    FOR_EACH(struct snapshot_table, table, snapshot->tables) {
        struct advice advice = {review, snapshot, table};
        if (table->module != NULL) {
            advise_full_text(review, snapshot, table);
            continue;
        }
        advise_key(&advice);
        advise_text_key(&advice);
        advise_random_key(&advice);
        advise_nullable_unique(&advice);
        advise_foreign_key_index(&advice);
        advise_redundant_index(&advice);
        advise_parent(&advice);
        advise_repeated(&advice);
        advise_money(&advice);
        advise_form(&advice);
    }
}

static bool
has_finding(const GPtrArray *findings, const struct finding *wanted)
{
    FOR_EACH(struct finding, finding, findings)
        if (finding->id == wanted->id && strcmp(finding->object, wanted->object) == 0)
            return true;
    return false;
}

static bool
is_comment(const char *line)
{
    while (*line == ' ' || *line == '\t')
        line++;
    return strncmp(line, "//", 2) == 0 || strncmp(line, "/*", 2) == 0 || *line == '*';
}

/* `// lint: allow RULE: why` on the line of a finding, or on comment lines right above it. */
static bool
is_allowed(const struct side *side, const struct finding *finding)
{
    const char *text = side == NULL ? NULL : side_text(side, finding->place.path);
    if (text == NULL || finding->place.line == 0)
        return false;
    const char *mark = arena_printf("lint: allow %s:", finding_rules[finding->id].name);
    char **lines = g_strsplit(text, "\n", -1);
    bool allowed = false;
    for (guint at = MIN(finding->place.line, g_strv_length(lines)); at > 0 && !allowed; at--) {
        if (at < finding->place.line && !is_comment(lines[at - 1]))
            break;
        allowed = strstr(lines[at - 1], mark) != NULL;
    }
    g_strfreev(lines);
    return allowed;
}

/* What the old side had already is not of this change. */
void
review_find_advice(struct review *review)
{
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        struct review before = {.findings = arena_list()};
        struct review now = {.findings = arena_list(), .new_side = review->new_side};
        if (comparison->changes->len == 0 || comparison->new_snapshot == NULL ||
            review->live_path != NULL)
            continue;
        if (comparison->old_snapshot != NULL)
            advise_all(&before, comparison->old_snapshot);
        advise_all(&now, comparison->new_snapshot);
        FOR_EACH(struct finding, finding, now.findings)
            if (!has_finding(before.findings, finding) && !is_allowed(review->new_side, finding))
                g_ptr_array_add(review->findings, finding);
    }
}
