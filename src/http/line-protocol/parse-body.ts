import type { IngestFieldType } from '../../database/ingest-batch.ts';
import { nextTurn } from '../../platform/next-turn.ts';
import { toInt64 } from '../../types/int64.ts';
import { Numeric } from '../../types/numeric.ts';
import type { FieldValues } from './field-values.ts';
import { LineError, lineText } from './line-error.ts';
import { parseFloatBytes, parseIntegerBytes } from './parse-number.ts';
import { SeriesTable, startsWithBytes } from './series-table.ts';
import { type SeriesEntry, TableRows } from './table-rows.ts';
import { type Precision, TimestampReader } from './timestamp.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const LETTER_I = 0x69;
const LETTER_U = 0x75;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** What is parsed in one turn of the event loop: two or three milliseconds. */
const TURN_BYTES = 256 * 1024;

/** Measurements past so many are rare ones: their arrays begin small. */
const FREQUENT_TABLES = 16;
const SMALL_CAPACITY = 16;

const BOOLEANS = new Map([
  ['t', true],
  ['T', true],
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['f', false],
  ['F', false],
  ['false', false],
  ['False', false],
  ['FALSE', false],
]);

export interface ParseOptions {
  readonly precision: Precision;
  /** µs since 2000-01-01 for lines without a timestamp. */
  readonly defaultMicros: number;
}

/**
 * InfluxDB line protocol, from bytes straight into columns:
 *
 *     measurement[,tag=value …] field=value[,field=value …] [timestamp]
 *
 * The whole body is read before anything is stored; the first bad line throws `LineError`. Tag sets and field names are
 * compared with those that came in the same place before, so that a steady writer's names are never decoded twice.
 */
export function parseBody(body: Buffer, options: ParseOptions): TableRows[] {
  const parser = new BodyParser(body, options);
  parser.parse(body.length);
  return parser.tables();
}

/** The same, some milliseconds at a time: others get their turns in between. Rejects with `LineError`. */
export async function parseLargeBody(body: Buffer, options: ParseOptions): Promise<TableRows[]> {
  const parser = new BodyParser(body, options);
  for (let end = TURN_BYTES; ; end += TURN_BYTES) {
    if (parser.parse(end)) return parser.tables();
    await nextTurn();
  }
}

class BodyParser {
  readonly #body: Buffer;
  readonly #options: ParseOptions;
  readonly #timestamp: TimestampReader;
  readonly #tables = new Map<string, TableRows>();
  readonly #seriesTable = new SeriesTable();
  readonly #rowsExpected: number;
  #lastEntry: SeriesEntry | undefined;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(body: Buffer, options: ParseOptions) {
    this.#body = body;
    this.#options = options;
    this.#timestamp = new TimestampReader(options.precision);
    this.#rowsExpected = Math.max(16, Math.ceil(body.length / 256));
  }

  /** Parses lines up to the first that begins at `end` or behind it; true when there are no more. */
  parse(end: number): boolean {
    const body = this.#body;
    while (this.#at < body.length) {
      if (this.#at >= end) return false;
      this.#lineStart = this.#at;
      this.#skipBlanks();
      const byte = body[this.#at];
      if (this.#at >= body.length) break;
      if (byte === HASH) this.#skipToNewline();
      else if (byte !== NEWLINE && byte !== RETURN) this.#parseLine();
      this.#endLine();
    }
    return true;
  }

  tables(): TableRows[] {
    return [...this.#tables.values()].filter((table) => table.rowCount > 0);
  }

  #parseLine(): void {
    const entry = this.#seriesEntry();
    const { table } = entry;
    this.#at += 1;
    this.#skipBlanks();
    const row = table.rowCount;
    this.#parseFields(table, row);
    if (table.excess !== undefined) this.#fail(table.excess);
    let micros = this.#options.defaultMicros;
    let remainder = 0;
    this.#skipBlanks();
    const from = this.#at;
    const to = this.#tokenEnd(from);
    if (to > from) {
      if (!this.#timestamp.read(this.#body, from, to)) this.#fail(`bad timestamp "${this.#text(from, to)}"`);
      micros = this.#timestamp.micros;
      remainder = this.#timestamp.remainder;
      this.#at = to;
      this.#skipBlanks();
    }
    if (!this.#isLineEnd(this.#at))
      this.#fail(`text after the timestamp: "${this.#text(this.#at, this.#tokenEnd(this.#at))}"`);
    table.finishRow({ series: entry.series, micros, remainder, line: this.#line, lineStart: this.#lineStart });
  }

  // ------------------------------------------------------------ measurement and tags

  /** The entry of `measurement,tags` at the current place, which is left at the blank behind it. */
  #seriesEntry(): SeriesEntry {
    const body = this.#body;
    const from = this.#at;
    const guess = this.#lastEntry?.likelyNext;
    if (
      guess !== undefined &&
      body[from + guess.keyBytes.length] === SPACE &&
      startsWithBytes(body, from, guess.keyBytes)
    ) {
      this.#at = from + guess.keyBytes.length;
      this.#lastEntry = guess;
      return guess;
    }
    let at = from;
    let hash = 0x811c9dc5;
    for (; at < body.length; at++) {
      const byte = body[at];
      if (byte === SPACE || byte === NEWLINE) break;
      hash = Math.imul(hash ^ byte, 0x01000193);
      if (byte === BACKSLASH && at + 1 < body.length && body[at + 1] !== NEWLINE) {
        at += 1;
        hash = Math.imul(hash ^ body[at], 0x01000193);
      }
    }
    if (at >= body.length || body[at] === NEWLINE) this.#fail('missing fields');
    const entry = this.#seriesTable.find(body, from, at, hash) ?? this.#newSeries(from, at, hash);
    this.#at = at;
    if (this.#lastEntry !== undefined) this.#lastEntry.likelyNext = entry;
    this.#lastEntry = entry;
    return entry;
  }

  #newSeries(from: number, to: number, hash: number): SeriesEntry {
    const nameEnd = this.#find(COMMA, from, to);
    const name = this.#unescape(from, nameEnd, ', ');
    if (name === '') this.#fail('missing measurement name');
    const tags = new Map<string, string>();
    let at = nameEnd;
    while (at < to) {
      at += 1;
      const pairEnd = this.#find(COMMA, at, to);
      const equals = this.#find(EQUALS, at, pairEnd);
      const key = this.#unescape(at, equals, ',= ');
      if (key === '') this.#fail('missing tag key');
      if (equals === pairEnd || equals + 1 === pairEnd) this.#fail(`missing value of tag "${key}"`);
      if (this.#find(EQUALS, equals + 1, pairEnd) < pairEnd) this.#fail(`unescaped "=" in the value of tag "${key}"`);
      if (tags.has(key)) this.#fail(`tag "${key}" is given twice`);
      tags.set(key, this.#unescape(equals + 1, pairEnd, ',= '));
      at = pairEnd;
    }
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new TableRows(name, this.#tables.size < FREQUENT_TABLES ? this.#rowsExpected : SMALL_CAPACITY);
      this.#tables.set(name, table);
    }
    const entry: SeriesEntry = {
      keyBytes: this.#body.subarray(from, to),
      table,
      series: table.addSeries(tags),
      likelyNext: undefined,
    };
    this.#seriesTable.add(entry, hash);
    return entry;
  }

  // ------------------------------------------------------------ fields

  #parseFields(table: TableRows, row: number): void {
    const body = this.#body;
    for (let index = 0; ; index++) {
      const from = this.#at;
      const expected = table.fieldOrder[index];
      let field: FieldValues | undefined;
      let keyEnd: number;
      if (expected !== undefined && startsWithBytes(body, from, expected.keyBytes)) {
        field = expected;
        keyEnd = from + expected.keyBytes.length;
      } else {
        keyEnd = this.#keyEnd(from);
        const name = this.#unescape(from, keyEnd - 1, ',= ');
        if (name === '') this.#fail('missing field key');
        field = table.field(name);
        if (field === undefined) field = this.#parseNewField(table, row, name, from, keyEnd);
        else this.#parseValue(field, row, keyEnd);
        table.fieldOrder[index] = field;
        if (!this.#hasNextField()) return;
        continue;
      }
      this.#parseValue(field, row, keyEnd);
      if (!this.#hasNextField()) return;
    }
  }

  #hasNextField(): boolean {
    const byte = this.#body[this.#at];
    if (byte === COMMA) {
      this.#at += 1;
      return true;
    }
    if (byte !== SPACE && !this.#isLineEnd(this.#at)) this.#fail('missing "," or blank after a field value');
    return false;
  }

  #parseNewField(table: TableRows, row: number, name: string, from: number, keyEnd: number): FieldValues {
    const field = table.addField(name, this.#body.subarray(from, keyEnd), this.#valueType(name, keyEnd));
    this.#parseValue(field, row, keyEnd);
    return field;
  }

  /** The byte behind the "=" of the field key at `from`. */
  #keyEnd(from: number): number {
    const body = this.#body;
    for (let at = from; at < body.length; at++) {
      const byte = body[at];
      if (byte === EQUALS) return at + 1;
      if (byte === BACKSLASH) at += 1;
      else if (byte === SPACE || byte === COMMA || byte === NEWLINE) break;
    }
    return this.#fail(this.#isLineEnd(from) ? 'missing fields' : 'missing "=" after a field key');
  }

  #valueType(name: string, from: number): IngestFieldType {
    const body = this.#body;
    if (body[from] === QUOTE) return 'string';
    const to = this.#valueEnd(from);
    if (to === from) this.#fail(`missing value of field "${name}"`);
    const first = body[from];
    const isNumeric = (first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x2b || first === 0x2e;
    if (!isNumeric) {
      if (BOOLEANS.has(body.toString('latin1', from, to))) return 'boolean';
      this.#fail(`invalid value of field "${name}": ${this.#text(from, to)}`);
    }
    const last = body[to - 1];
    return last === LETTER_I ? 'integer' : last === LETTER_U ? 'unsigned' : 'float';
  }

  #parseValue(field: FieldValues, row: number, from: number): void {
    const body = this.#body;
    if (field.type === 'string' && body[from] === QUOTE) {
      this.#parseString(field, row, from + 1);
      return;
    }
    const to = this.#valueEnd(from);
    if (field.type === 'float') {
      const value = parseFloatBytes(body, from, to);
      if (value === value) {
        if (!Number.isFinite(value))
          this.#fail(`value of field "${field.name}" is out of range: ${this.#text(from, to)}`);
        field.setNumber(row, value);
        this.#at = to;
        return;
      }
    } else if (field.type === 'integer' && body[to - 1] === LETTER_I) {
      const value = parseIntegerBytes(body, from, to - 1);
      if (value !== undefined) {
        if (typeof value === 'bigint' && (value < MIN_INT64 || value > MAX_INT64)) {
          this.#fail(`value of field "${field.name}" is out of range: ${this.#text(from, to)}`);
        }
        field.setInteger(row, typeof value === 'bigint' ? toInt64(value) : value);
        this.#at = to;
        return;
      }
    } else if (field.type === 'unsigned' && body[to - 1] === LETTER_U) {
      const value = parseIntegerBytes(body, from, to - 1);
      if (value !== undefined) {
        const exact = BigInt(value);
        if (exact < 0n || exact > MAX_UINT64) {
          this.#fail(`value of field "${field.name}" is out of range: ${this.#text(from, to)}`);
        }
        field.setUnsigned(row, Numeric.of(exact, 0));
        this.#at = to;
        return;
      }
    } else if (field.type === 'boolean') {
      const value = BOOLEANS.get(body.toString('latin1', from, to));
      if (value !== undefined) {
        field.setBoolean(row, value);
        this.#at = to;
        return;
      }
    }
    this.#failValue(field, from, to);
  }

  /** The value does not read as the field's type: either it is of another type, or it is none at all. */
  #failValue(field: FieldValues, from: number, to: number): never {
    const type = this.#valueType(field.name, from);
    if (type === field.type) this.#fail(`invalid value of field "${field.name}": ${this.#text(from, to)}`);
    return this.#fail(
      `field type conflict: field "${field.name}" is type ${type} here and type ${field.type} in an earlier line`,
    );
  }

  #parseString(field: FieldValues, row: number, from: number): void {
    const body = this.#body;
    let at = from;
    let isEscaped = false;
    for (; at < body.length; at++) {
      const byte = body[at];
      if (byte === QUOTE) break;
      if (byte === BACKSLASH && (body[at + 1] === QUOTE || body[at + 1] === BACKSLASH)) {
        isEscaped = true;
        at += 1;
      }
    }
    if (at >= body.length) this.#fail(`unterminated string in field "${field.name}"`);
    const raw = body.toString('utf8', from, at);
    field.setString(row, isEscaped ? raw.replace(/\\(["\\])/g, '$1') : raw);
    for (
      let newline = body.indexOf(NEWLINE, from);
      newline >= 0 && newline < at;
      newline = body.indexOf(NEWLINE, newline + 1)
    ) {
      this.#line += 1;
    }
    this.#at = at + 1;
  }

  // ------------------------------------------------------------ bytes

  #valueEnd(from: number): number {
    const body = this.#body;
    let at = from;
    for (; at < body.length; at++) {
      const byte = body[at];
      if (byte === COMMA || byte === SPACE || byte === NEWLINE || byte === RETURN) break;
    }
    return at;
  }

  #tokenEnd(from: number): number {
    const body = this.#body;
    let at = from;
    while (at < body.length && body[at] !== SPACE && body[at] !== NEWLINE && body[at] !== RETURN) at += 1;
    return at;
  }

  /** The first `wanted` byte without a backslash before it, or `to`. */
  #find(wanted: number, from: number, to: number): number {
    const body = this.#body;
    for (let at = from; at < to; at++) {
      if (body[at] === BACKSLASH) at += 1;
      else if (body[at] === wanted) return at;
    }
    return to;
  }

  /** A name or tag value: a backslash takes away the meaning of the characters in `special` and stands for itself else. */
  #unescape(from: number, to: number, special: string): string {
    const raw = this.#body.toString('utf8', from, to);
    if (!raw.includes('\\')) return raw;
    let text = '';
    for (let index = 0; index < raw.length; index++) {
      if (raw[index] === '\\' && index + 1 < raw.length && special.includes(raw[index + 1] as string)) index += 1;
      text += raw[index];
    }
    return text;
  }

  #skipBlanks(): void {
    while (this.#body[this.#at] === SPACE) this.#at += 1;
  }

  #skipToNewline(): void {
    const newline = this.#body.indexOf(NEWLINE, this.#at);
    this.#at = newline < 0 ? this.#body.length : newline;
  }

  #endLine(): void {
    if (this.#body[this.#at] === RETURN) this.#at += 1;
    if (this.#at < this.#body.length && this.#body[this.#at] !== NEWLINE)
      this.#fail('a carriage return inside the line');
    this.#at += 1;
    this.#line += 1;
  }

  #isLineEnd(at: number): boolean {
    return at >= this.#body.length || this.#body[at] === NEWLINE || this.#body[at] === RETURN;
  }

  #text(from: number, to: number): string {
    return this.#body.toString('utf8', from, Math.min(to, from + 64));
  }

  #fail(reason: string): never {
    throw new LineError(this.#line, reason, lineText(this.#body, this.#lineStart));
  }
}
