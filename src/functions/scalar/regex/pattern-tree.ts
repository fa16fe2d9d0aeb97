import type { CharacterSet } from './character-set.ts';

/** Which of several possible lengths an expression takes: no matter, the longest or the shortest. */
export const NO_PREFERENCE = 0;
export const LONGEST = 1;
export const SHORTEST = 2;

/** What a node says about lengths and groups. */
export interface NodeBase {
  /** LONGEST or SHORTEST, or NO_PREFERENCE for what has but one length. */
  readonly preference: number;
  /** Both preferences occur within, so that the parts have to be told apart when lengths are chosen. */
  readonly isMixed: boolean;
  readonly hasCapture: boolean;
}

/** A regular expression. Which automaton it is and how its groups are found lies in the same tree. */
export type PatternNode = NodeBase &
  (
    | { readonly kind: 'empty' }
    /** One character of the set with this number. */
    | { readonly kind: 'set'; readonly set: number }
    /** A place between characters; the number of a condition of `Pattern`. */
    | { readonly kind: 'condition'; readonly condition: number }
    | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
    | { readonly kind: 'choice'; readonly branches: readonly PatternNode[] }
    | { readonly kind: 'repeat'; readonly child: PatternNode; readonly least: number; readonly most: number }
    | { readonly kind: 'capture'; readonly child: PatternNode; readonly group: number }
  );

/** What may be asked of a place between two characters. */
export type PlaceTest =
  | 'lineStart'
  | 'lineEnd'
  | 'textStart'
  | 'textEnd'
  | 'wordStart'
  | 'wordEnd'
  | 'wordEdge'
  | 'noWordEdge'
  | { readonly child: PatternNode; readonly looks: 'ahead' | 'behind'; readonly isNegated: boolean };

/** A pattern as it was read. */
export interface Pattern {
  readonly root: PatternNode;
  readonly sets: readonly CharacterSet[];
  /** Those that an expression looks at come before it. */
  readonly conditions: readonly PlaceTest[];
  /** Groups in parentheses that capture, counted from 1. */
  readonly groupCount: number;
}

export const emptyNode: PatternNode = {
  kind: 'empty',
  preference: NO_PREFERENCE,
  isMixed: false,
  hasCapture: false,
};

/** Preferences of parts side by side: the first part that has one decides for the whole. */
export function joined(parts: readonly NodeBase[], preference?: number): NodeBase {
  let own = preference ?? NO_PREFERENCE;
  let seen = own;
  let isMixed = false;
  let hasCapture = false;
  for (const part of parts) {
    if (own === NO_PREFERENCE) own = part.preference;
    seen |= part.preference;
    isMixed ||= part.isMixed;
    hasCapture ||= part.hasCapture;
  }
  return { preference: own, isMixed: isMixed || seen === (LONGEST | SHORTEST), hasCapture };
}
