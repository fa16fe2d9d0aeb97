import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const Knex = (await load('knex')).default;
version(`${versionOf('knex')} with pg ${versionOf('pg')}`);
const knex = Knex({ client: 'pg', connection: DATABASE_URL, pool: { min: 0, max: 4 } });

await check('tables by the schema builder', async () => {
  await knex.schema.createTable('users', (table) => {
    table.increments('id');
    table.string('email', 120).notNullable().unique();
    table.boolean('active').defaultTo(true);
    table.jsonb('profile');
    table.decimal('credit', 12, 2).defaultTo(0);
    table.specificType('labels', 'text[]');
    table.timestamps(true, true);
    table.comment('who uses it');
  });
  await knex.schema.createTable('posts', (table) => {
    table.bigIncrements('id');
    table.integer('user_id').notNullable().references('id').inTable('users').onDelete('CASCADE').index();
    table.text('body').notNullable();
    table.enu('state', ['draft', 'live'], { useNative: true, enumName: 'post_state' }).defaultTo('draft');
    table.uuid('token');
    table.date('day');
    table.index(['user_id', 'day'], 'posts_by_day');
    table.check('length(body) > 0', [], 'posts_body_not_empty');
  });
  return [
    await knex.schema.hasTable('users'),
    await knex.schema.hasTable('nothing'),
    await knex.schema.hasColumn('posts', 'body'),
  ];
});

await check('what columns there are', () => knex('posts').columnInfo());

await check('tables are altered', async () => {
  await knex.schema.alterTable('posts', (table) => {
    table.integer('likes').notNullable().defaultTo(0);
    table.renameColumn('token', 'secret');
    table.string('body', 500).alter();
    table.setNullable('body');
    table.dropIndex(['user_id', 'day'], 'posts_by_day');
  });
  await knex.schema.table('posts', (table) => table.dropColumn('secret'));
  return await knex('posts').columnInfo();
});

await check('rows come and go', async () => {
  const users = await knex('users')
    .insert([
      { email: 'a@x', profile: { n: 1 }, labels: ['p', 'q'] },
      { email: 'b@x', credit: 12.5 },
    ])
    .returning(['id', 'email', 'active', 'credit', 'labels', 'profile']);
  const posts = await knex('posts').insert(
    [
      { user_id: 1, body: 'one' },
      { user_id: 1, body: 'two', state: 'live' },
      { user_id: 2, body: 'three' },
    ],
    'id',
  );
  const changed = await knex('posts').where({ user_id: 1 }).increment('likes', 3);
  const gone = await knex('posts').where('body', 'three').del();
  return [users, posts, changed, gone, await knex('posts').select('*').orderBy('id')];
});

await check('an upsert', async () => {
  await knex('users').insert({ email: 'a@x', credit: 99 }).onConflict('email').merge(['credit']);
  await knex('users').insert({ email: 'b@x', credit: 1 }).onConflict('email').ignore();
  return await knex('users').select('email', 'credit').orderBy('email');
});

await check('joins, groups, windows, CTEs and subqueries', async () => [
  await knex('users as u')
    .leftJoin('posts as p', 'p.user_id', 'u.id')
    .groupBy('u.email')
    .select('u.email')
    .count('p.id as n')
    .sum({ likes: 'p.likes' })
    .orderBy('u.email'),
  await knex
    .with('busy', knex('posts').select('user_id').count('* as n').groupBy('user_id'))
    .select('*')
    .from('busy')
    .where('n', '>', 1),
  await knex('posts')
    .select('id')
    .rowNumber('place', (over) => over.partitionBy('user_id').orderBy('id', 'desc'))
    .orderBy('id'),
  await knex('users')
    .whereIn('id', knex('posts').select('user_id'))
    .whereJsonSupersetOf('profile', { n: 1 })
    .pluck('email'),
  await knex('users').first('email').orderBy('id', 'desc'),
  await knex('users')
    .whereRaw('labels @> ?', [['p']])
    .pluck('id'),
  await knex.raw('SELECT ?::int + ?? AS n FROM users ORDER BY id LIMIT 1', [40, 'id']).then(({ rows }) => rows),
  await knex('users')
    .select('id')
    .whereILike('email', 'A%')
    .union(knex('users').select('id').where('id', 2))
    .orderBy('id'),
  await knex('users').distinctOn('active').orderBy(['active', 'id']).select('active', 'id'),
]);

await check('JSON paths', () => knex('users').whereJsonPath('profile', '$.n', '=', 1).pluck('email'));

await check('transactions', async () => {
  const failed = await thrown(() =>
    knex.transaction(async (trx) => {
      await trx('users').insert({ email: 'gone@x' });
      await trx('users').insert({ email: 'a@x' });
    }),
  );
  const kept = await knex.transaction(
    async (trx) => {
      await trx('users').insert({ email: 'kept@x' });
      await trx.transaction(async (inner) => inner('users').insert({ email: 'inner@x' })).catch(() => {});
      const locked = await trx('users').where('id', 1).forUpdate().select('id');
      return [locked, await trx('users').count('* as n')];
    },
    { isolationLevel: 'repeatable read' },
  );
  return [failed, kept];
});

await check('rows as a stream', async () => {
  const ids = [];
  for await (const { n } of knex.select('n').from(knex.raw('generate_series(1, 300) n')).stream()) ids.push(n);
  return [ids.length, ids[299]];
});

await check('migrations up, down and up again', async () => {
  const steps = {
    '001_first': [
      (k) => k.schema.createTable('things', (table) => table.increments()),
      (k) => k.schema.dropTable('things'),
    ],
    '002_second': [
      (k) => k.schema.alterTable('things', (table) => table.string('name')),
      (k) => k.schema.alterTable('things', (table) => table.dropColumn('name')),
    ],
  };
  const migrationSource = {
    getMigrations: async () => Object.keys(steps),
    getMigrationName: (name) => name,
    getMigration: async (name) => ({ up: steps[name][0], down: steps[name][1] }),
  };
  const config = { migrationSource };
  const [, up] = await knex.migrate.latest(config);
  const [, again] = await knex.migrate.latest(config);
  const [, down] = await knex.migrate.rollback(config);
  const isThere = await knex.schema.hasTable('things');
  await knex.migrate.up(config);
  const [done, pending] = await knex.migrate.list(config);
  return [up, again, down, isThere, done.map(({ name }) => name), pending, await knex.migrate.currentVersion(config)];
});

await check('views, and everything away', async () => {
  await knex.schema.createViewOrReplace('emails', (view) => view.as(knex('users').select('email')));
  const emails = await knex('emails').orderBy('email').pluck('email');
  await knex.schema.dropView('emails');
  await knex.schema.renameTable('posts', 'articles');
  await knex.schema.dropTableIfExists('articles');
  await knex.schema.dropTable('users');
  await knex.raw('DROP TYPE post_state');
  return [emails, await knex.schema.hasTable('articles')];
});

await knex.destroy();
