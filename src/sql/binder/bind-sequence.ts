import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { INT64_MAX, INT64_MIN, toInt64 } from '../../types/int64.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import type { SequenceOptionSyntax } from '../syntax/definition-ast.ts';
import { resolveType } from './resolve-type.ts';
import type { StatementBinding } from './statement-binding.ts';

/** How a sequence counts. */
export interface SequenceCounting {
  /** smallint, integer or bigint. */
  readonly type: TypeDefinition;
  readonly start: Int64;
  readonly increment: Int64;
  readonly min: Int64;
  readonly max: Int64;
  readonly cache: Int64;
  readonly isCycled: boolean;
}

export interface BoundSequence {
  readonly counting: SequenceCounting;
  /** RESTART: where to; undefined: go on. */
  readonly restart: Int64 | undefined;
  /** OWNED BY as written; undefined: nothing said. */
  readonly ownedBy: readonly string[] | undefined;
}

export interface SequenceBase {
  /** What the options change; undefined: a new sequence. */
  readonly counting?: SequenceCounting | undefined;
  /** What it gave last, which must lie within the bounds. */
  readonly lastValue?: Int64 | undefined;
  /** The type where AS is not written. */
  readonly type: TypeDefinition;
  readonly isIdentity: boolean;
}

const BOUNDS: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  int2: [-(2n ** 15n), 2n ** 15n - 1n],
  int4: [-(2n ** 31n), 2n ** 31n - 1n],
  int8: [INT64_MIN, INT64_MAX],
};

export function isSequenceType(type: TypeDefinition): boolean {
  return Object.hasOwn(BOUNDS, type.name);
}

/**
 * The options of CREATE or ALTER SEQUENCE and of identity columns. Throws 22023 for what contradicts itself, 42601 for
 * SEQUENCE NAME, which belongs to identity columns alone (see `columnSequenceOptions`).
 */
export function bindSequence(
  binding: StatementBinding,
  options: readonly SequenceOptionSyntax[],
  base: SequenceBase,
): BoundSequence {
  const given = readOptions(binding, options);
  const { counting: older } = base;
  const type = given.type ?? older?.type ?? base.type;
  if (!isSequenceType(type)) {
    const subject = base.isIdentity ? 'identity column type' : 'sequence type';
    throw invalid(`${subject} must be smallint, integer, or bigint`);
  }
  const increment = given.increment ?? big(older?.increment ?? 1);
  if (increment === 0n) throw invalid('INCREMENT must not be zero');
  const { min, max } = bindBounds(given, type, older, increment > 0n);
  if (min >= max) throw invalid(`MINVALUE (${min}) must be less than MAXVALUE (${max})`);
  const start = given.start ?? (older === undefined ? (increment > 0n ? min : max) : big(older.start));
  checkWithin('START', start, min, max);
  const restart = given.isRestarted ? (given.restart ?? start) : undefined;
  const last = restart ?? (base.lastValue === undefined ? undefined : big(base.lastValue));
  if (last !== undefined) checkWithin('RESTART', last, min, max);
  const cache = given.cache ?? big(older?.cache ?? 1);
  if (cache <= 0n) throw invalid(`CACHE (${cache}) must be greater than zero`);
  return {
    counting: {
      type,
      start: toInt64(start),
      increment: toInt64(increment),
      min: toInt64(min),
      max: toInt64(max),
      cache: toInt64(cache),
      isCycled: given.isCycled ?? older?.isCycled ?? false,
    },
    restart: restart === undefined ? undefined : toInt64(restart),
    ownedBy: given.ownedBy,
  };
}

interface GivenOptions {
  type?: TypeDefinition;
  increment?: bigint;
  start?: bigint;
  cache?: bigint;
  restart?: bigint;
  isRestarted?: boolean;
  /** undefined: NO MINVALUE, when `hasMin`. */
  min?: bigint | undefined;
  max?: bigint | undefined;
  hasMin?: boolean;
  hasMax?: boolean;
  isCycled?: boolean;
  ownedBy?: readonly string[];
}

function readOptions(binding: StatementBinding, options: readonly SequenceOptionSyntax[]): GivenOptions {
  const given: GivenOptions = {};
  for (const option of options) {
    switch (option.name) {
      case 'as':
        given.type = resolveType(binding, option.type).definition;
        break;
      case 'increment':
      case 'start':
      case 'cache':
        given[option.name] = readInt64(option.value);
        break;
      case 'restart':
        given.isRestarted = true;
        if (option.value !== undefined) given.restart = readInt64(option.value);
        break;
      case 'minvalue':
        given.hasMin = true;
        given.min = option.value === undefined ? undefined : readInt64(option.value);
        break;
      case 'maxvalue':
        given.hasMax = true;
        given.max = option.value === undefined ? undefined : readInt64(option.value);
        break;
      case 'cycle':
        given.isCycled = option.isCycled;
        break;
      case 'owned_by':
        given.ownedBy = option.parts;
        break;
      case 'sequence_name':
        throw new SqlError(SqlState.SyntaxError, 'invalid sequence option SEQUENCE NAME', {
          position: option.position,
        });
    }
  }
  return given;
}

/** Bounds that were those of the type stay so when the type changes. */
function bindBounds(
  given: GivenOptions,
  type: TypeDefinition,
  older: SequenceCounting | undefined,
  isAscending: boolean,
): { min: bigint; max: bigint } {
  const [typeMin, typeMax] = BOUNDS[type.name];
  const changesType = older !== undefined && older.type !== type;
  const [olderMin, olderMax] = older === undefined ? [0n, 0n] : BOUNDS[older.type.name];
  const resetsMax = changesType && big(older.max) === olderMax;
  const resetsMin = changesType && big(older.min) === olderMin;
  const defaultMax = isAscending || resetsMax ? typeMax : -1n;
  const defaultMin = isAscending && !resetsMin ? 1n : typeMin;
  const max = given.max ?? (older === undefined || given.hasMax === true || resetsMax ? defaultMax : big(older.max));
  const min = given.min ?? (older === undefined || given.hasMin === true || resetsMin ? defaultMin : big(older.min));
  for (const [word, value] of [
    ['MAXVALUE', max],
    ['MINVALUE', min],
  ] as const) {
    if (value >= typeMin && value <= typeMax) continue;
    throw invalid(`${word} (${value}) is out of range for sequence data type ${type.sqlName}`);
  }
  return { min, max };
}

function checkWithin(word: 'START' | 'RESTART', value: bigint, min: bigint, max: bigint): void {
  if (value < min) throw invalid(`${word} value (${value}) cannot be less than MINVALUE (${min})`);
  if (value > max) throw invalid(`${word} value (${value}) cannot be greater than MAXVALUE (${max})`);
}

function readInt64(digits: string): bigint {
  const value = BigInt(digits);
  if (value >= INT64_MIN && value <= INT64_MAX) return value;
  throw new SqlError(SqlState.NumericValueOutOfRange, `value "${digits}" is out of range for type bigint`);
}

function big(value: Int64): bigint {
  return BigInt(value);
}

function invalid(message: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message);
}
