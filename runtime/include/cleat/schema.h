/* cleat/schema.h: the words with which a module describes its tables.
 *
 * A module's db_models.h includes this header first, then names its database:
 *
 *     #include <cleat/schema.h>
 *     #define DATABASE_NAME "library"
 *
 *     TABLE(books) {
 *         integer id    PRIMARY_KEY;
 *         text    title NOT_NULL LENGTH(200);   ///< as printed on the cover
 *         INDEX_ON(title);
 *     };
 *
 * For a compiler the words mean nothing: the file is plain C11 and C++17. When the cleat tool
 * parses it (it defines __CLEAT__) they become annotations, which libclang hands back with their
 * places. Arguments are turned into text and never compiled, so SQL needs no quoting; only
 * parentheses, quotes and braces must balance.
 *
 * Programs include the generated db_models.cleat.h instead. A source that must include a
 * db_models.h can drop the short names again with #include <cleat/schema_end.h>, or define
 * CLEAT_NO_SHORT_NAMES and write CLEAT_SCHEMA_TABLE, CLEAT_SCHEMA_NOT_NULL, cleat_schema_text. */

/* Outside the guard: every schema file starts without a name, so that two of them in one
 * translation unit do not redefine each other's DATABASE_NAME. Databases with the same
 * DATABASE_ATOMIC_GROUP keep rollback journals, so that plain SQL over them is atomic. */
#undef DATABASE_NAME
#undef DATABASE_ATOMIC_GROUP

#ifndef CLEAT_SCHEMA_H
#define CLEAT_SCHEMA_H

/* ---- how a word becomes an annotation ---- */

#define CLEAT_SCHEMA_TEXT_(...) #__VA_ARGS__
#define CLEAT_SCHEMA_EXPANDED_(...) CLEAT_SCHEMA_TEXT_(__VA_ARGS__)

#if defined __CLEAT__
#define CLEAT_SCHEMA_NOTE_(text) __attribute__((annotate("cleat1:" text)))
#define CLEAT_SCHEMA_ENTRY_(text) int : 0 CLEAT_SCHEMA_NOTE_(text)
#elif defined __cplusplus
#define CLEAT_SCHEMA_NOTE_(text)
#define CLEAT_SCHEMA_ENTRY_(text) static_assert(true, "")
#else
#define CLEAT_SCHEMA_NOTE_(text)
#define CLEAT_SCHEMA_ENTRY_(text) _Static_assert(1, "")
#endif

/* ---- tables ---- */

/* A compiler sees a prefixed tag, which leaves the table's own name to the program. The tool sees
 * the plain one: libclang 14 loses the comment and the column of a name made with ##. */
#if defined __CLEAT__
#define CLEAT_SCHEMA_TABLE(name)                                                                   \
    struct CLEAT_SCHEMA_NOTE_("table " #name " in " CLEAT_SCHEMA_EXPANDED_(DATABASE_NAME)) name
#else
#define CLEAT_SCHEMA_TABLE(name) struct cleat_schema_##name
#endif

/* ---- column types: what a value means ---- */

typedef long long cleat_schema_integer CLEAT_SCHEMA_NOTE_("type integer");
typedef int cleat_schema_boolean CLEAT_SCHEMA_NOTE_("type boolean"); /* 0 or 1 */
typedef double cleat_schema_real CLEAT_SCHEMA_NOTE_("type real");
typedef const char *cleat_schema_text CLEAT_SCHEMA_NOTE_("type text"); /* UTF-8 */
typedef const char *cleat_schema_json CLEAT_SCHEMA_NOTE_("type json"); /* json_valid() */
typedef const void *cleat_schema_blob CLEAT_SCHEMA_NOTE_("type blob");
typedef long long cleat_schema_timestamp CLEAT_SCHEMA_NOTE_("type timestamp"); /* us since 1970 */
typedef const char *cleat_schema_datetime CLEAT_SCHEMA_NOTE_("type datetime"); /* ISO-8601 UTC */
typedef const char *cleat_schema_ulid CLEAT_SCHEMA_NOTE_("type ulid");         /* 26 characters */
typedef const char *cleat_schema_uuid CLEAT_SCHEMA_NOTE_("type uuid");         /* 36 characters */

/* ---- words about one column, after its name ---- */

#define CLEAT_SCHEMA_PRIMARY_KEY CLEAT_SCHEMA_NOTE_("primary_key")
#define CLEAT_SCHEMA_AUTOINCREMENT CLEAT_SCHEMA_NOTE_("autoincrement")
#define CLEAT_SCHEMA_NOT_NULL CLEAT_SCHEMA_NOTE_("not_null")
#define CLEAT_SCHEMA_UNIQUE CLEAT_SCHEMA_NOTE_("unique")
#define CLEAT_SCHEMA_INDEX CLEAT_SCHEMA_NOTE_("index")
#define CLEAT_SCHEMA_DEFAULT(...) CLEAT_SCHEMA_NOTE_("default " #__VA_ARGS__)
#define CLEAT_SCHEMA_DEFAULT_NOW CLEAT_SCHEMA_NOTE_("default_now")
#define CLEAT_SCHEMA_UPDATE_NOW CLEAT_SCHEMA_NOTE_("update_now")
#define CLEAT_SCHEMA_LENGTH(...) CLEAT_SCHEMA_NOTE_("length " CLEAT_SCHEMA_EXPANDED_(__VA_ARGS__))
#define CLEAT_SCHEMA_CHECK(...) CLEAT_SCHEMA_NOTE_("check " #__VA_ARGS__)
#define CLEAT_SCHEMA_COLLATE(...) CLEAT_SCHEMA_NOTE_("collate " #__VA_ARGS__)
#define CLEAT_SCHEMA_GENERATED(...) CLEAT_SCHEMA_NOTE_("generated " #__VA_ARGS__)
#define CLEAT_SCHEMA_REFERENCES(...) CLEAT_SCHEMA_NOTE_("references " #__VA_ARGS__)
#define CLEAT_SCHEMA_ON_DELETE(...) CLEAT_SCHEMA_NOTE_("on_delete " #__VA_ARGS__)
#define CLEAT_SCHEMA_ON_UPDATE(...) CLEAT_SCHEMA_NOTE_("on_update " #__VA_ARGS__)
#define CLEAT_SCHEMA_SOFT_REFERENCES(...) CLEAT_SCHEMA_NOTE_("soft_references " #__VA_ARGS__)
#define CLEAT_SCHEMA_NAMED(...) CLEAT_SCHEMA_NOTE_("named " CLEAT_SCHEMA_EXPANDED_(__VA_ARGS__))
#define CLEAT_SCHEMA_RENAMED_FROM(...) CLEAT_SCHEMA_NOTE_("renamed_from " #__VA_ARGS__)

/* ---- a word of a typedef, after its name: C keeps the type apart from all others ---- */

#define CLEAT_SCHEMA_DISTINCT CLEAT_SCHEMA_NOTE_("distinct")

/* ---- lines about the whole table, inside its braces ---- */

#define CLEAT_SCHEMA_PRIMARY_KEY_ON(...) CLEAT_SCHEMA_ENTRY_("primary_key_on " #__VA_ARGS__)
#define CLEAT_SCHEMA_UNIQUE_ON(...) CLEAT_SCHEMA_ENTRY_("unique_on " #__VA_ARGS__)
#define CLEAT_SCHEMA_INDEX_ON(...) CLEAT_SCHEMA_ENTRY_("index_on " #__VA_ARGS__)
#define CLEAT_SCHEMA_CHECK_ROW(...) CLEAT_SCHEMA_ENTRY_("check_row " #__VA_ARGS__)
#define CLEAT_SCHEMA_FOREIGN_KEY_ON(...) CLEAT_SCHEMA_ENTRY_("foreign_key_on " #__VA_ARGS__)
#define CLEAT_SCHEMA_EXTENDS(...) CLEAT_SCHEMA_ENTRY_("extends " #__VA_ARGS__)
#define CLEAT_SCHEMA_FULL_TEXT_ON(...) CLEAT_SCHEMA_ENTRY_("full_text_on " #__VA_ARGS__)
#define CLEAT_SCHEMA_TABLE_WAS(...) CLEAT_SCHEMA_ENTRY_("table_was " #__VA_ARGS__)
#define CLEAT_SCHEMA_DROPPED(...) CLEAT_SCHEMA_ENTRY_("dropped " #__VA_ARGS__)
#define CLEAT_SCHEMA_WITHOUT_ROWID CLEAT_SCHEMA_ENTRY_("without_rowid")
#define CLEAT_SCHEMA_NOT_STRICT CLEAT_SCHEMA_ENTRY_("not_strict")
#define CLEAT_SCHEMA_WHERE(...) CLEAT_SCHEMA_NOTE_("where " #__VA_ARGS__) /* after INDEX_ON */

/* ---- short names of the types ---- */

#ifndef CLEAT_NO_SHORT_NAMES
typedef cleat_schema_integer integer;
typedef cleat_schema_boolean boolean;
typedef cleat_schema_real real;
typedef cleat_schema_text text;
typedef cleat_schema_json json;
typedef cleat_schema_blob blob;
typedef cleat_schema_timestamp timestamp;
typedef cleat_schema_datetime datetime;
typedef cleat_schema_ulid ulid;
typedef cleat_schema_uuid uuid;
#endif

#endif /* CLEAT_SCHEMA_H */

/* ---- short names of the words ----
 * Outside the guard, so that they return after <cleat/schema_end.h>. Object-like, also those with
 * arguments: a function-like alias would expand its arguments before they become text. */
#ifndef CLEAT_NO_SHORT_NAMES
#define TABLE CLEAT_SCHEMA_TABLE
#define PRIMARY_KEY CLEAT_SCHEMA_PRIMARY_KEY
#define AUTOINCREMENT CLEAT_SCHEMA_AUTOINCREMENT
#define NOT_NULL CLEAT_SCHEMA_NOT_NULL
#define UNIQUE CLEAT_SCHEMA_UNIQUE
#define INDEX CLEAT_SCHEMA_INDEX
#define DEFAULT CLEAT_SCHEMA_DEFAULT
#define DEFAULT_NOW CLEAT_SCHEMA_DEFAULT_NOW
#define UPDATE_NOW CLEAT_SCHEMA_UPDATE_NOW
#define LENGTH CLEAT_SCHEMA_LENGTH
#define CHECK CLEAT_SCHEMA_CHECK
#define COLLATE CLEAT_SCHEMA_COLLATE
#define GENERATED CLEAT_SCHEMA_GENERATED
#define REFERENCES CLEAT_SCHEMA_REFERENCES
#define ON_DELETE CLEAT_SCHEMA_ON_DELETE
#define ON_UPDATE CLEAT_SCHEMA_ON_UPDATE
#define SOFT_REFERENCES CLEAT_SCHEMA_SOFT_REFERENCES
#define NAMED CLEAT_SCHEMA_NAMED
#define RENAMED_FROM CLEAT_SCHEMA_RENAMED_FROM
#define DISTINCT CLEAT_SCHEMA_DISTINCT
#define PRIMARY_KEY_ON CLEAT_SCHEMA_PRIMARY_KEY_ON
#define UNIQUE_ON CLEAT_SCHEMA_UNIQUE_ON
#define INDEX_ON CLEAT_SCHEMA_INDEX_ON
#define CHECK_ROW CLEAT_SCHEMA_CHECK_ROW
#define FOREIGN_KEY_ON CLEAT_SCHEMA_FOREIGN_KEY_ON
#define EXTENDS CLEAT_SCHEMA_EXTENDS
#define FULL_TEXT_ON CLEAT_SCHEMA_FULL_TEXT_ON
#define TABLE_WAS CLEAT_SCHEMA_TABLE_WAS
#define DROPPED CLEAT_SCHEMA_DROPPED
#define WITHOUT_ROWID CLEAT_SCHEMA_WITHOUT_ROWID
#define NOT_STRICT CLEAT_SCHEMA_NOT_STRICT
#define WHERE CLEAT_SCHEMA_WHERE
#endif
