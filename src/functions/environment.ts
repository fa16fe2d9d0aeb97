import type { SqlType, TypeContext } from '../types/type-definition.ts';

/** What functions may know of the world: handed in per statement, so that the library itself stays pure. */
export interface FunctionEnvironment {
  readonly typeContext: TypeContext;
  /** Start of the statement, µs since 2000-01-01 UTC. The transaction's start is `typeContext.transactionStart`. */
  readonly statementStart: number;
  /** The wall clock now, µs since 2000-01-01 UTC. */
  clock(): number;
  /** A number in [0, 1). */
  random(): number;
  readonly session: SessionFacts;
  readonly catalog: CatalogFacts;
}

export interface SessionFacts {
  readonly databaseName: string;
  readonly userName: string;
  readonly sessionUserName: string;
  readonly processId: number;
  readonly serverVersion: string;
  /** Full text of version(). */
  readonly versionText: string;
  readonly serverStart: number;
  /** Effective schemas of the search path, with or without the implicit pg_catalog. */
  currentSchemas(includeImplicit: boolean): readonly string[];
  /** The value of a setting, or undefined when there is none of that name. */
  setting(name: string): string | undefined;
  /** set_config; `isLocal` ends with the transaction. Throws SqlError for unknown names and bad values. */
  changeSetting(name: string, value: string, isLocal: boolean): void;
}

export interface CatalogFacts {
  roleName(oid: number): string | undefined;
  isRelationVisible(oid: number): boolean;
  isTypeVisible(oid: number): boolean;
  isFunctionVisible(oid: number): boolean;
  relationOid(name: string): number | undefined;
  /** Schema-qualified where the search path would not find it. */
  relationName(oid: number): string | undefined;
  typeOf(oid: number): SqlType | undefined;
}
