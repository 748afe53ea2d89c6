#!/usr/bin/env python3
"""nothing.py HEADERS OUTPUT: a C program that gives every public function nothing (NULL) for each of
its pointers in turn, and for all of them.

Enters: the directory of the public headers. Leaves: the calls and their list, which test_nothing.c
includes; a function that takes a pointer of a kind that is not known here is an error. What may be
NULL by its documentation is listed in MAY, everything else must be refused.
"""
import pathlib
import re
import sys

# What a parameter is given, by its name alone or after its function's; test_nothing.c has these.
VALUES = {
    "settings": "&world->settings",
    "cleat_settings_print settings": "&world->sample->settings",
    "cleat_registry_open settings": "&world->sample->settings",
    "prefix": '"CLEAT_NOTHING"', "key": '"log_level"', "value": '"none"', "path": '"settings"',
    "label": '"essay"', "datetime": '"2026-01-31T23:59:59Z"', "name": '"before"', "json": "world->json",
    "cleat_registry_database_named name": '"library"',
    "cleat_row_search text": '"title"', "cleat_row_search_with text": '"title"', "text": '"text"',
    "sql": '"SELECT 1"', "column": '"cover"', "directory": "world->directory",
    "database": '"library"', "databases": "world->databases",
    "table": "&library_books_table", "cleat_registry_open table": "world->sample->table",
    "cleat_settings_print table": "world->sample->table",
    "file": "world->file", "log": "hear_line", "trace": "hear_statement",
    "progress": "hear_progress", "hook": "NULL", "data": "world", "work": "do_nothing",
    "registry": "world->sample->registry", "async": "open_async(world)",
    "session": "world->session", "statement": "open_statement(world)",
    "cursor": "open_list(world)", "cleat_row_search_next cursor": "open_search(world)",
    "stream": "open_stream(world)", "index": "&library_books_fts", "options": "&world->options",
    "rules": "&world->rules", "type": "&library_genre", "query": "&query_by_isbn",
    "cleat_query_execute query": "&query_touch",
    "row": "&world->book", "rows": "&world->book", "defaults": "&world->another",
    "cleat_rows_clear rows": "&world->books",
    "values": "&world->isbn", "cleat_row_get_many values": "world->keys",
    "places": "world->places", "bytes": "world->bytes", "buffer": "world->bytes",
    "memory": "malloc(8)", "error": "&world->error",
    "ret_row": "&world->read", "ret_rows": "&world->books",
    "ret_registry": "&world->registry", "ret_async": "&world->async",
    "ret_orphans": "&world->orphans", "ret_json": "&world->text",
    # what would be there, or be closed, twice
    "cleat_row_insert row": "&world->another", "cleat_row_insert_many rows": "&world->another",
    "cleat_registry_close registry": "open_registry(world)",
    "cleat_async_close async": "open_async_to_close(world)",
    # what has to be there before
    "cleat_savepoint_release session": "set_savepoint(world)",
    "cleat_savepoint_rollback session": "set_savepoint(world)",
    "cleat_session_release session": "use_session(world)",
    "cleat_session_expect ret_session": "use_library(world)",
}

# What numbers are given; 1 when they are not here.
NUMBERS = {
    "key": "BOOKS_BY_ISBN", "mode": "CLEAT_READ", "cleat_row_stream_open mode": "CLEAT_WRITE",
    "cleat_registry_check mode": "CLEAT_CHECK_QUICK", "cleat_row_from_json mode": "CLEAT_JSON_LENIENT",
    "columns": "cleat_columns_of_bits(2)", "cleat_row_patch columns": "4", "side": "CLEAT_AFTER",
    "length": "strlen(world->json)", "offset": "0", "place": "0",
    "cleat_statement_bind_blob value": "(cleat_blob){0}", "status": "CLEAT_OK",
    "cleat_enum_label value": "GENRE_NOVEL",
}

# What may be NULL: nothing of the kind, the default, or no answer wanted.
MAY = {
    "database", "hook", "data", "log", "trace", "progress", "prefix",
    "cleat_registry_database_named name", "cleat_settings_file path",
    "cleat_registry_open settings", "cleat_registry_install registry",
    "cleat_registry_close registry", "cleat_session_close session", "cleat_cursor_close cursor",
    "cleat_stream_close stream", "cleat_statement_close statement", "cleat_async_close async",
    "cleat_free memory", "cleat_rows_clear rows",
    "cleat_statement_bind_text value",
    "cleat_row_list_page row", "cleat_row_list_page_by row", "cleat_row_search_with options",
    "cleat_query_execute ret_count", "cleat_row_validate ret_violations",
    "cleat_row_from_json ret_violations",
    "cleat_group_run error", "cleat_stats_print file",
}


def read_functions(directory):
    """Every function that a header declares and does not define: its type, name, parameters."""
    functions = []
    for header in sorted(pathlib.Path(directory).glob("*.h")):
        text = header.read_text(encoding="utf-8")
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"^#.*?(?<!\\)$", "", text, flags=re.DOTALL | re.MULTILINE)
        for declaration in re.findall(r"[^;{}]*;", text):
            found = re.match(r"\s*([\w\s*]+?)\s*\b(cleat_\w+)\((.*)\);", declaration, re.DOTALL)
            if found and "typedef" not in declaration and "return" not in declaration:
                kind, name, inside = (" ".join(part.split()) for part in found.groups())
                parameters = [] if inside == "void" else inside.split(", ")
                functions.append((kind, name, parameters))
    return functions


def is_pointer(parameter):
    return "*" in parameter or "[" in parameter or parameter.split()[0].endswith(("_hook", "_work"))


def name_of(parameter):
    return re.search(r"(\w+)(\[\d+\])?$", parameter).group(1)


def look_up(table, function, parameter):
    return table.get("%s %s" % (function, parameter), table.get(parameter))


def value_of(function, parameter, names):
    """What a parameter is given; adds what has to be declared for it to `names`."""
    name = name_of(parameter)
    if not is_pointer(parameter):
        return look_up(NUMBERS, function, name) or "1"
    value = look_up(VALUES, function, name)
    if value is None and name.startswith("ret_"):
        kind = parameter[:parameter.rindex(name)].strip()
        size = parameter[parameter.rindex(name) + len(name):]
        names.append("%s %s%s;" % (kind if size else kind[:-1].strip(), name, size))
        return name if size else "&" + name
    if value is None:
        sys.exit("nothing.py: what is %s of %s given?" % (parameter, function))
    return value


def write_call(kind, function, parameters, without):
    """A call that is given nothing for the places in `without`."""
    names, arguments = [], []
    for place, parameter in enumerate(parameters):
        nothing = place in without
        arguments.append("NULL" if nothing else value_of(function, parameter, names))
    what = "_and_".join(name_of(parameters[place]) for place in without) or "all_it_needs"
    if len(without) > 1:
        what = "anything"
    title = "%s_%s_%s" % (function, "without" if without else "with", what)
    lines = ["static cleat_status", "%s(struct world *world)" % title, "{", "    (void)world;"]
    for name in names:
        lines.append("    static %s" % name)
    call = "%s(%s)" % (function, ", ".join(arguments))
    if kind == "cleat_status":
        lines.append("    return %s;" % call)
    else:
        lines += ["    (void)%s;" % call if kind != "void" else "    %s;" % call, "    return CLEAT_OK;"]
    lines += ["}", ""]
    return title, lines


def may_be_nothing(function, parameter):
    name = name_of(parameter)
    return name in MAY or "%s %s" % (function, name) in MAY


def main():
    directory, output = sys.argv[1:]
    lines, rows, wrong = [], [], 0
    for kind, function, parameters in read_functions(directory):
        pointers = [place for place, text in enumerate(parameters) if is_pointer(text)]
        sets = [[]] + [[place] for place in pointers]
        if len(pointers) > 1:
            sets.append(pointers)
        for without in sets if pointers else []:
            title, text = write_call(kind, function, parameters, without)
            needed = [place for place in without if not may_be_nothing(function, parameters[place])]
            refused = kind == "cleat_status" and needed
            rows.append("    {\"%s\", %s, %s}," % (title, title, "true" if refused else "false"))
            lines += text
    lines += ["static const struct nothing nothings[] = {", *rows, "};", ""]
    pathlib.Path(output).write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
