/* side.c: a directory or a git revision enters, its schema files and snapshots leave. Git is asked
 * for all files of a revision at once; nothing is checked out, built or run. */
#include "side.h"

#include "common/arena.h"
#include "places.h"

#include <gio/gio.h>
#include <string.h>

#define ACCEPTED ".cleat-accepted" /* see accept.c */

/* ---- git ---- */

static int
compare_paths(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* What git said to standard error is the reason: a directory that belongs to somebody else, a commit
 * that a shallow clone does not have. */
static void
set_complaint(GError **ret_error, GBytes *complaint)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(complaint, &length);
    char *copy = g_strndup(text == NULL ? "" : text, length);
    g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "git: %s", g_strstrip(copy));
    g_free(copy);
}

/* What git prints, NULL with its reason when it fails. */
static GBytes *
run_git(const char *const *arguments, GBytes *input, GError **ret_error)
{
    GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE;
    GPtrArray *command = g_ptr_array_new();
    GBytes *output = NULL, *complaint = NULL;
    g_ptr_array_add(command, "git");
    for (; *arguments != NULL; arguments++)
        g_ptr_array_add(command, (gpointer)*arguments);
    g_ptr_array_add(command, NULL);
    if (input != NULL)
        flags |= G_SUBPROCESS_FLAGS_STDIN_PIPE;
    GSubprocess *git = g_subprocess_newv((const char *const *)command->pdata, flags, ret_error);
    if (git != NULL && g_subprocess_communicate(git, input, NULL, &output, &complaint, ret_error) &&
        !g_subprocess_get_successful(git)) {
        set_complaint(ret_error, complaint);
        g_clear_pointer(&output, g_bytes_unref);
    }
    g_clear_pointer(&complaint, g_bytes_unref);
    g_clear_object(&git);
    g_ptr_array_unref(command);
    return output;
}

const char *
side_git(const char *const *arguments, GError **ret_error)
{
    GBytes *output = run_git(arguments, NULL, ret_error);
    if (output == NULL)
        return NULL;
    gsize length = 0;
    const char *text = g_bytes_get_data(output, &length);
    char *copy = arena_string_n(text == NULL ? "" : text, length);
    g_bytes_unref(output);
    return g_strchomp(copy);
}

static bool
is_wanted(const struct side *side, const char *path)
{
    if (g_str_has_prefix(path, side->out) && path[strlen(side->out)] == '/')
        return g_str_has_suffix(path, ".sql") || g_str_has_suffix(path, ".cleat.h");
    FOR_EACH(const char, root, side->roots)
        if (g_str_has_prefix(path, root) && path[strlen(root)] == '/')
            return true;
    return strcmp(path, ACCEPTED) == 0;
}

/* Paths are below the current directory, which may be below the top of the repository. */
static bool
list_revision(struct side *side, GError **ret_error)
{
    const char *const arguments[] = {"ls-tree", "-r", "-z", "--name-only", side->revision, NULL};
    GBytes *bytes = run_git(arguments, NULL, ret_error);
    if (bytes == NULL)
        return false;
    gsize length = 0;
    const char *at = g_bytes_get_data(bytes, &length), *end = at + length;
    for (; at < end; at += strlen(at) + 1)
        if (is_wanted(side, at))
            g_ptr_array_add(side->files, arena_string(at));
    g_ptr_array_sort(side->files, compare_paths);
    g_bytes_unref(bytes);
    return true;
}

/* "<hash> blob <size>\n<bytes>\n" for every file, in the order in which they were asked for. */
static void
take_batch(struct side *side, GBytes *bytes)
{
    gsize length = 0;
    const char *at = g_bytes_get_data(bytes, &length), *end = at + length;
    FOR_EACH(const char, path, side->files) {
        const char *newline = at < end ? memchr(at, '\n', (gsize)(end - at)) : NULL;
        if (newline == NULL)
            return;
        char *head = arena_string_n(at, (gsize)(newline - at));
        const char *size = strrchr(head, ' ');
        at = newline + 1;
        if (size == NULL || strcmp(size, " missing") == 0)
            continue; /* a submodule */
        gsize count = (gsize)g_ascii_strtoull(size, NULL, 10);
        if (count > (gsize)(end - at))
            return;
        g_hash_table_insert(side->texts, (gpointer)path, arena_string_n(at, count));
        at += count + 1;
    }
}

static bool
read_revision(struct side *side, GError **ret_error)
{
    static const char *const arguments[] = {"cat-file", "--batch", NULL};
    GString *wanted = g_string_new(NULL);
    FOR_EACH(const char, path, side->files)
        g_string_append_printf(wanted, "%s:./%s\n", side->revision, path);
    GBytes *input = g_string_free_to_bytes(wanted);
    GBytes *output = run_git(arguments, input, ret_error);
    if (output != NULL)
        take_batch(side, output);
    bool fine = output != NULL;
    g_bytes_unref(input);
    g_clear_pointer(&output, g_bytes_unref);
    return fine;
}

/* ---- directories ---- */

static void
walk(struct side *side, const char *below)
{
    char *full = g_build_filename(side->directory, below, NULL);
    GDir *directory = g_dir_open(full, 0, NULL);
    const char *name;
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        char *path = *below == '\0' ? g_strdup(name) : g_strconcat(below, "/", name, NULL);
        char *entry = g_build_filename(full, name, NULL);
        if (g_file_test(entry, G_FILE_TEST_IS_DIR) && !g_file_test(entry, G_FILE_TEST_IS_SYMLINK))
            walk(side, path);
        else if (is_wanted(side, path))
            g_ptr_array_add(side->files, arena_string(path));
        g_free(entry);
        g_free(path);
    }
    if (directory != NULL)
        g_dir_close(directory);
    g_free(full);
}

static void
list_directory(struct side *side)
{
    char *accepted = g_build_filename(side->directory, ACCEPTED, NULL);
    walk(side, side->out);
    FOR_EACH(const char, root, side->roots)
        walk(side, root);
    if (g_file_test(accepted, G_FILE_TEST_EXISTS))
        g_ptr_array_add(side->files, (char *)ACCEPTED);
    g_free(accepted);
}

/* ---- both ---- */

/* Where a revision has no such file. */
static bool
has_file(const struct side *side, const char *path)
{
    FOR_EACH(const char, file, side->files)
        if (strcmp(file, path) == 0)
            return true;
    return false;
}

const char *
side_text(const struct side *side, const char *path)
{
    const char *text = g_hash_table_lookup(side->texts, path);
    if (text != NULL || side->directory == NULL || !has_file(side, path))
        return text;
    char *full = g_build_filename(side->directory, path, NULL);
    char *read = NULL;
    if (g_file_get_contents(full, &read, NULL, NULL)) {
        text = arena_string(read);
        g_hash_table_insert(side->texts, arena_string(path), (gpointer)text);
    }
    g_free(read);
    g_free(full);
    return text;
}

static int
compare_snapshots_by_name(gconstpointer left, gconstpointer right)
{
    const struct snapshot *l = *(const struct snapshot *const *)left;
    const struct snapshot *r = *(const struct snapshot *const *)right;
    return strcmp(l->database, r->database);
}

/* <out>/sql/<database>.sql */
static bool
read_snapshots(struct side *side, GError **ret_error)
{
    const char *prefix = arena_printf("%s/sql/", side->out);
    FOR_EACH(const char, path, side->files) {
        const char *name = path + strlen(prefix);
        if (!g_str_has_prefix(path, prefix) || !g_str_has_suffix(path, ".sql") ||
            strchr(name, '/') != NULL)
            continue;
        struct snapshot *snapshot = NULL;
        const char *text = side_text(side, path);
        const char *database = arena_string_n(name, strlen(name) - strlen(".sql"));
        if (text == NULL)
            g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s cannot be read", path);
        if (text == NULL || !snapshot_read_text(database, path, text, &snapshot, ret_error)) {
            g_prefix_error(ret_error, "%s: ", side->label);
            return false;
        }
        g_ptr_array_add(side->snapshots, snapshot);
    }
    g_ptr_array_sort(side->snapshots, compare_snapshots_by_name);
    return true;
}

static struct side *
new_side(const char *out, GPtrArray *roots)
{
    struct side *side = ARENA_NEW(struct side);
    side->out = out;
    side->roots = roots;
    side->files = arena_list();
    side->texts = g_hash_table_new(g_str_hash, g_str_equal);
    side->snapshots = arena_list();
    side->modules = arena_list();
    return side;
}

static bool
finish(struct side *side, struct side **ret_side, GError **ret_error)
{
    if (!read_snapshots(side, ret_error))
        return false;
    places_read(side);
    *ret_side = side;
    return true;
}

bool
side_open_directory(const char *top, const char *out, GPtrArray *roots, struct side **ret_side,
                    GError **ret_error)
{
    struct side *side = new_side(out, roots);
    side->directory = arena_string(top);
    side->label = strcmp(top, ".") == 0 ? "the working tree" : arena_string(top);
    list_directory(side);
    g_ptr_array_sort(side->files, compare_paths);
    return finish(side, ret_side, ret_error);
}

bool
side_open_revision(const char *revision, const char *out, GPtrArray *roots, struct side **ret_side,
                   GError **ret_error)
{
    struct side *side = new_side(out, roots);
    const char *const arguments[] = {"rev-parse", "--verify", arena_printf("%s^{commit}", revision),
                                     NULL};
    side->revision = side_git(arguments, ret_error);
    side->label = arena_string(revision);
    if (side->revision == NULL) {
        g_prefix_error(ret_error, "'%s' is neither a directory nor a revision here: ", revision);
        return false;
    }
    return list_revision(side, ret_error) && read_revision(side, ret_error) &&
           finish(side, ret_side, ret_error);
}
