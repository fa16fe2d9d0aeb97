import { bool } from '../../types/bool.ts';
import { int8 } from '../../types/int8.ts';
import { regclass } from '../../types/reg-types.ts';
import { text } from '../../types/string-types.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** Each call counts, and the next one sees it. */
const counting = { volatility: 'volatile', usesEnvironment: true, countsCalls: true } as const;

function setval({ sequences }: FunctionEnvironment, oid: number, value: Int64, isCalled = true): Int64 {
  sequences.set(oid, value, isCalled);
  return value;
}

/** Sequences are named by regclass: their number, found when the statement is bound, or a text that is looked up then. */
export const sequenceFunctions: readonly ScalarFunction[] = [
  defineScalar(
    'nextval',
    1574,
    [regclass],
    int8,
    ({ sequences }: FunctionEnvironment, oid: number) => sequences.next(oid),
    counting,
  ),
  defineScalar(
    'currval',
    1575,
    [regclass],
    int8,
    ({ sequences }: FunctionEnvironment, oid: number) => sequences.current(oid),
    counting,
  ),
  defineScalar('lastval', 2559, [], int8, ({ sequences }: FunctionEnvironment) => sequences.last(), counting),
  defineScalar('setval', 1576, [regclass, int8], int8, setval, counting),
  defineScalar('setval', 1765, [regclass, int8, bool], int8, setval, counting),
  defineScalar(
    'pg_sequence_last_value',
    6032,
    [regclass],
    int8,
    ({ sequences }: FunctionEnvironment, oid: number) => sequences.lastValue(oid) ?? null,
    { volatility: 'volatile', usesEnvironment: true },
  ),
  defineScalar(
    'pg_get_serial_sequence',
    1665,
    [text, text],
    text,
    ({ catalog }: FunctionEnvironment, tableName: string, columnName: string) =>
      catalog.sequenceOf(tableName, columnName) ?? null,
    stableWithEnvironment,
  ),
];
