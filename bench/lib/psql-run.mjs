import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TICKS_A_SECOND = 100;

export function hasPsql() {
  return run('psql', ['--version']).then(
    () => true,
    () => false,
  );
}

/**
 * One command through psql, whose rows nobody reads: the seconds it took, and the seconds of processor time that the server
 * spent on it (undefined where the system does not tell).
 */
export async function psqlRun({ connection, pid }, command) {
  const { host, port, user, database } = connection;
  const target = [
    '-X',
    '-q',
    '-At',
    '-v',
    'ON_ERROR_STOP=1',
    '-h',
    host,
    '-p',
    String(port),
    '-U',
    user,
    '-d',
    database,
  ];
  const asked = ['-c', '\\o /dev/null', '-c', command, '-c', '\\o'];
  // PostgreSQL has a process for each session, which can only be asked while it is there.
  if (pid === undefined) asked.push('-c', "SELECT pg_read_file('/proc/self/stat', 0, 1000, true)");
  const before = pid === undefined ? 0 : cpuSeconds(statOf(pid));
  const start = performance.now();
  const { stdout } = await run('psql', [...target, ...asked]);
  const seconds = (performance.now() - start) / 1000;
  const after = cpuSeconds(pid === undefined ? stdout : statOf(pid));
  return { seconds, cpu: before === undefined || after === undefined ? undefined : after - before };
}

function statOf(pid) {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function cpuSeconds(stat) {
  const fields = stat.split(') ').at(-1).split(' ');
  return fields.length < 13 ? undefined : (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
