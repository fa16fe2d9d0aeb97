import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTidewireServer } from '../support/tidewire-server.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-cli-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the command line to its end. */
function tidewire(...args: string[]): Promise<{ status: number | null; stderr: string; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: directory });
    let stderr = '';
    let stdout = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.once('exit', (status) => resolve({ status, stderr, stdout }));
  });
}

function client(port: number, database = 'tidewire') {
  return new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database });
}

describe('a server that cannot start says why, in one sentence', () => {
  test('an unknown flag', async () => {
    const { status, stderr } = await tidewire('serve', '--data-dri', 'x');
    expect(status).toBe(1);
    expect(stderr).toMatch(/unknown option '--data-dri'/);
    expect(stderr).toMatch(/--help/);
  });

  test('a malformed configuration file', async () => {
    writeFileSync(join(directory, 'tidewire.yml'), 'pg-port: [');
    const { status, stderr } = await tidewire('serve', '--data-dir', directory);
    expect(status).toBe(2);
    expect(stderr).toMatch(/tidewire\.yml/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a directory that holds something else', async () => {
    writeFileSync(join(directory, 'holiday.jpg'), 'x');
    const { status, stderr } = await tidewire('serve', '--data-dir', directory, '--pg-port', '0', '--http-port', '0');
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/not a Tidewire data directory/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a data directory that is a file', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, 'x');
    const { status, stderr } = await tidewire('serve', '--data-dir', file, '--pg-port', '0', '--http-port', '0');
    expect(status).not.toBe(0);
    expect(stderr).toContain(file);
    expect(stderr).not.toMatch(/internal error|\n\s+at /);
  });

  test('a data directory that cannot be made', async () => {
    const name = 'x'.repeat(300);
    const { status, stderr } = await tidewire('serve', '--data-dir', join(directory, name), '--pg-port', '0');
    expect(status).toBe(1);
    expect(stderr).toContain(name);
    expect(stderr).toMatch(/File name too long/);
    expect(stderr).not.toMatch(/internal error|\n\s+at /);
  });

  for (const option of ['pg-port', 'http-port']) {
    test(`a taken --${option}`, async () => {
      const blocker = createServer();
      await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
      const { port } = blocker.address() as { port: number };
      const ports = { 'pg-port': '0', 'http-port': '0', [option]: String(port) };
      const { status, stderr } = await tidewire(
        'serve',
        ...['--data-dir', join(directory, 'data')],
        ...['--pg-port', ports['pg-port'], '--http-port', ports['http-port']],
      );
      blocker.close();
      expect(status).toBe(2);
      expect(stderr).toContain(`port ${port}`);
      expect(stderr).toContain(`--${option}`);
    });
  }

  test('a data directory that another process owns', async () => {
    const server = await startTidewireServer({ directory });
    const { status, stderr } = await tidewire('serve', '--data-dir', directory, '--pg-port', '0', '--http-port', '0');
    expect(status).not.toBe(0);
    expect(stderr).toContain(`in use by process ${server.pid}`);
    expect(await server.stop()).toBe(0);
  });
});

describe('start and stop', () => {
  test('ready answers 200, and a lock left by a killed process is taken over', async () => {
    const first = await startTidewireServer({ directory });
    expect((await fetch(`http://127.0.0.1:${first.httpPort}/ready`)).status).toBe(200);
    await first.crash();
    const second = await startTidewireServer({ directory });
    expect(await second.stop()).toBe(0);
  });

  test('SIGTERM lets a running statement finish and ends idle sessions', async () => {
    const server = await startTidewireServer({ directory });
    const busy = client(server.pgPort);
    const idle = client(server.pgPort);
    await busy.connect();
    await idle.connect();
    idle.on('error', () => {});
    busy.on('error', () => {});
    const answer = busy.query('SELECT count(*) FROM generate_series(1, 3000000)');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [{ rows }, status] = await Promise.all([answer, server.stop()]);
    expect(rows[0].count).toBe('3000000');
    expect(status).toBe(0);
  });

  test('a new data directory has the databases postgres and tidewire', async () => {
    const server = await startTidewireServer({ directory });
    for (const name of ['postgres', 'tidewire']) {
      const connection = client(server.pgPort, name);
      await connection.connect();
      const { rows } = await connection.query('SELECT current_database() AS name, current_user AS role');
      expect(rows).toEqual([{ name, role: 'postgres' }]);
      await connection.end();
    }
    await expect(client(server.pgPort, 'nowhere').connect()).rejects.toMatchObject({ code: '3D000' });
    await server.stop();
  });

  test('a bare psql gets in: an unknown user is postgres, with a warning, in the database tidewire', async () => {
    const server = await startTidewireServer({ directory });
    const connection = new pg.Client({
      host: '127.0.0.1',
      port: server.pgPort,
      user: 'somebody',
      database: 'somebody',
    });
    await connection.connect();
    const { rows } = await connection.query('SELECT current_user AS role, current_database() AS name');
    expect(rows).toEqual([{ role: 'postgres', name: 'tidewire' }]);
    await connection.end();
    expect(server.log.some((line) => line.includes('somebody') && JSON.parse(line).level === 40)).toBe(true);
    await server.stop();
  });

  test('HTTP spoken to the PostgreSQL port is ended at once', async () => {
    const server = await startTidewireServer({ directory });
    await new Promise<void>((resolve, reject) => {
      const socket = connect(server.pgPort, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
      socket.resume();
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
      setTimeout(() => reject(new Error('still open')), 5000).unref();
    });
    await server.stop();
  });
});
