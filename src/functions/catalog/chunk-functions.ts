import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int8 } from '../../types/int8.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { regclass } from '../../types/reg-types.ts';
import { name } from '../../types/string-types.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { addToInstant } from '../instant-arithmetic.ts';
import { catalogTable, systemOf, volatile } from './define-catalog.ts';
import type { ChunkFact } from './system-facts.ts';

type Environment = FunctionEnvironment;

/** Throws 42809 for a table that is no time-series table. */
function chunksOf(environment: Environment, relation: number): readonly ChunkFact[] {
  const chunks = systemOf(environment).chunks(relation);
  if (chunks !== undefined) return chunks;
  const shown = environment.catalog.relationName(relation) ?? String(relation);
  throw new SqlError(SqlState.WrongObjectType, `table "${shown}" is not a hypertable`);
}

function sizeOf(environment: Environment, relation: number): number {
  return chunksOf(environment, relation).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function rowCount(environment: Environment, relation: number): number {
  const chunks = systemOf(environment).chunks(relation);
  if (chunks === undefined) return Math.max(Number(systemOf(environment).row('pg_class', relation)?.reltuples ?? 0), 0);
  return chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
}

/** An instant, or how long ago it was. */
function limitOf(environment: Environment, limit: Value | undefined): number | undefined {
  if (limit === null || limit === undefined) return undefined;
  if (limit instanceof Interval) {
    return Number(addToInstant(environment.clock(), limit.negate(), environment.typeContext.timeZone));
  }
  return Number(limit);
}

/** Partitions that end before `older_than` and begin after `newer_than`. */
function showChunks(functionOid: number, limit: typeof interval): TableFunction {
  return {
    kind: 'table',
    name: 'show_chunks',
    oid: functionOid,
    argumentTypes: [regclass, limit, limit],
    argumentNames: ['relation', 'older_than', 'newer_than'],
    // The other one is found by the type of what is given.
    defaults: limit === interval ? [null, null] : [null],
    handlesNull: true,
    resultType: name,
    columnName: 'show_chunks',
    *rows([relation, older, newer], environment) {
      const before = limitOf(environment, older) ?? Number.POSITIVE_INFINITY;
      const after = limitOf(environment, newer) ?? Number.NEGATIVE_INFINITY;
      if (relation === null || relation === undefined) return;
      for (const chunk of chunksOf(environment, Number(relation))) {
        if (chunk.toMicros <= before && chunk.fromMicros >= after) yield chunk.name;
      }
    },
  };
}

const SIZES = { table_bytes: int8, index_bytes: int8, toast_bytes: int8, total_bytes: int8, node_name: name } as const;

/** TimescaleDB's questions about the size and the parts of a table: a chunk is a partition here. */
export const chunkFunctions: readonly (ScalarFunction | TableFunction)[] = [
  defineScalar('hypertable_size', 9850, [regclass], int8, sizeOf, volatile),
  defineScalar('approximate_row_count', 9851, [regclass], int8, rowCount, volatile),
  catalogTable('hypertable_detailed_size', 9852, [regclass], SIZES, function* (environment, relation) {
    const bytes = sizeOf(environment, Number(relation));
    yield [bytes, 0, 0, bytes, null];
  }),
  catalogTable(
    'chunks_detailed_size',
    9853,
    [regclass],
    { chunk_schema: name, chunk_name: name, ...SIZES },
    function* (environment, relation) {
      for (const { schemaName, name: chunk, sizeBytes } of chunksOf(environment, Number(relation))) {
        yield [schemaName, chunk, sizeBytes, 0, 0, sizeBytes, null];
      }
    },
  ),
  showChunks(9854, interval),
  showChunks(9855, timestamptz),
];
