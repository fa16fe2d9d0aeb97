import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const { PrismaPg } = await load('@prisma/adapter-pg');
version(`@prisma/adapter-pg ${versionOf('@prisma/adapter-pg')} with pg ${versionOf('pg')}`);

const adapter = await new PrismaPg({ connectionString: DATABASE_URL }).connect();
const argument = (scalarType, arity = 'scalar') => ({ scalarType, arity });
const query = (sql, args = [], argTypes = []) => adapter.queryRaw({ sql, args, argTypes });
const execute = (sql, args = [], argTypes = []) => adapter.executeRaw({ sql, args, argTypes });

await check('a script makes the tables', async () => {
  await adapter.executeScript(`CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');
    CREATE TABLE "User" ("id" SERIAL NOT NULL, "email" TEXT NOT NULL, "role" "Role" NOT NULL DEFAULT 'USER', "made" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
      "balance" DECIMAL(65,30) NOT NULL DEFAULT 0, "data" JSONB, "big" BIGINT, "raw" BYTEA, "tags" TEXT[], CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
    CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
    CREATE TABLE "Post" ("id" UUID NOT NULL, "authorId" INTEGER NOT NULL, "at" TIMESTAMPTZ(6), "day" DATE, "hour" TIME(3), CONSTRAINT "Post_pkey" PRIMARY KEY ("id"));
    ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;`);
  return adapter.getConnectionInfo?.();
});
await check('rows with the types that Prisma gives them', async () => {
  const made = await query(
    'INSERT INTO "public"."User" ("email", "balance", "data", "big", "raw", "tags", "made") VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING "id", "email", "role"::text, "balance", "data", "big", "raw", "tags", "made"',
    ['a@x', '12.5', '{"k": [1]}', '9007199254740993', Buffer.from([1, 2]), ['x', 'y'], '2024-02-29T12:00:00.123Z'],
    [
      argument('string'),
      argument('decimal'),
      argument('json'),
      argument('bigint'),
      argument('bytes'),
      argument('string', 'list'),
      argument('datetime'),
    ],
  );
  const post = await query(
    'INSERT INTO "Post" VALUES ($1, $2, $3, $4, $5) RETURNING *',
    ['6ecd8c99-4036-403d-bf84-cf8400f67836', 1, '2024-02-29T12:00:00.000Z', '2024-02-29', '11:22:33'],
    [argument('uuid'), argument('int'), argument('datetime'), argument('string'), argument('string')],
  );
  return [made, post];
});
await check('a query as the client makes it', () =>
  query(
    `SELECT "t0"."id", "t0"."email", COALESCE("t1"."__prisma_data__", '[]'::jsonb) AS "posts" FROM "public"."User" AS "t0" LEFT JOIN LATERAL (
       SELECT COALESCE(JSONB_AGG("t2"."__prisma_data__"), '[]') AS "__prisma_data__" FROM (
         SELECT JSONB_BUILD_OBJECT('id', "t3"."id", 'day', "t3"."day") AS "__prisma_data__" FROM "public"."Post" AS "t3" WHERE "t0"."id" = "t3"."authorId") AS "t2") AS "t1" ON TRUE
      WHERE "t0"."email" ILIKE $1 AND "t0"."role" = CAST($2::text AS "public"."Role") ORDER BY "t0"."id" ASC LIMIT $3 OFFSET $4`,
    ['A%', 'USER', 10, 0],
    [argument('string'), argument('string'), argument('int'), argument('int')],
  ),
);
await check('counts of changed rows', async () => [
  await execute(
    'UPDATE "User" SET "role" = CAST($1::text AS "Role"), "big" = "big" + $2 WHERE 1=1',
    ['ADMIN', 1],
    [argument('string'), argument('int')],
  ),
  await execute('DELETE FROM "Post" WHERE "authorId" IN ($1, $2)', [1, 2], [argument('int'), argument('int')]),
]);
await check('an upsert', () =>
  query(
    'INSERT INTO "User" ("email") VALUES ($1) ON CONFLICT ("email") DO UPDATE SET "tags" = $2 RETURNING "id", "tags"',
    ['a@x', ['z']],
    [argument('string'), argument('string', 'list')],
  ),
);
await check('errors are told as Prisma names them', async () => {
  const cause = async (run) => {
    try {
      await run();
    } catch (error) {
      return [error.name, error.cause];
    }
    return null;
  };
  return [
    await cause(() => execute('INSERT INTO "User" ("email") VALUES ($1)', ['a@x'], [argument('string')])),
    await cause(() => execute('INSERT INTO "Post" ("id", "authorId") VALUES (gen_random_uuid(), 99)')),
    await cause(() => execute('INSERT INTO "User" ("email") VALUES (NULL)')),
    await cause(() => execute('SELECT * FROM "Nothing"')),
    await cause(() => execute('SELECT "nothing" FROM "User"')),
    await cause(() => execute('SELEC')),
  ];
});
await check('transactions', async () => {
  const lost = await adapter.startTransaction('REPEATABLE READ');
  await lost.executeRaw({
    sql: 'INSERT INTO "User" ("email") VALUES ($1)',
    args: ['gone@x'],
    argTypes: [argument('string')],
  });
  await lost.rollback();
  if (lost.options.usePhantomQuery === false) await adapter.executeScript('SELECT 1');
  const kept = await adapter.startTransaction();
  await kept.executeRaw({
    sql: 'INSERT INTO "User" ("email") VALUES ($1)',
    args: ['kept@x'],
    argTypes: [argument('string')],
  });
  await kept.executeRaw({ sql: 'COMMIT', args: [], argTypes: [] });
  await kept.commit();
  return (await query('SELECT "email" FROM "User" ORDER BY "id"')).rows;
});
await check('it ends', async () => {
  await adapter.dispose();
  return (await thrown(() => query('SELECT 1'))) !== null;
});
