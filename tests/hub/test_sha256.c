/* test_sha256.c: the hub's hash against the vectors of FIPS 180-4, and against messages of every
 * length around the ends of blocks, whose hashes come from another implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sha256.h"

static void
assert_hash(const void *data, size_t size, const char *expected)
{
    char hash[65];
    sha256_hex(data, size, hash);
    assert_string_equal(hash, expected);
}

static void
three_letters_hash_as_in_the_standard(void **state)
{
    (void)state;
    assert_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
two_blocks_hash_as_in_the_standard(void **state)
{
    (void)state;
    assert_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void
nothing_has_a_hash(void **state)
{
    (void)state;
    assert_hash(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Where the padding just fits into the last block, just does not, and where there is no rest. */
static void
padding_is_right_at_every_end_of_a_block(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        const char *hash;
    } vectors[] = {
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
        {128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
    };
    char message[128];
    memset(message, 'a', sizeof message);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        assert_hash(message, vectors[i].size, vectors[i].hash);
}

static void
a_million_letters_hash_as_in_the_standard(void **state)
{
    (void)state;
    static char message[1000000];
    memset(message, 'a', sizeof message);
    assert_hash(message, sizeof message,
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_letters_hash_as_in_the_standard),
        cmocka_unit_test(two_blocks_hash_as_in_the_standard),
        cmocka_unit_test(nothing_has_a_hash),
        cmocka_unit_test(padding_is_right_at_every_end_of_a_block),
        cmocka_unit_test(a_million_letters_hash_as_in_the_standard),
    };
    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
