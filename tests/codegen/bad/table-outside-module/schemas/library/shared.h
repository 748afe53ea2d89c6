TABLE(authors) {
    ulid id PRIMARY_KEY;
};
