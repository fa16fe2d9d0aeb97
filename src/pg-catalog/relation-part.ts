import type { Value } from '../types/value.ts';
import { type RowList, rowList } from './row-list.ts';

/** The rows of a system relation that are about one object, such as a table. */
export interface RelationPart {
  /** What the object is known by for as long as it is there. */
  readonly oid: number;
  /** All that its rows follow from: parts with the same keys have the same rows. Undefined: nobody can say. */
  readonly keys: readonly [object, ...unknown[]] | undefined;
  readonly rows: RowList;
}

/** Makes parts out of objects that say all there is to say; each is made once for as long as its object is there. */
export function partMaker<Subject extends { readonly oid: number }>(
  rows: (subject: Subject) => Iterable<readonly Value[]>,
): (subject: Subject) => RelationPart {
  return keptParts((subject) => rowList([...rows(subject)]));
}

export function keptParts<Subject extends { readonly oid: number }>(
  rows: (subject: Subject) => RowList,
): (subject: Subject) => RelationPart {
  const known = new WeakMap<Subject, RelationPart>();
  return (subject) => {
    let part = known.get(subject);
    if (part === undefined) {
      part = { oid: subject.oid, keys: [subject], rows: rows(subject) };
      known.set(subject, part);
    }
    return part;
  };
}

export function isSameKeys(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((key, at) => right[at] === key);
}
