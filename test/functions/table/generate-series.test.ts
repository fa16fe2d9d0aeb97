import { describe, expect, test } from 'vitest';
import { resolveFunction } from '../../../src/functions/resolve-overload.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { environment, typeContext } from '../evaluate-sql-call.ts';

/** generate_series over literals such as `int4 1`, as texts; at most ten rows. */
function series(...operands: readonly string[]): string[] {
  const types: TypeDefinition[] = [];
  const values: Value[] = [];
  for (const operand of operands) {
    const [name = '', ...literal] = operand.split(' ');
    const type = typeByName(name)!;
    types.push(type);
    values.push(type.parse(literal.join(' '), typeContext, -1));
  }
  const resolved = resolveFunction('generate_series', types);
  if (typeof resolved === 'string' || resolved.function.kind !== 'table') throw new Error(`not resolved: ${operands}`);
  const rows: string[] = [];
  for (const value of resolved.function.rows(values, environment)) {
    rows.push(resolved.resultType.format(value, typeContext));
    if (rows.length === 10) break;
  }
  return rows;
}

describe('generate_series', () => {
  test('counts up to its end, which is included', () => {
    expect(series('int4 1', 'int4 4')).toEqual(['1', '2', '3', '4']);
    expect(series('int4 1', 'int4 6', 'int4 2')).toEqual(['1', '3', '5']);
  });

  test('counts down with a negative step, and gives nothing when the end lies the other way', () => {
    expect(series('int4 3', 'int4 1', 'int4 -1')).toEqual(['3', '2', '1']);
    expect(series('int4 3', 'int4 1')).toEqual([]);
  });

  test('passes 2^53 exactly and ends at the last bigint', () => {
    expect(series('int8 9007199254740990', 'int8 9007199254740994')).toEqual([
      '9007199254740990',
      '9007199254740991',
      '9007199254740992',
      '9007199254740993',
      '9007199254740994',
    ]);
    expect(series('int8 9223372036854775806', 'int8 9223372036854775807')).toHaveLength(2);
  });

  test('steps through numerics without rounding', () => {
    expect(series('numeric 0', 'numeric 0.3', 'numeric 0.1')).toEqual(['0', '0.1', '0.2', '0.3']);
  });

  test('keeps wall clock time over a change of the clocks', () => {
    expect(series('timestamptz 2024-03-30 12:00+01', 'timestamptz 2024-04-01 12:00+02', 'interval 1 day')).toEqual([
      '2024-03-30 12:00:00+01',
      '2024-03-31 12:00:00+02',
      '2024-04-01 12:00:00+02',
    ]);
  });

  test('adds months from the row before', () => {
    expect(series('timestamp 2024-01-31', 'timestamp 2024-04-30', 'interval 1 month')).toEqual([
      '2024-01-31 00:00:00',
      '2024-02-29 00:00:00',
      '2024-03-29 00:00:00',
      '2024-04-29 00:00:00',
    ]);
  });

  test('rejects a step of zero', () => {
    expect(() => series('int4 1', 'int4 2', 'int4 0')).toThrow('step size cannot equal zero');
    expect(() => series('timestamp 2024-01-01', 'timestamp 2024-01-02', 'interval 0')).toThrow(
      'step size cannot equal zero',
    );
    expect(() => series('numeric 1', 'numeric 2', 'numeric NaN')).toThrow('step size cannot be NaN');
  });
});
