import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The PostgreSQL whose answers are the right ones. */
export const JUDGE_VERSION = '15';

/** The newest PostgreSQL whose programs Debian's packages put on this machine, or the one asked for, or undefined. */
export function postgresPrograms(wanted) {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const version = readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'bin', 'initdb')) && (wanted === undefined || name === wanted))
    .sort((a, b) => Number(b) - Number(a))[0];
  return version === undefined ? undefined : { version, bin: join(root, version, 'bin') };
}

/**
 * Installs the judge's version with apt-get where it is missing, which only root can. Debian would at once start a
 * cluster on port 5432; it is told not to.
 */
export function installPostgres() {
  if (postgresPrograms(JUDGE_VERSION) !== undefined) return;
  const needed = `PostgreSQL ${JUDGE_VERSION} is needed (Debian: apt-get install postgresql-${JUDGE_VERSION})`;
  if (userInfo().uid !== 0) throw new Error(`${needed}, and only root can install it`);
  const folder = '/etc/postgresql-common';
  mkdirSync(folder, { recursive: true });
  const settings = join(folder, 'createcluster.conf');
  const before = existsSync(settings) ? readFileSync(settings, 'utf8') : '';
  if (!/^\s*create_main_cluster\s*=\s*false/m.test(before)) {
    writeFileSync(settings, `${before.replace(/^\s*create_main_cluster.*$/m, '')}\ncreate_main_cluster = false\n`);
  }
  const apt = (...args) =>
    execFileSync('apt-get', ['-q', '-y', '-o', 'Dpkg::Options::=--force-confold', ...args], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '--no-install-recommends', `postgresql-${JUDGE_VERSION}`);
  if (postgresPrograms(JUDGE_VERSION) === undefined) throw new Error(needed);
}

/**
 * A PostgreSQL cluster of our own on a free port: UTF-8, byte order, UTC, everybody trusted on loopback. initdb refuses
 * root, so root runs it as `postgres`. The returned `stop` removes it.
 */
export async function startPostgres(settings = {}, version = undefined) {
  const programs = postgresPrograms(version);
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
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    start();
  } catch (error) {
    remove();
    throw error;
  }
  return {
    version: programs.version,
    port,
    connection: { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' },
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop() {
      // pg_ctl ends the process that the data directory names, and no other.
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
      remove();
    },
  };

  function start() {
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
  }
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
