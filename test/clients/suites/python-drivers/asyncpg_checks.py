"""asyncpg: what an application does with it."""

import asyncio
import datetime
import decimal
import io
import time
import uuid

import asyncpg
from check import URL, check, raised, version

version(asyncpg.__version__)
UTC = datetime.timezone.utc


def run(name):
    """A check that is a coroutine, with a connection of its own."""

    def decorate(function):
        async def whole():
            connection = await asyncpg.connect(URL)
            try:
                return await function(connection)
            finally:
                await connection.close()

        check(name)(lambda: asyncio.run(whole()))

    return decorate


async def problem(awaitable):
    try:
        await awaitable
    except Exception as error:
        return [type(error).__name__, getattr(error, "sqlstate", None), str(error).split("\n")[0]]
    return None


@run("connects and reads the server's settings")
async def _(c):
    version = c.get_server_version()
    settings = c.get_settings()
    return [version.major, settings.client_encoding, settings.TimeZone, c.is_in_transaction()]


VALUES = [
    ("int2", -32768),
    ("int4", 2147483647),
    ("int8", -9223372036854775808),
    ("numeric", decimal.Decimal("12345678901234567890.123456789")),
    ("numeric", decimal.Decimal("-0.00001")),
    ("float4", 0.25),
    ("float8", 1e300),
    ("bool", True),
    ("text", "it's äöü 日本"),
    ("varchar(5)", "abc"),
    ("char(5)", "abc"),
    ("bytea", b"\x00\xff"),
    ("date", datetime.date(1, 1, 1)),
    ("date", datetime.date.max),
    ("time", datetime.time(23, 59, 59, 999999)),
    ("timetz", datetime.time(12, 0, tzinfo=UTC)),
    ("timestamp", datetime.datetime(2024, 2, 29, 12, 30, 15, 123456)),
    ("timestamptz", datetime.datetime(2024, 2, 29, 12, tzinfo=UTC)),
    ("interval", datetime.timedelta(days=-3, seconds=5, microseconds=7)),
    ("uuid", uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    ("json", '{"a": [1, null]}'),
    ("jsonb", '{"b": 1, "a": [1.50]}'),
    ("int4[]", [1, None, 3]),
    ("int8[]", [[1, 2], [3, 4]]),
    ("text[]", ["a", "", None, "NULL"]),
    ("timestamptz[]", [datetime.datetime(2024, 2, 29, 12, tzinfo=UTC)]),
    ("numeric[]", [decimal.Decimal("1.50"), None]),
    ("float8[]", [1.5, None]),
    ("bool[]", [True, None]),
    ("uuid[]", [uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]),
    ("oid", 26),
    ("name", "some_name"),
    ('"char"', b"c"),
    ("regclass", "pg_class"),
    ("xid", 5),
]

for name, value in VALUES:

    @run(f"type {name} of {value!r:.40}: there and back")
    async def _(c, name=name, value=value):
        return [await c.fetchval(f"SELECT $1::{name}", value), await c.fetchval(f"SELECT NULL::{name}")]


@run("rows of rows, and of tables, are looked up (the introspection query)")
async def _(c):
    await c.execute("CREATE TABLE pairs (a integer, b text[], c numeric)")
    await c.execute("INSERT INTO pairs VALUES (1, '{x,NULL}', 1.5), (2, NULL, NULL)")
    await c.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
    rows = await c.fetch("SELECT pairs, ROW(1, 'x'::text) AS r FROM pairs ORDER BY a")
    moods = await c.fetchrow("SELECT 'ok'::mood AS one, '{sad,ok}'::mood[] AS more, $1::mood AS given", "sad")
    return [[[dict(row["pairs"]), list(row["r"])] for row in rows], dict(moods)]


@run("an array over rows of a table")
async def _(c):
    return [dict(item) for item in await c.fetchval("SELECT array_agg(pairs ORDER BY a) FROM pairs")]


@run("a codec of one's own for json, and for an enum")
async def _(c):
    import json

    await c.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    await c.set_type_codec("mood", encoder=str.lower, decoder=str.upper)
    return [await c.fetchval("SELECT $1::jsonb", {"a": [1]}), await c.fetchval("SELECT $1::mood", "OK")]


@run("prepared statements: parameters, attributes, plans")
async def _(c):
    statement = await c.prepare("SELECT a, b, c, $1::bigint AS given FROM pairs WHERE a = $2")
    return [
        [(p.name, p.kind, p.schema) for p in statement.get_parameters()],
        [(a.name, a.type.name, a.type.kind) for a in statement.get_attributes()],
        [dict(row) for row in await statement.fetch(5, 1)],
        await statement.fetchval(6, 2, column=3),
        statement.get_statusmsg(),
        [list(row.keys()) for row in await c.fetch("SELECT 1 AS x, 2 AS x")],
    ]


@run("execute, executemany, fetchmany, tags")
async def _(c):
    await c.execute("CREATE TABLE many (a integer PRIMARY KEY, b text)")
    await c.executemany("INSERT INTO many VALUES ($1, $2)", [(n, f"n{n}") for n in range(1000)])
    failed = await problem(c.executemany("INSERT INTO many VALUES ($1, $2)", [(5000, "x"), (1, "twice")]))
    tags = [await c.execute("UPDATE many SET b = 'u' WHERE a < $1", 10), await c.execute("DELETE FROM many WHERE a >= 990")]
    returned = await c.fetch("INSERT INTO many VALUES ($1, 'r'), ($2, 's') RETURNING a, b", 2000, 2001)
    script = await c.execute("SELECT 1; INSERT INTO many VALUES (3000, 'z'); SELECT 2")
    return [failed, tags, [tuple(row) for row in returned], script, await c.fetchval("SELECT count(*) FROM many")]


@run("cursors: in portions, forwards")
async def _(c):
    async with c.transaction():
        total = 0
        async for row in c.cursor("SELECT a FROM many ORDER BY a", prefetch=70):
            total += row["a"]
        cursor = await c.cursor("SELECT a FROM many WHERE a > $1 ORDER BY a", 5)
        first = [row["a"] for row in await cursor.fetch(3)]
        skipped = await cursor.forward(10)
        return [total, first, skipped, tuple(await cursor.fetchrow())]


@run("copy_records_to_table, in binary")
async def _(c):
    await c.execute("CREATE TABLE records (a integer, b text, c timestamptz, d numeric, e float8[], f uuid, g bool, h jsonb, i date, j interval)")
    rows = [
        (n, f"row {n}", datetime.datetime(2024, 1, 1, tzinfo=UTC), decimal.Decimal(n) / 8, [n / 2, None], uuid.UUID(int=n), n % 2 == 0, '{"n": 1}', datetime.date(2024, 1, 1), datetime.timedelta(seconds=n))
        for n in range(2000)
    ]
    tag = await c.copy_records_to_table("records", records=rows)
    part = await c.copy_records_to_table("records", records=[(None, "only")], columns=["a", "b"])
    return [tag, part, dict(await c.fetchrow("SELECT count(*), sum(a), sum(d), max(b), max(e), max(j), min(h::text) FROM records")), tuple(await c.fetchrow("SELECT * FROM records WHERE a = 7"))]


@run("COPY to and from files")
async def _(c):
    target = io.BytesIO()
    tags = [await c.copy_from_query("SELECT a, b FROM records WHERE a < $1 ORDER BY a", 4, output=target, format="csv", header=True)]
    whole = io.BytesIO()
    tags.append(await c.copy_from_table("pairs", output=whole, columns=["a", "b"]))
    tags.append(await c.copy_to_table("many", source=io.BytesIO(b"7000,csv\n7001,\n"), format="csv"))
    bad = await problem(c.copy_to_table("many", source=io.BytesIO(b"x,y\n"), format="csv"))
    return [target.getvalue(), whole.getvalue(), tags, bad, [tuple(r) for r in await c.fetch("SELECT * FROM many WHERE a >= 7000 ORDER BY a")]]


@run("transactions: nested, isolation levels, read only")
async def _(c):
    await c.execute("CREATE TABLE steps (a integer)")
    async with c.transaction():
        await c.execute("INSERT INTO steps VALUES (1)")
        try:
            async with c.transaction():
                await c.execute("INSERT INTO steps VALUES (2)")
                await c.execute("SELECT 1/0")
        except asyncpg.DivisionByZeroError:
            pass
    levels = []
    for level in ["read_committed", "repeatable_read"]:
        async with c.transaction(isolation=level, readonly=True):
            levels.append(await c.fetchval("SHOW transaction_isolation"))
            levels.append(await problem(c.execute("INSERT INTO steps VALUES (9)")))
            break
    return [[row["a"] for row in await c.fetch("SELECT a FROM steps")], levels]


@run("listeners and log messages")
async def _(c):
    other = await asyncpg.connect(URL)
    heard = asyncio.Queue()
    logged = []
    c.add_log_listener(lambda connection, message: logged.append([message.severity, message.sqlstate, message.message]))
    await c.add_listener("news", lambda connection, pid, channel, payload: heard.put_nowait([channel, payload, pid == other.get_server_pid()]))
    await other.execute("NOTIFY news, 'hello'")
    await other.fetch("SELECT pg_notify('news', $1)", "again")
    await other.close()
    await c.execute("DROP TABLE IF EXISTS not_there_at_all")
    result = [await asyncio.wait_for(heard.get(), 5), await asyncio.wait_for(heard.get(), 5), logged]
    await c.reset()
    return result


@run("errors: classes, SQLSTATEs, fields")
async def _(c):
    result = []
    for statement, values in [
        ("INSERT INTO many VALUES ($1, 'x')", [1]),
        ("SELECT * FROM nothing", []),
        ("SELECT nothing FROM many", []),
        ("SELECT 1 / $1::integer", [0]),
        ("SELEC", []),
        ("SELECT $1::integer + $2::text", []),
        ("SELECT * FROM many WHERE a = $1", []),
    ]:
        try:
            await c.fetch(statement, *values)
        except asyncpg.PostgresError as error:
            result.append([type(error).__name__, error.sqlstate, error.message, error.detail, error.hint, error.position, error.table_name, error.constraint_name])
        except Exception as error:
            result.append([type(error).__name__, str(error)])
    return result


@run("a statement whose table changed is prepared again")
async def _(c):
    await c.execute("CREATE TABLE changing (a integer)")
    await c.execute("INSERT INTO changing VALUES (1)")
    before = [dict(row) for row in await c.fetch("SELECT * FROM changing")]
    await c.execute("ALTER TABLE changing ADD b text DEFAULT 'x'")
    return [before, [dict(row) for row in await c.fetch("SELECT * FROM changing")]]


@run("a statement that takes too long is cancelled")
async def _(c):
    started = time.monotonic()
    failed = await problem(c.fetch("SELECT pg_sleep(20)", timeout=0.3))
    return [failed[0], await c.fetchval("SELECT 1"), time.monotonic() - started < 10]


@check("a pool: connections are reset between users")
def _():
    async def whole():
        async with asyncpg.create_pool(URL, min_size=1, max_size=3) as pool:
            async with pool.acquire() as connection:
                await connection.execute("SET application_name TO 'changed'; CREATE TEMP TABLE mine (a integer); LISTEN there")
            async with pool.acquire() as connection:
                left = [await connection.fetchval("SHOW application_name"), await connection.fetchval("SELECT count(*) FROM pg_listening_channels()")]
            sums = await asyncio.gather(*(pool.fetchval("SELECT sum(g) FROM generate_series(1, $1) g", n) for n in range(20)))
            return [left, sums]

    return asyncio.run(whole())
