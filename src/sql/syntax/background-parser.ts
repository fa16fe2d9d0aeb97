import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { SqlError, type SqlErrorFields } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ParsedStatement } from './parse-sql.ts';
import { TreeJoiner, type TreePart } from './tree-parts.ts';

export interface ParserRequest {
  readonly id: number;
  readonly text: string;
}

export type ParserReply =
  | { readonly id: number; readonly kind: 'part'; readonly part: TreePart }
  | {
      readonly id: number;
      readonly kind: 'refused';
      readonly code: SqlState;
      readonly message: string;
      readonly fields: SqlErrorFields;
    }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };

interface Waiting {
  readonly joiner: TreeJoiner;
  resolve(parsed: readonly ParsedStatement[]): void;
  reject(error: Error): void;
}

/** The built script of the thread. */
const SCRIPT = new URL('./parse-worker.js', import.meta.url);

/** Undefined where the sources run as they are: then there is no script for the thread, and long texts hold up the others. */
export function backgroundParser(): BackgroundParser | undefined {
  return existsSync(SCRIPT) ? new BackgroundParser(SCRIPT) : undefined;
}

/** So long a thread without work is kept; its memory is that of the longest text it has parsed. */
const IDLE_MS = 10_000;

/**
 * Parses long texts in a thread of its own, one after the other, so that the others' statements go on. The thread starts
 * with the first text and ends when none has come for a while.
 */
export class BackgroundParser {
  readonly #scriptUrl: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 1;

  /** `scriptUrl`: of the built `parse-worker.js`. */
  constructor(scriptUrl: URL) {
    this.#scriptUrl = scriptUrl;
  }

  /** As `parseSql`. */
  parse(text: string): Promise<readonly ParsedStatement[]> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { joiner: new TreeJoiner(), resolve, reject });
      clearTimeout(this.#idle);
      const thread = this.#thread();
      thread.ref();
      thread.postMessage({ id, text } satisfies ParserRequest);
    });
  }

  /** What waits is refused with 57P01. */
  async close(): Promise<void> {
    await this.#end(new SqlError(SqlState.AdminShutdown, 'terminating connection due to administrator command'));
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#scriptUrl);
    worker.on('message', (reply: ParserReply) => this.#receive(reply));
    worker.on('error', (error) => {
      if (this.#worker !== worker) return;
      const isTooBig = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      // What waited behind a text that is too big cannot be told from it.
      const reason = isTooBig ? new SqlError(SqlState.OutOfMemory, 'out of memory while parsing the statement') : error;
      void this.#end(reason);
    });
    worker.on('messageerror', (error) => void this.#end(error));
    this.#worker = worker;
    return worker;
  }

  #receive(reply: ParserReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    switch (reply.kind) {
      case 'part': {
        const whole = waiting.joiner.add(reply.part);
        if (whole === undefined) return;
        waiting.resolve(whole.tree as readonly ParsedStatement[]);
        break;
      }
      case 'refused':
        waiting.reject(new SqlError(reply.code, reply.message, reply.fields));
        break;
      default:
        waiting.reject(new Error(`the statement could not be parsed: ${reply.message}`));
    }
    this.#waiting.delete(reply.id);
    if (this.#waiting.size > 0) return;
    // Without work it keeps no process alive.
    this.#worker?.unref();
    this.#idle = setTimeout(() => void this.#end(), IDLE_MS);
    this.#idle.unref();
  }

  async #end(reason?: Error): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) if (reason !== undefined) reject(reason);
    this.#waiting.clear();
    await worker?.terminate();
  }
}
