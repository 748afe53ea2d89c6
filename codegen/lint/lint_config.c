/* lint_config.c: which rules apply where. A lint.conf in a root of modules has groups whose names are
 * patterns of module paths, and in each rules with `on` or `off`; later groups win:
 *
 *     [*]
 *     comment-missing = on
 *     [legacy*]
 *     money-as-real = off */
#include "lint.h"

#include <string.h>

struct lint_config {
    GPtrArray *groups; /* struct group */
};

struct group {
    GPatternSpec *pattern;
    enum rule_id rule;
    bool enabled;
};

static void
free_group(gpointer data)
{
    struct group *group = data;
    g_pattern_spec_free(group->pattern);
    g_free(group);
}

static bool
find_rule(const char *name, const char *path, enum rule_id *ret_rule, GError **ret_error)
{
    const char *names[RULE_COUNT + 1];
    guint count = 0;
    for (guint i = 0; i < RULE_COUNT; i++) {
        if (rules[i].severity != SEVERITY_WARNING)
            continue;
        *ret_rule = (enum rule_id)i;
        if (strcmp(rules[i].name, name) == 0)
            return true;
        names[count++] = rules[i].name;
    }
    names[count] = NULL;
    const char *nearest = diag_nearest(name, names);
    g_set_error(ret_error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
                "%s: lint has no rule '%s'%s%s%s", path, name,
                nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                nearest == NULL ? "" : "'?");
    return false;
}

static bool
read_setting(struct lint_config *config, GKeyFile *file, const char *path, const char *pattern,
             const char *name, GError **ret_error)
{
    enum rule_id rule;
    if (!find_rule(name, path, &rule, ret_error))
        return false;
    char *value = g_key_file_get_string(file, pattern, name, ret_error);
    if (value == NULL)
        return false;
    bool on = strcmp(value, "on") == 0;
    bool known = on || strcmp(value, "off") == 0;
    g_free(value);
    if (!known) {
        g_set_error(ret_error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                    "%s: [%s] %s is neither on nor off", path, pattern, name);
        return false;
    }
    struct group *group = g_new0(struct group, 1);
    group->pattern = g_pattern_spec_new(pattern);
    group->rule = rule;
    group->enabled = on;
    g_ptr_array_add(config->groups, group);
    return true;
}

static bool
read_groups(struct lint_config *config, GKeyFile *file, const char *path, GError **ret_error)
{
    bool fine = true;
    char **patterns = g_key_file_get_groups(file, NULL);
    for (char **pattern = patterns; fine && *pattern != NULL; pattern++) {
        char **names = g_key_file_get_keys(file, *pattern, NULL, ret_error);
        fine = names != NULL;
        for (char **name = names; fine && *name != NULL; name++)
            fine = read_setting(config, file, path, *pattern, *name, ret_error);
        g_strfreev(names);
    }
    g_strfreev(patterns);
    return fine;
}

static bool
read_file(struct lint_config *config, const char *path, GError **ret_error)
{
    GKeyFile *file = g_key_file_new();
    GError *error = NULL;
    bool fine = g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error);
    if (fine)
        fine = read_groups(config, file, path, ret_error);
    else if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        fine = true;
    else
        g_set_error(ret_error, error->domain, error->code, "%s: %s", path, error->message);
    g_clear_error(&error);
    g_key_file_free(file);
    return fine;
}

bool
lint_config_read(const struct options *options, struct lint_config **ret_config, GError **ret_error)
{
    struct lint_config *config = g_new0(struct lint_config, 1);
    config->groups = g_ptr_array_new_with_free_func(free_group);
    FOR_EACH(const char, root, options->roots) {
        char *path = g_build_filename(root, "lint.conf", NULL);
        bool fine = read_file(config, path, ret_error);
        g_free(path);
        if (!fine) {
            lint_config_free(config);
            return false;
        }
    }
    *ret_config = config;
    return true;
}

void
lint_config_free(struct lint_config *config)
{
    g_ptr_array_unref(config->groups);
    g_free(config);
}

bool
lint_config_enables(const struct lint_config *config, enum rule_id rule,
                    const struct module *module)
{
    bool enabled = rules[rule].enabled;
    FOR_EACH(struct group, group, config->groups)
        if (group->rule == rule && g_pattern_spec_match_string(group->pattern, module->path))
            enabled = group->enabled;
    return enabled;
}
