import { createHash } from 'node:crypto';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Column } from '../../columnar/column.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { errorCode } from '../../platform/file-system.ts';
import type { PartitionEntry, SegmentEntry } from '../checkpoint/manifest-content.ts';
import { isDamage } from '../damage.ts';
import { fileOf } from '../packs/pack-place.ts';
import type { SegmentObject, SegmentStore } from '../seams/segment-store.ts';
import { REMAINDER } from '../segment/hidden-columns.ts';
import { SegmentReader } from '../segment/segment-reader.ts';
import { mergesVersions, partitionOf } from '../table-identity.ts';
import { timeKeyOf, timeKeysOf } from '../time-key.ts';
import { disagreement } from './column-facts.ts';
import type { Findings } from './findings.ts';

const CHUNK_BYTES = 1 << 20;

/** What the manifest says of a segment and what it belongs to. */
export interface ExpectedSegment {
  readonly path: string;
  readonly entry: SegmentEntry;
  readonly partition: PartitionEntry;
  readonly table: TableDescriptor;
  readonly seriesCount: number;
}

/** A whole segment: its hash, its frame, every unit, the order of its rows, and its statistics against its values. */
export async function checkSegment(
  segments: SegmentStore,
  expected: ExpectedSegment,
  findings: Findings,
): Promise<void> {
  const { entry, path } = expected;
  let object: SegmentObject;
  try {
    object = await segments.open(fileOf(entry));
  } catch (error) {
    if (!isDamage(error)) throw error;
    const isMissing = errorCode(error) === 'ENOENT';
    findings.problem(path, undefined, isMissing ? 'the manifest names it, and it does not exist' : error.message);
    return;
  }
  try {
    findings.counts.segmentCount++;
    await findings.countObject(segments, entry);
    const place = placeOf(entry, object, (offset, what) => findings.problem(path, offset, what));
    const hash = await hashOf(object, place);
    if (hash !== entry.hash) {
      const what = entry.pack === undefined ? 'its SHA-256' : `the SHA-256 of ${entry.name}`;
      findings.problem(path, entry.pack?.offset, `${what} is not the one in the manifest`);
    }
    const reader = await SegmentReader.open(object, entry.name, place);
    try {
      checkFrame(reader, expected, findings);
      await checkUnits(reader, expected, findings);
      findings.counts.rowCount += reader.rowCount;
    } finally {
      reader.close();
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    findings.problem(path, error instanceof CorruptionError ? error.offset : undefined, error.message);
  } finally {
    await object.close();
  }
}

interface Place {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Where the segment lies in its file, as far as the file reaches. */
function placeOf(
  { pack, sizeBytes }: SegmentEntry,
  object: SegmentObject,
  problem: (offset: number, what: string) => void,
): Place {
  if (pack === undefined) {
    if (object.sizeBytes !== sizeBytes) {
      problem(Math.min(object.sizeBytes, sizeBytes), `${object.sizeBytes} bytes instead of ${sizeBytes}`);
    }
    return { offset: 0, sizeBytes: object.sizeBytes };
  }
  const left = Math.max(object.sizeBytes - pack.offset, 0);
  if (left < sizeBytes) {
    problem(Math.min(object.sizeBytes, pack.offset), `${left} bytes from offset ${pack.offset} on, not ${sizeBytes}`);
  }
  if (pack.sizeBytes !== sizeBytes) {
    problem(pack.offset, `a place of ${pack.sizeBytes} bytes for a segment of ${sizeBytes}`);
  }
  return { offset: Math.min(pack.offset, object.sizeBytes), sizeBytes: Math.min(left, sizeBytes) };
}

async function hashOf(object: SegmentObject, { offset, sizeBytes }: Place): Promise<string> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, sizeBytes));
  for (let at = 0; at < sizeBytes; at += chunk.length) {
    const piece = chunk.subarray(0, Math.min(chunk.length, sizeBytes - at));
    await object.readInto(piece, offset + at);
    hash.update(piece);
  }
  return hash.digest('hex');
}

/** The footer against the manifest. */
function checkFrame(
  { header, rowCount, seriesIds, firstTimes, lastTimes }: SegmentReader,
  { path, entry, partition, table, seriesCount }: ExpectedSegment,
  findings: Findings,
): void {
  const expect = (what: string, found: number, wanted: number): void => {
    if (found !== wanted)
      findings.problem(path, entry.pack?.offset, `its footer has ${what} ${found}, the manifest ${wanted}`);
  };
  expect('table', header.tableOid, table.oid);
  expect('rows', rowCount, entry.rowCount);
  // Staged segments are written before their commit has an LSN.
  const isStaged = header.minLsn === 0 && header.maxLsn === 0 && entry.minLsn === entry.maxLsn;
  if (!isStaged) {
    expect('the lowest LSN', header.minLsn, entry.minLsn);
    expect('the highest LSN', header.maxLsn, entry.maxLsn);
  }
  if (entry.maxLsn > partition.appliedLsn) {
    const { appliedLsn } = partition;
    findings.problem(
      path,
      entry.pack?.offset,
      `it reaches LSN ${entry.maxLsn}, its partition is applied up to ${appliedLsn}`,
    );
  }
  const last = seriesIds[seriesIds.length - 1];
  if (seriesIds.length > 0 && last >= seriesCount) {
    findings.problem(path, entry.pack?.offset, `it has series ${last}, and the table has ${seriesCount}`);
  }
  if (table.timeSeries === undefined) return;
  const { partitionMicros } = table.timeSeries;
  for (const times of [firstTimes, lastTimes]) {
    for (let index = 0; index < times.length; index++) {
      if (partitionOf(timeKeyOf(times[index]!).time, partitionMicros) === partition.partition) continue;
      findings.problem(
        path,
        entry.pack?.offset,
        `series ${seriesIds[index]} lies outside of partition ${partition.partition}`,
      );
      return;
    }
  }
}

async function checkUnits(reader: SegmentReader, expected: ExpectedSegment, findings: Findings): Promise<void> {
  const order = new RowOrder(reader, mergesVersions(expected.table));
  for (let unit = 0; unit < reader.unitCount; unit++) {
    const columns = new Map<number, Column>();
    for (const { number, type } of reader.columns) {
      let column: Column;
      try {
        const pinned = await reader.readUnit(number, unit);
        column = pinned.column;
        columns.set(number, column);
        pinned.release();
      } catch (error) {
        if (!isDamage(error)) throw error;
        findings.problem(expected.path, error instanceof CorruptionError ? error.offset : undefined, error.message);
        continue;
      }
      const rowCount = reader.unitStarts[unit + 1] - reader.unitStarts[unit];
      const wrong = disagreement(column, rowCount, type, reader.statistics(number, unit));
      if (wrong === undefined) continue;
      findings.problem(expected.path, expected.entry.pack?.offset, `column ${number}, unit ${unit}: ${wrong}`);
    }
    const wrong = order.check(unit, columns);
    if (wrong !== undefined) findings.problem(expected.path, expected.entry.pack?.offset, `unit ${unit}: ${wrong}`);
  }
}

/** Rows ascend by series and time; where rows are versions of points, no two have one key. */
class RowOrder {
  readonly #reader: SegmentReader;
  readonly #isStrict: boolean;
  #series = 0;
  #time = Number.NEGATIVE_INFINITY;
  #fraction = 0;

  constructor(reader: SegmentReader, isStrict: boolean) {
    this.#reader = reader;
    this.#isStrict = isStrict;
  }

  /** What is wrong with the order of a unit's rows. Units whose keys cannot be read are passed over. */
  check(unit: number, columns: ReadonlyMap<number, Column>): string | undefined {
    const { header, unitStarts, seriesStarts, seriesIds, firstTimes, lastTimes } = this.#reader;
    const sortColumn = columns.get(header.sortColumnNumber);
    const remainders = columns.get(REMAINDER);
    if (sortColumn === undefined || (remainders === undefined && this.#reader.hasColumn(REMAINDER))) {
      this.#time = Number.NEGATIVE_INFINITY;
      this.#series = 0;
      return undefined;
    }
    if (sortColumn.validity !== undefined) return 'a NULL in the column that it is sorted by';
    const { times, fractions } = timeKeysOf(
      sortColumn,
      remainders?.kind === 'number' ? Uint16Array.from(remainders.values) : undefined,
    );
    const keysPerMicro = 1000;
    for (let row = 0; row < times.length; row++) {
      const position = unitStarts[unit] + row;
      while (position >= seriesStarts[this.#series + 1]) {
        this.#series++;
        this.#time = Number.NEGATIVE_INFINITY;
      }
      const fraction = fractions === undefined ? 0 : fractions[row];
      const isAfter = times[row] > this.#time || (times[row] === this.#time && fraction > this.#fraction);
      const isEqual = times[row] === this.#time && fraction === this.#fraction;
      if (!isAfter && !(isEqual && !this.#isStrict))
        return `row ${position} of series ${seriesIds[this.#series]} is out of order`;
      const isFirst = position === seriesStarts[this.#series];
      const isLast = position === seriesStarts[this.#series + 1] - 1;
      for (const [isEdge, edges] of [
        [isFirst, firstTimes],
        [isLast, lastTimes],
      ] as const) {
        if (!isEdge) continue;
        const edge = timeKeyOf(edges[this.#series]!);
        // The edges in the footer know nothing of remainders.
        if (edge.time === times[row] && edge.fraction === fraction - (fraction % keysPerMicro)) continue;
        return `row ${position} is not where the footer says that series ${seriesIds[this.#series]} begins or ends`;
      }
      this.#time = times[row];
      this.#fraction = fraction;
    }
    return undefined;
  }
}
