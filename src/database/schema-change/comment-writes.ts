import type { StoredComment } from '../../catalog/catalog-object.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { WriteSet } from '../../storage/versions/write-set.ts';
import type { AccessWrites } from '../access-writes.ts';
import type { TransactionCatalogs } from '../transaction-catalogs.ts';

/** What a comment is on. */
export type CommentPlace = Pick<StoredComment, 'classOid' | 'objectOid' | 'subId'>;

/** COMMENT ON within a transaction, and what becomes of the comments and rights on what is dropped. */
export class CommentWrites {
  readonly #writes: WriteSet;
  readonly #access: AccessWrites;
  readonly #catalogs: TransactionCatalogs;
  readonly #requireWritable: (command: string) => void;

  constructor(own: {
    readonly writes: WriteSet;
    readonly access: AccessWrites;
    readonly catalogs: TransactionCatalogs;
    /** Throws 25006 in a read-only transaction. */
    readonly requireWritable: (command: string) => void;
  }) {
    this.#writes = own.writes;
    this.#access = own.access;
    this.#catalogs = own.catalogs;
    this.#requireWritable = own.requireWritable;
  }

  /** A comment takes the place of the one that the object has; `text` undefined: it has none any more. */
  set(place: CommentPlace, text: string | undefined): void {
    this.#requireWritable('COMMENT');
    const known = this.#catalogs.current().comment(place);
    if (text === undefined) {
      if (known !== undefined) this.#drop(known);
      return;
    }
    const { classOid, objectOid, subId } = place;
    const version = (known?.version ?? 0) + 1;
    const object: StoredComment = { kind: 'comment', classOid, objectOid, subId, text, version };
    this.#writes.changeCatalog({ kind: 'put-object', object, base: this.#catalogs.base().comment(place) });
  }

  /** Of what is gone, and the rights on it. */
  dropOf(isMeant: (place: CommentPlace) => boolean): void {
    this.#access.dropAcls(isMeant);
    for (const comment of [...this.#catalogs.current().comments()]) if (isMeant(comment)) this.#drop(comment);
  }

  /** What `after`, a later version of a table, has no more (or the whole of it) has no comment either. */
  dropOfParts(before: TableDescriptor, after: TableDescriptor | undefined): void {
    const kept = new Set(after === undefined ? [] : partOids(after));
    const gone = new Set(partOids(before).filter((oid) => !kept.has(oid)));
    const columns = new Set(after?.columns.map(({ number }) => number));
    this.dropOf(({ objectOid, subId }) => {
      if (objectOid === before.oid) return after === undefined || (subId !== 0 && !columns.has(subId));
      return gone.has(objectOid);
    });
  }

  #drop(comment: StoredComment): void {
    this.#writes.changeCatalog({ kind: 'drop-object', object: comment, base: this.#catalogs.base().comment(comment) });
  }
}

/** The OIDs of what has comments of its own, and goes with the table. */
function partOids({ indexes, constraints, uniqueKey }: TableDescriptor): number[] {
  const oids = [...indexes, ...constraints].map(({ oid }) => oid);
  return uniqueKey === undefined ? oids : [...oids, uniqueKey.indexOid, uniqueKey.constraintOid];
}
