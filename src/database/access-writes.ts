import { type AccessKind, type AclItem, defaultAcl, grantTo, withNewOwner } from '../catalog/access/acl.ts';
import {
  type CatalogObject,
  type DefaultAclType,
  isShared,
  ObjectClass,
  objectKey,
  type StoredAcl,
} from '../catalog/catalog-object.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { WriteSet } from '../storage/versions/write-set.ts';
import type { TransactionCatalogs } from './transaction-catalogs.ts';

/** What rights are on: an object or a column. */
export type AclPlace = Pick<StoredAcl, 'classOid' | 'objectOid' | 'subId'>;

type Unversioned<T> = T extends unknown ? Omit<T, 'version'> : never;

/** A role, or whatever else this is about, before it has a version. */
export type AccessObject = Unversioned<
  Extract<
    CatalogObject,
    {
      kind: 'role' | 'membership' | 'database' | 'acl' | 'default-acl' | 'role-settings' | 'comment' | 'extension';
    }
  >
>;

/** What a transaction does to roles, databases and rights: its own until it commits, and taken back with the rest. */
export class AccessWrites {
  readonly #writes: WriteSet;
  readonly #catalogs: TransactionCatalogs;

  constructor(writes: WriteSet, catalogs: TransactionCatalogs) {
    this.#writes = writes;
    this.#catalogs = catalogs;
  }

  /** Makes an object, or puts another version of it in the place of the one that there is. */
  put(object: AccessObject): void {
    const key = objectKey({ ...object, version: 0 });
    const { current, base } = this.#versions(key, object);
    const version = (current?.version ?? 0) + 1;
    this.#writes.changeCatalog({ kind: 'put-object', object: { ...object, version }, base });
  }

  /** No error when it is gone already. */
  drop(object: AccessObject): void {
    const { current, base } = this.#versions(objectKey({ ...object, version: 0 }), object);
    if (current !== undefined) this.#writes.changeCatalog({ kind: 'drop-object', object: current, base });
  }

  /** `items` undefined: what is so by default. */
  setAcl(place: AclPlace, items: readonly AclItem[] | undefined): void {
    const { classOid, objectOid, subId } = place;
    if (items === undefined) this.drop({ kind: 'acl', classOid, objectOid, subId, items: [] });
    else this.put({ kind: 'acl', classOid, objectOid, subId, items });
  }

  /** What another owner's objects have: what the one before had granted, he has granted now. */
  moveAcls({ classOid, objectOid }: Omit<AclPlace, 'subId'>, owners: { before: number; after: number }): void {
    if (owners.before === owners.after) return;
    for (const acl of [...this.#catalogs.current().acls()]) {
      if (acl.classOid !== classOid || acl.objectOid !== objectOid) continue;
      this.setAcl(acl, withNewOwner(acl.items, owners.before, owners.after));
    }
  }

  /** Likewise of a database. */
  moveDatabaseAcl(objectOid: number, owners: { readonly before: number; readonly after: number }): void {
    const place = { classOid: ObjectClass.Database, objectOid, subId: 0 };
    const acl = this.#catalogs.shared().acl(place);
    if (acl !== undefined) this.setAcl(place, withNewOwner(acl.items, owners.before, owners.after));
  }

  /** Gives a new object what ALTER DEFAULT PRIVILEGES has said of such. */
  giveDefaults(object: {
    readonly kind: AccessKind;
    readonly classOid: number;
    readonly objectOid: number;
    readonly ownerOid: number;
    /** 0: in none. */
    readonly schemaOid: number;
  }): void {
    const { classOid, objectOid } = object;
    const items = initialAcl(this.#catalogs.current(), object);
    if (items !== undefined) this.setAcl({ classOid, objectOid, subId: 0 }, items);
  }

  /** The rights on what is gone go too. */
  dropAcls(isMeant: (place: AclPlace) => boolean): void {
    for (const acl of [...this.#catalogs.current().acls()]) if (isMeant(acl)) this.drop(acl);
  }

  dropDefaultAcls(schemaOid: number): void {
    for (const acl of [...this.#catalogs.current().defaultAcls()]) if (acl.schemaOid === schemaOid) this.drop(acl);
  }

  #versions(
    key: string,
    object: AccessObject,
  ): { current?: CatalogObject | undefined; base?: CatalogObject | undefined } {
    const isOfAll = isShared({ ...object, version: 0 });
    const catalogs = this.#catalogs;
    return isOfAll
      ? { current: catalogs.shared().object(key), base: catalogs.sharedBase().object(key) }
      : { current: catalogs.current().object(key), base: catalogs.base().object(key) };
  }
}

const DEFAULT_TYPES: Readonly<Partial<Record<AccessKind, DefaultAclType>>> = {
  table: 'r',
  sequence: 'S',
  function: 'f',
  type: 'T',
  schema: 'n',
};

/** What a new object has by ALTER DEFAULT PRIVILEGES; undefined: what such objects have anyway. */
export function initialAcl(
  catalog: Pick<CatalogReader, 'defaultAcls'>,
  { kind, ownerOid, schemaOid }: { readonly kind: AccessKind; readonly ownerOid: number; readonly schemaOid: number },
): readonly AclItem[] | undefined {
  const type = DEFAULT_TYPES[kind];
  let everywhere: readonly AclItem[] | undefined;
  let inSchema: readonly AclItem[] | undefined;
  for (const acl of catalog.defaultAcls()) {
    if (acl.roleOid !== ownerOid || acl.objectType !== type) continue;
    if (acl.schemaOid === 0) everywhere = acl.items;
    else if (acl.schemaOid === schemaOid) inSchema = acl.items;
  }
  if (everywhere === undefined && inSchema === undefined) return undefined;
  const usual = defaultAcl(kind, ownerOid);
  let items = everywhere ?? usual;
  for (const item of inSchema ?? []) items = grantTo(items, item);
  return isSameAcl(items, usual) ? undefined : items;
}

/** Whether two lists say the same, in whatever order. */
export function isSameAcl(left: readonly AclItem[], right: readonly AclItem[]): boolean {
  const sorted = (items: readonly AclItem[]): string =>
    JSON.stringify(items.map((item) => [item.grantee, item.grantor, item.privileges, item.grantOptions]).sort());
  return sorted(left) === sorted(right);
}
