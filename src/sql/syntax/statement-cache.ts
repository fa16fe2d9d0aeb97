import { type ParsedStatement, parseSql } from './parse-sql.ts';

/** Parses texts elsewhere than in this thread. */
export interface ElsewhereParser {
  parse(text: string): Promise<readonly ParsedStatement[]>;
}

/** Longer texts take more than some milliseconds. */
const LONG_TEXT_LENGTH = 65_536;

/** Longer texts are usually loads of literals that never come again: they are kept from the second time on. */
const USUAL_TEXT_LENGTH = 16_384;
/** Nothing longer is kept. */
const MAX_TEXT_LENGTH = 1024 * 1024;
/** Texts that have come once, in UTF-16 units. */
const MAX_SEEN_LENGTH = 2 * MAX_TEXT_LENGTH;
const MAX_TOTAL_LENGTH = 4 * 1024 * 1024;
const MAX_ENTRIES = 1_000;

/**
 * Parses each text once as long as it keeps coming. Trees are read-only, so all sessions may share one cache. The texts
 * used least recently go when the cache holds more than `maxEntries` texts or `maxTotalLength` of UTF-16 units.
 * Errors are not kept.
 */
export class StatementCache {
  readonly #entries = new Map<string, readonly ParsedStatement[]>();
  readonly #maxEntries: number;
  readonly #maxTotalLength: number;
  readonly #elsewhere: ElsewhereParser | undefined;
  #totalLength = 0;
  /** Long texts that have come once, the latest at the end. */
  readonly #seen = new Set<string>();
  #seenLength = 0;

  constructor(
    options: {
      readonly maxEntries?: number;
      readonly maxTotalLength?: number;
      readonly elsewhere?: ElsewhereParser | undefined;
    } = {},
  ) {
    this.#maxEntries = options.maxEntries ?? MAX_ENTRIES;
    this.#maxTotalLength = options.maxTotalLength ?? MAX_TOTAL_LENGTH;
    this.#elsewhere = options.elsewhere;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether a text was parsed not long ago. */
  has(text: string): boolean {
    return this.#entries.has(text);
  }

  /** As `parseSql`; a promise, which rejects with what that throws, for a long text where somebody else can parse it. */
  parse(text: string): readonly ParsedStatement[] | Promise<readonly ParsedStatement[]> {
    const known = this.#entries.get(text);
    if (known !== undefined) {
      // A Map lists its entries in the order of insertion: this one becomes the youngest.
      this.#entries.delete(text);
      this.#entries.set(text, known);
      return known;
    }
    if (text.length > LONG_TEXT_LENGTH && this.#elsewhere !== undefined) {
      return this.#elsewhere.parse(text).then((parsed) => this.#noted(text, parsed));
    }
    return this.#noted(text, parseSql(text));
  }

  #noted(text: string, parsed: readonly ParsedStatement[]): readonly ParsedStatement[] {
    if (text.length <= USUAL_TEXT_LENGTH || this.#hasCome(text)) this.#keep(text, parsed);
    return parsed;
  }

  /** Whether a long text has come before; it is remembered when not. */
  #hasCome(text: string): boolean {
    if (text.length > MAX_TEXT_LENGTH) return false;
    if (this.#seen.delete(text)) {
      this.#seenLength -= text.length;
      return true;
    }
    this.#seen.add(text);
    this.#seenLength += text.length;
    for (const oldest of this.#seen) {
      if (this.#seenLength <= MAX_SEEN_LENGTH) break;
      this.#seen.delete(oldest);
      this.#seenLength -= oldest.length;
    }
    return false;
  }

  #keep(text: string, parsed: readonly ParsedStatement[]): void {
    // Two sessions may have waited for the same one.
    if (this.#entries.has(text)) return;
    this.#entries.set(text, parsed);
    this.#totalLength += text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#totalLength <= this.#maxTotalLength) break;
      this.#entries.delete(oldest);
      this.#totalLength -= oldest.length;
    }
  }
}
