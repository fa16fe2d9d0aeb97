import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const folder = process.argv[2];
const pg = (await load('pg')).default;
const { drizzle } = await load('drizzle-orm/node-postgres');
const { and, asc, avg, count, desc, eq, gt, inArray, relations, sql } = await load('drizzle-orm');
const core = await load('drizzle-orm/pg-core');
version(`${versionOf('drizzle-orm')} with drizzle-kit ${versionOf('drizzle-kit')} and pg ${versionOf('pg')}`);

const role = core.pgEnum('role', ['reader', 'writer']);
const users = core.pgTable(
  'users',
  {
    id: core.serial('id').primaryKey(),
    email: core.varchar('email', { length: 120 }).notNull().unique(),
    role: role('role').default('reader'),
    profile: core.jsonb('profile'),
    labels: core.text('labels').array(),
    made: core.timestamp('made', { withTimezone: true }).defaultNow().notNull(),
    credit: core.numeric('credit', { precision: 12, scale: 2 }).default('0'),
  },
  (table) => [core.index('users_made').on(table.made.desc()), core.check('users_credit', sql`${table.credit} >= 0`)],
);
const posts = core.pgTable('posts', {
  id: core.bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  author: core
    .integer('author')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  body: core.text('body').notNull(),
  day: core.date('day'),
  token: core.uuid('token').defaultRandom(),
});
const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));
const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.author], references: [users.id] }),
}));

// The kit reads a schema from a file, and finds the packages beside it.
symlinkSync(join(folder, 'node_modules'), 'node_modules');
writeFileSync('package.json', '{"type":"module"}');
writeFileSync(
  'schema.ts',
  `import { bigint, check, date, index, integer, jsonb, numeric, pgEnum, pgTable, serial, text, timestamp, uuid, varchar } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
export const role = pgEnum('role', ['reader', 'writer']);
export const users = pgTable('users', {
  id: serial('id').primaryKey(),
  email: varchar('email', { length: 120 }).notNull().unique(),
  role: role('role').default('reader'),
  profile: jsonb('profile'),
  labels: text('labels').array(),
  made: timestamp('made', { withTimezone: true }).defaultNow().notNull(),
  credit: numeric('credit', { precision: 12, scale: 2 }).default('0'),
}, (table) => [index('users_made').on(table.made.desc()), check('users_credit', sql\`\${table.credit} >= 0\`)]);
export const posts = pgTable('posts', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  author: integer('author').notNull().references(() => users.id, { onDelete: 'cascade' }),
  body: text('body').notNull(),
  day: date('day'),
  token: uuid('token').defaultRandom(),
});
`,
);
writeFileSync(
  'drizzle.config.ts',
  `export default { dialect: 'postgresql', schema: './schema.ts', out: './out', dbCredentials: { url: ${JSON.stringify(DATABASE_URL)} } };\n`,
);

function kit(...args) {
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(folder, 'node_modules/drizzle-kit/bin.cjs'), ...args],
    {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
  if (status !== 0) throw new Error(`${error ?? ''}${stdout}${stderr}`.slice(-1500));
  return stdout;
}

/** What a file that the kit wrote declares; the tables come in no order. */
function parts(file) {
  const declarations = readFileSync(file, 'utf8').replace(/^import .*$/gm, (line) =>
    line
      .split(/[ ,{}]+/)
      .sort()
      .join(' '),
  );
  return declarations
    .split(/\n(?=export )/)
    .map((text) => text.trim())
    .sort();
}

await check('drizzle-kit generate and migrate', async () => {
  kit('generate', '--name', 'first');
  kit('migrate');
  return readFileSync('out/0000_first.sql', 'utf8');
});

await check('drizzle-kit push finds nothing to change', async () => /No changes detected/.test(kit('push', '--force')));

await check('drizzle-kit pull writes the schema that was made', async () => {
  kit('pull', '--dialect', 'postgresql', '--url', DATABASE_URL, '--out', './pulled');
  return [parts('pulled/schema.ts'), parts('pulled/relations.ts')];
});

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 3 });
const db = drizzle(pool, { schema: { users, posts, usersRelations, postsRelations } });

await check('rows come and go', async () => {
  const made = await db
    .insert(users)
    .values([
      { email: 'a@x', profile: { n: 1 }, labels: ['p', 'q'] },
      { email: 'b@x', role: 'writer', credit: '12.50' },
    ])
    .returning({
      id: users.id,
      email: users.email,
      role: users.role,
      credit: users.credit,
      labels: users.labels,
      profile: users.profile,
    });
  await db.insert(posts).values([
    { author: 1, body: 'one', day: '2024-02-29' },
    { author: 1, body: 'two' },
    { author: 2, body: 'three' },
  ]);
  const changed = await db
    .update(posts)
    .set({ body: sql`upper(${posts.body})` })
    .where(eq(posts.author, 1))
    .returning({ body: posts.body });
  const gone = await db.delete(posts).where(eq(posts.body, 'three'));
  return [made, changed, gone.rowCount];
});

await check('an upsert', () =>
  db
    .insert(users)
    .values({ email: 'a@x', credit: '5' })
    .onConflictDoUpdate({ target: users.email, set: { credit: sql`excluded.credit` } })
    .returning({ id: users.id, credit: users.credit }),
);

await check('queries', async () => {
  const busy = db.$with('busy').as(
    db
      .select({ author: posts.author, n: count().as('n') })
      .from(posts)
      .groupBy(posts.author),
  );
  return [
    await db
      .select({ email: users.email, n: count(posts.id) })
      .from(users)
      .leftJoin(posts, eq(posts.author, users.id))
      .groupBy(users.email)
      .orderBy(asc(users.email)),
    await db.with(busy).select().from(busy).where(gt(busy.n, 1)),
    await db
      .select({ mean: avg(users.credit) })
      .from(users)
      .where(and(inArray(users.role, ['reader', 'writer']), sql`${users.labels} is null`)),
    await db.selectDistinct({ author: posts.author }).from(posts).orderBy(desc(posts.author)).limit(1).offset(0),
    await db.$count(users, eq(users.role, 'writer')),
    (await db.execute(sql`select ${1}::int + 1 as two`)).rows,
  ];
});

await check('relational queries', () =>
  db.query.users.findMany({
    columns: { email: true },
    with: {
      posts: {
        columns: { body: true, day: true },
        orderBy: (post, { asc: up }) => [up(post.id)],
        with: { author: { columns: { id: true } } },
      },
    },
    orderBy: (user, { asc: up }) => [up(user.id)],
  }),
);

await check('prepared statements', async () => {
  const byEmail = db
    .select({ id: users.id })
    .from(users)
    .where(eq(users.email, sql.placeholder('email')))
    .prepare('by_email');
  return [await byEmail.execute({ email: 'b@x' }), await byEmail.execute({ email: 'none' })];
});

await check('transactions, with a savepoint', async () => {
  const failed = await thrown(() =>
    db.transaction(async (tx) => {
      await tx.insert(users).values({ email: 'gone@x' });
      tx.rollback();
    }),
  );
  await db.transaction(
    async (tx) => {
      await tx.insert(users).values({ email: 'kept@x' });
      await tx
        .transaction(async (inner) => {
          await inner.insert(users).values({ email: 'kept@x' });
        })
        .catch(() => {});
    },
    { isolationLevel: 'repeatable read', accessMode: 'read write' },
  );
  return [failed, await db.select({ email: users.email }).from(users).orderBy(users.id)];
});

await check('introspection of another schema', async () => {
  await db.execute(
    sql.raw(
      'CREATE SCHEMA lab; CREATE TABLE lab.notes (id serial PRIMARY KEY, body text DEFAULT $$x$$, CHECK (id > 0)); CREATE VIEW lab.bodies AS SELECT body FROM lab.notes',
    ),
  );
  writeFileSync(
    'lab.config.ts',
    `export default { dialect: 'postgresql', out: './lab', schemaFilter: ['lab'], dbCredentials: { url: ${JSON.stringify(DATABASE_URL)} } };\n`,
  );
  kit('pull', '--config', 'lab.config.ts');
  return parts('lab/schema.ts');
});

await pool.end();
