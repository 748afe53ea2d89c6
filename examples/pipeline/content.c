/* content.c: a path enters, bytes with their hash leave; bytes enter, plain text leaves. Every
 * file has a content; that it is no text is found out by the extractor, which says where. */
#define _XOPEN_SOURCE 700
#include "content.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sha256.h"

enum { CONTENT_MAX = 16 << 20 };

/* ---- bytes ---- */

/* Reads at most `size` bytes: a file that grows meanwhile is read up to where it ended. */
static int
read_bytes(FILE *stream, size_t size, struct content *content)
{
    content->bytes = malloc(size + 1);
    if (content->bytes == NULL)
        return ENOMEM;
    content->size = fread(content->bytes, 1, size, stream);
    content->bytes[content->size] = '\0';
    return ferror(stream) ? EIO : 0;
}

static int
read_stream(FILE *stream, struct content *content)
{
    struct stat status;
    if (fstat(fileno(stream), &status) != 0)
        return errno;
    if (status.st_size > CONTENT_MAX)
        return EFBIG;
    return read_bytes(stream, (size_t)status.st_size, content);
}

int
content_read(const char *path, struct content *ret_content)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        return errno;
    struct content content = {0};
    int error = read_stream(stream, &content);
    fclose(stream);
    if (error != 0) {
        content_clear(&content);
        return error;
    }
    sha256_hex(content.bytes, content.size, content.hash);
    *ret_content = content;
    return 0;
}

void
content_clear(struct content *content)
{
    free(content->bytes);
    *content = (struct content){0};
}

/* ---- text ---- */

/* The length of the character that starts here, 0 when none does. The least code point of each
 * length keeps overlong forms out. */
static size_t
character_length(const unsigned char *bytes, size_t left)
{
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    size_t length = bytes[0] < 0x80             ? 1
                    : (bytes[0] & 0xe0) == 0xc0 ? 2
                    : (bytes[0] & 0xf0) == 0xe0 ? 3
                    : (bytes[0] & 0xf8) == 0xf0 ? 4
                                                : 0;
    if (length == 0 || length > left)
        return 0;
    uint32_t code = length == 1 ? bytes[0] : bytes[0] & 0xffU >> (length + 1);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3fU);
    }
    if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return length;
}

size_t
content_first_bad(const char *bytes, size_t size)
{
    const unsigned char *start = (const unsigned char *)bytes;
    for (size_t at = 0; at < size;) {
        size_t length = character_length(start + at, size - at);
        if (length == 0)
            return at;
        at += length;
    }
    return size;
}

/* Copies text without the carriage returns at the ends of lines, and counts. */
static void
normalise(const char *bytes, const char *end, struct plain_text *text)
{
    for (; bytes < end; bytes++) {
        if (bytes[0] == '\r' && bytes + 1 < end && bytes[1] == '\n')
            continue;
        text->text[text->size++] = *bytes;
        text->characters += ((unsigned char)*bytes & 0xc0) != 0x80;
        text->lines += *bytes == '\n';
    }
    if (text->size > 0 && text->text[text->size - 1] != '\n')
        text->lines++;
    text->text[text->size] = '\0';
}

int
content_extract(const struct content *content, struct plain_text *ret_text,
                char ret_message[CONTENT_MESSAGE_SIZE])
{
    static const char mark[] = "\xef\xbb\xbf"; /* the byte order mark of some editors */
    size_t bad = content_first_bad(content->bytes, content->size);
    if (bad < content->size) {
        snprintf(ret_message, CONTENT_MESSAGE_SIZE, "no UTF-8 text: byte %zu is 0x%02x", bad,
                 (unsigned)(unsigned char)content->bytes[bad]);
        return EILSEQ;
    }
    struct plain_text text = {.text = malloc(content->size + 1)};
    if (text.text == NULL)
        return ENOMEM;
    size_t skipped = strncmp(content->bytes, mark, 3) == 0 ? 3 : 0;
    normalise(content->bytes + skipped, content->bytes + content->size, &text);
    *ret_text = text;
    return 0;
}
