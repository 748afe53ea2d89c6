/* review_json.c: a review for machines: JSON of our own, SARIF 2.1.0, and the annotations of GitHub
 * Actions. */
#include "review_write.h"

#include "common/arena.h"
#include "common/text.h"

#include <string.h>

/* GitHub shows ten of a kind for a step and drops the rest without a word. */
enum { MOST_ANNOTATIONS = 10 };

/* ---- JSON ---- */

static void
append_string(GString *out, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    g_string_append_c(out, '"');
    for (const char *at = valid; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_printf(out, "\\%c", *at);
        else if ((guchar)*at < 0x20 || *at == 0x7f)
            g_string_append_printf(out, "\\u%04x", (unsigned)(guchar)*at);
        else
            g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
    g_free(valid);
}

/* "name": "text", when there is one; the comma stands before it. */
static void
append_member(GString *out, const char *name, const char *text)
{
    if (text == NULL)
        return;
    g_string_append_printf(out, ", \"%s\": ", name);
    append_string(out, text);
}

static void
append_change(GString *out, const struct change *change)
{
    g_string_append(out, "    {\"kind\": ");
    append_string(out, change_kind_name(change->kind));
    append_member(out, "object", change_object(change));
    append_member(out, "text", review_change_text(change));
    g_string_append_c(out, '}');
}

static void
append_finding(GString *out, const struct finding *finding)
{
    const struct finding_rule *rule = &finding_rules[finding->id];
    g_string_append(out, "    {\"rule\": ");
    append_string(out, rule->name);
    append_member(out, "class", finding_class_name(rule->class));
    append_member(out, "severity", level_name(finding->severity));
    append_member(out, "database", finding->database);
    append_member(out, "object", finding->object);
    append_member(out, "text", finding->text);
    append_member(out, "help", finding->help);
    append_member(out, "query", finding->query);
    append_member(out, "path", finding->place.path);
    g_string_append_printf(out, ", \"line\": %u", finding->place.line);
    if (finding->rows >= 0)
        g_string_append_printf(out, ", \"rows\": %" G_GINT64_FORMAT, finding->rows);
    append_member(out, "accepted", finding->accepted);
    g_string_append_c(out, '}');
}

/* Every name, where the findings show the first few. */
static void
append_api_change(GString *out, const struct api_change *change)
{
    g_string_append(out, "    {\"name\": ");
    append_string(out, change->name);
    append_member(out, "was", change->was);
    append_member(out, "is", change->is);
    g_string_append(out, ", \"uses\": [");
    FOR_EACH(struct place, place, change->uses) {
        if (place != g_ptr_array_index(change->uses, 0))
            g_string_append(out, ", ");
        append_string(out, arena_printf("%s:%u", place->path, place->line));
    }
    g_string_append(out, "]}");
}

void
review_write_json(const struct review *review, GString *out)
{
    const char *separator = "\n";
    g_string_append(out, "{\n  \"title\": ");
    append_string(out, review->title);
    g_string_append(out, ",\n  \"changes\": [");
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        FOR_EACH(struct change, change, comparison->changes) {
            g_string_append(out, separator);
            append_change(out, change);
            separator = ",\n";
        }
    }
    g_string_append(out, "\n  ],\n  \"findings\": [");
    separator = "\n";
    FOR_EACH(struct finding, finding, review->findings) {
        g_string_append(out, separator);
        append_finding(out, finding);
        separator = ",\n";
    }
    g_string_append(out, "\n  ],\n  \"api\": [");
    separator = "\n";
    FOR_EACH(struct api_change, change, review->api) {
        g_string_append(out, separator);
        append_api_change(out, change);
        separator = ",\n";
    }
    g_string_append(out, "\n  ]\n}\n");
}

/* ---- SARIF ---- */

static const char *
first_sentence(const struct finding_rule *rule)
{
    char *text = arena_string_n(rule->explanation, text_first_sentence(rule->explanation));
    return g_strdelimit(text, "\n", ' ');
}

static void
append_rule(GString *out, const struct finding_rule *rule)
{
    g_string_append(out, "        {\"id\": ");
    append_string(out, rule->name);
    g_string_append(out, ", \"shortDescription\": {\"text\": ");
    append_string(out, first_sentence(rule));
    g_string_append(out, "}, \"fullDescription\": {\"text\": ");
    append_string(out, rule->explanation);
    g_string_append_printf(out, "}, \"defaultConfiguration\": {\"level\": \"%s\"}}",
                           level_name(rule->severity));
}

/* Only the rules that something was found of, in the order of the registry. */
static guint
append_rules(GString *out, const struct review *review, guint *ret_places)
{
    guint count = 0;
    for (int i = 0; i < FINDING_COUNT; i++) {
        bool found = false;
        FOR_EACH(struct finding, finding, review->findings)
            found = found || finding->id == (enum finding_id)i;
        if (!found)
            continue;
        g_string_append(out, count == 0 ? "\n" : ",\n");
        append_rule(out, &finding_rules[i]);
        ret_places[i] = count++;
    }
    return count;
}

/* The same object and rule are the same result in the next run, wherever its line is then. */
static void
append_result(GString *out, const struct finding *finding, guint rule)
{
    const char *text = finding->help == NULL ? finding->text
                                             : arena_printf("%s; %s", finding->text, finding->help);
    g_string_append_printf(out, "      {\"ruleId\": \"%s\", \"ruleIndex\": %u, \"level\": \"%s\"",
                           finding_rules[finding->id].name, rule, level_name(finding->severity));
    g_string_append(out, ", \"message\": {\"text\": ");
    append_string(out, text);
    g_string_append(out,
                    "}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": ");
    char *uri = g_uri_escape_string(finding->place.path, "/", FALSE);
    append_string(out, uri);
    g_free(uri);
    g_string_append_printf(out, "}, \"region\": {\"startLine\": %u, \"startColumn\": %u}}}]",
                           MAX(1, finding->place.line), MAX(1, finding->place.column));
    g_string_append(out, ", \"partialFingerprints\": {\"cleat/v1\": ");
    append_string(out, arena_printf("%s %s", finding_rules[finding->id].name, finding->object));
    g_string_append_c(out, '}');
    if (finding->accepted != NULL) {
        g_string_append(out, ", \"suppressions\": [{\"kind\": \"external\", \"justification\": ");
        append_string(out, finding->accepted);
        g_string_append(out, "}]");
    }
    g_string_append_c(out, '}');
}

void
review_write_sarif(const struct review *review, GString *out)
{
    guint places[FINDING_COUNT] = {0};
    const char *separator = "\n";
    g_string_append(out,
                    "{\n"
                    "  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
                    "  \"version\": \"2.1.0\",\n"
                    "  \"runs\": [{\n"
                    "    \"tool\": {\"driver\": {\n"
                    "      \"name\": \"cleat\",\n"
                    "      \"rules\": [");
    append_rules(out, review, places);
    g_string_append(out,
                    "\n      ]\n"
                    "    }},\n"
                    "    \"columnKind\": \"utf16CodeUnits\",\n"
                    "    \"results\": [");
    FOR_EACH(struct finding, finding, review->findings) {
        g_string_append(out, separator);
        append_result(out, finding, places[finding->id]);
        separator = ",\n";
    }
    g_string_append(out, "\n    ]\n  }]\n}\n");
}

/* ---- GitHub ---- */

static void
append_escaped(GString *out, const char *text, bool is_property)
{
    for (; *text != '\0'; text++) {
        bool must = *text == '%' || *text == '\r' || *text == '\n' ||
                    (is_property && (*text == ':' || *text == ','));
        if (must)
            g_string_append_printf(out, "%%%02X", (unsigned)(guchar)*text);
        else
            g_string_append_c(out, *text);
    }
}

static void
append_annotation(GString *out, const struct finding *finding)
{
    static const char *const commands[] = {"notice", "warning", "error"};
    g_string_append_printf(out, "::%s file=", commands[finding->severity]);
    append_escaped(out, finding->place.path, true);
    g_string_append_printf(out, ",line=%u,col=%u,title=", MAX(1, finding->place.line),
                           MAX(1, finding->place.column));
    append_escaped(out, finding_rules[finding->id].name, true);
    g_string_append(out, "::");
    append_escaped(out, finding->text, false);
    if (finding->help != NULL) {
        g_string_append(out, "%0A");
        append_escaped(out, finding->help, false);
    }
    g_string_append_c(out, '\n');
}

void
review_write_github(const struct review *review, GString *out)
{
    guint shown[3] = {0}, hidden = 0;
    FOR_EACH(struct finding, finding, review->findings) {
        if (finding->accepted != NULL)
            continue;
        if (shown[finding->severity] == MOST_ANNOTATIONS - 1 && finding->severity == LEVEL_NOTE) {
            hidden++;
            continue;
        }
        if (shown[finding->severity] == MOST_ANNOTATIONS) {
            hidden++;
            continue;
        }
        shown[finding->severity]++;
        append_annotation(out, finding);
    }
    if (hidden > 0)
        g_string_append_printf(
            out, "::notice title=cleat diff::%u more findings are not shown here\n", hidden);
}
