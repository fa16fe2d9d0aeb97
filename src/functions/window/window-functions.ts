import { type Column, valueAt } from '../../columnar/column.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float8 } from '../../types/float8.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { anycompatible, anyelement } from '../../types/pseudo-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import {
  PICK_DEFAULT,
  PICK_NULL,
  type WindowEvaluation,
  type WindowFunction,
  type WindowRows,
} from '../function-definition.ts';
import { nthOfFrame } from './frame-rows.ts';

type Evaluate = WindowFunction['evaluate'];

/** A function whose number follows from the row's place alone. */
function counting(numberAt: (rows: WindowRows, row: number) => number): Evaluate {
  return (rows) => ({
    kind: 'numbers',
    fill(from, to, values) {
      for (let row = from; row < to; row++) values[row] = numberAt(rows, row);
    },
  });
}

const rowNumber: Evaluate = counting((rows, row) => row - rows.partitionStart[row] + 1);
const rank: Evaluate = counting((rows, row) => rows.peerStart[row] - rows.partitionStart[row] + 1);
const denseRank: Evaluate = counting((rows, row) => rows.peerGroup[row] + 1);

const percentRank: Evaluate = counting((rows, row) => {
  const start = rows.partitionStart[row];
  const size = rows.partitionEnd[row] - start;
  return size <= 1 ? 0 : (rows.peerStart[row] - start) / (size - 1);
});

const cumeDist: Evaluate = counting((rows, row) => {
  const start = rows.partitionStart[row];
  return (rows.peerEnd[row] - start) / (rows.partitionEnd[row] - start);
});

/** ntile: its argument counts once a partition, at the first row where it is not NULL; buckets are filled from there. */
function ntile(rows: WindowRows, [buckets]: readonly Column[]): WindowEvaluation {
  let bucket = 0;
  let rowsInBucket = 0;
  let boundary = 0;
  let larger = 0;
  return {
    kind: 'numbers',
    fill(from, to, values, validity) {
      for (let row = from; row < to; row++) {
        if (row === rows.partitionStart[row]) bucket = 0;
        if (bucket === 0) {
          const count = valueAt(buckets!, row) as number | null;
          if (count === null) {
            validity[row] = 0;
            continue;
          }
          if (count <= 0) {
            throw new SqlError(SqlState.InvalidArgumentForNtile, 'argument of ntile must be greater than zero');
          }
          const size = rows.partitionEnd[row] - rows.partitionStart[row];
          bucket = 1;
          rowsInBucket = 0;
          boundary = Math.floor(size / count);
          larger = size % count;
          if (boundary === 0) {
            boundary = 1;
            larger = 0;
          } else if (larger > 0) boundary++;
        }
        rowsInBucket++;
        if (rowsInBucket > boundary) {
          if (larger > 0 && bucket === larger) {
            larger = 0;
            boundary--;
          }
          bucket++;
          rowsInBucket = 1;
        }
        values[row] = bucket;
      }
    },
  };
}

/** lag and lead: `sign` times the offset (1 when not given) away, within the partition. */
function neighbour(sign: 1 | -1): Evaluate {
  return (rows, [, offsets]) => ({
    kind: 'rows',
    pick(from, to, picked) {
      for (let row = from; row < to; row++) {
        const offset = offsets === undefined ? 1 : (valueAt(offsets, row) as number | null);
        if (offset === null) {
          picked[row] = PICK_NULL;
          continue;
        }
        const target = row + sign * offset;
        const isInside = target >= rows.partitionStart[row] && target < rows.partitionEnd[row];
        picked[row] = isInside ? target : PICK_DEFAULT;
      }
    },
  });
}

const firstValue: Evaluate = (rows) => ({
  kind: 'rows',
  pick(from, to, picked) {
    for (let row = from; row < to; row++) picked[row] = nthOfFrame(rows, row, 0);
  },
});

const lastValue: Evaluate = (rows) => ({
  kind: 'rows',
  pick(from, to, picked) {
    for (let row = from; row < to; row++) picked[row] = nthOfFrame(rows, row, -1);
  },
});

const nthValue: Evaluate = (rows, [, counts]) => ({
  kind: 'rows',
  pick(from, to, picked) {
    for (let row = from; row < to; row++) {
      const count = valueAt(counts!, row) as number | null;
      if (count !== null && count <= 0) {
        throw new SqlError(SqlState.InvalidArgumentForNthValue, 'argument of nth_value must be greater than zero');
      }
      picked[row] = count === null ? PICK_NULL : nthOfFrame(rows, row, count - 1);
    }
  },
});

function define(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  evaluate: Evaluate,
): WindowFunction {
  return { kind: 'window', name, oid, argumentTypes, resultType, evaluate };
}

function defineOverFrame(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  evaluate: Evaluate,
): WindowFunction {
  return { ...define(name, oid, argumentTypes, anyelement, evaluate), usesFrame: true };
}

export const windowFunctions: readonly WindowFunction[] = [
  define('row_number', 3100, [], int8, rowNumber),
  define('rank', 3101, [], int8, rank),
  define('dense_rank', 3102, [], int8, denseRank),
  define('percent_rank', 3103, [], float8, percentRank),
  define('cume_dist', 3104, [], float8, cumeDist),
  define('ntile', 3105, [int4], int4, ntile),
  define('lag', 3106, [anyelement], anyelement, neighbour(-1)),
  define('lag', 3107, [anyelement, int4], anyelement, neighbour(-1)),
  define('lag', 3108, [anycompatible, int4, anycompatible], anycompatible, neighbour(-1)),
  define('lead', 3109, [anyelement], anyelement, neighbour(1)),
  define('lead', 3110, [anyelement, int4], anyelement, neighbour(1)),
  define('lead', 3111, [anycompatible, int4, anycompatible], anycompatible, neighbour(1)),
  defineOverFrame('first_value', 3112, [anyelement], firstValue),
  defineOverFrame('last_value', 3113, [anyelement], lastValue),
  defineOverFrame('nth_value', 3114, [anyelement, int4], nthValue),
];
