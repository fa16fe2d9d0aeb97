// Random tables with foreign keys and random statements over them, as fast-check draws them.
import fc from 'fast-check';

const ACTIONS = ['NO ACTION', 'RESTRICT', 'CASCADE', 'SET NULL', 'SET DEFAULT'];
/** Few values, so that keys meet. */
const id = fc.integer({ min: 0, max: 5 });
const idOrNull = fc.option(id, { freq: 3 }).map((value) => value ?? 'NULL');
const action = fc.constantFrom(...ACTIONS);
const deferral = fc.constantFrom('', '', ' DEFERRABLE', ' DEFERRABLE INITIALLY DEFERRED');
const reference = fc.record({ onDelete: action, onUpdate: action, deferral });

function written(target, { onDelete, onUpdate, deferral: when }) {
  return `REFERENCES ${target} ON DELETE ${onDelete} ON UPDATE ${onUpdate}${when}`;
}

/** A parent with two keys, a child of both, a grandchild of each of them, and a tree. */
const tables = fc
  .record({
    childToParent: reference,
    childToCode: reference,
    grandchildToChild: reference,
    grandchildToParent: reference,
    tree: reference,
    pair: reference,
    pairMatch: fc.constantFrom('', ' MATCH FULL'),
    childDefault: idOrNull,
    grandchildDefault: idOrNull,
    treeDefault: idOrNull,
    check: fc.constantFrom('', ' CHECK (p <> 3)', ' NOT NULL'),
    hasIndex: fc.boolean(),
  })
  .map((draw) => [
    'CREATE TABLE parent (id int PRIMARY KEY, code int, v int, UNIQUE (code), UNIQUE (id, code))',
    `CREATE TABLE child (id int PRIMARY KEY, p int DEFAULT ${draw.childDefault} ${written('parent', draw.childToParent)}${draw.check}, code int ${written('parent (code)', draw.childToCode)})`,
    `CREATE TABLE grandchild (id int PRIMARY KEY, c int DEFAULT ${draw.grandchildDefault} ${written('child', draw.grandchildToChild)}, p int ${written('parent', draw.grandchildToParent)})`,
    `CREATE TABLE tree (id int PRIMARY KEY, up int DEFAULT ${draw.treeDefault} ${written('tree', draw.tree)})`,
    `CREATE TABLE pair (id int PRIMARY KEY, a int DEFAULT 1, b int, CONSTRAINT pair_fk FOREIGN KEY (a, b) REFERENCES parent (id, code)${draw.pairMatch} ON DELETE ${draw.pair.onDelete} ON UPDATE ${draw.pair.onUpdate}${draw.pair.deferral})`,
    ...(draw.hasIndex ? ['CREATE INDEX ON child (p)', 'CREATE INDEX ON grandchild (c)'] : []),
  ]);

const COLUMNS = {
  parent: ['code', 'v'],
  child: ['p', 'code'],
  grandchild: ['c', 'p'],
  tree: ['up'],
  pair: ['a', 'b'],
};
const table = fc.constantFrom('parent', 'parent', 'parent', 'child', 'child', 'grandchild', 'tree', 'tree', 'pair');

const insert = table.chain((name) => {
  const row = fc.tuple(id, ...COLUMNS[name].map(() => idOrNull));
  const columns = ['id', ...COLUMNS[name]].join(', ');
  return fc
    .uniqueArray(row, { minLength: 1, maxLength: 3, selector: ([key]) => key })
    .map(
      (rows) => `INSERT INTO ${name} (${columns}) VALUES ${rows.map((values) => `(${values.join(', ')})`).join(', ')}`,
    );
});

/** Unique columns get one value in one row: PostgreSQL checks such keys row by row, and we at the end of the statement. */
const update = table.chain((name) => {
  const keys = fc
    .record({ key: id, value: id })
    .map(({ key, value }) => `UPDATE ${name} SET id = ${value} WHERE id = ${key}`);
  const codes = fc
    .record({ key: id, value: idOrNull })
    .map(({ key, value }) => `UPDATE parent SET code = ${value} WHERE id = ${key}`);
  const both = fc
    .record({ key: id, value: id, code: idOrNull })
    .map(({ key, value, code }) => `UPDATE parent SET id = ${value}, code = ${code} WHERE id = ${key}`);
  const column = fc.constantFrom(...COLUMNS[name === 'parent' ? 'child' : name]);
  const others = fc
    .record({
      column,
      key: id,
      value: fc.oneof(idOrNull, fc.constant('DEFAULT')),
      operator: fc.constantFrom('=', '<', '>='),
    })
    .map(
      (draw) =>
        `UPDATE ${name === 'parent' ? 'child' : name} SET ${draw.column} = ${draw.value} WHERE id ${draw.operator} ${draw.key}`,
    );
  return fc.oneof(keys, codes, both, others);
});

const remove = fc
  .record({ name: table, key: id, operator: fc.constantFrom('=', '=', '=', '<', '>=') })
  .map(({ name, key, operator }) => `DELETE FROM ${name} WHERE id ${operator} ${key}`);

const control = fc.constantFrom(
  'BEGIN',
  'COMMIT',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT s',
  'ROLLBACK TO s',
  'SET CONSTRAINTS ALL DEFERRED',
  'SET CONSTRAINTS ALL IMMEDIATE',
  'SET CONSTRAINTS pair_fk IMMEDIATE',
);

const statement = fc.oneof(
  { weight: 5, arbitrary: insert },
  { weight: 5, arbitrary: update },
  { weight: 4, arbitrary: remove },
  { weight: 2, arbitrary: control },
);

export const TABLES = Object.keys(COLUMNS);

/** Statements that make the tables, then statements over them. */
export const program = fc.record({
  tables,
  statements: fc
    .tuple(
      fc.constant('INSERT INTO parent VALUES (0, 0, 0), (1, 1, 0), (2, 2, 0), (3, 3, 0), (4, NULL, 0)'),
      fc.array(statement, { minLength: 10, maxLength: 40 }),
    )
    .map(([first, rest]) => [first, ...rest]),
});

/** What a server makes of a statement. Of several keys that are taken, either may be named. */
export function run(client, sql) {
  return client.query(sql).then(
    ({ command, rowCount }) => `${command} ${rowCount ?? ''}`.trim(),
    ({ code, message, detail }) => {
      if (code === '23505') return code;
      return `${code} ${message}${detail === undefined ? '' : ` (${detail})`}`;
    },
  );
}

/** What the tables hold; nothing in a failed block. */
export async function contents(client) {
  const all = [];
  for (const name of TABLES) {
    const answer = await client
      .query({ text: `SELECT * FROM ${name} ORDER BY id`, rowMode: 'array' })
      .then(({ rows }) => rows.map((row) => row.map((value) => value ?? '-').join(' ')).join(', '))
      .catch(({ code }) => code);
    all.push(`${name}: ${answer}`);
    if (answer === '25P02') return 'in a failed block';
  }
  return all.join(' | ');
}
