import { BOOTSTRAP_ROLE } from '../../catalog/access/role.ts';
import { type CatalogObject, FIRST_OBJECTS, SHARED_OID } from '../../catalog/catalog-object.ts';
import type { DatabaseDescriptor } from '../../catalog/catalog-reader.ts';
import type { Lsn } from '../../catalog/table.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { DescriptorJson } from '../commit/descriptor-json.ts';
import type { DeletesEntry } from '../deletes/deletes-object.ts';
import { fileOf, type PackPlace, type StoredObject } from '../packs/pack-place.ts';
import { applyObjectEdit, type ObjectEdit, type ObjectEntries, type OtherEntry } from './object-entries.ts';

/** What the manifest says of a segment: enough to open it, and to prune it unopened. */
export interface SegmentEntry {
  /** Names it; it is also its file, unless it lies in a pack. */
  readonly name: string;
  readonly pack?: PackPlace;
  readonly sizeBytes: number;
  /** SHA-256 of all its bytes, as its writer gave it. */
  readonly hash: string;
  readonly rowCount: number;
  readonly minLsn: Lsn;
  readonly maxLsn: Lsn;
  /** Which of the rows are deleted, up to the partition's applied LSN. */
  readonly deletes?: DeletesEntry;
}

/** Series `firstId` to `firstId + count - 1` of a table, in an object of their own. */
export interface SeriesPiece {
  readonly name: string;
  readonly pack?: PackPlace;
  readonly firstId: number;
  readonly count: number;
}

/** Rows and deletes of this partition up to `appliedLsn` stand in segments and beside them; replay skips them. */
export interface PartitionEntry {
  readonly partition: number;
  readonly appliedLsn: Lsn;
  readonly segments: readonly SegmentEntry[];
}

export interface TableEntry {
  readonly databaseOid: number;
  readonly descriptor: DescriptorJson;
  readonly nextRowId: number;
  readonly series: readonly SeriesPiece[];
  readonly partitions: readonly PartitionEntry[];
}

/** A role that a server begins with. */
export interface FirstRole {
  readonly oid: number;
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly canLogin: boolean;
}

/** Everything that is true of a data directory apart from what its log adds. Plain data, JSON on disk. */
export interface ManifestContent {
  readonly format: number;
  readonly systemIdentifier: string;
  /** 32 bytes in hexadecimal that nobody else knows: logins of unknown users look alike with it. */
  readonly loginSecret?: string;
  /** Those that the server began with. */
  readonly databases: readonly DatabaseDescriptor[];
  /** Likewise. */
  readonly roles: readonly FirstRole[];
  readonly nextOid: number;
  /** Catalog and series are those after this commit. */
  readonly catalogLsn: Lsn;
  /** Where replay begins: everything before is in segments and in this catalog. */
  readonly replayFrom: Lsn;
  /** The server has ended in order with this commit: unlogged tables are whole, unless the log goes on. */
  readonly endedAt?: Lsn | undefined;
  readonly tables: readonly TableEntry[];
  /** `others` is left out while the databases have no schemas and comments but those they begin with. */
  readonly objects?: Omit<ObjectEntries, 'others'> & Partial<Pick<ObjectEntries, 'others'>>;
}

/** The sequences, types, schemas, comments and so on of all databases, and what they share. */
export function objectEntries({ objects, databases, roles }: ManifestContent): ObjectEntries {
  const { sequences = [], enums = [] } = objects ?? {};
  const others =
    objects?.others ?? databases.flatMap(({ oid }) => FIRST_OBJECTS.map((object) => ({ databaseOid: oid, object })));
  const hasShared = others.some(({ databaseOid }) => databaseOid === SHARED_OID);
  return { sequences, enums, others: hasShared ? others : [...firstShared({ databases, roles }), ...others] };
}

/** The OIDs of the databases that there are, and of what they share. */
export function databaseOids(content: ManifestContent): Set<number> {
  const oids = new Set([SHARED_OID]);
  for (const { databaseOid, object } of objectEntries(content).others) {
    if (databaseOid === SHARED_OID && object.kind === 'database') oids.add(object.oid);
  }
  return oids;
}

/** The role and the databases that a server begins with: as long as they are all, they stand in the manifest's own fields. */
function firstShared({ databases, roles }: Pick<ManifestContent, 'databases' | 'roles'>): OtherEntry[] {
  const first = [
    ...roles.map((role): CatalogObject => ({ ...BOOTSTRAP_ROLE, ...role, kind: 'role', version: 1 })),
    ...databases.map(
      ({ oid, name, ownerOid }): CatalogObject => ({
        kind: 'database',
        oid,
        name,
        ownerOid,
        connectionLimit: -1,
        allowsConnections: true,
        isTemplate: false,
        version: 1,
      }),
    ),
  ];
  return first.map((object) => ({ databaseOid: SHARED_OID, object }));
}

/** Flushes, the catalog's way forward since the edit before, or both. */
export interface ManifestEdit {
  readonly nextOid: number;
  readonly catalogLsn: Lsn;
  readonly replayFrom: Lsn;
  /** New tables and new versions of tables. */
  readonly puts: readonly { readonly databaseOid: number; readonly descriptor: DescriptorJson }[];
  readonly drops: readonly number[];
  /** All pieces of the tables named, in place of what they had. */
  readonly series: readonly { readonly tableOid: number; readonly pieces: readonly SeriesPiece[] }[];
  /** Unlogged tables that a crash has emptied. */
  readonly resets?: readonly number[];
  /** Only in the last edit of a server that ends in order. */
  readonly endedAt?: Lsn;
  /** At most one of each partition. */
  readonly flushes: readonly FlushEdit[];
  /** At most one of each partition. */
  readonly compactions?: readonly CompactionEdit[];
  /** Sequences and types. */
  readonly objects?: ObjectEdit;
}

/** What moves the applied LSN of one partition. */
export interface FlushEdit {
  readonly tableOid: number;
  readonly nextRowId: number;
  readonly partition: number;
  readonly appliedLsn: Lsn;
  /** The rows that came; undefined when none is left of them. */
  readonly segment: SegmentEntry | undefined;
  /** Segments that commits have brought as they are. */
  readonly staged?: readonly SegmentEntry[];
  /** Deletes of older segments, in place of those named before. */
  readonly deletes?: readonly { readonly segment: string; readonly deletes: DeletesEntry }[];
  /** Older segments of which no row is left. */
  readonly emptied?: readonly string[];
}

/** Segments that were merged: the same rows, less deleted ones, so no LSN moves. */
export interface CompactionEdit {
  readonly tableOid: number;
  readonly partition: number;
  /** Names of segments that follow each other. */
  readonly inputs: readonly string[];
  /** What takes their place; undefined when no row is left. */
  readonly segment: SegmentEntry | undefined;
}

/** Higher formats are refused; a lower one would be converted here. */
export const FORMAT_VERSION = 1;

/** An edit that changes nothing: what is to change is put into it. */
export function unchanged({ nextOid, catalogLsn, replayFrom }: ManifestContent): ManifestEdit {
  return { nextOid, catalogLsn, replayFrom, puts: [], drops: [], series: [], flushes: [] };
}

/** The content as it is after an edit; `content` stays as it is. */
export function applyEdit(content: ManifestContent, edit: ManifestEdit): ManifestContent {
  const tables = new Map(content.tables.map((table) => [table.descriptor.oid, table]));
  for (const { databaseOid, descriptor } of edit.puts) {
    const older = tables.get(descriptor.oid);
    tables.set(
      descriptor.oid,
      older === undefined
        ? { databaseOid, descriptor, nextRowId: 1, series: [], partitions: [] }
        : { ...older, descriptor },
    );
  }
  for (const oid of edit.drops) tables.delete(oid);
  for (const oid of edit.resets ?? []) {
    const table = tables.get(oid);
    if (table !== undefined) tables.set(oid, { ...table, partitions: [] });
  }
  for (const { tableOid, pieces } of edit.series) {
    const table = tables.get(tableOid);
    if (table !== undefined) tables.set(tableOid, { ...table, series: pieces });
  }
  for (const flush of edit.flushes) {
    const table = tables.get(flush.tableOid);
    if (table !== undefined) tables.set(flush.tableOid, withFlush(table, flush));
  }
  for (const compaction of edit.compactions ?? []) {
    const table = tables.get(compaction.tableOid);
    if (table !== undefined) tables.set(compaction.tableOid, withCompaction(table, compaction));
  }
  return {
    ...content,
    nextOid: edit.nextOid,
    catalogLsn: edit.catalogLsn,
    replayFrom: edit.replayFrom,
    endedAt: edit.endedAt,
    tables: [...tables.values()],
    ...(edit.objects === undefined ? {} : { objects: applyObjectEdit(objectEntries(content), edit.objects) }),
  };
}

function withFlush(table: TableEntry, flush: FlushEdit): TableEntry {
  const older = table.partitions.find((entry) => entry.partition === flush.partition);
  const known = [...(older?.segments ?? []), ...(flush.staged ?? [])];
  const kept = known.filter(({ name }) => flush.emptied?.includes(name) !== true);
  const segments = kept.map((segment) => {
    const changed = flush.deletes?.find((entry) => entry.segment === segment.name);
    return changed === undefined ? segment : { ...segment, deletes: changed.deletes };
  });
  const changed: PartitionEntry = {
    partition: flush.partition,
    appliedLsn: flush.appliedLsn,
    segments: inOrder(flush.segment === undefined ? segments : [...segments, flush.segment]),
  };
  const others = table.partitions.filter((entry) => entry.partition !== flush.partition);
  return { ...table, nextRowId: flush.nextRowId, partitions: [...others, changed] };
}

function withCompaction(table: TableEntry, { partition, inputs, segment }: CompactionEdit): TableEntry {
  const partitions = table.partitions.map((entry) => {
    if (entry.partition !== partition) return entry;
    const at = entry.segments.findIndex(({ name }) => name === inputs[0]);
    if (at < 0 || inputs.some((name, index) => entry.segments[at + index]?.name !== name)) {
      throw new CorruptionError(`the manifest merges ${inputs.join(', ')}, which do not follow each other`);
    }
    const segments = [...entry.segments];
    segments.splice(at, inputs.length, ...(segment === undefined ? [] : [segment]));
    return { ...entry, segments };
  });
  return { ...table, partitions };
}

/** Oldest first. Segments of large commits may come before older rows are flushed. */
function inOrder(segments: readonly SegmentEntry[]): readonly SegmentEntry[] {
  return [...segments].sort((a, b) => a.minLsn - b.minLsn);
}

/** All objects of a table. */
export function objectsOf({ series, partitions }: TableEntry): StoredObject[] {
  const objects: StoredObject[] = [...series];
  for (const { segments } of partitions) {
    for (const segment of segments) {
      objects.push(segment);
      if (segment.deletes !== undefined) objects.push(segment.deletes);
    }
  }
  return objects;
}

/** The files that the objects of a table lie in; a pack is the file of others too. */
export function fileNames(table: TableEntry): string[] {
  return [...new Set(objectsOf(table).map(fileOf))];
}

export function toBytes(json: ManifestContent | ManifestEdit): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(json));
}

/** Throws CorruptionError for what is no manifest. */
export function contentFromBytes(bytes: Uint8Array): ManifestContent {
  const content = fromBytes<ManifestContent>(bytes);
  if (typeof content.format !== 'number') throw new CorruptionError('the manifest names no format');
  return content;
}

export function editFromBytes(bytes: Uint8Array): ManifestEdit {
  return fromBytes<ManifestEdit>(bytes);
}

function fromBytes<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as T;
  } catch (error) {
    throw new CorruptionError('the manifest is not readable', { cause: error });
  }
}
