import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { asRead, regclass } from '../../types/reg-types.ts';
import { bpchar, char, formatChar, name, parseChar, text, varchar } from '../../types/string-types.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast, defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import { trimPadding } from '../scalar/text-form.ts';

const same = (value: string): string => value;
const unchanged = { mayThrow: false, inline: same };
const total = { mayThrow: false };
const MAX_NAME_BYTES = 63;
const encoder = new TextEncoder();

/** A name keeps as many whole characters as 63 bytes hold. */
function toName(value: string): string {
  if (value.length * 3 <= MAX_NAME_BYTES) return value;
  const { read } = encoder.encodeInto(value, new Uint8Array(MAX_NAME_BYTES));
  return value.slice(0, read);
}

const boolToText = (value: boolean): string => (value ? 'true' : 'false');
const charToInteger = (value: string): number => (value === '' ? 0 : (value.charCodeAt(0) << 24) >> 24);

function integerToChar(value: number): string {
  if (value < -128 || value > 127) throw new SqlError(SqlState.NumericValueOutOfRange, '"char" out of range');
  return value === 0 ? '' : String.fromCharCode(value & 0xff);
}

/** "char" is one byte; those beyond ASCII are written `\\377`. */
const charText = (value: string): string => formatChar(value);
const toChar = (value: string): string => parseChar(value);

function toRegclass(environment: FunctionEnvironment, relation: string): number {
  const oid = environment.catalog.relationOid(relation);
  if (oid !== undefined) return oid;
  throw new SqlError(SqlState.UndefinedTable, `relation "${asRead(relation)}" does not exist`);
}

/** text(boolean) casts to varchar and char(n) too. */
const textOfBool = defineScalar('text', 2971, [bool], text, boolToText, total);
const textOfChar = defineScalar('text', 946, [char], text, charText, total);
const textOfBpchar = defineScalar('text', 401, [bpchar], text, trimPadding, total);

export const textCasts: readonly CastDefinition[] = [
  { source: bool, target: text, context: 'assignment', method: textOfBool },
  { source: bool, target: varchar, context: 'assignment', method: textOfBool },
  { source: bool, target: bpchar, context: 'assignment', method: textOfBool },
  { source: char, target: text, context: 'implicit', method: textOfChar },
  { source: char, target: varchar, context: 'assignment', method: textOfChar },
  defineCast(char, bpchar, 'assignment', 860, charText, total),
  defineCast(char, int4, 'explicit', 77, charToInteger, total),
  defineCast(int4, char, 'explicit', 78, integerToChar),
  defineCast(name, text, 'implicit', 406, same, unchanged),
  defineCast(name, bpchar, 'assignment', 408, same, unchanged),
  defineCast(name, varchar, 'assignment', 1401, same, unchanged),
  { source: text, target: varchar, context: 'implicit', method: 'relabel' },
  { source: text, target: bpchar, context: 'implicit', method: 'relabel' },
  defineCast(text, name, 'implicit', 407, toName, total),
  defineCast(text, char, 'assignment', 944, toChar),
  defineCast(text, regclass, 'implicit', 1079, toRegclass, stableWithEnvironment),
  { source: varchar, target: text, context: 'implicit', method: 'relabel' },
  { source: varchar, target: bpchar, context: 'implicit', method: 'relabel' },
  defineCast(varchar, name, 'implicit', 1400, toName, total),
  defineCast(varchar, char, 'assignment', 944, toChar),
  defineCast(varchar, regclass, 'implicit', 1079, toRegclass, stableWithEnvironment),
  { source: bpchar, target: text, context: 'implicit', method: textOfBpchar },
  { source: bpchar, target: varchar, context: 'implicit', method: textOfBpchar },
  defineCast(bpchar, name, 'implicit', 409, (value: string) => toName(trimPadding(value)), total),
  defineCast(bpchar, char, 'assignment', 944, toChar),
];
