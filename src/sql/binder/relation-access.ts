import type { ColumnUse } from '../../catalog/access/access-control.ts';
import type { AccessTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';

/** What a statement does with a relation that it names: gathered while it is bound, checked each time it is run. */
export interface RelationUse extends ColumnUse {
  readonly target: AccessTarget;
  /** The schema, where its name was written. */
  readonly schemaName: string | undefined;
  /** Whose rights count: the owner's of the view that names the relation. undefined: those of who runs the statement. */
  readonly checkedAs: number | undefined;
}

/** A relation's use, as it is being gathered. */
export class RelationAccess implements RelationUse {
  readonly target: AccessTarget;
  readonly schemaName: string | undefined;
  readonly checkedAs: number | undefined;
  readonly selected = new Set<number>();
  readonly inserted = new Set<number>();
  readonly updated = new Set<number>();
  #privileges: number;

  /** `privileges`: what it takes whatever columns are named. */
  constructor(
    target: AccessTarget,
    privileges: number,
    { schemaName, checkedAs }: { readonly schemaName: string | undefined; readonly checkedAs: number | undefined },
  ) {
    this.target = target;
    this.schemaName = schemaName;
    this.checkedAs = checkedAs;
    this.#privileges = privileges;
  }

  get privileges(): number {
    return this.#privileges;
  }

  require(privilege: number): void {
    this.#privileges |= privilege;
  }

  /** A column is read, wherever in the statement. */
  noteRead(columnNumber: number): void {
    this.require(Privilege.Select);
    this.selected.add(columnNumber);
  }

  noteInserted(columnNumber: number): void {
    this.require(Privilege.Insert);
    this.inserted.add(columnNumber);
  }

  noteUpdated(columnNumber: number): void {
    this.require(Privilege.Update);
    this.updated.add(columnNumber);
  }
}
