/* sources.h: where the value of a setting comes from: the program, the environment, the settings
 * file. */
#ifndef CLEAT_SOURCES_H
#define CLEAT_SOURCES_H

#include "runtime.h"

struct file_value {
    const char *section; /* "" outside of one */
    const char *key;
    const char *value;
    int line;
};

struct sources {
    const cleat_settings *settings;
    char *text; /* of the file, cut into the strings below */
    struct file_value *values;
    size_t count;
};

/* Reads the settings file, when one is named. */
cleat_status cleat_sources_open(struct sources *sources, const cleat_settings *settings,
                                cleat_error *error);
void cleat_sources_close(struct sources *sources);

/* The value of a key, NULL when nobody has said one, and in words who said it. Lends both. */
const char *cleat_sources_find(const struct sources *sources, const char *key,
                               const char **ret_origin);

#endif
