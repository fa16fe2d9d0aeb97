import { check, URL as DATABASE_URL, thrown, version } from '../../checks/check.mjs';
import { need, versionOf } from './load.mjs';

const pgp = need('pg-promise')();
version(`${versionOf('pg-promise')} with pg ${versionOf('pg')}`);
const db = pgp(DATABASE_URL);

await check('rows by sets of columns', async () => {
  await db.none(
    'CREATE TABLE items (id serial PRIMARY KEY, name text UNIQUE, amount numeric, extra jsonb, tags text[])',
  );
  const columns = new pgp.helpers.ColumnSet(
    ['name', 'amount', { name: 'extra', mod: ':json' }, { name: 'tags', cast: 'text[]' }],
    { table: 'items' },
  );
  const rows = [
    { name: "it's", amount: 1.5, extra: { k: 1 }, tags: ['a'] },
    { name: 'two', amount: null, extra: null, tags: [] },
  ];
  const made = await db.many(`${pgp.helpers.insert(rows, columns)} RETURNING *`);
  await db.none(
    `${pgp.helpers.update([{ name: 'two', amount: 9 }], ['?name', { name: 'amount', cast: 'numeric' }], 'items')} WHERE v.name = t.name`,
  );
  return [made, await db.any('SELECT name, amount FROM items ORDER BY id')];
});
await check('one, none, many', async () => [
  await db.one('SELECT $1:name FROM items WHERE id = $2', ['name', 1]),
  await db.oneOrNone('SELECT 1 FROM items WHERE id = $/id/', { id: 99 }),
  await db.map('SELECT id FROM items ORDER BY id', [], ({ id }) => id),
  await db.result('DELETE FROM items WHERE id = 99', [], ({ rowCount }) => rowCount),
  await db.multi('SELECT 1 AS a; SELECT 2 AS b'),
  await thrown(() => db.one('SELECT 1 WHERE false')).then(([, message]) => message),
  await db.any('SELECT * FROM items WHERE name IN ($1:csv) ORDER BY id', [["it's", 'two']]).then((rows) => rows.length),
  await db.func('abs', [-5]),
]);
await check('tasks, transactions and savepoints', async () => {
  const failed = await thrown(() =>
    db.tx((t) =>
      t.batch([t.none("INSERT INTO items (name) VALUES ('gone')"), t.none("INSERT INTO items (name) VALUES ('two')")]),
    ),
  );
  const mode = new pgp.txMode.TransactionMode({ tiLevel: pgp.txMode.isolationLevel.repeatableRead, readOnly: false });
  await db.tx({ mode }, async (t) => {
    await t.none("INSERT INTO items (name) VALUES ('kept')");
    await t.tx((inner) => inner.none('SELECT 1/0')).catch(() => {});
  });
  return [failed?.[1], await db.task((t) => t.map('SELECT name FROM items ORDER BY id', [], ({ name }) => name))];
});
await check('prepared and parameterized statements', async () => [
  await db.one(new pgp.PreparedStatement({ name: 'item', text: 'SELECT name FROM items WHERE id = $1', values: [1] })),
  await db.one(new pgp.ParameterizedQuery({ text: 'SELECT $1::int[] AS a', values: [[1, 2]] })),
]);
pgp.end();
