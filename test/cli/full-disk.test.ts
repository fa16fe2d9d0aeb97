import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import { writeLines } from '../support/http-write.ts';
import { startTidewireServer } from '../support/tidewire-server.ts';

/** A log file of full size, a segment of what half of it holds, the reserve, and room to go on. */
const DISK_BYTES = 160 << 20;

let mountPoint: string;
beforeEach(() => {
  mountPoint = mkdtempSync(join(tmpdir(), 'tidewire-full-'));
});
afterEach(() => rmSync(mountPoint, { recursive: true, force: true }));

function mountSmallDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', mountPoint], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Points with long texts: a few requests fill half of a log file. */
function lines(from: number, count: number): string {
  const text = 'all work and no play '.repeat(40);
  return Array.from({ length: count }, (_, index) => `t s="${from + index} ${text}" ${from + index}`).join('\n');
}

async function countRows(port: number): Promise<number> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'tidewire' });
  await client.connect();
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM t');
  await client.end();
  return Number(rows[0]!.count);
}

test('a server on a disk that fills up refuses rows, answers reads, and goes on when there is room', async (context) => {
  if (!mountSmallDisk()) context.skip('mounting a small disk needs the right to mount');
  try {
    const directory = join(mountPoint, 'data');
    const server = await startTidewireServer({ directory });
    let acknowledged = 0;
    const write = async (): Promise<number> => {
      const { status } = await writeLines(server.httpPort, lines(acknowledged, 5000));
      if (status === 204) acknowledged += 5000;
      return status;
    };
    expect(await write()).toBe(204);
    expect(existsSync(join(directory, 'reserve'))).toBe(true);
    const { bavail, bsize } = await statfs(mountPoint);
    writeFileSync(join(mountPoint, 'ballast'), Buffer.alloc(bavail * bsize));

    let status = 204;
    for (let request = 0; status === 204 && request < 40; request++) status = await write();
    expect(status).toBe(507);
    expect(existsSync(join(directory, 'reserve'))).toBe(false);
    expect(await countRows(server.pgPort)).toBe(acknowledged);
    const client = new pg.Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
    await client.connect();
    await expect(client.query(`INSERT INTO t (time, s) VALUES ('2026-01-01', 'x')`)).rejects.toMatchObject({
      code: '53100',
    });
    await client.end();

    rmSync(join(mountPoint, 'ballast'));
    await expect.poll(write, { timeout: 10_000, interval: 200 }).toBe(204);
    expect(await countRows(server.pgPort)).toBe(acknowledged);
    expect(existsSync(join(directory, 'reserve'))).toBe(true);
    expect(await server.stop()).toBe(0);
    expect((await checkDirectory({ directory })).problems).toEqual([]);
    const again = await startTidewireServer({ directory });
    expect(await countRows(again.pgPort)).toBe(acknowledged);
    expect(await again.stop()).toBe(0);
  } finally {
    execFileSync('umount', ['--lazy', mountPoint]);
  }
});
