/* text_file.c: a path enters, the text of the file with its size, time and hash leaves. Only UTF-8
 * without NULs is a text: everything else would not come back from a TEXT column as it went in. */
#define _XOPEN_SOURCE 700
#include "text_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sha256.h"

enum { SIZE_MAX_READ = 16 << 20 };

/* The length of the UTF-8 sequence that starts here, 0 when none does. NUL, overlong forms,
 * surrogates and what is past U+10FFFF are none. */
static size_t
sequence_length(const unsigned char *bytes, size_t left)
{
    if (bytes[0] < 0x80)
        return bytes[0] != 0;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
        return 0;
    size_t length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    if (left < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] > 0x9f) ||
        (bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] > 0x8f))
        return 0;
    return length;
}

static bool
is_text(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t at = 0; at < size;) {
        size_t length = sequence_length(bytes + at, size - at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

/* Reads at most `size` bytes: a file that grows meanwhile is read up to where it ended. */
static int
read_text(FILE *stream, size_t size, struct text_file *file)
{
    file->text = malloc(size + 1);
    if (file->text == NULL)
        return ENOMEM;
    file->size = fread(file->text, 1, size, stream);
    file->text[file->size] = '\0';
    if (ferror(stream))
        return EIO;
    return is_text(file->text, file->size) ? 0 : EILSEQ;
}

static int
read_stream(FILE *stream, struct text_file *file)
{
    struct stat status;
    if (fstat(fileno(stream), &status) != 0)
        return errno;
    if (status.st_size > SIZE_MAX_READ)
        return EFBIG;
    file->modified = (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
    return read_text(stream, (size_t)status.st_size, file);
}

int
text_file_read(const char *path, struct text_file *ret_file)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        return errno;
    struct text_file file = {0};
    int error = read_stream(stream, &file);
    fclose(stream);
    if (error != 0) {
        text_file_clear(&file);
        return error;
    }
    sha256_hex(file.text, file.size, file.hash);
    *ret_file = file;
    return 0;
}

void
text_file_clear(struct text_file *file)
{
    free(file->text);
    *file = (struct text_file){0};
}

const char *
text_file_extension(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name || dot[1] == '\0' ? NULL : dot + 1;
}

const char *
text_file_media_type(const char *path)
{
    static const char *const known[][2] = {
        {"c", "text/x-c"},     {"cmake", "text/x-cmake"},    {"h", "text/x-c"},
        {"html", "text/html"}, {"json", "application/json"}, {"md", "text/markdown"},
        {"sh", "text/x-sh"},   {"sql", "application/sql"},
    };
    const char *extension = text_file_extension(path);
    for (size_t i = 0; extension != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(extension, known[i][0]) == 0)
            return known[i][1];
    return "text/plain";
}
