"""modules.py: writes trees of modules for the measurements of the tool and of generated objects.

A table is what applications have: an integer key, a unique name, an enum, json, a foreign key with
its index, a time, a blob, checks and defaults. Ten modules share a database."""

import pathlib
import shutil

MODULES_PER_DATABASE = 10
TABLES_PER_MODULE = 10

TABLE = """\
/** Table {table} of module {module}. */
TABLE({table}) {{
    integer   id         PRIMARY_KEY;
    text      name       NOT_NULL UNIQUE LENGTH(200);   ///< shown in lists
    enum {module}_state state NOT_NULL DEFAULT({upper}_STATE_NEW);
    json      metadata   NOT_NULL DEFAULT("{{}}");
    integer   parent_id  {parent}INDEX;
    timestamp created_at NOT_NULL DEFAULT_NOW;
    real      score;
    blob      payload;
{more}}};
"""

MORE = [
    "    boolean   enabled    NOT_NULL DEFAULT(true);\n",
    "    integer   size_bytes CHECK(size_bytes >= 0);\n",
]

HEAD = """\
#include <cleat/schema.h>
#define DATABASE_NAME "{database}"

/** What a row of this module can be. */
enum {module}_state {{
    {upper}_STATE_NEW,
    {upper}_STATE_ACTIVE, ///< in use
    {upper}_STATE_CLOSED
}};
"""


def module_text(number, least_columns):
    module = "m%04d" % number
    upper = module.upper()
    parts = [HEAD.format(database="d%03d" % (number // MODULES_PER_DATABASE), module=module,
                         upper=upper)]
    for i in range(TABLES_PER_MODULE):
        columns = least_columns + i % (11 - least_columns)
        parent = ""
        if i > 0:
            parent = "REFERENCES(%s_t%d, id) ON_DELETE(CASCADE) " % (module, i - 1)
        parts.append(TABLE.format(table="%s_t%d" % (module, i), module=module, upper=upper,
                                  parent=parent, more="".join(MORE[:columns - 8])))
    return "\n".join(parts)


def write(directory, count, least_columns):
    """Modules with tables of least_columns (8, 9 or 10) to 10 columns, in a new directory."""
    directory = pathlib.Path(directory)
    shutil.rmtree(directory, ignore_errors=True)
    for number in range(count):
        module = directory / ("group%02d" % (number // 100)) / ("m%04d" % number)
        module.mkdir(parents=True)
        (module / "db_models.h").write_text(module_text(number, least_columns))
