import type { Run, ScanSpan, SpanReader } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { invariant } from '../../errors/invariant.ts';
import { lowerBoundOf } from '../binary-search.ts';
import type { SegmentScanSource } from './run-directory.ts';
import { readSegmentRuns } from './segment-runs.ts';
import type { ScanParts } from './table-scan.ts';

/**
 * Sole runs of one segment, a span each where a run is made of several whole units within the time range; the others, and
 * those that are to be split, unit by unit.
 */
export function readWholeRuns(
  parts: ScanParts,
  source: SegmentScanSource,
  runs: readonly Run[],
  dead = source.dead,
): SpanReader {
  let next = 0;
  let whole: WholeRun | undefined;
  let units: SpanReader | undefined;
  const step = (): ReturnType<SpanReader['next']> => {
    for (;;) {
      if (units !== undefined) {
        const pending = units.next();
        if (pending instanceof Promise) return pending.then((span) => span ?? ended());
        if (pending !== undefined) return pending;
        units.close();
        units = undefined;
      }
      if (whole?.isSplit === true) {
        units = readSegmentRuns(parts, source, [whole.run], dead);
        whole = undefined;
        continue;
      }
      if (whole !== undefined) parts.counters.soleRows += whole.rowCount;
      whole = undefined;
      if (next === runs.length) return undefined;
      const from = next;
      for (; next < runs.length && whole === undefined; next++) whole = wholeRun(parts, source, runs[next], dead);
      const before = next - (whole === undefined ? 0 : 1);
      if (before === from) return whole;
      // The run in hand comes behind those before it.
      if (whole !== undefined) next--;
      whole = undefined;
      units = readSegmentRuns(parts, source, runs.slice(from, before), dead);
    }
  };
  const ended = (): ReturnType<SpanReader['next']> => {
    units?.close();
    units = undefined;
    return step();
  };
  return { next: step, close: () => units?.close() };
}

function wholeRun(parts: ScanParts, source: SegmentScanSource, run: Run, dead: Uint32Array): WholeRun | undefined {
  const { reader } = source;
  const { from, to } = run.pieces[0]!;
  const nextDead = lowerBoundOf(dead, from);
  if (nextDead < dead.length && dead[nextDead] < to) return undefined;
  const firstUnit = reader.unitOfRow(from);
  if (to <= reader.unitStarts[firstUnit + 1] || reader.unitStarts[firstUnit] !== from) return undefined;
  const lastUnit = reader.unitOfRow(to - 1);
  if (reader.unitStarts[lastUnit + 1] !== to) return undefined;
  const place = lowerBoundOf(reader.seriesStarts, from);
  if (reader.seriesStarts[place] !== from || reader.seriesStarts[place + 1] !== to) return undefined;
  const firstTime = source.firstTime(place);
  const lastTime = source.lastTime(place);
  if (!source.isContainedIn(parts.bounds) && !parts.bounds.contains(firstTime, lastTime)) return undefined;
  return new WholeRun(parts, source, { run, firstUnit, endUnit: lastUnit + 1, firstTime, lastTime });
}

/** All rows of a series in a segment: the units `firstUnit` to `endUnit` (exclusive). */
class WholeRun implements ScanSpan {
  readonly rowCount: number;
  readonly live = undefined;
  readonly seriesIds: readonly number[];
  readonly seriesEnds: readonly number[];
  readonly firstTime: number;
  readonly lastTime: number;
  readonly run: Run;
  isSplit = false;
  readonly #parts: ScanParts;
  readonly #source: SegmentScanSource;
  readonly #firstUnit: number;
  readonly #endUnit: number;

  constructor(
    parts: ScanParts,
    source: SegmentScanSource,
    place: { run: Run; firstUnit: number; endUnit: number; firstTime: number; lastTime: number },
  ) {
    const { from, to } = place.run.pieces[0]!;
    this.run = place.run;
    this.rowCount = to - from;
    this.seriesIds = [place.run.seriesId];
    this.seriesEnds = [this.rowCount];
    this.firstTime = place.firstTime;
    this.lastTime = place.lastTime;
    this.#parts = parts;
    this.#source = source;
    this.#firstUnit = place.firstUnit;
    this.#endUnit = place.endUnit;
  }

  get liveCount(): number {
    return this.rowCount;
  }

  load(): undefined {
    return undefined;
  }

  column(): Column {
    invariant(false, 'of a whole run only the statistics are known');
  }

  statistics(column: number): UnitStatistics | undefined {
    const { reader } = this.#source;
    const output = this.#parts.outputs[column];
    let number: number;
    if (output.kind === 'time' && !output.isDate) number = reader.header.sortColumnNumber;
    else if (output.kind === 'field' && reader.hasColumn(output.number)) number = output.number;
    else return undefined;
    return reader.columnStatistics(number).over(this.#firstUnit, this.#endUnit, reader.unitStarts);
  }

  bounds(column: number): UnitStatistics | undefined {
    return this.statistics(column);
  }

  split(): void {
    this.isSplit = true;
  }
}
