/* main.c: an event loop that never waits for a disk. Reads lines from standard input with poll(),
 * has each stored beside the loop, and answers "stored 1: first line" when it is on disk. Lines that
 * arrive while others are written are committed together. At the end of the input it waits for what
 * is on its way, says how many rows there are, and ends.
 *
 *   events DIRECTORY < lines */
#include "core/database/db_models.cleat.h"
#include "init_table.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_SIZE = 4096, MOST_UNDER_WAY = 512 };

static const char module_id[] = "example.events";

/* A line on its way to the disk and back. */
struct line {
    int number;
    int64_t module;
    char text[LINE_SIZE];
};

struct loop {
    cleat_async *async;
    int64_t module;
    char input[LINE_SIZE]; /* what was read behind the last end of a line */
    size_t size;
    int lines, under_way;
    bool ended; /* the input */
    bool failed;
};

/* ---- work: runs on another thread, in a session ---- */

static cleat_status
store_line(cleat_session *session, void *data)
{
    const struct line *line = data;
    framework_module_logs_row row = framework_module_logs_defaults();
    row.module_id = line->module;
    row.level = "info";
    row.message = line->text;
    return framework_module_logs_insert(session, &row);
}

static cleat_status
count_lines(cleat_session *session, void *data)
{
    return framework_module_logs_count(session, data);
}

/* ---- the loop ---- */

static void
submit_line(struct loop *loop, const char *text, size_t length)
{
    struct line *line = malloc(sizeof *line);
    if (line == NULL) {
        loop->failed = true;
        return;
    }
    line->number = ++loop->lines;
    line->module = loop->module;
    memcpy(line->text, text, length);
    line->text[length] = '\0';
    if (cleat_async_submit(loop->async, "framework", CLEAT_WRITE, store_line, line) == CLEAT_OK) {
        loop->under_way++;
        return;
    }
    free(line);
    loop->failed = true;
}

/* Cuts what was read into lines; one that is too long is cut off. */
static void
submit_lines(struct loop *loop)
{
    char *start = loop->input, *end = loop->input + loop->size, *newline;
    while ((newline = memchr(start, '\n', (size_t)(end - start))) != NULL) {
        submit_line(loop, start, (size_t)(newline - start));
        start = newline + 1;
    }
    loop->size = (size_t)(end - start);
    memmove(loop->input, start, loop->size);
    if (loop->size > 0 && (loop->ended || loop->size == sizeof loop->input - 1)) {
        submit_line(loop, loop->input, loop->size);
        loop->size = 0;
    }
}

static void
read_input(struct loop *loop)
{
    ssize_t size = read(STDIN_FILENO, loop->input + loop->size,
                        sizeof loop->input - 1 - loop->size);
    if (size < 0 && errno == EINTR)
        return;
    loop->failed = loop->failed || size < 0;
    loop->ended = size <= 0;
    loop->size += size > 0 ? (size_t)size : 0;
    submit_lines(loop);
}

static void
fetch_results(struct loop *loop)
{
    cleat_result result;
    while (cleat_async_next(loop->async, &result) == CLEAT_ROW) {
        struct line *line = result.data;
        loop->under_way--;
        if (result.status >= 0) {
            printf("stored %d: %s\n", line->number, line->text);
        } else {
            fprintf(stderr, "line %d: %s\n", line->number, result.error.text);
            loop->failed = true;
        }
        free(line);
    }
    fflush(stdout);
}

/* While too much is under way the input is left where it is: who writes it waits. */
static void
run(struct loop *loop)
{
    while (!loop->ended || loop->under_way > 0) {
        bool reads = !loop->ended && loop->under_way < MOST_UNDER_WAY;
        struct pollfd files[] = {
            {.fd = cleat_async_fd(loop->async), .events = POLLIN},
            {.fd = reads ? STDIN_FILENO : -1, .events = POLLIN},
        };
        if (poll(files, 2, -1) < 0 && errno != EINTR) {
            loop->failed = true;
            return;
        }
        if (files[0].revents != 0)
            fetch_results(loop);
        if (files[1].revents != 0)
            read_input(loop);
    }
}

static bool
say_count(cleat_async *async)
{
    int64_t count = 0;
    struct pollfd file = {.fd = cleat_async_fd(async), .events = POLLIN};
    cleat_result result;
    if (cleat_async_submit(async, "framework", CLEAT_READ, count_lines, &count) < 0)
        return false;
    while (cleat_async_next(async, &result) == CLEAT_DONE)
        poll(&file, 1, -1);
    if (result.status >= 0)
        printf("%lld rows\n", (long long)count);
    return result.status >= 0;
}

/* ---- start ---- */

/* The module that the rows belong to. */
static cleat_status
ensure_module(cleat_session *session, void *data)
{
    int64_t *ret_id = data;
    framework_modules_row row = framework_modules_defaults();
    row.module_id = module_id;
    row.name = "An event loop";
    cleat_status rc = framework_modules_ensure_by_module_id(session, &row);
    if (rc >= 0)
        *ret_id = row.id;
    framework_modules_clear(&row);
    return rc;
}

int
main(int count, char **arguments)
{
    cleat_settings settings;
    cleat_registry *registry = NULL;
    struct loop loop = {.failed = false};
    cleat_error error = {.status = CLEAT_OK};
    if (count != 2) {
        fprintf(stderr, "usage: events DIRECTORY < lines\n");
        return 2;
    }
    cleat_settings_init(&settings, "EVENTS");
    cleat_settings_set(&settings, "directory", arguments[1]);
    cleat_settings_set(&settings, "framework.synchronous", "FULL");
    cleat_status rc = cleat_registry_open(&app_init_table, &settings, &registry);
    if (rc == CLEAT_OK)
        rc = cleat_group_run(registry, "framework", ensure_module, &loop.module, &error);
    else if (registry != NULL)
        error = *cleat_registry_error(registry);
    if (rc >= 0)
        rc = cleat_async_open(registry, &loop.async);
    if (rc >= 0) {
        run(&loop);
        loop.failed = !say_count(loop.async) || loop.failed;
    } else {
        fprintf(stderr, "events: %s\n", error.text);
    }
    cleat_async_close(loop.async);
    cleat_registry_close(registry);
    return rc < 0 || loop.failed ? 1 : 0;
}
