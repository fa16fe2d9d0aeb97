"""psycopg 3: what an application does with it."""

import asyncio
import datetime
import decimal
import ipaddress
import threading
import time
import uuid
from collections import namedtuple

import psycopg
from check import URL, Skip, check, plain, raised, version
from psycopg import sql
from psycopg.rows import class_row, dict_row, namedtuple_row
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.json import Json, Jsonb

version(psycopg.__version__)
UTC = datetime.timezone.utc
HAS_PIPELINE = psycopg.Pipeline.is_supported()


def connect(**options):
    return psycopg.connect(URL, **options)


@check("connects and reads the server's parameters")
def _():
    with connect(autocommit=True) as connection:
        info = connection.info
        return [
            info.server_version // 10000,
            info.vendor,
            info.encoding,
            str(info.timezone),
            info.transaction_status.name,
            info.parameter_status("integer_datetimes"),
        ]


VALUES = [
    ("int2", -32768),
    ("int4", 2147483647),
    ("int8", -9223372036854775808),
    ("numeric", decimal.Decimal("12345678901234567890.123456789")),
    ("numeric", decimal.Decimal("NaN")),
    ("numeric", decimal.Decimal("-0.00001")),
    ("float4", 0.25),
    ("float8", 1e300),
    ("float8", float("-inf")),
    ("bool", True),
    ("text", "it's \"quoted\" \\ \n äöü 日本"),
    ("varchar", ""),
    ("bytea", b"\x00\xff'\\"),
    ("date", datetime.date(1, 1, 1)),
    ("date", datetime.date(9999, 12, 31)),
    ("time", datetime.time(23, 59, 59, 999999)),
    ("timetz", datetime.time(12, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=-3)))),
    ("timestamp", datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)),
    ("timestamptz", datetime.datetime(2024, 2, 29, 12, tzinfo=UTC)),
    ("interval", datetime.timedelta(days=-3, seconds=5, microseconds=7)),
    ("uuid", uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    ("int4[]", [1, None, 3]),
    ("int4[]", []),
    ("int8[]", [[1, 2], [3, 4]]),
    ("text[]", ["a", 'b"c', "d,e", "", "NULL", None]),
    ("date[]", [datetime.date(2024, 2, 29)]),
    ("timestamptz[]", [datetime.datetime(2024, 2, 29, 12, tzinfo=UTC)]),
    ("numeric[]", [decimal.Decimal("1.50")]),
    ("bool[]", [True, False, None]),
    ("bytea[]", [b"\x00"]),
    ("uuid[]", [uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]),
    ("jsonb", Jsonb({"b": [1, None, "x"], "a": 1.5})),
    ("json", Json([1, {"a": None}])),
    ("oid", 26),
    ("name", "some_name"),
    ('"char"', "c"),
    ("bpchar", "ab "),
]

for name, value in VALUES:

    @check(f"type {name} of {value!r:.40}: text and binary, both ways")
    def _():
        result = []
        with connect() as connection:
            for binary in [False, True]:
                cursor = connection.cursor(binary=binary)
                for placeholder in ["%t", "%b"]:
                    if placeholder == "%b" and name in ["oid", "name", '"char"', "bpchar"]:
                        continue
                    try:
                        cursor.execute(f"SELECT {placeholder}::{name}", [value])
                        result.append(plain(cursor.fetchone()[0]))
                    except psycopg.Error as error:
                        result.append([type(error).__name__, str(error).split("\n")[0]])
                        connection.rollback()
                cursor.execute(f"SELECT NULL::{name}")
                result.append(cursor.fetchone())
        return result


@check("types that the network has")
def _():
    with connect() as connection:
        return connection.execute("SELECT %s, %s", [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8")]).fetchone()


@check("intervals in the client's hands, infinite dates are refused there")
def _():
    with connect() as connection:
        rows = connection.execute("SELECT interval '1 month 2 days', interval '1 year', interval '-00:00:01.5'").fetchone()
        return [rows, raised(lambda: connection.execute("SELECT 'infinity'::timestamptz").fetchone())]


@check("time zones follow the session")
def _():
    with connect() as connection:
        connection.execute("SET timezone TO 'Europe/Berlin'")
        row = connection.execute("SELECT '2024-07-01 12:00:00+00'::timestamptz, '2024-01-01 12:00:00+00'::timestamptz").fetchone()
        binary = connection.cursor(binary=True).execute("SELECT '2024-07-01 12:00:00+00'::timestamptz").fetchone()
        return [[value.isoformat() for value in row], binary[0].isoformat(), str(connection.info.timezone)]


@check("enums and composite types are registered")
def _():
    with connect() as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        info = EnumInfo.fetch(connection, "mood")
        register_enum(info, connection)
        value = connection.execute("SELECT 'ok'::mood, ARRAY['sad']::mood[]").fetchone()
        return [info.labels, info.name, value[0].name, [item.name for item in value[1]]]


@check("a table of every common type, prepared and not")
def _():
    with connect() as connection:
        connection.execute("CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE, amount numeric(8,2), at timestamptz)")
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO items (name, amount, at) VALUES (%s, %s, %s) RETURNING id",
                [(f"n{n}", decimal.Decimal(n) / 4, datetime.datetime(2024, 1, 1, n % 24, tzinfo=UTC)) for n in range(500)],
                returning=True,
            )
            keys = []
            while True:
                keys.append(cursor.fetchone()[0])
                if not cursor.nextset():
                    break
        found = [
            connection.execute("SELECT name, amount FROM items WHERE id = %s", [n * 30 + 1], prepare=True).fetchone() for n in range(10)
        ]
        prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT name, amount%'").fetchone()
        updated = connection.execute("UPDATE items SET amount = amount + 1 WHERE id <= 100").rowcount
        return [len(keys), keys[0], keys[-1], found, prepared, updated]


@check("statements are prepared after five executions, and again when the table changed")
def _():
    with connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE changing (a integer)")
        for n in range(8):
            connection.execute("INSERT INTO changing VALUES (%s)", [n])
            before = connection.execute("SELECT * FROM changing WHERE a = %s", [n]).fetchone()
        connection.execute("ALTER TABLE changing ADD b text DEFAULT 'x'")
        problem = raised(connection.execute, "SELECT * FROM changing WHERE a = %s", [1])
        connection.execute("DEALLOCATE ALL")
        connection._prepared.clear()
        return [before, problem, connection.execute("SELECT * FROM changing WHERE a = %s", [1]).fetchone()]


@check("description of a result")
def _():
    with connect() as connection:
        cursor = connection.execute("SELECT 1 a, 'x'::varchar(5) b, 1.25::numeric(10,3) c, now()::timestamp(3) d, ARRAY[1] e, NULL f")
        return [
            [(c.name, c.type_code, c.display_size, c.internal_size, c.precision, c.scale) for c in cursor.description],
            cursor.statusmessage,
        ]


@check("rows: tuples, dictionaries, named tuples, scalars, classes")
def _():
    def scalar_row(cursor):
        return lambda values: values[0]

    Pair = namedtuple("Pair", "id name")
    with connect() as connection:
        query = "SELECT id, name FROM items ORDER BY id LIMIT 2"
        return [
            connection.execute(query).fetchall(),
            connection.cursor(row_factory=dict_row).execute(query).fetchall(),
            [row.name for row in connection.cursor(row_factory=namedtuple_row).execute(query)],
            connection.cursor(row_factory=scalar_row).execute(query).fetchall(),
            [row.name for row in connection.cursor(row_factory=class_row(lambda **named: Pair(**named))).execute(query)],
        ]


@check("server-side cursors: portions, scrolling, holding, binary")
def _():
    with connect() as connection:
        with connection.cursor("portions") as cursor:
            cursor.itersize = 77
            cursor.execute("SELECT g, g::text FROM generate_series(1, 1000) g")
            total = sum(row[0] for row in cursor)
        with connection.cursor("scrolling", scrollable=True, binary=True) as cursor:
            cursor.execute("SELECT g FROM generate_series(1, 20) g")
            seen = [cursor.fetchmany(3)]
            cursor.scroll(-2)
            seen.append(cursor.fetchone())
            cursor.scroll(10, mode="absolute")
            seen.append(cursor.fetchone())
        held = connection.cursor("held", withhold=True)
        held.execute("SELECT g FROM generate_series(1, 3) g")
        connection.commit()
        seen.append(held.fetchall())
        held.close()
        return [total, seen]


@check("stream: row by row")
def _():
    with connect() as connection:
        return sum(row[0] for row in connection.cursor().stream("SELECT g FROM generate_series(1, %s) g", [3000]))


@check("COPY in: text, rows, binary")
def _():
    with connect() as connection:
        connection.execute("CREATE TABLE copied (a integer, b text, c timestamptz, d numeric, e integer[])")
        cursor = connection.cursor()
        with cursor.copy("COPY copied (a, b) FROM STDIN") as copy:
            copy.write("1\tone\n2\t\\N\n")
            copy.write(b"3\ttab\\there\n")
        with cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write_row((4, "four", datetime.datetime(2024, 1, 1, tzinfo=UTC), decimal.Decimal("1.5"), [1, None]))
        with cursor.copy("COPY copied FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "text", "timestamptz", "numeric", "int4[]"])
            for n in range(5, 1000):
                copy.write_row((n, f"row {n}", datetime.datetime(2024, 1, 1, tzinfo=UTC), decimal.Decimal(n) / 8, [n, n]))
        return [cursor.rowcount, connection.execute("SELECT count(*), sum(a), sum(d), max(e), max(c) FROM copied").fetchone()]


@check("COPY out: text, rows, binary")
def _():
    with connect() as connection:
        cursor = connection.cursor()
        query = "COPY (SELECT * FROM copied WHERE a < 7 ORDER BY a) TO STDOUT"
        with cursor.copy(query) as copy:
            text = b"".join(bytes(part) for part in copy)
        with cursor.copy(query) as copy:
            rows = list(copy.rows())
        with cursor.copy(query + " (FORMAT binary)") as copy:
            copy.set_types(["int4", "text", "timestamptz", "numeric", "int4[]"])
            binary = list(copy.rows())
        with cursor.copy("COPY (SELECT a, b FROM copied WHERE a < 5 ORDER BY a) TO STDOUT (FORMAT csv, HEADER)") as copy:
            csv = b"".join(bytes(part) for part in copy)
        return [text, rows, binary, csv]


@check("COPY that fails leaves nothing, by the server and by the client")
def _():
    with connect(autocommit=True) as connection:
        def bad():
            with connection.cursor().copy("COPY copied (a) FROM STDIN") as copy:
                copy.write("1\nx\n")

        def given_up():
            with connection.cursor().copy("COPY copied (a) FROM STDIN") as copy:
                copy.write("1\n")
                raise ValueError("enough")

        before = connection.execute("SELECT count(*) FROM copied").fetchone()
        return [raised(bad), raised(given_up)[0], connection.execute("SELECT count(*) FROM copied").fetchone() == before]


@check("pipeline: many statements in one go, and an error in the middle")
def _():
    if not HAS_PIPELINE:
        raise Skip("this libpq has no pipeline mode")
    with connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE piped (a integer PRIMARY KEY)")
        with connection.pipeline() as pipeline:
            cursors = [connection.execute("INSERT INTO piped VALUES (%s) RETURNING a", [n]) for n in range(100)]
            pipeline.sync()
            results = sum(cursor.fetchone()[0] for cursor in cursors)
        states = []
        try:
            with connection.pipeline() as pipeline:
                good = connection.execute("INSERT INTO piped VALUES (1000)")
                bad = connection.execute("INSERT INTO piped VALUES (1)")
                after = connection.execute("INSERT INTO piped VALUES (1001)")
                pipeline.sync()
        except psycopg.Error as error:
            states.append([type(error).__name__, error.sqlstate])
        with connection.pipeline(), connection.transaction():
            connection.execute("INSERT INTO piped VALUES (2000)")
            cursor = connection.execute("SELECT count(*) FROM piped")
        return [results, states, cursor.fetchone(), connection.execute("SELECT max(a) FROM piped").fetchone()]


@check("transactions: nested blocks, rollback, isolation, read only")
def _():
    with connect(autocommit=True) as connection:
        connection.execute("CREATE TABLE steps (a integer)")
        with connection.transaction():
            connection.execute("INSERT INTO steps VALUES (1)")
            try:
                with connection.transaction():
                    connection.execute("INSERT INTO steps VALUES (2)")
                    connection.execute("SELECT 1/0")
            except psycopg.errors.DivisionByZero:
                pass
            with connection.transaction(force_rollback=True):
                connection.execute("INSERT INTO steps VALUES (3)")
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction():
            shown = connection.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')").fetchone()
        def write():
            with connection.transaction():
                connection.execute("INSERT INTO steps VALUES (4)")
        return [shown, raised(write), connection.execute("SELECT a FROM steps").fetchall()]


@check("errors: classes, SQLSTATEs, fields")
def _():
    result = []
    with connect(autocommit=True) as connection:
        for statement, values in [
            ("INSERT INTO items (name) VALUES (%s)", ["n1"]),
            ("SELECT * FROM nothing WHERE a = %s", [1]),
            ("SELECT %s::integer", ["x"]),
            ("SELECT 1 / %s", [0]),
            ("SELECT nothing(%s)", [1]),
            ("SELECT * FROM items WHERE id = %s", ["x"]),
        ]:
            try:
                connection.execute(statement, values)
            except psycopg.Error as error:
                d = error.diag
                result.append([type(error).__name__, error.sqlstate, d.message_primary, d.message_detail, d.message_hint, d.statement_position, d.table_name, d.constraint_name])
    return result


@check("LISTEN and NOTIFY, notices")
def _():
    with connect(autocommit=True) as listener, connect(autocommit=True) as speaker:
        notices = []
        listener.add_notice_handler(lambda d: notices.append([d.severity, d.sqlstate, d.message_primary]))
        listener.execute("LISTEN news")
        speaker.execute("SELECT pg_notify('news', %s)", ["hello"])
        speaker.execute("NOTIFY news")
        heard = []
        for notify in listener.notifies(timeout=5, stop_after=2) if psycopg.__version__ >= "3.2" else listener.notifies():
            heard.append([notify.channel, notify.payload, notify.pid == speaker.info.backend_pid])
            if len(heard) == 2:
                break
        listener.execute("DROP TABLE IF EXISTS not_there_at_all")
        return [heard, notices]


@check("cancel")
def _():
    with connect() as connection:
        threading.Timer(0.3, connection.cancel).start()
        started = time.monotonic()
        result = raised(connection.execute, "SELECT pg_sleep(20)")
        connection.rollback()
        return [result, time.monotonic() - started < 10, connection.execute("SELECT 1").fetchone()]


@check("client-side binding, and composition of SQL")
def _():
    with connect(cursor_factory=psycopg.ClientCursor) as connection:
        query = sql.SQL("SELECT {} FROM {} WHERE id = {}").format(sql.Identifier("name"), sql.Identifier("items"), sql.Literal(3))
        return [
            connection.execute("SELECT %s, %s, %s", [1, "it's", datetime.date(2024, 2, 29)]).fetchone(),
            connection.execute("SELECT 1; SELECT %s", [2]).fetchone(),
            query.as_string(connection),
            connection.execute(query).fetchone(),
            connection.cursor().mogrify("%s %s", [[1, 2], None]),
        ]


@check("asynchronous connections")
def _():
    async def run():
        async with await psycopg.AsyncConnection.connect(URL) as connection:
            async with connection.cursor() as cursor:
                await cursor.execute("SELECT g FROM generate_series(1, 10) g")
                total = 0
                async for row in cursor:
                    total += row[0]
            async with connection.cursor("named") as cursor:
                await cursor.execute("SELECT g FROM generate_series(1, 250) g")
                async for row in cursor:
                    total += row[0]
            return total

    return asyncio.run(run())
