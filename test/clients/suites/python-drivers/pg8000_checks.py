"""pg8000, which has the protocol in Python itself."""

import datetime
import decimal
import io
import os
import uuid

import pg8000
import pg8000.dbapi
import pg8000.native
from check import check, raised, version

version(pg8000.__version__)
PLACE = {
    "user": os.environ["PGUSER"],
    "host": os.environ["PGHOST"],
    "port": int(os.environ["PGPORT"]),
    "database": os.environ["PGDATABASE"],
}


@check("native: types there and back, columns, prepared statements")
def _():
    connection = pg8000.native.Connection(**PLACE)
    values = [5, 2**40, 1.5, decimal.Decimal("1.50"), True, "it's äöü", b"\x00\xff", datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.timezone.utc), uuid.UUID(int=5), [1, None], {"a": 1}]
    names = ["int", "bigint", "float8", "numeric", "bool", "text", "bytea", "date", "timestamptz", "uuid", "int[]", "jsonb"]
    seen = [connection.run(f"SELECT CAST(:v AS {name})", v=value)[0][0] for name, value in zip(names, values)]
    connection.run("CREATE TABLE items (id serial, name text)")
    statement = connection.prepare("INSERT INTO items (name) VALUES (:name) RETURNING id")
    keys = [statement.run(name=f"n{n}") for n in range(5)]
    columns = [column["name"] for column in connection.columns or []]
    connection.close()
    return [seen, keys, columns]


@check("DB-API: rows, executemany, COPY, transactions, errors")
def _():
    connection = pg8000.dbapi.connect(**PLACE)
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO items (name) VALUES (%s)", [(f"m{n}",) for n in range(20)])
    count = cursor.rowcount
    connection.commit()
    cursor.execute("COPY items (name) FROM STDIN WITH (FORMAT csv)", stream=io.BytesIO(b"one\ntwo\n"))
    out = io.BytesIO()
    cursor.execute("COPY (SELECT name FROM items ORDER BY id DESC LIMIT 2) TO STDOUT", stream=out)
    problem = raised(cursor.execute, "SELECT nothing")
    connection.rollback()
    cursor.execute("SELECT count(*), max(name) FROM items WHERE id > %s", (0,))
    rows = cursor.fetchall()
    description = [list(column[:2]) for column in cursor.description]
    connection.close()
    return [count, out.getvalue(), problem[0], rows, description]


@check("notifications")
def _():
    connection = pg8000.native.Connection(**PLACE)
    connection.run("LISTEN news")
    connection.run("NOTIFY news, 'hello'")
    connection.run("SELECT 1")
    heard = [[channel, payload] for _, channel, payload in connection.notifications]
    connection.close()
    return heard
