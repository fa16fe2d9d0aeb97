/** A kind of statement that a tool sends, in words of our own. */
export interface Question {
  /** What the tool wants to know; the same tool asks it once. */
  readonly name: string;
  readonly sql: string;
  /** Texts of $1, $2 …; `@name` stands for the OID of a relation, `@schema name` and `@type name` for others. */
  readonly values?: readonly (string | null)[];
  /**
   * What it comes to here, where that is not what PostgreSQL says, and why; each row as in `answers.json`. The columns are
   * always PostgreSQL's.
   */
  readonly own?: { readonly rows: readonly string[]; readonly reason: string };
  /** Only the columns are the same on two servers, or from one minute to the next. */
  readonly varies?: true;
}

export interface Tool {
  readonly name: string;
  readonly questions: readonly Question[];
}
