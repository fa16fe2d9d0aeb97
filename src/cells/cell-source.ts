import { ByteWriter } from '../bytes/byte-writer.ts';
import { type Column, valueAt } from '../columnar/column.ts';
import type { Dictionary } from '../columnar/dictionary.ts';
import { textForm } from '../types/string-types.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { EncodedDictionary } from './encoded-dictionary.ts';
import { InstantWriter } from './instant-text.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** A dictionary this many times larger than the rows so far is not worth a table of its codes. */
const SPARSE_FACTOR = 8;
/** Segments may have dictionaries of their own, and a result goes through many segments. */
const MAX_ENCODED_DICTIONARIES = 16;

/** How the cells of a column are written. `…Text` and `…Binary` are the two formats of the protocol. */
export const CellKind = {
  IntegerText: 0,
  DoubleText: 1,
  SingleText: 2,
  InstantText: 3,
  DateText: 4,
  TimeText: 5,
  BooleanText: 6,
  EncodedDictionary: 7,
  DictionaryStrings: 8,
  Strings: 9,
  Utf8: 10,
  Int16Binary: 11,
  Int32Binary: 12,
  Int64Binary: 13,
  WideBinary: 14,
  SingleBinary: 15,
  DoubleBinary: 16,
  BooleanBinary: 17,
  FormattedText: 18,
  FormattedBinary: 19,
} as const;

export type CellKind = (typeof CellKind)[keyof typeof CellKind];

const NO_NUMBERS = new Float64Array(0);
const NO_CODES = new Uint32Array(0);
const NO_WORDS = new Int32Array(0);
const NO_BYTES = new Uint8Array(0);
const NO_INSTANTS = new InstantWriter(undefined);
const INSTANT_TYPES: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz']);
const NO_DICTIONARY = new EncodedDictionary({ size: 0 } as Dictionary);

/** The common settings' text forms of types that are one number; the others go by `format`. */
function numberTextKind(type: TypeDefinition, context: TypeContext): CellKind {
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
    case 'xid':
      return CellKind.IntegerText;
    // Only the shortest form, which is the default, can be written without rounding to a number of digits.
    case 'float8':
      return context.extraFloatDigits > 0 ? CellKind.DoubleText : CellKind.FormattedText;
    case 'float4':
      return context.extraFloatDigits > 0 ? CellKind.SingleText : CellKind.FormattedText;
    case 'timestamp':
    case 'timestamptz':
      return context.dateStyle.format === 'ISO' ? CellKind.InstantText : CellKind.FormattedText;
    case 'date':
      return context.dateStyle.format === 'ISO' ? CellKind.DateText : CellKind.FormattedText;
    case 'time':
      return CellKind.TimeText;
    default:
      return CellKind.FormattedText;
  }
}

function numberBinaryKind(type: TypeDefinition): CellKind {
  switch (type.name) {
    case 'int2':
      return CellKind.Int16Binary;
    case 'int4':
    case 'oid':
    case 'xid':
      return CellKind.Int32Binary;
    case 'int8':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return CellKind.Int64Binary;
    case 'float4':
      return CellKind.SingleBinary;
    case 'float8':
      return CellKind.DoubleBinary;
    default:
      return CellKind.FormattedBinary;
  }
}

/**
 * One column of a result, as the loop over rows reads it: what of the current batch's column its kind needs, in fields
 * that are there for every kind, so that the loop sees one shape of object.
 */
export class CellSource {
  kind: CellKind = CellKind.FormattedText;
  validity: Uint8Array | undefined;
  numbers: Float64Array = NO_NUMBERS;
  /** Dictionary codes, low words, offsets of UTF-8. */
  codes: Uint32Array = NO_CODES;
  high: Int32Array = NO_WORDS;
  /** Booleans, UTF-8. */
  bytes: Uint8Array = NO_BYTES;
  strings: readonly string[] = [];
  encoded: EncodedDictionary = NO_DICTIONARY;
  /** Of the first of some neighbouring columns of encoded text (mostly the tags of a series): the column after them; 0 of others. */
  neighboursEnd = 0;
  /** Where those cells of the row before stand in the output buffer; an end of 0: nowhere. */
  neighboursStartAt = 0;
  neighboursEndAt = 0;
  readonly instants: InstantWriter;
  #column: Column | undefined;
  readonly #type: TypeDefinition;
  readonly #context: TypeContext;
  readonly #isBinary: boolean;
  /** The bytes are those of the string itself. */
  readonly #isPlainText: boolean;
  readonly #numberKind: CellKind;
  #encodedDictionaries: Map<Dictionary, EncodedDictionary> | undefined;
  #scratch: ByteWriter | undefined;
  #rowsSeen = 0;

  constructor(type: TypeDefinition, context: TypeContext, { isBinary }: { isBinary: boolean }) {
    this.#type = type;
    this.#context = context;
    this.#isBinary = isBinary;
    this.#isPlainText = type.format === textForm.format && (!isBinary || type.writeBinary === textForm.writeBinary);
    this.#numberKind = isBinary ? numberBinaryKind(type) : numberTextKind(type, context);
    this.instants = INSTANT_TYPES.has(type.name)
      ? new InstantWriter(type.name === 'timestamptz' ? context.timeZone : undefined)
      : NO_INSTANTS;
  }

  /** Turns to the next batch. */
  open(column: Column, rowCount: number): void {
    this.validity = column.validity;
    this.#column = column;
    this.#rowsSeen += rowCount;
    switch (column.kind) {
      case 'number':
        this.numbers = column.values;
        this.kind = this.#numberKind;
        break;
      case 'boolean':
        this.bytes = column.values;
        this.kind = this.#isBinary ? CellKind.BooleanBinary : CellKind.BooleanText;
        break;
      case 'wide':
        this.high = column.high;
        this.codes = column.low;
        // A timetz is packed into 64 bits here, and longer on the wire.
        this.kind = this.#isBinary && this.#type.name !== 'timetz' ? CellKind.WideBinary : this.#formattedKind();
        break;
      case 'dictionary':
        if (this.#isPlainText) this.#openDictionary(column.codes, column.dictionary);
        else this.kind = this.#formattedKind();
        break;
      case 'bytes':
        this.codes = column.offsets;
        this.bytes = column.bytes;
        this.kind = this.#isPlainText ? CellKind.Utf8 : this.#formattedKind();
        break;
      default:
        this.kind = this.#isPlainText ? CellKind.Strings : this.#formattedKind();
        if (this.#isPlainText) this.strings = column.values as readonly string[];
    }
  }

  /** The length word and the bytes of a value that has no way of its own. */
  writeFormatted(row: number, out: OutputBuffer): void {
    const value = valueAt(this.#column as Column, row);
    if (this.#isBinary) this.#writeBinary(value, out);
    else {
      const start = out.length;
      out.int32(0);
      out.text(this.#type.format(value, this.#context));
      out.view.setInt32(start, out.length - start - 4);
    }
  }

  #openDictionary(codes: Uint32Array, dictionary: Dictionary): void {
    this.codes = codes;
    this.#encodedDictionaries ??= new Map();
    const known = this.#encodedDictionaries.get(dictionary);
    if (known !== undefined) this.encoded = known;
    else if (dictionary.size > this.#rowsSeen * SPARSE_FACTOR) {
      this.strings = dictionary.strings();
      this.kind = CellKind.DictionaryStrings;
      return;
    } else {
      if (this.#encodedDictionaries.size === MAX_ENCODED_DICTIONARIES) this.#encodedDictionaries.clear();
      this.encoded = new EncodedDictionary(dictionary);
      this.#encodedDictionaries.set(dictionary, this.encoded);
    }
    this.kind = CellKind.EncodedDictionary;
  }

  #formattedKind(): CellKind {
    return this.#isBinary ? CellKind.FormattedBinary : CellKind.FormattedText;
  }

  #writeBinary(value: Value, out: OutputBuffer): void {
    this.#scratch ??= new ByteWriter(0);
    const scratch = this.#scratch;
    scratch.clear();
    this.#type.writeBinary(value, scratch);
    out.int32(scratch.length);
    out.append(scratch.view());
  }
}

/** Below this many cells, comparing codes with the row before takes as long as writing. */
const MIN_NEIGHBOURS = 3;

/** Finds the columns whose cells can be copied from the row before as long as their codes stay the same. */
export function findNeighbours(sources: readonly CellSource[]): void {
  for (let column = 0; column < sources.length; ) {
    let end = column;
    while (end < sources.length && isEncodedWithoutNull(sources[end])) end++;
    sources[column].neighboursEnd = end - column >= MIN_NEIGHBOURS ? end : 0;
    for (let inner = column + 1; inner < end; inner++) sources[inner].neighboursEnd = 0;
    column = Math.max(end, column + 1);
  }
}

function isEncodedWithoutNull({ kind, validity }: CellSource): boolean {
  return kind === CellKind.EncodedDictionary && validity === undefined;
}
