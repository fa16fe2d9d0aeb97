import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { writeLines } from '../support/http-write.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

const ROUNDS = 10;
const WRITERS = 4;
const POINTS_PER_BATCH = 25;
const SEED = 20261120;

/**
 * What the writers know: batches that were acknowledged before the crash, and batches that were under way. It lives in
 * this process, which the crash does not touch.
 */
class Ledger {
  readonly acknowledged = new Set<number>();
  readonly attempted = new Set<number>();
  #next = 0;

  begin(): number {
    const batch = this.#next++;
    this.attempted.add(batch);
    return batch;
  }
}

/** A batch of line protocol: 25 points of five hosts that all carry the number of their batch. */
function lines(batch: number): string {
  return Array.from(
    { length: POINTS_PER_BATCH },
    (_, point) =>
      `load,host=h${point % 5} batch=${batch}i,point=${point}i,value=${batch}.${point} ${batch * 1000 + point}`,
  ).join('\n');
}

async function writeOverHttp(server: TidewireServer, ledger: Ledger, isCrashing: () => boolean): Promise<void> {
  while (!isCrashing()) {
    const batch = ledger.begin();
    try {
      const { status } = await writeLines(server.httpPort, lines(batch), { query: '?precision=ms' });
      if (status === 204) ledger.acknowledged.add(batch);
    } catch {
      return;
    }
  }
}

/** The same as INSERT: one statement, one transaction. */
async function writeOverSql(server: TidewireServer, ledger: Ledger, isCrashing: () => boolean): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
  client.on('error', () => {});
  try {
    await client.connect();
    while (!isCrashing()) {
      const batch = ledger.begin();
      const values = Array.from(
        { length: POINTS_PER_BATCH },
        (_, point) => `(to_timestamp(${batch} + ${point} / 1000.0), 's${point % 5}', ${batch}, ${point})`,
      );
      await client.query(`INSERT INTO sql_load VALUES ${values.join(', ')}`);
      ledger.acknowledged.add(batch);
    }
  } catch {
    // The connection broke: this batch may or may not have become durable.
  }
}

/** Every acknowledged batch is there whole, any other is there whole or not at all. */
async function check(server: TidewireServer, table: string, ledger: Ledger): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
  await client.connect();
  try {
    const { rows } = await client.query<{ batch: string; points: string; distinct_points: string }>(
      `SELECT batch, count(*) AS points, count(DISTINCT point) AS distinct_points FROM ${table} GROUP BY batch`,
    );
    const found = new Map(rows.map((row) => [Number(row.batch), row]));
    const lost = [...ledger.acknowledged].filter((batch) => !found.has(batch));
    const torn = rows.filter(
      (row) => Number(row.points) !== POINTS_PER_BATCH || Number(row.distinct_points) !== POINTS_PER_BATCH,
    );
    const invented = [...found.keys()].filter((batch) => !ledger.attempted.has(batch));
    expect({ lost, torn, invented }).toEqual({ lost: [], torn: [], invented: [] });
  } finally {
    await client.end();
  }
}

test(`no acknowledged point is lost and none is torn in ${ROUNDS} rounds of SIGKILL`, {
  timeout: 180_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidewire-kill-'));
  const random = new SeededRandom(SEED);
  const http = new Ledger();
  const sql = new Ledger();
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const server = await startTidewireServer({ directory });
      const client = new pg.Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
      await client.connect();
      if (round === 0) {
        await client.query(`CREATE TABLE sql_load (time timestamptz NOT NULL, host text NOT NULL, batch bigint, point int,
          PRIMARY KEY (host, time)) WITH (tidewire.time = 'time', tidewire.tags = 'host')`);
      } else {
        await check(server, 'sql_load', sql);
        await check(server, 'load', http);
      }
      await client.end();
      if (round === ROUNDS) {
        expect(await server.stop()).toBe(0);
        break;
      }
      let isCrashing = false;
      const before = http.acknowledged.size + sql.acknowledged.size;
      const writers = Array.from({ length: WRITERS }, (_, writer) =>
        writer % 2 === 0 ? writeOverHttp(server, http, () => isCrashing) : writeOverSql(server, sql, () => isCrashing),
      );
      while (http.acknowledged.size + sql.acknowledged.size < before + WRITERS) await sleep(5);
      await sleep(random.below(400));
      await server.crash();
      isCrashing = true;
      await Promise.all(writers);
      expect(http.acknowledged.size + sql.acknowledged.size).toBeGreaterThan(before);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
