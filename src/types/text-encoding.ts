import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** PostgreSQL's encodings by their numbers. */
const NAMES = [
  'SQL_ASCII',
  'EUC_JP',
  'EUC_CN',
  'EUC_KR',
  'EUC_TW',
  'EUC_JIS_2004',
  'UTF8',
  'MULE_INTERNAL',
  'LATIN1',
  'LATIN2',
  'LATIN3',
  'LATIN4',
  'LATIN5',
  'LATIN6',
  'LATIN7',
  'LATIN8',
  'LATIN9',
  'LATIN10',
  'WIN1256',
  'WIN1258',
  'WIN866',
  'WIN874',
  'KOI8R',
  'WIN1251',
  'WIN1252',
  'ISO_8859_5',
  'ISO_8859_6',
  'ISO_8859_7',
  'ISO_8859_8',
  'WIN1250',
  'WIN1253',
  'WIN1254',
  'WIN1255',
  'WIN1257',
  'KOI8U',
  'SJIS',
  'BIG5',
  'GBK',
  'UHC',
  'GB18030',
  'JOHAB',
  'SHIFT_JIS_2004',
] as const;

export type EncodingName = (typeof NAMES)[number];

/** Bytes of the longest character; 1 for those that are not listed. */
const MAX_LENGTHS: Readonly<Partial<Record<EncodingName, number>>> = {
  EUC_JP: 3,
  EUC_CN: 3,
  EUC_KR: 3,
  EUC_TW: 4,
  EUC_JIS_2004: 3,
  UTF8: 4,
  MULE_INTERNAL: 4,
  SJIS: 2,
  BIG5: 2,
  GBK: 2,
  UHC: 2,
  GB18030: 4,
  JOHAB: 3,
  SHIFT_JIS_2004: 2,
};

/** What else these encodings are called, in small letters and digits alone. */
const ALIASES: Readonly<Record<string, EncodingName>> = {
  abc: 'WIN1258',
  alt: 'WIN866',
  iso88591: 'LATIN1',
  iso885910: 'LATIN6',
  iso885913: 'LATIN7',
  iso885914: 'LATIN8',
  iso885915: 'LATIN9',
  iso885916: 'LATIN10',
  iso88592: 'LATIN2',
  iso88593: 'LATIN3',
  iso88594: 'LATIN4',
  iso88599: 'LATIN5',
  koi8: 'KOI8R',
  mskanji: 'SJIS',
  shiftjis: 'SJIS',
  tcvn: 'WIN1258',
  tcvn5712: 'WIN1258',
  unicode: 'UTF8',
  vscii: 'WIN1258',
  win: 'WIN1251',
  win932: 'SJIS',
  win936: 'GBK',
  win949: 'UHC',
  win950: 'BIG5',
  windows1250: 'WIN1250',
  windows1251: 'WIN1251',
  windows1252: 'WIN1252',
  windows1253: 'WIN1253',
  windows1254: 'WIN1254',
  windows1255: 'WIN1255',
  windows1256: 'WIN1256',
  windows1257: 'WIN1257',
  windows1258: 'WIN1258',
  windows866: 'WIN866',
  windows874: 'WIN874',
  windows932: 'SJIS',
  windows936: 'GBK',
  windows949: 'UHC',
  windows950: 'BIG5',
};

const byKey = new Map<string, EncodingName>(NAMES.map((name) => [keyOf(name), name]));
for (const [alias, name] of Object.entries(ALIASES)) byKey.set(alias, name);

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** By any of its names: `UTF8`, `utf-8`, `latin1`, `ISO-8859-1`. */
export function encodingNamed(name: string): EncodingName | undefined {
  return byKey.get(keyOf(name));
}

/** PostgreSQL's number of an encoding, by any of its names; -1: there is none such. */
export function encodingNumber(name: string): number {
  const found = encodingNamed(name);
  return found === undefined ? -1 : NAMES.indexOf(found);
}

export function encodingOfNumber(encoding: number): EncodingName | undefined {
  return NAMES[encoding];
}

/** Bytes of the longest character. */
export function maxCharacterLength(encoding: EncodingName): number {
  return MAX_LENGTHS[encoding] ?? 1;
}

/** The WHATWG's tables behind encodings of one byte a character. */
const LABELS: Readonly<Partial<Record<EncodingName, string>>> = {
  LATIN2: 'iso-8859-2',
  LATIN3: 'iso-8859-3',
  LATIN4: 'iso-8859-4',
  LATIN5: 'windows-1254',
  LATIN6: 'iso-8859-10',
  LATIN7: 'iso-8859-13',
  LATIN8: 'iso-8859-14',
  LATIN9: 'iso-8859-15',
  WIN1256: 'windows-1256',
  WIN1258: 'windows-1258',
  WIN866: 'ibm866',
  WIN874: 'windows-874',
  KOI8R: 'koi8-r',
  WIN1251: 'windows-1251',
  ISO_8859_5: 'iso-8859-5',
  ISO_8859_6: 'iso-8859-6',
  ISO_8859_7: 'iso-8859-7',
  ISO_8859_8: 'iso-8859-8',
  WIN1250: 'windows-1250',
  WIN1253: 'windows-1253',
  WIN1254: 'windows-1254',
  WIN1255: 'windows-1255',
  WIN1257: 'windows-1257',
  KOI8U: 'koi8-u',
};

/** WIN1252 from 0x80 on, where it differs from LATIN1; Node takes the one for the other. */
const WIN1252_SIGNS = [...'€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'];

/** LATIN10 from 0xa0 on: not every build of Node has it. */
const LATIN10_SIGNS = [
  ...'\u00a0ĄąŁ€„Š§š©Ș«Ź\u00adźŻ°±ČłŽ”¶·žčș»ŒœŸż',
  ...'ÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ',
];

/** Bytes that the WHATWG gives a character, or one for private use, and PostgreSQL none. */
const HOLES: Readonly<Partial<Record<EncodingName, readonly number[]>>> = {
  WIN1253: [0xaa],
  WIN874: [0xdb, 0xdc, 0xdd, 0xde, 0xfc, 0xfd, 0xfe, 0xff],
};

/** An encoding of one byte a character: the character of each byte, '' where there is none, and the way back. */
interface ByteTable {
  readonly characters: readonly string[];
  readonly bytes: ReadonlyMap<string, number>;
}

/** Whose tables are not the WHATWG's. */
const OWN_TABLES: ReadonlySet<EncodingName> = new Set<EncodingName>(['LATIN1', 'LATIN10', 'WIN1252']);
const tables = new Map<EncodingName, ByteTable>();

function byteTable(encoding: EncodingName): ByteTable {
  let table = tables.get(encoding);
  if (table === undefined) {
    const characters = Array.from({ length: 256 }, (_, byte) => characterOf(byte, encoding));
    const bytes = new Map(characters.map((character, byte) => [character, byte]));
    bytes.delete('');
    table = { characters, bytes };
    tables.set(encoding, table);
  }
  return table;
}

function characterOf(byte: number, encoding: EncodingName): string {
  if (byte < 128) return String.fromCharCode(byte);
  const isIso = encoding.startsWith('LATIN') || encoding.startsWith('ISO');
  if (encoding === 'LATIN1' || (isIso && byte < 160)) return String.fromCharCode(byte);
  if (encoding === 'WIN1252') return byte < 160 ? (WIN1252_SIGNS[byte - 128] ?? '').trim() : String.fromCharCode(byte);
  if (encoding === 'LATIN10') return LATIN10_SIGNS[byte - 160] ?? '';
  if (HOLES[encoding]?.includes(byte) === true) return '';
  const label = LABELS[encoding];
  if (label === undefined) throw notSupported(`the encoding ${encoding}`);
  const character = new TextDecoder(label).decode(Uint8Array.of(byte));
  // The WHATWG gives bytes without a character those of the controls; here they have none.
  const isControl = character.charCodeAt(0) >= 0x80 && character.charCodeAt(0) < 0xa0;
  return character === '\ufffd' || isControl ? '' : character;
}

function shownBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
}

function invalidBytes(bytes: Uint8Array, encoding: EncodingName): SqlError {
  const message = `invalid byte sequence for encoding "${encoding}": ${shownBytes(bytes)}`;
  return new SqlError(SqlState.CharacterNotInRepertoire, message);
}

function untranslatable(bytes: Uint8Array, from: EncodingName, to: EncodingName): SqlError {
  const message =
    `character with byte sequence ${shownBytes(bytes)} in encoding "${from}" ` +
    `has no equivalent in encoding "${to}"`;
  return new SqlError(SqlState.UntranslatableCharacter, message);
}

// A byte order mark is a character like any other here.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws 22021 for what is no UTF-8 and for zero bytes, which no text value can hold. */
function decodeUtf8(bytes: Uint8Array): string {
  const zero = bytes.indexOf(0);
  try {
    if (zero < 0) return utf8.decode(bytes);
  } catch {
    // Which bytes are wrong is found out below.
  }
  let at = 0;
  while (at < bytes.length && at !== zero) {
    const sequence = bytes.subarray(at, at + utf8Length(bytes[at]));
    try {
      utf8.decode(sequence);
    } catch {
      throw invalidBytes(sequence, 'UTF8');
    }
    at += sequence.length;
  }
  throw invalidBytes(bytes.subarray(at, at + 1), 'UTF8');
}

function utf8Length(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : first < 0xf8 ? 4 : 1;
}

/** All that encodings of one byte a character ask of bytes. Throws 22021. */
export function requireNoZero(bytes: Uint8Array, encoding: EncodingName): void {
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw invalidBytes(bytes.subarray(zero, zero + 1), encoding);
}

/** Throws 22021 for bytes that are no text, 22P05 for a byte without a character, 0A000 for encodings we do not have. */
export function decodeText(bytes: Uint8Array, encoding: EncodingName, target: EncodingName = 'UTF8'): string {
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII') return decodeUtf8(bytes);
  requireNoZero(bytes, encoding);
  const { characters } = byteTable(encoding);
  let text = '';
  for (const byte of bytes) {
    const character = characters[byte];
    if (character === '') throw untranslatable(Uint8Array.of(byte), encoding, target);
    text += character;
  }
  return text;
}

/** Throws 22P05 for a character that the encoding does not have. */
export function encodeText(text: string, encoding: EncodingName): Uint8Array {
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII') return Uint8Array.from(Buffer.from(text));
  const table = byteTable(encoding).bytes;
  const bytes: number[] = [];
  for (const character of text) {
    const byte = table.get(character);
    if (byte === undefined) throw untranslatable(Buffer.from(character), 'UTF8', encoding);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Whether texts can be sent and taken in an encoding: those of one byte a character, and UTF8. */
export function isConvertible(encoding: EncodingName): boolean {
  return encoding === 'UTF8' || encoding === 'SQL_ASCII' || OWN_TABLES.has(encoding) || LABELS[encoding] !== undefined;
}

/** Those that need no converting: to PostgreSQL SQL_ASCII means the server's own bytes. */
export function isServerEncoding(encoding: EncodingName): boolean {
  return encoding === 'UTF8' || encoding === 'SQL_ASCII';
}

/** The bytes of UTF-8 that say what bytes of an encoding say. Throws as `decodeText`. */
export function utf8Of(bytes: Uint8Array, encoding: EncodingName): Uint8Array {
  return isServerEncoding(encoding) || isAscii(bytes) ? bytes : Buffer.from(decodeText(bytes, encoding));
}

/** The other way round. Throws as `encodeText`. */
export function encodedUtf8(bytes: Uint8Array, encoding: EncodingName): Uint8Array {
  return isServerEncoding(encoding) || isAscii(bytes) ? bytes : encodeText(utf8.decode(bytes), encoding);
}

/** What errors are told in: what has no place in the encoding is a question mark. */
export function encodeLeniently(text: string, encoding: EncodingName): Uint8Array {
  try {
    return encodeText(text, encoding);
  } catch {
    const characters = Array.from(text, (character) => {
      const byte = byteTable(encoding).bytes.get(character);
      return byte ?? QUESTION_MARK;
    });
    return Uint8Array.from(characters);
  }
}

const QUESTION_MARK = 0x3f;

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] > 0x7f) return false;
  return true;
}

/** Cyrillic and Central European encodings convert among themselves, all others to and from UTF8 alone. */
const FAMILIES: readonly ReadonlySet<EncodingName>[] = [
  new Set<EncodingName>(['KOI8R', 'WIN1251', 'WIN866', 'ISO_8859_5']),
  new Set<EncodingName>(['LATIN2', 'WIN1250']),
];

/** Whether a client that speaks one encoding can be served by the other. */
export function canConvert(from: EncodingName, to: EncodingName): boolean {
  if (from === to || from === 'UTF8' || to === 'UTF8' || from === 'SQL_ASCII' || to === 'SQL_ASCII') return true;
  return FAMILIES.some((family) => family.has(from) && family.has(to));
}
