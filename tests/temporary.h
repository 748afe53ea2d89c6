/* temporary.h: a directory for the files of a test. Enters room for its path, and a word to tell it
 * by; leaves a new directory below TMPDIR, which CMake makes a memory file system where there is
 * one, or else below /tmp. Who includes it asks for POSIX first. */
#ifndef CLEAT_TESTS_TEMPORARY_H
#define CLEAT_TESTS_TEMPORARY_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline bool
make_temporary(char *ret_path, size_t size, const char *word)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(ret_path, size, "%s/cleat-%s-XXXXXX", parent == NULL ? "/tmp" : parent,
                          word);
    return length > 0 && (size_t)length < size && mkdtemp(ret_path) != NULL;
}

#endif
