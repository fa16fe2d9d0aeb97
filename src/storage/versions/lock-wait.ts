import type { LockWait } from '../../catalog/table-locking.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Timers } from '../../platform/timers.ts';

/** How often a waiting statement looks whether it is cancelled. */
const CHECK_MS = 20;

/**
 * A place in some line. `enter` takes it, given what to call when the turn has come, and returns how to leave it. Rejects
 * with 55P03 when the time is up, or with what `control` throws; by then the place was left.
 */
export function waitInLine(
  timers: Timers,
  { control, lockTimeoutMs }: LockWait,
  enter: (grant: () => void) => () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let cancelTimeout: (() => void) | undefined;
    let cancelCheck: (() => void) | undefined;
    const end = (): void => {
      cancelTimeout?.();
      cancelCheck?.();
    };
    const leave = enter(() => {
      end();
      resolve();
    });
    const giveUp = (error: unknown): void => {
      end();
      leave();
      reject(error);
    };
    const check = (): void => {
      try {
        control?.check();
      } catch (error) {
        giveUp(error);
        return;
      }
      cancelCheck = timers.after(CHECK_MS, check);
    };
    if (lockTimeoutMs !== undefined && lockTimeoutMs > 0) {
      cancelTimeout = timers.after(lockTimeoutMs, () => {
        giveUp(new SqlError(SqlState.LockNotAvailable, 'canceling statement due to lock timeout'));
      });
    }
    if (control !== undefined) check();
  });
}
