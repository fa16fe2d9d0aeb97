import { toInt64 } from '../types/int64.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

const NO_PLANNING: readonly Value[] = [0, 0, 0, 0, 0, 0];
/** Shared and local blocks: there are none here. */
const NO_BLOCKS: readonly Value[] = new Array<Value>(8).fill(0);
/** Temporary blocks, the times of blocks, and what goes to the log: not counted by statement. */
const NOT_COUNTED: readonly Value[] = new Array<Value>(9).fill(null);
const NO_JIT: readonly Value[] = new Array<Value>(8).fill(0);

export function* pgStatStatementsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const statistic of source.statements()) {
    const { roleOid, databaseOid, queryId, text, calls, rows, totalMs, minMs, maxMs, deviationMs } = statistic;
    const isHidden = !source.maySeeActivity(roleOid);
    yield [
      roleOid,
      databaseOid,
      true,
      isHidden ? null : toInt64(queryId),
      isHidden ? '<insufficient privilege>' : text,
      ...NO_PLANNING,
      calls,
      totalMs,
      minMs,
      maxMs,
      totalMs / calls,
      deviationMs,
      rows,
      ...NO_BLOCKS,
      ...NOT_COUNTED,
      ...NO_JIT,
    ];
  }
}
