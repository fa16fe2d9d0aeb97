import { intervalPrecision, intervalRange } from './interval-type.ts';
import { numericPrecision, numericScale } from './numeric-type.ts';
import { declaredLength } from './string-types.ts';
import type { SqlType } from './type-definition.ts';

const BPCHAR = 1042;
const BIT = 1560;
const VARBIT = 1562;
const VARCHAR = 1043;
const TIME = 1083;
const TIMETZ = 1266;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const INTERVAL = 1186;
const NUMERIC = 1700;

/**
 * A type as PostgreSQL's format_type prints it: `character varying(5)`, `timestamp(3) with time zone`, `integer[]`. A
 * type without modifier prints its plain name; `char(n)` and `bit(n)` without length are `bpchar` and `"bit"`, which have a meaning
 * of their own.
 */
export function formatType({ definition, typmod }: SqlType): string {
  if (definition.category === 'A' && definition.name.startsWith('_')) {
    const element = definition.sqlName.slice(0, -'[]'.length);
    return `${withModifier(definition.elementOid, element, typmod)}[]`;
  }
  return withModifier(definition.oid, definition.sqlName, typmod);
}

function withModifier(oid: number, sqlName: string, typmod: number): string {
  if (typmod < 0) return oid === BPCHAR ? 'bpchar' : oid === BIT ? '"bit"' : sqlName;
  switch (oid) {
    case BPCHAR:
    case VARCHAR: {
      const length = declaredLength(typmod);
      return length === undefined ? sqlName : `${sqlName}(${length})`;
    }
    case BIT:
    case VARBIT:
      return `${sqlName}(${typmod})`;
    case NUMERIC:
      return `numeric(${numericPrecision(typmod)},${numericScale(typmod)})`;
    case TIME:
    case TIMETZ:
    case TIMESTAMP:
    case TIMESTAMPTZ:
      // The precision stands inside the name: timestamp(3) with time zone.
      return sqlName.replace(' ', `(${typmod}) `);
    case INTERVAL:
      return formatInterval(typmod);
    default:
      return sqlName;
  }
}

function formatInterval(typmod: number): string {
  const range = intervalRange(typmod);
  const precision = intervalPrecision(typmod);
  const fields =
    range === undefined ? '' : range.first === range.last ? ` ${range.first}` : ` ${range.first} to ${range.last}`;
  return `interval${fields}${precision === undefined ? '' : `(${precision})`}`;
}
