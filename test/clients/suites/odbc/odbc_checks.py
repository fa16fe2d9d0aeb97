"""psqlODBC, by pyodbc and by unixODBC's isql: what an application, a spreadsheet or a reporting tool does with it."""

import datetime
import decimal
import os
import subprocess
import uuid

import pyodbc
from check import check, raised, version

DRIVER = os.environ["ODBC_DRIVER"]
CONNECTION = (
    f"Driver={DRIVER};Server={os.environ['PGHOST']};Port={os.environ['PGPORT']};Database={os.environ['PGDATABASE']};Uid={os.environ['PGUSER']};"
)


def connect(options="", **named):
    return pyodbc.connect(CONNECTION + options, **named)


with connect() as first:
    version(f"{first.getinfo(pyodbc.SQL_DRIVER_VER)} with pyodbc {pyodbc.version}")


@check("connects, and tells of the server")
def _():
    with connect() as connection:
        return [
            connection.getinfo(pyodbc.SQL_DBMS_NAME),
            connection.getinfo(pyodbc.SQL_DBMS_VER).split(".")[0],
            connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR),
            connection.getinfo(pyodbc.SQL_TXN_CAPABLE),
            connection.getinfo(pyodbc.SQL_DEFAULT_TXN_ISOLATION),
        ]


@check("types: there and back")
def _():
    values = [
        ("integer", -5),
        ("bigint", 9223372036854775807),
        ("numeric(20,5)", decimal.Decimal("123456789012345.12345")),
        ("double precision", 1.5),
        ("boolean", True),
        ("text", "it's \"q\" \\ äöü 日本"),
        ("varchar(10)", "abc"),
        ("bytea", b"\x00\xff'\\"),
        ("date", datetime.date(2024, 2, 29)),
        ("time", datetime.time(23, 59, 59)),
        ("timestamp", datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)),
        ("timestamptz", datetime.datetime(2024, 2, 29, 12, 0)),
        ("uuid", uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("text", None),
    ]
    result = []
    with connect() as connection:
        for name, value in values:
            cursor = connection.cursor().execute(f"SELECT CAST(? AS {name}) AS v", value)
            result.append([cursor.description[0][1].__name__, cursor.description[0][3:], cursor.fetchone()[0]])
        cursor = connection.cursor().execute("SELECT '{1,2}'::int[], '{\"a\": 1}'::jsonb, interval '1 day', 'x'::name, 5::oid")
        result.append([[column[1].__name__ for column in cursor.description], list(cursor.fetchone())])
    return result


for options in ["", "UseDeclareFetch=1;Fetch=50;", "UseServerSidePrepare=0;", "Protocol=7.4-0;", "Protocol=7.4-2;"]:

    @check(f"rows, with {options or 'no options'}")
    def _():
        with connect(options) as connection:
            cursor = connection.cursor()
            cursor.execute("DROP TABLE IF EXISTS items")
            cursor.execute("CREATE TABLE items (id serial PRIMARY KEY, name varchar(40), amount numeric(8,2), at timestamp)")
            cursor.executemany("INSERT INTO items (name, amount, at) VALUES (?, ?, ?)", [(f"n{n}", decimal.Decimal(n), datetime.datetime(2024, 1, 1)) for n in range(200)])
            updated = cursor.execute("UPDATE items SET amount = amount + 1 WHERE id <= ?", 10).rowcount
            connection.commit()
            cursor.execute("SELECT id, name, amount, at FROM items WHERE id > ? ORDER BY id", 5)
            rows = cursor.fetchall()
            cursor.execute("DELETE FROM items")
            connection.rollback()
            problem = raised(cursor.execute, "INSERT INTO items (id) VALUES (1)")
            connection.rollback()
            count = cursor.execute("SELECT count(*) FROM items").fetchone()[0]
            return [updated, len(rows), list(rows[0]), problem, count]


@check("the catalog: tables, columns, keys, indexes, types, procedures")
def _():
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE parts (item integer REFERENCES items (id), no integer, note text DEFAULT 'x', PRIMARY KEY (item, no))")
        cursor.execute("CREATE VIEW item_names AS SELECT name FROM items")
        cursor.execute("COMMENT ON TABLE parts IS 'of items'")
        connection.commit()
        database = os.environ["PGDATABASE"]

        def rows(found):
            return [[None if value == database else value for value in row] for row in found.fetchall()]

        return [
            rows(cursor.tables(schema="public")),
            rows(cursor.tables(schema="public", tableType="VIEW")),
            [row[:18] for row in rows(cursor.columns(schema="public", table="items"))],
            [row[:18] for row in rows(cursor.columns(table="parts", column="no%"))],
            rows(cursor.primaryKeys("parts", schema="public")),
            rows(cursor.foreignKeys(foreignTable="parts")),
            [row[:9] for row in rows(cursor.statistics("parts", unique=True))],
            rows(cursor.rowIdColumns("parts")),
        ]


@check("isolation levels and autocommit")
def _():
    result = []
    with connect(autocommit=True) as connection:
        for level in [pyodbc.SQL_TXN_READ_COMMITTED, pyodbc.SQL_TXN_REPEATABLE_READ]:
            connection.set_attr(pyodbc.SQL_ATTR_TXN_ISOLATION, level)
            result.append(connection.execute("SHOW transaction_isolation").fetchone()[0])
    return result


@check("errors")
def _():
    with connect(autocommit=True) as connection:
        return [raised(connection.execute, sql) for sql in ["SELECT nothing", "SELECT * FROM nothing", "SELEC 1", "SELECT 1/0", "SELECT CAST('x' AS integer)"]]


@check("isql")
def _():
    text = "SELECT id, name FROM items ORDER BY id LIMIT 3\nSELECT nothing\n"
    run = subprocess.run(["isql", "-k", CONNECTION, "-b", "-d;"], input=text, capture_output=True, text=True)
    return [run.stdout, run.returncode]
