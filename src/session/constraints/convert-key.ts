import { SqlError } from '../../errors/sql-error.ts';
import { findCast } from '../../functions/cast-registry.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { ReferenceKey } from './reference-keys.ts';

/** Gives a value as one of another type, to be compared there; undefined when no value of that type is equal to it. */
type Converter = (value: Value) => Value | undefined;

/**
 * The two sides of a foreign key may have types that only compare with each other: integer and bigint, varchar and text.
 * Undefined for a key that nothing on the other side can be equal to.
 */
export function keyConverter(
  from: readonly TypeDefinition[],
  to: readonly TypeDefinition[],
  environment: FunctionEnvironment,
): (key: ReferenceKey) => ReferenceKey | undefined {
  const converters = from.map((type, at) => converterBetween(type, to[at], environment));
  if (converters.every((converter) => converter === undefined)) return (key) => key;
  return (key) => {
    const converted: Value[] = [];
    for (let at = 0; at < key.length; at++) {
      const convert = converters[at];
      const value = convert === undefined ? key[at] : convert(key[at]);
      if (value === undefined) return undefined;
      converted.push(value);
    }
    return converted;
  };
}

/** undefined: values stay as they are. */
function converterBetween(
  from: TypeDefinition,
  to: TypeDefinition,
  environment: FunctionEnvironment,
): Converter | undefined {
  if (from.oid === to.oid) return undefined;
  const there = castFunction(from, to);
  if (there === undefined) return undefined;
  // What is cast unasked is compared that way, whatever becomes of the digits.
  const back = findCast(from, to)?.context === 'implicit' ? undefined : castFunction(to, from);
  return (value) => {
    try {
      const converted = call(there, value, environment);
      // A cast that rounds makes another value of it.
      const isSame =
        back === undefined || converted === null || from.compare(call(back, converted, environment), value) === 0;
      return converted === null || !isSame ? undefined : converted;
    } catch (error) {
      if (error instanceof SqlError) return undefined;
      throw error;
    }
  };
}

function castFunction(from: TypeDefinition, to: TypeDefinition): ScalarFunction | undefined {
  const method = findCast(from, to)?.method;
  return method === 'relabel' ? undefined : method;
}

function call(method: ScalarFunction, value: Value, environment: FunctionEnvironment): Value {
  return method.usesEnvironment === true ? method.evaluate(environment, value) : method.evaluate(value);
}
