import { fileURLToPath } from 'node:url';
import type { ClientSuite, SuiteContext, SuiteRun } from '../../harness/client-suite.ts';
import { runOnBothSides } from '../../harness/run-program.ts';
import { PYTHON_PACKAGES } from '../python-packages.ts';

const HOW_TO_CONNECT = `\`create_engine('postgresql+psycopg2://postgres@127.0.0.1:5432/tidewire')\`, or \`postgresql+psycopg://\` and
\`postgresql+asyncpg://\` with these drivers. It is SQLAlchemy's own PostgreSQL dialect; no other is needed.`;

const TESTED = `\`create_all\` and \`drop_all\`, reflection of a schema with tables, keys, indexes, defaults, comments, views and sequences
(equal to its reflection of PostgreSQL), the ORM with identity keys, relationships and bulk inserts, \`ON CONFLICT\`, types,
isolation levels, savepoints, two kinds of streaming results.`;

/** What a user meets. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'reflects: schema names':
    'the schemas `tidewire` and `timescaledb_information` of the information views are listed too',
  'a table without columns': 'a table needs a column',
  'transactions: two-phase is refused where prepared transactions are off':
    '`PREPARE TRANSACTION` is refused, as PostgreSQL does by default, but with SQLSTATE 0A000 in place of 55000',
  'an index on an expression': 'an index is over columns',
};

const program = (python: string, name: string) => ({
  command: python,
  arguments: [fileURLToPath(new URL(name, import.meta.url))],
  differences: DIFFERENCES,
});

/** What Debian has: the one that many installations still run. */
export const sqlalchemyDebian: ClientSuite = {
  name: 'sqlalchemy-debian',
  client: 'SQLAlchemy',
  howToConnect: HOW_TO_CONNECT,
  tested: TESTED,
  debianPackages: ['python3-sqlalchemy', 'python3-psycopg2'],
  async run(context): Promise<SuiteRun> {
    return await runOnBothSides(context, program('/usr/bin/python3', 'sqlalchemy_checks.py'));
  },
};

/** The 2.x of today, with each of three drivers. */
export const sqlalchemyNew: readonly ClientSuite[] = [
  newSuite('2.0', 'psycopg2'),
  newSuite('2.1', 'psycopg'),
  newSuite('2.1', 'asyncpg'),
];

function newSuite(version: keyof typeof PYTHON_PACKAGES, driver: string): ClientSuite {
  return {
    name: `sqlalchemy-${version}-${driver}`,
    client: 'SQLAlchemy',
    howToConnect: HOW_TO_CONNECT,
    tested: TESTED,
    debianPackages: ['python3-venv'],
    async run(context: SuiteContext): Promise<SuiteRun> {
      const python = await context.workshop.python(`sqlalchemy-${version}`, PYTHON_PACKAGES[version]);
      return await runOnBothSides(context, {
        ...program(python, 'sqlalchemy_checks.py'),
        environment: { SQLALCHEMY_DRIVER: driver },
      });
    },
  };
}
