/**
 * A role, which every database of the server has. `kind`, key and version make it an object of the catalog
 * (`CatalogObject`), kept as it is in the log and in the manifest.
 */
export interface StoredRole {
  readonly kind: 'role';
  readonly oid: number;
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly inherits: boolean;
  readonly canCreateRole: boolean;
  readonly canCreateDatabase: boolean;
  readonly canLogin: boolean;
  readonly canReplicate: boolean;
  readonly bypassesRowSecurity: boolean;
  /** -1: any number. */
  readonly connectionLimit: number;
  /** A verifier in the form of pg_authid.rolpassword; absent: there is no password that fits. */
  readonly verifier?: string;
  /** Until when the password may be used, µs since 2000-01-01 UTC; absent: for ever. JSON has no infinity. */
  readonly validUntil?: number | 'infinity' | '-infinity';
  readonly version: number;
}

/** A role is a member of another. */
export interface StoredMembership {
  readonly kind: 'membership';
  /** The role that was granted. */
  readonly roleOid: number;
  readonly memberOid: number;
  readonly grantorOid: number;
  /** The member may grant the role to others. */
  readonly hasAdminOption: boolean;
  readonly version: number;
}

/** The superuser that a server begins with, who cannot be dropped. */
export const BOOTSTRAP_ROLE: StoredRole = {
  kind: 'role',
  oid: 10,
  name: 'postgres',
  isSuperuser: true,
  inherits: true,
  canCreateRole: true,
  canCreateDatabase: true,
  canLogin: true,
  canReplicate: true,
  bypassesRowSecurity: true,
  connectionLimit: -1,
  version: 1,
};

/** Roles with rights of their own, by PostgreSQL's names and OIDs. They are there always, and nobody changes them. */
export const PredefinedRole = {
  DatabaseOwner: 6171,
  ReadAllData: 6181,
  WriteAllData: 6182,
  Monitor: 3373,
  ReadAllSettings: 3374,
  ReadAllStats: 3375,
  StatScanTables: 3377,
  ReadServerFiles: 4569,
  WriteServerFiles: 4570,
  ExecuteServerProgram: 4571,
  SignalBackend: 4200,
  Checkpoint: 4544,
} as const;

const PREDEFINED_NAMES: readonly (readonly [oid: number, name: string])[] = [
  [PredefinedRole.DatabaseOwner, 'pg_database_owner'],
  [PredefinedRole.ReadAllData, 'pg_read_all_data'],
  [PredefinedRole.WriteAllData, 'pg_write_all_data'],
  [PredefinedRole.Monitor, 'pg_monitor'],
  [PredefinedRole.ReadAllSettings, 'pg_read_all_settings'],
  [PredefinedRole.ReadAllStats, 'pg_read_all_stats'],
  [PredefinedRole.StatScanTables, 'pg_stat_scan_tables'],
  [PredefinedRole.ReadServerFiles, 'pg_read_server_files'],
  [PredefinedRole.WriteServerFiles, 'pg_write_server_files'],
  [PredefinedRole.ExecuteServerProgram, 'pg_execute_server_program'],
  [PredefinedRole.SignalBackend, 'pg_signal_backend'],
  [PredefinedRole.Checkpoint, 'pg_checkpoint'],
];

export const PREDEFINED_ROLES: readonly StoredRole[] = PREDEFINED_NAMES.map(([oid, name]) => ({
  ...BOOTSTRAP_ROLE,
  oid,
  name,
  isSuperuser: false,
  canCreateRole: false,
  canCreateDatabase: false,
  canLogin: false,
  canReplicate: false,
  bypassesRowSecurity: false,
}));

/** pg_monitor has what these three have. */
export const PREDEFINED_MEMBERSHIPS: readonly StoredMembership[] = [
  PredefinedRole.ReadAllSettings,
  PredefinedRole.ReadAllStats,
  PredefinedRole.StatScanTables,
].map((roleOid) => ({
  kind: 'membership',
  roleOid,
  memberOid: PredefinedRole.Monitor,
  grantorOid: BOOTSTRAP_ROLE.oid,
  hasAdminOption: false,
  version: 1,
}));

/** Whether a name is kept for the server: no role that is made has it, nor is called `public` or `none`. */
export function isReservedRoleName(name: string): boolean {
  return name.startsWith('pg_');
}
