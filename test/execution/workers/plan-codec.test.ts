import { describe, expect, test } from 'vitest';
import { decodePlan, encodePlan } from '../../../src/execution/workers/plan-codec.ts';
import { allFunctions, functionsNamed } from '../../../src/functions/function-registry.ts';
import { operatorsNamed } from '../../../src/functions/operator-registry.ts';
import type { Expression } from '../../../src/sql/expression/expression.ts';
import { enumType } from '../../../src/types/enum-type.ts';
import { float8 } from '../../../src/types/float8.ts';
import { Interval } from '../../../src/types/interval.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { allTypes, sqlType } from '../../../src/types/type-registry.ts';

function travel<Part extends object>(part: Part): Part | undefined {
  const encoded = encodePlan(part);
  return encoded === undefined ? undefined : decodePlan<Part>(structuredClone(encoded));
}

const column: Expression = { kind: 'column', index: 3, type: sqlType(float8) };

describe('a part of a plan', () => {
  test('arrives as it was, with the types and functions of the thread that it comes to', () => {
    const plus = operatorsNamed('+').find(({ leftType }) => leftType === float8)!.function;
    const part = {
      keys: [column],
      call: { kind: 'call', function: plus, arguments: [column, { kind: 'constant', value: Number.NaN }], position: 7 },
      values: [Numeric.parse('1.50'), new Interval(1, 2, 3), 2n ** 60n, null, 'text', -0],
    };
    const arrived = travel(part)!;
    expect(arrived).toEqual(part);
    expect(arrived.call.function).toBe(plus);
    expect(arrived.keys[0].type.definition).toBe(float8);
    expect(Object.is(arrived.values[5], -0)).toBe(true);
  });

  test('may name every type and every function that there is', () => {
    for (const type of allTypes()) expect(travel({ type })?.type).toBe(type);
    for (const definition of allFunctions())
      expect(travel({ definition })?.definition, definition.name).toBe(definition);
  });

  test('stays where it is when it means nothing elsewhere', () => {
    const specialized = functionsNamed('array_append').find(
      (definition) => definition.kind === 'scalar' && definition.specialize !== undefined,
    );
    const own = specialized?.kind === 'scalar' ? specialized.specialize!([float8, float8]) : undefined;
    const strangers: Record<string, object> = {
      'a type that somebody has made': enumType({
        oid: 20_000,
        arrayOid: 20_001,
        name: 'mood',
        labels: [{ name: 'sad', sortOrder: 1 }],
      }),
      'a subquery': { condition: { kind: 'subquery' } },
      'a value of the query around it': { condition: { kind: 'correlated', slot: 1, type: sqlType(float8) } },
      'an object with behaviour': { list: new Map() },
      ...(own === undefined ? {} : { 'a function made for some types': { function: own } }),
    };
    for (const [name, stranger] of Object.entries(strangers)) expect(travel({ stranger }), name).toBe(undefined);
  });
});
