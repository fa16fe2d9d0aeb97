// npm run postgres -- COMMAND [ARGUMENT …]
//
// Runs a command beside a PostgreSQL 15 that is there for it alone; the command finds it at $POSTGRES_URL. Installs
// Debian's package where it is missing (as root), and takes everything away at the end, whatever the end is.

import { spawn } from 'node:child_process';
import { installPostgres, JUDGE_VERSION, startPostgres } from './postgres-cluster.mjs';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('which command shall run beside PostgreSQL?');
  process.exit(2);
}

installPostgres();
const postgres = await startPostgres({ fsync: 'off' }, JUDGE_VERSION);
try {
  process.exitCode = await run();
} finally {
  postgres.stop();
}

function run() {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, POSTGRES_URL: postgres.url } });
    // The signal is handed on; the command's end is then ours.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
