import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const { Kysely, Migrator, PostgresDialect, sql } = await load('kysely');
const pg = (await load('pg')).default;
const Cursor = (await load('pg-cursor')).default;
version(`${versionOf('kysely')} with pg ${versionOf('pg')}`);
const db = new Kysely({
  dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: DATABASE_URL, max: 3 }), cursor: Cursor }),
});

await check('tables by the schema builder', async () => {
  await db.schema.createType('species').asEnum(['cat', 'dog']).execute();
  await db.schema
    .createTable('person')
    .addColumn('id', 'serial', (column) => column.primaryKey())
    .addColumn('name', 'varchar(80)', (column) => column.notNull())
    .addColumn('born', 'date')
    .addColumn('made', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('score', 'numeric(8, 2)')
    .execute();
  await db.schema
    .createTable('pet')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('owner_id', 'integer', (column) => column.notNull().references('person.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', sql`species`)
    .addUniqueConstraint('pet_name_owner', ['owner_id', 'name'])
    .addCheckConstraint('pet_named', sql`name <> ''`)
    .execute();
  await db.schema.createIndex('pet_kind').on('pet').column('kind').execute();
  await db.schema
    .createView('cats')
    .as(db.selectFrom('pet').select(['id', 'name']).where('kind', '=', 'cat'))
    .execute();
});

await check('introspection', async () => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const schemas = await db.introspection.getSchemas();
  return [
    tables.filter(({ schema }) => schema === 'public').sort((a, b) => (a.name < b.name ? -1 : 1)),
    schemas
      .map(({ name }) => name)
      .filter((name) => ['public', 'information_schema', 'pg_catalog'].includes(name))
      .sort(),
  ];
});

await check('rows come and go', async () => {
  const people = await db
    .insertInto('person')
    .values([{ name: 'Ada', born: '1815-12-10', score: 1.25 }, { name: 'Bob' }])
    .returning(['id', 'name', 'score'])
    .execute();
  const pets = await db
    .insertInto('pet')
    .values([
      { owner_id: 1, name: 'Tom', kind: 'cat' },
      { owner_id: 1, name: 'Rex', kind: 'dog' },
      { owner_id: 2, name: 'Kit', kind: 'cat' },
    ])
    .returningAll()
    .execute();
  const updated = await db.updateTable('pet').set({ name: 'Max' }).where('name', '=', 'Rex').executeTakeFirst();
  const deleted = await db.deleteFrom('pet').where('name', '=', 'Kit').executeTakeFirst();
  return [people, pets, updated.numUpdatedRows, deleted.numDeletedRows];
});

await check('an upsert', () =>
  db
    .insertInto('pet')
    .values({ owner_id: 1, name: 'Tom', kind: 'dog' })
    .onConflict((conflict) =>
      conflict.columns(['owner_id', 'name']).doUpdateSet({ kind: (eb) => eb.ref('excluded.kind') }),
    )
    .returning(['id', 'kind'])
    .execute(),
);

await check('joins, groups, CTEs, windows and JSON', async () => {
  const { jsonArrayFrom, jsonObjectFrom } = await load('kysely/helpers/postgres');
  return [
    await db
      .selectFrom('person')
      .leftJoin('pet', 'pet.owner_id', 'person.id')
      .select(['person.name', (eb) => eb.fn.count('pet.id').as('n')])
      .groupBy('person.name')
      .orderBy('person.name')
      .execute(),
    await db
      .selectFrom('person')
      .select((eb) => [
        'name',
        jsonArrayFrom(
          eb
            .selectFrom('pet')
            .select(['pet.name', 'pet.kind'])
            .whereRef('pet.owner_id', '=', 'person.id')
            .orderBy('pet.name'),
        ).as('pets'),
      ])
      .orderBy('id')
      .execute(),
    await db
      .selectFrom('pet')
      .select((eb) => [
        'pet.name',
        jsonObjectFrom(eb.selectFrom('person').select('person.name').whereRef('person.id', '=', 'pet.owner_id')).as(
          'owner',
        ),
      ])
      .orderBy('pet.name')
      .execute(),
    await db
      .with('owners', (inner) => inner.selectFrom('pet').select('owner_id').distinct())
      .selectFrom('owners')
      .innerJoin('person', 'person.id', 'owners.owner_id')
      .selectAll('owners')
      .select(sql`row_number() over (order by person.id)`.as('place'))
      .execute(),
    await db.selectFrom('cats').selectAll().execute(),
    await db
      .selectNoFrom((eb) => [eb.val(3).as('three'), eb.exists(eb.selectFrom('pet').select('id')).as('some')])
      .execute(),
  ];
});

await check('transactions, with savepoints', async () => {
  const failed = await thrown(() =>
    db.transaction().execute(async (trx) => {
      await trx.insertInto('person').values({ name: 'gone' }).execute();
      await trx.insertInto('pet').values({ owner_id: 99, name: 'x' }).execute();
    }),
  );
  const controlled = await db.startTransaction().setIsolationLevel('repeatable read').execute();
  await controlled.insertInto('person').values({ name: 'kept' }).execute();
  const saved = await controlled.savepoint('s').execute();
  await saved.insertInto('person').values({ name: 'undone' }).execute();
  await saved.rollbackToSavepoint('s').execute();
  await controlled.commit().execute();
  return [failed, await db.selectFrom('person').select('name').orderBy('id').execute()];
});

await check('rows as a stream', async () => {
  const seen = [];
  for await (const row of db.selectFrom('person').select('name').orderBy('id').stream(2)) seen.push(row.name);
  return seen;
});

await check('migrations up and down', async () => {
  const migrations = {
    '001': {
      up: (k) => k.schema.createTable('extra').addColumn('a', 'integer').execute(),
      down: (k) => k.schema.dropTable('extra').execute(),
    },
    '002': {
      up: async (k) => {
        await k.schema
          .alterTable('extra')
          .addColumn('b', 'text', (column) => column.defaultTo('x'))
          .execute();
        await k.schema
          .alterTable('extra')
          .alterColumn('a', (column) => column.setDataType('bigint'))
          .execute();
        await k.schema.alterTable('extra').renameColumn('b', 'c').execute();
      },
      down: (k) => k.schema.alterTable('extra').dropColumn('c').execute(),
    },
  };
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const shown = ({ error, results }) => [error === undefined ? null : String(error), results];
  const up = shown(await migrator.migrateToLatest());
  const again = shown(await migrator.migrateToLatest());
  const down = shown(await migrator.migrateDown());
  const list = (await migrator.getMigrations()).map(({ name, executedAt }) => [name, executedAt !== undefined]);
  return [up, again, down, list];
});

await check('everything away', async () => {
  await db.schema.dropView('cats').execute();
  await db.schema.dropTable('pet').execute();
  await db.schema.dropTable('person').ifExists().execute();
  await db.schema.dropType('species').execute();
  return (await db.introspection.getTables()).filter(({ schema }) => schema === 'public').map(({ name }) => name);
});

await db.destroy();
