import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../dist/main.js');

/** The built server on free ports and a new data directory. */
export async function startTidewire() {
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-bench-'));
  const child = spawn(
    process.execPath,
    [MAIN, 'serve', '--data-dir', directory, '--pg-port', '0', '--http-port', '0', '--query-memory', '4GB'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const ready = await new Promise((resolve, reject) => {
    exited.then((code) => reject(new Error(`the server ended with status ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.msg === 'ready') resolve(event);
      else if (event.level >= 50) console.error(line);
    });
  });
  return {
    directory,
    pid: child.pid,
    httpPort: ready.httpPort,
    connection: { host: '127.0.0.1', port: ready.pgPort, user: 'postgres', database: 'tidewire' },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
