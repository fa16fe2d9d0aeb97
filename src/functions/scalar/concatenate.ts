import { invariant } from '../../errors/invariant.ts';
import { any, anyelement } from '../../types/pseudo-types.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment, total } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { quoteIdentifier, quoteLiteral } from './quoting.ts';
import { castToText } from './text-form.ts';

const unspecialized = (): never => {
  invariant(false, 'overload resolution specializes functions of any');
  throw new Error();
};

/** How a value of the type is printed; an untyped literal is its own text. */
export function outputOf(type: TypeDefinition): (value: Value, environment: FunctionEnvironment) => string {
  if (type.representation === 'text') return (value) => value as string;
  return (value, environment) => type.format(value, environment.typeContext);
}

const stableWithNulls = { ...stableWithEnvironment, handlesNull: true } as const;

const concat: ScalarFunction = defineScalar('concat', 3058, [any], text, unspecialized, {
  ...stableWithNulls,
  isVariadic: true,
  specialize: (argumentTypes) => {
    const outputs = argumentTypes.map(outputOf);
    const evaluate = (environment: FunctionEnvironment, ...values: Value[]): string => {
      let joined = '';
      for (let at = 0; at < values.length; at++) {
        const value = values[at]!;
        if (value !== null) joined += outputs[at]!(value, environment);
      }
      return joined;
    };
    return { ...concat, argumentTypes: concreteTypes(argumentTypes), evaluate };
  },
});

const concatWithSeparator: ScalarFunction = defineScalar('concat_ws', 3059, [text, any], text, unspecialized, {
  ...stableWithNulls,
  isVariadic: true,
  specialize: (argumentTypes) => {
    const outputs = argumentTypes.slice(1).map(outputOf);
    const evaluate = (
      environment: FunctionEnvironment,
      separator: string | null,
      ...values: Value[]
    ): string | null => {
      if (separator === null) return null;
      const parts: string[] = [];
      values.forEach((value, at) => {
        if (value !== null) parts.push(outputs[at]!(value, environment));
      });
      return parts.join(separator);
    };
    return { ...concatWithSeparator, argumentTypes: concreteTypes(argumentTypes), evaluate };
  },
});

const quoteLiteralOfAny: ScalarFunction = defineScalar('quote_literal', 1285, [anyelement], text, unspecialized, {
  ...stableWithEnvironment,
  specialize: ([type]) => {
    const toText = castToText(type!);
    const evaluate = (environment: FunctionEnvironment, value: Value) =>
      quoteLiteral(toText(value, environment.typeContext));
    return { ...quoteLiteralOfAny, argumentTypes: [type!], evaluate };
  },
});

const quoteNullableOfAny: ScalarFunction = defineScalar('quote_nullable', 1290, [anyelement], text, unspecialized, {
  ...stableWithNulls,
  specialize: ([type]) => {
    const toText = castToText(type!);
    const evaluate = (environment: FunctionEnvironment, value: Value) =>
      value === null ? 'NULL' : quoteLiteral(toText(value, environment.typeContext));
    return { ...quoteNullableOfAny, argumentTypes: [type!], evaluate };
  },
});

export function concreteTypes(argumentTypes: readonly TypeDefinition[]): readonly TypeDefinition[] {
  return argumentTypes.map((type) => (type.name === 'unknown' ? text : type));
}

const quoteNullable = (value: string | null): string => (value === null ? 'NULL' : quoteLiteral(value));

/** Functions that turn values of any type into text. */
export const concatenationFunctions: readonly ScalarFunction[] = [
  concat,
  concatWithSeparator,
  defineScalar('quote_ident', 1282, [text], text, quoteIdentifier, total),
  defineScalar('quote_literal', 1283, [text], text, quoteLiteral, total),
  quoteLiteralOfAny,
  defineScalar('quote_nullable', 1289, [text], text, quoteNullable, { ...total, handlesNull: true }),
  quoteNullableOfAny,
];
