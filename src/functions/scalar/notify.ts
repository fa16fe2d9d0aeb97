import { notSupported } from '../../errors/sql-error.ts';
import { float8 } from '../../types/float8.ts';
import { voidType } from '../../types/pseudo-types.ts';
import { text } from '../../types/string-types.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

function notify({ notifications }: FunctionEnvironment, channel: string | null, payload: string | null): string {
  if (notifications === undefined) throw notSupported('pg_notify() outside of a session');
  notifications.notify(channel ?? '', payload ?? '');
  return '';
}

/** NOTIFY with computed arguments, and how full the queue of the session is. */
export const notifyFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_notify', 3036, [text, text], voidType, notify, {
    volatility: 'volatile',
    usesEnvironment: true,
    handlesNull: true,
    countsCalls: true,
  }),
  defineScalar(
    'pg_notification_queue_usage',
    3296,
    [],
    float8,
    (environment: FunctionEnvironment) => environment.notifications?.queueUsage ?? 0,
    { volatility: 'volatile', usesEnvironment: true },
  ),
];
