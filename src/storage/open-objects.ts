import { SHARED_OID } from '../catalog/catalog-object.ts';
import { CorruptionError } from '../errors/corruption-error.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { type ManifestContent, objectEntries } from './checkpoint/manifest-content.ts';
import { enumFromJson, type TypeLookup, typesOfEnum } from './commit/enum-json.ts';
import { objectFromJson } from './commit/object-json.ts';
import { sequenceFromJson, stateFromJson } from './commit/sequence-json.ts';
import type { EngineState } from './engine-state.ts';
import { SequenceStore } from './sequences/sequence-store.ts';
import type { CatalogChange } from './versions/catalog-version.ts';

/**
 * The databases as the manifest has them, with their sequences, types, schemas and comments, and what they share. Returns
 * what the types' OIDs mean.
 */
export function openObjects(state: EngineState, content: ManifestContent): TypeLookup {
  const types = new Map<number, TypeDefinition>();
  const put = (databaseOid: number, change: CatalogChange): void => {
    const database = state.databases.get(databaseOid);
    if (database === undefined) throw new CorruptionError(`an object of the manifest is in no database of it`);
    database.newest = database.newest.with([change]);
  };
  const { sequences, enums, others } = objectEntries(content);
  const { shared } = state;
  for (const { databaseOid, object: json } of others) {
    if (databaseOid !== SHARED_OID) continue;
    const object = objectFromJson(json);
    if (object.kind === 'database') state.addDatabase(object);
    shared.newest = shared.newest.with([{ kind: 'put-object', object }]);
  }
  for (const { databaseOid, object } of others) {
    if (databaseOid !== SHARED_OID) put(databaseOid, { kind: 'put-object', object: objectFromJson(object) });
  }
  for (const { databaseOid, descriptor } of enums) {
    const opened = enumFromJson(descriptor);
    for (const type of typesOfEnum(opened)) types.set(type.oid, type);
    put(databaseOid, { kind: 'put-enum', enum: opened });
  }
  for (const entry of sequences) {
    const sequence = sequenceFromJson(entry.descriptor);
    state.sequences.set(sequence.oid, new SequenceStore(entry.databaseOid, sequence, stateFromJson(entry.state)));
    put(entry.databaseOid, { kind: 'put-sequence', sequence });
  }
  return (oid) => types.get(oid);
}
