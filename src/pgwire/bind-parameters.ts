import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { PreparedStatement } from '../session/prepared-statement.ts';
import type { Session } from '../session/session.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import type { BindMessage } from './frontend-message.ts';
import { BINARY_FORMAT, TEXT_FORMAT } from './message-code.ts';
import { formatOf } from './row-description.ts';
import { decodeUtf8 } from './utf8.ts';

/** The values of `$1`, `$2` … as their types read them. Throws 08P01 for wrong counts and what the types throw. */
export function bindParameters(message: BindMessage, statement: PreparedStatement, session: Session): readonly Value[] {
  const { parameters, parameterFormats } = message;
  const types = statement.parameterTypes;
  if (parameterFormats.length > 1 && parameterFormats.length !== parameters.length) {
    throw new SqlError(
      SqlState.ProtocolViolation,
      `bind message has ${parameterFormats.length} parameter formats but ${parameters.length} parameters`,
    );
  }
  if (parameters.length !== types.length) {
    throw new SqlError(
      SqlState.ProtocolViolation,
      `bind message supplies ${parameters.length} parameters, but prepared statement "${statement.name}" requires ${types.length}`,
    );
  }
  if (types.length === 0) return [];
  const context = session.typeContext;
  return types.map((type, index) => {
    const bytes = parameters[index] ?? null;
    if (bytes === null) return null;
    try {
      return readParameter(bytes, formatOf(parameterFormats, index), type, context);
    } catch (error) {
      throw error instanceof SqlError ? withPlace(error, message, index) : error;
    }
  });
}

function readParameter(bytes: Uint8Array, format: number, type: TypeDefinition, context: TypeContext): Value {
  if (format === TEXT_FORMAT) return type.parse(decodeUtf8(bytes), context, -1);
  if (format === BINARY_FORMAT) {
    // The value may outlive the message, whose bytes belong to a whole chunk from the socket.
    return type.readBinary(bytes.slice(), context);
  }
  throw new SqlError(SqlState.InvalidParameterValue, `unsupported format code: ${format}`);
}

/** Says which parameter it was, as PostgreSQL does. */
function withPlace(error: SqlError, { portal, parameterFormats }: BindMessage, index: number): SqlError {
  const place = portal === '' ? 'unnamed portal' : `portal "${portal}"`;
  const value = formatOf(parameterFormats, index) === TEXT_FORMAT ? " = '...'" : '';
  return new SqlError(error.code, error.message, {
    ...error.fields,
    where: `${place} parameter $${index + 1}${value}`,
  });
}
