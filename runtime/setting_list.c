/* setting_list.c: the settings there are, one row each: key, form, default, limits. Everything that
 * checks, looks up, prints or suggests a key takes it from here. Allocates nothing. */
#include "settings.h"

#include <stdio.h>

static const char *const levels[] = {"debug", "info", "warning", "error", "none", NULL};
static const char *const synchronous[] = {"OFF", "NORMAL", "FULL", "EXTRA", NULL};
static const char *const journal_modes[] = {"WAL", "DELETE", "TRUNCATE", "PERSIST", NULL};
static const char *const secure_deletes[] = {"DEFAULT", "OFF", "FAST", "ON", NULL};
static const char *const sweeps[] = {"off", "report", NULL};
static const char *const temp_stores[] = {"DEFAULT", "FILE", "MEMORY", NULL};

#define TEXT(key, text)                                                                            \
    {                                                                                              \
        key, SETTING_TEXT, false, 0, text, 0, 0, NULL                                              \
    }
#define NUMBER(key, member, text, least, most)                                                     \
    {                                                                                              \
        key, SETTING_NUMBER, false, offsetof(struct config, member), text, least, most, NULL       \
    }
#define EACH_NUMBER(key, text, least, most)                                                        \
    {                                                                                              \
#key, SETTING_NUMBER, true, offsetof(struct options, key), text, least, most, NULL         \
    }
#define EACH_TRUTH(key, text)                                                                      \
    {                                                                                              \
#key, SETTING_TRUTH, true, offsetof(struct options, key), text, 0, 0, NULL                 \
    }
#define EACH_WORD(key, text, words)                                                                \
    {                                                                                              \
#key, SETTING_WORD, true, offsetof(struct options, key), text, 0, 0, words                 \
    }

const struct setting cleat_setting_list[] = {
    {"log_level", SETTING_PLACE, false, offsetof(struct config, log_level), "info", 0, 0, levels},
    {"echo_sql", SETTING_TRUTH, false, offsetof(struct config, echo_sql), "off", 0, 0, NULL},
    NUMBER("slow_statement_ms", slow_statement_ms, "0", 0, 86400000),
    {"orphans", SETTING_WORD, false, offsetof(struct config, orphans), "off", 0, 0, sweeps},
    TEXT("directory", "data"),
    TEXT("default_database", NULL),
    TEXT("database_path", NULL),
    {"attach", SETTING_TEXT, true, 0, "", 0, 0, NULL},
    EACH_NUMBER(busy_timeout_ms, "5000", 0, 86400000),
    EACH_NUMBER(pool_size, "8", 0, 10000),
    EACH_WORD(journal_mode, "WAL", journal_modes),
    EACH_WORD(synchronous, "NORMAL", synchronous),
    EACH_NUMBER(cache_kb, "2048", 1, 1 << 30),
    EACH_NUMBER(mmap_mb, "0", 0, 1 << 20),
    EACH_NUMBER(wal_autocheckpoint, "1000", 0, 1 << 30),
    EACH_NUMBER(journal_size_limit_kb, "-1", -1, 1 << 30),
    EACH_WORD(temp_store, "DEFAULT", temp_stores),
    EACH_TRUTH(cache_spill, "on"),
    EACH_WORD(secure_delete, "DEFAULT", secure_deletes),
    EACH_TRUTH(cell_size_check, "off"),
    EACH_TRUTH(automatic_index, "on"),
    EACH_NUMBER(sorter_threads, "0", 0, 64),
    EACH_TRUTH(checkpointer, "off"),
    EACH_NUMBER(wal_limit_mb, "64", 1, 1 << 20),
    EACH_TRUTH(migrate, "on"),
    EACH_TRUTH(migrate_backup, "off"),
};

const size_t cleat_setting_count = CLEAT_COUNT(cleat_setting_list);

bool
cleat_key_next(struct key_walk *walk, char ret_key[KEY_SIZE])
{
    const cleat_init_table *table = walk->table;
    size_t databases = table == NULL ? 0 : table->database_count;
    while (walk->database <= databases) {
        size_t place = walk->setting++;
        const char *name = walk->database == 0 ? NULL : table->databases[walk->database - 1].name;
        if (place < cleat_setting_count) {
            const struct setting *setting = &cleat_setting_list[place];
            if (name != NULL && !setting->each)
                continue;
            snprintf(ret_key, KEY_SIZE, "%s%s%s", name == NULL ? "" : name, name == NULL ? "" : ".",
                     setting->key);
            return true;
        }
        if (name != NULL && place < cleat_setting_count + 2) {
            bool old = place > cleat_setting_count;
            snprintf(ret_key, KEY_SIZE, old ? "databases.%s_path" : "%s.path", name);
            return true;
        }
        walk->database++;
        walk->setting = 0;
    }
    return false;
}

bool
cleat_key_is_known(const char *key)
{
    static const char head[] = "databases.";
    static const char tail[] = "_path";
    const char *dot = strchr(key, '.');
    for (size_t i = 0; i < cleat_setting_count; i++) {
        const struct setting *setting = &cleat_setting_list[i];
        if (strcmp(setting->key, key) == 0)
            return true;
        if (dot != NULL && dot != key && setting->each && strcmp(setting->key, dot + 1) == 0)
            return true;
    }
    if (dot != NULL && dot != key && strcmp(dot, ".path") == 0)
        return true;
    size_t length = strlen(key);
    return length >= sizeof head + sizeof tail - 1 && strncmp(key, head, sizeof head - 1) == 0 &&
           strcmp(key + length - (sizeof tail - 1), tail) == 0;
}

void
cleat_key_variable(const char *prefix, const char *key, char ret_name[2 * KEY_SIZE])
{
    size_t size = (size_t)snprintf(ret_name, KEY_SIZE, "%s_", prefix);
    size = size < KEY_SIZE ? size : KEY_SIZE - 1;
    for (; *key != '\0' && size + 2 < 2 * KEY_SIZE; key++) {
        if (*key == '.')
            ret_name[size++] = '_';
        if (*key >= 'a' && *key <= 'z') /* in every language: toupper() asks the locale */
            ret_name[size++] = (char)(*key - 'a' + 'A');
        else
            ret_name[size++] = *key == '.' ? '_' : *key;
    }
    ret_name[size] = '\0';
}

/* ---- did you mean ---- */

static unsigned
least_of(unsigned one, unsigned two, unsigned three)
{
    unsigned least = one < two ? one : two;
    return least < three ? least : three;
}

/* How many characters have to be put in, taken out or exchanged. */
static unsigned
distance_between(const char *one, const char *other, size_t length)
{
    unsigned row[2 * KEY_SIZE + 1];
    for (size_t i = 0; i <= length; i++)
        row[i] = (unsigned)i;
    for (unsigned line = 1; *one != '\0'; one++, line++) {
        unsigned corner = row[0];
        row[0] = line;
        for (size_t i = 1; i <= length; i++) {
            unsigned above = row[i];
            row[i] = least_of(above + 1, row[i - 1] + 1, corner + (*one != other[i - 1]));
            corner = above;
        }
    }
    return row[length];
}

void
cleat_nearest_try(struct nearest *nearest, const char *candidate)
{
    size_t length = strlen(candidate), other = strlen(nearest->word);
    unsigned most = other < 6 ? 1 : 3; /* more is another word */
    if (length > 2 * KEY_SIZE || length > other + most || other > length + most)
        return;
    unsigned distance = distance_between(nearest->word, candidate, length);
    if (distance > most || (nearest->found[0] != '\0' && distance >= nearest->distance))
        return;
    nearest->distance = distance;
    cleat_text_copy(nearest->found, sizeof nearest->found, candidate);
}
