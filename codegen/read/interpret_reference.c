/* interpret_reference.c: what REFERENCES, SOFT_REFERENCES and FOREIGN_KEY_ON name, and the actions
 * after them. Names leave as written, each with its place; group finds what they lead to. */
#include "interpret.h"

#include "common/arena.h"

#include <string.h>

static void
report_form(const struct note *note, struct location at, struct diag *diag)
{
    const char *form = "table, column";
    if (strcmp(note->word, "soft_references") == 0)
        form = "database.table, column";
    else if (strcmp(note->word, "foreign_key_on") == 0)
        form = "(a, b), table(c, d)";
    diag_error(diag, RULE_REFERENCE_FORM, at, "a reference is written %s(%s)", word_shown(note),
               form);
}

static bool
add_targets(struct reference *reference, const GPtrArray *pieces, guint first)
{
    for (guint i = first; i < pieces->len; i++) {
        const struct piece *piece = g_ptr_array_index(pieces, i);
        if (!is_identifier(piece->text))
            return false;
        struct location *at = ARENA_NEW(struct location);
        *at = piece->at;
        g_ptr_array_add(reference->target_names, (char *)piece->text);
        g_ptr_array_add(reference->target_at, at);
    }
    return true;
}

/* `table` or `database.table`. */
static bool
read_table_name(struct reference *reference, const struct piece *piece)
{
    char **names = g_strsplit(piece->text, ".", -1);
    guint count = g_strv_length(names);
    bool fine = count == 1 || count == 2;
    for (guint i = 0; i < count; i++)
        fine = is_identifier(g_strstrip(names[i])) && fine;
    if (fine) {
        bool same = count == 2 && strcmp(names[0], names[1]) == 0;
        reference->table_name = arena_string(names[count - 1]);
        reference->database = count == 2 ? arena_string(names[0]) : NULL;
        reference->table_at = piece_word(piece, reference->table_name, same ? 1 : 0);
    }
    g_strfreev(names);
    return fine;
}

struct reference *
reference_read(const struct note *note, const GPtrArray *pieces, guint first, struct diag *diag)
{
    struct piece whole = piece_of_note(note);
    struct reference *reference = ARENA_NEW(struct reference);
    struct piece head, inside;
    reference->at = note->at;
    reference->columns = arena_list();
    reference->target_names = arena_list();
    reference->target_at = arena_list();
    reference->targets = arena_list();
    if (pieces->len <= first) {
        report_form(note, whole.at, diag);
        return NULL;
    }
    const struct piece *name = g_ptr_array_index(pieces, first);
    bool call = piece_parentheses(name, &head, &inside);
    bool fine = read_table_name(reference, call ? &head : name);
    if (call)
        fine = fine && pieces->len == first + 1 && add_targets(reference, piece_split(&inside), 0);
    else
        fine = fine && add_targets(reference, pieces, first + 1);
    if (!fine)
        report_form(note, name->at, diag);
    return fine ? reference : NULL;
}

enum action
action_read(const struct note *note, struct diag *diag)
{
    static const char *const names[] = {"NO_ACTION", "RESTRICT",    "CASCADE",
                                        "SET_NULL",  "SET_DEFAULT", NULL};
    struct piece piece = piece_of_note(note);
    for (guint i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], piece.text) == 0)
            return (enum action)(ACTION_NO_ACTION + (int)i);
    diag_error(diag, RULE_ACTION_NAME, piece.at, "'%s' is no action", piece.text);
    const char *nearest = diag_nearest(piece.text, names);
    if (nearest != NULL)
        diag_note(diag, (struct location){0}, "did you mean '%s'?", nearest);
    else
        diag_note(diag, (struct location){0},
                  "it is one of CASCADE, RESTRICT, SET_NULL, SET_DEFAULT and NO_ACTION");
    return ACTION_NONE;
}
