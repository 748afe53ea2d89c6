/* site_diagram.c: the tables of a database as boxes, their references as lines, drawn as SVG. A
 * table stands to the right of those it refers to; within a column the boxes are ordered so that
 * lines cross little. Tables without any reference follow below. */
#include "site_page.h"
#include "site_text.h"

#include "common/arena.h"
#include "common/text.h"
#include "model/names.h"

#include <string.h>

enum {
    CHAR_WIDTH = 8, /* of a 12 pixel monospaced font, rounded up */
    LINE_HEIGHT = 18,
    HEAD_HEIGHT = 26,
    PAD = 10,
    GAP_X = 84,
    GAP_Y = 22,
    MARGIN = 20,
    WIDTH = 960 /* what tables without references are laid out in, at least */
};

/* A table, or a place outside of the database that a soft reference leads to. */
struct node {
    const char *name;
    const char *address;
    const struct table *table; /* NULL outside of the database */
    GPtrArray *lines;          /* struct column: keys and references */
    guint rank;                /* the column of the drawing, from the left */
    bool ranking;              /* it is being ranked: a cycle ends here */
    bool ranked;
    bool related;
    double pull; /* the mean height of what it refers to */
    int x, y, width, height;
};

struct drawing {
    GPtrArray *nodes;  /* struct node */
    GHashTable *found; /* "database.table" -> struct node */
    const struct database *database;
    int width, height;
};

/* ---- nodes ---- */

static const char *
target_key(const struct reference *reference)
{
    return name_join(site_target_database(reference), ".", reference->table_name, NULL);
}

static struct node *
target_of(const struct drawing *drawing, const struct reference *reference)
{
    return g_hash_table_lookup(drawing->found, target_key(reference));
}

/* Calls for every reference of a table, soft ones too. */
typedef void reference_visit(struct drawing *drawing, struct node *node,
                             const struct reference *reference);

static void
each_reference(struct drawing *drawing, struct node *node, reference_visit *visit)
{
    if (node->table == NULL)
        return;
    FOR_EACH(struct reference, reference, node->table->references)
        visit(drawing, node, reference);
    FOR_EACH(struct reference, reference, node->table->soft_references)
        visit(drawing, node, reference);
}

static struct node *
add_node(struct drawing *drawing, const char *key, const char *name, const char *address)
{
    struct node *node = ARENA_NEW(struct node);
    node->name = name;
    node->address = address;
    node->lines = arena_list();
    g_ptr_array_add(drawing->nodes, node);
    g_hash_table_insert(drawing->found, (char *)key, node);
    return node;
}

static void
measure(struct node *node)
{
    gsize longest = strlen(node->name);
    FOR_EACH(struct column, column, node->lines)
        longest = MAX(longest, strlen(column->name) + 5);
    node->width = (int)longest * CHAR_WIDTH + 2 * PAD;
    node->height = HEAD_HEIGHT + (int)node->lines->len * LINE_HEIGHT;
    if (node->lines->len > 0)
        node->height += PAD / 2;
}

static void
add_table(struct drawing *drawing, const struct table *table)
{
    const char *database = drawing->database->name;
    struct node *node = add_node(drawing, name_join(database, ".", table->name, NULL), table->name,
                                 site_place(database, table->name, NULL));
    node->table = table;
    FOR_EACH(struct column, column, table->columns)
        if (column->primary_key || site_reference(column) != NULL)
            g_ptr_array_add(node->lines, column);
    measure(node);
}

/* A reference out of the database gets a box without lines. */
static void
relate(struct drawing *drawing, struct node *node, const struct reference *reference)
{
    struct node *target = target_of(drawing, reference);
    if (target == NULL) {
        const char *key = target_key(reference);
        target = add_node(drawing, key, key,
                          site_place(site_target_database(reference), reference->table_name, NULL));
        measure(target);
    }
    node->related = true;
    target->related = true;
}

/* ---- ranks ---- */

static void rank(struct drawing *drawing, struct node *node);

static void
rank_after(struct drawing *drawing, struct node *node, const struct reference *reference)
{
    struct node *target = target_of(drawing, reference);
    if (target->ranking)
        return;
    rank(drawing, target);
    node->rank = MAX(node->rank, target->rank + 1);
}

/* One more than the highest rank among those it refers to. */
static void
rank(struct drawing *drawing, struct node *node)
{
    if (node->ranked)
        return;
    node->ranking = true;
    each_reference(drawing, node, rank_after);
    node->ranking = false;
    node->ranked = true;
}

/* ---- places ---- */

static GPtrArray *
nodes_of_rank(const struct drawing *drawing, guint wanted)
{
    GPtrArray *nodes = arena_list();
    FOR_EACH(struct node, node, drawing->nodes)
        if (node->related && node->rank == wanted)
            g_ptr_array_add(nodes, node);
    return nodes;
}

static int
compare_pull(gconstpointer left, gconstpointer right)
{
    const struct node *one = *(struct node *const *)left;
    const struct node *other = *(struct node *const *)right;
    if (one->pull < other->pull)
        return -1;
    return one->pull > other->pull ? 1 : strcmp(one->name, other->name);
}

static void
pull_towards(struct drawing *drawing, struct node *node, const struct reference *reference)
{
    const struct node *target = target_of(drawing, reference);
    if (target->rank < node->rank)
        node->pull += (target->y + target->height / 2.0 - node->pull) / 2;
}

/* Stacks one column; returns its width. */
static int
place_column(struct drawing *drawing, GPtrArray *nodes, int x)
{
    int width = 0, y = MARGIN;
    FOR_EACH(struct node, node, nodes) {
        node->pull = 0;
        each_reference(drawing, node, pull_towards);
    }
    g_ptr_array_sort(nodes, compare_pull);
    FOR_EACH(struct node, node, nodes) {
        node->x = x;
        node->y = y;
        y += node->height + GAP_Y;
        width = MAX(width, node->width);
    }
    drawing->height = MAX(drawing->height, y - GAP_Y + MARGIN);
    return width;
}

/* Short columns stand in the middle of the height. */
static void
centre_column(const struct drawing *drawing, const GPtrArray *nodes)
{
    if (nodes->len == 0)
        return;
    const struct node *last = g_ptr_array_index(nodes, nodes->len - 1);
    int shift = (drawing->height - MARGIN - last->y - last->height) / 2;
    FOR_EACH(struct node, node, nodes)
        node->y += shift;
}

static void
place_related(struct drawing *drawing)
{
    GPtrArray *columns = arena_list();
    int x = MARGIN;
    for (guint i = 0;; i++) {
        GPtrArray *nodes = nodes_of_rank(drawing, i);
        if (nodes->len == 0)
            break;
        x += place_column(drawing, nodes, x) + GAP_X;
        g_ptr_array_add(columns, nodes);
    }
    FOR_EACH(GPtrArray, nodes, columns)
        centre_column(drawing, nodes);
    drawing->width = columns->len == 0 ? 0 : x - GAP_X + MARGIN;
}

/* Those without references, in rows below. */
static void
place_others(struct drawing *drawing)
{
    int limit = MAX(drawing->width, WIDTH);
    int x = MARGIN, y = MAX(drawing->height, MARGIN), row_height = 0;
    FOR_EACH(struct node, node, drawing->nodes) {
        if (node->related)
            continue;
        if (x > MARGIN && x + node->width + MARGIN > limit) {
            x = MARGIN;
            y += row_height + GAP_Y;
            row_height = 0;
        }
        node->x = x;
        node->y = y;
        row_height = MAX(row_height, node->height);
        x += node->width + GAP_Y;
        drawing->width = MAX(drawing->width, x - GAP_Y + MARGIN);
        drawing->height = MAX(drawing->height, y + row_height + MARGIN);
    }
}

/* ---- drawing ---- */

static void
draw_text(GString *out, int x, int y, const char *class, const char *text)
{
    g_string_append_printf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
    text_html(out, text);
    g_string_append(out, "</text>\n");
}

static void
draw_line(GString *out, const struct node *node, const struct column *column, int y)
{
    const char *mark = "FK";
    if (column->primary_key)
        mark = site_reference(column) != NULL ? "PK FK" : "PK";
    draw_text(out, node->x + PAD, y, "column", column->name);
    int width = (int)strlen(mark) * 6;
    draw_text(out, node->x + node->width - PAD / 2 - width, y, "mark", mark);
}

static void
draw_node(GString *out, const struct node *node)
{
    g_string_append_printf(out, "<g%s>\n", node->table == NULL ? " class=\"away\"" : "");
    if (node->lines->len > 0)
        g_string_append_printf(out,
                               "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                               "rx=\"5\"/>\n",
                               node->x, node->y, node->width, node->height);
    g_string_append(out, "<a href=\"");
    text_html(out, node->address);
    g_string_append_printf(
        out, "\"><rect class=\"head\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>\n",
        node->x, node->y, node->width, HEAD_HEIGHT);
    draw_text(out, node->x + PAD, node->y + 17, "name", node->name);
    g_string_append(out, "</a>\n");
    int y = node->y + HEAD_HEIGHT + 14;
    FOR_EACH(struct column, column, node->lines) {
        draw_line(out, node, column, y);
        y += LINE_HEIGHT;
    }
    g_string_append(out, "</g>\n");
}

/* The height of a column's line in its box. */
static int
line_height(const struct node *node, const struct column *column)
{
    for (guint i = 0; i < node->lines->len; i++)
        if (g_ptr_array_index(node->lines, i) == column)
            return node->y + HEAD_HEIGHT + (int)i * LINE_HEIGHT + LINE_HEIGHT / 2;
    return node->y + HEAD_HEIGHT / 2;
}

/* From the first column of the reference to the head of its target: to the left as a rule, around
 * the right side within a column of the drawing. */
static void
draw_edge(GString *out, const struct drawing *drawing, const struct node *node,
          const struct reference *reference)
{
    const struct node *target = target_of(drawing, reference);
    int from_y = line_height(node, g_ptr_array_index(reference->columns, 0));
    int to_y = target->y + HEAD_HEIGHT / 2;
    bool left = target->rank < node->rank;
    int from_x = left ? node->x : node->x + node->width;
    int to_x = target->x + target->width;
    int bend = GAP_X / 2;
    g_string_append_printf(out,
                           "<path class=\"edge%s\" marker-start=\"url(#many)\" "
                           "marker-end=\"url(#one)\" d=\"M%d %d C%d %d %d %d %d %d\"/>\n",
                           reference->database == NULL ? "" : " soft", from_x, from_y,
                           left ? from_x - bend : from_x + bend, from_y, to_x + bend, to_y, to_x,
                           to_y);
}

static void
draw_edges(GString *out, const struct drawing *drawing)
{
    FOR_EACH(struct node, node, drawing->nodes) {
        if (node->table == NULL)
            continue;
        FOR_EACH(struct reference, reference, node->table->references)
            draw_edge(out, drawing, node, reference);
        FOR_EACH(struct reference, reference, node->table->soft_references)
            draw_edge(out, drawing, node, reference);
    }
}

static const char markers[] =
    "<defs>\n"
    "<marker id=\"many\" viewBox=\"0 0 12 12\" refX=\"0\" refY=\"6\" markerWidth=\"12\" "
    "markerHeight=\"12\" orient=\"auto\"><path d=\"M0 1 L10 6 L0 11\"/></marker>\n"
    "<marker id=\"one\" viewBox=\"0 0 12 12\" refX=\"12\" refY=\"6\" markerWidth=\"12\" "
    "markerHeight=\"12\" orient=\"auto\"><path d=\"M5 1 L5 11\"/></marker>\n"
    "</defs>\n";

void
site_diagram(const struct database *database, GString *out)
{
    if (database->tables->len == 0)
        return;
    struct drawing drawing = {.database = database};
    drawing.nodes = arena_list();
    drawing.found = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct table, table, database->tables)
        add_table(&drawing, table);
    /* those that are added on the way have no references of their own */
    for (guint i = 0; i < database->tables->len; i++)
        each_reference(&drawing, g_ptr_array_index(drawing.nodes, i), relate);
    FOR_EACH(struct node, node, drawing.nodes)
        rank(&drawing, node);
    place_related(&drawing);
    place_others(&drawing);
    g_string_append_printf(out,
                           "<div class=\"diagram\" tabindex=\"0\" role=\"region\" "
                           "aria-label=\"Diagram of %s\">"
                           "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 "
                           "%d %d\" role=\"group\" aria-label=\"Tables of %s\">\n%s",
                           database->name, drawing.width, drawing.height, drawing.width,
                           drawing.height, database->name, markers);
    draw_edges(out, &drawing);
    FOR_EACH(struct node, node, drawing.nodes)
        draw_node(out, node);
    g_string_append(out, "</svg></div>\n");
    g_hash_table_destroy(drawing.found);
}
