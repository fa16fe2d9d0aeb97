import { afterToken } from './operator-runs.ts';

/** A word of a statement that stands in no quotes and in no comment. */
export interface BareWord {
  /** In lower case. */
  readonly word: string;
  /** Index in the text. */
  readonly start: number;
}

const WORD_START = /[A-Za-z_\u0080-\uffff]/y;

/**
 * The words of a statement, in order: for the few that the grammar takes and its tree does not tell. What marks a
 * string (`E'…'`) is among them.
 */
export function bareWords(text: string): BareWord[] {
  const words: BareWord[] = [];
  for (let at = 0; at < text.length; ) {
    const end = afterToken(text, at);
    WORD_START.lastIndex = at;
    if (WORD_START.test(text)) words.push({ word: text.slice(at, end).toLowerCase(), start: at });
    at = end;
  }
  return words;
}
