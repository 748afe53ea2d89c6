/* sha256.c: bytes enter, 64 hex digits leave. A plain reading of FIPS 180-4, with its names for
 * the sections in the comments; tests/hub/test_sha256.c has the vectors of the standard. */
#include "sha256.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK_SIZE = 64, LENGTH_SIZE = 8 };

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes (4.2.2). */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

/* The message schedule: 16 words of the block, and 48 that are mixed from them (6.2.2, step 1). */
static void
expand(const unsigned char *block, uint32_t ret_words[64])
{
    for (size_t i = 0; i < 16; i++, block += 4)
        ret_words[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
                       (uint32_t)block[2] << 8 | (uint32_t)block[3];
    for (size_t i = 16; i < 64; i++) {
        uint32_t near = ret_words[i - 2];
        uint32_t far = ret_words[i - 15];
        ret_words[i] = ret_words[i - 16] + ret_words[i - 7] +
                       (rotate(near, 17) ^ rotate(near, 19) ^ near >> 10) +
                       (rotate(far, 7) ^ rotate(far, 18) ^ far >> 3);
    }
}

/* Works one block into the state (6.2.2, steps 2 to 4). */
static void
compress(uint32_t state[8], const unsigned char *block)
{
    uint32_t words[64];
    uint32_t v[8]; /* a to h */
    expand(block, words);
    memcpy(v, state, sizeof v);
    for (size_t i = 0; i < 64; i++) {
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + choice +
                         constants[i] + words[i];
        uint32_t second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + majority;
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += first;
        v[0] = first + second;
    }
    for (size_t i = 0; i < 8; i++)
        state[i] += v[i];
}

/* The end of the message: a 1 bit, zeros up to a whole block, the length in bits (5.1.1). */
static void
finish(uint32_t state[8], const unsigned char *rest, size_t rest_size, uint64_t size)
{
    unsigned char tail[2 * BLOCK_SIZE] = {0};
    size_t tail_size = rest_size + 1 + LENGTH_SIZE <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;
    if (rest_size > 0)
        memcpy(tail, rest, rest_size);
    tail[rest_size] = 0x80;
    for (unsigned i = 0; i < LENGTH_SIZE; i++)
        tail[tail_size - 1 - i] = (unsigned char)(size * 8 >> 8 * i);
    for (size_t at = 0; at < tail_size; at += BLOCK_SIZE)
        compress(state, tail + at);
}

void
sha256_hex(const void *data, size_t size, char ret_hex[65])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const unsigned char *bytes = data;
    size_t whole = size - size % BLOCK_SIZE;
    for (size_t at = 0; at < whole; at += BLOCK_SIZE)
        compress(state, bytes + at);
    finish(state, whole < size ? bytes + whole : NULL, size - whole, size);
    for (unsigned i = 0; i < 64; i++)
        ret_hex[i] = "0123456789abcdef"[state[i / 8] >> (28 - i % 8 * 4) & 15];
    ret_hex[64] = '\0';
}
