import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClientSuite, SuiteContext, SuiteRun } from '../../harness/client-suite.ts';
import { Unavailable } from '../../harness/client-suite.ts';
import { CHECKS_FOLDER, runOnBothSides } from '../../harness/run-program.ts';

const DEBIAN_JAR = '/usr/share/java/postgresql.jar';
const NEW_DRIVER = 'org.postgresql:postgresql:42.7.14';

const HOW_TO_CONNECT = `\`jdbc:postgresql://127.0.0.1:5432/tidewire?user=postgres\`. So does everything on top of JDBC: DataGrip, DBeaver, Spark, Kafka
Connect, Hibernate, with the driver for PostgreSQL that they bring along.`;

const TESTED = `every method of \`DatabaseMetaData\`, types in text and in binary, time zones, batches (\`reWriteBatchedInserts\` too), generated keys,
statements that the server prepares after five executions and again when their table changed, the four query modes, fetch sizes,
scrolling and updatable result sets, savepoints, \`autosave\`, cancelling, \`CopyManager\`, notifications.`;

const DIFFERENCES: Readonly<Record<string, string>> = {
  'DatabaseMetaData.getSchemas()':
    'the schemas `tidewire` and `timescaledb_information` of the information views are listed too',
  'DatabaseMetaData.getTypeInfo()': 'only the types that are there are listed',
  'DatabaseMetaData.getFunctions(null, pg_catalog, date\\_%)': 'built-in functions come without remarks',
  'large objects': 'there are no large objects: keep such values in `bytea`',
};

/** The driver of Debian, and the newest of Maven Central. */
export const PGJDBC: readonly ClientSuite[] = [
  jdbcSuite('debian', ['libpostgresql-jdbc-java', 'default-jdk-headless'], async () => DEBIAN_JAR),
  jdbcSuite('maven', ['default-jdk-headless'], (context) => context.workshop.maven(NEW_DRIVER)),
];

function jdbcSuite(
  origin: string,
  debianPackages: readonly string[],
  driver: (context: SuiteContext) => Promise<string>,
): ClientSuite {
  return {
    name: `pgjdbc-${origin}`,
    client: 'pgjdbc',
    howToConnect: HOW_TO_CONNECT,
    tested: TESTED,
    debianPackages,
    async run(context): Promise<SuiteRun> {
      const jar = await driver(context);
      const classes = join(context.workshop.folder, `pgjdbc-${origin}`);
      await mkdir(classes, { recursive: true });
      await compile(classes, jar);
      return await runOnBothSides(context, {
        command: 'java',
        // These programs are over before the better compiler would pay.
        arguments: ['-XX:TieredStopAtLevel=1', '-Xshare:auto', '-cp', `${jar}:${classes}`, 'JdbcChecks'],
        differences: DIFFERENCES,
      });
    },
  };
}

async function compile(classes: string, jar: string): Promise<void> {
  const sources = [join(CHECKS_FOLDER, 'Check.java'), fileURLToPath(new URL('JdbcChecks.java', import.meta.url))];
  try {
    await promisify(execFile)('javac', ['-encoding', 'UTF-8', '-cp', jar, '-d', classes, ...sources]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Unavailable('there is no javac');
    throw error;
  }
}
