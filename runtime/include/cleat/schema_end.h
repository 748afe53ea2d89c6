/* cleat/schema_end.h: takes the short words of <cleat/schema.h> away again, for the rare source
 * that includes a db_models.h and has other uses for names such as INDEX or CHECK. It has no
 * guard: it may follow every schema file. */

#undef DATABASE_NAME
#undef DATABASE_ATOMIC_GROUP
#undef TABLE
#undef PRIMARY_KEY
#undef AUTOINCREMENT
#undef NOT_NULL
#undef UNIQUE
#undef INDEX
#undef DEFAULT
#undef DEFAULT_NOW
#undef UPDATE_NOW
#undef LENGTH
#undef DISTINCT
#undef CHECK
#undef COLLATE
#undef GENERATED
#undef REFERENCES
#undef ON_DELETE
#undef ON_UPDATE
#undef SOFT_REFERENCES
#undef NAMED
#undef RENAMED_FROM
#undef PRIMARY_KEY_ON
#undef UNIQUE_ON
#undef INDEX_ON
#undef CHECK_ROW
#undef FOREIGN_KEY_ON
#undef EXTENDS
#undef FULL_TEXT_ON
#undef TABLE_WAS
#undef DROPPED
#undef WITHOUT_ROWID
#undef NOT_STRICT
#undef WHERE
