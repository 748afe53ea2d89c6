#!/usr/bin/env python3
"""Every change of a table for every kind of table: the tool writes the step, a file with rows takes it
and keeps them, is like a new file, and goes back.

Usage: matrix.py TOOL [KIND...]

A kind is which key a table has, and whether it is strict and has rowids. In CI it is the kind that
allows least; with CLEAT_SOAK set, all.
"""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HEAD = '''#include <cleat/schema.h>
#define DATABASE_NAME "shop"

enum state { STATE_NEW, STATE_OLD };
enum more { MORE_NEW, MORE_OLD, MORE_LOST };

TABLE(parents) {
    integer id PRIMARY_KEY;
};
'''

# the columns of the key, the lines of the table, and a key with the number %d
KINDS = {
    'integer': (['integer k PRIMARY_KEY;'], [], '%d'),
    'counted': (['integer k PRIMARY_KEY AUTOINCREMENT;'], [], '%d'),
    'text': (['text k PRIMARY_KEY;'], [], "'k%d'"),
    'ulid': (['ulid k PRIMARY_KEY;'], [], "printf('%%026d', %d)"),
    'loose': (['integer k PRIMARY_KEY;'], ['NOT_STRICT;'], '%d'),
    'several': (['text k NOT_NULL;', 'integer k2 NOT_NULL;'], ['PRIMARY_KEY_ON(k, k2);'], "'k%d', 1"),
    'text_alone': (['text k PRIMARY_KEY;'], ['WITHOUT_ROWID;'], "'k%d'"),
    'several_alone': (['text k NOT_NULL;', 'integer k2 NOT_NULL;'],
                      ['PRIMARY_KEY_ON(k, k2);', 'WITHOUT_ROWID;'], "'k%d', 1"),
}

COLUMNS = {
    'a': 'text a NOT_NULL;',
    'b': 'integer b;',
    's': 'enum state s NOT_NULL DEFAULT(STATE_NEW);',
    'p': 'integer p REFERENCES(parents, id);',
    'r': 'real r;',
    'g': 'text g GENERATED(lower(a));',
}

# columns, lines and key columns of the changed table; `now` has other names, `value` other values
CHANGES = {
    'column_between': dict(columns={'x': 'text x NOT_NULL DEFAULT("q");', **COLUMNS}),
    'column_at_the_end': dict(x='integer x NOT_NULL DEFAULT(3);'),
    'column_filled': dict(x='text x NOT_NULL;', new=['--backfill', 'things.x: a || 1']),
    'column_dropped': dict(columns={n: c for n, c in COLUMNS.items() if n != 'b'}, line='DROPPED(b, "why");',
                           now={'b': None}),
    'column_renamed': dict(b='integer bb RENAMED_FROM(b);', now={'b': 'bb'}),
    'generated_renamed': dict(a='text aa NOT_NULL RENAMED_FROM(a);', g='text g GENERATED(lower(aa));',
                              now={'a': 'aa'}),
    'columns_in_another_order': dict(columns=dict(reversed(COLUMNS.items()))),
    'key_renamed': dict(key=('k', 'kk'), now={'k': 'kk'}),
    'table_renamed': dict(line='TABLE_WAS(things);', table='stuff'),
    'table_and_column_renamed': dict(line='TABLE_WAS(things);', table='stuff', now={'b': 'bb'},
                                     b='integer bb CHECK(bb < 1000) RENAMED_FROM(b);'),
    'label_added': dict(s='enum more s NOT_NULL DEFAULT(MORE_NEW);'),
    'length': dict(a='text a NOT_NULL LENGTH(50);'),
    'default': dict(b='integer b DEFAULT(4);'),
    'check': dict(b='integer b CHECK(b < 1000);'),
    'collation': dict(a='text a NOT_NULL COLLATE(NOCASE);'),
    'unique': dict(a='text a NOT_NULL UNIQUE;'),
    'index': dict(b='integer b INDEX;'),
    'number_to_text': dict(b='text b;', value={'b': str}),
    'number_to_real': dict(b='real b;', value={'b': float}),
    'not_null': dict(b='integer b NOT_NULL DEFAULT(0);'),
    'action': dict(p='integer p REFERENCES(parents, id) ON_DELETE(CASCADE);'),
    'reference_dropped': dict(p='integer p;'),
    'generated_otherwise': dict(g='text g GENERATED(upper(a));', now={'g': None}),
    'strictness': dict(flip='NOT_STRICT;'),
    'rowids': dict(flip='WITHOUT_ROWID;', not_for=('counted',)),
    'full_text': dict(line='FULL_TEXT_ON(things_fts, a);', not_for=('text_alone', 'several_alone')),
}


def schema(kind, change):
    keys, lines, _ = KINDS[kind]
    columns = dict(change.get('columns', COLUMNS))
    columns.update({name: change[name] for name in (*COLUMNS, 'x') if name in change})
    lines = list(lines)
    flip = change.get('flip')
    if flip in lines:
        lines.remove(flip)
    elif flip is not None:
        lines.append(flip)
    if 'key' in change:
        was, now = change['key']
        keys = [key.replace(' %s ' % was, ' %s RENAMED_FROM(%s) ' % (now, was)) for key in keys]
        lines = [line.replace('(%s,' % was, '(%s,' % now) for line in lines]
    lines.append(change.get('line', ''))
    return '%s\nTABLE(%s) {\n    %s\n};\n' % (HEAD, change.get('table', 'things'),
                                             '\n    '.join([*keys, *columns.values(), *lines]))


class Failure(Exception):
    pass


def cleat(tool, *arguments, status=0):
    done = subprocess.run([tool, *arguments], capture_output=True, text=True)
    if done.returncode != status:
        raise Failure('cleat %s: %s%s' % (' '.join(arguments), done.stdout, done.stderr))
    return done.stdout + done.stderr


def write(text):
    os.makedirs('schemas/shop', exist_ok=True)
    with open('schemas/shop/db_models.h', 'w') as file:
        file.write(text)


def make_base(tool, kind):
    """A file of the first revision, whose rows came in no order."""
    write(schema(kind, {}))
    cleat(tool, 'migrate', 'new', '-m', 'First.')
    cleat(tool, 'generate')
    handle = sqlite3.connect('f.db')
    with open('generated/sql/shop.sql') as file:
        handle.executescript(file.read())
    handle.executescript('INSERT INTO parents VALUES (1), (2)')
    names = ', '.join(['k', 'k2'][:len(KINDS[kind][0])])
    for i in (3, 1, 7, 5, 99):
        handle.execute('INSERT INTO things (%s, a, b, s, p, r) VALUES (%s, ?, ?, ?, ?, ?)'
                       % (names, KINDS[kind][2] % i),
                       ('A%d' % i, i, 'old' if i % 3 else 'new', 1 if i % 2 else None, i + 0.5))
    handle.execute("DELETE FROM things WHERE a = 'A99'")
    handle.commit()
    handle.close()
    cleat(tool, 'migrate', 'stamp', 'shop', 'f.db')


def rows_of(table, columns):
    handle = sqlite3.connect('f.db')
    rows = handle.execute('SELECT %s FROM %s' % (', '.join(columns), table)).fetchall()
    sound = handle.execute('PRAGMA integrity_check').fetchone()[0]
    has = handle.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone()[0]
    mark = has and handle.execute('SELECT max(seq) FROM sqlite_sequence WHERE name = ?', (table,)).fetchone()[0]
    handle.close()
    if sound != 'ok':
        raise Failure('the file is damaged: ' + sound)
    return sorted(rows), mark


def run_change(tool, kind, change):
    now, values = change.get('now', {}), change.get('value', {})
    kept = [name for name in ('k', *COLUMNS) if now.get(name, name) is not None]
    before, mark = rows_of('things', kept)
    write(schema(kind, change))
    cleat(tool, 'migrate', 'new', '-m', 'A change.', *change.get('new', []))
    cleat(tool, 'generate')
    cleat(tool, 'migrate', 'up', 'shop', 'f.db')
    cleat(tool, 'migrate', 'verify', 'shop', 'f.db')
    after, mark_after = rows_of(change.get('table', 'things'), [now.get(name, name) for name in kept])
    wanted = [tuple(values.get(name, lambda v: v)(value) for name, value in zip(kept, row)) for row in before]
    if after != wanted or mark != mark_after:
        raise Failure('rows are %s (%s) instead of %s (%s)' % (after, mark_after, wanted, mark))
    with open([os.path.join('schemas/migrations/shop', name) for name in
               os.listdir('schemas/migrations/shop') if 'a_change' in name][0]) as file:
        goes_back = '-- down' in file.read()
    if goes_back:
        cleat(tool, 'migrate', 'down', 'shop', 'f.db')
        if rows_of('things', kept) != (before, mark):
            raise Failure('the way back does not lead back')


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tool = os.path.realpath(sys.argv[1])
    kinds = sys.argv[2:] or (list(KINDS) if os.environ.get('CLEAT_SOAK') else ['several_alone'])
    failures = 0
    for kind in kinds:
        with tempfile.TemporaryDirectory(dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None) as top:
            os.makedirs(top + '/base')
            os.chdir(top + '/base')
            make_base(tool, kind)
            for name, change in CHANGES.items():
                if kind in change.get('not_for', ()):
                    continue
                shutil.copytree(top + '/base', top + '/' + name)
                os.chdir(top + '/' + name)
                try:
                    run_change(tool, kind, change)
                    print('ok', kind, name)
                except Failure as failure:
                    failures += 1
                    print('not ok', kind, name, failure)
            os.chdir('/')
    if failures:
        sys.exit('%d failures' % failures)


main()
