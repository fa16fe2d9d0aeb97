import { parseInet } from '../types/inet-text.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import type { SessionActivity } from './session-activity.ts';

/** What PostgreSQL keeps of a query's text: track_activity_query_size. */
const MAX_QUERY_LENGTH = 1024;

export function* pgStatActivityRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const activity of source.activities()) yield activityRow(activity);
}

/** NULL for what is no address: a client in the same process. */
function clientAddress(address: string): Value {
  return parseInet(address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')) ?? null;
}

function activityRow(activity: SessionActivity): readonly Value[] {
  const { databaseOid, databaseName, processId, roleOid, roleName, applicationName } = activity;
  const whose: readonly Value[] = [databaseOid, databaseName, processId, null, roleOid, roleName];
  if (activity.isHidden) {
    const nothing: Value[] = new Array<Value>(12).fill(null);
    return [...whose, applicationName, ...nothing, null, '<insufficient privilege>', null];
  }
  const { client, backendStart, transactionStart, queryStart, stateChange, state, isWaiting } = activity;
  const clientWaits = state === 'active' ? [null, null] : ['Client', 'ClientRead'];
  const waits = isWaiting ? ['Lock', 'transactionid'] : clientWaits;
  return [
    ...whose,
    applicationName,
    client === undefined ? null : clientAddress(client.address),
    null,
    client?.port ?? -1,
    backendStart,
    transactionStart ?? null,
    queryStart ?? null,
    stateChange,
    ...waits,
    state,
    null,
    null,
    null,
    activity.query.slice(0, MAX_QUERY_LENGTH),
    'client backend',
  ];
}
