import { ImportError } from './import-source.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Listens for Ctrl-C until `end`, so that an import can leave everything as it was. A second signal ends at once. */
export class Interruption {
  #signal: NodeJS.Signals | undefined;
  readonly #listener = (signal: NodeJS.Signals): void => {
    this.#signal = signal;
    this.end();
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  /** Throws ImportError once a signal has come. */
  check(): void {
    if (this.#signal !== undefined) throw new ImportError(`interrupted by ${this.#signal}; nothing is kept`);
  }

  /** From now on signals end the process, as they do by themselves. */
  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}
