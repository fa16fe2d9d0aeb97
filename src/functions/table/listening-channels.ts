import { text } from '../../types/string-types.ts';
import type { TableFunction } from '../function-definition.ts';

/** The channels that the session listens to. */
export const listeningChannels: readonly TableFunction[] = [
  {
    kind: 'table',
    name: 'pg_listening_channels',
    oid: 3035,
    argumentTypes: [],
    resultType: text,
    columnName: 'pg_listening_channels',
    rows: (_, { notifications }) => notifications?.channels ?? [],
  },
];
