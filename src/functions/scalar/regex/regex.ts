import { BoundedCache } from '../../bounded-cache.ts';
import { Alphabet } from './alphabet.ts';
import { Automaton, type EdgeConditions, type LetterText } from './automaton.ts';
import { isWordCharacter } from './character-set.ts';
import { GroupFinder } from './group-finder.ts';
import { parsePattern } from './parse-pattern.ts';
import { type Pattern, type PatternNode, type PlaceTest, SHORTEST } from './pattern-tree.ts';
import { defaultOptions, type RegexOptions } from './regex-options.ts';

const SURROGATE = /[\ud800-\udfff]/;
const NEWLINE = 10;

/**
 * A regular expression of PostgreSQL's, ready to run in time linear in the text. Which of all possible matches counts is
 * decided as there: the leftmost, of those the longest or shortest, and then its parts from left to right.
 */
export class Regex {
  readonly groupCount: number;
  readonly #pattern: Pattern;
  readonly #alphabet: Alphabet;
  /** Finds whether there is a match: anywhere, or at the start of the text where it can be nowhere else. */
  readonly #search: Automaton;
  /** Set where the pattern has no other conditions than that its text begin or end there. */
  readonly #edges: EdgeConditions | undefined;
  #atPlace: Automaton | undefined;
  #starts: Automaton | undefined;
  #groups: GroupFinder | undefined;
  readonly #lookAround: (Automaton | undefined)[];

  /** Throws 2201B for an invalid pattern, 0A000 for one with back references. */
  constructor(text: string, options: RegexOptions = defaultOptions) {
    this.#pattern = parsePattern(text, options);
    this.groupCount = this.#pattern.groupCount;
    this.#alphabet = new Alphabet(this.#pattern.sets);
    const isFloating = !beginsText(this.#pattern.root, this.#pattern.conditions);
    this.#search = new Automaton(this.#pattern.root, this.#alphabet, { isFloating });
    this.#edges = edgesOf(this.#pattern.conditions);
    this.#lookAround = this.#pattern.conditions.map((test) =>
      typeof test === 'string'
        ? undefined
        : new Automaton(test.child, this.#alphabet, { isFloating: true, isReversed: test.looks === 'ahead' }),
    );
  }

  /** Whether the pattern matches anywhere. */
  test(text: string): boolean {
    if (this.#edges !== undefined) return this.#search.occursIn(text, this.#edges);
    const read = this.#read(codePoints(text));
    return this.#search.shortest(read, 0, read.length) >= 0;
  }

  /** The matches in a text, which are found one after the other. */
  matcher(text: string): RegexMatcher {
    const codes = codePoints(text);
    const read = this.#read(codes);
    this.#starts ??= new Automaton(this.#pattern.root, this.#alphabet, { isFloating: true, isReversed: true });
    const starts = this.#starts.startsBefore(read, 0, read.length);
    return new RegexMatcher(this, text, read, starts, SURROGATE.test(text) ? codes : undefined);
  }

  /** Where a match that begins at `start` ends. */
  endOf(read: LetterText, start: number): number {
    this.#atPlace ??= new Automaton(this.#pattern.root, this.#alphabet);
    return this.#pattern.root.preference === SHORTEST
      ? this.#atPlace.shortest(read, start, read.length)
      : this.#atPlace.longest(read, start, read.length);
  }

  /** Start and end of each group within the match; -1 where it took no part. Those of the match itself come first. */
  groupsOf(read: LetterText, start: number, end: number): Int32Array {
    this.#groups ??= new GroupFinder(this.#pattern, this.#alphabet);
    return this.#groups.find(read, start, end);
  }

  #read(codes: ArrayLike<number>): LetterText {
    const { length } = codes;
    const letters = new Uint16Array(length);
    for (let at = 0; at < length; at++) letters[at] = this.#alphabet.letterOf(codes[at]);
    const { conditions } = this.#pattern;
    if (conditions.length === 0) return { letters, length, conditions: undefined };
    const held = new Uint32Array(length + 1);
    const read = { letters, length, conditions: held };
    conditions.forEach((test, condition) => {
      this.#mark(test, condition, codes, read);
    });
    return read;
  }

  #mark(test: PlaceTest, condition: number, codes: ArrayLike<number>, read: LetterText): void {
    const { length } = codes;
    const held = read.conditions ?? new Uint32Array(0);
    const bit = 1 << condition;
    if (test === 'textStart' || test === 'textEnd') {
      held[test === 'textStart' ? 0 : length] |= bit;
      return;
    }
    const holds = typeof test === 'string' ? placeTest(test, codes) : this.#lookingTest(test, condition, read);
    for (let place = 0; place <= length; place++) {
      if (holds(place)) held[place] |= bit;
    }
  }

  #lookingTest(
    { looks, isNegated }: Exclude<PlaceTest, string>,
    condition: number,
    read: LetterText,
  ): (place: number) => boolean {
    const automaton = this.#lookAround[condition];
    const places = looks === 'ahead' ? automaton?.startsBefore(read, 0, read.length) : automaton?.ends(read);
    return (place) => (places?.[place] === 1) !== isNegated;
  }
}

/** Whether every match begins where the text does. */
function beginsText(node: PatternNode, conditions: readonly PlaceTest[]): boolean {
  switch (node.kind) {
    case 'condition':
      return conditions[node.condition] === 'textStart';
    case 'sequence':
      return beginsText(node.parts[0], conditions);
    case 'choice':
      return node.branches.every((branch) => beginsText(branch, conditions));
    case 'capture':
      return beginsText(node.child, conditions);
    case 'repeat':
      return node.least > 0 && beginsText(node.child, conditions);
    default:
      return false;
  }
}

function edgesOf(conditions: readonly PlaceTest[]): EdgeConditions | undefined {
  let atStart = 0;
  let atEnd = 0;
  for (const [number, test] of conditions.entries()) {
    if (test === 'textStart') atStart |= 1 << number;
    else if (test === 'textEnd') atEnd |= 1 << number;
    else return undefined;
  }
  return { atStart, atEnd };
}

type NeighbourTest = Exclude<PlaceTest, object | 'textStart' | 'textEnd'>;

function placeTest(test: NeighbourTest, codes: ArrayLike<number>): (place: number) => boolean {
  const { length } = codes;
  const isWordAt = (at: number): boolean => at >= 0 && at < length && isWordCharacter(codes[at]);
  switch (test) {
    case 'lineStart':
      return (place) => place === 0 || codes[place - 1] === NEWLINE;
    case 'lineEnd':
      return (place) => place === length || codes[place] === NEWLINE;
    case 'wordStart':
      return (place) => isWordAt(place) && !isWordAt(place - 1);
    case 'wordEnd':
      return (place) => !isWordAt(place) && isWordAt(place - 1);
    case 'wordEdge':
      return (place) => isWordAt(place) !== isWordAt(place - 1);
    case 'noWordEdge':
      return (place) => isWordAt(place) === isWordAt(place - 1);
  }
}

/** Characters beyond U+FFFF are one place in a text, not two. */
function codePoints(text: string): ArrayLike<number> {
  if (SURROGATE.test(text)) return Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const codes = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at++) codes[at] = text.charCodeAt(at);
  return codes;
}

/** One match: places count characters from 0. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
}

/** A text with a regular expression at work on it. */
export class RegexMatcher {
  readonly #regex: Regex;
  readonly #text: string;
  readonly #read: LetterText;
  /** 1 where a match begins. */
  readonly #starts: Uint8Array;
  readonly #codes: ArrayLike<number> | undefined;

  constructor(regex: Regex, text: string, read: LetterText, starts: Uint8Array, codes: ArrayLike<number> | undefined) {
    this.#regex = regex;
    this.#text = text;
    this.#read = read;
    this.#starts = starts;
    this.#codes = codes;
  }

  /** Characters of the text. */
  get length(): number {
    return this.#read.length;
  }

  /** The first match that begins at `from` or later. */
  find(from: number): RegexMatch | undefined {
    const start = this.#starts.indexOf(1, from);
    if (start < 0) return undefined;
    return { start, end: this.#regex.endOf(this.#read, start) };
  }

  /**
   * Start and end of the match, then of each group; -1 for a group that took no part.
   */
  groups({ start, end }: RegexMatch): Int32Array {
    return this.#regex.groupsOf(this.#read, start, end);
  }

  slice(start: number, end: number): string {
    if (this.#codes === undefined) return this.#text.slice(start, end);
    let part = '';
    for (let at = start; at < end; at++) part += String.fromCodePoint(this.#codes[at]);
    return part;
  }
}

const caches = new Map<string, BoundedCache<Regex>>();

/** The compiled pattern, out of a cache. Throws as `Regex` does. */
export function compiledRegex(pattern: string, options: RegexOptions = defaultOptions): Regex {
  const { dialect, ignoresCase, isExpanded, stopsAtNewline, hasLineAnchors } = options;
  const key = `${dialect}${ignoresCase}${isExpanded}${stopsAtNewline}${hasLineAnchors}`;
  let cache = caches.get(key);
  if (cache === undefined) {
    cache = new BoundedCache(128, (text) => new Regex(text, options));
    caches.set(key, cache);
  }
  return cache.get(pattern);
}
