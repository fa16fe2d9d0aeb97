import type { EncodingName } from '../types/text-encoding.ts';

/** What the options of a COPY come to. Bytes are single ones: PostgreSQL allows no others. */
export interface CopyFormat {
  readonly kind: 'text' | 'csv' | 'binary';
  readonly delimiter: number;
  /** What stands for NULL: in UTF-8 (COPY FROM), in `encoding` (COPY TO). */
  readonly nullText: Uint8Array;
  /** What stands for the column's default (COPY FROM); undefined: nothing does. */
  readonly defaultText: Uint8Array | undefined;
  /** The first line: data, names that nobody looks at, names that must be those of the columns. */
  readonly header: 'none' | 'present' | 'match';
  readonly quote: number;
  readonly escape: number;
  readonly forceQuote: ColumnChoice;
  readonly forceNotNull: ColumnChoice;
  readonly forceNull: ColumnChoice;
  readonly encoding: EncodingName;
  /** What becomes of rows whose values are none of their types. */
  readonly onError: 'stop' | 'ignore';
  readonly logVerbosity: 'silent' | 'default' | 'verbose';
  /** With `ignore`: this many such rows are taken; undefined: any number. */
  readonly rejectLimit: number | undefined;
  readonly isFreeze: boolean;
}

/** Columns that an option names; `all` for `*`. */
export type ColumnChoice = 'all' | readonly string[];

/** An option as written: the name in lower case, and what stands behind it. */
export interface CopyOption {
  readonly name: string;
  readonly value: CopyOptionValue | undefined;
  readonly position: number;
}

export type CopyOptionValue =
  /** A word, a text or a number. */
  | { readonly kind: 'text'; readonly text: string; readonly isNumber: boolean }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'star' };

/** A column that a COPY reads or writes, as far as the formats know it. */
export interface CopyColumnName {
  readonly name: string;
}

export function isChosen(choice: ColumnChoice, name: string): boolean {
  return choice === 'all' || choice.includes(name);
}
