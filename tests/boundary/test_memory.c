/* test_memory.c: memory that runs out at every allocation of JSON in turn: an error, a row that is
 * as it was, and nothing leaked. */
#include "shelf.h"

static long countdown; /* the allocation that fails, with all after it; 0 for none */

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool
fails(void)
{
    if (countdown > 1)
        countdown--;
    else
        return countdown == 1;
    return false;
}

void *
__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

static void
json_without_memory_is_an_error(void **state)
{
    (void)state;
    static const char extra[] = "{\"z\":[{\"b\":1,\"a\":2},{\"d\":\"x\",\"c\":[1,2,3]}],\"y\":{}}";
    shelf_books_row row = shelf_book(), again = {0};
    cleat_status rc = CLEAT_NOMEM;
    long failures = 0;
    row.extra = extra;
    for (; rc == CLEAT_NOMEM; failures++) {
        char *json = NULL;
        countdown = failures + 1;
        rc = shelf_books_to_json(&row, &json);
        countdown = 0;
        assert_int_equal(json == NULL, rc == CLEAT_NOMEM);
        if (json == NULL)
            continue;
        assert_int_equal(rc, CLEAT_OK);
        countdown = 1;
        rc = shelf_books_from_json(json, strlen(json), CLEAT_JSON_STRICT, &again, NULL);
        countdown = 0;
        assert_int_equal(rc, CLEAT_NOMEM);
        assert_null(again.title);
        rc = shelf_books_from_json(json, strlen(json), CLEAT_JSON_STRICT, &again, NULL);
        assert_int_equal(rc, CLEAT_OK);
        cleat_free(json);
    }
    assert_true(failures > 5);
    shelf_books_clear(&again);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_without_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
