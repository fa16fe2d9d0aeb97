import { FIRST_OBJECTS, objectKey } from '../../catalog/catalog-object.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { unreachable } from '../../errors/invariant.ts';
import type { ObjectOperation } from '../apply-objects.ts';
import { databaseOids, type ManifestContent, objectEntries } from '../checkpoint/manifest-content.ts';
import { enumFromJson, isLostEnum, type TypeLookup, typesOfEnum } from '../commit/enum-json.ts';
import { objectFromJson } from '../commit/object-json.ts';
import { sequenceFromJson, stateFromJson } from '../commit/sequence-json.ts';
import type { Findings } from './findings.ts';

type NoteProblem = (what: string) => void;

/** Follows which sequences and types there are from commit to commit, as a replay would. */
export class ObjectReplay {
  readonly #sequences: Set<number>;
  readonly #enums: Set<number>;
  /** From the arrays over enums to these. */
  readonly #elements = new Map<number, number>();
  /** Schemas and comments. */
  readonly #others: Set<string>;

  constructor(content: ManifestContent) {
    this.#sequences = new Set(objectEntries(content).sequences.map(({ descriptor }) => descriptor.oid));
    this.#enums = new Set(objectEntries(content).enums.map(({ descriptor }) => descriptor.oid));
    for (const { descriptor } of objectEntries(content).enums) this.#elements.set(descriptor.arrayOid, descriptor.oid);
    this.#others = new Set(
      objectEntries(content).others.map(({ databaseOid, object }) => `${databaseOid} ${objectKey(object)}`),
    );
  }

  apply(databaseOid: number, operation: ObjectOperation, problem: NoteProblem): void {
    switch (operation.kind) {
      case 'put-sequence':
        this.#sequences.add(operation.sequence.oid);
        return;
      case 'drop-sequence':
        if (this.#sequences.delete(operation.sequenceOid)) return;
        problem(`it drops sequence ${operation.sequenceOid}, which does not exist`);
        return;
      case 'count-sequence':
        // One that has just been dropped may go on counting for a while.
        return;
      case 'put-enum':
        this.#enums.add(operation.enum.oid);
        this.#elements.set(operation.enum.arrayOid, operation.enum.oid);
        return;
      case 'drop-enum':
        if (this.#enums.delete(operation.enumOid)) return;
        problem(`it drops type ${operation.enumOid}, which does not exist`);
        return;
      case 'put-object':
        this.#others.add(`${databaseOid} ${objectKey(operation.object)}`);
        if (operation.object.kind === 'database') {
          for (const object of FIRST_OBJECTS) this.#others.add(`${operation.object.oid} ${objectKey(object)}`);
        }
        return;
      case 'drop-object':
        if (this.#others.delete(`${databaseOid} ${operation.key}`)) return;
        problem(`it drops ${operation.key}, which does not exist`);
        return;
      default:
        unreachable(operation);
    }
  }

  /** Columns of enums that exist. `isLostEnum` tells of those that the reader of the record did not know. */
  checkTypes({ oid, columns }: TableDescriptor, problem: NoteProblem): void {
    for (const { name, type } of columns) {
      const { definition } = type;
      const typeOid = this.#elements.get(definition.oid) ?? definition.oid;
      if (!isLostEnum(definition) || this.#enums.has(typeOid)) continue;
      problem(`column "${name}" of table ${oid} has unknown type ${definition.oid}`);
    }
  }
}

/** The sequences and types of the manifest. Returns what the OIDs of the types mean. */
export function checkObjects(content: ManifestContent, findings: Findings, manifestPath: string): TypeLookup {
  const databases = databaseOids(content);
  const types = new Map<number, ReturnType<typeof enumFromJson>['type']>();
  const seen = new Set<number>();
  const checkEntry = (what: string, databaseOid: number, oid: number, read: () => void): void => {
    const problem: NoteProblem = (text) => findings.problem(manifestPath, undefined, `${what} ${oid}: ${text}`);
    if (seen.has(oid)) problem('it stands there twice');
    seen.add(oid);
    if (!databases.has(databaseOid)) problem(`it is in database ${databaseOid}, which does not exist`);
    if (oid >= content.nextOid) problem(`its OID is not below ${content.nextOid}, the next one to be given out`);
    try {
      read();
    } catch (error) {
      problem(`its description cannot be read: ${(error as Error).message}`);
    }
  };
  for (const { databaseOid, descriptor, state } of objectEntries(content).sequences) {
    checkEntry('sequence', databaseOid, descriptor.oid, () => {
      sequenceFromJson(descriptor);
      stateFromJson(state);
    });
  }
  for (const { databaseOid, descriptor } of objectEntries(content).enums) {
    checkEntry('type', databaseOid, descriptor.oid, () => {
      for (const type of typesOfEnum(enumFromJson(descriptor))) types.set(type.oid, type);
    });
  }
  const others = new Set<string>();
  for (const { databaseOid, object } of objectEntries(content).others) {
    const problem: NoteProblem = (text) => findings.problem(manifestPath, undefined, text);
    try {
      const key = `${objectKey(objectFromJson(object))} of database ${databaseOid}`;
      if (others.has(key)) problem(`${key}: it stands there twice`);
      others.add(key);
    } catch (error) {
      problem((error as Error).message);
    }
    if (!databases.has(databaseOid)) problem(`an object is in database ${databaseOid}, which does not exist`);
  }
  return (oid) => types.get(oid);
}
