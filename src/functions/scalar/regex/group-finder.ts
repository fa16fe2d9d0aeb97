import type { Alphabet } from './alphabet.ts';
import { Automaton, type LetterText } from './automaton.ts';
import { joined, type Pattern, type PatternNode, SHORTEST } from './pattern-tree.ts';

type Sequence = Extract<PatternNode, { kind: 'sequence' }>;
type Repeat = Extract<PatternNode, { kind: 'repeat' }>;

/**
 * Finds what the groups of a pattern capture once it is known where a match begins and ends. From left to right each
 * part takes the longest or the shortest text that leaves the rest a match; both are read off automata, so that nothing
 * is ever tried twice.
 */
export class GroupFinder {
  readonly #root: PatternNode;
  readonly #groupCount: number;
  readonly #alphabet: Alphabet;
  readonly #forward = new Map<PatternNode, Automaton>();
  readonly #backward = new Map<PatternNode, Automaton>();
  /** What is left of a sequence behind its part of that number. */
  readonly #rests = new Map<Sequence, readonly PatternNode[]>();
  readonly #furtherRounds = new Map<Repeat, Map<number, PatternNode>>();

  constructor(pattern: Pattern, alphabet: Alphabet) {
    this.#root = pattern.root;
    this.#groupCount = pattern.groupCount;
    this.#alphabet = alphabet;
  }

  /** Start and end of the match and then of each group, -1 for those that took no part. */
  find(text: LetterText, start: number, end: number): Int32Array {
    const groups = new Int32Array((this.#groupCount + 1) * 2).fill(-1);
    groups[0] = start;
    groups[1] = end;
    this.#divide(this.#root, text, start, end, groups);
    return groups;
  }

  #divide(node: PatternNode, text: LetterText, start: number, end: number, groups: Int32Array): void {
    if (!node.hasCapture) return;
    switch (node.kind) {
      case 'capture':
        groups[node.group * 2] = start;
        groups[node.group * 2 + 1] = end;
        this.#divide(node.child, text, start, end, groups);
        return;
      case 'choice': {
        const taken = node.branches.find((branch) => this.#reader(branch).matches(text, start, end));
        if (taken !== undefined) this.#divide(taken, text, start, end, groups);
        return;
      }
      case 'sequence':
        this.#divideSequence(node, text, start, end, groups);
        return;
      case 'repeat':
        this.#divideRepeat(node, text, start, end, groups);
        return;
      default:
    }
  }

  #divideSequence(node: Sequence, text: LetterText, start: number, end: number, groups: Int32Array): void {
    const { parts } = node;
    const rests = this.#restsOf(node);
    let at = start;
    for (let part = 0; part < parts.length - 1; part++) {
      const next = this.#boundary(parts[part], rests[part], text, at, end);
      this.#divide(parts[part], text, at, next, groups);
      at = next;
    }
    this.#divide(parts[parts.length - 1], text, at, end, groups);
  }

  /** Where `part` ends, so that `rest` matches what is left. */
  #boundary(part: PatternNode, rest: PatternNode, text: LetterText, start: number, end: number): number {
    const allowed = this.#backwardReader(rest).startsBefore(text, start, end);
    const prefersShort = part.preference === SHORTEST;
    return this.#reader(part).boundary(text, start, end, { allowed, origin: start, least: start, prefersShort });
  }

  /** Rounds that read nothing do not count; the last one is what its groups show. */
  #divideRepeat(node: Repeat, text: LetterText, start: number, end: number, groups: Int32Array): void {
    const prefersShort = node.child.preference === SHORTEST;
    const reader = this.#reader(node.child);
    // No round at all is enough for an empty text, but a round that takes as much as it can is tried first.
    if (start === end && (prefersShort || !reader.matches(text, start, end))) return;
    const isEndless = node.most === Number.POSITIVE_INFINITY;
    let allowed = this.#backwardReader(this.#roundsAfter(node, 1)).startsBefore(text, start, end);
    let at = start;
    let roundStart = start;
    for (let round = 1; at < end; round++) {
      if (round > 1 && !isEndless) {
        allowed = this.#backwardReader(this.#roundsAfter(node, round)).startsBefore(text, start, end);
      }
      const next = reader.boundary(text, at, end, { allowed, origin: start, least: at + 1, prefersShort });
      if (next < 0) break;
      roundStart = at;
      at = next;
    }
    this.#divide(node.child, text, roundStart, end, groups);
  }

  /** What may still come once so many rounds are done. */
  #roundsAfter(node: Repeat, rounds: number): PatternNode {
    const isEndless = node.most === Number.POSITIVE_INFINITY;
    const done = isEndless ? Math.min(rounds, node.least) : rounds;
    let known = this.#furtherRounds.get(node);
    if (known === undefined) {
      known = new Map();
      this.#furtherRounds.set(node, known);
    }
    let rest = known.get(done);
    if (rest === undefined) {
      rest = { ...node, least: Math.max(node.least - done, 0), most: node.most - done };
      known.set(done, rest);
    }
    return rest;
  }

  #restsOf(node: Sequence): readonly PatternNode[] {
    let rests = this.#rests.get(node);
    if (rests === undefined) {
      rests = node.parts.map((_, part) => {
        const parts = node.parts.slice(part + 1);
        return { kind: 'sequence', parts, ...joined(parts) };
      });
      this.#rests.set(node, rests);
    }
    return rests;
  }

  #reader(node: PatternNode): Automaton {
    let automaton = this.#forward.get(node);
    if (automaton === undefined) {
      automaton = new Automaton(node, this.#alphabet);
      this.#forward.set(node, automaton);
    }
    return automaton;
  }

  #backwardReader(node: PatternNode): Automaton {
    let automaton = this.#backward.get(node);
    if (automaton === undefined) {
      automaton = new Automaton(node, this.#alphabet, { isReversed: true });
      this.#backward.set(node, automaton);
    }
    return automaton;
  }
}
