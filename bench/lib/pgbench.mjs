import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresPrograms } from '../../test/support/postgres-cluster.mjs';

const run = promisify(execFile);

/** PostgreSQL's pgbench: beside the server's programs, or in the path; undefined where there is none. */
export function pgbenchProgram() {
  const programs = postgresPrograms();
  const beside = programs === undefined ? undefined : join(programs.bin, 'pgbench');
  if (beside !== undefined && existsSync(beside)) return beside;
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' });
    return 'pgbench';
  } catch {
    return undefined;
  }
}

/** Makes pgbench's tables; throws what it complains of. */
export async function preparePgbench(program, connection, scale) {
  await run(program, [...addressOf(connection), '-i', '-q', '-s', String(scale), connection.database]);
}

/** Point queries by primary key from some clients: how many a second, and what went wrong. */
export async function selectOnly(program, connection, { mode, clients, seconds }) {
  const options = ['-S', '-n', '-M', mode, '-c', String(clients), '-T', String(seconds)];
  const { stdout, stderr } = await run(program, [...addressOf(connection), ...options, connection.database]);
  const figure = (pattern) => Number(pattern.exec(stdout)?.[1]);
  const failed = figure(/number of failed transactions: (\d+)/);
  return {
    perSecond: figure(/^tps = ([\d.]+)/m),
    count: figure(/transactions actually processed: (\d+)/),
    failure: failed > 0 || /error|abort/i.test(stderr) ? stderr.trim() || `${failed} failed` : undefined,
  };
}

function addressOf({ host, port, user }) {
  return ['-h', host, '-p', String(port), '-U', user];
}
