import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SourceText } from './source-text.ts';

/** Bind sends the number of parameters in 16 bits. */
const MAX_PARAMETER_NUMBER = 65_535;

/** What the converters of one statement share: where it stands in the client's text, and the parameters met so far. */
export class ConversionContext {
  readonly source: SourceText;
  /** 1-based character position of the statement's first token. */
  readonly statementPosition: number;
  readonly #bytes: { readonly start: number; readonly end: number };
  #parameterCount = 0;

  /** `bytes`: where in the source the statement stands. */
  constructor(
    source: SourceText,
    statementPosition: number,
    bytes: { readonly start: number; readonly end: number } = { start: 0, end: source.sizeBytes },
  ) {
    this.source = source;
    this.statementPosition = statementPosition;
    this.#bytes = bytes;
  }

  /** The statement alone, as it was written: for what the parser's tree does not tell. */
  get statementText(): string {
    return this.source.slice(this.#bytes.start, this.#bytes.end);
  }

  /** The highest `$n` met. */
  get parameterCount(): number {
    return this.#parameterCount;
  }

  noteParameter(number: number, position: number): void {
    if (number < 1 || number > MAX_PARAMETER_NUMBER) {
      throw new SqlError(SqlState.UndefinedParameter, `there is no parameter $${number}`, { position });
    }
    this.#parameterCount = Math.max(this.#parameterCount, number);
  }
}
