import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The newest PostgreSQL whose programs Debian's packages put on this machine, or undefined. */
export function postgresPrograms() {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const version = readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a))[0];
  return version === undefined ? undefined : { version, bin: join(root, version, 'bin') };
}

/**
 * A PostgreSQL cluster of our own on a free port: UTF-8, byte order, UTC, everybody trusted on loopback. initdb refuses
 * root, so root runs it as `postgres`. The returned `stop` removes it.
 */
export async function startPostgres(settings = {}) {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed (Debian: apt-get install postgresql-15)');
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-postgres-'));
  const port = await freePort();
  const isRoot = userInfo().uid === 0;
  if (isRoot) execFileSync('chown', ['postgres', directory]);
  const run = (program, ...args) => {
    const command = [join(programs.bin, program), ...args];
    const [file, rest] = isRoot
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', ...command]]
      : [command[0], command.slice(1)];
    const result = spawnSync(file, rest, { encoding: 'utf8', cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr || result.stdout}`);
  };
  const data = join(directory, 'data');
  run('initdb', '-D', data, '--locale=C.UTF-8', '-E', 'UTF8', '-A', 'trust', '-U', 'postgres');
  const options = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: directory,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const flags = Object.entries(options).map(([name, value]) => `-c ${name}='${value}'`);
  run('pg_ctl', '-D', data, '-l', join(directory, 'log'), '-w', '-o', flags.join(' '), 'start');
  return {
    version: programs.version,
    port,
    connection: { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' },
    stop() {
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
