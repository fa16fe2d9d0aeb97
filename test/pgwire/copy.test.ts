import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MemoryServer, startMemoryServer } from '../session/constraints/memory-server.ts';
import { WireClient } from './wire-client.ts';

let server: MemoryServer;
let client: WireClient;

beforeAll(async () => {
  server = await startMemoryServer();
  client = await WireClient.login(server.connection.port ?? 0);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});
beforeEach(async () => {
  await client.query('DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (a int PRIMARY KEY, b text CHECK (b <> $$no$$))');
});

const data = (text: string | Buffer): Buffer => serialize.copyData(Buffer.from(text as string));

/** The answer to a COPY FROM STDIN with this data; errors with their context. */
async function copyIn(sql: string, ...chunks: readonly (string | Buffer)[]): Promise<string[]> {
  client.send(serialize.query(sql), ...chunks.map(data), serialize.copyDone());
  return client.untilReady();
}

async function rows(sql = 'SELECT * FROM t ORDER BY a'): Promise<string[]> {
  return (await client.query(sql)).filter((line) => line.startsWith('DataRow')).map((line) => line.slice(8));
}

describe('COPY FROM STDIN', () => {
  test('in a simple query', async () => {
    expect(await copyIn('COPY t FROM STDIN', '1\tx\n2\t\\N\n')).toEqual([
      'copyInResponse',
      'CommandComplete COPY 2',
      'ReadyForQuery I',
    ]);
    expect(await rows()).toEqual(['1|x', '2|NULL']);
  });

  test('cut at every byte, in messages of any size', async () => {
    const text = '1,"a\nb"\r\n2,"é"\r\n3,\r\n';
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      await client.query('TRUNCATE t');
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(await copyIn('COPY t FROM STDIN (FORMAT csv)', ...chunks)).toContain('CommandComplete COPY 3');
      expect(await rows()).toEqual(['1|a\nb', '2|é', '3|NULL']);
    }
  });

  test('every byte in a packet of its own', async () => {
    const bytes = Buffer.concat([
      serialize.query('COPY t FROM STDIN'),
      data('1\tx\n'),
      data('2\ty\n'),
      serialize.copyDone(),
    ]);
    for (const byte of bytes) {
      client.socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    expect(await client.untilReady()).toContain('CommandComplete COPY 2');
  });

  test('between other statements of one message', async () => {
    client.send(
      serialize.query(
        "COPY t FROM STDIN; INSERT INTO t VALUES (9, 'z'); COPY t (a) FROM STDIN; SELECT count(*) FROM t",
      ),
      data('1\tx\n'),
      serialize.copyDone(),
      data('2\n'),
      serialize.copyDone(),
    );
    expect(await client.untilReady()).toEqual([
      'copyInResponse',
      'CommandComplete COPY 1',
      'CommandComplete INSERT 0 1',
      'copyInResponse',
      'CommandComplete COPY 1',
      'RowDescription count:20:text',
      'DataRow 3',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
    ]);
  });

  test('in the extended protocol, where Sync and Flush before the data say nothing', async () => {
    client.send(
      serialize.parse({ text: 'COPY t FROM STDIN' }),
      serialize.bind(),
      serialize.describe({ type: 'P' }),
      serialize.execute(),
      serialize.sync(),
      serialize.flush(),
      data('1\tx\n'),
      serialize.copyDone(),
      serialize.sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'bindComplete',
      'noData',
      'copyInResponse',
      'CommandComplete COPY 1',
      'ReadyForQuery I',
    ]);
  });

  test('an error throws the rest of the data away and keeps the protocol in step', async () => {
    const answer = await copyIn('COPY t FROM STDIN', '1\tx\n', 'oops\ty\n', ...Array(300).fill('3\tz\n'.repeat(1000)));
    expect(answer).toEqual(['copyInResponse', 'ErrorResponse ERROR 22P02', 'ReadyForQuery I']);
    expect(await rows()).toEqual([]);
    client.send(
      serialize.parse({ text: 'COPY t FROM STDIN' }),
      serialize.bind(),
      serialize.execute(),
      data('oops\ty\n'),
      serialize.copyDone(),
      serialize.sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'bindComplete',
      'copyInResponse',
      'ErrorResponse ERROR 22P02',
      'ReadyForQuery I',
    ]);
  });

  test('CopyFail takes everything back', async () => {
    client.send(serialize.query('COPY t FROM STDIN'), data('1\tx\n'), serialize.copyFail('changed my mind'));
    const error = await client.message('E');
    expect([error.code, error.message, error.where]).toEqual([
      '57014',
      'COPY from stdin failed: changed my mind',
      'COPY t, line 2',
    ]);
    expect(await client.untilReady()).toEqual(['ReadyForQuery I']);
    expect(await rows()).toEqual([]);
  });

  test('is part of its block, and of its savepoint', async () => {
    await client.query('BEGIN');
    expect((await copyIn('COPY t FROM STDIN', '1\tx\n')).at(-1)).toBe('ReadyForQuery T');
    await client.query('SAVEPOINT s');
    expect((await copyIn('COPY t FROM STDIN', '2\tx\n', '1\tagain\n')).at(-1)).toBe('ReadyForQuery E');
    await client.query('ROLLBACK TO s');
    await copyIn('COPY t FROM STDIN', '3\tx\n');
    await client.query('COMMIT');
    expect(await rows()).toEqual(['1|x', '3|x']);
  });

  test('a message that has no place in it ends the connection', async () => {
    const other = await WireClient.login(server.connection.port ?? 0);
    other.send(serialize.query('COPY t FROM STDIN'), data('1\tx\n'), serialize.query('SELECT 1'));
    expect(await other.untilClosed()).toEqual(['copyInResponse', 'ErrorResponse FATAL 08P01', 'closed']);
    expect(await rows()).toEqual([]);
  });

  test('a client that goes away takes its rows along', async () => {
    const other = await WireClient.login(server.connection.port ?? 0);
    other.send(serialize.query('COPY t FROM STDIN'), data('1\tx\n'));
    await other.until('G');
    other.socket.destroy();
    await copyIn('COPY t FROM STDIN', '1\tmine\n');
    expect(await rows()).toEqual(['1|mine']);
  });

  test('waits for its data no longer than statement_timeout', async () => {
    await client.query("SET statement_timeout = '50ms'");
    client.send(serialize.query('COPY t FROM STDIN'));
    expect(await client.untilReady()).toEqual(['copyInResponse', 'ErrorResponse ERROR 57014', 'ReadyForQuery I']);
    client.send(data('1\tx\n'), serialize.copyDone());
    await client.query('RESET statement_timeout');
    expect(await rows()).toEqual([]);
  });
});

describe('errors say where', () => {
  const cases: Record<string, [sql: string, text: string, message: string, where: string | undefined]> = {
    'a value that is none': [
      'COPY t FROM STDIN',
      '1\tx\nq\ty\n',
      'invalid input syntax for type integer: "q"',
      'COPY t, line 2, column a: "q"',
    ],
    'a CHECK': [
      'COPY t FROM STDIN',
      '1\tx\n2\tno\n',
      'new row for relation "t" violates check constraint "t_b_check"',
      'COPY t, line 2: "2\tno"',
    ],
    'a NULL': [
      'COPY t FROM STDIN',
      '1\tx\n\\N\ty\n',
      'null value in column "a" of relation "t" violates not-null constraint',
      'COPY t, line 2: "\\N\ty"',
    ],
    'a key that is taken': [
      'COPY t FROM STDIN',
      `${Array.from({ length: 500 }, (_, row) => `${row}\tx\n`).join('')}7\tagain\n`,
      'duplicate key value violates unique constraint "t_pkey"',
      'COPY t, line 501',
    ],
    'a row that WHERE moved up': [
      'COPY t FROM STDIN WHERE a > 2',
      '1\tx\n2\tx\n3\tx\n3\ty\n',
      'duplicate key value violates unique constraint "t_pkey"',
      'COPY t, line 4',
    ],
  };
  for (const [name, [sql, text, message, where]] of Object.entries(cases)) {
    test(name, async () => {
      client.send(serialize.query(sql), data(text), serialize.copyDone());
      const error = await client.message('E');
      expect({ message: error.message, where: error.where }).toEqual({ message, where });
      await client.untilReady();
    });
  }
});

describe('rows that need more than their bytes', () => {
  test('defaults, identities, generated columns and foreign keys', async () => {
    await client.query(
      `DROP TABLE IF EXISTS child;
       CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY, t int REFERENCES t, twice int GENERATED ALWAYS AS (t * 2) STORED,
         note text DEFAULT 'none')`,
    );
    await copyIn('COPY t FROM STDIN', '1\tx\n2\ty\n');
    expect(await copyIn('COPY child (t) FROM STDIN WHERE t <> 3', '1\n3\n2\n')).toContain('CommandComplete COPY 2');
    expect(await rows('SELECT * FROM child ORDER BY t')).toEqual(['1|1|2|none', '3|2|4|none']);
    expect(await copyIn('COPY child (id, t) FROM STDIN', '70\t1\n')).toContain('CommandComplete COPY 1');
    client.send(serialize.query('COPY child (t) FROM STDIN'), data('1\n77\n'), serialize.copyDone());
    expect((await client.message('E')).message).toBe(
      'insert or update on table "child" violates foreign key constraint "child_t_fkey"',
    );
    await client.untilReady();
    expect(await copyIn("COPY child (t, note) FROM STDIN (DEFAULT 'D')", '1\tD\n2\tx\n')).toContain(
      'CommandComplete COPY 2',
    );
    expect(await rows('SELECT t, note FROM child WHERE id > 3 AND id < 70 ORDER BY t')).toEqual(['1|none', '2|x']);
    await client.query('DROP TABLE child');
  });

  test('a time-series table, over many batches, in one transaction', async () => {
    await client.query(
      `DROP TABLE IF EXISTS m;
       CREATE TABLE m (time timestamptz NOT NULL, host text, v float8, PRIMARY KEY (host, time))
         WITH (tidewire.time = 'time', tidewire.tags = 'host')`,
    );
    const start = Date.UTC(2024, 0, 1);
    const lines = Array.from({ length: 60_000 }, (_, row) => {
      return `${new Date(start + row * 1000).toISOString()},host${row % 7},${row / 4}\n`;
    });
    const chunks: string[] = [];
    for (let at = 0; at < lines.length; at += 700) chunks.push(lines.slice(at, at + 700).join(''));
    expect(await copyIn('COPY m FROM STDIN (FORMAT csv)', ...chunks)).toContain('CommandComplete COPY 60000');
    expect(await rows('SELECT count(*), sum(v), max(time) FROM m')).toEqual(['60000|449992500|2024-01-01 16:39:59+00']);
    client.send(
      serialize.query('COPY m FROM STDIN (FORMAT csv)'),
      data(`2025-01-01,a,1\n${lines[41]}`),
      serialize.copyDone(),
    );
    const error = await client.message('E');
    expect([error.code, error.where]).toEqual(['23505', 'COPY m, line 2']);
    await client.untilReady();
    expect(await rows('SELECT count(*) FROM m')).toEqual(['60000']);
    await client.query('DROP TABLE m');
  });

  test('ON_ERROR ignore tells how many rows it has left out', async () => {
    client.send(
      serialize.query('COPY t FROM STDIN (ON_ERROR ignore, LOG_VERBOSITY verbose)'),
      data('1\tx\nq\ty\n2\tz\n'),
      serialize.copyDone(),
    );
    const notice = await client.message('N');
    expect([notice.message, notice.where]).toEqual([
      'skipping row due to data type incompatibility at line 2 for column "a": "q"',
      'COPY t',
    ]);
    expect((await client.message('N')).message).toBe('1 row was skipped due to data type incompatibility');
    await client.untilReady();
    expect(await rows()).toEqual(['1|x', '2|z']);
  });
});

describe('COPY TO STDOUT', () => {
  test('a message for each row', async () => {
    await client.query("INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    client.send(serialize.query('COPY t TO STDOUT; COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT csv, HEADER)'));
    const answer: string[] = [];
    for (let code = ''; code !== 'Z'; ) {
      const message = await client.next();
      ({ code } = message);
      const text = message.body.toString();
      answer.push(code === 'd' ? `d ${text}` : code === 'C' ? `C ${text.slice(0, -1)}` : code);
    }
    expect(answer).toEqual(['H', 'd 1\tx\n', 'd 2\t\\N\n', 'c', 'C COPY 2', 'H', 'd ?column?\n', 'c', 'C COPY 0', 'Z']);
  });

  test('in the extended protocol it gives no columns', async () => {
    client.send(
      serialize.parse({ text: 'COPY (SELECT 1) TO STDOUT' }),
      serialize.describe({ type: 'S' }),
      serialize.bind(),
      serialize.execute(),
      serialize.sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'ParameterDescription',
      'noData',
      'bindComplete',
      'copyOutResponse',
      'copyData',
      'copyDone',
      'CommandComplete COPY 1',
      'ReadyForQuery I',
    ]);
  });

  test('an error ends it', async () => {
    expect(await client.query('COPY (SELECT 1 / (3 - g) FROM generate_series(1, 9) AS g) TO STDOUT')).toEqual(
      expect.arrayContaining(['copyOutResponse', 'ErrorResponse ERROR 22012', 'ReadyForQuery I']),
    );
  });
});
