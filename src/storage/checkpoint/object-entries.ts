import { type CatalogObject, objectKey } from '../../catalog/catalog-object.ts';
import { type EnumJson, enumToJson } from '../commit/enum-json.ts';
import { type SequenceJson, type SequenceStateJson, sequenceToJson, stateToJson } from '../commit/sequence-json.ts';
import type { EngineState } from '../engine-state.ts';
import type { CatalogVersion } from '../versions/catalog-version.ts';

/** A sequence in the manifest: what it is, and where a replay goes on counting. */
export interface SequenceEntry {
  readonly databaseOid: number;
  readonly descriptor: SequenceJson;
  readonly state: SequenceStateJson;
}

export interface EnumEntry {
  readonly databaseOid: number;
  readonly descriptor: EnumJson;
}

/** A schema or a comment. */
export interface OtherEntry {
  readonly databaseOid: number;
  readonly object: CatalogObject;
}

/** Sequences, types, schemas and comments of a checkpoint. */
export interface ObjectEntries {
  readonly sequences: readonly SequenceEntry[];
  readonly enums: readonly EnumEntry[];
  readonly others: readonly OtherEntry[];
}

/** What has come to them since, or changed. */
export interface ObjectEdit {
  readonly sequences?: readonly SequenceEntry[];
  readonly enums?: readonly EnumEntry[];
  /** OIDs of sequences and types that are gone. */
  readonly dropped?: readonly number[];
  readonly others?: readonly OtherEntry[];
  /** Schemas and comments that are gone. */
  readonly droppedOthers?: readonly { readonly databaseOid: number; readonly key: string }[];
}

/** The entries after the edit. */
export function applyObjectEdit(
  entries: ObjectEntries,
  { sequences, enums, dropped = [], others = [], droppedOthers = [] }: ObjectEdit,
): ObjectEntries {
  const merge = <T extends { readonly descriptor: { readonly oid: number } }>(
    known: readonly T[],
    changed: readonly T[] = [],
  ): readonly T[] => {
    const merged = new Map(known.map((entry) => [entry.descriptor.oid, entry]));
    for (const entry of changed) merged.set(entry.descriptor.oid, entry);
    for (const oid of dropped) merged.delete(oid);
    return [...merged.values()];
  };
  const merged = new Map(entries.others.map((entry) => [otherKey(entry), entry]));
  for (const entry of others) merged.set(otherKey(entry), entry);
  for (const { databaseOid, key } of droppedOthers) merged.delete(`${databaseOid} ${key}`);
  return {
    sequences: merge(entries.sequences, sequences),
    enums: merge(entries.enums, enums),
    others: [...merged.values()],
  };
}

function otherKey({ databaseOid, object }: OtherEntry): string {
  return `${databaseOid} ${objectKey(object)}`;
}

/** From what the manifest has to what is published; undefined when nothing has changed. */
export function objectEdit(known: ObjectEntries, state: EngineState): ObjectEdit | undefined {
  const sequences: SequenceEntry[] = [];
  const enums: EnumEntry[] = [];
  const present = new Set<number>();
  const before = new Map(known.sequences.map((entry) => [entry.descriptor.oid, entry]));
  const versions = new Map(known.enums.map(({ descriptor }) => [descriptor.oid, descriptor.version]));
  for (const [databaseOid, { published }] of state.databases) {
    for (const entry of sequenceEntries(databaseOid, published, state)) {
      present.add(entry.descriptor.oid);
      if (!isSame(before.get(entry.descriptor.oid), entry)) sequences.push(entry);
    }
    for (const found of published.enums()) {
      present.add(found.oid);
      if (versions.get(found.oid) !== found.version) enums.push({ databaseOid, descriptor: enumToJson(found) });
    }
  }
  const dropped = [...before.keys(), ...versions.keys()].filter((oid) => !present.has(oid));
  const { others, droppedOthers } = otherEdits(known.others, state);
  const count = sequences.length + enums.length + dropped.length + others.length + droppedOthers.length;
  if (count === 0) return undefined;
  return {
    ...(sequences.length === 0 ? {} : { sequences }),
    ...(enums.length === 0 ? {} : { enums }),
    ...(dropped.length === 0 ? {} : { dropped }),
    ...(others.length === 0 ? {} : { others }),
    ...(droppedOthers.length === 0 ? {} : { droppedOthers }),
  };
}

function otherEdits(
  known: readonly OtherEntry[],
  { databases }: EngineState,
): Required<Pick<ObjectEdit, 'others' | 'droppedOthers'>> {
  const before = new Map(known.map((entry) => [otherKey(entry), entry]));
  const others: OtherEntry[] = [];
  for (const [databaseOid, { published }] of databases) {
    for (const object of published.objects()) {
      const entry = { databaseOid, object };
      const key = otherKey(entry);
      if (before.get(key)?.object.version !== object.version) others.push(entry);
      before.delete(key);
    }
  }
  const droppedOthers = [...before.values()].map(({ databaseOid, object }) => ({
    databaseOid,
    key: objectKey(object),
  }));
  return { others, droppedOthers };
}

function* sequenceEntries(databaseOid: number, catalog: CatalogVersion, state: EngineState): Generator<SequenceEntry> {
  for (const sequence of catalog.sequences()) {
    const store = state.sequences.get(sequence.oid);
    if (store === undefined) continue;
    yield { databaseOid, descriptor: sequenceToJson(sequence), state: stateToJson(store.published) };
  }
}

function isSame(known: SequenceEntry | undefined, entry: SequenceEntry): boolean {
  return (
    known !== undefined &&
    known.descriptor.version === entry.descriptor.version &&
    known.state.lastValue === entry.state.lastValue &&
    known.state.isCalled === entry.state.isCalled
  );
}
