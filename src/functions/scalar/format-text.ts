import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import { any } from '../../types/pseudo-types.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { concreteTypes, outputOf } from './concatenate.ts';
import { quoteIdentifier, quoteLiteral } from './quoting.ts';
import { characterCount } from './text.ts';

/** `%[position$][-][width]type`, where the width may be an argument of its own: `*` or `*position$`. */
const SPECIFIER = /(?:(\d+)\$)?(-*)(?:(\d+)|\*(?:(\d+)\$)?)?/y;
const INT4_MAX = 2_147_483_647;

function fail(message: string, hint?: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message, { hint });
}

const HINT = 'For a single "%" use "%%".';

type Outputs = readonly ((value: Value, environment: FunctionEnvironment) => string)[];

/** The arguments of one call of format(), taken one after the other or by their numbers. */
class FormatArguments {
  readonly #values: readonly Value[];
  readonly #outputs: Outputs;
  readonly #environment: FunctionEnvironment;
  #last = 0;

  constructor(values: readonly Value[], outputs: Outputs, environment: FunctionEnvironment) {
    this.#values = values;
    this.#outputs = outputs;
    this.#environment = environment;
  }

  /** The text of an argument, counted from 1, or of the one behind the last; null for NULL. */
  text(position: number | undefined): string | null {
    const number = position ?? this.#last + 1;
    if (number > this.#values.length) throw fail('too few arguments for format()');
    this.#last = number;
    const value = this.#values[number - 1];
    return value === null ? null : this.#outputs[number - 1](value, this.#environment);
  }
}

function formatText(pattern: string, values: FormatArguments): string {
  let result = '';
  let from = 0;
  for (;;) {
    const percent = pattern.indexOf('%', from);
    if (percent < 0) return result + pattern.slice(from);
    result += pattern.slice(from, percent);
    if (pattern[percent + 1] === '%') {
      result += '%';
      from = percent + 2;
      continue;
    }
    SPECIFIER.lastIndex = percent + 1;
    const [specifier, position, minus, width, widthPosition] = SPECIFIER.exec(pattern) ?? [''];
    from = percent + 1 + specifier.length;
    const type = String.fromCodePoint(pattern.codePointAt(from) ?? 0);
    if (from >= pattern.length) throw fail('unterminated format() type specifier', HINT);
    if (type !== 's' && type !== 'I' && type !== 'L') {
      throw fail(`unrecognized format() type specifier "${type}"`, HINT);
    }
    from += type.length;
    const argument = argumentNumber(position);
    let columns = width === undefined ? 0 : countOf(width);
    let isLeft = minus !== '' && minus !== undefined;
    if (specifier.includes('*')) {
      columns = widthOf(values.text(argumentNumber(widthPosition)));
      if (columns < 0) {
        isLeft = true;
        columns = -columns;
      }
    }
    result += padded(converted(values.text(argument), type), columns, isLeft);
  }
}

function argumentNumber(digits: string | undefined): number | undefined {
  if (digits === undefined) return undefined;
  const number = countOf(digits);
  if (number === 0) throw fail('format specifies argument 0, but arguments are numbered from 1');
  return number;
}

function countOf(digits: string): number {
  const count = Number(digits);
  if (count > INT4_MAX) throw new SqlError(SqlState.NumericValueOutOfRange, 'number is out of range');
  return count;
}

function widthOf(value: string | null): number {
  return value === null ? 0 : (int4.parse(value, neutralContext, -1) as number);
}

function converted(value: string | null, type: 's' | 'I' | 'L'): string {
  if (type === 's') return value ?? '';
  if (type === 'L') return value === null ? 'NULL' : quoteLiteral(value);
  if (value === null) {
    throw new SqlError(SqlState.NullValueNotAllowed, 'null values cannot be formatted as an SQL identifier');
  }
  return quoteIdentifier(value);
}

function padded(value: string, width: number, isLeft: boolean): string {
  const missing = width - characterCount(value);
  if (missing <= 0) return value;
  return isLeft ? value + ' '.repeat(missing) : ' '.repeat(missing) + value;
}

function formatWith(types: readonly TypeDefinition[]) {
  const outputs = types.map(outputOf);
  return (environment: FunctionEnvironment, pattern: string | null, ...values: Value[]): string | null =>
    pattern === null ? null : formatText(pattern, new FormatArguments(values, outputs, environment));
}

const withNulls = { ...stableWithEnvironment, handlesNull: true } as const;

const formatOfAny: ScalarFunction = defineScalar('format', 3539, [text, any], text, formatWith([]), {
  ...withNulls,
  isVariadic: true,
  specialize: ([, ...types]) => ({
    ...formatOfAny,
    argumentTypes: [text, ...concreteTypes(types)],
    evaluate: formatWith(types),
  }),
});

export const formatTextFunctions: readonly ScalarFunction[] = [
  defineScalar('format', 3540, [text], text, formatWith([]), withNulls),
  formatOfAny,
];
