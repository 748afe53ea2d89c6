/* Doc comments that would end, begin or continue something where they are copied to. */
#include <cleat/schema.h>
#define DATABASE_NAME "comments"

/// The end */ of a comment; #include "nothing.h"
/// and its start /* and // and /*/ and **/ and */*/*
enum ends {
    ENDS_A, /**< // "quote" 'quote' `quote` */
    ENDS_B, ///< */ } ; int x; /*
    ENDS_C, /**< trailing backslash \ */
};

/// A table */ static int injected; /* with "quotes", 'quotes', `ticks`, ```fences```, <!-- html -->,
/// --> , | bars |, [links](http://example.com), <script>alert(1)</script>, $x$, {braces}, #hashes,
/// ; DROP TABLE documented; -- and so on, ??/ and ??' and ????/ trigraphs, ??=define,
/// @name@ @p@ @ %s %n %d, \n \0 \x41 \\ \" and a backslash at the end \
/// - a list
/// # a heading
TABLE(documented) {
    /** first line
     *  second -- line
     *  ); DROP TABLE documented; --
     */
    integer id PRIMARY_KEY;
    text a;      ///< */ int a; /*
    text b;      ///< what??/
    text c;      /**< ends with \\ */
    text d;      /**< ends with a backslash and blanks \   
                   */
    text e;      /**< has ?? / and *\/ and \*/
    text f;      ///< @p@ %s @
    text g;      ///< '
    text h;      ///< "
    text i;      ///< `
    text j NOT_NULL DEFAULT("-- no comment */ /* '");   ///< after an awkward text: ' " --
    text k CHECK(k <> '*/ -- /*');                      ///< in an expression too
    text l CHECK(l <> "k");                             ///< a name in quotes
    text m;      ///<
    text n;      /**<*/
    text o;      /**/
    text p;      ///< */
    text q;      ///< /
    text r;      ///< *
    text s;      ///< ?
};
