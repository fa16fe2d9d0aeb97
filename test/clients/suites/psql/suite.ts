import { fileURLToPath } from 'node:url';
import type { ClientSuite } from '../../harness/client-suite.ts';
import { runOnBothSides } from '../../harness/run-program.ts';

/** What psql does beside asking the catalogs, which is compared command by command by `npm run test:corpus -- --psql`. */
export const psql: ClientSuite = {
  name: 'psql',
  client: 'psql',
  howToConnect:
    '`psql -h localhost`, with nothing else; `psql postgres://postgres@127.0.0.1:5432/tidewire` says it all.',
  tested: `\`\\gdesc\`, \`\\crosstabview\`, \`\\gexec\`, \`\\gset\`, \`\\gx\`, \`\\watch\`, \`\\copy\`, \`\\if\`, all output formats, \`FETCH_COUNT\`, \`ON_ERROR_ROLLBACK\`,
several results, options of the command line, and completion with the tabulator at a terminal. Its commands about the catalogs
(\`\\d\`, \`\\d+\`, \`\\dt\`, \`\\l\`, \`\\du\`, \`\\df\` … about 100 of them) print what they print on PostgreSQL.`,
  debianPackages: ['postgresql-client-15'],
  run: (context) =>
    runOnBothSides(context, {
      command: '/usr/bin/python3',
      arguments: [fileURLToPath(new URL('psql_checks.py', import.meta.url))],
    }),
};
