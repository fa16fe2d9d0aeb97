import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import { isCurrent, type PlannedStatement, planStatement } from './plan-statement.ts';
import type { ResultColumn } from './result-column.ts';
import type { SessionEnvironment } from './session-environment.ts';
import type { Settings } from './settings.ts';

/** What stands in the text where the plan has parameters. */
export interface ReplacedLiterals {
  readonly values: readonly Value[];
  /** An error with its position in this text. */
  readonly relocate: (error: unknown) => unknown;
}

/** What a client prepared: the tree and its plan, which is made anew when tables or settings have changed. */
export class PreparedStatement {
  /** Empty for the unnamed statement. */
  readonly name: string;
  /** undefined: the text held no statement. */
  readonly statement: Statement | undefined;
  /** What the client sent; empty where a statement of the session has prepared it. */
  readonly text: string;
  /** The text without constants, where that is known. */
  readonly normalizedText: string | undefined;
  /** Who prepared it, with what, and when (µs since 2000-01-01 UTC). */
  origin: { readonly text: string; readonly isSql: boolean; readonly micros: number } | undefined;
  /** How often it was made ready to run. */
  useCount = 0;
  /** Where the plan was made for another text, which differs in literals alone. */
  readonly literals: ReplacedLiterals | undefined;
  #planned: PlannedStatement | undefined;

  constructor(
    name: string,
    statement: Statement | undefined,
    planned: PlannedStatement | undefined,
    text = '',
    normalizedText?: string,
    literals?: ReplacedLiterals,
  ) {
    this.name = name;
    this.statement = statement;
    this.#planned = planned;
    this.text = text;
    this.normalizedText = normalizedText;
    this.literals = literals;
  }

  /** Undefined: the text held no statement. */
  get planned(): PlannedStatement | undefined {
    return this.#planned;
  }

  /** Of those that the client has to give values for. */
  get parameterTypes(): readonly TypeDefinition[] {
    return this.literals === undefined ? (this.#planned?.parameterTypes ?? []) : [];
  }

  /** undefined: no result at all. */
  get columns(): readonly ResultColumn[] | undefined {
    return this.#planned?.columns;
  }

  /**
   * The plan, made anew when it is out of date; undefined for an empty statement. Throws 0A000 when the result would
   * have other columns than the client was told.
   */
  currentPlan(environment: SessionEnvironment, settings: Settings): PlannedStatement | undefined {
    const { statement } = this;
    const planned = this.#planned;
    if (statement === undefined || planned === undefined) return undefined;
    if (isCurrent(planned, settings, environment)) return planned;
    const again = planStatement(statement, planned.parameterTypes, environment, settings);
    if (!sameColumns(planned.columns, again.columns)) {
      // JDBC and asyncpg prepare the statement again when they read this function's name, and only then.
      throw new SqlError(SqlState.FeatureNotSupported, 'cached plan must not change result type', {
        routine: 'RevalidateCachedQuery',
      });
    }
    this.#planned = again;
    return again;
  }
}

/** Whether two results are described alike. */
export function sameColumns(
  left: readonly ResultColumn[] | undefined,
  right: readonly ResultColumn[] | undefined,
): boolean {
  if (left === undefined || right === undefined) return left === right;
  return (
    left.length === right.length &&
    left.every((column, index) => {
      const other = right[index];
      return (
        column.name === other?.name &&
        column.type.definition === other.type.definition &&
        column.type.typmod === other.type.typmod
      );
    })
  );
}
