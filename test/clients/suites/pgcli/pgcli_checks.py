"""pgcli: the queries by which it completes names, and its commands."""

import os

import pgcli
from check import check, version
from pgcli.pgexecute import PGExecute
from pgcli.pgcompleter import PGCompleter
from pgspecial.main import PGSpecial
from prompt_toolkit.document import Document

version(pgcli.__version__)


def execute():
    return PGExecute(
        os.environ["PGDATABASE"], os.environ["PGUSER"], "", os.environ["PGHOST"], os.environ["PGPORT"], application_name="pgcli"
    )


SCHEMA = """
CREATE SCHEMA lab;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE vendors (id integer PRIMARY KEY, name varchar(40) DEFAULT 'x');
CREATE TABLE trips (id serial PRIMARY KEY, vendor_id integer REFERENCES vendors (id), fare float8, feeling mood);
CREATE TABLE lab.points (x integer, y integer);
CREATE VIEW cheap AS SELECT id, fare FROM trips WHERE fare < 10;
"""

OWN = {"public", "lab"}


def run(executor, sql):
    result = []
    for title, rows, headers, status, _, is_success, _ in executor.run(sql, PGSpecial()):
        result.append([str(title) if title else None, [list(row) for row in rows] if rows else None, headers, status, is_success])
    return result


@check("runs statements")
def _():
    executor = execute()
    return [run(executor, SCHEMA), run(executor, "INSERT INTO vendors VALUES (1); SELECT * FROM vendors")]


@check("what names are completed by")
def _():
    executor = execute()
    own = lambda rows: sorted([list(row) for row in rows if row[0] in OWN], key=str)
    return [
        sorted(name for name in executor.schemata() if name in OWN),
        own(executor.tables()),
        own(executor.views()),
        own(executor.table_columns()),
        own(executor.view_columns()),
        sorted(list(key) for key in executor.foreignkeys()),
        own(executor.datatypes()),
        executor.search_path(),
        own([(f.schema_name, f.func_name) for f in executor.functions()]),
    ]


@check("describes with its commands, which ask the catalog themselves")
def _():
    executor = execute()
    return {command: run(executor, command) for command in ["\\d vendors", "\\d+ trips", "\\dt", "\\dv", "\\dn lab", "\\d cheap", "\\dT mood", "\\di", "\\ds"]}


@check("completes")
def _():
    completer = PGCompleter(smart_completion=True)
    executor = execute()
    for schema in [list(executor.schemata())]:
        completer.extend_schemata(schema)
    completer.set_search_path(executor.search_path())
    completer.extend_relations(list(executor.tables()), kind="tables")
    completer.extend_relations(list(executor.views()), kind="views")
    completer.extend_columns(list(executor.table_columns()), kind="tables")
    completer.extend_columns(list(executor.view_columns()), kind="views")
    completer.extend_foreignkeys(list(executor.foreignkeys()))

    def at(text):
        return [completion.text for completion in completer.get_completions(Document(text, len(text)), None)][:5]

    return [at("SELECT fa"), at("SELECT * FROM tr"), at("SELECT * FROM trips JOIN v"), at("SELECT fare FROM trips WHERE f"), at("SELECT * FROM lab.")]


@check("errors and notices")
def _():
    executor = execute()
    seen = []
    for sql in ["SELECT nothing", "SELEC", "SELECT 1/0"]:
        try:
            run(executor, sql)
        except Exception as error:
            seen.append([type(error).__name__, str(error).split("\n")[0]])
    return seen
