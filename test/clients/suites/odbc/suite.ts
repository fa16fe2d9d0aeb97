import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientSuite } from '../../harness/client-suite.ts';
import { Unavailable } from '../../harness/client-suite.ts';
import { runOnBothSides } from '../../harness/run-program.ts';

export const psqlOdbc: ClientSuite = {
  name: 'psqlodbc',
  client: 'psqlODBC',
  howToConnect: `\`Driver={PostgreSQL Unicode};Server=127.0.0.1;Port=5432;Database=tidewire;Uid=postgres;\`. So do Power BI, Excel, Tableau and what else
works with ODBC.`,
  tested: `by pyodbc: types, rows with five sets of the driver's options (declared cursors, server-side preparing, rollback on errors),
the catalog functions, isolation levels, errors; and unixODBC's \`isql\`.`,
  debianPackages: ['odbc-postgresql', 'unixodbc', 'python3-pyodbc'],
  run: (context) =>
    runOnBothSides(context, {
      command: '/usr/bin/python3',
      arguments: [fileURLToPath(new URL('odbc_checks.py', import.meta.url))],
      environment: { ODBC_DRIVER: driver() },
    }),
};

/** Debian puts it into the folder of the machine's kind. */
function driver(): string {
  for (const folder of readdirSync('/usr/lib')) {
    const path = join('/usr/lib', folder, 'odbc', 'psqlodbcw.so');
    if (existsSync(path)) return path;
  }
  throw new Unavailable('psqlodbcw.so is not there');
}
