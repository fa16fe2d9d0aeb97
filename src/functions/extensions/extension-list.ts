/** An extension that can be created: what it brings is part of the server. */
export interface AvailableExtension {
  readonly name: string;
  readonly release: string;
  readonly comment: string;
  /** Whoever may create objects in the database may create it. */
  readonly isTrusted: boolean;
  readonly isRelocatable: boolean;
  /** It is in every database, and stays. */
  readonly isBuiltIn?: true;
  /** What its name may be written before, with a schema: of its schema, once it was created. */
  readonly functions: readonly string[];
}

export const AVAILABLE_EXTENSIONS: readonly AvailableExtension[] = [
  {
    name: 'pg_stat_statements',
    release: '1.10',
    comment: 'track planning and execution statistics of all SQL statements executed',
    isTrusted: false,
    isRelocatable: true,
    functions: ['pg_stat_statements_reset'],
  },
  {
    name: 'pgcrypto',
    release: '1.3',
    comment: 'cryptographic functions',
    isTrusted: true,
    isRelocatable: true,
    functions: ['digest', 'gen_random_bytes', 'gen_random_uuid', 'hmac'],
  },
  {
    name: 'timescaledb',
    // Of the functions and views that there are of TimescaleDB's; clients look whether it is there.
    release: '2.11.0',
    comment: 'Enables scalable inserts and complex queries for time-series data',
    isTrusted: true,
    isRelocatable: false,
    isBuiltIn: true,
    functions: [],
  },
  {
    name: 'uuid-ossp',
    release: '1.1',
    comment: 'generate universally unique identifiers (UUIDs)',
    isTrusted: true,
    isRelocatable: true,
    functions: [
      'uuid_generate_v1',
      'uuid_generate_v1mc',
      'uuid_generate_v3',
      'uuid_generate_v4',
      'uuid_generate_v5',
      'uuid_nil',
      'uuid_ns_dns',
      'uuid_ns_oid',
      'uuid_ns_url',
      'uuid_ns_x500',
    ],
  },
];

/** The extension that brings functions of a name. */
export function extensionOfFunction(name: string): AvailableExtension | undefined {
  return AVAILABLE_EXTENSIONS.find(({ functions }) => functions.includes(name));
}

export function availableExtension(name: string): AvailableExtension | undefined {
  return AVAILABLE_EXTENSIONS.find((extension) => extension.name === name);
}
