import type { Value } from '../../types/value.ts';

/** A row of a system table, by the names of its columns. */
export type CatalogRow = Readonly<Record<string, Value>>;

/** Who is asked about, what, and which privileges, any of which will do. */
export interface PrivilegeInquiry {
  /** A role by name or OID; undefined: whoever asks. 0: PUBLIC. */
  readonly role: string | number | undefined;
  readonly kind:
    | 'table'
    | 'any-column'
    | 'column'
    | 'sequence'
    | 'database'
    | 'schema'
    | 'type'
    | 'function'
    | 'language'
    | 'tablespace'
    | 'parameter'
    | 'role'
    | 'foreign-data wrapper'
    | 'server';
  readonly object: string | number;
  /** Of a column: its name or number. */
  readonly column?: string | number;
  /** `SELECT, INSERT WITH GRANT OPTION`. */
  readonly privileges: string;
}

/** One right out of an access list. */
export interface ExplodedAcl {
  readonly grantor: number;
  readonly grantee: number;
  readonly privilege: string;
  readonly isGrantable: boolean;
}

/** The parts of a file of a table that PostgreSQL tells apart. */
export type RelationFork = 'main' | 'fsm' | 'vm' | 'init';

/** What functions about the system itself ask: its catalogs, rights, sizes and clock of changes. */
/** The two ends of a connection. */
export interface ConnectionEnds {
  readonly client: ConnectionEnd;
  readonly server: ConnectionEnd;
}

export interface ConnectionEnd {
  readonly address: string;
  readonly port: number;
}

export interface SystemFacts {
  /** The row of a system table of pg_catalog with this OID. */
  row(table: string, oid: number): CatalogRow | undefined;
  /** The rows with a value in a column. */
  rowsWith(table: string, column: string, value: Value): readonly CatalogRow[];
  /** All rows, of views too that are made row by row. */
  rows(table: string): readonly CatalogRow[];
  /** NULL: there is no such object. Throws 42704 and its like for names that nothing has, 22023 for what is no privilege. */
  hasPrivilege(inquiry: PrivilegeInquiry): boolean | null;
  /** The access list that an object has by default, as `aclitem`s; undefined for a letter that means no kind. */
  defaultAcl(letter: string, ownerOid: number): readonly string[] | undefined;
  /** Throws 22P02 for what is no `aclitem`. */
  explodeAcl(items: readonly string[]): readonly ExplodedAcl[];
  makeAclItem(grantee: number, grantor: number, privileges: string, isGrantable: boolean): string;
  /** Bytes that a relation takes; undefined for one that does not exist. */
  relationBytes(oid: number): number | undefined;
  /** The partitions of a time-series table, oldest first; undefined for another one. */
  chunks(oid: number): readonly ChunkFact[] | undefined;
  /** Of all tables of the session's own database; other databases are not open. */
  databaseBytes(oid: number): number | undefined;
  /** The number of the newest state of the catalog, which stands for PostgreSQL's transaction. */
  transactionId(): number;
  /** undefined: the client has come without an address. */
  connection(): ConnectionEnds | undefined;
  /** xmin of the rows that the running transaction writes. */
  writerNumber(): number;
  /** 0: the session has no temporary objects. */
  temporarySchemaOid(): number;
  /** How the query of a view is written. */
  viewText(oid: number): string | undefined;
  keywords(): Iterable<readonly [word: string, code: string, isBareLabel: boolean]>;
  timeZones(): Iterable<TimeZoneRow>;
  timeZoneAbbreviations(): Iterable<Omit<TimeZoneRow, 'name'>>;
}

export interface TimeZoneRow {
  readonly name: string;
  readonly abbreviation: string;
  readonly offsetSeconds: number;
  readonly isSummer: boolean;
}

/** A partition of a time-series table. Times in µs since 2000-01-01 UTC. */
export interface ChunkFact {
  readonly schemaName: string;
  readonly name: string;
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly rowCount: number;
  readonly sizeBytes: number;
}
