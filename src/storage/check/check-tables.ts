import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { typeByOid } from '../../types/type-registry.ts';
import { databaseOids, type ManifestContent, objectsOf, type TableEntry } from '../checkpoint/manifest-content.ts';
import { readSeriesObject } from '../checkpoint/series-object.ts';
import { descriptorFromJson } from '../commit/descriptor-json.ts';
import type { TypeLookup } from '../commit/enum-json.ts';
import { isDamage } from '../damage.ts';
import { fileOf, type StoredObject } from '../packs/pack-place.ts';
import type { SegmentStore } from '../seams/segment-store.ts';
import { TableStore } from '../table-store.ts';
import { checkDeletes } from './check-deletes.ts';
import { checkObjects } from './check-objects.ts';
import { checkSegment } from './check-segment.ts';
import type { Findings } from './findings.ts';

/** Where the objects of a data directory are. */
export interface CheckedObjects {
  readonly segments: SegmentStore;
  readonly path: (name: string) => string;
  readonly manifestPath: string;
}

/** Every table of the manifest with its series and segments. Returns the files that it names. */
export async function checkTables(
  objects: CheckedObjects,
  content: ManifestContent,
  findings: Findings,
): Promise<ReadonlySet<string>> {
  const types = checkObjects(content, findings, objects.manifestPath);
  const claims = new Claims();
  const databases = databaseOids(content);
  const tableOids = new Set<number>();
  for (const entry of content.tables) {
    const { oid } = entry.descriptor;
    findings.counts.tableCount++;
    const problem = (what: string) => findings.problem(objects.manifestPath, undefined, `table ${oid}: ${what}`);
    if (tableOids.has(oid)) problem('it stands there twice');
    tableOids.add(oid);
    if (!databases.has(entry.databaseOid)) problem(`it is in database ${entry.databaseOid}, which does not exist`);
    if (oid >= content.nextOid) problem(`its OID is not below ${content.nextOid}, the next one to be given out`);
    for (const object of objectsOf(entry)) claims.add(object, oid, problem);
    checkPositions(entry, content, problem);
    const descriptor = readDescriptor(entry, types, problem);
    if (descriptor !== undefined) await checkTable(objects, entry, descriptor, findings);
  }
  claims.findOverlaps((file, what) => findings.problem(objects.path(file), undefined, what));
  return claims.files;
}

/** Lists files that neither the manifest nor the log names as harmless. */
export async function noteUnnamed(
  objects: CheckedObjects,
  named: readonly ReadonlySet<string>[],
  findings: Findings,
): Promise<void> {
  for (const name of await objects.segments.list('')) {
    if (named.some((files) => files.has(name))) continue;
    findings.trace(objects.path(name), 'nothing names it; the next start removes it');
  }
}

/** Which table each object and each part of a pack belongs to. */
class Claims {
  readonly #files = new Set<string>();
  readonly #owners = new Map<string, number>();
  readonly #packs = new Map<string, { name: string; from: number; to: number }[]>();

  add(object: StoredObject, oid: number, problem: (what: string) => void): void {
    const owner = this.#owners.get(object.name);
    if (owner !== undefined) problem(`${object.name} is also claimed by table ${owner}`);
    this.#owners.set(object.name, oid);
    const file = fileOf(object);
    this.#files.add(file);
    if (object.pack === undefined) return;
    const { offset, sizeBytes } = object.pack;
    const part = { name: object.name, from: offset, to: offset + sizeBytes };
    const parts = this.#packs.get(file);
    if (parts === undefined) this.#packs.set(file, [part]);
    else if (owner === undefined) parts.push(part);
  }

  get files(): ReadonlySet<string> {
    return this.#files;
  }

  findOverlaps(problem: (file: string, what: string) => void): void {
    for (const [file, parts] of this.#packs) {
      parts.sort((left, right) => left.from - right.from);
      for (let index = 1; index < parts.length; index++) {
        if (parts[index]!.from >= parts[index - 1]!.to) continue;
        problem(file, `${parts[index]!.name} begins before ${parts[index - 1]!.name} ends`);
      }
    }
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

function readDescriptor(
  entry: TableEntry,
  enums: TypeLookup,
  problem: (what: string) => void,
): TableDescriptor | undefined {
  try {
    return descriptorFromJson(entry.descriptor, (oid) => typeByOid(oid) ?? enums(oid));
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
      const expected = {
        path: objects.path(fileOf(segment)),
        entry: segment,
        partition,
        table: descriptor,
        seriesCount,
      };
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
        findings.problem(path(fileOf(piece)), undefined, `its series begin at ${piece.firstId} instead of ${expected}`);
      }
      expected = piece.firstId + piece.count;
      await findings.countObject(segments, piece);
      // What follows a damaged piece cannot be put into its place, only be read.
      if (isWhole) await readSeriesObject(segments, series, piece);
    } catch (error) {
      if (!isDamage(error)) throw error;
      isWhole = false;
      findings.problem(path(fileOf(piece)), undefined, error.message);
    }
  }
  findings.counts.seriesCount += expected;
  return expected;
}
