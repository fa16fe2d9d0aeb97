import { fileURLToPath } from 'node:url';
import type { ClientSuite } from '../../harness/client-suite.ts';
import { runOnBothSides } from '../../harness/run-program.ts';

export const dbdPg: ClientSuite = {
  name: 'dbd_pg',
  client: 'DBD::Pg',
  howToConnect: "`DBI->connect('dbi:Pg:dbname=tidewire;host=127.0.0.1', 'postgres')`",
  tested: `types, several ways to fetch, \`execute_array\`, \`last_insert_id\`, metadata of statements and of the database, statements prepared on
the server, savepoints, COPY both ways, notifications, asynchronous queries and cancelling.`,
  debianPackages: ['libdbd-pg-perl'],
  run: (context) =>
    runOnBothSides(context, {
      command: '/usr/bin/perl',
      arguments: [fileURLToPath(new URL('dbd_pg_checks.pl', import.meta.url))],
    }),
};
