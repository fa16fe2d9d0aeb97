import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { encodeByteStrings } from '../codec/byte-strings.ts';
import { encodeCodes } from '../codec/choose-codec.ts';
import { UNIT_ROWS } from '../codec/column-codec.ts';
import type { ChunkBuffer } from './chunk-buffer.ts';
import { ChunkValidity, countNulls } from './chunk-validity.ts';
import { StatisticsBuilder } from './column-statistics.ts';
import { writeStringDictionary } from './string-dictionary.ts';
import { writeUnit } from './unit.ts';

/** A dictionary pays while at most a quarter of the values are distinct, and stays small enough to be held decoded. */
const MAX_DISTINCT_SHARE = 0.25;
const MAX_DICTIONARY_STRINGS = 65536;
const MAX_DICTIONARY_CHARACTERS = 1024 * 1024;

const LONE_SURROGATE = /\p{Surrogate}/u;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const unitCodes = new Uint32Array(UNIT_ROWS);
const encoded = new ByteWriter(65536);
const strings = new ByteWriter(65536);

/**
 * text, varchar, char, name, "char", uuid, json. Chunks name places in one dictionary of the column until one comes that
 * repeats too little; from there on strings are written out.
 */
export class TextChunk implements ChunkBuffer {
  /** '' at NULLs. */
  #rows: string[] = [];
  readonly #validity = new ChunkValidity();
  readonly #statistics = new StatisticsBuilder('count');
  readonly #codes = new Map<string, number>();
  #dictionaryCharacters = 0;
  /** Values of the chunks that use the dictionary. */
  #valueCount = 0;
  #usesDictionary = true;

  get holdsBytes(): boolean {
    return !this.#usesDictionary;
  }

  append(column: Column, from: number, to: number): void {
    this.#validity.append(column.validity, from, to);
    for (let row = from; row < to; row++) {
      if (column.validity !== undefined && column.validity[row] === 0) this.#rows.push('');
      else if (column.kind === 'dictionary') this.#rows.push(column.dictionary.string(column.codes[row]));
      else if (column.kind === 'value') this.#rows.push(column.values[row] as string);
      else {
        invariant(column.kind === 'bytes', 'a text column comes as codes, bytes or strings');
        this.#rows.push(utf8.decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])));
      }
    }
  }

  addWeights(from: number, to: number, weights: Float64Array): void {
    for (let row = from; row < to; row++) weights[row] += this.#rows[row].length;
  }

  beginChunk(unitEnds: readonly number[]): void {
    if (this.#usesDictionary) this.#usesDictionary = this.#extendDictionary(unitEnds[unitEnds.length - 1]);
  }

  encodeUnit(from: number, to: number, writer: ByteWriter): void {
    const validity = this.#validity.of(from, to);
    const nullCount = countNulls(validity);
    this.#statistics.addCounts(nullCount);
    encoded.clear();
    let count = 0;
    if (this.#usesDictionary) {
      for (let row = from; row < to; row++) {
        if (validity === undefined || validity[row - from] === 1)
          unitCodes[count++] = this.#codes.get(this.#rows[row])!;
      }
      if (count > 0) encodeCodes(unitCodes.subarray(0, count), encoded);
    } else {
      const offsets = new Uint32Array(to - from + 1);
      strings.clear();
      for (let row = from; row < to; row++) {
        if (validity !== undefined && validity[row - from] === 0) continue;
        strings.string(this.#rows[row]);
        offsets[++count] = strings.length;
      }
      if (count > 0) encodeByteStrings({ offsets: offsets.subarray(0, count + 1), bytes: strings.view() }, encoded);
    }
    writeUnit(validity, nullCount, encoded.view(), writer);
  }

  drop(count: number): void {
    this.#rows = this.#rows.slice(count);
    this.#validity.drop(count);
  }

  writeFooter(writer: ByteWriter): void {
    writeStringDictionary(this.#codes.keys(), this.#codes.size, writer);
    this.#statistics.write(writer);
  }

  /** Adds the strings of the first `rowCount` rows; false, and nothing added, if there are too many new ones. */
  #extendDictionary(rowCount: number): boolean {
    const validity = this.#validity.of(0, rowCount);
    const added = new Set<string>();
    const valueCount = this.#valueCount + rowCount - countNulls(validity);
    const maxStrings = Math.min(valueCount * MAX_DISTINCT_SHARE, MAX_DICTIONARY_STRINGS);
    let characters = this.#dictionaryCharacters;
    for (let row = 0; row < rowCount; row++) {
      const string = this.#rows[row];
      if (validity !== undefined && validity[row] === 0) continue;
      if (this.#codes.has(string) || added.has(string)) continue;
      added.add(string);
      characters += string.length;
      if (this.#codes.size + added.size > maxStrings || characters > MAX_DICTIONARY_CHARACTERS) return false;
      // Half of a surrogate pair becomes U+FFFD in UTF-8, and two strings of the dictionary might become one.
      if (LONE_SURROGATE.test(string)) return false;
    }
    for (const string of added) this.#codes.set(string, this.#codes.size);
    this.#valueCount = valueCount;
    this.#dictionaryCharacters = characters;
    return true;
  }
}
