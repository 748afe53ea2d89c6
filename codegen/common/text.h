/* text.h: the ways in which text enters a generated file: as a template, inside a comment, as a C
 * literal, as Markdown, HTML or JavaScript. Text from schemas goes through one of these, never
 * through a template alone. */
#ifndef CLEAT_TEXT_H
#define CLEAT_TEXT_H

#include <glib.h>
#include <stdbool.h>

/* Appends a template in which @name@ stands for a value: pairs of name and value follow, then
 * NULL. A template asks only for names that it is given. */
void text_emit(GString *out, const char *template_text, ...) G_GNUC_NULL_TERMINATED;

/* Appends text so that it can stand in a comment of C, SQL and Markdown, on one line: it cannot
 * end the comment, begin another, continue it on the next line, or change the direction of what
 * is shown. */
void text_comment(GString *out, const char *text);

/* The same, but line by line as it was written, `between` before every line but the first. */
void text_comment_lines(GString *out, const char *text, const char *between);

/* Appends C string literals. After each newline of the text a literal ends and the next begins,
 * after `between`. */
void text_literal(GString *out, const char *text, gsize length, const char *between);

/* Whether text is UTF-8 of which every character can be seen or is a blank. */
bool text_is_visible(const char *text);

/* The length of a comment's first sentence, without its full stop: up to one with something behind
 * it, or to an empty line. */
gsize text_first_sentence(const char *text);

/* Appends text as plain words of one line of Markdown, in tables too. */
void text_markdown(GString *out, const char *text);

/* Appends text so that it can stand between tags and in a quoted attribute of HTML. Newlines stay,
 * what cannot be seen goes. */
void text_html(GString *out, const char *text);

/* Appends a string literal of JavaScript, on one line; safe inside of <script> too. */
void text_javascript(GString *out, const char *text);

#endif
