/** A literal as it stands in a text. */
export interface ScannedLiteral {
  /** As the type of the parameter that could stand in its place: a string's is decided where it stands. */
  readonly kind: 'string' | 'integer' | 'bigint' | 'decimal';
  /** What it says: digits, or a string without its quotes. */
  readonly value: string;
  /** Index in the text, and where what follows begins. */
  readonly start: number;
  readonly end: number;
}

/** A text of one statement, taken apart. */
export interface ScannedText {
  /** The text with marks in the place of its literals: two of one skeleton are parsed into trees that differ in literals alone. */
  readonly skeleton: string;
  readonly literals: readonly ScannedLiteral[];
  /** Where the statement ends: at its semicolon, or with the text. */
  readonly end: number;
}

/** No text that is parsed holds a zero. */
const MARK = '\0';
const KIND_MARKS = { string: 's', integer: 'i', bigint: 'b', decimal: 'd' } as const;

const MAX_LITERALS = 200;
const INT4_MAX = 2_147_483_647;
/** As many digits always fit into a bigint. */
const BIGINT_DIGITS = 18;
/** A number of more digits is left to the parser. */
const MAX_DECIMAL_LENGTH = 30;

// What a character can be the beginning of.
const OTHER = 0;
const WORD = 1;
const DIGIT = 2;
const QUOTE = 3;
const NAME_QUOTE = 4;
const MINUS = 5;
const SLASH = 6;
const SEMICOLON = 7;
const REFUSED = 8;

const CLASSES = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) CLASSES[code] = WORD;
  else if (/\d/.test(character)) CLASSES[code] = DIGIT;
}
for (const [character, kind] of [
  ["'", QUOTE],
  ['"', NAME_QUOTE],
  ['-', MINUS],
  ['/', SLASH],
  [';', SEMICOLON],
  // Parameters and dollar quotes.
  ['$', REFUSED],
  ['\0', REFUSED],
] as const) {
  CLASSES[character.charCodeAt(0)] = kind;
}

/**
 * The literals of a text as PostgreSQL's lexer finds them, and what is left without them. Undefined for what is not plain:
 * several statements, parameters and dollar quotes, strings with a prefix or in several pieces, numbers in other forms than
 * 12 and 1.5, characters beyond the BMP.
 */
export function scanLiterals(text: string): ScannedText | undefined {
  const literals: ScannedLiteral[] = [];
  let skeleton = '';
  let copied = 0;
  let end = text.length;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? CLASSES[code] : isSurrogate(code) ? REFUSED : WORD;
    if (kind === OTHER) {
      at++;
      continue;
    }
    if (kind === WORD) {
      at = afterWord(text, at);
      continue;
    }
    if (kind === DIGIT || kind === QUOTE) {
      const literal = kind === DIGIT ? numberAt(text, at) : stringAt(text, at);
      if (literal === undefined || literals.length === MAX_LITERALS) return undefined;
      literals.push(literal);
      skeleton += text.slice(copied, at) + MARK + KIND_MARKS[literal.kind];
      at = literal.end;
      copied = at;
      continue;
    }
    if (kind === REFUSED) return undefined;
    if (kind === SEMICOLON) {
      if (!isBlankFrom(text, at)) return undefined;
      end = at;
      break;
    }
    const next = kind === NAME_QUOTE ? afterName(text, at) : afterCommentOrSign(text, at, kind);
    if (next === undefined) return undefined;
    at = next;
  }
  return { skeleton: (skeleton + text.slice(copied, end)).trimEnd(), literals, end };
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** A word goes on with digits and $, and with everything that is not ASCII. */
function afterWord(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 128) {
      if (isSurrogate(code)) break;
    } else if (CLASSES[code] !== WORD && CLASSES[code] !== DIGIT && code !== 0x24) break;
  }
  return at;
}

function numberAt(text: string, start: number): ScannedLiteral | undefined {
  // After a point it is half of a number.
  if (text.charCodeAt(start - 1) === 0x2e) return undefined;
  let end = afterDigits(text, start);
  const isDecimal = text.charCodeAt(end) === 0x2e;
  if (isDecimal) {
    const fraction = end + 1;
    end = afterDigits(text, fraction);
    if (end === fraction || end - start > MAX_DECIMAL_LENGTH) return undefined;
  }
  // An exponent, an underscore, a radix, or rubbish.
  const code = text.charCodeAt(end);
  if (code >= 128 || code === 0x2e || code === 0x24 || CLASSES[code] === WORD) return undefined;
  const value = text.slice(start, end);
  if (isDecimal) return { kind: 'decimal', value, start, end };
  if (value.length > BIGINT_DIGITS) return undefined;
  return { kind: Number(value) <= INT4_MAX ? 'integer' : 'bigint', value, start, end };
}

function afterDigits(text: string, start: number): number {
  let at = start;
  while (CLASSES[text.charCodeAt(at)] === DIGIT) at++;
  return at;
}

function stringAt(text: string, start: number): ScannedLiteral | undefined {
  if (hasPrefix(text, start)) return undefined;
  let isDoubled = false;
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    // NaN: the text is at its end.
    if (Number.isNaN(code) || code === 0 || isSurrogate(code)) return undefined;
    at++;
    if (code !== 0x27) continue;
    if (text.charCodeAt(at) !== 0x27) break;
    isDoubled = true;
    at++;
  }
  if (mayGoOn(text, at)) return undefined;
  const written = text.slice(start + 1, at - 1);
  return { kind: 'string', value: isDoubled ? written.replaceAll("''", "'") : written, start, end: at };
}

/** E'…', B'…', X'…', N'…' and U&'…'. */
function hasPrefix(text: string, quote: number): boolean {
  const before = text.charCodeAt(quote - 1);
  if (before === 0x26) return /[uU]/.test(text.charAt(quote - 2));
  if (!/[eEbBxXnN]/.test(text.charAt(quote - 1))) return false;
  const code = text.charCodeAt(quote - 2);
  return !(code >= 128 || code === 0x24 || CLASSES[code] === WORD || CLASSES[code] === DIGIT);
}

/** Another string in a later line goes on where one ends; comments may stand between them. */
function mayGoOn(text: string, end: number): boolean {
  for (let at = end; ; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue;
    return code === 0x27 || ((code === 0x2d || code === 0x2f) && at > end);
  }
}

function afterName(text: string, start: number): number | undefined {
  const end = text.indexOf('"', start + 1);
  // A doubled quote within a name makes two of them, which comes to the same.
  return end < 0 ? undefined : end + 1;
}

function afterCommentOrSign(text: string, at: number, kind: number): number | undefined {
  const next = text.charCodeAt(at + 1);
  if (kind === MINUS) {
    if (next !== 0x2d) return at + 1;
    const line = /[\n\r]/g;
    line.lastIndex = at;
    return line.exec(text)?.index ?? text.length;
  }
  return next === 0x2a ? afterComment(text, at) : at + 1;
}

function afterComment(text: string, start: number): number | undefined {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return undefined;
}

function isBlankFrom(text: string, start: number): boolean {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x3b && code !== 0x20 && !(code >= 0x09 && code <= 0x0d)) return false;
  }
  return true;
}
