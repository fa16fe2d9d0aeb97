import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { type ManifestContent, objectNames, type TableEntry } from '../checkpoint/manifest-content.ts';
import { readSeriesObject } from '../checkpoint/series-object.ts';
import { descriptorFromJson } from '../commit/descriptor-json.ts';
import { isDamage } from '../damage.ts';
import type { SegmentStore } from '../seams/segment-store.ts';
import { TableStore } from '../table-store.ts';
import { checkDeletes } from './check-deletes.ts';
import { checkSegment } from './check-segment.ts';
import type { Findings } from './findings.ts';

/** Where the objects of a data directory are. */
export interface CheckedObjects {
  readonly segments: SegmentStore;
  readonly path: (name: string) => string;
  readonly manifestPath: string;
}

/** Every table of the manifest with its series and segments; objects that nothing names are listed as harmless. */
export async function checkTables(
  objects: CheckedObjects,
  content: ManifestContent,
  findings: Findings,
): Promise<void> {
  const claimed = new Map<string, number>();
  const databases = new Set(content.databases.map(({ oid }) => oid));
  const tableOids = new Set<number>();
  for (const entry of content.tables) {
    const { oid } = entry.descriptor;
    findings.counts.tableCount++;
    const problem = (what: string) => findings.problem(objects.manifestPath, undefined, `table ${oid}: ${what}`);
    if (tableOids.has(oid)) problem('it stands there twice');
    tableOids.add(oid);
    if (!databases.has(entry.databaseOid)) problem(`it is in database ${entry.databaseOid}, which does not exist`);
    if (oid >= content.nextOid) problem(`its OID is not below ${content.nextOid}, the next one to be given out`);
    for (const name of objectNames(entry)) {
      const owner = claimed.get(name);
      if (owner !== undefined) problem(`${name} is also claimed by table ${owner}`);
      claimed.set(name, oid);
    }
    checkPositions(entry, content, problem);
    const descriptor = readDescriptor(entry, problem);
    if (descriptor !== undefined) await checkTable(objects, entry, descriptor, findings);
  }
  for (const name of await objects.segments.list('')) {
    if (!claimed.has(name)) findings.trace(objects.path(name), 'nothing names it; the next start removes it');
  }
}

/** The positions of a table against those of the manifest. */
function checkPositions({ partitions }: TableEntry, content: ManifestContent, problem: (what: string) => void): void {
  const seen = new Set<number>();
  for (const { partition, appliedLsn, segments } of partitions) {
    if (appliedLsn > content.catalogLsn) {
      problem(`partition ${partition} is applied up to ${appliedLsn}, and the catalog ends at ${content.catalogLsn}`);
    }
    if (seen.has(partition)) problem(`partition ${partition} stands there twice`);
    seen.add(partition);
    for (const { name, minLsn, maxLsn } of segments) {
      if (minLsn > maxLsn) problem(`${name} holds commits ${minLsn} to ${maxLsn}`);
    }
  }
  if (content.replayFrom > content.catalogLsn + 1) {
    problem(`the log is read from ${content.replayFrom} on, and the catalog ends at ${content.catalogLsn}`);
  }
}

function readDescriptor(entry: TableEntry, problem: (what: string) => void): TableDescriptor | undefined {
  try {
    return descriptorFromJson(entry.descriptor);
  } catch (error) {
    problem(`its description cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}

async function checkTable(
  objects: CheckedObjects,
  entry: TableEntry,
  descriptor: TableDescriptor,
  findings: Findings,
): Promise<void> {
  const seriesCount = await checkSeries(objects, entry, descriptor, findings);
  for (const partition of entry.partitions) {
    for (const segment of partition.segments) {
      const expected = { path: objects.path(segment.name), entry: segment, partition, table: descriptor, seriesCount };
      await checkSegment(objects.segments, expected, findings);
      await checkDeletes(objects, segment, partition, findings);
    }
  }
}

/** The series objects of a table, which follow each other. Returns how many series there are. */
async function checkSeries(
  { segments, path }: CheckedObjects,
  { series: pieces }: TableEntry,
  descriptor: TableDescriptor,
  findings: Findings,
): Promise<number> {
  const { series } = new TableStore(0, descriptor);
  if (pieces.length === 0) return series.size;
  let expected = 0;
  let isWhole = true;
  for (const piece of pieces) {
    try {
      if (piece.firstId !== expected) {
        findings.problem(path(piece.name), undefined, `its series begin at ${piece.firstId} instead of ${expected}`);
      }
      expected = piece.firstId + piece.count;
      const object = await segments.open(piece.name);
      findings.countFile(object.sizeBytes);
      await object.close();
      // What follows a damaged piece cannot be put into its place, only be read.
      if (isWhole) await readSeriesObject(segments, series, piece);
    } catch (error) {
      if (!isDamage(error)) throw error;
      isWhole = false;
      findings.problem(path(piece.name), undefined, error.message);
    }
  }
  findings.counts.seriesCount += expected;
  return expected;
}
