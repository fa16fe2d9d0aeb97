import type { Answer } from '../../support/statement-client.ts';
import type { Difference } from '../compare-answers.ts';

/** A statement that came out differently, with everything that was said. */
export interface Case {
  readonly sql: string;
  readonly difference: Difference;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** Asks the servers something else, to be sure of an explanation. */
export interface Probe {
  /** PostgreSQL's answer to another statement. */
  readonly theirs: (sql: string) => Promise<Answer>;
  /**
   * Whether each expression of the statement, calculated for itself, comes out the same on both: what differs is then
   * only whether or when it is calculated. Those that `except` matches are not asked about.
   */
  readonly agreeOnExpressions: (except?: RegExp) => Promise<boolean>;
  /** The errors (`errorKey`) that both give alike to expressions inside the statement, each calculated for itself. */
  readonly errorsOfParts: () => Promise<ReadonlySet<string>>;
}

/** An error without where it was met. */
export function errorKey({ error }: Answer): string {
  return `${error?.get('C')} ${error?.get('M')}`;
}

/** A difference that is meant to be, and why. */
export interface Explanation {
  readonly name: string;
  readonly reason: string;
  /** Believed only of the simplest form of a statement: what is not to blame has then been taken away. */
  readonly isWeak?: boolean;
  readonly explains: (difference: Case, probe: Probe) => boolean | Promise<boolean>;
}
