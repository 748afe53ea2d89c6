/* Where doc comments stand, and what becomes of them. */
#include <cleat/schema.h>
#define DATABASE_NAME "comments"

/// Three slashes,
/// twice.
enum kind {
    KIND_A, /**< the first */
    KIND_B, ///< the second
};

/**
 * A table.
 *
 * With a second paragraph, and `code`, <angles>, | bars | and _underscores_.
 */
TABLE(documented) {
    /** Before it. */
    integer   id   PRIMARY_KEY;
    enum kind kind NOT_NULL;     ///< after it
    /*! Qt's form */
    text      a;
    text      b;                 //!< Qt's form, after it
    text      c;                 /**< over
                                      two lines */
    text      d;                 // no doc comment
    text      e NOT_NULL DEFAULT("one\ntwo -- no comment\n");   ///< a text of two lines
    text      f;                 ///< größer, 日本語
};
