/* settings.h: which settings there are, where a value was said, and how the two are printed. Shared
 * by the files that collect, look up, resolve and print settings.
 *
 * A key is what a program says: `pool_size`, or `NAME.pool_size` for one database. The old form of
 * a database's path is `databases.NAME_path`. */
#ifndef CLEAT_SETTINGS_H
#define CLEAT_SETTINGS_H

#include "runtime.h"

enum setting_kind {
    SETTING_TEXT,   /* looked up where it is needed */
    SETTING_NUMBER, /* an int */
    SETTING_TRUTH,  /* a bool */
    SETTING_WORD,   /* a const char *, one of `words` */
    SETTING_PLACE   /* an int, the place of the word in `words` */
};

struct setting {
    const char *key;
    enum setting_kind kind;
    bool each;        /* a database can have its own: the offset is in struct options */
    uint16_t offset;  /* of the resolved value: in struct config, or in struct options */
    const char *text; /* the value when nobody says one; NULL: it depends */
    int least, most;  /* of a number */
    const char *const *words;
};

/* All settings, in the order in which they are resolved and printed. */
extern const struct setting cleat_setting_list[];
extern const size_t cleat_setting_count;

enum { KEY_SIZE = 160 };

/* A walk over every key that a program with this init table has. Zeroed but for the table. */
struct key_walk {
    const cleat_init_table *table;
    size_t database, setting;
};

/* The next key; false after the last. */
bool cleat_key_next(struct key_walk *walk, char ret_key[KEY_SIZE]);

/* Whether a key has the form of one, whatever the databases are. */
bool cleat_key_is_known(const char *key);

/* The environment variable of a key: in capitals behind the prefix, "__" for the dot. */
void cleat_key_variable(const char *prefix, const char *key, char ret_name[2 * KEY_SIZE]);

/* Remembers the candidate that is the nearest to a misspelt word so far. Zeroed but for the word. */
struct nearest {
    const char *word;
    unsigned distance;
    char found[2 * KEY_SIZE]; /* "" when none is near enough to be meant */
};

void cleat_nearest_try(struct nearest *nearest, const char *candidate);

/* ---- where a value comes from ---- */

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

/* A value that somebody said, and who. */
struct said {
    const char *value;  /* NULL: nobody; else lent by the sources */
    char key[KEY_SIZE]; /* under which name, "" for nobody */
    char origin[256];   /* "the program", "IDX_ECHO_SQL", "settings.conf:12" */
};

void cleat_sources_find(const struct sources *sources, const char *key, struct said *ret_said);

/* What holds for a database: its own value, else the one for all. */
void cleat_sources_find_each(const struct sources *sources, const char *database, const char *key,
                             struct said *ret_said);

/* The path of a database, under its new name or its old one. */
void cleat_sources_find_path(const struct sources *sources, const char *database,
                             struct said *ret_said);

/* "section.key", or the key alone. */
void cleat_file_value_key(const struct file_value *value, char ret_key[KEY_SIZE]);

#endif
