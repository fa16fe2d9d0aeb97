/** What stands before a parameter, and what a client would have bound there. The first that fits counts. */
const BY_CONTEXT: readonly (readonly [RegExp, readonly string[]])[] = [
  [/relkind"? in \([^)]*$/i, ['r', 'v', 'p']],
  [/!~ $/, ['^pg_']],
  [/nspname"? != $/, ['information_schema', 'crdb_internal']],
  [/relname"? != $/, ['kysely_migration', 'kysely_migration_lock']],
  [/(table_schema|schema_name|nspname)"? ?= ?$/i, ['public']],
  [/(table_name|relname)"? ?= ?$/i, ['cpu']],
  [/column_name"? ?= ?$/i, ['host']],
  [/datname ?= ?$/i, ['postgres']],
  [/typname ?= ?$/i, ['int4']],
  [/attisdropped"? != $/i, ['t']],
  [/(pg_type|t)\.oid = $/i, ['1009']],
  [/host"? (=|in \() ?$/i, ['host_1']],
  [/ilike $/i, ['%a%']],
  [/pg_notify\($/i, ['channel']],
];

const BY_TYPE: Readonly<Record<string, string>> = {
  boolean: 'true',
  bytea: '\\x0102',
  'timestamp with time zone': '2024-02-29T12:00:00.000Z',
  'timestamp without time zone': '2024-02-29 12:00:00',
  jsonb: '{"a": 1}',
  json: '{"a": 1}',
  jsonpath: '$.a',
  'text[]': '{a,b}',
  'integer[]': '{1,2}',
  'bigint[]': '{1,500}',
  regtype: 'pay',
  pay: 'card',
  uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  '"char"': 'r',
};

/** The values of $1, $2 … of a statement; `types` are those that PostgreSQL finds for them. */
export function parametersOf(statement: string, types: readonly string[]): string[] {
  const used = new Map<RegExp, number>();
  return types.map((type, at) => {
    const place = new RegExp(`\\$${at + 1}(?!\\d)`).exec(statement);
    const before = statement.slice(Math.max(0, (place?.index ?? 0) - 60), place?.index ?? 0).replace(/\s+/g, ' ');
    for (const [context, values] of BY_CONTEXT) {
      if (!context.test(before) || (type === 'regtype' && context.source.includes('oid'))) continue;
      const turn = used.get(context) ?? 0;
      used.set(context, turn + 1);
      return values[turn % values.length] ?? '';
    }
    const known = BY_TYPE[type];
    if (known !== undefined) return known;
    return /char|text|name/.test(type) ? `v${at + 1}` : String(at + 1);
  });
}
