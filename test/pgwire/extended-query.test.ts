import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WireClient } from './wire-client.ts';
import { type WireServer, wireServer } from './wire-server.ts';

const { parse, bind, describe: describeMessage, execute, close, sync, flush } = serialize;

let world: WireServer;
let client: WireClient;

beforeAll(async () => {
  world = await wireServer();
});
afterAll(() => world.server.stop({ graceMs: 0 }));
beforeEach(async () => {
  client = await WireClient.login(world.port);
  return () => client.close();
});

const series = 'SELECT n FROM generate_series(1, 5) AS s(n)';

describe('the extended protocol', () => {
  test('describes statement and portal before anything runs', async () => {
    client.send(
      parse({ text: 'SELECT $1::int AS a, $2::text AS b' }),
      describeMessage({ type: 'S', name: '' }),
      bind({ values: ['1', null] }),
      describeMessage({ type: 'P', name: '' }),
      execute({}),
      sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'ParameterDescription 23 25',
      'RowDescription a:23:text b:25:text',
      'bindComplete',
      'RowDescription a:23:text b:25:text',
      'DataRow 1|NULL',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
    ]);
  });

  test('gives rows as many as asked for, and the rest later', async () => {
    client.send(parse({ text: series }), bind({ portal: 'p' }), execute({ portal: 'p', rows: 2 }), flush());
    expect(await client.until('s')).toEqual([
      'parseComplete',
      'bindComplete',
      'DataRow 1',
      'DataRow 2',
      'portalSuspended',
    ]);
    client.send(execute({ portal: 'p', rows: 3 }), execute({ portal: 'p', rows: 1 }), execute({ portal: 'p' }), sync());
    expect(await client.untilReady()).toEqual([
      'DataRow 3',
      'DataRow 4',
      'DataRow 5',
      'portalSuspended',
      'CommandComplete SELECT 0',
      'CommandComplete SELECT 0',
      'ReadyForQuery I',
    ]);
  });

  test('keeps a portal until its transaction ends', async () => {
    await client.query('BEGIN');
    client.send(parse({ text: series }), bind({ portal: 'p' }), execute({ portal: 'p', rows: 4 }), sync());
    expect(await client.untilReady()).toContain('portalSuspended');
    client.send(execute({ portal: 'p' }), sync());
    expect(await client.untilReady()).toEqual(['DataRow 5', 'CommandComplete SELECT 1', 'ReadyForQuery T']);
    await client.query('COMMIT');
    client.send(execute({ portal: 'p' }), sync());
    expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 34000', 'ReadyForQuery I']);
    client.send(parse({ text: series }), bind({ portal: 'q' }), execute({ portal: 'q', rows: 1 }), sync());
    await client.untilReady();
    client.send(execute({ portal: 'q' }), sync());
    expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 34000', 'ReadyForQuery I']);
    expect(world.database.openSnapshots).toBe(0);
  });

  test('says NoData for statements without a result, and runs them once', async () => {
    await client.query('CREATE TABLE once (a int)');
    client.send(
      parse({ text: 'INSERT INTO once VALUES ($1)' }),
      describeMessage({ type: 'S', name: '' }),
      bind({ portal: 'p', values: ['1'] }),
      describeMessage({ type: 'P', name: 'p' }),
      execute({ portal: 'p' }),
      execute({ portal: 'p' }),
      sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'ParameterDescription 23',
      'noData',
      'bindComplete',
      'noData',
      'CommandComplete INSERT 0 1',
      'ErrorResponse ERROR 55000',
      'ReadyForQuery I',
    ]);
    expect(await client.query('SELECT count(*) FROM once')).toContain('DataRow 0');
  });

  test('answers an empty statement as such', async () => {
    client.send(parse({ text: '-- nothing' }), describeMessage({ type: 'S', name: '' }), bind({}), execute({}), sync());
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'ParameterDescription',
      'noData',
      'bindComplete',
      'emptyQuery',
      'ReadyForQuery I',
    ]);
  });

  test('skips everything from an error to Sync, and then goes on', async () => {
    client.send(
      parse({ text: 'SELECT 1/0' }),
      bind({}),
      execute({}),
      parse({ name: 'never', text: 'SELECT 1' }),
      serialize.query('SELECT 2'),
      sync(),
      parse({ text: 'SELECT 3 AS three' }),
      bind({}),
      execute({}),
      sync(),
    );
    expect(await client.untilReady(2)).toEqual([
      'parseComplete',
      // Constants are calculated when Bind plans the statement.
      'ErrorResponse ERROR 22012',
      'ReadyForQuery I',
      'parseComplete',
      'bindComplete',
      'DataRow 3',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
    ]);
    client.send(bind({ statement: 'never' }), sync());
    expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 26000', 'ReadyForQuery I']);
  });

  test('rolls back a pipeline as a whole, up to Sync', async () => {
    await client.query('CREATE TABLE pipeline (a int)');
    const insert = (value: string) => [
      parse({ text: 'INSERT INTO pipeline VALUES ($1)' }),
      bind({ values: [value] }),
      execute({}),
    ];
    client.send(...insert('1'), sync(), ...insert('2'), ...insert('x'), ...insert('3'), sync(), ...insert('4'), sync());
    const tags = await client.untilReady(3);
    expect(tags.filter((tag) => /Command|Error|Ready/.test(tag))).toEqual([
      'CommandComplete INSERT 0 1',
      'ReadyForQuery I',
      'CommandComplete INSERT 0 1',
      'ErrorResponse ERROR 22P02',
      'ReadyForQuery I',
      'CommandComplete INSERT 0 1',
      'ReadyForQuery I',
    ]);
    expect(await client.query('SELECT a FROM pipeline ORDER BY a')).toEqual([
      'RowDescription a:23:text',
      'DataRow 1',
      'DataRow 4',
      'CommandComplete SELECT 2',
      'ReadyForQuery I',
    ]);
  });

  test('reports a commit that fails at Sync', async () => {
    await client.query('CREATE TABLE failing (a int)');
    world.database.commitError = new Error('no');
    client.send(parse({ text: 'INSERT INTO failing VALUES (1)' }), bind({}), execute({}), sync());
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'bindComplete',
      'CommandComplete INSERT 0 1',
      'ErrorResponse ERROR XX000',
      'ReadyForQuery I',
    ]);
  });

  test('takes only the end of a failed block', async () => {
    await client.query('BEGIN');
    client.send(
      parse({ name: 'kept', text: 'SELECT 1' }),
      parse({ text: 'SELECT 1/0' }),
      bind({}),
      execute({}),
      sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'parseComplete',
      // Constants are calculated when Bind plans the statement.
      'ErrorResponse ERROR 22012',
      'ReadyForQuery E',
    ]);
    for (const message of [
      parse({ text: 'SELECT 1' }),
      bind({ statement: 'kept' }),
      describeMessage({ type: 'S', name: 'kept' }),
    ]) {
      client.send(message, sync());
      expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 25P02', 'ReadyForQuery E']);
    }
    client.send(parse({ text: 'ROLLBACK' }), bind({}), execute({}), sync());
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'bindComplete',
      'CommandComplete ROLLBACK',
      'ReadyForQuery I',
    ]);
    client.send(bind({ statement: 'kept' }), execute({}), sync());
    expect(await client.untilReady()).toContain('DataRow 1');
  });

  test('closes statements and portals, known or not', async () => {
    client.send(
      parse({ name: 's', text: 'SELECT 1' }),
      close({ type: 'S', name: 's' }),
      close({ type: 'S', name: 'unknown' }),
      close({ type: 'P', name: 'unknown' }),
      bind({ statement: 's' }),
      sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'closeComplete',
      'closeComplete',
      'closeComplete',
      'ErrorResponse ERROR 26000',
      'ReadyForQuery I',
    ]);
  });

  const mistakes: Record<string, [messages: Buffer[], code: string]> = {
    'a name that is taken': [
      [parse({ name: 'twice', text: 'SELECT 1' }), parse({ name: 'twice', text: 'SELECT 1' })],
      '42P05',
    ],
    'two statements in one Parse': [[parse({ text: 'SELECT 1; SELECT 2' })], '42601'],
    'a type that does not exist': [[parse({ text: 'SELECT $1', types: [4_000_000] })], 'XX000'],
    'a parameter whose type nothing tells': [[parse({ text: 'SELECT $1 IS NULL' })], '42P18'],
    'too few values': [[parse({ text: 'SELECT $1::int' }), bind({ values: [] })], '08P01'],
    'too many values': [[parse({ text: 'SELECT $1::int' }), bind({ values: ['1', '2'] })], '08P01'],
    'an unknown statement': [[bind({ statement: 'nope' })], '26000'],
    'an unknown statement to describe': [[describeMessage({ type: 'S', name: 'nope' })], '26000'],
    'an unknown portal to describe': [[describeMessage({ type: 'P', name: 'nope' })], '34000'],
    'an unknown portal to execute': [[execute({ portal: 'nope' })], '34000'],
    'a portal name that is taken': [
      [parse({ text: 'SELECT 1' }), bind({ portal: 'p' }), bind({ portal: 'p' })],
      '42P03',
    ],
    'a value that its type cannot read': [[parse({ text: 'SELECT $1::int' }), bind({ values: ['abc'] })], '22P02'],
  };
  for (const [name, [messages, code]] of Object.entries(mistakes)) {
    test(`answers ${name} with ${code}`, async () => {
      client.send(...messages, sync());
      expect((await client.untilReady()).slice(-2)).toEqual([`ErrorResponse ERROR ${code}`, 'ReadyForQuery I']);
      expect(await client.query('SELECT 1')).toContain('DataRow 1');
    });
  }

  test('says which parameter it could not read', async () => {
    client.send(parse({ text: 'SELECT $1::int, $2::int' }), bind({ values: ['1', 'abc'] }), sync());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(client.received.find((message) => message.code === 'E')?.message).toMatchObject({
      message: 'invalid input syntax for type integer: "abc"',
      where: "unnamed portal parameter $2 = '...'",
    });
    await client.untilReady();
  });

  test('plans anew when a table was made anew, unless its columns differ', async () => {
    await client.query('CREATE TABLE remade (a int); INSERT INTO remade VALUES (7)');
    client.send(
      parse({ name: 'star', text: 'SELECT * FROM remade' }),
      bind({ statement: 'star' }),
      execute({}),
      sync(),
    );
    expect(await client.untilReady()).toContain('DataRow 7');
    await client.query('DROP TABLE remade; CREATE TABLE remade (a int); INSERT INTO remade VALUES (8)');
    client.send(bind({ statement: 'star' }), execute({}), sync());
    expect(await client.untilReady()).toContain('DataRow 8');
    await client.query('DROP TABLE remade; CREATE TABLE remade (a int, b text)');
    client.send(bind({ statement: 'star' }), execute({}), sync());
    expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 0A000', 'ReadyForQuery I']);
    await client.query('DROP TABLE remade');
    client.send(bind({ statement: 'star' }), execute({}), sync());
    expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 42P01', 'ReadyForQuery I']);
  });

  test('handles ten thousand pipelined messages in order', async () => {
    const messages: Buffer[] = [parse({ name: 'n', text: 'SELECT $1::int AS n' })];
    for (let n = 0; n < 3_333; n++) messages.push(bind({ statement: 'n', values: [String(n)] }), execute({}));
    client.send(...messages, sync());
    const rows = (await client.untilReady()).filter((summary) => summary.startsWith('DataRow'));
    expect(rows).toEqual(Array.from({ length: 3_333 }, (_, n) => `DataRow ${n}`));
  });

  test('reads a conversation cut anywhere', async () => {
    const bytes = Buffer.concat([
      parse({ text: 'SELECT $1::int AS n' }),
      bind({ values: ['42'] }),
      describeMessage({ type: 'P' }),
      execute({}),
      sync(),
    ]);
    for (let cut = 1; cut < bytes.length; cut++) {
      client.send(bytes.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      client.send(bytes.subarray(cut));
      expect(await client.untilReady(), `cut at ${cut}`).toEqual([
        'parseComplete',
        'bindComplete',
        'RowDescription n:23:text',
        'DataRow 42',
        'CommandComplete SELECT 1',
        'ReadyForQuery I',
      ]);
    }
  });

  test('refuses function calls and ignores what is left of a COPY', async () => {
    client.send(Buffer.from([0x46, 0, 0, 0, 4]));
    expect(await client.untilReady()).toEqual(['ErrorResponse ERROR 0A000', 'ReadyForQuery I']);
    client.send(serialize.copyData(Buffer.from('1\n')), serialize.copyDone(), serialize.copyFail('x'));
    expect((await client.query('SELECT 1')).slice(1)).toEqual([
      'DataRow 1',
      'CommandComplete SELECT 1',
      'ReadyForQuery I',
    ]);
  });
});
