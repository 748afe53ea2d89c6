/* works.h: what the tests of tables that extend others share: rows of works, and what the tables
 * hold. */
#ifndef WORKS_H
#define WORKS_H

#include "shop.h"

#include "letters/db_models.cleat.h"
#include "works/db_models.cleat.h"

shop_texts_row text_row(const char *uri, const char *body);
shop_letters_row letter_row(const char *uri, const char *sender);

/* Asserts how many rows works, texts and letters have. */
void holds(int64_t works, int64_t texts, int64_t letters);

#endif
