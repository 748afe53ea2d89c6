/* status.c: statuses have names, errors have a sentence, texts have an end. Knows nothing of where
 * an error comes from. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *
cleat_status_name(cleat_status status)
{
    switch (status) {
    case CLEAT_OK: return "CLEAT_OK";
    case CLEAT_ROW: return "CLEAT_ROW";
    case CLEAT_DONE: return "CLEAT_DONE";
    case CLEAT_NOT_FOUND: return "CLEAT_NOT_FOUND";
    case CLEAT_CREATED: return "CLEAT_CREATED";
    case CLEAT_FOUND: return "CLEAT_FOUND";
    case CLEAT_UPDATED: return "CLEAT_UPDATED";
    case CLEAT_UNCHANGED: return "CLEAT_UNCHANGED";
    case CLEAT_ERROR: return "CLEAT_ERROR";
    case CLEAT_CONFLICT: return "CLEAT_CONFLICT";
    case CLEAT_FOREIGN_KEY: return "CLEAT_FOREIGN_KEY";
    case CLEAT_NOT_NULL: return "CLEAT_NOT_NULL";
    case CLEAT_CHECK: return "CLEAT_CHECK";
    case CLEAT_BUSY: return "CLEAT_BUSY";
    case CLEAT_FULL: return "CLEAT_FULL";
    case CLEAT_READONLY: return "CLEAT_READONLY";
    case CLEAT_CORRUPT: return "CLEAT_CORRUPT";
    case CLEAT_NOMEM: return "CLEAT_NOMEM";
    case CLEAT_MISUSE: return "CLEAT_MISUSE";
    case CLEAT_DRIFT: return "CLEAT_DRIFT";
    case CLEAT_NEWER: return "CLEAT_NEWER";
    case CLEAT_PARTIAL: return "CLEAT_PARTIAL";
    case CLEAT_FORKED: return "CLEAT_FORKED";
    case CLEAT_CANNOT_OPEN: return "CLEAT_CANNOT_OPEN";
    case CLEAT_IO: return "CLEAT_IO";
    case CLEAT_TOO_BIG: return "CLEAT_TOO_BIG";
    case CLEAT_VALUE: return "CLEAT_VALUE";
    case CLEAT_INTERRUPTED: return "CLEAT_INTERRUPTED";
    }
    return "CLEAT_UNKNOWN";
}

char *
cleat_text(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return text;
}

void
cleat_text_copy(char *ret_text, size_t size, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length >= size)
        length = size - 1;
    if (length > 0)
        memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}

cleat_status
cleat_error_set(cleat_error *error, cleat_status status, const char *format, ...)
{
    memset(error, 0, sizeof *error);
    error->status = status;
    error->row = -1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}

cleat_status
cleat_error_memory(cleat_error *error)
{
    return cleat_error_set(error, CLEAT_NOMEM, "there is not enough memory");
}
