import type { DatabaseDescriptor, RoleDescriptor } from '../../catalog/catalog-reader.ts';
import type { Lsn } from '../../catalog/table.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { DescriptorJson } from '../commit/descriptor-json.ts';
import type { DeletesEntry } from '../deletes/deletes-object.ts';

/** What the manifest says of a segment: enough to open it, and to prune it unopened. */
export interface SegmentEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256 or CRC of the whole file, as its writer gave it. */
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

/** Everything that is true of a data directory apart from what its log adds. Plain data, JSON on disk. */
export interface ManifestContent {
  readonly format: number;
  readonly systemIdentifier: string;
  readonly databases: readonly DatabaseDescriptor[];
  readonly roles: readonly RoleDescriptor[];
  readonly nextOid: number;
  /** Catalog and series are those after this commit. */
  readonly catalogLsn: Lsn;
  /** Where replay begins: everything before is in segments and in this catalog. */
  readonly replayFrom: Lsn;
  readonly tables: readonly TableEntry[];
}

/** A flush, the catalog's way forward since the edit before, or both. */
export interface ManifestEdit {
  readonly nextOid: number;
  readonly catalogLsn: Lsn;
  readonly replayFrom: Lsn;
  /** New tables and new versions of tables. */
  readonly puts: readonly { readonly databaseOid: number; readonly descriptor: DescriptorJson }[];
  readonly drops: readonly number[];
  /** All pieces of the tables named, in place of what they had. */
  readonly series: readonly { readonly tableOid: number; readonly pieces: readonly SeriesPiece[] }[];
  readonly flush: FlushEdit | undefined;
}

/** What moves the applied LSN of one partition. */
export interface FlushEdit {
  readonly tableOid: number;
  readonly nextRowId: number;
  readonly partition: number;
  readonly appliedLsn: Lsn;
  /** The rows that came; undefined when none is left of them. */
  readonly segment: SegmentEntry | undefined;
  /** Deletes of older segments, in place of those named before. */
  readonly deletes?: readonly { readonly segment: string; readonly deletes: DeletesEntry }[];
  /** Older segments of which no row is left. */
  readonly emptied?: readonly string[];
}

/** Higher formats are refused; a lower one would be converted here. */
export const FORMAT_VERSION = 1;

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
  for (const { tableOid, pieces } of edit.series) {
    const table = tables.get(tableOid);
    if (table !== undefined) tables.set(tableOid, { ...table, series: pieces });
  }
  if (edit.flush !== undefined) {
    const table = tables.get(edit.flush.tableOid);
    if (table !== undefined) tables.set(edit.flush.tableOid, withFlush(table, edit.flush));
  }
  return {
    ...content,
    nextOid: edit.nextOid,
    catalogLsn: edit.catalogLsn,
    replayFrom: edit.replayFrom,
    tables: [...tables.values()],
  };
}

function withFlush(table: TableEntry, flush: FlushEdit): TableEntry {
  const older = table.partitions.find((entry) => entry.partition === flush.partition);
  const kept = (older?.segments ?? []).filter(({ name }) => flush.emptied?.includes(name) !== true);
  const segments = kept.map((segment) => {
    const changed = flush.deletes?.find((entry) => entry.segment === segment.name);
    return changed === undefined ? segment : { ...segment, deletes: changed.deletes };
  });
  const changed: PartitionEntry = {
    partition: flush.partition,
    appliedLsn: flush.appliedLsn,
    segments: flush.segment === undefined ? segments : [...segments, flush.segment],
  };
  const others = table.partitions.filter((entry) => entry.partition !== flush.partition);
  return { ...table, nextRowId: flush.nextRowId, partitions: [...others, changed] };
}

/** The names of all objects of a table. */
export function objectNames({ series, partitions }: TableEntry): string[] {
  const names = series.map(({ name }) => name);
  for (const { segments } of partitions) {
    for (const { name, deletes } of segments) {
      names.push(name);
      if (deletes !== undefined) names.push(deletes.name);
    }
  }
  return names;
}

export function toBytes(json: ManifestContent | ManifestEdit): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(json));
}

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
