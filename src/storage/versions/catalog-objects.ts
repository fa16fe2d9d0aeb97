import {
  aclKey,
  type CatalogObject,
  commentKey,
  objectKey,
  type StoredAcl,
  type StoredComment,
  type StoredDefaultAcl,
  type StoredExtension,
  type StoredSchema,
  type StoredView,
} from '../../catalog/catalog-object.ts';

/** One step: an object is added or replaced, or it goes. */
interface ObjectStep {
  readonly kind: 'put-object' | 'drop-object';
  readonly object: CatalogObject;
}

/** The schemas, comments and views of one database at one moment: immutable. */
export class CatalogObjects {
  static readonly none = new CatalogObjects(new Map());

  readonly #byKey: ReadonlyMap<string, CatalogObject>;
  /** Made at first use. */
  #schemas: ReadonlyMap<string, StoredSchema> | undefined;
  #views: ReadonlyMap<string, StoredView> | undefined;
  #acls: readonly StoredAcl[] | undefined;
  #defaultAcls: readonly StoredDefaultAcl[] | undefined;

  private constructor(byKey: ReadonlyMap<string, CatalogObject>) {
    this.#byKey = byKey;
  }

  get(key: string): CatalogObject | undefined {
    return this.#byKey.get(key);
  }

  all(): Iterable<CatalogObject> {
    return this.#byKey.values();
  }

  schema(name: string): StoredSchema | undefined {
    return this.#schemasByName().get(name);
  }

  schemaByOid(oid: number): StoredSchema | undefined {
    const found = this.#byKey.get(`schema ${oid}`);
    return found?.kind === 'schema' ? found : undefined;
  }

  schemas(): Iterable<StoredSchema> {
    return this.#schemasByName().values();
  }

  *comments(): Iterable<StoredComment> {
    for (const object of this.#byKey.values()) if (object.kind === 'comment') yield object;
  }

  comment(place: { classOid: number; objectOid: number; subId: number }): StoredComment | undefined {
    const found = this.#byKey.get(commentKey(place));
    return found?.kind === 'comment' ? found : undefined;
  }

  views(): Iterable<StoredView> {
    return this.#viewsByName().values();
  }

  view(schemaName: string, name: string): StoredView | undefined {
    return this.#viewsByName().get(viewKey(schemaName, name));
  }

  viewByOid(oid: number): StoredView | undefined {
    const found = this.#byKey.get(`view ${oid}`);
    return found?.kind === 'view' ? found : undefined;
  }

  acl(place: { classOid: number; objectOid: number; subId: number }): StoredAcl | undefined {
    const found = this.#byKey.get(aclKey(place));
    return found?.kind === 'acl' ? found : undefined;
  }

  /** The same list as long as nobody grants or revokes anything. */
  acls(): readonly StoredAcl[] {
    this.#acls ??= [...this.#byKey.values()].filter((object) => object.kind === 'acl');
    return this.#acls;
  }

  defaultAcls(): readonly StoredDefaultAcl[] {
    this.#defaultAcls ??= [...this.#byKey.values()].filter((object) => object.kind === 'default-acl');
    return this.#defaultAcls;
  }

  *extensions(): Iterable<StoredExtension> {
    for (const object of this.#byKey.values()) if (object.kind === 'extension') yield object;
  }

  with(steps: readonly ObjectStep[]): CatalogObjects {
    if (steps.length === 0) return this;
    const byKey = new Map(this.#byKey);
    for (const { kind, object } of steps) {
      if (kind === 'put-object') byKey.set(objectKey(object), object);
      else byKey.delete(objectKey(object));
    }
    const next = new CatalogObjects(byKey);
    if (steps.every(({ object }) => object.kind !== 'acl')) next.#acls = this.acls();
    return next;
  }

  #schemasByName(): ReadonlyMap<string, StoredSchema> {
    if (this.#schemas !== undefined) return this.#schemas;
    const schemas = new Map<string, StoredSchema>();
    for (const object of this.#byKey.values()) if (object.kind === 'schema') schemas.set(object.name, object);
    this.#schemas = schemas;
    return schemas;
  }

  #viewsByName(): ReadonlyMap<string, StoredView> {
    if (this.#views !== undefined) return this.#views;
    const views = new Map<string, StoredView>();
    for (const object of this.#byKey.values()) {
      if (object.kind === 'view') views.set(viewKey(object.schemaName, object.name), object);
    }
    this.#views = views;
    return views;
  }
}

/** No name holds a NUL. */
function viewKey(schemaName: string, name: string): string {
  return `${schemaName}\0${name}`;
}
