import { fileURLToPath } from 'node:url';
import type { ClientSuite } from '../../harness/client-suite.ts';
import { runOnBothSides } from '../../harness/run-program.ts';

interface NodeClient {
  /** Of the suite, and of its program. */
  readonly name: string;
  readonly client: string;
  /** From npm, with their versions. */
  readonly packages: readonly string[];
  readonly howToConnect: string;
  readonly tested: string;
  readonly limits?: readonly string[];
  readonly differences?: Readonly<Record<string, string>>;
}

const PG = 'pg@8.23.1';
const AT = "'postgres://postgres@127.0.0.1:5432/tidewire'";

const CLIENTS: readonly NodeClient[] = [
  {
    name: 'node_postgres',
    client: 'node-postgres',
    packages: [PG, 'pg-cursor@2.22.0', 'pg-query-stream@4.17.0', 'pg-copy-streams@7.0.0'],
    howToConnect: `\`new pg.Pool({ connectionString: ${AT} })\``,
    tested: `types in text and binary, prepared statements, errors with their fields, transactions and savepoints, pools, pg-cursor, pg-query-stream,
pg-copy-streams both ways, LISTEN, notices, timeouts and the settings of a connection.`,
  },
  {
    name: 'postgres_js',
    client: 'postgres.js',
    packages: ['postgres@3.4.9'],
    howToConnect: `\`postgres(${AT})\``,
    tested: `helpers and fragments, arrays and JSON, the types that it learns when it connects, transactions and savepoints, cursors, describe, COPY both
ways, LISTEN, cancelling.`,
  },
  {
    name: 'knex',
    client: 'Knex',
    packages: ['knex@3.3.0', PG, 'pg-query-stream@4.17.0'],
    howToConnect: `\`knex({ client: 'pg', connection: ${AT} })\``,
    tested:
      'the schema builder with enums, checks and comments, `columnInfo`, the query builder, upserts, transactions, streams, migrations, views.',
    limits: ['`whereJsonPath` needs SQL/JSON paths, which are not there; `whereJsonSupersetOf` works.'],
    differences: { 'JSON paths': 'there are no SQL/JSON paths' },
  },
  {
    name: 'kysely',
    client: 'Kysely',
    packages: ['kysely@0.28.18', PG, 'pg-cursor@2.22.0'],
    howToConnect: `\`new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: ${AT} }) }) })\``,
    tested:
      'the schema builder, introspection, queries with its JSON helpers, upserts, transactions and savepoints, streams, migrations.',
  },
  {
    name: 'drizzle',
    client: 'Drizzle',
    packages: ['drizzle-orm@0.45.4', 'drizzle-kit@0.31.11', PG],
    howToConnect: `\`drizzle(new pg.Pool({ connectionString: ${AT} }))\``,
    tested:
      '`drizzle-kit` generate, migrate, push (which then finds nothing to change) and pull; queries, relational queries, prepared statements, transactions.',
  },
  {
    name: 'typeorm',
    client: 'TypeORM',
    packages: ['typeorm@1.1.1', 'reflect-metadata@0.2.2', PG, 'pg-query-stream@4.17.0'],
    howToConnect: `\`new DataSource({ type: 'postgres', url: ${AT}, installExtensions: false })\``,
    tested:
      'synchronize (a second one finds nothing to change), what it reads of tables, repositories and relations, the query builder, locks, streams, migrations.',
  },
  {
    name: 'sequelize',
    client: 'Sequelize',
    packages: ['sequelize@6.37.8', PG],
    howToConnect: `\`new Sequelize(${AT})\``,
    tested:
      '`sync` and `sync({ alter: true })`, what it reads of tables, indexes and keys, models and associations, upserts, transactions and locks, changes of tables.',
    limits: [
      '`DataTypes.ENUM` makes its type in a `DO` block, and `findOrCreate` a function in PL/pgSQL, which are refused: use strings, and `findCreateFind`.',
    ],
    differences: {
      findOrCreate: 'Sequelize makes a function in PL/pgSQL for it, which is not there; `findCreateFind` does without',
      'an enum, which grows': 'Sequelize makes the type of an enum in a `DO` block of PL/pgSQL, which is not there',
    },
  },
  {
    name: 'prisma',
    client: "Prisma's driver adapter",
    packages: ['@prisma/adapter-pg@7.10.1', PG],
    howToConnect: `\`new PrismaPg({ connectionString: ${AT} })\``,
    tested:
      'the adapter without the generated client: scripts of migrations, rows with the types that Prisma gives them, statements as the client makes them, errors by their kinds, transactions.',
  },
  {
    name: 'mikro_orm',
    client: 'MikroORM',
    packages: ['@mikro-orm/core@6.6.16', '@mikro-orm/postgresql@6.6.16', '@mikro-orm/knex@6.6.16'],
    howToConnect: `\`MikroORM.init({ clientUrl: ${AT}, … })\``,
    tested:
      'the schema generator (an update finds nothing to change), entities with relations, the query builder, upserts, transactions and locks.',
  },
  {
    name: 'slonik',
    client: 'Slonik',
    packages: ['slonik@47.3.2', 'zod@3.25.76'],
    howToConnect: `\`createPool(${AT})\``,
    tested: 'its query methods, `unnest`, fragments of SQL, transactions one inside another, streams.',
  },
  {
    name: 'pg_promise',
    client: 'pg-promise',
    packages: ['pg-promise@12.7.1', PG],
    howToConnect: `\`pgp(${AT})\``,
    tested:
      'sets of columns for inserts and updates, its query methods, tasks, transactions and savepoints, prepared statements.',
  },
];

/** Clients that run in Node, with packages of npm in a folder of their own. */
export const NODE_CLIENTS: readonly ClientSuite[] = CLIENTS.map(({ packages, differences, ...words }): ClientSuite => {
  return {
    ...words,
    async run(context) {
      const folder = await context.workshop.npm(words.name, packages);
      return await runOnBothSides(context, {
        command: process.execPath,
        arguments: [fileURLToPath(new URL(`${words.name}.mjs`, import.meta.url)), folder],
        ...(differences === undefined ? {} : { differences }),
      });
    },
  };
});
