import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../src/database/check-directory.ts';
import { startTidewireServer } from '../support/tidewire-server.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const GOLDEN = fileURLToPath(new URL('../golden/format-1/data', import.meta.url));
/** A pack whose first segment begins with the file. */
const SEGMENT = 'db/16384/packs/1.pack';
const LOG = 'wal/0000000001.wal';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-check-'));
  cpSync(GOLDEN, directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function tidewire(...args: string[]): Promise<{ status: number | null; stderr: string; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    let stdout = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.once('close', (status) => resolve({ status, stderr, stdout }));
  });
}

function flip(name: string, offset: number): void {
  const bytes = readFileSync(join(directory, name));
  bytes[offset]! ^= 1;
  writeFileSync(join(directory, name), bytes);
}

describe('tidewire check', () => {
  test('says that a directory is clean, and ends with status 0', async () => {
    const { status, stdout, stderr } = await tidewire('check', directory);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/is clean: \d+ files, 4 tables, \d+ segments with \d+ rows, \d+ commits in the log\n$/);
  });

  test('names file, offset and problem line by line, and ends with status 1', async () => {
    flip(SEGMENT, 100);
    flip(LOG, 2000);
    const { status, stdout } = await tidewire('check', directory);
    expect(status).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(`${SEGMENT}:0: the SHA-256 of 16384/packs/1.pack:0 is not the one in the manifest`);
    expect(lines[1]).toMatch(/^db\/16384\/packs\/1\.pack:\d+: .*column -?\d+, unit 0 .*checksum mismatch$/);
    expect(lines[2]).toMatch(/^wal\/0000000001\.wal:\d+: .*is damaged at offset \d+/);
    expect(lines.at(-1)).toContain('has 3 problems');
    const json = await tidewire('check', '--json', directory);
    expect(json.status).toBe(1);
    const report = JSON.parse(json.stdout) as CheckReport;
    expect(report.problems.map(({ file }) => file)).toEqual([SEGMENT, SEGMENT, LOG]);
    expect(report.problems[2]!.offset).toBeLessThanOrEqual(2000);
  });

  test('does not look at a directory that a server owns, that is none, or that is not there', async () => {
    const server = await startTidewireServer({ directory });
    const inUse = await tidewire('check', directory);
    expect(inUse.status).toBe(2);
    expect(inUse.stderr).toContain(`in use by process ${server.pid}`);
    expect(await server.stop()).toBe(0);
    mkdirSync(join(directory, 'photographs'));
    const { status, stderr } = await tidewire('check', join(directory, 'photographs'));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^tidewire: ".*photographs" is not a Tidewire data directory.*\n$/);
  });
});

describe('a server with a damaged log', () => {
  test('does not start, and says where and what to do; with --accept-loss it does, and says what is given up', async () => {
    flip(LOG, 2000);
    const ports = ['--pg-port', '0', '--http-port', '0'];
    const { status, stderr } = await tidewire('serve', '--data-dir', directory, ...ports);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^tidewire: write-ahead log file ".*0000000001\.wal" is damaged at offset \d+/);
    expect(stderr).toMatch(/\nhint: "tidewire check .*" lists the damage.*--accept-loss/);
    const server = await startTidewireServer({ directory, arguments: ['--accept-loss'] });
    const said = server.log.find((line) => line.includes('given up'));
    expect(JSON.parse(said!)).toMatchObject({
      level: 50,
      file: join(directory, LOG),
      firstLsn: expect.any(Number),
      lastLsn: expect.any(Number),
      keptIn: expect.stringContaining('/lost/'),
    });
    expect(await server.stop()).toBe(0);
    expect((await tidewire('check', directory)).status).toBe(0);
  });
});
