import { FLUSH_BYTES, OutputBuffer } from '../cells/output-buffer.ts';
import type { CopyForm } from '../session/copy-door.ts';
import type { ResultColumn } from '../session/result-column.ts';
import type { TransactionStatus } from '../session/transaction-block.ts';
import { type EncodingName, encodeLeniently, encodeText, isServerEncoding } from '../types/text-encoding.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { type Report, reportFields } from './error-response.ts';
import { BackendCode, BINARY_FORMAT, TEXT_FORMAT } from './message-code.ts';
import { knownRowDescription, writeRowDescription } from './row-description.ts';

/**
 * Where finished bytes go. The promise, if there is one, resolves when the client has taken enough of them. Once they are
 * sent the sink calls `release`, if there is one: from then on they are other bytes.
 */
export interface ByteSink {
  write(bytes: Uint8Array, release?: () => void): Promise<void> | undefined;
}

/** The whole message, for each status. */
const READY: Readonly<Record<TransactionStatus, Uint8Array>> = {
  idle: Uint8Array.of(BackendCode.ReadyForQuery, 0, 0, 0, 5, 0x49),
  'in-block': Uint8Array.of(BackendCode.ReadyForQuery, 0, 0, 0, 5, 0x54),
  failed: Uint8Array.of(BackendCode.ReadyForQuery, 0, 0, 0, 5, 0x45),
};

/** The messages of the server, one method each, collected in a buffer until it is flushed. */
export class BackendWriter {
  /** Row encoders write DataRow messages here themselves. */
  readonly buffer = new OutputBuffer();
  readonly #sink: ByteSink;
  #encoding: () => EncodingName = () => 'UTF8';

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** What texts go out in from now on. */
  useEncoding(encoding: () => EncodingName): void {
    this.#encoding = encoding;
  }

  get encoding(): EncodingName {
    return this.#encoding();
  }

  authenticationOk(): void {
    this.#message(BackendCode.Authentication, () => this.buffer.int32(0));
  }

  authenticationCleartextPassword(): void {
    this.#message(BackendCode.Authentication, () => this.buffer.int32(3));
  }

  /** The ways to prove a name, best first. */
  authenticationSasl(mechanisms: readonly string[]): void {
    this.#message(BackendCode.Authentication, () => {
      this.buffer.int32(10);
      for (const mechanism of mechanisms) this.buffer.zeroTerminated(mechanism);
      this.buffer.uint8(0);
    });
  }

  authenticationSaslContinue(data: string): void {
    this.#message(BackendCode.Authentication, () => {
      this.buffer.int32(11);
      this.buffer.text(data);
    });
  }

  authenticationSaslFinal(data: string): void {
    this.#message(BackendCode.Authentication, () => {
      this.buffer.int32(12);
      this.buffer.text(data);
    });
  }

  parameterStatus(name: string, value: string): void {
    this.#message(BackendCode.ParameterStatus, () => {
      this.#string(name);
      this.#string(value);
    });
  }

  backendKeyData(processId: number, cancelKey: Uint8Array): void {
    this.#message(BackendCode.BackendKeyData, () => {
      this.buffer.int32(processId);
      this.buffer.append(cancelKey);
    });
  }

  /** `version`: the one that we go on with; `options`: the `_pq_.` parameters that we do not know. */
  negotiateProtocolVersion(version: number, options: readonly string[]): void {
    this.#message(BackendCode.NegotiateProtocolVersion, () => {
      this.buffer.int32(version);
      this.buffer.int32(options.length);
      for (const option of options) this.buffer.zeroTerminated(option);
    });
  }

  readyForQuery(status: TransactionStatus): void {
    this.buffer.append(READY[status]);
  }

  rowDescription(columns: readonly ResultColumn[], formats: readonly number[]): void {
    if (isServerEncoding(this.#encoding())) {
      this.buffer.append(knownRowDescription(columns, formats));
      return;
    }
    this.#message(BackendCode.RowDescription, () =>
      writeRowDescription(columns, formats, this.buffer, (name) => this.#string(name)),
    );
  }

  parameterDescription(types: readonly TypeDefinition[]): void {
    this.#message(BackendCode.ParameterDescription, () => {
      this.buffer.int16(types.length);
      for (const type of types) this.buffer.int32(type.oid);
    });
  }

  noData(): void {
    this.#message(BackendCode.NoData);
  }

  parseComplete(): void {
    this.#message(BackendCode.ParseComplete);
  }

  bindComplete(): void {
    this.#message(BackendCode.BindComplete);
  }

  closeComplete(): void {
    this.#message(BackendCode.CloseComplete);
  }

  portalSuspended(): void {
    this.#message(BackendCode.PortalSuspended);
  }

  emptyQueryResponse(): void {
    this.#message(BackendCode.EmptyQueryResponse);
  }

  copyInResponse(form: CopyForm): void {
    this.#copyResponse(BackendCode.CopyInResponse, form);
  }

  copyOutResponse(form: CopyForm): void {
    this.#copyResponse(BackendCode.CopyOutResponse, form);
  }

  copyDone(): void {
    this.#message(BackendCode.CopyDone);
  }

  notification(processId: number, channel: string, payload: string): void {
    this.#message(BackendCode.NotificationResponse, () => {
      this.buffer.int32(processId);
      this.#string(channel);
      this.#string(payload);
    });
  }

  commandComplete(tag: string): void {
    const lengthAt = this.#begin(BackendCode.CommandComplete);
    this.buffer.zeroTerminated(tag);
    this.#end(lengthAt);
  }

  /** ErrorResponse or NoticeResponse. */
  report(report: Report): void {
    const isError = report.severity === 'ERROR' || report.severity === 'FATAL';
    this.#message(isError ? BackendCode.ErrorResponse : BackendCode.NoticeResponse, () => {
      for (const [code, value] of reportFields(report)) {
        this.buffer.text(code);
        this.#lenientString(value);
      }
      this.buffer.uint8(0);
    });
  }

  /** One byte without a frame: the answer to SSLRequest and GSSENCRequest. */
  refusal(): void {
    this.buffer.text('N');
  }

  /** The other answer to SSLRequest: the handshake comes next. */
  consent(): void {
    this.buffer.text('S');
  }

  flushIfFull(): Promise<void> | undefined {
    return this.buffer.length >= FLUSH_BYTES ? this.flush() : undefined;
  }

  flush(): Promise<void> | undefined {
    if (this.buffer.length === 0) return undefined;
    const { bytes, release } = this.buffer.take();
    return this.#sink.write(bytes, release);
  }

  /** The format of the whole, then that of each column, which is the same. */
  #copyResponse(code: number, { isBinary, columnCount }: CopyForm): void {
    const format = isBinary ? BINARY_FORMAT : TEXT_FORMAT;
    this.#message(code, () => {
      this.buffer.uint8(format);
      this.buffer.int16(columnCount);
      for (let column = 0; column < columnCount; column++) this.buffer.int16(format);
    });
  }

  /** Throws 22P05 for what the client's encoding has no character for. */
  #string(text: string): void {
    const encoding = this.#encoding();
    if (isServerEncoding(encoding)) this.buffer.zeroTerminated(text);
    else {
      this.buffer.append(encodeText(text, encoding));
      this.buffer.uint8(0);
    }
  }

  /** An error must reach the client, whatever is in it. */
  #lenientString(text: string): void {
    const encoding = this.#encoding();
    if (isServerEncoding(encoding)) this.buffer.zeroTerminated(text);
    else {
      this.buffer.append(encodeLeniently(text, encoding));
      this.buffer.uint8(0);
    }
  }

  /** A message of nothing but its code, or one whose body may fail. */
  #message(code: number, writeBody?: () => void): void {
    const lengthAt = this.#begin(code);
    try {
      writeBody?.();
    } catch (error) {
      this.buffer.length = lengthAt - 1;
      throw error;
    }
    this.#end(lengthAt);
  }

  /** Where the length is to stand. */
  #begin(code: number): number {
    const { buffer } = this;
    buffer.uint8(code);
    buffer.int32(0);
    return buffer.length - 4;
  }

  #end(lengthAt: number): void {
    this.buffer.view.setInt32(lengthAt, this.buffer.length - lengthAt);
  }
}
