/** What the server says of itself; the same for all sessions. */
export interface ServerIdentity {
  /** ParameterStatus server_version: `15.0 (Tidewire 0.1.0)`. Clients read the number before the blank. */
  readonly serverVersion: string;
  readonly serverVersionNumber: number;
  /** version(). */
  readonly versionText: string;
  /** µs since 2000-01-01 UTC. */
  readonly serverStart: number;
}

/** The release of PostgreSQL whose answers we give. */
const POSTGRESQL_VERSION = '15.0';
const POSTGRESQL_VERSION_NUMBER = 150_000;

export function serverIdentity(tidewireVersion: string, serverStart: number): ServerIdentity {
  const serverVersion = `${POSTGRESQL_VERSION} (Tidewire ${tidewireVersion})`;
  return {
    serverVersion,
    serverVersionNumber: POSTGRESQL_VERSION_NUMBER,
    versionText: `PostgreSQL ${serverVersion} on ${process.arch}-${process.platform}, Node.js ${process.version}, 64-bit`,
    serverStart,
  };
}
