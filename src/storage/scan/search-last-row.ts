import type { ScanControl } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { compareTimeKeys, type TimeKey, timeKeyOf, timeKeysOf } from '../time-key.ts';
import type { OutputColumn } from './output-columns.ts';
import { advance, planRuns } from './plan-runs.ts';
import { fieldOutputs, RowCollector } from './row-collector.ts';
import type { ScanSource } from './run-directory.ts';
import type { ScanLayers } from './scan-layers.ts';
import type { ScanParts } from './table-scan.ts';
import type { TimeBounds } from './time-bounds.ts';

const BATCH_ROWS = 1024;

/** The newest rows that were found of a series: one, unless several have the same key in a table without versions. */
interface Newest {
  readonly key: TimeKey;
  readonly parts: readonly { readonly columns: readonly Column[]; readonly rowCount: number }[];
}

/**
 * The last rows of series for which directories alone do not tell them. From `partition` back, windows of time that must
 * hold the last row, if what is in them is not deleted, are read as any scan would read them, until one has a row.
 */
export async function* searchLastRows(
  parts: ScanParts,
  layers: ScanLayers,
  { partition, seriesIds }: { readonly partition: number; readonly seriesIds: readonly number[] },
  control: ScanControl,
): AsyncGenerator<Batch, void, undefined> {
  const keyed: ScanParts = { ...parts, outputs: [...fieldOutputs(parts), ...KEY_OUTPUTS] };
  const collector = new RowCollector(parts);
  for (const seriesId of seriesIds) {
    const newest = await findNewest(keyed, layers, seriesId, partition, control);
    for (const { columns, rowCount } of newest?.parts ?? []) {
      for (let row = 0; row < rowCount; row++) collector.add({ seriesId, ...newest!.key }, columns, row);
    }
    if (collector.rowCount >= BATCH_ROWS) yield collector.take()!;
    const turn = control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  const rest = collector.take();
  if (rest !== undefined) yield rest;
}

/** Stand behind the fields. */
const KEY_OUTPUTS: readonly OutputColumn[] = [{ kind: 'time', isDate: false }, { kind: 'remainder' }];

async function findNewest(
  parts: ScanParts,
  layers: ScanLayers,
  seriesId: number,
  partition: number,
  control: ScanControl,
): Promise<Newest | undefined> {
  const { bounds } = parts;
  let upper = bounds.to;
  for (let place = layers.partitions.lastIndexOf(partition); place >= 0; place--) {
    const sources = layers.sourcesOf(layers.partitions[place]!);
    for (;;) {
      const below = bounds.within(bounds.from, upper);
      if (below.isEmpty) return undefined;
      const start = windowStart(sources, seriesId, below);
      if (start === undefined) break;
      const window = bounds.within(start, upper);
      const newest = await readWindow({ ...parts, bounds: window }, layers, { sources, seriesId }, control);
      if (newest !== undefined) return newest;
      upper = start;
    }
  }
  return undefined;
}

/**
 * A time within or before the bounds that the newest row in them is probably not before: of each source the time of its
 * last row, or where the bounds cut that off the beginning of the unit that they cut. undefined: no source reaches into
 * them.
 */
function windowStart(sources: readonly ScanSource[], seriesId: number, bounds: TimeBounds): TimeKey | undefined {
  let start = Number.NEGATIVE_INFINITY;
  for (const source of sources) {
    const run = advance(source, 0, seriesId);
    if (run === source.runCount || source.seriesAt(run) !== seriesId) continue;
    const last = source.lastTime(run);
    if (!bounds.overlaps(source.firstTime(run), last)) continue;
    start = Math.max(start, last < bounds.to.time ? last : lastBefore(source, run, bounds));
  }
  return start === Number.NEGATIVE_INFINITY ? undefined : { time: start, fraction: 0 };
}

/** Of a run that goes on behind the bounds. */
function lastBefore(source: ScanSource, run: number, bounds: TimeBounds): number {
  const start = source.start(run);
  const first = source.firstTime(run);
  if (source.kind === 'memtable') {
    const { times, fractions } = source.permutation;
    const row = bounds.endRow(times, fractions, start, source.end(run)) - 1;
    return row < start ? Number.NEGATIVE_INFINITY : times[row];
  }
  const { reader } = source;
  const { to } = bounds;
  const isWithin = (time: number) => time < to.time || (time === to.time && to.fraction > 0);
  const timeOf = (unit: number, side: 'min' | 'max'): number => {
    const statistics = reader.statistics(reader.header.sortColumnNumber, unit);
    return statistics.kind === 'int64' ? timeKeyOf(statistics[side]).time : Number.NEGATIVE_INFINITY;
  };
  let unit = reader.unitOfRow(source.end(run) - 1);
  while (reader.unitStarts[unit] > start && !isWithin(timeOf(unit, 'min'))) unit--;
  // Other series in the unit may reach further back than this one, which begins where the unit before has ended.
  const isAfterOwn = unit > 0 && reader.unitStarts[unit - 1] >= start;
  const candidates = [timeOf(unit, 'min'), isAfterOwn ? timeOf(unit - 1, 'max') : first].filter(isWithin);
  return Math.max(first, ...candidates);
}

/** The newest rows within the bounds of `parts`, whose outputs end with `KEY_OUTPUTS`. */
async function readWindow(
  parts: ScanParts,
  layers: ScanLayers,
  { sources, seriesId }: { readonly sources: readonly ScanSource[]; readonly seriesId: number },
  control: ScanControl,
): Promise<Newest | undefined> {
  let newest: Newest | undefined;
  for (const run of planRuns(sources, [seriesId], parts.bounds, parts.mergesVersions)) {
    const reader = layers.open(parts, sources, [run], control);
    try {
      for (;;) {
        const pending = reader.next();
        const batch = pending instanceof Promise ? await pending : pending;
        if (batch === undefined) break;
        newest = newerOf(newest, batch);
      }
    } finally {
      reader.close();
    }
  }
  return newest;
}

/** Batches come in order of time. */
function newerOf(newest: Newest | undefined, { rowCount, columns }: Batch): Newest {
  const { times, fractions } = timeKeysOf(columns.at(-2)!, remaindersOf(columns.at(-1)!, rowCount));
  const keyAt = (row: number): TimeKey => ({
    time: times[row],
    fraction: fractions === undefined ? 0 : fractions[row],
  });
  const key = keyAt(rowCount - 1);
  const isSame = (other: TimeKey) => compareTimeKeys(key.time, key.fraction, other.time, other.fraction) === 0;
  let from = rowCount - 1;
  while (from > 0 && isSame(keyAt(from - 1))) from--;
  const rows = Uint32Array.from({ length: rowCount - from }, (_, index) => from + index);
  const part = {
    columns: columns.slice(0, -2).map((column) => gatherColumn(column, rows, rows.length)),
    rowCount: rows.length,
  };
  return newest !== undefined && isSame(newest.key) ? { key, parts: [...newest.parts, part] } : { key, parts: [part] };
}

function remaindersOf(column: Column, rowCount: number): Uint16Array | undefined {
  if (column.kind !== 'number') return undefined;
  return column.values.subarray(0, rowCount).some((value) => value !== 0) ? Uint16Array.from(column.values) : undefined;
}
