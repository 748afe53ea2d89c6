/* search.c: words enter, a ranked table of documents on standard output leaves. The index finds
 * and ranks documents; the line to show is looked for here, in the body that comes with the row. */
#define _POSIX_C_SOURCE 200809L
#include "search.h"

#include <catalog/db_models.cleat.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "report.h"

#define BLANKS " \t\r\n\f\v"

struct line {
    const char *text; /* not terminated */
    size_t size;
    int number; /* from 1 */
};

/* As for the index, bytes of longer UTF-8 sequences are taken for letters. */
static bool
is_letter(char byte)
{
    return isalnum((unsigned char)byte) || ((unsigned char)byte & 0x80) != 0;
}

/* Whether a line has a word, in upper or lower case, that is not a part of a longer one. */
static bool
has_word(const struct line *line, const char *word, size_t size)
{
    const char *end = line->text + line->size;
    for (const char *at = line->text; (size_t)(end - at) >= size; at++) {
        bool begins = at == line->text || !is_letter(at[-1]);
        bool ends = at + size == end || !is_letter(at[size]);
        if (begins && ends && strncasecmp(at, word, size) == 0)
            return true;
    }
    return false;
}

static int
count_words(const struct line *line, const char *words)
{
    int count = 0;
    for (const char *word = words + strspn(words, BLANKS); *word != '\0';) {
        size_t size = strcspn(word, BLANKS);
        count += has_word(line, word, size);
        word += size + strspn(word + size, BLANKS);
    }
    return count;
}

/* The first of the lines that have most of the words. Its number is 0 when none has any: then the
 * document was found by its path. */
static struct line
best_line(const char *body, const char *words)
{
    struct line best = {"", 0, 0};
    struct line line = {body, 0, 1};
    int best_count = 0;
    for (; *line.text != '\0'; line.number++) {
        line.size = strcspn(line.text, "\n");
        int count = count_words(&line, words);
        if (count > best_count) {
            best_count = count;
            best = line;
        }
        line.text += line.size + (line.text[line.size] == '\n');
    }
    return best;
}

/* One line of at most `width` bytes, without the blanks around it, cut between characters. */
static void
print_line(const struct line *line, size_t width)
{
    const char *text = line->text;
    size_t size = line->size;
    for (; size > 0 && strchr(BLANKS, *text) != NULL; size--)
        text++;
    while (size > 0 && strchr(BLANKS, text[size - 1]) != NULL)
        size--;
    bool is_cut = size > width;
    if (is_cut)
        for (size = width; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80;)
            size--;
    for (size_t i = 0; i < size; i++)
        putchar(iscntrl((unsigned char)text[i]) ? ' ' : text[i]);
    puts(is_cut ? "..." : "");
}

static void
print_document(int rank, const catalog_documents_row *document, const char *words)
{
    struct line line = best_line(document->body, words);
    printf("%4d  %s", rank, document->path);
    if (line.number > 0) {
        printf(":%d\n      ", line.number);
        print_line(&line, 90);
    } else {
        putchar('\n');
    }
}

static cleat_status
print_found(cleat_session *session, const char *words, int count)
{
    cleat_cursor cursor;
    cleat_status status = catalog_documents_fts_search(session, words, &cursor);
    if (status < 0)
        return report_failure(status, cleat_session_error(session));
    catalog_documents_row document;
    int rank = 0;
    while (rank < count && (status = catalog_documents_next(&cursor, &document)) == CLEAT_ROW)
        if (document.active)
            print_document(++rank, &document, words);
    cleat_cursor_close(&cursor);
    if (status < 0)
        return report_failure(status, cleat_session_error(session));
    if (rank == 0)
        puts("      nothing found");
    return status;
}

cleat_status
search(cleat_registry *registry, const char *words, int count)
{
    cleat_session *session;
    cleat_status status = cleat_session_open(registry, "catalog", CLEAT_READ, &session);
    if (status < 0)
        return report_failure(status, cleat_registry_error(registry));
    printf("\nRANK  DOCUMENTS WITH: %s\n", words);
    status = print_found(session, words, count);
    cleat_session_close(session);
    return status;
}
