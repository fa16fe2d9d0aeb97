import { emptyNode, joined, NO_PREFERENCE, type PatternNode } from './pattern-tree.ts';

/** How often something may come, and whether it had rather come often or seldom. */
export interface Quantifier {
  readonly least: number;
  readonly most: number;
  readonly preference: number;
}

export function sequence(parts: readonly PatternNode[]): PatternNode {
  return parts.length === 1 ? parts[0] : { kind: 'sequence', parts, ...joined(parts) };
}

/**
 * Only the last repetition of a group captures: all but the last go into a part of their own, whose groups count for
 * nothing.
 */
export function repeated(atom: PatternNode, { least, most, preference }: Quantifier): PatternNode {
  if (most === 0) return emptyNode;
  const chosen = preference === NO_PREFERENCE ? atom.preference : preference;
  const isAgreed = preference === NO_PREFERENCE || atom.preference === NO_PREFERENCE || atom.preference === preference;
  const isPlain = !atom.hasCapture && !atom.isMixed && isAgreed;
  const isSame = preference === NO_PREFERENCE || (preference === atom.preference && !atom.isMixed);
  if (!isPlain && least === 1 && most === 1 && isSame) return atom;
  if (least === 0 || isPlain) {
    return { kind: 'repeat', child: atom, least, most, ...joined([atom], chosen) };
  }
  const plain = withoutCaptures(atom);
  const others: PatternNode = {
    kind: 'repeat',
    child: plain,
    least: least - 1,
    most: most - 1,
    preference: chosen,
    isMixed: false,
    hasCapture: false,
  };
  return { kind: 'sequence', parts: [others, atom], ...joined([others, atom], chosen) };
}

function withoutCaptures(node: PatternNode): PatternNode {
  return { ...node, hasCapture: false };
}
