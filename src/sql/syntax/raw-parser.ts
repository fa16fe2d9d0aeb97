import createModule, { type LibpgQueryModule } from 'libpg-query/wasm/libpg-query.js';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { parserError } from './parser-error.ts';

/** One statement of the parser's answer; offsets in UTF-8 bytes, left out when 0 (length 0: to the end of the text). */
export interface RawStatement {
  readonly stmt?: unknown;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

const POINTER_BYTES = 4;
/** WebAssembly memory never shrinks: an instance that one huge statement blew up is not kept. */
const KEPT_HEAP_BYTES = 256 * 1024 * 1024;

/**
 * libpg-query, PostgreSQL's own parser as WebAssembly. The only file that imports it.
 *
 * A statement nested too deeply overflows the stack inside WebAssembly, and one that is too big exhausts its memory.
 * Either leaves the instance in the middle of something: it leaks, and after some dozens of such statements it answers
 * nothing any more or never returns. So an instance that trapped is thrown away and a spare takes its place.
 */
export class RawParser {
  #current: LibpgQueryModule | undefined;
  #spare: LibpgQueryModule | undefined;
  #isLoading = false;

  static async load(): Promise<RawParser> {
    const parser = new RawParser();
    parser.#current = await newInstance();
    parser.#spare = await newInstance();
    return parser;
  }

  /** The statements of `text` as libpg-query's JSON. Throws SqlError for what the grammar refuses. */
  parse(text: string): readonly RawStatement[] {
    const instance = this.#instance();
    const exitCode = process.exitCode;
    try {
      const json = parseWith(instance, text);
      if (instance.HEAPU8.length > KEPT_HEAP_BYTES) this.#discard();
      return statementsOf(json);
    } catch (error) {
      if (error instanceof SqlError) throw error;
      this.#discard();
      // Running out of memory inside makes Emscripten mark the whole process as failed.
      process.exitCode = exitCode;
      if (isStackOverflow(error)) throw tooDeep();
      throw new SqlError(SqlState.OutOfMemory, 'out of memory while parsing the statement');
    }
  }

  /** The text with $1, $2 … in the place of its constants. Throws for what the grammar refuses. */
  normalize(text: string): string {
    const instance = this.#instance();
    let normalized: string;
    try {
      normalized = normalizeWith(instance, text);
    } catch (error) {
      this.#discard();
      throw error;
    }
    // It answers with the message in the place of a text.
    if (/^(?:syntax error|ERROR)/.test(normalized)) throw new SqlError(SqlState.SyntaxError, normalized);
    return normalized;
  }

  #instance(): LibpgQueryModule {
    if (this.#current === undefined) {
      this.#current = this.#spare;
      this.#spare = undefined;
      this.#refill();
    }
    if (this.#current === undefined) {
      throw new SqlError(SqlState.InsufficientResources, 'the parser is being restarted after an oversized statement', {
        hint: 'Send the statement again.',
      });
    }
    return this.#current;
  }

  #discard(): void {
    this.#current = undefined;
    this.#refill();
  }

  /** A spare arrives some milliseconds later; until then the other instance serves. */
  #refill(): void {
    if (this.#isLoading || this.#spare !== undefined) return;
    this.#isLoading = true;
    newInstance().then(
      (instance) => {
        this.#isLoading = false;
        this.#spare = instance;
      },
      () => {
        // No memory for a spare now; the next statement that needs one asks again.
        this.#isLoading = false;
      },
    );
  }
}

function newInstance(): Promise<LibpgQueryModule> {
  // It prints its memory statistics when it runs out; the caller gets an error, the console stays ours.
  return createModule({ print: () => {}, printErr: () => {} });
}

export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** The statement nests deeper than a stack can follow; PostgreSQL's words for the same. */
export function tooDeep(): SqlError {
  return new SqlError(SqlState.StatementTooComplex, 'stack depth limit exceeded', {
    hint: 'Write the statement with less nesting, for example AND or IN lists in place of long chains of operators.',
  });
}

function parseWith(instance: LibpgQueryModule, text: string): string {
  const capacityBytes = instance.lengthBytesUTF8(text) + 1;
  const query = instance._malloc(capacityBytes);
  if (query === 0) throw new Error('no memory for the text');
  instance.stringToUTF8(text, query, capacityBytes);
  const result = instance._wasm_parse_query_raw(query);
  if (result === 0) throw new Error('no memory for the result');
  const tree = instance.getValue(result, 'i32');
  const error = instance.getValue(result + 2 * POINTER_BYTES, 'i32');
  const failure = error === 0 ? undefined : errorAt(instance, error);
  const json = failure === undefined && tree !== 0 ? instance.UTF8ToString(tree) : '';
  // Not in a `finally`: after a trap the instance is not touched again.
  instance._wasm_free_parse_result(result);
  instance._free(query);
  if (failure !== undefined) throw failure;
  return json;
}

function normalizeWith(instance: LibpgQueryModule, text: string): string {
  const capacityBytes = instance.lengthBytesUTF8(text) + 1;
  const query = instance._malloc(capacityBytes);
  if (query === 0) throw new Error('no memory for the text');
  instance.stringToUTF8(text, query, capacityBytes);
  const result = instance._wasm_normalize_query(query);
  if (result === 0) throw new Error('no memory for the result');
  const normalized = instance.UTF8ToString(result);
  instance._wasm_free_string(result);
  instance._free(query);
  return normalized;
}

/** { message, function, file, line, cursor position }: four-byte fields; the cursor counts characters from 1, 0 is none. */
function errorAt(instance: LibpgQueryModule, pointer: number): SqlError {
  const text = (field: number) => {
    const at = instance.getValue(pointer + field * POINTER_BYTES, 'i32');
    return at === 0 ? '' : instance.UTF8ToString(at);
  };
  return parserError(text(0), {
    functionName: text(1),
    position: instance.getValue(pointer + 4 * POINTER_BYTES, 'i32'),
  });
}

function statementsOf(json: string): readonly RawStatement[] {
  const tree = JSON.parse(json) as { readonly stmts?: readonly RawStatement[] };
  return tree.stmts ?? [];
}
