/** Bytes between two entries of the table that turns byte offsets into characters. */
const BYTES_PER_MARK = 64;

/**
 * The text that the client sent, addressed the way the parser does: by offsets into its UTF-8 bytes. Positions that we
 * hand out count characters (code points) from 1, as PostgreSQL's error messages do.
 */
export class SourceText {
  readonly text: string;
  /** undefined when all is ASCII: then bytes, characters and JavaScript's own index agree. */
  readonly #bytes: Buffer | undefined;
  /** Characters before byte `i * BYTES_PER_MARK`. */
  #marks: Uint32Array | undefined;

  constructor(text: string) {
    this.text = text;
    this.#bytes = isAscii(text) ? undefined : Buffer.from(text, 'utf8');
  }

  get sizeBytes(): number {
    return this.#bytes?.length ?? this.text.length;
  }

  /** Characters before the byte at `byteOffset`. */
  charactersBefore(byteOffset: number): number {
    const bytes = this.#bytes;
    if (bytes === undefined) return byteOffset;
    this.#marks ??= countCharacters(bytes);
    const mark = Math.floor(byteOffset / BYTES_PER_MARK);
    return this.#marks[mark] + charactersIn(bytes, mark * BYTES_PER_MARK, byteOffset);
  }

  /** 1-based character position of the byte at `byteOffset`. */
  positionAt(byteOffset: number): number {
    return this.charactersBefore(byteOffset) + 1;
  }

  slice(startByte: number, endByte: number): string {
    return this.#bytes?.toString('utf8', startByte, endByte) ?? this.text.slice(startByte, endByte);
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return false;
  }
  return true;
}

function countCharacters(bytes: Buffer): Uint32Array {
  const marks = new Uint32Array(Math.floor(bytes.length / BYTES_PER_MARK) + 1);
  for (let mark = 1; mark < marks.length; mark++) {
    const end = mark * BYTES_PER_MARK;
    marks[mark] = marks[mark - 1] + charactersIn(bytes, end - BYTES_PER_MARK, end);
  }
  return marks;
}

/** Every byte but a continuation byte (10xxxxxx) begins a character. */
function charactersIn(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    if ((bytes[i] & 0xc0) !== 0x80) count++;
  }
  return count;
}
