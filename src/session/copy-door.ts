import type { CopySink } from '../copy/copy-encoder.ts';

/** Throws when the statement was cancelled. */
export interface Cancellable {
  check(): void;
}

/** What the client is told before data goes either way. */
export interface CopyForm {
  readonly isBinary: boolean;
  readonly columnCount: number;
}

/** The client's side of COPY … FROM STDIN and TO STDOUT, whatever the door. */
export interface CopyDoor {
  /** From now on the client sends data. */
  beginIn(form: CopyForm): Promise<void> | undefined;
  /**
   * The next bytes, cut anywhere; undefined at their end. They are valid until the next call. Rejects with 57014 when the
   * client gives up, and with what `control` throws.
   */
  receive(control: Cancellable): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** From now on the sink takes data. */
  beginOut(form: CopyForm): void;
  readonly sink: CopySink;
  endOut(): void;
  /** Whoever waits in `receive` looks at its control again. */
  wake(): void;
}
