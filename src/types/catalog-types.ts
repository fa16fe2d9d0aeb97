import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { fixedLengthView, readInt64, writeInt64 } from './binary-form.ts';
import { compareInt64 } from './int64.ts';
import { invalidInput } from './integer-input.ts';
import { textForm } from './string-types.ts';
import type { TypeDefinition } from './type-definition.ts';
import type { Int64 } from './value.ts';

/*
 * Types that columns of the system catalogs have and nothing else here: no table can be made with them and no value is
 * cast to them, so that most need no more than a form in which they are shown.
 */

/** What is a number of 64 bits and written in a manner of its own. */
function wideNumber(
  identity: Pick<TypeDefinition, 'oid' | 'name' | 'sqlName' | 'arrayOid'>,
  form: { readonly parse: (text: string) => Int64; readonly format: (value: Int64) => string },
): TypeDefinition {
  return {
    ...identity,
    length: 8,
    category: 'U',
    isPreferred: false,
    elementOid: 0,
    representation: 'int64',
    isComparable: true,
    parse: form.parse,
    format: (value) => form.format(value as Int64),
    readBinary: (bytes) => readInt64(fixedLengthView(bytes, 8)),
    writeBinary: (value, writer) => writeInt64(value as Int64, writer),
    compare: (left, right) => compareInt64(left as Int64, right as Int64),
    hashKey: (value) => value as Int64,
  };
}

/** A number of a transaction that never comes again. */
const xid8 = wideNumber(
  { oid: 5069, name: 'xid8', sqlName: 'xid8', arrayOid: 271 },
  {
    parse: (text) => {
      if (!/^\s*\d+\s*$/.test(text)) throw invalidInput('xid8', text);
      return Number(text);
    },
    format: (value) => String(value),
  },
);

const LSN_LOW = 4_294_967_296;

/** A place in the log: `16/B374D848`. */
const pgLsn = wideNumber(
  { oid: 3220, name: 'pg_lsn', sqlName: 'pg_lsn', arrayOid: 3221 },
  {
    parse: (text) => {
      const match = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
      if (match === null) throw invalidInput('pg_lsn', text);
      return Number.parseInt(match[1] ?? '', 16) * LSN_LOW + Number.parseInt(match[2] ?? '', 16);
    },
    format: (value) => {
      const number = Number(value);
      const high = Math.floor(number / LSN_LOW);
      return `${high.toString(16).toUpperCase()}/${(number - high * LSN_LOW).toString(16).toUpperCase()}`;
    },
  },
);

function unreadable(identity: Pick<TypeDefinition, 'oid' | 'name' | 'arrayOid' | 'category'>): TypeDefinition {
  const refuse = (): never => {
    throw new SqlError(SqlState.FeatureNotSupported, `cannot accept a value of type ${identity.name}`);
  };
  return { ...textForm, ...identity, sqlName: identity.name, isComparable: false, parse: refuse, readBinary: refuse };
}

/** Of extended statistics, which there are none of. */
const statistics = [
  unreadable({ oid: 3361, name: 'pg_ndistinct', arrayOid: 0, category: 'Z' }),
  unreadable({ oid: 3402, name: 'pg_dependencies', arrayOid: 0, category: 'Z' }),
  unreadable({ oid: 5017, name: 'pg_mcv_list', arrayOid: 0, category: 'Z' }),
];

/** What functions of the system itself take and give. */
const pseudoTypes = (
  [
    [2275, 'cstring', 1263],
    [2279, 'trigger', 0],
    [2280, 'language_handler', 0],
    [2281, 'internal', 0],
    [269, 'table_am_handler', 0],
    [325, 'index_am_handler', 0],
    [3838, 'event_trigger', 0],
  ] as const
).map(([oid, name, arrayOid]) => unreadable({ oid, name, arrayOid, category: 'P' }));

export const catalogTypes: readonly TypeDefinition[] = [
  xid8,
  pgLsn,
  ...statistics,
  ...pseudoTypes.map((type) => ({ ...type, length: type.name === 'cstring' ? -2 : type.name === 'internal' ? 8 : 4 })),
];
