/**
 * Lets one large commit at a time take several turns of the event loop for what small ones do in a single turn: check,
 * append to the log, apply. Whatever it was checked against does not change meanwhile, since no other commit begins; those
 * wait, and readers do not.
 */
export class CommitGate {
  #closed: Promise<void> | undefined;

  /** Undefined while commits may begin; otherwise a promise, after which it is to be asked again. */
  whenOpen(): Promise<void> | undefined {
    return this.#closed;
  }

  /** Keeps out every other commit until the returned function is called. */
  async enter(): Promise<() => void> {
    while (this.#closed !== undefined) await this.#closed;
    return this.close();
  }

  /** `enter` for who has asked in the same turn whether it is open. */
  close(): () => void {
    let open = (): void => {};
    this.#closed = new Promise((resolve) => {
      open = resolve;
    });
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      this.#closed = undefined;
      open();
    };
  }
}
