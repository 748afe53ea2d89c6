/* resource.c: a path enters, the URI that the catalog knows it by leaves. */
#include "resource.h"

#include <string.h>

/* What RFC 3986 lets stand in a path as it is, and no digit of another script. */
static bool
is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("-._~/+@", byte) != NULL);
}

bool
resource_uri(const char *path, char ret_uri[RESOURCE_URI_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t size = strlen(strcpy(ret_uri, "file://"));
    for (; *path != '\0'; path++) {
        unsigned char byte = (unsigned char)*path;
        if (size + 3 >= RESOURCE_URI_SIZE)
            return false;
        if (is_plain(*path)) {
            ret_uri[size++] = *path;
            continue;
        }
        ret_uri[size++] = '%';
        ret_uri[size++] = digits[byte >> 4];
        ret_uri[size++] = digits[byte & 15];
    }
    ret_uri[size] = '\0';
    return true;
}
