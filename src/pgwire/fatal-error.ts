import { SqlError, type SqlErrorFields } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** An error after which the connection is closed. */
export class FatalError extends SqlError {
  constructor(code: SqlState, message: string, fields: SqlErrorFields = {}) {
    super(code, message, fields);
    this.name = 'FatalError';
  }
}

/** The bytes are not the protocol; what follows cannot be trusted to begin at a message. */
export function protocolViolation(message: string): FatalError {
  return new FatalError(SqlState.ProtocolViolation, message);
}
