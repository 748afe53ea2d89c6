/* statement.h: finding a statement, running it, making it ready again. Inline where every call on a
 * row passes. */
#ifndef CLEAT_STATEMENT_H
#define CLEAT_STATEMENT_H

#include "sql.h"
#include "unit/unit.h"

/* ---- running ---- */

int cleat_step_timed(struct statement *statement);
void cleat_report(const cleat_session *session, const char *sql, int64_t nanoseconds);

static inline int
cleat_step(const cleat_session *session, struct statement *statement)
{
    if (CLEAT_UNLIKELY(session->timed))
        return cleat_step_timed(statement);
    return sqlite3_step(statement->handle);
}

/* Makes a statement ready for its next use. */
static inline void
cleat_statement_release(const cleat_session *session, struct statement *statement)
{
    if (CLEAT_UNLIKELY(session->timed)) {
        cleat_report(session, sqlite3_sql(statement->handle), statement->nanoseconds);
        statement->nanoseconds = 0;
    }
    sqlite3_reset(statement->handle);
    statement->ticket = 0;
}

/* ---- finding ---- */

cleat_status cleat_entry_open(cleat_session *session, const void *identity,
                              const cleat_table *table, const cleat_full_text *index,
                              struct entry **ret_entry);
void cleat_entries_close(struct connection *connection);
cleat_status cleat_statement_prepare(cleat_session *session, struct entry *entry,
                                     struct statement *statement, enum operation operation,
                                     unsigned key);
cleat_status cleat_statement_again(cleat_session *session, struct entry *entry,
                                   struct statement *first, enum operation operation, unsigned key,
                                   struct statement **ret_statement);

/* A variant that nobody holds, or NULL. */
struct statement *cleat_variant_find(const cleat_session *session, struct entry *entry,
                                     const void *signature, size_t size);

/* Prepares a new variant; of sets of columns only the last KEPT_VARIANTS of a kind stay. Frees `sql`, which may be
 * NULL for lack of memory. */
cleat_status cleat_variant_add(cleat_session *session, struct entry *entry, const void *signature,
                               size_t size, char *sql, struct statement **ret_statement);

/* The entry of a table; *ret_entry is set on success. */
static inline cleat_status
cleat_entry_find(cleat_session *session, const cleat_table *table, struct entry **ret_entry)
{
    struct entry *last = session->connection->last;
    if (CLEAT_LIKELY(last != NULL && last->identity == table)) {
        *ret_entry = last;
        return CLEAT_OK;
    }
    return cleat_entry_open(session, table, table, NULL, ret_entry);
}

/* A statement of an entry that is ready to be bound. */
static inline cleat_status
cleat_statement_find(cleat_session *session, struct entry *entry, enum operation operation,
                     unsigned key, struct statement **ret_statement)
{
    size_t place = operation;
    if (operation >= CLEAT_SQL_GET) /* one for each key */
        place = CLEAT_SQL_GET + (operation - CLEAT_SQL_GET) * entry->table->key_count + key;
    struct statement *statement = &entry->slots[place];
    cleat_count(&session->connection->counts.statements, 1);
    if (CLEAT_UNLIKELY(statement->handle == NULL)) {
        cleat_status rc = cleat_statement_prepare(session, entry, statement, operation, key);
        if (rc < 0)
            return rc;
    }
    if (CLEAT_UNLIKELY(statement->ticket >= session->unit))
        return cleat_statement_again(session, entry, statement, operation, key, ret_statement);
    *ret_statement = statement;
    return CLEAT_OK;
}

#endif
