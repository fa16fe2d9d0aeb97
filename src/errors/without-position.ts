import { SqlError } from './sql-error.ts';
import { SqlState } from './sql-state.ts';

/**
 * What PostgreSQL reads without the text of the statement at hand: its errors have no position. What we refuse keeps its
 * own, so that the user finds it.
 */
export function withoutPosition<T>(perform: () => T): T {
  try {
    return perform();
  } catch (error) {
    if (!(error instanceof SqlError) || isRefusal(error)) throw error;
    throw new SqlError(error.code, error.message, { ...error.fields, position: undefined });
  }
}

function isRefusal({ code, message }: SqlError): boolean {
  return code === SqlState.FeatureNotSupported && message.endsWith('is not supported');
}
