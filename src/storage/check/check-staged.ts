import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { ManifestContent } from '../checkpoint/manifest-content.ts';
import type { CommitOperation } from '../commit/commit-operation.ts';
import { descriptorFromJson } from '../commit/descriptor-json.ts';
import { lostEnumType } from '../commit/enum-json.ts';
import { fileOf } from '../packs/pack-place.ts';
import type { StagedEntry } from '../staging/staged-record.ts';
import { checkDeletes } from './check-deletes.ts';
import { checkSegment } from './check-segment.ts';
import type { CheckedObjects } from './check-tables.ts';
import type { Findings } from './findings.ts';

interface StagedSegment {
  readonly entry: StagedEntry;
  readonly lsn: Lsn;
  readonly tableOid: number;
}

/** The segments that commits of the log name and the manifest does not: a replay needs them. */
export class StagedReferences {
  readonly #tables = new Map<number, TableDescriptor>();
  readonly #applied = new Map<string, Lsn>();
  #staged: StagedSegment[] = [];

  constructor({ tables }: ManifestContent) {
    for (const { descriptor, partitions } of tables) {
      this.#tables.set(
        descriptor.oid,
        descriptorFromJson(descriptor, (oid) => typeByOid(oid) ?? lostEnumType(oid)),
      );
      for (const { partition, appliedLsn } of partitions)
        this.#applied.set(`${descriptor.oid}/${partition}`, appliedLsn);
    }
  }

  /** In the order of the log; `isInCatalog`: the manifest has what the operation does to the catalog. */
  note(operation: CommitOperation, lsn: Lsn, isInCatalog: boolean): void {
    switch (operation.kind) {
      case 'create-table':
      case 'alter-table':
        if (!isInCatalog) this.#tables.set(operation.table.oid, operation.table);
        return;
      case 'drop-table':
        if (isInCatalog) return;
        this.#tables.delete(operation.tableOid);
        this.#staged = this.#staged.filter(({ tableOid }) => tableOid !== operation.tableOid);
        return;
      case 'staged': {
        const { tableOid } = operation;
        if (isInCatalog && !this.#tables.has(tableOid)) return;
        for (const entry of operation.segments) {
          if (lsn > (this.#applied.get(`${tableOid}/${entry.partition}`) ?? 0))
            this.#staged.push({ entry, lsn, tableOid });
        }
        return;
      }
      default:
        return;
    }
  }

  /** Checks them as if the manifest named them; returns their files. */
  async check(
    objects: CheckedObjects,
    seriesCountOf: (tableOid: number) => number,
    findings: Findings,
  ): Promise<Set<string>> {
    const files = new Set<string>();
    for (const { entry: staged, lsn, tableOid } of this.#staged) {
      const table = this.#tables.get(tableOid);
      const { partition, ...rest } = staged;
      const entry = { ...rest, minLsn: lsn, maxLsn: lsn };
      files.add(fileOf(entry));
      if (entry.deletes !== undefined) files.add(fileOf(entry.deletes));
      if (table === undefined) continue;
      const path = objects.path(fileOf(entry));
      const place = { partition, appliedLsn: lsn, segments: [] };
      const seriesCount = seriesCountOf(tableOid);
      await checkSegment(objects.segments, { path, entry, partition: place, table, seriesCount }, findings);
      await checkDeletes(objects, entry, place, findings);
    }
    return files;
  }
}
