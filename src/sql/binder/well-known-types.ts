import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { numeric } from '../../types/numeric-type.ts';
import { text, unknown } from '../../types/string-types.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';

/** The types that the language itself gives to literals, conditions and clauses. */
export const boolType = sqlType(bool);
export const int4Type = sqlType(int4);
export const int8Type = sqlType(int8);
export const numericType = sqlType(numeric);
export const textType = sqlType(text);
export const timestampType = sqlType(timestamp);
export const timestamptzType = sqlType(timestamptz);
export const unknownType = sqlType(unknown);

export function isUnknown(type: SqlType): boolean {
  return type.definition === unknown;
}
