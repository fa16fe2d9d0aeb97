import { check, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

await load('reflect-metadata');
const { DataSource, EntitySchema, In, LessThan, TableColumn, Table, TableForeignKey, TableIndex } =
  await load('typeorm');
version(`${versionOf('typeorm')} with pg ${versionOf('pg')}`);

const User = new EntitySchema({
  name: 'User',
  tableName: 'users',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    email: { type: 'varchar', length: 120, unique: true },
    role: { type: 'enum', enum: ['reader', 'writer'], default: 'reader' },
    profile: { type: 'jsonb', nullable: true },
    labels: { type: 'text', array: true, nullable: true },
    credit: { type: 'numeric', precision: 12, scale: 2, default: 0 },
    made: { type: 'timestamptz', createDate: true },
    changed: { type: 'timestamptz', updateDate: true },
    version: { type: 'int', version: true },
  },
  relations: {
    posts: { type: 'one-to-many', target: 'Post', inverseSide: 'author' },
    groups: { type: 'many-to-many', target: 'Group', joinTable: true },
  },
  indices: [{ name: 'users_role', columns: ['role', 'made'] }],
  checks: [{ name: 'users_credit', expression: '"credit" >= 0' }],
});
const Post = new EntitySchema({
  name: 'Post',
  tableName: 'posts',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    body: { type: 'text', comment: 'what it says' },
    day: { type: 'date', nullable: true },
    likes: { type: 'smallint', default: 0 },
    weight: { type: 'double precision', nullable: true },
    secret: { type: 'bytea', nullable: true },
  },
  relations: {
    author: {
      type: 'many-to-one',
      target: 'User',
      inverseSide: 'posts',
      onDelete: 'CASCADE',
      nullable: false,
      joinColumn: { name: 'author_id' },
    },
  },
});
const Group = new EntitySchema({
  name: 'Group',
  tableName: 'groups',
  columns: { code: { type: 'varchar', primary: true, length: 10 }, title: { type: 'text', default: 'none' } },
});

const options = {
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [User, Post, Group],
  installExtensions: false,
  migrationsTableName: 'migrations',
};
let source = new DataSource(options);

await check('it connects', async () => {
  await source.initialize();
  return source.isInitialized;
});

const statementsOf = async () => (await source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);

await check('what synchronize would do', statementsOf);

await check('synchronize, after which there is nothing to change', async () => {
  await source.synchronize();
  const left = await statementsOf();
  await source.synchronize();
  return left;
});

await check('what it reads of the tables', async () => {
  const runner = source.createQueryRunner();
  const tables = await runner.getTables(['users', 'posts', 'groups']);
  await runner.release();
  return tables
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((table) => ({
      name: table.name,
      columns: table.columns.map(
        ({
          name,
          type,
          length,
          isNullable,
          isUnique,
          isPrimary,
          isGenerated,
          default: value,
          enum: labels,
          isArray,
          comment,
          precision,
          scale,
        }) => [
          name,
          type,
          length,
          isNullable,
          isUnique,
          isPrimary,
          isGenerated,
          value,
          labels,
          isArray,
          comment,
          precision,
          scale,
        ],
      ),
      indices: table.indices.map(({ name, columnNames, isUnique }) => [name, columnNames, isUnique]),
      uniques: table.uniques.map(({ columnNames }) => columnNames),
      checks: table.checks.map(({ name, expression }) => [name, expression]),
      foreignKeys: table.foreignKeys.map(({ columnNames, referencedTableName, referencedColumnNames, onDelete }) => [
        columnNames,
        referencedTableName,
        referencedColumnNames,
        onDelete,
      ]),
    }));
});

const plainly = ({ made, changed, ...rest }) => ({
  ...rest,
  made: made instanceof Date,
  changed: changed instanceof Date,
});

await check('entities are saved, found, changed and removed', async () => {
  const users = source.getRepository('User');
  const posts = source.getRepository('Post');
  const ada = await users.save({
    email: 'a@x',
    profile: { n: [1] },
    labels: ['p'],
    groups: [await source.getRepository('Group').save({ code: 'g1' })],
  });
  await users.save([{ email: 'b@x', role: 'writer', credit: '12.50' }, { email: 'c@x' }]);
  await posts.save([
    { author: ada, body: 'one', day: '2024-02-29', secret: Buffer.from([1, 2]) },
    { author: ada, body: 'two', weight: 0.5 },
  ]);
  const found = await users.find({
    relations: { posts: true, groups: true },
    where: { email: In(['a@x', 'b@x']) },
    order: { id: 'ASC', posts: { id: 'ASC' } },
  });
  ada.email = 'ada@x';
  await users.save(ada);
  const removed = await users.delete({ email: 'c@x' });
  return [
    found.map((user) => plainly(user)),
    (await users.findOneByOrFail({ id: 1 })).version,
    removed.affected,
    await users.countBy({ id: LessThan(10) }),
  ];
});

await check('the query builder', async () => {
  const users = source.getRepository('User');
  return [
    await users
      .createQueryBuilder('u')
      .leftJoin('u.posts', 'p')
      .select('u.email', 'email')
      .addSelect('count(p.id)', 'n')
      .groupBy('u.email')
      .orderBy('u.email')
      .getRawMany(),
    await users
      .createQueryBuilder('u')
      .leftJoinAndSelect('u.posts', 'p')
      .orderBy('u.id')
      .take(1)
      .skip(0)
      .getManyAndCount()
      .then(([rows, count]) => [rows.map(({ email, posts }) => [email, posts.length]), count]),
    await source
      .createQueryBuilder()
      .insert()
      .into('User')
      .values({ email: 'ada@x', credit: 7 })
      .orUpdate(['credit'], ['email'])
      .returning(['id', 'credit'])
      .execute()
      .then(({ raw }) => raw.map(({ id, credit }) => [id, credit])),
    await source
      .createQueryBuilder()
      .update('Post')
      .set({ likes: () => 'likes + 2' })
      .where('body = :body', { body: 'one' })
      .returning('likes')
      .execute()
      .then(({ raw, affected }) => [raw, affected]),
    await users.increment({ email: 'b@x' }, 'version', 5).then(({ affected }) => affected),
  ];
});

await check('transactions and locks', async () => {
  const failed = await thrown(() =>
    source.transaction('REPEATABLE READ', async (manager) => {
      await manager.getRepository('User').insert({ email: 'gone@x' });
      await manager.getRepository('User').insert({ email: 'b@x' });
    }),
  );
  const locked = await source.transaction(async (manager) => {
    await manager.transaction(async (inner) => inner.getRepository('Group').save({ code: 'g2' }));
    return (await manager.getRepository('User').findOne({ where: { id: 1 }, lock: { mode: 'pessimistic_write' } }))
      .email;
  });
  return [failed, locked, await source.getRepository('Group').find({ order: { code: 'ASC' } })];
});

await check('rows as a stream', async () => {
  const stream = await source
    .getRepository('User')
    .createQueryBuilder('u')
    .select('u.email', 'email')
    .orderBy('u.id')
    .stream();
  const seen = [];
  for await (const { email } of stream) seen.push(email);
  return seen;
});

class First1700000000000 {
  async up(runner) {
    await runner.createTable(
      new Table({
        name: 'extra',
        columns: [
          { name: 'id', type: 'int', isPrimary: true },
          { name: 'owner', type: 'int', isNullable: true },
        ],
      }),
      true,
    );
    await runner.createForeignKey(
      'extra',
      new TableForeignKey({
        name: 'extra_owner',
        columnNames: ['owner'],
        referencedTableName: 'users',
        referencedColumnNames: ['id'],
      }),
    );
  }
  async down(runner) {
    await runner.dropTable('extra');
  }
}
class Second1700000000001 {
  async up(runner) {
    await runner.addColumn('extra', new TableColumn({ name: 'note', type: 'varchar', length: '20', default: "'x'" }));
    await runner.createIndex('extra', new TableIndex({ name: 'extra_note', columnNames: ['note'] }));
    await runner.renameColumn('extra', 'note', 'remark');
    await runner.changeColumn(
      'extra',
      'remark',
      new TableColumn({ name: 'remark', type: 'varchar', length: '40', isNullable: true }),
    );
  }
  async down(runner) {
    await runner.dropColumn('extra', 'remark');
  }
}

await check('migrations up and down', async () => {
  await source.destroy();
  source = new DataSource({ ...options, migrations: [First1700000000000, Second1700000000001] });
  await source.initialize();
  const up = (await source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
  const runner = source.createQueryRunner();
  const columns = (await runner.getTable('extra')).columns.map(({ name, type, length, default: value }) => [
    name,
    type,
    length,
    value,
  ]);
  await runner.release();
  await source.undoLastMigration();
  const pending = await source.showMigrations();
  await source.undoLastMigration();
  return [up, columns, pending];
});

await check('everything away', async () => {
  await source.dropDatabase();
  const rows = await source.query("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace");
  await source.destroy();
  return rows;
});
