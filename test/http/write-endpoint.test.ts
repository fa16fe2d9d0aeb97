import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLines } from '../support/http-write.ts';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

let server: TidewireServer;
let client: pg.Client;

beforeAll(async () => {
  server = await startTidewireServer({ arguments: ['--max-body-size', '1MB'] });
  client = new pg.Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const write = (body: string | Uint8Array<ArrayBuffer>, query = '', headers: Record<string, string> = {}) =>
  writeLines(server.httpPort, body, { query, headers });

async function rows(sql: string): Promise<unknown[]> {
  return (await client.query({ text: sql, rowMode: 'array' })).rows;
}

test('tables, tags and fields appear at first sight, with the types of the protocol', async () => {
  expect((await write('w1,host=a f=1.5,i=2i,u=3u,s="x",b=t 1704067200000000000')).status).toBe(204);
  expect((await write('w1,host=a,region=eu f=2.5,late="new" 1704067201000000000')).status).toBe(204);
  expect(await rows('SELECT host, region, f, i, u, s, b, late, time::text FROM w1 ORDER BY time')).toEqual([
    ['a', null, 1.5, '2', '3', 'x', true, null, '2024-01-01 00:00:00+00'],
    ['a', 'eu', 2.5, null, null, null, null, 'new', '2024-01-01 00:00:01+00'],
  ]);
  expect(
    await rows(
      'SELECT pg_typeof(f)::text, pg_typeof(i)::text, pg_typeof(u)::text, pg_typeof(s)::text, pg_typeof(b)::text FROM w1 LIMIT 1',
    ),
  ).toEqual([['double precision', 'bigint', 'numeric', 'text', 'boolean']]);
});

test('a point written again is merged field by field, the last write of a field wins', async () => {
  await write('w2,h=a x=1,y=1 1000\nw2,h=a y=2 1000');
  await write('w2,h=a z=3 1000');
  expect(await rows('SELECT h, x, y, z FROM w2')).toEqual([['a', 1, 2, 3]]);
});

test('two points a nanosecond apart are two points', async () => {
  await write('w3 v=1 1704067200000000001\nw3 v=2 1704067200000000002');
  expect(await rows('SELECT v, time_ns FROM w3 ORDER BY v')).toEqual([
    [1, '1704067200000000001'],
    [2, '1704067200000000002'],
  ]);
});

test('precisions, gzip and the database parameter', async () => {
  expect((await write('w4 v=1 1704067200', '?precision=s&db=postgres')).status).toBe(204);
  expect(
    (await write(new Uint8Array(gzipSync('w4 v=2 1704067200000')), '?precision=ms', { 'Content-Encoding': 'gzip' }))
      .status,
  ).toBe(204);
  expect(await rows('SELECT v, time::text FROM w4')).toEqual([[2, '2024-01-01 00:00:00+00']]);
  expect(await write('w4 v=1', '?db=nowhere')).toMatchObject({ status: 404 });
});

test('a missing timestamp is now', async () => {
  await write('w5 v=1');
  expect(await rows("SELECT now() - time BETWEEN interval '-1 minute' AND interval '1 minute' FROM w5")).toEqual([
    [true],
  ]);
});

describe('a bad line is named, and nothing of its body is stored', () => {
  test('a line that does not parse', async () => {
    const answer = await write('w6,h=a v=1 1\n\nw6,h=a v= 2\nw6,h=a v=3 3');
    expect(answer).toMatchObject({ status: 400, body: { line: 3, text: 'w6,h=a v= 2' } });
    await expect(rows('SELECT * FROM w6')).rejects.toMatchObject({ code: '42P01' });
  });

  test('a field that has another type already', async () => {
    await write('w7 v=1i 1');
    const answer = await write('w7 v=2i 2\nw7 v=3i 3\nw8 x=1 1\nw7 w=1 4', '');
    expect(answer.status).toBe(204);
    const conflict = await write('w9 x=1 1\nw7 v=2.5 5');
    expect(conflict).toMatchObject({ status: 400, body: { line: 2, text: 'w7 v=2.5 5' } });
    expect(conflict.body.error).toMatch(/type float, already exists as type integer/);
    await expect(rows('SELECT * FROM w9')).rejects.toMatchObject({ code: '42P01' });
    expect(await rows('SELECT count(*) FROM w7')).toEqual([['4']]);
  });

  test('a field that a table widens, except when a stored value would change', async () => {
    await client.query(
      "CREATE TABLE wide (time timestamptz NOT NULL, v bigint, big bigint) WITH (tidewire.time = 'time', tidewire.field_conflict = 'widen')",
    );
    expect((await write('wide v=1i,big=9007199254740993i 1')).status).toBe(204);
    expect((await write('wide v=2.5 2')).status).toBe(204);
    expect((await write('wide v=3i 3')).status).toBe(204);
    expect(await rows('SELECT v, pg_typeof(v)::text FROM wide ORDER BY time')).toEqual([
      [1, 'double precision'],
      [2.5, 'double precision'],
      [3, 'double precision'],
    ]);
    const refused = await write('wide v=4 4\nwide big=0.5 5');
    expect(refused).toMatchObject({ status: 400, body: { line: 2, text: 'wide big=0.5 5' } });
    expect(refused.body.error).toContain('it holds integers beyond 2^53, which would lose digits');
    expect(await rows('SELECT count(*), max(big) FROM wide')).toEqual([['3', '9007199254740993']]);
  });

  test('invalid UTF-8 and zero bytes', async () => {
    const invalid = Buffer.concat([Buffer.from('w10 v=1 1\nw10 s="'), Buffer.from([0xff, 0xfe]), Buffer.from('" 2')]);
    expect(await write(new Uint8Array(invalid))).toMatchObject({
      status: 400,
      body: { line: 2, reason: 'invalid UTF-8' },
    });
    expect(await write('w10 v=1 1\nw10 s="a\0b" 2')).toMatchObject({ status: 400, body: { line: 2 } });
    await expect(rows('SELECT * FROM w10')).rejects.toMatchObject({ code: '42P01' });
  });

  test('names that are too long', async () => {
    expect(await write(`w11 ${'x'.repeat(64)}=1 1`)).toMatchObject({ status: 400, body: { line: 1 } });
    expect(await write(`w11 ${'x'.repeat(63)}=1 1`)).toMatchObject({ status: 204 });
  });

  test('broken gzip', async () => {
    const packed = gzipSync('w12 v=1 1');
    const cut = new Uint8Array(packed.subarray(0, packed.length - 6));
    expect(await write(cut, '', { 'Content-Encoding': 'gzip' })).toMatchObject({ status: 400 });
    expect(await write('w12 v=1 1', '', { 'Content-Encoding': 'gzip' })).toMatchObject({ status: 400 });
    expect(await write('w12 v=1 1', '', { 'Content-Encoding': 'br' })).toMatchObject({ status: 415 });
    await expect(rows('SELECT * FROM w12')).rejects.toMatchObject({ code: '42P01' });
  });

  test('a body over the limit, as it comes or unpacked', async () => {
    const large = 'w13 v=1 1\n'.repeat(110_000);
    expect((await write(large)).status).toBe(413);
    expect((await write(new Uint8Array(gzipSync(large)), '', { 'Content-Encoding': 'gzip' })).status).toBe(413);
    await expect(rows('SELECT * FROM w13')).rejects.toMatchObject({ code: '42P01' });
  });

  test('a bomb of zeros', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    expect((await write(bomb, '', { 'Content-Encoding': 'gzip' })).status).toBe(413);
    expect((await write('w15 v=1 1')).status).toBe(204);
  });

  test('more columns than a table can have', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `c${index}=1`).join(',');
    expect(await write(`w16 ${names(1600)} 1`)).toMatchObject({ status: 400, body: { line: 1 } });
    expect(await write(`w16,${names(1599)} v=1 1`)).toMatchObject({ status: 400, body: { line: 1 } });
    await expect(rows('SELECT * FROM w16')).rejects.toMatchObject({ code: '42P01' });
    expect((await write(`w16 ${names(1500)} 1`)).status).toBe(204);
    const others = Array.from({ length: 100 }, (_, index) => `d${index}=1`).join(',');
    const further = await write(`w16 c0=2 2\nw16 ${others} 3`);
    expect(further).toMatchObject({ status: 400, body: { line: 2 } });
    expect(further.body.error).toMatch(/tables can have at most 1600 columns/);
    expect(await rows('SELECT count(*) FROM w16')).toEqual([['1']]);
  });

  test('a few kilobytes that would spread over gigabytes', async () => {
    const fields = Array.from({ length: 1500 }, (_, index) => `f${index}=1`).join(',');
    const manyRows = `w17 ${fields} 1\n${'w17 f0=1 2\n'.repeat(8000)}`;
    expect((await write(manyRows)).body.error).toMatch(/split it into smaller ones/);
    const tags = Array.from({ length: 1500 }, (_, index) => `w18,t${index}=1 v=1 1`);
    const series = Array.from({ length: 8000 }, (_, index) => `w18,t0=${index} v=1 1`);
    expect((await write([...tags, ...series].join('\n'))).body.error).toMatch(/split it into smaller ones/);
  });

  test('parameters that mean nothing here', async () => {
    expect((await write('w14 v=1', '?precison=s')).body.error).toMatch(/unknown parameter "precison"/);
    expect((await write('w14 v=1', '?precision=year')).body.error).toMatch(/precision/);
    expect((await write('w14 v=1', '?rp=other')).body.error).toMatch(/rp/);
    expect((await write('w14 v=1', '?__proto__=1')).status).toBe(400);
  });
});

test('names in quotes, upper case, emoji and __proto__ are names', async () => {
  expect((await write('__proto__,constructor=a toString=1,"q"=2,Größe🌊=3 1')).status).toBe(204);
  expect(await rows('SELECT constructor, "toString", """q""", "Größe🌊" FROM __proto__')).toEqual([['a', 1, 2, 3]]);
});

/** The status line of the answer to what no HTTP library would send. */
function statusOf(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.httpPort, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      answer += chunk;
      const end = answer.indexOf('\r\n');
      if (end < 0) return;
      socket.destroy();
      resolve(answer.slice(0, end));
    });
    socket.on('error', reject);
  });
}

describe('what is no proper request', () => {
  const requests: Record<string, [text: string, status: string]> = {
    'a target that is no URL': ['GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n', '400 Bad Request'],
    'a port that is none': ['GET http://x:99999/ready HTTP/1.1\r\nHost: x\r\n\r\n', '400 Bad Request'],
    'a path that looks like a host': ['GET //x/ready HTTP/1.1\r\nHost: x\r\n\r\n', '404 Not Found'],
    'a path out of the root': ['GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', '404 Not Found'],
    'a header of 20 kB': [
      `GET /ready HTTP/1.1\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
    'a hundred thousand headers': [
      `GET /ready HTTP/1.1\r\n${'a: b\r\n'.repeat(100_000)}\r\n`,
      '431 Request Header Fields Too Large',
    ],
    'two lengths at once': [
      'POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400 Bad Request',
    ],
    'a negative length': ['POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n', '400 Bad Request'],
    'a length of 100 GB': [
      'POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nabc',
      '413 Payload Too Large',
    ],
    'no HTTP at all': ['\0\0\0\x08\x04\xd2\x16\x2f', '400 Bad Request'],
  };
  for (const [name, [text, status]] of Object.entries(requests)) {
    test(name, async () => expect(await statusOf(text)).toBe(`HTTP/1.1 ${status}`));
  }

  test('half a body stores nothing', async () => {
    await new Promise<void>((resolve) => {
      const text = 'POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nw19 v=1 1\n';
      const socket = connect(server.httpPort, '127.0.0.1', () => socket.end(text));
      socket.on('close', () => resolve());
      socket.resume();
    });
    await expect(rows('SELECT * FROM w19')).rejects.toMatchObject({ code: '42P01' });
  });
});

test('other paths and methods are refused politely', async () => {
  expect((await fetch(`http://127.0.0.1:${server.httpPort}/nowhere`)).status).toBe(404);
  const answer = await fetch(`http://127.0.0.1:${server.httpPort}/write`);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
});
