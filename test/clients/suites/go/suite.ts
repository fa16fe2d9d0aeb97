import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClientSuite, SuiteRun } from '../../harness/client-suite.ts';
import { Unavailable } from '../../harness/client-suite.ts';
import { runOnBothSides } from '../../harness/run-program.ts';
import { hasProgram } from '../../harness/workshop.ts';

const MODULES: readonly string[] = ['github.com/jackc/pgx/v5@v5.7.5', 'github.com/lib/pq@v1.10.9'];

/** Built once into the workshop: the modules come from Go's proxy. */
export const go: ClientSuite = {
  name: 'go',
  client: 'Go: pgx and lib/pq',
  howToConnect:
    '`pgx.Connect(ctx, "postgres://postgres@127.0.0.1:5432/tidewire")`; with lib/pq add `?sslmode=disable`, or give the server a certificate.',
  tested: `types in the five ways in which pgx executes, batches, \`CopyFrom\`, rows as structs, nested transactions, enums, notifications,
pools; lib/pq's rows, \`CopyIn\`, arrays, errors and listeners.`,
  async run(context): Promise<SuiteRun> {
    if (!hasProgram('go')) throw new Unavailable('there is no go');
    const source = fileURLToPath(new URL('main.go', import.meta.url));
    const folder = await context.workshop.once('go', MODULES, async (fresh) => {
      await mkdir(fresh, { recursive: true });
      await writeFile(join(fresh, 'go.mod'), 'module checks\n\ngo 1.21\n');
      await copyFile(source, join(fresh, 'main.go'));
      for (const module of MODULES) await runGo(fresh, 'get', module);
      await runGo(fresh, 'mod', 'tidy');
    });
    await copyFile(source, join(folder, 'main.go'));
    await runGo(folder, 'build', '-o', 'checks', '.');
    return await runOnBothSides(context, { command: join(folder, 'checks') });
  },
};

async function runGo(folder: string, ...options: readonly string[]): Promise<void> {
  await promisify(execFile)('go', options, { cwd: folder, timeout: 180_000 });
}
