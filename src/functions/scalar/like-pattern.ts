import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { BoundedCache } from '../bounded-cache.ts';

/**
 * A LIKE pattern, cut at its percent signs into pieces:
 *
 *     'ab%_c%d'  →  [ab] % [_ c] % [d]
 *
 * The first piece must stand at the start, the last at the end, and each of the others is taken at the first place
 * where it fits after its forerunner: nothing is ever tried twice, whatever the pattern.
 */
export class LikePattern {
  readonly #pieces: readonly Piece[];
  readonly #endsInEscape: boolean;

  constructor(pattern: string) {
    const { pieces, endsInEscape } = parsePattern(pattern);
    this.#pieces = pieces;
    this.#endsInEscape = endsInEscape;
  }

  /** Throws 22025 when an escape without a character is all that is left to match some of the text. */
  matches(text: string): boolean {
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    let position = matchAt(pieces[0]!, text, 0);
    if (position < 0) return false;
    if (last === 0) return this.#endsInEscape ? failUnlessAtEnd(text, position) : position === text.length;
    for (let at = 1; at < last; at++) {
      position = findPiece(pieces[at]!, text, position);
      if (position < 0) return false;
    }
    const tail = pieces[last]!;
    if (this.#endsInEscape) {
      // Where text is left for the percent sign, what is to be looked for behind it is the escape itself.
      if (tail.parts.every((part) => part === null)) {
        return position < text.length && failUnlessMatched(matchAt(tail, text, position));
      }
      return failUnlessAtEnd(text, findPiece(tail, text, position));
    }
    const start = stepBack(text, tail.length, position);
    return start >= 0 && matchAt(tail, text, start) === text.length;
  }
}

/** Literal strings and single wildcards (`null`) in sequence; `length` counts characters. */
interface Piece {
  readonly parts: readonly (string | null)[];
  readonly length: number;
}

/** What is not text cannot match an escape: false at the end of the text, or where nothing matched (-1). */
function failUnlessAtEnd(text: string, position: number): false {
  if (position < 0 || position === text.length) return false;
  throw endsInEscape();
}

function failUnlessMatched(position: number): false {
  if (position < 0) return false;
  throw endsInEscape();
}

function endsInEscape(): SqlError {
  return new SqlError(SqlState.InvalidEscapeSequence, 'LIKE pattern must not end with escape character');
}

function parsePattern(pattern: string): { readonly pieces: Piece[]; readonly endsInEscape: boolean } {
  const pieces: Piece[] = [];
  let parts: (string | null)[] = [];
  let literal = '';
  let length = 0;
  const endLiteral = (): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
  };
  let isEscaped = false;
  for (const character of pattern) {
    if (!isEscaped && character === '\\') {
      isEscaped = true;
      continue;
    }
    if (!isEscaped && character === '%') {
      endLiteral();
      pieces.push({ parts, length });
      parts = [];
      length = 0;
    } else {
      if (!isEscaped && character === '_') {
        endLiteral();
        parts.push(null);
      } else literal += character;
      length++;
    }
    isEscaped = false;
  }
  endLiteral();
  pieces.push({ parts, length });
  return { pieces, endsInEscape: isEscaped };
}

/** Where the piece ends when it begins at `position`, or -1. */
function matchAt(piece: Piece, text: string, position: number): number {
  let end = position;
  for (const part of piece.parts) {
    if (part === null) {
      if (end >= text.length) return -1;
      end = nextCharacter(text, end);
    } else {
      if (!text.startsWith(part, end)) return -1;
      end += part.length;
    }
  }
  return end;
}

/** Where the first occurrence of the piece from `position` on ends, or -1. */
function findPiece(piece: Piece, text: string, position: number): number {
  const [first] = piece.parts;
  if (first === undefined) return position;
  let start = position;
  while (start <= text.length) {
    if (first !== null) {
      start = text.indexOf(first, start);
      if (start < 0) return -1;
    }
    const end = matchAt(piece, text, start);
    if (end >= 0) return end;
    if (start >= text.length) return -1;
    start = nextCharacter(text, start);
  }
  return -1;
}

function nextCharacter(text: string, position: number): number {
  return position + (text.codePointAt(position)! > 0xffff ? 2 : 1);
}

/** The position `count` characters before the end of the text, or -1 when that lies before `floor`. */
function stepBack(text: string, count: number, floor: number): number {
  let position = text.length;
  for (let step = 0; step < count; step++) {
    if (position <= floor) return -1;
    const unit = text.charCodeAt(position - 1);
    position -= (unit & 0xfc00) === 0xdc00 && position - 2 >= floor ? 2 : 1;
  }
  return position;
}

const patterns = new BoundedCache(256, (pattern) => new LikePattern(pattern));

/** `text LIKE pattern`, with backslash as the escape. Throws 22025 for a pattern that ends in an escape. */
export function like(text: string, pattern: string): boolean {
  return patterns.get(pattern).matches(text);
}

/** The pattern of `LIKE pattern ESCAPE escape`, rewritten to backslash as the escape. Throws 22025. */
export function likeEscape(pattern: string, escapeCharacter: string): string {
  // Without an escapeCharacter, backslashes are ordinary characters.
  if (escapeCharacter === '') return pattern.replaceAll('\\', '\\\\');
  if ([...escapeCharacter].length !== 1) {
    throw new SqlError(SqlState.InvalidEscapeSequence, 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    });
  }
  if (escapeCharacter === '\\') return pattern;
  let rewritten = '';
  let isEscaped = false;
  for (const character of pattern) {
    if (character === escapeCharacter && !isEscaped) {
      rewritten += '\\';
      isEscaped = true;
    } else {
      rewritten += character === '\\' && !isEscaped ? '\\\\' : character;
      isEscaped = false;
    }
  }
  return rewritten;
}
