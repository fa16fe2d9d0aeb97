import { decodeUtf8 } from '../bytes/utf8.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { PreparedStatement } from '../session/prepared-statement.ts';
import type { Session } from '../session/session.ts';
import { isIncorrectBinary } from '../types/binary-form.ts';
import { decodeText, type EncodingName, isServerEncoding, utf8Of } from '../types/text-encoding.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { convertTexts, textPlace } from './binary-text.ts';
import { type BindMessage, parameterPlace } from './frontend-message.ts';
import { BINARY_FORMAT, TEXT_FORMAT } from './message-code.ts';
import { formatOf } from './row-description.ts';

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
  const encoding = session.settings.clientEncoding;
  return types.map((type, index) => {
    const bytes = parameters[index] ?? null;
    if (bytes === null) return null;
    let place = parameterPlace(message.portal, index);
    try {
      const format = formatOf(parameterFormats, index);
      if (format !== TEXT_FORMAT) return readParameter(inUtf8(bytes, type, encoding), format, type, context);
      const text = isServerEncoding(encoding) ? decodeUtf8(bytes) : decodeText(bytes, encoding);
      place += " = '...'";
      return type.parse(text, context, -1);
    } catch (error) {
      throw error instanceof SqlError ? withPlace(error, place, index) : error;
    }
  });
}

/** A value in the binary form; texts in it come in the client's encoding. */
function inUtf8(bytes: Uint8Array, type: TypeDefinition, encoding: EncodingName): Uint8Array {
  if (isServerEncoding(encoding)) return bytes;
  return convertTexts(bytes, textPlace(type), (text) => utf8Of(text, encoding));
}

function readParameter(bytes: Uint8Array, format: number, type: TypeDefinition, context: TypeContext): Value {
  if (format === BINARY_FORMAT) {
    // The value may outlive the message, whose bytes belong to a whole chunk from the socket.
    return type.readBinary(bytes.slice(), context);
  }
  throw new SqlError(SqlState.InvalidParameterValue, `unsupported format code: ${format}`);
}

/** Says which parameter it was, as PostgreSQL does. */
function withPlace(error: SqlError, place: string, index: number): SqlError {
  const message = isIncorrectBinary(error) ? `${error.message} in bind parameter ${index + 1}` : error.message;
  const { where } = error.fields;
  return new SqlError(error.code, message, {
    ...error.fields,
    where: where === undefined ? place : `${where}\n${place}`,
  });
}
