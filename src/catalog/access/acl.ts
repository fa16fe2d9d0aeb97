/** PostgreSQL's privileges, as the bits of an access list. */
export const Privilege = {
  Insert: 1,
  Select: 2,
  Update: 4,
  Delete: 8,
  Truncate: 16,
  References: 32,
  Trigger: 64,
  Execute: 128,
  Usage: 256,
  Create: 512,
  Temporary: 1024,
  Connect: 2048,
  Set: 4096,
  AlterSystem: 8192,
} as const;

/** In the order of `aclitem`: the letter and the word of each bit. */
const LETTERS = 'arwdDxtXUCTcsA';
const WORDS: readonly string[] = [
  'INSERT',
  'SELECT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'EXECUTE',
  'USAGE',
  'CREATE',
  'TEMPORARY',
  'CONNECT',
  'SET',
  'ALTER SYSTEM',
];

/** The grantee of what everybody has. */
export const PUBLIC_OID = 0;

/** What one role has given another: one item of PostgreSQL's access lists. */
export interface AclItem {
  /** 0: PUBLIC. */
  readonly grantee: number;
  readonly grantor: number;
  /** Bits of `Privilege`. */
  readonly privileges: number;
  /** Those of them that the grantee may give on. */
  readonly grantOptions: number;
}

/** The kinds of objects that have access lists. */
export type AccessKind =
  | 'table'
  | 'column'
  | 'sequence'
  | 'database'
  | 'schema'
  | 'type'
  | 'function'
  | 'language'
  | 'tablespace'
  | 'parameter';

const { Insert, Select, Update, Delete, Truncate, References, Trigger } = Privilege;
const { Execute, Usage, Create, Temporary, Connect, Set: SetParameter, AlterSystem } = Privilege;

/** Every privilege that an object of the kind has. */
export const ALL_PRIVILEGES: Readonly<Record<AccessKind, number>> = {
  table: Insert | Select | Update | Delete | Truncate | References | Trigger,
  column: Insert | Select | Update | References,
  sequence: Select | Update | Usage,
  database: Create | Temporary | Connect,
  schema: Usage | Create,
  type: Usage,
  function: Execute,
  language: Usage,
  tablespace: Create,
  parameter: SetParameter | AlterSystem,
};

/** What PUBLIC has where nothing was said. */
const PUBLIC_DEFAULTS: Readonly<Partial<Record<AccessKind, number>>> = {
  database: Temporary | Connect,
  type: Usage,
  function: Execute,
  language: Usage,
};

/** PostgreSQL's acldefault(): what an object has before anything was granted. */
export function defaultAcl(kind: AccessKind, ownerOid: number): readonly AclItem[] {
  const everybody = PUBLIC_DEFAULTS[kind] ?? 0;
  const items: AclItem[] = [];
  if (everybody !== 0) items.push({ grantee: PUBLIC_OID, grantor: ownerOid, privileges: everybody, grantOptions: 0 });
  if (kind !== 'column') {
    items.push({ grantee: ownerOid, grantor: ownerOid, privileges: ALL_PRIVILEGES[kind], grantOptions: 0 });
  }
  return items;
}

/** The public schema as PostgreSQL 15 makes it: everybody may look into it, nobody but its owner creates there. */
export function publicSchemaAcl(ownerOid: number): readonly AclItem[] {
  return [
    { grantee: ownerOid, grantor: ownerOid, privileges: ALL_PRIVILEGES.schema, grantOptions: 0 },
    { grantee: PUBLIC_OID, grantor: ownerOid, privileges: Usage, grantOptions: 0 },
  ];
}

/** pg_catalog and information_schema: everybody may look into them. */
export const systemSchemaAcl = publicSchemaAcl;

/** What everybody may read: the access list of the system's own tables and views. */
export function systemTableAcl(ownerOid: number): readonly AclItem[] {
  return [
    { grantee: ownerOid, grantor: ownerOid, privileges: ALL_PRIVILEGES.table, grantOptions: 0 },
    { grantee: PUBLIC_OID, grantor: ownerOid, privileges: Select, grantOptions: 0 },
  ];
}

/** `SELECT`; undefined for a word that is none. */
export function privilegeOf(word: string): number | undefined {
  const name = word.toUpperCase() === 'TEMP' ? 'TEMPORARY' : word.toUpperCase();
  const at = WORDS.indexOf(name);
  return at < 0 ? undefined : 2 ** at;
}

/** The words of privileges, in the order of their bits. */
export function privilegeWords(privileges: number): readonly string[] {
  return WORDS.filter((_, at) => (privileges & (2 ** at)) !== 0);
}

/** Adds privileges, and options to grant them on, to what a grantee has of a grantor. */
export function grantTo(
  items: readonly AclItem[],
  { grantee, grantor, privileges, grantOptions }: AclItem,
): readonly AclItem[] {
  const at = items.findIndex((item) => item.grantee === grantee && item.grantor === grantor);
  if (at < 0) return privileges === 0 ? items : [...items, { grantee, grantor, privileges, grantOptions }];
  const known = items[at];
  return items.with(at, {
    ...known,
    privileges: known.privileges | privileges,
    grantOptions: known.grantOptions | grantOptions,
  });
}

/** What is left when privileges, and options, of a grantor's are taken from a grantee; items without any go. */
export function revokeFrom(
  items: readonly AclItem[],
  { grantee, grantor, privileges, grantOptions }: AclItem,
): readonly AclItem[] {
  return items
    .map((item) =>
      item.grantee === grantee && item.grantor === grantor
        ? {
            ...item,
            privileges: item.privileges & ~privileges,
            grantOptions: item.grantOptions & ~grantOptions & ~privileges,
          }
        : item,
    )
    .filter((item) => item.privileges !== 0);
}

/** Another owner takes the place of one: what either has granted or been granted becomes one. */
export function withNewOwner(items: readonly AclItem[], before: number, after: number): readonly AclItem[] {
  let moved: readonly AclItem[] = [];
  const renamed = (oid: number): number => (oid === before ? after : oid);
  for (const item of items) {
    moved = grantTo(moved, { ...item, grantee: renamed(item.grantee), grantor: renamed(item.grantor) });
  }
  return moved;
}

/** An item in the text form of PostgreSQL's type: `alice=r*w/postgres`. */
export function formatAclItem(item: AclItem, roleName: (oid: number) => string | undefined): string {
  const letters = [...LETTERS].map((letter, at) => {
    const bit = 2 ** at;
    if ((item.privileges & bit) === 0) return '';
    return (item.grantOptions & bit) === 0 ? letter : `${letter}*`;
  });
  const name = (oid: number): string => quoteRole(roleName(oid) ?? String(oid));
  return `${item.grantee === PUBLIC_OID ? '' : name(item.grantee)}=${letters.join('')}/${name(item.grantor)}`;
}

/** As PostgreSQL's putid: quoted where anything but letters, digits and underscores stands in it. */
function quoteRole(name: string): string {
  return /^[A-Za-z0-9_\u0080-\uffff]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
