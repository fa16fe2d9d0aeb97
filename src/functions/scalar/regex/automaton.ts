import { type Alphabet, TABLE_SIZE } from './alphabet.ts';
import type { PatternNode } from './pattern-tree.ts';
import { invalidRegex } from './regex-error.ts';

const SET = 0;
const SPLIT = 1;
const CONDITION = 2;
const ANY = 3;
const ACCEPT = 4;

const MAX_NODES = 60_000;
const MAX_STATES = 3_000;

/** A text as an automaton reads it: the letter at each place, and the conditions that hold before each (and at the end). */
export interface LetterText {
  readonly letters: Uint16Array;
  readonly length: number;
  /** A bit per condition; absent where the pattern has none. */
  readonly conditions: Uint32Array | undefined;
}

/** Which end of a match is wanted. */
export interface BoundaryChoice {
  readonly allowed: Uint8Array;
  readonly origin: number;
  /** No place before this one. */
  readonly least: number;
  readonly prefersShort: boolean;
}

interface AutomatonOptions {
  /** Reads texts from their end to their start. */
  readonly isReversed?: boolean;
  /** A match may begin anywhere behind where reading begins. */
  readonly isFloating?: boolean;
}

/** A set of places in the expression that the text read so far may have led to. */
interface State {
  readonly nodes: Int32Array;
  /** One of the places is the end of the expression. */
  readonly accepts: boolean;
  /** Nothing more can match. */
  readonly isDead: boolean;
  readonly next: (State | undefined)[];
  /** By the conditions that hold, the state with those carried out. */
  readonly resolved: Map<number, State> | undefined;
  /** The one for no conditions at all, which is nearly every place of a text. */
  plain: State | undefined;
}

/** Conditions that hold at the edges of a text, where a pattern has no others. */
export interface EdgeConditions {
  readonly atStart: number;
  readonly atEnd: number;
}

/**
 * The expression as a finite automaton. Its states are made when they are first reached and few are kept: no pattern
 * takes more time than the length of the text times its own.
 */
export class Automaton {
  readonly #alphabet: Alphabet;
  readonly #isReversed: boolean;
  // The nondeterministic automaton: per node its kind, what it asks for, and where it leads.
  readonly #kinds: number[] = [];
  readonly #operands: number[] = [];
  readonly #targets: number[] = [];
  readonly #others: number[] = [];
  readonly #start: State;
  #states = new Map<string, State>();
  #marks: Uint32Array = new Uint32Array(0);
  #mark = 0;

  constructor(
    node: PatternNode,
    alphabet: Alphabet,
    { isReversed = false, isFloating = false }: AutomatonOptions = {},
  ) {
    this.#alphabet = alphabet;
    this.#isReversed = isReversed;
    let first = this.#build(node, this.#add(ACCEPT, 0, -1));
    if (isFloating) {
      const any = this.#add(ANY, 0, -1);
      const split = this.#add(SPLIT, 0, first, any);
      this.#targets[any] = split;
      first = split;
    }
    this.#marks = new Uint32Array(this.#kinds.length);
    this.#start = this.#stateOf(this.#closure([first], 0));
  }

  /** Whether it matches up to any place, reading from the start of the text as it is: no arrays for one question. */
  occursIn(text: string, { atStart, atEnd }: EdgeConditions): boolean {
    const { length } = text;
    const { table } = this.#alphabet;
    let state = this.#start;
    if (state.resolved !== undefined) state = this.#resolve(state, length === 0 ? atStart | atEnd : atStart);
    for (let at = 0; at < length; at++) {
      if (state.accepts) return true;
      if (state.isDead) return false;
      const unit = text.charCodeAt(at);
      let letter = unit < TABLE_SIZE ? table[unit] : -1;
      if (letter < 0) {
        const code = text.codePointAt(at) ?? unit;
        letter = this.#alphabet.letterOf(code);
        if (code > 0xffff) at++;
      }
      state = state.next[letter] ?? this.#makeStep(state, letter);
      if (state.resolved !== undefined) state = this.#resolve(state, at + 1 >= length ? atEnd : 0);
    }
    return state.accepts;
  }

  /** The end of the longest match that begins at `begin` and ends by `end`, or -1. */
  longest(text: LetterText, begin: number, end: number): number {
    let state = this.#enter(text, this.#start, begin);
    let last = state.accepts ? begin : -1;
    for (let at = begin; at < end && !state.isDead; at++) {
      state = this.#enter(text, this.#step(state, text.letters[at]), at + 1);
      if (state.accepts) last = at + 1;
    }
    return last;
  }

  /** The end of the shortest match that begins at `begin`, or -1. */
  shortest(text: LetterText, begin: number, end: number): number {
    let state = this.#enter(text, this.#start, begin);
    let at = begin;
    while (!state.accepts) {
      if (at >= end || state.isDead) return -1;
      state = this.#enter(text, this.#step(state, text.letters[at]), at + 1);
      at++;
    }
    return at;
  }

  matches(text: LetterText, begin: number, end: number): boolean {
    let state = this.#enter(text, this.#start, begin);
    for (let at = begin; at < end && !state.isDead; at++) {
      state = this.#enter(text, this.#step(state, text.letters[at]), at + 1);
    }
    return state.accepts;
  }

  /**
   * Where a match that begins at `begin` may end such that `allowed` has a 1 for that place: the last such place, or with
   * `prefersShort` the first; -1 for none. `allowed` counts from `origin`.
   */
  boundary(
    text: LetterText,
    begin: number,
    end: number,
    { allowed, origin, least, prefersShort }: BoundaryChoice,
  ): number {
    let state = this.#enter(text, this.#start, begin);
    let chosen = -1;
    for (let at = begin; ; at++) {
      if (state.accepts && at >= least && allowed[at - origin] === 1) {
        chosen = at;
        if (prefersShort) return chosen;
      }
      if (at >= end || state.isDead) return chosen;
      state = this.#enter(text, this.#step(state, text.letters[at]), at + 1);
    }
  }

  /** Of a reversed automaton: 1 for each place from `begin` on from which it matches up to `end`. */
  startsBefore(text: LetterText, begin: number, end: number): Uint8Array {
    const found = new Uint8Array(end - begin + 1);
    let state = this.#enter(text, this.#start, end);
    if (state.accepts) found[end - begin] = 1;
    for (let at = end - 1; at >= begin && !state.isDead; at--) {
      state = this.#enter(text, this.#step(state, text.letters[at]), at);
      if (state.accepts) found[at - begin] = 1;
    }
    return found;
  }

  /** 1 for each place up to which the expression matches, read from the start of the text. */
  ends(text: LetterText): Uint8Array {
    const found = new Uint8Array(text.length + 1);
    let state = this.#enter(text, this.#start, 0);
    if (state.accepts) found[0] = 1;
    for (let at = 0; at < text.length && !state.isDead; at++) {
      state = this.#enter(text, this.#step(state, text.letters[at]), at + 1);
      if (state.accepts) found[at + 1] = 1;
    }
    return found;
  }

  /** The state with the conditions of the place carried out. */
  #enter({ conditions }: LetterText, state: State, place: number): State {
    if (state.resolved === undefined) return state;
    return this.#resolve(state, conditions === undefined ? 0 : conditions[place]);
  }

  #resolve(state: State, held: number): State {
    if (held === 0 && state.plain !== undefined) return state.plain;
    let resolved = state.resolved?.get(held);
    if (resolved === undefined) {
      resolved = this.#stateOf(this.#closure(state.nodes, held, true), true);
      state.resolved?.set(held, resolved);
      if (held === 0) state.plain = resolved;
    }
    return resolved;
  }

  #step(state: State, letter: number): State {
    return state.next[letter] ?? this.#makeStep(state, letter);
  }

  #makeStep(state: State, letter: number): State {
    const reached: number[] = [];
    for (const node of state.nodes) {
      const kind = this.#kinds[node];
      if (kind === ANY || (kind === SET && this.#alphabet.isIn(letter, this.#operands[node]))) {
        reached.push(this.#targets[node]);
      }
    }
    const next = this.#stateOf(this.#closure(reached, 0));
    state.next[letter] = next;
    return next;
  }

  /** All places that can be reached without reading; conditions stay in it, or are carried out by `held` and dropped. */
  #closure(from: ArrayLike<number>, held: number, resolves = false): number[] {
    const mark = ++this.#mark;
    const closed: number[] = [];
    const open: number[] = [];
    for (let at = from.length - 1; at >= 0; at--) open.push(from[at]);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (this.#marks[node] === mark) continue;
      this.#marks[node] = mark;
      switch (this.#kinds[node]) {
        case SPLIT:
          open.push(this.#others[node], this.#targets[node]);
          break;
        case CONDITION:
          if (!resolves) closed.push(node);
          else if ((held >>> this.#operands[node]) & 1) open.push(this.#targets[node]);
          break;
        default:
          closed.push(node);
      }
    }
    return closed.sort((left, right) => left - right);
  }

  #stateOf(nodes: readonly number[], isResolved = false): State {
    const key = String.fromCharCode(isResolved ? 1 : 0, ...nodes);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    // States that are in use live on; they are only not found again.
    if (this.#states.size >= MAX_STATES) this.#states = new Map();
    const state: State = {
      nodes: Int32Array.from(nodes),
      accepts: nodes.some((node) => this.#kinds[node] === ACCEPT),
      isDead: nodes.length === 0,
      next: [],
      plain: undefined,
      resolved:
        !isResolved && nodes.some((node) => this.#kinds[node] === CONDITION) ? new Map<number, State>() : undefined,
    };
    this.#states.set(key, state);
    return state;
  }

  #add(kind: number, operand: number, target: number, other = -1): number {
    if (this.#kinds.length >= MAX_NODES) throw invalidRegex('regular expression is too complex');
    this.#operands.push(operand);
    this.#targets.push(target);
    this.#others.push(other);
    return this.#kinds.push(kind) - 1;
  }

  /** Adds what matches the node and then goes on at `next`; returns where it begins. */
  #build(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'empty':
        return next;
      case 'set':
        return this.#add(SET, node.set, next);
      case 'condition':
        return this.#add(CONDITION, node.condition, next);
      case 'capture':
        return this.#build(node.child, next);
      case 'sequence': {
        const parts = this.#isReversed ? node.parts : node.parts.toReversed();
        return parts.reduce((following, part) => this.#build(part, following), next);
      }
      case 'choice':
        return node.branches
          .map((branch) => this.#build(branch, next))
          .reduceRight((following, branch) => this.#add(SPLIT, 0, branch, following));
      case 'repeat':
        return this.#buildRepeat(node.child, node.least, node.most, next);
    }
  }

  #buildRepeat(child: PatternNode, least: number, most: number, next: number): number {
    let entry = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = this.#add(SPLIT, 0, -1, next);
      this.#targets[loop] = this.#build(child, loop);
      entry = loop;
    } else {
      for (let optional = most - least; optional > 0; optional--) {
        entry = this.#add(SPLIT, 0, this.#build(child, entry), next);
      }
    }
    for (let required = least; required > 0; required--) entry = this.#build(child, entry);
    return entry;
  }
}
