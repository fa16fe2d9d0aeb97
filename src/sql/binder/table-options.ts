import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { Interval } from '../../types/interval.ts';
import type { TypeContext } from '../../types/type-definition.ts';
import type { CreateTableStatement } from '../syntax/ast.ts';

const MICROS_PER_DAY = 86_400_000_000;
const NAMESPACE = 'tidewire';

interface Located<T> {
  readonly value: T;
  readonly position: number;
}

/** WITH (tidewire.…) of CREATE TABLE. */
export interface TableOptions {
  readonly time: Located<string> | undefined;
  readonly tags: Located<readonly string[]> | undefined;
  readonly partition: Located<string> | undefined;
  /** One day unless told otherwise. */
  readonly partitionMicros: number;
}

/** Throws 22023 for options that do not exist, come twice or have no or a bad value. */
export function readTableOptions(context: TypeContext, options: CreateTableStatement['options']): TableOptions {
  const given = new Map<string, Located<string>>();
  for (const { namespace, name, value, position } of options) {
    const fullName = namespace === undefined ? name : `${namespace}.${name}`;
    if (namespace !== undefined && namespace !== NAMESPACE) {
      throw invalid(`unrecognized parameter namespace "${namespace}"`, position);
    }
    if (namespace === undefined || !['time', 'tags', 'partition'].includes(name)) {
      throw invalid(`unrecognized parameter "${fullName}"`, position);
    }
    if (given.has(name)) throw invalid(`parameter "${fullName}" specified more than once`, position);
    if (value === undefined || value.trim() === '') throw invalid(`parameter "${fullName}" needs a value`, position);
    given.set(name, { value, position });
  }
  const tags = given.get('tags');
  const partition = given.get('partition');
  const time = given.get('time');
  return {
    time: time === undefined ? undefined : { value: time.value.trim(), position: time.position },
    tags: tags === undefined ? undefined : { value: splitNames(tags), position: tags.position },
    partition,
    partitionMicros: partition === undefined ? MICROS_PER_DAY : readPartition(context, partition),
  };
}

/** `host, region`: names as the columns have them, apart from white space. */
function splitNames({ value, position }: Located<string>): string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes(''))
    throw invalid('parameter "tidewire.tags" must be a comma-separated list of columns', position);
  return names;
}

function readPartition(_context: TypeContext, { value, position }: Located<string>): number {
  let interval: Interval;
  try {
    interval = Interval.parse(value);
  } catch (error) {
    throw error instanceof SqlError ? error.at(position) : error;
  }
  if (interval.months !== 0) {
    throw invalid('parameter "tidewire.partition" must not contain months or years', position);
  }
  const micros = interval.days * MICROS_PER_DAY + Number(interval.micros);
  if (!Number.isSafeInteger(micros) || micros <= 0) {
    throw invalid('parameter "tidewire.partition" must be a positive interval', position);
  }
  return micros;
}

function invalid(message: string, position: number): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message, { position });
}
