/** What an object of a table is; it ends the name. */
export type ObjectKind = 'segment' | 'series' | 'deletes';

/**
 * Names for new objects and packs, none of which is ever given out again.
 *
 *   <database oid>/<table oid>/12.segment    an object in a file of its own
 *   <database oid>/packs/13.pack             objects of many tables
 */
export class ObjectNames {
  #nextNumber: number;

  /** `nextNumber`: above those in the names of all objects that exist. */
  constructor(nextNumber: number) {
    this.#nextNumber = nextNumber;
  }

  newObject({ databaseOid, oid }: { readonly databaseOid: number; readonly oid: number }, kind: ObjectKind): string {
    return `${databaseOid}/${oid}/${this.#nextNumber++}.${kind}`;
  }

  newPack(databaseOid: number): string {
    return `${databaseOid}/packs/${this.#nextNumber++}.pack`;
  }
}
