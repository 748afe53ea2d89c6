/* types.h: ids that C keeps apart, shared by the modules. */
#ifndef TYPES_H
#define TYPES_H

#include <cleat/schema.h>

/** The number of a book, which is no other number. */
typedef integer book_id DISTINCT;
typedef ulid reader_id DISTINCT;
typedef uuid loan_id DISTINCT;
typedef text shelf_code DISTINCT LENGTH(8);
typedef real metres DISTINCT CHECK(VALUE > 0);
typedef reader_id guardian_id; /* another name, the same type */

#endif
