import { fileURLToPath } from 'node:url';
import type { ClientSuite, SuiteContext, SuiteRun } from '../../harness/client-suite.ts';
import { runOnBothSides } from '../../harness/run-program.ts';
import { PYTHON_PACKAGES } from '../python-packages.ts';

const TWO_PHASE =
  '`PREPARE TRANSACTION` is refused, as PostgreSQL does by default, but with SQLSTATE 0A000 in place of 55000';

interface Driver {
  readonly name: string;
  readonly client: string;
  readonly debianPackage: string;
  readonly file: string;
  readonly howToConnect: string;
  readonly tested: string;
  readonly differences: Readonly<Record<string, string>>;
}

const DRIVERS: readonly Driver[] = [
  {
    name: 'psycopg2',
    client: 'psycopg2',
    debianPackage: 'python3-psycopg2',
    file: 'psycopg2_checks.py',
    howToConnect: "`psycopg2.connect('postgresql://postgres@127.0.0.1:5432/tidewire')`",
    tested: `adaptation of types, \`execute_values\` and \`execute_batch\`, cursors of the client and of the server, COPY both ways, errors with
their fields, transactions and savepoints, notifications and notices, cancelling, asynchronous connections, pools.`,
    differences: {
      'large objects': 'there are no large objects: keep such values in `bytea`',
      'two-phase transactions are refused where prepared transactions are off': TWO_PHASE,
    },
  },
  {
    name: 'psycopg',
    client: 'psycopg 3',
    debianPackage: 'python3-psycopg',
    file: 'psycopg_checks.py',
    howToConnect: "`psycopg.connect('postgresql://postgres@127.0.0.1:5432/tidewire')`",
    tested: `types in text and binary, both ways; prepared statements, \`executemany\`, server-side cursors, \`stream\`, COPY both ways in text,
rows and binary; pipelines with an error in the middle, nested transactions, notifications, cancelling, asynchronous connections.`,
    differences: {},
  },
  {
    name: 'asyncpg',
    client: 'asyncpg',
    debianPackage: 'python3-asyncpg',
    file: 'asyncpg_checks.py',
    howToConnect: "`await asyncpg.connect('postgresql://postgres@127.0.0.1:5432/tidewire')`",
    tested: `types in binary, its introspection of types, prepared statements, cursors, \`executemany\`, \`copy_records_to_table\` and COPY to and
from files, listeners, transactions, cancelling by timeout, pools with their resetting.`,
    differences: { 'an array over rows of a table': 'such an array is a `record[]`, whose items come as tuples' },
  },
];

/** Each driver twice: as Debian has it, and as PyPI has it now. */
export const PYTHON_DRIVERS: readonly ClientSuite[] = DRIVERS.flatMap((driver) => [
  driverSuite(driver, 'debian'),
  driverSuite(driver, 'pypi'),
]);

function driverSuite(driver: Driver, origin: 'debian' | 'pypi'): ClientSuite {
  const { name, client, howToConnect, tested } = driver;
  return {
    name: `${name}-${origin}`,
    client,
    howToConnect,
    tested,
    debianPackages: [origin === 'debian' ? driver.debianPackage : 'python3-venv'],
    async run(context: SuiteContext): Promise<SuiteRun> {
      const python =
        origin === 'debian'
          ? '/usr/bin/python3'
          : await context.workshop.python('sqlalchemy-2.1', PYTHON_PACKAGES['2.1']);
      return await runOnBothSides(context, {
        command: python,
        arguments: [fileURLToPath(new URL(driver.file, import.meta.url))],
        differences: driver.differences,
      });
    },
  };
}

/** What is only in PyPI, or hardly anything in Debian's version. */
export const PYTHON_TOOLS: readonly ClientSuite[] = [
  {
    name: 'pg8000',
    client: 'pg8000',
    howToConnect: "`pg8000.native.Connection('postgres', host='127.0.0.1', database='tidewire')`",
    tested: 'types, prepared statements, the DB-API with COPY and transactions, notifications.',
    debianPackages: ['python3-venv'],
    run: (context) => runFromPypi(context, '2.1', 'pg8000_checks.py'),
  },
  {
    name: 'pandas',
    client: 'pandas',
    howToConnect:
      "`pandas.read_sql(query, sqlalchemy.create_engine('postgresql+psycopg2://postgres@127.0.0.1/tidewire'))`",
    tested: '`to_sql` in its several ways, `read_sql` with tables, queries, parameters and portions.',
    debianPackages: ['python3-venv'],
    run: (context) => runFromPypi(context, '2.0', 'pandas_checks.py'),
  },
  {
    name: 'alembic',
    client: 'Alembic',
    howToConnect: 'As with SQLAlchemy: `sqlalchemy.url = postgresql+psycopg2://postgres@127.0.0.1/tidewire`.',
    tested: `upgrade, downgrade, autogenerate that finds nothing where nothing differs and otherwise writes what makes it equal, the SQL of
offline migrations.`,
    debianPackages: ['python3-venv'],
    run: (context) => runFromPypi(context, '2.0', '../sqlalchemy/alembic_checks.py'),
  },
  {
    name: 'pgcli',
    client: 'pgcli',
    howToConnect: '`pgcli -h 127.0.0.1 -u postgres tidewire`',
    tested: 'statements, the queries by which it completes names, completion, its backslash commands, errors.',
    debianPackages: ['pgcli'],
    run: (context) =>
      runOnBothSides(context, {
        command: '/usr/bin/python3',
        arguments: [fileURLToPath(new URL('../pgcli/pgcli_checks.py', import.meta.url))],
      }),
  },
];

async function runFromPypi(
  context: SuiteContext,
  version: keyof typeof PYTHON_PACKAGES,
  file: string,
): Promise<SuiteRun> {
  const command = await context.workshop.python(`sqlalchemy-${version}`, PYTHON_PACKAGES[version]);
  return await runOnBothSides(context, { command, arguments: [fileURLToPath(new URL(file, import.meta.url))] });
}
