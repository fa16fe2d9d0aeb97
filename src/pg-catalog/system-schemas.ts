import { invariant } from '../errors/invariant.ts';

export interface SystemSchema {
  readonly oid: number;
  readonly name: string;
}

export const PG_CATALOG: SystemSchema = { oid: 11, name: 'pg_catalog' };
export const INFORMATION_SCHEMA: SystemSchema = { oid: 13207, name: 'information_schema' };

/** Schemas that are there before anybody made one: PostgreSQL's two, TimescaleDB's, and ours. */
export const SYSTEM_SCHEMAS: readonly SystemSchema[] = [
  PG_CATALOG,
  INFORMATION_SCHEMA,
  { oid: 14_901, name: 'timescaledb_information' },
  { oid: 14_902, name: 'tidewire' },
];

export function schemaNamed(name: string): SystemSchema {
  const schema = SYSTEM_SCHEMAS.find((candidate) => candidate.name === name);
  invariant(schema !== undefined, `${name} is a schema of the system's`);
  return schema;
}
