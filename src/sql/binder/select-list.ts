import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import { sameExpression } from '../expression/same-expression.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { IndirectionSyntax, StarSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import type { Target } from '../syntax/query-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { bindRowStar, isStarOfRow } from './bind-row.ts';
import { coerce, resolveUnknown } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { OuterLevel } from './outer-level.ts';
import { columnReference, resolveQualifier } from './resolve-column.ts';
import { resultName } from './result-names.ts';
import type { ScopeColumn } from './scope.ts';
import { isUnknown } from './well-known-types.ts';

/** PostgreSQL's limit. */
const MAX_TARGETS = 1664;

/** A column of the select list, or one added behind it for the sake of ORDER BY, GROUP BY or DISTINCT ON. */
export interface SelectItem {
  readonly name: string;
  readonly expression: Expression;
  readonly syntax: SyntaxExpression | undefined;
  /** The table column that it shows unchanged; 0 when computed. */
  readonly tableOid: number;
  readonly columnNumber: number;
}

/** The targets of a SELECT. Clauses that sort and group refer to its items by number, name or expression. */
export class SelectList {
  readonly #context: ExpressionContext;
  readonly #items: SelectItem[];
  /** Items from here on are hidden: computed, used, and projected away. */
  readonly visibleCount: number;

  constructor(context: ExpressionContext, targets: readonly Target[]) {
    this.#context = context;
    this.#items = targets.flatMap((target) => bindTarget(context, target));
    this.visibleCount = this.#items.length;
    if (this.visibleCount > MAX_TARGETS) {
      throw new SqlError(SqlState.TooManyColumns, `target lists can have at most ${MAX_TARGETS} entries`);
    }
  }

  get items(): readonly SelectItem[] {
    return this.#items;
  }

  get visible(): readonly SelectItem[] {
    return this.#items.slice(0, this.visibleCount);
  }

  /** The item numbered by an ordinal (from 1). Throws 42P10 when there is none. */
  byOrdinal(ordinal: number, clause: string, position: number): number {
    if (ordinal >= 1 && ordinal <= this.visibleCount) return ordinal - 1;
    throw new SqlError(SqlState.InvalidColumnReference, `${clause} position ${ordinal} is not in select list`, {
      position,
    });
  }

  /** The item called `name`, or -1. Throws 42702 when different items share the name. */
  byName(name: string, clause: string, position: number): number {
    let found = -1;
    for (let at = 0; at < this.visibleCount; at++) {
      const item = this.#items[at];
      if (item.name !== name) continue;
      if (found >= 0 && !sameExpression(this.#items[found].expression, item.expression)) {
        throw new SqlError(SqlState.AmbiguousColumn, `${clause} "${name}" is ambiguous`, { position });
      }
      if (found < 0) found = at;
    }
    return found;
  }

  /** The item with this meaning; added as a hidden one when there is none. */
  indexOf(expression: Expression, syntax: SyntaxExpression): number {
    const known = this.#items.findIndex((item) => sameExpression(item.expression, expression));
    if (known >= 0) return known;
    const resolved = resolveUnknown(this.#context.binding, { expression, syntax });
    return this.#items.push(itemOf(this.#context, '?column?', resolved, syntax)) - 1;
  }

  /** Gives items that have no type yet the type they are wanted as (INSERT), else text. */
  resolveUnknowns(wanted: readonly SqlType[] = []): void {
    for (let at = 0; at < this.#items.length; at++) {
      if (isUnknown(this.#items[at].expression.type)) this.#resolve(at, wanted[at]);
    }
  }

  /** An item that is sorted or grouped by needs a type. */
  resolveUnknownAt(at: number): void {
    this.#resolve(at, undefined);
  }

  #resolve(at: number, wanted: SqlType | undefined): void {
    const { binding } = this.#context;
    const item = this.#items[at];
    const typed = wanted === undefined ? undefined : coerce(binding, item, wanted, 'assignment');
    this.#items[at] = { ...item, expression: typed ?? resolveUnknown(binding, item) };
  }
}

export function outputColumnOf(item: SelectItem): OutputColumn {
  return {
    name: item.name,
    type: item.expression.type,
    tableOid: item.tableOid,
    columnNumber: item.columnNumber,
  };
}

function bindTarget(context: ExpressionContext, target: Target): SelectItem[] {
  const syntax = target.expression;
  if (syntax.kind === 'star' || isStarOfRow(syntax)) return expandStar(context, syntax);
  const { expression } = bindOperand(context, syntax);
  // A column that was found without regard to case is called by its own name.
  const origin = syntax.kind === 'column' ? context.binding.originOf(expression) : undefined;
  const ownName = origin?.isWholeRow === true ? undefined : origin?.columnName;
  return [
    itemOf(
      context,
      target.alias ?? ownName ?? resultName(syntax, (subquery) => context.binding.nameOf(subquery)),
      expression,
      syntax,
    ),
  ];
}

/** `*`, `t.*` and `(row).*`. */
export function expandStar(context: ExpressionContext, syntax: StarSyntax | IndirectionSyntax): SelectItem[] {
  if (syntax.kind === 'indirection') {
    return bindRowStar(context, syntax).map(({ name, expression }) => itemOf(context, name, expression, undefined));
  }
  const { binding, scope } = context;
  const { qualifier, position } = syntax;
  if (qualifier.length === 0 && scope.relations.length === 0) {
    throw new SqlError(SqlState.SyntaxError, 'SELECT * with no tables specified is not valid', { position });
  }
  const { columns, levels } = starColumns(context, qualifier, position);
  return columns
    .filter((column) => !column.isHidden)
    .map((column) => {
      const reference = columnReference(binding, column, position);
      const value = levels.reduceRight((inner, level) => level.capture(inner), reference);
      return itemOf(context, column.name, value, undefined);
    });
}

/** `t.*` may mean a relation of a query around this one. */
function starColumns(
  { binding, scope }: ExpressionContext,
  qualifier: readonly string[],
  position: number,
): { readonly columns: readonly ScopeColumn[]; readonly levels: readonly OuterLevel[] } {
  if (qualifier.length === 0) return { columns: scope.columns, levels: [] };
  const { relation, levels } = resolveQualifier(binding, scope, qualifier, position);
  return { columns: relation.columns, levels };
}

function itemOf(
  context: ExpressionContext,
  name: string,
  expression: Expression,
  syntax: SyntaxExpression | undefined,
): SelectItem {
  const origin = expression.kind === 'column' ? context.binding.originOf(expression) : undefined;
  return {
    name,
    expression,
    syntax,
    tableOid: origin?.tableOid ?? 0,
    columnNumber: origin?.columnNumber ?? 0,
  };
}
