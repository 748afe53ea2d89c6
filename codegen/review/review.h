/* review.h: a change of schemas judged by all rules. */
#ifndef CLEAT_REVIEW_H
#define CLEAT_REVIEW_H

#include "finding.h"

/* Runs every rule over what is in `comparisons`, accepts what the file of acceptances accepts and
 * sorts. `today` is a date such as 2026-11-27, for acceptances that end. */
void review_run(struct review *review, const char *today);

#endif
