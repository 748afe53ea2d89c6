/* sql_where.c: the SQL for rows that equal a row in some of its columns. A set of columns enters,
 * and which of them are NULL there; so each text says `=` or IS NULL, and SQLite can choose any
 * index, partial ones too. */
#include "sql_put.h"

static bool
has_bit(const unsigned char *bits, unsigned place)
{
    return (bits[place / 8] >> place % 8 & 1) != 0;
}

static void
put_conditions(struct buffer *buffer, const cleat_table *table, const unsigned char *bits,
               const unsigned char *nulls)
{
    const char *before = " WHERE ";
    unsigned number = 0;
    for (unsigned i = 0; i < table->column_count; i++) {
        if (!has_bit(bits, i))
            continue;
        cleat_put(buffer, before);
        cleat_put_name(buffer, table->columns[i].name);
        cleat_put(buffer, has_bit(nulls, i) ? " IS NULL" : "=");
        if (!has_bit(nulls, i))
            cleat_put_parameter(buffer, ++number);
        before = " AND ";
    }
}

static void
put_keys(struct buffer *buffer, const cleat_table *table)
{
    cleat_put(buffer, "SELECT ");
    cleat_put_key_columns(buffer, table, &table->keys[0]);
    cleat_put_from(buffer, "", table, NULL);
}

char *
cleat_sql_where(const cleat_table *table, enum operation operation, const unsigned char *bits,
                const unsigned char *nulls)
{
    struct buffer buffer = {0};
    if (operation == CLEAT_SQL_COUNT)
        cleat_put_from(&buffer, "SELECT count(*)", table, NULL);
    else if (operation == CLEAT_SQL_DELETE)
        cleat_put_from(&buffer, "DELETE", table, NULL);
    else if (operation == CLEAT_SQL_KEY)
        put_keys(&buffer, table);
    else
        cleat_put_select(&buffer, table, NULL);
    put_conditions(&buffer, table, bits, nulls);
    if (operation == CLEAT_SQL_LIST && table->key_count > 0) {
        cleat_put(&buffer, " ORDER BY ");
        cleat_put_key_columns(&buffer, table, &table->keys[0]);
    }
    return cleat_take(&buffer);
}
