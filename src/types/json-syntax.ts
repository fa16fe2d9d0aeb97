import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** What is wrong and the end of the token it is wrong with. */
interface Complaint {
  readonly detail: string;
  readonly end: number;
}

/** 22P02 for a text that is no JSON, pointing at the first token that cannot stand where it does. */
export function jsonSyntaxError(text: string): SqlError {
  const { detail, end } = new JsonScanner(text).complaint();
  return new SqlError(SqlState.InvalidTextRepresentation, 'invalid input syntax for type json', {
    detail,
    where: contextLine(text, end),
  });
}

/** 22P05 for an escaped character of code 0 in a string that stands from `start` to `end`. */
export function zeroCharacterError(text: string, start: number, end: number): SqlError {
  const at = indexOfEscape(text, start, end, (code) => code === 0);
  return new SqlError(SqlState.UntranslatableCharacter, 'unsupported Unicode escape sequence', {
    detail: '\\u0000 cannot be converted to text.',
    where: contextLine(text, at),
  });
}

/** 22P02 for half a surrogate pair in a string that stands from `start` to `end`. */
export function surrogateError(text: string, start: number, end: number): SqlError {
  let high = -1;
  let detail = 'Unicode low surrogate must follow a high surrogate.';
  const at = indexOfEscape(text, start, end, (code, place) => {
    const isHigh = code >= 0xd800 && code <= 0xdbff;
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    const follows = high === place - 6;
    if (isHigh && follows) {
      detail = 'Unicode high surrogate must not follow a high surrogate.';
      return true;
    }
    if (isLow !== follows) return true;
    high = isHigh ? place : -1;
    return false;
  });
  return new SqlError(SqlState.InvalidTextRepresentation, 'invalid input syntax for type json', {
    detail,
    where: contextLine(text, at),
  });
}

/** Behind the first \\u escape that is wanted, else behind the string. */
function indexOfEscape(
  text: string,
  start: number,
  end: number,
  isWanted: (code: number, place: number) => boolean,
): number {
  for (let at = start; at < end; at++) {
    if (text.charAt(at) !== '\\') continue;
    if (text.charAt(at + 1) === 'u' && isWanted(Number.parseInt(text.slice(at + 2, at + 6), 16), at)) return at + 6;
    at++;
  }
  return end;
}

/** The line up to the place, shortened at both ends where it is long. */
function contextLine(text: string, end: number): string {
  const lineStart = text.lastIndexOf('\n', end - 1) + 1;
  const lineNumber = text.slice(0, lineStart).split('\n').length;
  const tail = Math.max(end - 49, lineStart);
  const start = tail - lineStart <= 3 ? lineStart : tail;
  const isCut = end < text.length && !/[\r\n]/.test(text.charAt(end));
  return `JSON data, line ${lineNumber}: ${start > lineStart ? '...' : ''}${text.slice(start, end)}${isCut ? '...' : ''}`;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** How far PostgreSQL reads on where no proper token starts: something like a number, or letters and digits. */
const WORD = /(?:-?\d*(?:\.\d*)?(?:[eE][+-]?\d*)?)[A-Za-z0-9_\u0080-\uffff]*/y;

class JsonScanner {
  readonly #text: string;
  #tokenStart = 0;
  #tokenEnd = 0;
  #token = '';

  constructor(text: string) {
    this.#text = text;
  }

  complaint(): Complaint {
    try {
      this.#advance();
      this.#value();
      if (!this.#isAt('')) throw this.#unexpected('end of input');
    } catch (problem) {
      if (problem instanceof JsonProblem) return problem;
      throw problem;
    }
    return { detail: 'The input string is invalid.', end: this.#text.length };
  }

  #value(): void {
    if (this.#isAt('{')) this.#object();
    else if (this.#isAt('[')) this.#array();
    else if (this.#isAt('') || /^[\]},:]$/.test(this.#token)) throw this.#unexpected('JSON value');
    else this.#advance();
  }

  #object(): void {
    this.#advance();
    if (this.#isAt('}')) {
      this.#advance();
      return;
    }
    for (let expected = 'string or "}"'; ; expected = 'string') {
      if (!this.#token.startsWith('"')) throw this.#unexpected(expected);
      this.#advance();
      if (!this.#isAt(':')) throw this.#unexpected('":"');
      this.#advance();
      this.#value();
      if (this.#isAt('}')) break;
      if (!this.#isAt(',')) throw this.#unexpected('"," or "}"');
      this.#advance();
    }
    this.#advance();
  }

  #array(): void {
    this.#advance();
    if (this.#isAt(']')) {
      this.#advance();
      return;
    }
    for (;;) {
      this.#value();
      if (this.#isAt(']')) break;
      if (!this.#isAt(',')) throw this.#unexpected('"," or "]"');
      this.#advance();
    }
    this.#advance();
  }

  #isAt(token: string): boolean {
    return this.#token === token;
  }

  #unexpected(expected: string): JsonProblem {
    if (this.#isAt('')) return new JsonProblem('The input string ended unexpectedly.', this.#text.length);
    return new JsonProblem(`Expected ${expected}, but found "${this.#token}".`, this.#tokenEnd);
  }

  #advance(): void {
    let at = this.#tokenEnd;
    while (/[ \t\n\r]/.test(this.#text.charAt(at))) at++;
    this.#tokenStart = at;
    const first = this.#text.charAt(at);
    if (first === '' || /[{}[\],:]/.test(first)) this.#tokenEnd = at + first.length;
    else if (first === '"') this.#tokenEnd = this.#endOfString(at);
    else {
      WORD.lastIndex = at;
      this.#tokenEnd = /[-0-9A-Za-z_\u0080-\uffff]/.test(first) && WORD.test(this.#text) ? WORD.lastIndex : at + 1;
      const word = this.#text.slice(at, this.#tokenEnd);
      if (!NUMBER.test(word) && word !== 'true' && word !== 'false' && word !== 'null') {
        throw new JsonProblem(`Token "${word}" is invalid.`, this.#tokenEnd);
      }
    }
    this.#token = this.#text.slice(this.#tokenStart, this.#tokenEnd);
  }

  #endOfString(start: number): number {
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text.charAt(at);
      if (character === '"') return at + 1;
      if (character < ' ') {
        const code = character.charCodeAt(0).toString(16).padStart(2, '0');
        throw new JsonProblem(`Character with value 0x${code} must be escaped.`, at);
      }
      if (character !== '\\') continue;
      at++;
      const escaped = this.#text.charAt(at);
      if (escaped === 'u') {
        for (let digit = 0; digit < 4; digit++) {
          at++;
          if (at >= this.#text.length) break;
          if (!/[0-9a-fA-F]/.test(this.#text.charAt(at))) {
            throw new JsonProblem(
              '"\\u" must be followed by four hexadecimal digits.',
              Math.min(at + 1, this.#text.length),
            );
          }
        }
      } else if (escaped !== '' && !/["\\/bfnrt]/.test(escaped)) {
        throw new JsonProblem(`Escape sequence "\\${escaped}" is invalid.`, at + 1);
      }
    }
    throw new JsonProblem(`Token "${this.#text.slice(start)}" is invalid.`, this.#text.length);
  }
}

/** Leaves the scanner from any depth. */
class JsonProblem extends Error implements Complaint {
  readonly detail: string;
  readonly end: number;

  constructor(detail: string, end: number) {
    super(detail);
    this.name = 'JsonProblem';
    this.detail = detail;
    this.end = end;
  }
}
