import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { load, versionOf } from './load.mjs';

const { EntitySchema, LockMode, MikroORM, raw } = await load('@mikro-orm/postgresql');
version(`${versionOf('@mikro-orm/core')} with pg ${versionOf('pg')}`);

const Author = new EntitySchema({
  name: 'Author',
  tableName: 'author',
  properties: {
    id: { type: 'number', primary: true, autoincrement: true },
    email: { type: 'string', length: 120, unique: true },
    role: { enum: true, items: ['reader', 'writer'], default: 'reader', type: 'string' },
    profile: { type: 'json', nullable: true },
    labels: { type: 'array', nullable: true },
    credit: { type: 'decimal', precision: 12, scale: 2, default: 0 },
    made: { type: 'datetime', defaultRaw: 'now()', columnType: 'timestamptz(3)' },
    books: { kind: '1:m', entity: 'Book', mappedBy: 'author', orderBy: { id: 'asc' } },
  },
  indexes: [{ name: 'author_role', properties: ['role', 'made'] }],
});
const Book = new EntitySchema({
  name: 'Book',
  tableName: 'book',
  properties: {
    id: { type: 'bigint', primary: true },
    title: { type: 'text', comment: 'what it is called' },
    day: { type: 'date', nullable: true },
    token: { type: 'uuid', nullable: true },
    raw: { type: 'blob', nullable: true },
    author: { kind: 'm:1', entity: 'Author', deleteRule: 'cascade' },
    tags: { kind: 'm:n', entity: 'Tag', owner: true },
  },
});
const Tag = new EntitySchema({
  name: 'Tag',
  tableName: 'tag',
  properties: { code: { type: 'string', primary: true, length: 10 }, title: { type: 'text', default: 'none' } },
});

const { pathname } = new URL(DATABASE_URL);
const orm = await MikroORM.init({
  entities: [Author, Book, Tag],
  clientUrl: DATABASE_URL,
  dbName: pathname.slice(1),
  debug: false,
  discovery: { warnWhenNoEntities: false },
  logger: () => {},
});

await check('the schema that it would make', () => orm.schema.getCreateSchemaSQL());
await check('the schema is made, after which there is nothing to change', async () => {
  await orm.schema.createSchema();
  return await orm.schema.getUpdateSchemaSQL();
});
await check('the database is there', () => orm.isConnected());
await check('entities are persisted, found and changed', async () => {
  const em = orm.em.fork();
  const author = em.create('Author', { email: 'a@x', profile: { n: [1] }, labels: ['p', 'q'] });
  em.create('Book', {
    title: 'one',
    day: '2024-02-29',
    token: '6ecd8c99-4036-403d-bf84-cf8400f67836',
    raw: Buffer.from([1, 2]),
    author,
    tags: [em.create('Tag', { code: 't' })],
  });
  em.create('Book', { title: 'two', author });
  em.create('Author', { email: 'b@x', role: 'writer', credit: '12.50' });
  await em.flush();
  const other = orm.em.fork();
  const found = await other.findOneOrFail('Author', { email: 'a@x' }, { populate: ['books', 'books.tags'] });
  found.credit = '3.00';
  found.books[0].title = 'changed';
  await other.flush();
  const all = await orm.em.fork().find('Book', {}, { orderBy: { id: 'asc' }, populate: ['author'] });
  return [
    found.books
      .getItems()
      .map(({ id, title, day, token, tags }) => [
        id,
        title,
        day,
        token,
        tags.getItems().map(({ code, title: name }) => [code, name]),
      ]),
    all.map(({ id, title, raw, author: { email, credit, profile, labels } }) => [
      id,
      title,
      raw,
      email,
      credit,
      profile,
      labels,
    ]),
  ];
});
await check('the query builder', async () => {
  const em = orm.em.fork();
  return [
    await em
      .createQueryBuilder('Author', 'a')
      .select(['a.email', raw('count(b.id) as n')])
      .leftJoin('a.books', 'b')
      .groupBy('a.email')
      .orderBy({ email: 'asc' })
      .execute(),
    await em
      .createQueryBuilder('Author')
      .insert({ email: 'b@x', credit: 9 })
      .onConflict('email')
      .merge(['credit'])
      .returning(['id', 'credit'])
      .execute('all'),
    await em.nativeUpdate('Author', { email: { $like: 'b%' } }, { role: 'reader' }),
    await em
      .findAndCount('Author', { books: { title: 'two' } }, { limit: 5 })
      .then(([rows, count]) => [rows.map(({ email }) => email), count]),
    await em.upsert('Tag', { code: 't', title: 'changed' }).then(({ title }) => title),
    await em.getConnection().execute('SELECT ? AS a', ['x']),
    await em.nativeDelete('Author', { email: 'none' }),
  ];
});
await check('transactions and locks', async () => {
  const failed = await thrown(() =>
    orm.em.fork().transactional(async (em) => {
      await em.insert('Author', { email: 'gone@x' });
      await em.insert('Author', { email: 'a@x' });
    }),
  );
  const locked = await orm.em.fork().transactional(async (em) => {
    const { email } = await em.findOneOrFail('Author', { id: 1 }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    await em.transactional((inner) => inner.insert('Tag', { code: 'inner' }));
    return email;
  });
  return [
    failed?.[0],
    locked,
    await orm.em.fork().count('Author', { email: 'gone@x' }),
    await orm.em.fork().count('Tag'),
  ];
});
await check('everything away', async () => {
  await orm.schema.dropSchema();
  return await orm.em
    .fork()
    .getConnection()
    .execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace");
});
await orm.close(true);
