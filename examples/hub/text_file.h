/* text_file.h: one text file, read whole. */
#ifndef HUB_TEXT_FILE_H
#define HUB_TEXT_FILE_H

#include <stddef.h>
#include <stdint.h>

struct text_file {
    char *text; /* UTF-8, with a NUL behind it and none in it */
    size_t size;
    int64_t modified; /* microseconds since 1970 */
    char hash[65];    /* SHA-256 of the text, in hex */
};

/* Returns 0 or an errno: EILSEQ when the file is no UTF-8 text, EFBIG when it is larger than is
 * worth a catalog. Owns: text_file_clear(). */
int text_file_read(const char *path, struct text_file *ret_file);

void text_file_clear(struct text_file *file);

/* The media type that the name of a text file suggests. Never NULL. */
const char *text_file_media_type(const char *path);

/* What stands after the last dot of the file's name; NULL when there is none. Lends from `path`. */
const char *text_file_extension(const char *path);

#endif
