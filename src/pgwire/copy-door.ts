import { decodeUtf8 } from '../bytes/utf8.ts';
import { withoutCopyContext } from '../copy/copy-context.ts';
import type { CopySink } from '../copy/copy-encoder.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Cancellable, CopyDoor, CopyForm } from '../session/copy-door.ts';
import { type EncodingName, utf8Of } from '../types/text-encoding.ts';
import type { BackendWriter } from './backend-writer.ts';
import { FatalError } from './fatal-error.ts';
import { FrontendCode } from './message-code.ts';
import type { Frame } from './message-framing.ts';
import { ConnectionLostError, type SocketChannel } from './socket-channel.ts';

/** COPY over the connection: CopyInResponse, CopyData until CopyDone or CopyFail; CopyOutResponse, CopyData, CopyDone. */
export class WireCopyDoor implements CopyDoor {
  readonly sink: CopySink;
  readonly #channel: SocketChannel;
  readonly #out: BackendWriter;

  constructor(channel: SocketChannel, out: BackendWriter) {
    this.#channel = channel;
    this.#out = out;
    this.sink = out;
  }

  beginIn(form: CopyForm): Promise<void> | undefined {
    this.#out.copyInResponse(form);
    return this.#out.flush();
  }

  beginOut(form: CopyForm): void {
    this.#out.copyOutResponse(form);
  }

  endOut(): void {
    this.#out.copyDone();
  }

  receive(control: Cancellable): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = this.#channel.readyMessage();
      if (frame === undefined) return this.#wait(control);
      const data = dataOf(frame, this.#out.encoding);
      if (data !== 'none') return data;
    }
  }

  wake(): void {
    this.#channel.wake();
  }

  async #wait(control: Cancellable): Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = await this.#channel.message(() => control.check());
      if (frame === undefined) throw new ConnectionLostError();
      const data = dataOf(frame, this.#out.encoding);
      if (data !== 'none') return data;
    }
  }
}

/** undefined: CopyDone. `none`: a message that says nothing here. Throws 57014 for CopyFail. */
function dataOf({ code, body }: Frame, encoding: EncodingName): Uint8Array | undefined | 'none' {
  switch (code) {
    case FrontendCode.CopyData:
      return body;
    case FrontendCode.CopyDone:
      return undefined;
    case FrontendCode.CopyFail: {
      const end = body.indexOf(0);
      const reason = decodeUtf8(utf8Of(body.subarray(0, end < 0 ? body.length : end), encoding));
      throw new SqlError(SqlState.QueryCanceled, `COPY from stdin failed: ${reason}`);
    }
    // Clients of the extended protocol may send them before their data.
    case FrontendCode.Flush:
    case FrontendCode.Sync:
      return 'none';
    default:
      throw withoutCopyContext(
        new FatalError(
          SqlState.ProtocolViolation,
          `unexpected message type 0x${code.toString(16).toUpperCase().padStart(2, '0')} during COPY from stdin`,
        ),
      );
  }
}
