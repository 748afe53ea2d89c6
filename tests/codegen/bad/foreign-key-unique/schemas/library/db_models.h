#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(authors) {
    ulid id PRIMARY_KEY;
    text name;
    text city;
    UNIQUE_ON(city) WHERE(city <> '');
    UNIQUE_ON(name COLLATE NOCASE);
};

TABLE(books) {
    ulid id PRIMARY_KEY;
    text author REFERENCES(authors, name);
    text city REFERENCES(authors, city);
    FOREIGN_KEY_ON((author, city), authors(name, city));
};
