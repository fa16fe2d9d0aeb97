import type { SharedCatalog } from '../../catalog/access/shared-catalog.ts';
import type { LoginDefaults } from '../settings.ts';

/** What ALTER ROLE and ALTER DATABASE … SET have said of a session; what is said of fewer sessions counts more. */
export function loginDefaults(shared: SharedCatalog, databaseOid: number, roleOid: number): readonly LoginDefaults[] {
  const levels = [
    { source: 'global', settings: shared.settings(0, 0) },
    { source: 'database', settings: shared.settings(databaseOid, 0) },
    { source: 'user', settings: shared.settings(0, roleOid) },
    { source: 'database user', settings: shared.settings(databaseOid, roleOid) },
  ] as const;
  return levels.flatMap(({ source, settings }) =>
    settings === undefined ? [] : [{ source, values: settings.values }],
  );
}
