"""psycopg2: what an application does with it."""

import datetime
import decimal
import io
import select
import threading
import time
import uuid

import psycopg2
import psycopg2.errorcodes
import psycopg2.extensions as ext
import psycopg2.extras as extras
import psycopg2.pool
from check import URL, check, raised, version
from psycopg2 import sql

version(psycopg2.__version__.split(" ")[0])
UTC = datetime.timezone.utc


def connect(**options):
    return psycopg2.connect(URL, **options)


@check("connects, by URL and by libpq's variables, and reads the server's parameters")
def _():
    with psycopg2.connect("") as plain, connect(application_name="checks") as named:
        cursor = named.cursor()
        cursor.execute("SHOW application_name")
        return [
            plain.server_version // 10000,
            plain.encoding,
            plain.get_parameter_status("DateStyle"),
            plain.get_parameter_status("integer_datetimes"),
            plain.get_parameter_status("standard_conforming_strings"),
            cursor.fetchone(),
            named.info.transaction_status,
        ]


@check("types: there and back with the driver's own adaptation")
def _():
    values = [
        1,
        9223372036854775807,
        1.5,
        float("inf"),
        decimal.Decimal("12345678901234567890.123456789"),
        True,
        None,
        "it's \"quoted\" \\ back\nslash äöü 日本",
        b"\x00\x01\xff'\\",
        datetime.date(2024, 2, 29),
        datetime.time(23, 59, 59, 999999),
        datetime.datetime(2024, 2, 29, 12, 0, 0, 1),
        datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
        datetime.timedelta(days=-1, seconds=5),
        [1, 2, None],
        ["a", 'b"c', "d,e", "", "NULL"],
        [[1, 2], [3, 4]],
        (1, 2),
    ]
    extras.register_uuid()
    result = []
    with connect() as connection:
        cursor = connection.cursor()
        for value in values[:-1]:
            cursor.execute("SELECT %s", (value,))
            result.append(cursor.fetchone()[0])
        cursor.execute("SELECT 1 WHERE 1 IN %s", (values[-1],))
        result.append(cursor.fetchone())
        cursor.execute("SELECT %s", (uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),))
        result.append(cursor.fetchone()[0])
        cursor.execute("SELECT %s::jsonb, %s::json", (extras.Json({"a": [1, None]}), extras.Json("x")))
        result.append(cursor.fetchone())
        cursor.execute("SELECT '2024-01-01'::timestamptz, now()::date IS NOT NULL, 'infinity'::float8, '{1.5,NULL}'::numeric[]")
        result.append(cursor.fetchone())
        cursor.execute("SELECT '{2024-01-01}'::date[], '{\"2024-01-01 00:00:00+00\"}'::timestamptz[], ARRAY[interval '1 day'], ARRAY[true,NULL], '{\"\\\\x00ff\"}'::bytea[]")
        result.append(cursor.fetchone())
    return result


@check("description of a result: names, types, sizes, precisions")
def _():
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT 1 a, 1::bigint b, 'x'::varchar(5) c, 1.25::numeric(10,3) d, now() e, 'x'::text f, NULL g, '{}'::int[] h, 2::float8 i"
        )
        return [
            [(column.name, column.type_code, column.display_size, column.internal_size, column.precision, column.scale) for column in cursor.description],
            cursor.rowcount,
            cursor.statusmessage,
        ]


@check("tables: executemany, execute_values, execute_batch, RETURNING, rowcounts")
def _():
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE items (id serial PRIMARY KEY, name text UNIQUE, amount numeric(8,2))")
        cursor.executemany("INSERT INTO items (name, amount) VALUES (%s, %s)", [(f"m{n}", n) for n in range(5)])
        counts = [cursor.rowcount]
        extras.execute_batch(cursor, "INSERT INTO items (name, amount) VALUES (%s, %s)", [(f"b{n}", n) for n in range(250)])
        keys = extras.execute_values(
            cursor, "INSERT INTO items (name, amount) VALUES %s RETURNING id", [(f"v{n}", n) for n in range(250)], fetch=True
        )
        cursor.execute("UPDATE items SET amount = amount + 1 WHERE name LIKE %s", ("b%",))
        counts.append(cursor.rowcount)
        cursor.execute("DELETE FROM items WHERE amount > %(limit)s", {"limit": 200})
        counts.append(cursor.rowcount)
        cursor.execute("SELECT count(*), sum(amount) FROM items")
        return [counts, len(keys), keys[0], keys[-1], cursor.fetchone(), cursor.lastrowid]


@check("rows: named tuples, dictionaries, scrolling in the client")
def _():
    with connect() as connection:
        named = connection.cursor(cursor_factory=extras.NamedTupleCursor)
        named.execute("SELECT id, name FROM items ORDER BY id LIMIT 3")
        dictionary = connection.cursor(cursor_factory=extras.RealDictCursor)
        dictionary.execute("SELECT id, name FROM items ORDER BY id LIMIT 2")
        plain = connection.cursor()
        plain.execute("SELECT id FROM items ORDER BY id LIMIT 10")
        plain.scroll(5)
        first = plain.fetchone()
        plain.scroll(0, mode="absolute")
        return [[row.name for row in named], [dict(row) for row in dictionary], first, plain.fetchmany(2), len(plain.fetchall())]


@check("server-side cursors: portions, scrolling, holding over a commit")
def _():
    connection = connect()
    cursor = connection.cursor("portions")
    cursor.itersize = 100
    cursor.execute("SELECT g FROM generate_series(1, 1050) g")
    total = sum(row[0] for row in cursor)
    cursor.close()
    scrolling = connection.cursor("scrolling", scrollable=True)
    scrolling.execute("SELECT g FROM generate_series(1, 20) g")
    seen = [scrolling.fetchmany(3)]
    scrolling.scroll(-2)
    seen.append(scrolling.fetchone())
    scrolling.scroll(10, mode="absolute")
    seen.append(scrolling.fetchone())
    scrolling.scroll(0, mode="absolute")
    seen.append(scrolling.fetchone())
    scrolling.close()
    held = connection.cursor("held", withhold=True)
    held.execute("SELECT g FROM generate_series(1, 5) g")
    connection.commit()
    seen.append(held.fetchall())
    held.close()
    connection.close()
    return [total, seen]


@check("COPY both ways")
def _():
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE copied (a integer, b text, c timestamptz)")
        cursor.copy_from(io.StringIO("1\tone\t2024-01-01 00:00:00+00\n2\t\\N\t\\N\n3\ttab\\there\t\\N\n"), "copied")
        cursor.copy_expert("COPY copied FROM STDIN WITH (FORMAT csv, HEADER)", io.StringIO('a,b,c\n4,"x,""y""",\n5,,2024-02-29\n'))
        counts = [cursor.rowcount]
        text, binary, csv = io.StringIO(), io.BytesIO(), io.StringIO()
        cursor.copy_to(text, "copied", columns=("a", "b"))
        cursor.copy_expert("COPY (SELECT * FROM copied ORDER BY a) TO STDOUT (FORMAT binary)", binary)
        cursor.copy_expert("COPY (SELECT * FROM copied ORDER BY a) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE (b))", csv)
        bad = raised(cursor.copy_from, io.StringIO("x\ty\tz\n"), "copied")
        connection.rollback()
        return [counts, text.getvalue(), binary.getvalue(), csv.getvalue(), bad]


@check("errors: classes, SQLSTATEs and fields")
def _():
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE strict (id integer PRIMARY KEY, v integer NOT NULL CHECK (v > 0), other integer REFERENCES strict)")
    cursor.execute("INSERT INTO strict VALUES (1, 1)")
    connection.commit()
    result = []
    for statement in [
        "INSERT INTO strict VALUES (1, 1)",
        "INSERT INTO strict VALUES (2, NULL)",
        "INSERT INTO strict VALUES (2, -1)",
        "INSERT INTO strict VALUES (2, 1, 99)",
        "SELECT nothing",
        "SELECT * FROM nothing",
        "SELECT 1/0",
        "SELECT 'x'::integer",
        "SELECT nothing()",
        "SELEC",
        "INSERT INTO strict VALUES (1)",
        "SET nothing_at_all = 1",
        "CREATE TABLE strict (a integer)",
    ]:
        try:
            cursor.execute(statement)
        except psycopg2.Error as error:
            diag = error.diag
            result.append(
                [type(error).__name__, error.pgcode, diag.message_primary, diag.message_detail, diag.message_hint]
                + [diag.statement_position, diag.table_name, diag.column_name, diag.constraint_name, diag.datatype_name, diag.severity]
            )
        connection.rollback()
    connection.close()
    return result


@check("transactions: statuses, savepoints, isolation, read only, autocommit")
def _():
    connection = connect()
    cursor = connection.cursor()
    seen = [connection.get_transaction_status()]
    cursor.execute("CREATE TABLE steps (a integer)")
    seen.append(connection.get_transaction_status())
    cursor.execute("SAVEPOINT one")
    seen.append(raised(cursor.execute, "SELECT 1/0")[0])
    seen.append(connection.get_transaction_status())
    seen.append(raised(cursor.execute, "SELECT 1"))
    cursor.execute("ROLLBACK TO one")
    cursor.execute("INSERT INTO steps VALUES (1)")
    connection.commit()
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    seen.append(raised(cursor.execute, "INSERT INTO steps VALUES (2)"))
    connection.rollback()
    cursor.execute("SHOW transaction_isolation")
    seen.append(cursor.fetchone())
    connection.rollback()
    connection.set_session(isolation_level="DEFAULT", readonly=False, autocommit=True)
    cursor.execute("INSERT INTO steps VALUES (3)")
    seen.append(connection.get_transaction_status())
    cursor.execute("SELECT a FROM steps ORDER BY a")
    seen.append(cursor.fetchall())
    connection.close()
    return seen


@check("LISTEN and NOTIFY, notices")
def _():
    listener, speaker = connect(), connect()
    listener.autocommit = speaker.autocommit = True
    cursor = listener.cursor()
    cursor.execute("LISTEN news")
    speaker.cursor().execute("NOTIFY news, 'hello'")
    speaker.cursor().execute("SELECT pg_notify('news', 'again')")
    heard = []
    while len(heard) < 2 and select.select([listener], [], [], 5)[0]:
        listener.poll()
        while listener.notifies:
            notify = listener.notifies.pop(0)
            heard.append([notify.channel, notify.payload, notify.pid == speaker.info.backend_pid])
    cursor.execute("DROP TABLE IF EXISTS not_there_at_all")
    return [heard, listener.notices]


@check("cancel")
def _():
    connection = connect()
    cursor = connection.cursor()
    threading.Timer(0.3, connection.cancel).start()
    started = time.monotonic()
    result = raised(cursor.execute, "SELECT pg_sleep(20)")
    connection.rollback()
    cursor.execute("SELECT 1")
    return [result, time.monotonic() - started < 10, cursor.fetchone()]


@check("asynchronous connections")
def _():
    connection = connect(async_=1)
    extras.wait_select(connection)
    cursor = connection.cursor()
    cursor.execute("SELECT pg_sleep(0.05), 42")
    extras.wait_select(connection)
    return cursor.fetchone()[1]


@check("a pool, and composition of SQL")
def _():
    pool = psycopg2.pool.SimpleConnectionPool(1, 2, URL)
    one, two = pool.getconn(), pool.getconn()
    full = raised(pool.getconn)
    cursor = two.cursor()
    query = sql.SQL("SELECT {field} FROM {table} WHERE {key} = {value}").format(
        field=sql.Identifier("name"), table=sql.Identifier("public", "items"), key=sql.Identifier("id"), value=sql.Literal("1")
    )
    cursor.execute(query)
    result = [cursor.fetchone(), query.as_string(two), full[0], cursor.mogrify("%s %s", ("it's", [1]))]
    pool.putconn(one)
    pool.putconn(two)
    pool.closeall()
    return result


@check("large objects")
def _():
    with connect() as connection:
        lobject = connection.lobject()
        lobject.write("kept")
        lobject.seek(0)
        return lobject.read()


@check("hstore is looked for and not found; composite types are read")
def _():
    with connect() as connection:
        cursor = connection.cursor()
        missing = raised(extras.register_hstore, connection)
        connection.rollback()
        cursor.execute("SELECT ROW(1, 'x', NULL), items FROM items ORDER BY id LIMIT 1")
        return [missing[0], cursor.fetchone()]


@check("two-phase transactions are refused where prepared transactions are off")
def _():
    connection = connect()
    connection.tpc_begin(connection.xid(1, "global", "branch"))
    connection.cursor().execute("SELECT 1")
    return raised(connection.tpc_prepare)[:2]
