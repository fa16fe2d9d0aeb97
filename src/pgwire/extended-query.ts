import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { ResultColumn } from '../session/result-column.ts';
import type { Session } from '../session/session.ts';
import type { Completion } from '../session/session-options.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { BackendWriter } from './backend-writer.ts';
import { bindParameters } from './bind-parameters.ts';
import type { BindMessage, CloseMessage, DescribeMessage, ExecuteMessage, ParseMessage } from './frontend-message.ts';
import { BINARY_FORMAT, TEXT_FORMAT } from './message-code.ts';
import { RowEncoder } from './row-encoder.ts';

/** Undefined where it is done already, as in all that follow. */
export function parse(session: Session, message: ParseMessage, out: BackendWriter): Promise<void> | undefined {
  session.noteMessage();
  const prepared = session.prepare(
    message.name,
    message.text,
    message.parameterTypeOids.map((oid) => declaredType(session, oid)),
  );
  if (prepared instanceof Promise) return prepared.then(() => out.parseComplete());
  out.parseComplete();
  return undefined;
}

function declaredType(session: Session, oid: number): TypeDefinition | undefined {
  if (oid === 0) return undefined;
  const type = session.typeByOid(oid);
  if (type === undefined) throw new SqlError(SqlState.InternalError, `cache lookup failed for type ${oid}`);
  return type;
}

export function bind(session: Session, message: BindMessage, out: BackendWriter): Promise<void> | undefined {
  session.noteMessage();
  const statement = session.preparedStatement(message.statement);
  session.requireAllowed(statement);
  const values = bindParameters(message, statement, session);
  checkFormatCount(message.resultFormats, statement.columns);
  const bound = session.bind(message.portal, statement, values, message.resultFormats);
  if (bound instanceof Promise) return bound.then(() => out.bindComplete());
  out.bindComplete();
  return undefined;
}

function checkFormatCount(formats: readonly number[], columns: readonly ResultColumn[] | undefined): void {
  const count = columns?.length ?? 0;
  if (formats.length > 1 && formats.length !== count && columns !== undefined) {
    throw new SqlError(
      SqlState.ProtocolViolation,
      `bind message has ${formats.length} result formats but query has ${count} columns`,
    );
  }
}

/** As in PostgreSQL an unknown format is found out with the first row. */
function requireKnownFormats(formats: readonly number[]): void {
  for (const format of formats) {
    if (format !== TEXT_FORMAT && format !== BINARY_FORMAT) {
      throw new SqlError(SqlState.InvalidParameterValue, `unsupported format code: ${format}`);
    }
  }
}

/** Always decided before execution: Execute sends no RowDescription. */
export function describe(session: Session, message: DescribeMessage, out: BackendWriter): void {
  if (message.target === 'statement') {
    const statement = session.preparedStatement(message.name);
    if (statement.columns !== undefined) session.requireAllowed(statement);
    out.parameterDescription(statement.parameterTypes);
    if (statement.columns !== undefined) session.requireCurrent(statement);
    describeResult(statement.columns, [], out);
  } else {
    const portal = session.portal(message.name);
    describeResult(portal.columns, portal.resultFormats, out);
  }
}

/** INSERT returns no result at all (NoData); `SELECT FROM t` returns rows of no columns. */
function describeResult(
  columns: readonly ResultColumn[] | undefined,
  formats: readonly number[],
  out: BackendWriter,
): void {
  if (columns === undefined) out.noData();
  else out.rowDescription(columns, formats);
}

export function execute(session: Session, message: ExecuteMessage, out: BackendWriter): Promise<void> | undefined {
  session.noteMessage();
  const portal = session.portal(message.portal);
  if (portal.isEmptyStatement) {
    out.emptyQueryResponse();
    return undefined;
  }
  let encoder: RowEncoder | undefined;
  const completion = session.execute(portal, {
    maxRows: message.maxRows,
    onRows(batch) {
      if (encoder === undefined) {
        requireKnownFormats(portal.resultFormats);
        encoder = new RowEncoder(
          portal.columns ?? [],
          portal.resultFormats,
          session.typeContext,
          portal.control,
          session.settings.clientEncoding,
        );
      }
      return encoder.write(batch, out);
    },
  });
  if (completion instanceof Promise) return completion.then((later) => complete(later, out));
  complete(completion, out);
  return undefined;
}

function complete({ isSuspended, tag }: Completion, out: BackendWriter): void {
  if (isSuspended) out.portalSuspended();
  else out.commandComplete(tag);
}

export function close(session: Session, message: CloseMessage, out: BackendWriter): Promise<void> | undefined {
  let closing: Promise<void> | undefined;
  if (message.target === 'statement') session.closeStatement(message.name);
  else closing = session.closePortal(message.name);
  if (closing !== undefined) return closing.then(() => out.closeComplete());
  out.closeComplete();
  return undefined;
}
