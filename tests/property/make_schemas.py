#!/usr/bin/env python3
"""make_schemas.py: writes random schemas as modules, and what the tests must know beyond the
descriptors.

    make_schemas.py OUT [--seed N] [--tables N] [--databases N]

Leaves OUT/schemas/<database>/<table>/db_models.h, one table each, and OUT/facts.c. The same seed
gives the same bytes; files that have not changed keep their time. All types and words of the
language take part. Some tables extend the one before in their database, up to CHAIN_MOST."""

import argparse
import os
import random

TYPES = ["integer", "boolean", "real", "text", "json", "blob", "timestamp", "datetime", "ulid",
         "uuid", "enum"]
LONG_KEYS = ["integer", "text", "ulid", "uuid", "timestamp", "datetime"]
SQL_NAMES = ["select", "order", "is it: a name?", "größe", "has 'quotes'", "Values", "has:",
             "key", "日本", "a.b", "where", "c", "index", "-- no comment", "Group"]
C_NAMES = ["class_", "new_", "errno", "row", "s", "owned", "key", "rc", "and", "bool_", "cursor",
           "values", "nan", "stdin", "template", "private", "ret_row", "offset", "has_"]
JSON_DEFAULTS = ['{}', '[]', '{\\"a\\": [1, 2.5, null]}', '9007199254740993', '\\"text\\"']
CHAIN_MOST = 4
CHAIN_CHANCE = 0.22
ENUM_VALUES = [-2147483648, -7, -1, 0, 1, 2, 3, 64, 255, 65536, 2147483647]


class Column:
    def __init__(self, kind, name):
        self.kind = kind
        self.name = name        # of the member
        self.sql = name         # of the column
        self.words = []
        self.nullable = True
        self.length = 0
        self.collation = ""
        self.base = ""          # of a generated column: the column whose type it tells
        self.parent = ""        # what a delete of the referred row does to this one
        self.inherited = False  # the key of a table that extends another
        self.type = kind

    def line(self):
        return "    {} {} {};\n".format(self.type, self.name, " ".join(self.words))


class Table:
    def __init__(self, chance, database, name):
        self.chance = chance
        self.database = database
        self.name = name
        self.columns = []
        self.lines = []
        self.enums = []
        self.labels = {}        # of each enum
        self.rowid = True
        self.key = []
        self.names = set()
        self.sql_names = set()
        self.extends = None     # a table
        self.self_reference = None
        self.constants = []     # (column, label) of the rows of this table

    def pick(self, likelihood):
        return self.chance.random() < likelihood

    def chain(self):
        """The table and those that it extends, the first one first."""
        return (self.extends.chain() if self.extends else []) + [self]

    def plain_name(self):
        prefix = "cdefg"[len(self.chain()) - 1]
        return "%s%d" % (prefix, len(self.columns))

    def new_name(self):
        name = self.plain_name()
        if self.pick(0.15):
            name = self.chance.choice(C_NAMES)
        if name in self.names:
            name = self.plain_name()
        self.names.add(name)
        return name

    def add(self, kind):
        column = Column(kind, self.new_name())
        if kind == "enum":
            column.type = "enum " + self.new_enum()
        free = [name for name in SQL_NAMES if name.lower() not in self.sql_names]
        if free and self.pick(0.1):
            column.sql = self.chance.choice(free)
            column.words.append('NAMED("%s")' % column.sql)
        elif column.name.lower() in self.sql_names:
            column.name = column.sql = self.plain_name()
        self.sql_names.add(column.sql.lower())
        self.columns.append(column)
        return column

    def new_enum(self):
        tag = "%s_%s_e%d" % (self.database, self.name, len(self.enums))
        labels = ["A", "BETA", "C_9", "Delta", "EPSILON_LONG_LABEL", "ZETA", "ETA__2"]
        count = self.chance.randint(1, len(labels))
        values = self.chance.sample(ENUM_VALUES, count)
        if self.pick(0.4):
            values = range(count)
        self.labels[tag] = labels[:count]
        items = ["%s_%s = %s" % (tag.upper(), label, "(-2147483647 - 1)" if value == -2147483648
                                 else value) for label, value in zip(labels, values)]
        self.enums.append("enum %s {\n    %s\n};\n" % (tag, ",\n    ".join(items)))
        return tag

    # ---- keys ----

    def add_single_key(self):
        kind = self.chance.choice(["integer"] * 4 + LONG_KEYS)
        column = self.add(kind)
        column.nullable = False
        column.words.append("PRIMARY_KEY")
        if kind == "integer" and self.pick(0.4):
            column.words.append("AUTOINCREMENT")
            return column
        self.maybe_without_rowid(0.3 if kind != "integer" else 0.1)
        if kind == "text" and self.pick(0.5):
            self.collate(column)
        return column

    def add_composite_key(self):
        columns = []
        for kind in self.chance.sample(LONG_KEYS + ["boolean", "enum"], self.chance.randint(2, 4)):
            column = self.add(kind)
            column.nullable = False
            if self.pick(0.5):
                column.words.append("NOT_NULL")
            columns.append(column)
        if not any(column.kind in LONG_KEYS for column in columns):
            columns.append(self.add("integer"))
            columns[-1].nullable = False
        self.maybe_without_rowid(0.5)
        names = [column.name for column in columns]
        self.chance.shuffle(names)
        self.lines.append("PRIMARY_KEY_ON(%s);" % ", ".join(names))

    def add_inherited_key(self):
        """The key of the extended table, perhaps under other names and in another order."""
        pairs = []
        same = self.pick(0.5)
        for up in self.extends.key:
            column = Column(up.kind, up.name if same else self.plain_name())
            column.type = up.type
            column.sql = up.sql if same else column.name
            if same and up.sql != up.name:
                column.words.append('NAMED("%s")' % up.sql)
            column.nullable = False
            column.inherited = True
            if up.collation:
                column.words.append("COLLATE(%s)" % up.collation)
            self.names.add(column.name)
            self.sql_names.add(column.sql.lower())
            self.columns.append(column)
            pairs.append((column, up))
        action = self.chance.choice(["", " ON_DELETE(CASCADE)", " ON_DELETE(RESTRICT)",
                                     " ON_DELETE(NO_ACTION)"])
        if len(pairs) == 1 and self.pick(0.7):
            pairs[0][0].words.append("PRIMARY_KEY REFERENCES(%s, %s)%s" %
                                     (self.extends.name, pairs[0][1].name, action))
        else:
            self.chance.shuffle(pairs)
            names = ", ".join(column.name for column, _ in pairs)
            ups = ", ".join(up.name for _, up in pairs)
            self.lines.append("PRIMARY_KEY_ON(%s);" % names)
            self.lines.append("FOREIGN_KEY_ON((%s), %s(%s))%s;" %
                              (names, self.extends.name, ups, action))
        self.maybe_without_rowid(0.2)

    def add_extends(self):
        enums = [(column, table) for table in self.extends.chain() for column in table.columns
                 if column.kind == "enum" and not column.nullable and column not in table.key]
        self.constants = list(self.extends.constants)
        if not enums or self.pick(0.3):
            self.lines.append("EXTENDS(%s);" % self.extends.name)
            return
        column, table = self.chance.choice(enums)
        tag = column.type[len("enum "):]
        label = self.chance.choice(table.labels[tag])
        self.constants = [pair for pair in self.constants if pair[0] is not column]
        self.constants.append((column, label.lower()))
        self.lines.append("EXTENDS(%s, %s, %s_%s);" %
                          (self.extends.name, column.name, tag.upper(), label))

    def maybe_without_rowid(self, likelihood):
        if self.pick(likelihood):
            self.rowid = False
            self.lines.append("WITHOUT_ROWID;")

    # ---- columns ----

    def collate(self, column):
        column.collation = self.chance.choice(["NOCASE", "RTRIM", "BINARY"])
        column.words.append("COLLATE(%s)" % column.collation)

    def quoted(self, column):
        return '"%s"' % column.sql.replace('"', '""')

    def default(self, column):
        choice = self.chance.choice
        if column.kind in ("timestamp", "datetime") and self.pick(0.5):
            return "DEFAULT_NOW"
        values = {
            "integer": ["0", "-9223372036854775808", "9223372036854775807", "60 * 60", "0x7f"],
            "boolean": ["true", "false"],
            "real": ["0.5", "-1e300", "3", "-0.0"],
            "text": ['""', '"it\'s \\"here\\""', "'single'", '"größe"', '"two\\nlines"'],
            "json": ['"%s"' % text for text in JSON_DEFAULTS],
            "blob": ["X'00ff27'", "X''"],
            "timestamp": ["0", "-1", "1700000000000000"],
            "datetime": ['"2024-02-29T23:59:59.999Z"', '"0000-01-01T00:00:00.000Z"'],
            "ulid": ['"01ARZ3NDEKTSV4RRFFQ69G5FAV"'],
            "uuid": ['"00000000-0000-4000-8000-000000000000"'],
        }
        if column.kind == "enum":
            tag = column.type[len("enum "):]
            return "DEFAULT(%s_A)" % tag.upper()
        return "DEFAULT(%s)" % choice(values[column.kind])

    def decorate(self, column):
        words = column.words
        if self.pick(0.45):
            column.nullable = False
            words.append("NOT_NULL")
        if column.kind in ("text", "json", "blob") and self.pick(0.3):
            column.length = self.chance.choice([24, 100, 4096, 1000000000])
            words.append("LENGTH(%d)" % column.length)
        if column.kind == "text" and self.pick(0.2):
            self.collate(column)
        if self.pick(0.3):
            words.append(self.default(column))
        if column.kind in ("timestamp", "datetime") and self.pick(0.2):
            words.append("UPDATE_NOW")
        if self.pick(0.1):
            words.append("CHECK(%s IS NOT 'never' AND 1)" % self.quoted(column))
        distinct = column.kind not in ("boolean", "enum", "json") and "UPDATE_NOW" not in words
        if distinct and self.pick(0.06):
            words.append("UNIQUE")
        elif self.pick(0.1):
            words.append("INDEX")
        if self.pick(0.03):
            words.append("RENAMED_FROM(was_%s)" % column.name.lower().strip("_"))

    def add_generated(self):
        bases = [c for c in self.columns if c.base == "" and not c.inherited]
        if not bases:
            return
        base = self.chance.choice(bases)
        column = self.add("text")
        column.base = base.sql
        column.words.append("GENERATED(typeof(%s))" % self.quoted(base))

    def add_parent(self, key):
        column = self.add(key.kind)
        column.parent = self.chance.choice(["CASCADE", "SET_NULL", "RESTRICT", "NO_ACTION"])
        if key.collation:
            column.collation = key.collation
            column.words.append("COLLATE(%s)" % key.collation)
        update = " ON_UPDATE(CASCADE)" if self.pick(0.5) else ""
        if self.pick(0.5):
            column.words.append("REFERENCES(%s, %s) ON_DELETE(%s)%s" %
                                (self.name, key.name, column.parent, update))
        else:
            self.lines.append("FOREIGN_KEY_ON((%s), %s(%s)) ON_DELETE(%s)%s;" %
                              (column.name, self.name, key.name, column.parent, update))

    def add_row_lines(self):
        plain = [c for c in self.columns if c.base == "" and c.parent == ""]
        free = [c for c in plain if c not in self.key]
        many = [c for c in free if c.kind in ("integer", "text", "real", "ulid")]
        if len(many) > 1 and self.pick(0.35):
            names = ", ".join(c.name for c in self.chance.sample(many, 2))
            self.lines.append("UNIQUE_ON(%s);" % names)
        if len(free) > 1 and self.pick(0.3):
            one, two = self.chance.sample(free, 2)
            where = " WHERE(%s IS NOT NULL)" % self.quoted(two) if self.pick(0.4) else ""
            self.lines.append("INDEX_ON(%s, %s DESC)%s NAMED(\"%s_%s_some\");" %
                              (one.name, two.name, where, self.database, self.name))
        if self.pick(0.1):
            self.lines.append("CHECK_ROW(%s IS NOT X'6e6f'  OR 1);" % self.quoted(plain[0]))
        texts = [c for c in plain if c.kind == "text" and c.sql not in ("rank", "rowid")]
        if texts and self.rowid and self.key[0].sql != "has 'quotes'" and self.pick(0.12):
            self.lines.append("FULL_TEXT_ON(%s_words, %s);" % (self.name, texts[0].name))
        if self.pick(0.05):
            self.lines.append("TABLE_WAS(old_%s);" % self.name)
        if self.pick(0.05):
            self.lines.append('DROPPED(gone, "nobody read it");')
        if self.pick(0.25):
            self.lines.append("NOT_STRICT;")

    def fill(self, soft):
        key = None
        if self.extends:
            self.names = set(self.extends.names)
            self.sql_names = set(self.extends.sql_names)
            self.add_inherited_key()
        elif self.pick(0.65):
            key = self.add_single_key()
        else:
            self.add_composite_key()
        self.key = list(self.columns)
        count = self.chance.choice([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20])
        if self.pick(0.04):
            count = self.chance.randint(60, 69)
        for _ in range(count):
            self.decorate(self.add(self.chance.choice(TYPES)))
        if key is not None and key.kind in ("integer", "text", "ulid", "uuid") and self.pick(0.3):
            self.self_reference = key
        if soft and self.pick(0.2):
            self.add("integer").words.append("SOFT_REFERENCES(%s, %s)" % soft)
        if self.pick(0.15):
            self.add_generated()
        self.add_row_lines()
        if self.extends:
            self.add_extends()

    def finish(self, extended):
        """A table that others extend does not refer to itself."""
        if self.self_reference is not None and not extended:
            self.add_parent(self.self_reference)

    def text(self):
        return "".join([
            "/* Random; see make_schemas.py. */\n",
            "#include <cleat/schema.h>\n",
            '#define DATABASE_NAME "%s"\n\n' % self.database,
            "".join(self.enums),
            "\n/** Table %s. */\n" % self.name,
            "TABLE(%s) {\n" % self.name,
            "".join(column.line() for column in self.columns),
            "".join("    %s\n" % line for line in self.lines),
            "};\n",
        ])

    def soft_target(self):
        """(database.table, column) of an integer key, or None."""
        key = self.columns[0]
        if key.kind == "integer" and "PRIMARY_KEY" in key.words:
            return ("%s.%s" % (self.database, self.name), key.name)
        return None

    def facts(self):
        for column in self.columns:
            if column.inherited:
                continue
            if column.length or column.collation or column.base or column.parent:
                yield '    {"%s", "%s", %s, %d, "%s", %s, "%s"},\n' % (
                    self.database, self.name, c_text(column.sql), column.length,
                    column.collation, c_text(column.base), column.parent)

    def chain_facts(self):
        if self.extends:
            yield '    {"%s", "%s", "%s", NULL, NULL},\n' % (self.database, self.name,
                                                            self.extends.name)
        for column, label in self.constants:
            yield '    {"%s", "%s", "%s", %s, "%s"},\n' % (
                self.database, self.name, self.extends.name, c_text(column.sql), label)


def c_text(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def write(path, text):
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def remove_others(directory, kept):
    for path, _, names in os.walk(directory):
        for name in names:
            if os.path.join(path, name) not in kept:
                os.remove(os.path.join(path, name))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tables", type=int, default=220)
    parser.add_argument("--databases", type=int, default=20)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    tables = []
    soft = {}
    for i in range(options.tables):
        place = i % options.databases
        # soft references go to the database before, so that each reaches few others
        table = Table(chance, "p%d" % place, "t%d" % i)
        before = tables[i - options.databases] if i >= options.databases else None
        # an enum of a key would have to be declared by both modules
        if before and len(before.chain()) < CHAIN_MOST and table.pick(CHAIN_CHANCE) and \
                not any(column.kind == "enum" for column in before.key):
            table.extends = before
        table.fill(soft.get(place - 1))
        if place not in soft and table.soft_target():
            soft[place] = table.soft_target()
        tables.append(table)
    extended = [table.extends for table in tables]
    for table in tables:
        table.finish(table in extended)
    kept = set()
    for table in tables:
        path = os.path.join(options.out, "schemas", table.database, table.name, "db_models.h")
        write(path, table.text())
        kept.add(path)
    remove_others(os.path.join(options.out, "schemas"), kept)
    write(os.path.join(options.out, "facts.c"), "".join(
        ["/* Made by make_schemas.py. */\n#include \"facts.h\"\n\n",
         "const unsigned property_seed = %du;\n" % (options.seed % 2**32),
         "const struct fact property_facts[] = {\n"] +
        [line for table in tables for line in table.facts()] +
        ["    {NULL, NULL, NULL, 0, NULL, NULL, NULL},\n};\n",
         "const struct chain_fact property_chains[] = {\n"] +
        [line for table in tables for line in table.chain_facts()] +
        ["    {NULL, NULL, NULL, NULL, NULL},\n};\n"]))


if __name__ == "__main__":
    main()
