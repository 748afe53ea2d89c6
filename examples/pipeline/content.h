/* content.h: the bytes of a file, and the plain text that the extractor makes of them. */
#ifndef PIPELINE_CONTENT_H
#define PIPELINE_CONTENT_H

#include <stddef.h>

/* Names what content_extract() does. A change of it is a new version. */
#define CONTENT_EXTRACTOR "plain_text"
#define CONTENT_EXTRACTOR_VERSION "1"

/* A zeroed one is empty. */
struct content {
    char *bytes; /* with a NUL behind them, which is not counted */
    size_t size;
    char hash[65]; /* SHA-256 of the bytes, in hex */
};

struct plain_text {
    char *text; /* UTF-8 with "\n" at the ends of lines */
    size_t size;
    size_t characters;
    size_t lines;
};

enum { CONTENT_MESSAGE_SIZE = 128 };

/* Reads a file, whatever is in it. Returns 0 or an errno: EFBIG when it is too large to be a text.
 * Owns: content_clear(). */
int content_read(const char *path, struct content *ret_content);

void content_clear(struct content *content);

/* Returns the place of the first byte that is not UTF-8 or is NUL, or the size when all are. */
size_t content_first_bad(const char *bytes, size_t size);

/* Returns 0, EILSEQ with what is wrong in the message, or ENOMEM. The caller frees text. */
int content_extract(const struct content *content, struct plain_text *ret_text,
                    char ret_message[CONTENT_MESSAGE_SIZE]);

#endif
