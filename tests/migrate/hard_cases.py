#!/usr/bin/env python3
"""Migrations that the tool writes, on files with rows: either every row is there afterwards, or the
file is as it was and the message says what to do.

Usage: hard_cases.py TOOL [--all] [--rows N] [CASE...]

Each case changes the base schema, has the tool write the migration, and runs it on four files: p0 a
parent with children that would cascade, a mark of AUTOINCREMENT beyond the last row, NOCASE, checks
and full text; p1 the same with a reference to itself and other indexes in use; p2 with a view and a
trigger of another table that name the changed one; p3 with generated columns. All are in one schema;
a profile is which rows there are. Without --all a case takes the
profiles that make a difference for it. --rows makes the largest table that long, and only measures. With CLEAT_SOAK set it takes
all profiles, and with CLEAT_SOAK=1 ten million rows at the end.
"""
import atexit
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

BASE = '''#include <cleat/schema.h>
#define DATABASE_NAME "shop"

enum book_state { BOOK_NEW, BOOK_SOLD, BOOK_LOST };

TABLE(authors) {
    integer id   PRIMARY_KEY AUTOINCREMENT;
    text    name NOT_NULL UNIQUE COLLATE(NOCASE);
};

TABLE(books) {
    integer              id          PRIMARY_KEY AUTOINCREMENT;
    text                 isbn        NOT_NULL;
    text                 title       NOT_NULL;
    text                 note;
    enum book_state      state       NOT_NULL DEFAULT(BOOK_NEW);
    integer              author_id   REFERENCES(authors, id) ON_DELETE(CASCADE);
    integer              parent_id   REFERENCES(books, id) ON_DELETE(SET_NULL);
    integer              pages;
    text                 lower_title GENERATED(lower(title));
    INDEX_ON(lower_title) WHERE(state <> 'lost');
    INDEX_ON(length(title), pages DESC);
    FULL_TEXT_ON(books_fts, title, note);
};

TABLE(reviews) {
    text    slug    PRIMARY_KEY;
    integer book_id NOT_NULL REFERENCES(books, id) ON_DELETE(CASCADE) INDEX;
    text    stars   NOT_NULL;
};

TABLE(tags) {
    text    tag;
    integer book_id REFERENCES(books, id);
    PRIMARY_KEY_ON(tag, book_id);
    WITHOUT_ROWID;
};
'''

OBJECTS = '''CREATE VIEW cheap AS SELECT id, title FROM books WHERE pages < 100;

CREATE TRIGGER reviews_count AFTER INSERT ON reviews
BEGIN
    UPDATE books SET pages = coalesce(pages, 0) + 0 WHERE id = new.book_id;
END;
'''

ROWS = '''
INSERT INTO authors (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (7, 'Cy');
INSERT INTO books (id, isbn, title, note, state, author_id, parent_id, pages) VALUES
    (3, '12', 'One', 'a note', 'new', 1, NULL, 50), (4, '13', 'Two', NULL, 'sold', 2, 3, 150),
    (5, '14', 'Three', 'x', 'lost', 7, 3, NULL), (9, '15', 'Four; it''s', '', 'new', NULL, NULL, 0);
INSERT INTO reviews (slug, book_id, stars) VALUES ('b', 3, '5'), ('a', 4, '4'), ('c', 9, '1');
INSERT INTO tags VALUES ('t', 3), ('u', 3), ('t', 9);
INSERT INTO authors (id, name) VALUES (100, 'gone'); DELETE FROM authors WHERE id = 100;
INSERT INTO books (id, isbn, title) VALUES (200, 'gone', 'gone'); DELETE FROM books WHERE id = 200;
DELETE FROM reviews WHERE slug = 'b'; INSERT INTO reviews VALUES ('aa', 3, '2');
'''

PROFILES = {
    'p0': ROWS,
    'p1': ROWS + "UPDATE books SET parent_id = id WHERE id = 9; UPDATE books SET parent_id = 4 WHERE id = 3;",
    'p2': ROWS + "INSERT INTO reviews VALUES ('d', 5, '3');",
    'p3': "",
}


# where nothing waits for a disk: what is tested is not whether the disk keeps its word
SCRATCH = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None


class Failure(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failure(text)


class Project:
    """A project with the base schema and its first migration."""

    template = None

    def __init__(self, tool, directory):
        self.tool, self.directory = tool, directory
        if Project.template is not None:
            shutil.copytree(Project.template, directory, dirs_exist_ok=True)
            return
        os.makedirs(self.path('schemas/shop'))
        self.write(BASE, OBJECTS)
        self.cleat('migrate', 'new', '-m', 'The first schema.')
        self.cleat('generate')
        for profile, rows in PROFILES.items():
            self.make_file(profile + '.db', rows)
        Project.template = directory

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, schema, objects):
        with open(self.path('schemas/shop/db_models.h'), 'w') as file:
            file.write(schema)
        with open(self.path('schemas/shop/db_objects.sql'), 'w') as file:
            file.write(objects)

    def cleat(self, *arguments, status=0, **options):
        done = subprocess.run([self.tool, *arguments], cwd=self.directory, capture_output=True,
                              text=True, **options)
        expect(done.returncode == status, 'cleat %s ended with %d instead of %d: %s%s'
               % (' '.join(arguments), done.returncode, status, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def make_file(self, name, rows):
        """A file as a program with the first schema left it."""
        path = self.path(name)
        with open(self.path('generated/sql/shop.sql')) as file:
            schema = file.read()
        handle = sqlite3.connect(path)
        handle.execute('PRAGMA foreign_keys = ON')
        handle.execute('PRAGMA journal_mode = WAL')
        handle.executescript(schema)
        handle.executescript(rows)
        handle.execute('ANALYZE')
        handle.commit()
        handle.close()
        self.cleat('migrate', 'stamp', 'shop', path)
        return path


def replace(*pairs):
    def edit(schema, objects):
        for before, after in pairs:
            expect(before in schema or before in objects, 'not in the schema: ' + before)
            schema, objects = schema.replace(before, after), objects.replace(before, after)
        return schema, objects
    return edit


def rows_of(path):
    """Every row of every table with its rowid and the classes of its values."""
    handle = sqlite3.connect(path)
    rows = {}
    for (name,) in handle.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type "
                                  "= 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'cleat%'"):
        columns = [c for c, hidden in handle.execute(
            'SELECT name, hidden FROM pragma_table_xinfo(?)', (name,)) if hidden == 0]
        try:
            handle.execute('SELECT rowid FROM "%s"' % name)
            rowid = 'rowid'
        except sqlite3.OperationalError:
            rowid = "''"
        rows[name] = {}
        for values in handle.execute('SELECT %s, %s FROM "%s"' % (
                rowid, ', '.join('quote("%s")' % c for c in columns), name)):
            key = values[0] if rowid == 'rowid' else values[1:]
            rows[name][key] = dict(zip(columns, values[1:]))
    rows['sqlite_sequence'] = {name: {'seq': seq} for name, seq in
                               handle.execute('SELECT name, seq FROM sqlite_sequence')}
    handle.close()
    return rows


def statistics_of(path):
    """SQLite's statistics by table and index, None where there are none, each with what the index is."""
    handle = sqlite3.connect(path)
    stats = {index: stat for index, stat in handle.execute('SELECT idx, stat FROM sqlite_stat1')}
    found = {}
    for table, index, where in handle.execute(
            "SELECT tbl_name, name, CASE WHEN sql LIKE '% WHERE %' THEN sql END FROM sqlite_schema "
            "WHERE type = 'index' AND tbl_name NOT LIKE 'cleat%'").fetchall():
        parts = handle.execute('SELECT name, coll, "desc" FROM pragma_index_xinfo(?) WHERE key',
                               (index,)).fetchall()
        of_columns = where is None and all(name is not None for name, _, _ in parts)
        found[table, index] = stats.get(index), parts if of_columns else handle.execute(
            'SELECT sql FROM sqlite_schema WHERE name = ?', (index,)).fetchone()
    handle.close()
    return found


def compare_statistics(before, after, case):
    for (table, index), (stat, *what) in before.items():
        now, *is_now = after.get((case.get('tables', {}).get(table, table), index), (None, None))
        if stat is not None and is_now == what:
            expect(now == stat, 'the statistics of %s are %s instead of %s' % (index, now, stat))


def compare_rows(before, after, case):
    for table, rows in before.items():
        name = case.get('tables', {}).get(table, table)
        if name is None:
            continue
        expect(name in after, 'table %s is gone' % name)
        if table == 'sqlite_sequence':
            expected = {case.get('tables', {}).get(t, t): v for t, v in rows.items()}
            for sequence, value in expected.items():
                if sequence is not None and sequence not in case.get('no_sequence', ()):
                    expect(after[name].get(sequence) == value, 'the mark of %s is %s instead of %s'
                           % (sequence, after[name].get(sequence), value))
            continue
        expect(len(after[name]) == len(rows), '%s has %d rows instead of %d'
               % (name, len(after[name]), len(rows)))
        if table in case.get('new_rowids', ()):
            continue
        for key, row in rows.items():
            for column, value in row.items():
                now = case.get('columns', {}).get(table + '.' + column, column)
                if now is None or isinstance(key, tuple):
                    continue
                found = after[name].get(key, {}).get(now)
                wanted = case.get('values', {}).get(table + '.' + column, lambda v: v)(value)
                expect(found == wanted, '%s.%s of row %s is %s instead of %s'
                       % (name, now, key, found, wanted))


def check_file(path, project):
    """The file is as a new one would be, and sound."""
    handle = sqlite3.connect(path)
    expect(handle.execute('PRAGMA integrity_check').fetchall() == [('ok',)], 'integrity_check')
    expect(handle.execute('PRAGMA foreign_key_check').fetchall() == [], 'foreign_key_check')
    for (name,) in handle.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%USING fts5%'").fetchall():
        handle.execute("INSERT INTO %s (%s, rank) VALUES ('integrity-check', 1)" % (name, name))
    for (name,) in handle.execute("SELECT name FROM sqlite_schema WHERE type = 'view'").fetchall():
        handle.execute('SELECT * FROM "%s"' % name)
    fresh = sqlite3.connect(':memory:')
    with open(project.path('generated/sql/shop.sql')) as file:
        fresh.executescript(file.read())
    facts = ("SELECT m.type, m.name, p.name, p.type, p.\"notnull\", p.dflt_value, p.pk, p.hidden FROM "
             "sqlite_schema AS m LEFT JOIN pragma_table_xinfo(m.name) AS p WHERE m.name NOT LIKE "
             "'sqlite%' AND m.tbl_name NOT LIKE 'cleat%' ORDER BY 1, 2, p.cid")
    expect(handle.execute(facts).fetchall() == fresh.execute(facts).fetchall(),
           'the file is not like a new one')
    order = "SELECT tbl_name, name FROM sqlite_schema WHERE type = 'trigger' ORDER BY tbl_name, rowid"
    expect(handle.execute(order).fetchall() == fresh.execute(order).fetchall(),
           'triggers will fire in another order than in a new file')
    handle.close()


def file_bytes(path):
    with open(path, 'rb') as file:
        return file.read()


CASES = {
    'column_added_last': dict(edit=replace(
        ('    text    stars   NOT_NULL;\n', '    text    stars   NOT_NULL;\n    integer votes NOT_NULL DEFAULT(0) CHECK(votes >= 0);\n'))),
    'column_added_between': dict(edit=replace(
        ('    text                 note;\n', '    text                 lang NOT_NULL DEFAULT("en");\n    text                 note;\n'))),
    'not_null_column_without_a_value': dict(
        edit=replace(('    integer              pages;\n', '    integer              pages;\n    text lang NOT_NULL;\n')),
        refused_new=r"column 'books.lang' is NOT_NULL and has no default.*--backfill 'books.lang: expression'"),
    'not_null_column_with_a_backfill': dict(
        edit=replace(('    integer              pages;\n', '    integer              pages;\n    text lang NOT_NULL;\n')),
        new=['--backfill', 'books.lang: substr(title, 1, 2)'],
        ask=("SELECT count(*) FROM books WHERE lang = substr(title, 1, 2)", {'p0': 4, 'p3': 0})),
    'column_made_not_null': dict(
        edit=replace(('text                 note;', 'text                 note NOT_NULL;')),
        refused={'p0': r'books.note has a value; 1 row is not so: 4'}),
    'column_made_not_null_with_a_backfill': dict(
        edit=replace(('text                 note;', 'text                 note NOT_NULL;')),
        new=['--backfill', "books.note: 'none'"],
        values={'books.note': lambda v: "'none'" if v == 'NULL' else v}),
    'unique_with_duplicates': dict(
        edit=replace(('isbn        NOT_NULL;', 'isbn        NOT_NULL UNIQUE;')),
        more={'p1': "UPDATE books SET isbn = '12' WHERE id = 9"},
        refused={'p1': r'books \(isbn\) is unique; 2 rows are not so: 3, 9'}),
    'check_violated': dict(
        edit=replace(('pages;', 'pages CHECK(pages > 0);')),
        refused={'p0': r'books: pages > 0; \d rows? (is|are) not so: (5, )?9'}),
    'length_shortened': dict(
        edit=replace(('title       NOT_NULL;', 'title       NOT_NULL LENGTH(5);')),
        refused={'p0': r'length\(title\) <= 5; 1 row is not so: 9'}),
    'reference_with_orphans': dict(
        edit=replace(('pages;', 'pages REFERENCES(authors, id);')),
        refused={'p0': r'every books.pages is there in authors; \d rows are not so: '}),
    'type_that_converts': dict(
        edit=replace(('text    stars   NOT_NULL;', 'integer stars   NOT_NULL;')),
        values={'reviews.stars': lambda v: v.strip("'")}),
    'type_that_does_not': dict(
        edit=replace(('text    stars   NOT_NULL;', 'integer stars   NOT_NULL;')),
        values={'reviews.stars': lambda v: v.strip("'")},
        more={'p2': "UPDATE reviews SET stars = '007' WHERE slug = 'a'; UPDATE reviews SET stars = 'n/a' WHERE slug = 'c'"},
        refused={'p2': r"reviews.stars is the same as INTEGER; 2 rows are not so: '[ac]', '[ac]'"}),
    'primary_key_changed': dict(
        edit=replace(('    text    slug    PRIMARY_KEY;\n', '    integer id PRIMARY_KEY;\n    text    slug    NOT_NULL UNIQUE;\n'))),
    'primary_key_with_duplicates': dict(
        edit=replace(('    text    slug    PRIMARY_KEY;\n    integer book_id NOT_NULL REFERENCES(books, id) ON_DELETE(CASCADE) INDEX;',
                      '    text    slug    NOT_NULL;\n    integer book_id PRIMARY_KEY REFERENCES(books, id) ON_DELETE(CASCADE);')),
        more={'p1': "INSERT INTO reviews VALUES ('z', 3, '1')"}, new_rowids=('reviews',),
        refused={'p1': r"reviews \(book_id\) is unique; 2 rows are not so: '(z|aa)', '(z|aa)'"}),
    'composite_key_made_anew': dict(edit=replace(('text    tag;', 'text    label LENGTH(8) RENAMED_FROM(tag);'),
                                                 ('KEY_ON(tag, book', 'KEY_ON(label, book')), new_rowids=('tags',)),
    'composite_key_that_is_refused': dict(
        edit=replace(('text    tag;', 'text    tag LENGTH(1);')), new_rowids=('tags',),
        more={'p1': "INSERT INTO tags VALUES ('long', 4)"},
        refused={'p1': r"length\(tag\) <= 1; 1 row is not so: 'long, 4'"}),
    'column_renamed': dict(
        edit=replace(('isbn        NOT_NULL;', 'code NOT_NULL RENAMED_FROM(isbn);')),
        columns={'books.isbn': 'code'}),
    'column_of_full_text_renamed': dict(
        edit=replace(('text                 note;', 'text                 remark RENAMED_FROM(note);'),
                     ('title, note);', 'title, remark);')),
        columns={'books.note': 'remark'}),
    'column_renamed_and_changed': dict(
        edit=replace(('isbn        NOT_NULL;', 'code NOT_NULL LENGTH(20) RENAMED_FROM(isbn);')),
        columns={'books.isbn': 'code'}),
    'table_renamed': dict(
        edit=replace(('TABLE(authors) {', 'TABLE(writers) {\n    TABLE_WAS(authors);'),
                     ('REFERENCES(authors, id)', 'REFERENCES(writers, id)')),
        tables={'authors': 'writers'}),
    'names_swapped': dict(
        edit=replace(('isbn        NOT_NULL;', 'other NOT_NULL;'),
                     ('title       NOT_NULL;', 'isbn NOT_NULL RENAMED_FROM(title);'),
                     ('other NOT_NULL;', 'title NOT_NULL RENAMED_FROM(isbn);')),
        columns={'books.isbn': 'title', 'books.title': 'isbn'}),
    'column_dropped_without_a_word': dict(
        edit=replace(('    text    stars   NOT_NULL;\n', '')),
        refused_new=r"column 'reviews.stars' is gone.*RENAMED_FROM\(stars\).*DROPPED\(stars, \"why\"\)"),
    'column_dropped': dict(
        edit=replace(('    text    stars   NOT_NULL;\n', '    DROPPED(stars, "nobody rates");\n')),
        columns={'reviews.stars': None}),
    'column_that_a_trigger_needs_dropped': dict(
        edit=replace(('    text                 note;\n', '    DROPPED(note, "unused");\n'), ('title, note);', 'title);')),
        columns={'books.note': None}),
    'referenced_table_dropped': dict(
        edit=replace(('REFERENCES(authors, id) ON_DELETE(CASCADE)', ''),
                     ('TABLE(authors) {\n    integer id   PRIMARY_KEY AUTOINCREMENT;\n    text    name NOT_NULL UNIQUE COLLATE(NOCASE);\n};\n', '')),
        new=['--drop', 'authors: they are elsewhere'], tables={'authors': None}),
    'table_moved_to_another_database': dict(
        edit=replace(('TABLE(tags) {\n    text    tag;\n    integer book_id REFERENCES(books, id);\n    PRIMARY_KEY_ON(tag, book_id);\n    WITHOUT_ROWID;\n};\n', '')),
        refused_new=r"table 'tags' is gone.*--moved 'tags: database'"),
    'label_added': dict(edit=replace(('BOOK_LOST }', 'BOOK_LOST, BOOK_STOLEN }'))),
    'label_removed_while_used': dict(
        edit=replace(('BOOK_SOLD, ', '')),
        says=r"label 'sold' of 'books.state' goes.*--rename-label 'books.state: sold = NEW'",
        refused={'p0': r"state = 'new' OR state = 'lost'; 1 row is not so: 4"}),
    'label_renamed': dict(
        edit=replace(('BOOK_SOLD', 'BOOK_BOUGHT')), new=['--rename-label', 'books.state: sold = bought'],
        values={'books.state': lambda v: "'bought'" if v == "'sold'" else v}, back=True),
    'label_renamed_in_a_renamed_column': dict(
        edit=replace(('BOOK_SOLD', 'BOOK_BOUGHT'), ('enum book_state      state       NOT_NULL DEFAULT(BOOK_NEW)',
                     'enum book_state fate NOT_NULL DEFAULT(BOOK_NEW) RENAMED_FROM(state)'),
                     ("state <> 'lost'", "fate <> 'lost'")),
        new=['--rename-label', 'books.fate: sold = bought'], columns={'books.state': 'fate'},
        values={'books.state': lambda v: "'bought'" if v == "'sold'" else v}, back=True),
    'labels_joined': dict(
        edit=replace((', BOOK_SOLD', '')), new=['--rename-label', 'books.state: sold = lost'],
        values={'books.state': lambda v: "'lost'" if v == "'sold'" else v}),
    'label_that_never_was': dict(
        edit=replace(('BOOK_SOLD', 'BOOK_BOUGHT')), new=['--rename-label', 'books.state: selled = bought'],
        refused_new=r"label 'selled' of 'books.state' cannot become 'bought': there was none of that name"),
    'label_that_stays': dict(
        edit=replace(('BOOK_LOST }', 'BOOK_LOST, BOOK_BOUGHT }')),
        new=['--rename-label', 'books.state: sold = bought'],
        refused_new=r"the schema still has the old one"),
    'full_text_column_added': dict(
        edit=replace(('title, note);', 'title, note, isbn);'))),
    'full_text_column_removed': dict(edit=replace(('title, note);', 'title);'))),
    'default_changed': dict(edit=replace(('pages;', 'pages DEFAULT(7);'))),
    'strict_left': dict(edit=replace(('TABLE(reviews) {', 'TABLE(reviews) {\n    NOT_STRICT;'))),
    'rowid_left': dict(edit=replace(('TABLE(reviews) {', 'TABLE(reviews) {\n    WITHOUT_ROWID;')), new_rowids=('reviews',)),
    'mark_left': dict(edit=replace(('id   PRIMARY_KEY AUTOINCREMENT;', 'id   PRIMARY_KEY;')), no_sequence=('authors',)),
    'collation_left': dict(
        edit=replace((' UNIQUE COLLATE(NOCASE);', ' UNIQUE;'))),
    'collation_with_duplicates': dict(
        edit=replace(('isbn        NOT_NULL;', 'isbn        NOT_NULL UNIQUE COLLATE(NOCASE);')),
        more={'p2': "UPDATE books SET isbn = 'x' WHERE id = 3; UPDATE books SET isbn = 'X' WHERE id = 4"},
        refused={'p2': r'books \(isbn\) is unique; 2 rows are not so: 3, 4'}),
    'generated_column_changed': dict(edit=replace(('GENERATED(lower(title))', 'GENERATED(lower(isbn))'))),
    'trigger_that_fires_before_another': dict(edit=replace(
        ('CREATE TRIGGER reviews_count', """CREATE TRIGGER reviews_first AFTER INSERT ON reviews
BEGIN
    UPDATE books SET note = new.slug WHERE id = new.book_id;
END;

CREATE TRIGGER reviews_count"""))),
    'index_of_an_expression_changed': dict(edit=replace(
        ('INDEX_ON(length(title), pages DESC)', 'INDEX_ON(length(title) + 1, pages DESC)'),
        ("WHERE(state <> 'lost')", "WHERE(state = 'lost')"))),
    'table_with_generated_columns_and_collations_made_anew': dict(edit=replace(
        ('pages;', 'pages CHECK(pages < 100000);'),
        ('UNIQUE COLLATE(NOCASE);', 'UNIQUE COLLATE(NOCASE) LENGTH(99);'))),
    'view_changed': dict(edit=replace(('pages < 100', 'pages < 200'))),
    'view_broken': dict(
        edit=replace(('pages;', 'page_count RENAMED_FROM(pages);'), ('pages DESC', 'page_count DESC')),
        refused_new=r'no such column: (books\.)?pages'),
}


def run_case(tool, case, profiles):
    directory = tempfile.mkdtemp(prefix='cleat-migrate-', dir=SCRATCH)
    try:
        project = Project(tool, directory)
        files = {}
        for profile in sorted(profiles):
            files[profile] = project.path(profile + '.db')
            handle = sqlite3.connect(files[profile])
            handle.execute('PRAGMA foreign_keys = ON')
            handle.executescript(case.get('more', {}).get(profile, ''))
            handle.close()
        project.write(*case['edit'](BASE, OBJECTS))
        refusal = case.get('refused_new')
        out = project.cleat('migrate', 'new', '-m', 'A step.', *case.get('new', []),
                            status=1 if refusal else 0)
        expect(re.search(case.get('says', ''), out), 'it does not say so: ' + out)
        if refusal:
            expect(re.search(refusal, out, re.S), 'other words: ' + out)
            return
        project.cleat('generate')
        for profile, path in files.items():
            run_profile(project, case, profile, path)
    finally:
        shutil.rmtree(directory)


def run_profile(project, case, profile, path):
    refused = case.get('refused', {})
    before, statistics = rows_of(path), statistics_of(path)
    content = file_bytes(path)
    # a refusal for p0 is one for all that have its rows
    words = refused.get(profile) or (refused.get('p0') if profile != 'p3' else None)
    for arguments in (['--dry-run'], []) if profile in ('p0', 'p3') and words is None else ([],):
        out = project.cleat('migrate', 'up', 'shop', path, *arguments, status=1 if words else 0)
        if words or arguments:
            expect(file_bytes(path) == content, profile + ': the file was changed')
        if words:
            expect(re.search(words, out), '%s: other words: %s' % (profile, out))
    if words:
        return
    compare_rows(before, rows_of(path), case)
    compare_statistics(statistics, statistics_of(path), case)
    check_file(path, project)
    if case.get('back'):
        project.cleat('migrate', 'down', 'shop', path)
        compare_rows(before, rows_of(path), {})
    if 'ask' in case:
        sql, answers = case['ask']
        expect(sqlite3.connect(path).execute(sql).fetchone()[0] == answers.get(profile, 4), sql)


# ---- trouble from outside ----

def big_project(tool, directory, rows):
    project = Project(tool, directory)
    fill = '''
        INSERT INTO authors (id, name) VALUES (1, 'Ann');
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
        INSERT INTO reviews SELECT printf('s%%09d', i), 1, i %% 6 FROM n;
    ''' % rows
    path = project.make_file('big.db', "INSERT INTO books (id, isbn, title) VALUES (1, '1', 'One');" + fill)
    project.write(*replace(('text    stars   NOT_NULL;', 'integer stars   NOT_NULL CHECK(stars >= 0);'))(BASE, OBJECTS))
    project.cleat('migrate', 'new', '-m', 'Stars are numbers.')
    project.cleat('generate')
    return project, path


def sum_of(path):
    handle = sqlite3.connect(path)
    answer = handle.execute('SELECT count(*), sum(CAST(stars AS INTEGER)), sum(rowid), max(slug), '
                            '(SELECT count(*) FROM cleat_migrations) FROM reviews').fetchone()
    handle.close()
    return answer


def trouble_kill(tool, directory):
    """kill -9 at any time: the file is before the step or after it."""
    project, path = big_project(tool, directory, 60000 if os.environ.get('CLEAT_SOAK') else 25000)
    start = sum_of(path)
    copy = project.path('killed.db')
    delays, outcomes = [i * 0.03 for i in range(1, 7 if os.environ.get('CLEAT_SOAK') else 5)], set()
    for delay in delays:
        for suffix in ('', '-wal', '-shm'):
            if os.path.exists(copy + suffix):
                os.unlink(copy + suffix)
        shutil.copy(path, copy)
        child = subprocess.Popen([tool, 'migrate', 'up', 'shop', copy], cwd=directory,
                                 stdout=subprocess.DEVNULL)
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.wait()
        found = sum_of(copy)
        outcomes.add(found[4])
        expect(found[:4] == start[:4] and found[4] in (1, 2), 'after a kill: %s' % (found,))
        project.cleat('migrate', 'up', 'shop', copy)
        expect(sum_of(copy) == start[:4] + (2,), 'after going on: %s' % (sum_of(copy),))
        check_file(copy, project)
    expect(1 in outcomes, 'no kill came in time')


def trouble_two(tool, directory):
    """Two at once: one runs the step, the other finds it done."""
    project, path = big_project(tool, directory, 20000)
    start = sum_of(path)
    children = [subprocess.Popen([tool, 'migrate', 'up', 'shop', path], cwd=directory,
                                 stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outs = [child.communicate()[0] for child in children]
    expect([child.returncode for child in children] == [0, 0], 'both end well')
    expect(sum(out.startswith('up ') for out in outs) == 1, 'one ran it: %s' % outs)
    expect(sum_of(path) == start[:4] + (2,), 'after both: %s' % (sum_of(path),))


def trouble_full_disk(tool, directory):
    """A disk that gets full in the middle of the copy."""
    project, path = big_project(tool, directory, 60000)
    start, size = sum_of(path), os.path.getsize(path)
    script = '''set -e
        mkdir -p disk; mount -t tmpfs -o size=%d none disk; cp big.db disk/
        rc=0; "$0" migrate up shop disk/big.db || rc=$?
        cp disk/big.db after.db; [ ! -e disk/big.db-wal ] || cp disk/big.db-wal after.db-wal; exit $rc
    ''' % (size + size // 2)
    probe = subprocess.run(['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs none /mnt'],
                           capture_output=True)
    if probe.returncode != 0:
        print('skipped full_disk: a file system of its own cannot be mounted here')
        return
    done = subprocess.run(['unshare', '-rm', 'sh', '-c', script, tool], cwd=directory,
                          capture_output=True, text=True)
    expect(done.returncode == 3 and 'full' in done.stderr, 'it said: %d %s' % (done.returncode, done.stderr))
    expect(sum_of(project.path('after.db')) == start, 'after a full disk')
    project.cleat('migrate', 'up', 'shop', project.path('after.db'))
    expect(sum_of(project.path('after.db')) == start[:4] + (2,), 'with room again')


def trouble_backup(tool, directory):
    """A backup has the rows of before; the way back leads to the schema of before."""
    project, path = big_project(tool, directory, 10)
    start = sum_of(path)
    out = project.cleat('migrate', 'up', 'shop', path, '--backup')
    backup = re.search(r'^backup (.*)$', out, re.M).group(1)
    expect(sum_of(backup) == start, 'the backup')
    project.cleat('migrate', 'down', 'shop', path)
    expect(sum_of(path) == start, 'after the way back: %s' % (sum_of(path),))
    project.cleat('migrate', 'up', 'shop', path)
    check_file(path, project)


TROUBLE = {'kill': trouble_kill, 'two_at_once': trouble_two, 'full_disk': trouble_full_disk,
           'backup_and_back': trouble_backup}


def run_trouble(tool, work):
    directory = tempfile.mkdtemp(prefix='cleat-migrate-', dir=SCRATCH)
    try:
        work(tool, directory)
    finally:
        shutil.rmtree(directory)


def measure(tool, rows):
    """One step that makes the largest table anew: its time, and that memory does not grow with rows."""
    directory = tempfile.mkdtemp(prefix='cleat-migrate-', dir=os.environ.get('TMPDIR', '/var/tmp'))
    try:
        project, path = big_project(tool, directory, rows)
        start, size, began = sum_of(path), os.path.getsize(path), time.time()
        child = subprocess.Popen([tool, 'migrate', 'up', 'shop', path], cwd=directory)
        _, status, used = os.wait4(child.pid, 0)
        seconds, cpu = time.time() - began, used.ru_utime + used.ru_stime
        expect(status == 0, 'the step ended with %d' % status)
        expect(sum_of(path) == start[:4] + (2,), 'the rows')
        check_file(path, project)
        print('%d rows, %.0f MiB: %.1f s, %.2f s of processor time per million rows, peak %.0f MiB' % (
            rows, size / 2**20, seconds, cpu / rows * 1e6, used.ru_maxrss / 1024), flush=True)
        expect(used.ru_maxrss < 200 * 1024, 'memory grows with the rows')
    finally:
        shutil.rmtree(directory)


def main():
    arguments = sys.argv[1:]
    if not arguments:
        sys.exit(__doc__)
    tool = os.path.realpath(arguments.pop(0))
    if arguments[:1] == ['--rows']:
        measure(tool, int(arguments[1]))
        return
    template = tempfile.mkdtemp(prefix='cleat-migrate-', dir=SCRATCH)
    atexit.register(shutil.rmtree, template, ignore_errors=True)
    Project(tool, template)
    failures = 0
    soak = os.environ.get('CLEAT_SOAK')
    every = soak is not None or arguments[:1] == ['--all']
    arguments = [argument for argument in arguments if argument != '--all']
    jobs = []
    for name, case in CASES.items():
        profiles = set(PROFILES) if every else {'p0', *case.get('refused', ()), *case.get('more', ())}
        jobs.append((name, lambda case=case, profiles=profiles: run_case(tool, case, profiles)))
    jobs += [(name, lambda work=work: run_trouble(tool, work)) for name, work in TROUBLE.items()]
    for name, job in jobs:
        if arguments and name not in arguments:
            continue
        try:
            job()
            print('ok', name)
        except Failure as failure:
            failures += 1
            print('not ok', name, str(failure))
    if soak == '1':
        measure(tool, 10000000)
    if failures:
        sys.exit('%d failures' % failures)


main()
