/* find.c: names and SELECTs that the finding functions put into their texts. */
#include "find.h"

#include "common/arena.h"
#include "model/model.h"
#include "model/names.h"

#include <stdarg.h>
#include <string.h>

static const char *
name_of(const struct snapshot_table *table, const struct snapshot_column *column)
{
    return column == NULL ? table->name : arena_printf("%s.%s", table->name, column->name);
}

const char *
find_old_name(const struct change *change)
{
    return name_of(change->old_table, change->old_column);
}

const char *
find_new_name(const struct change *change)
{
    return name_of(change->new_table, change->new_column);
}

const char *
find_names(const GPtrArray *names)
{
    GString *text = g_string_new(NULL);
    FOR_EACH(const char, name, names)
        g_string_append_printf(text, "%s%s", text->len == 0 ? "" : ", ", sql_quote_name(name));
    const char *copy = arena_string_n(text->str, text->len);
    g_string_free(text, TRUE);
    return copy;
}

static const char *
key_of(const struct snapshot_table *table)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct snapshot_key_part, part, table->primary_key)
        g_ptr_array_add(names, (char *)part->column);
    return names->len == 0 ? "rowid" : find_names(names);
}

const char *
find_rows(const struct snapshot_table *table, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *where = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    const char *query = arena_printf("SELECT %s FROM %s WHERE %s", key_of(table),
                                     sql_quote_name(table->name), where);
    g_free(where);
    return query;
}

const struct table_pair *
find_pair(const struct review *review, const struct change *change)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        FOR_EACH(struct table_pair, pair, comparison->tables)
            if (pair->old_table == change->old_table && pair->new_table == change->new_table)
                return pair;
    return NULL;
}

const struct snapshot_column *
find_old_column(const struct review *review, const struct change *change, const char *name)
{
    const struct table_pair *pair = find_pair(review, change);
    if (pair == NULL || name == NULL)
        return NULL;
    FOR_EACH(struct column_pair, columns, pair->columns)
        if (columns->new_column != NULL && g_ascii_strcasecmp(columns->new_column->name, name) == 0)
            return columns->old_column;
    return NULL;
}

const char *
find_old_parts(const struct review *review, const struct change *change, const GPtrArray *parts)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct snapshot_key_part, part, parts) {
        const struct snapshot_column *column = find_old_column(review, change, part->column);
        if (column == NULL)
            return NULL;
        g_ptr_array_add(names, (char *)column->name);
    }
    return find_names(names);
}

/* As in the documentation of SQLite, section 3.1 of its data types. */
char
find_affinity(const char *type)
{
    char *lower = g_ascii_strdown(type, -1);
    char affinity = 'N';
    if (strstr(lower, "int") != NULL)
        affinity = 'I';
    else if (strstr(lower, "char") != NULL || strstr(lower, "clob") != NULL ||
             strstr(lower, "text") != NULL)
        affinity = 'T';
    else if (*lower == '\0' || strstr(lower, "blob") != NULL || strcmp(lower, "any") == 0)
        affinity = 'B';
    else if (strstr(lower, "real") != NULL || strstr(lower, "floa") != NULL ||
             strstr(lower, "doub") != NULL)
        affinity = 'R';
    g_free(lower);
    return affinity;
}

static bool
has_part(const GPtrArray *parts, const char *column)
{
    FOR_EACH(struct snapshot_key_part, part, parts)
        if (part->column != NULL && g_ascii_strcasecmp(part->column, column) == 0)
            return true;
    return false;
}

bool
find_is_indexed(const struct snapshot_table *table, const char *column)
{
    bool found = has_part(table->primary_key, column);
    FOR_EACH(struct snapshot_index, index, table->indexes)
        found = found || has_part(index->parts, column);
    FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys)
        FOR_EACH(const char, name, key->columns)
            found = found || g_ascii_strcasecmp(name, column) == 0;
    return found;
}

bool
find_refers(const struct snapshot_table *table, const char *column)
{
    FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys)
        FOR_EACH(const char, name, key->columns)
            if (g_ascii_strcasecmp(name, column) == 0)
                return true;
    return false;
}

/* ---- what a migration says ---- */

static bool
is_of(const struct review *review, const struct migration *migration, const struct change *change)
{
    return review_is_new_migration(review, change->new_snapshot->database, migration->source->path);
}

static bool
is_column(const struct change *change, const char *table, const char *column)
{
    return g_ascii_strcasecmp(table, change->new_table->name) == 0 &&
           g_ascii_strcasecmp(column, change->new_column->name) == 0;
}

const char *
find_backfill(const struct review *review, const struct change *change)
{
    FOR_EACH(struct migration, migration, review->new_migrations)
        FOR_EACH(struct backfill, backfill, migration->backfills)
            if (is_column(change, backfill->table, backfill->column) &&
                is_of(review, migration, change))
                return backfill->sql;
    return NULL;
}

const char *
find_new_label(const struct review *review, const struct change *change)
{
    FOR_EACH(struct migration, migration, review->new_migrations)
        FOR_EACH(struct label_rename, rename, migration->labels)
            if (is_column(change, rename->table, rename->column) &&
                strcmp(rename->from, change->label) == 0 && is_of(review, migration, change))
                return rename->to;
    return NULL;
}

bool
review_is_new_migration(const struct review *review, const char *database, const char *path)
{
    const char *directory = database == NULL ? "/migrations/"
                                             : arena_printf("/migrations/%s/", database);
    return review->old_side != NULL && review->new_side != NULL &&
           strstr(path, directory) != NULL && g_str_has_suffix(path, ".sql") &&
           side_text(review->new_side, path) != NULL && side_text(review->old_side, path) == NULL;
}
