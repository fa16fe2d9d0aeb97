import type { Database } from '../../../src/database/database.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { parseBody } from '../../../src/http/line-protocol/parse-body.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { runTransaction } from './client-transaction.ts';
import { SimulationFailure } from './ledger.ts';
import { assertTables } from './match-state.ts';
import type { Effect, ModelPoint } from './model.ts';
import { LINE_TABLES, randomPoint } from './random-rows.ts';
import { View } from './read-tables.ts';
import { DATABASE_NAMES, type World } from './world.ts';

/** Goes on until the world stops: one program after the other, each a random one. */
export async function runClient(world: World, random: SeededRandom): Promise<void> {
  try {
    while (!world.isStopping) {
      await world.turn();
      const database = world.instance.database(random.fraction() < 0.85 ? DATABASE_NAMES[0] : DATABASE_NAMES[1])!;
      const die = random.fraction();
      if (die < 0.42) await writeLines(world, random, database);
      else if (die < 0.76) await runTransaction(world, random, database);
      else if (die < 0.87) await readAndReadAgain(world, random, database);
      else if (die < 0.92) await flush(world);
      else await vacuum(world, random, database);
    }
  } catch (error) {
    if (!world.isOver) world.fail(error);
  }
}

/** One request of line protocol: one commit, of one to three tables. */
export async function writeLines(world: World, random: SeededRandom, database: Database): Promise<void> {
  const effects: Effect[] = [];
  const lines: string[] = [];
  const names = [...LINE_TABLES, ...LINE_TABLES, 'keyed', 'free', 'plain'];
  const tables = new Set(Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => random.pick(names)));
  for (const name of tables) {
    const points: ModelPoint[] = [];
    // A field that comes as a string although it is none: of the whole request, as its lines have to agree.
    const misfit = random.fraction() < 0.03 ? random.pick(['x', 'n', 'b']) : undefined;
    for (let index = random.pick([1, 1, 3, 10, 30]); index > 0; index--) {
      const { point, line } = randomPoint(random, name, misfit);
      points.push(point);
      lines.push(line);
    }
    effects.push({ kind: 'write-points', tableName: name, points });
  }
  const batches = parseBody(Buffer.from(lines.join('\n')), { precision: 'ns', defaultMicros: 0 }).map((table) =>
    table.finish(),
  );
  const mark = world.ledger.mark();
  await world.write(database.descriptor.name, effects, mark, () => database.ingest(batches));
}

/** A view that is held on to while others write: it shows the same again and again. */
async function readAndReadAgain(world: World, random: SeededRandom, database: Database): Promise<void> {
  const { ledger } = world;
  const databaseName = database.descriptor.name;
  const transaction = database.begin({ isolation: 'repeatable read' });
  const view = new View(databaseName, transaction);
  const { lsn } = view.snapshot;
  if (lsn < ledger.visibleLsn && !world.isOver) {
    throw new SimulationFailure(`a snapshot at LSN ${lsn} does not show the acknowledged LSN ${ledger.visibleLsn}`);
  }
  // What a commit that did not wait has written may be seen before it is on disk.
  if (!world.hasAsynchronousCommits) ledger.noteSeen(lsn);
  try {
    for (let times = random.pick([1, 1, 2, 3]); times > 0; times--) {
      const found = await view.readTables();
      if (world.isOver) return;
      const expected = ledger.stateAt(lsn).ofDatabase(databaseName);
      assertTables(found, expected, `a snapshot at LSN ${lsn}`);
      world.count('read');
      for (let turns = random.below(12); turns > 0; turns--) await world.turn();
    }
  } finally {
    view.snapshot.release();
    transaction.rollback();
  }
}

/** VACUUM changes no table. */
async function vacuum(world: World, random: SeededRandom, database: Database): Promise<void> {
  const transaction = database.begin();
  const tables = [...transaction.catalog().tables()];
  transaction.rollback();
  if (tables.length === 0) return;
  try {
    await database.vacuum(random.pick(tables).oid, {
      isFull: random.fraction() < 0.5,
      control: { check: () => {} },
      noteMerge: () => world.count('merge'),
    });
  } catch (error) {
    if (world.isOver) return;
    const code = error instanceof SqlError ? error.code : undefined;
    world.count(`vacuum refused ${code}`);
    const isOfDisk = code === '53100' || code === '58030';
    if (code !== '42P01' && !(isOfDisk && world.hasFaults)) throw error;
  }
}

async function flush(world: World): Promise<void> {
  const { ledger } = world;
  const acknowledged = ledger.acknowledgedLsn;
  try {
    await world.instance.flush();
    if (!world.isOver) ledger.noteFlushed(acknowledged);
  } catch (error) {
    if (world.isOver) return;
    world.count('flush refused');
    const isOfDisk = error instanceof SqlError && ['53100', '58030'].includes(error.code);
    if (!(isOfDisk && world.hasFaults)) throw error;
  }
}
