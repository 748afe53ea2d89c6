/* sha256.h: the hash that names a content, SHA-256 of FIPS 180-4. */
#ifndef HUB_SHA256_H
#define HUB_SHA256_H

#include <stddef.h>

/* Writes the hash of `size` bytes as 64 hex digits in lower case. */
void sha256_hex(const void *data, size_t size, char ret_hex[65]);

#endif
