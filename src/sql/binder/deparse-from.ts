import { notSupported } from '../../errors/sql-error.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import type { Expression } from '../expression/expression.ts';
import { someExpression } from '../expression/walk-expression.ts';
import type { TableCall } from '../plan/table-function-nodes.ts';
import type { FromFunction, FromItem, FromJoin } from '../syntax/from-ast.ts';
import type { Leaf, Level } from './deparse-level.ts';
import type { QueryWriter } from './deparse-query.ts';
import type { LineWriter } from './line-writer.ts';

const CLAUSE_INDENT = 8;
const LIST_INDENT = 4;

const JOINS: Readonly<Record<FromJoin['type'], string>> = {
  inner: ' JOIN ',
  cross: ' CROSS JOIN ',
  left: ' LEFT JOIN ',
  right: ' RIGHT JOIN ',
  full: ' FULL JOIN ',
};

/** Writes the FROM clause of one SELECT. */
export class FromWriter {
  readonly #writer: QueryWriter;
  readonly #level: Level;
  readonly #out: LineWriter;

  constructor(writer: QueryWriter, level: Level, out: LineWriter) {
    this.#writer = writer;
    this.#level = level;
    this.#out = out;
  }

  items(items: readonly FromItem[]): void {
    items.forEach((item, at) => {
      if (at > 0) {
        this.#out.write(', ');
        this.#out.line('', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: LIST_INDENT });
      }
      this.#item(item, this.#level);
    });
  }

  #item(item: FromItem, level: Level): void {
    if (item.kind === 'join') {
      this.#join(item, level);
      return;
    }
    const leaf = level.leafOf(item);
    switch (item.kind) {
      case 'table':
        this.#table(leaf);
        return;
      case 'subquery': {
        const inner = this.#writer.within(this.#level, item.query, { areVisible: true });
        this.#out.write(`${item.isLateral ? 'LATERAL ' : ''}(${inner}) ${this.#alias(leaf)}`);
        return;
      }
      case 'function':
        this.#function(item, leaf);
    }
  }

  #table(leaf: Leaf): void {
    const { item, bound, relation } = leaf;
    const isCommon = bound.plan.kind === 'cte-scan' || bound.plan.kind === 'working-table';
    if (relation === undefined && !isCommon) throw notSupported('this relation in a view');
    const own = isCommon && 'name' in bound.plan ? String(bound.plan.name) : (relation?.name ?? '');
    const alias = 'alias' in item ? item.alias : undefined;
    const isNamed = alias !== undefined || leaf.name !== own;
    const columns = (alias?.columns.length ?? 0) > 0 ? columnList(leaf) : '';
    this.#out.write(relation?.text ?? quoteIdentifier(own));
    if (isNamed) this.#out.write(` ${quoteIdentifier(leaf.name)}${columns}`);
  }

  #alias(leaf: Leaf): string {
    const alias = 'alias' in leaf.item ? leaf.item.alias : undefined;
    const columns = (alias?.columns.length ?? 0) > 0 ? columnList(leaf) : '';
    return `${quoteIdentifier(leaf.name)}${columns}`;
  }

  #function(item: FromFunction, leaf: Leaf): void {
    const { plan } = leaf.bound;
    if (plan.kind !== 'table-function' || item.items.some((part) => part.columns !== undefined)) {
      throw notSupported('this function in FROM of a view');
    }
    const calls = plan.calls.map((call) => this.#call(call));
    const isUnnest = item.items.length === 1 && calls.length > 1;
    const isList = item.items.length > 1;
    const whole = isUnnest
      ? `unnest(${plan.calls.flatMap((call) => (call.kind === 'set' ? call.arguments.map((part) => this.#text(part)) : [])).join(', ')})`
      : isList
        ? `ROWS FROM(${calls.join(', ')})`
        : calls[0];
    const reads = plan.calls.flatMap((call) => (call.kind === 'set' ? call.arguments : [call.value]));
    const isLateral = reads.some((part) => someExpression(part, ({ kind }) => kind === 'correlated'));
    const ordinality = plan.hasOrdinality ? ' WITH ORDINALITY' : '';
    this.#out.write(
      `${isLateral ? 'LATERAL ' : ''}${whole}${ordinality} ${quoteIdentifier(leaf.name)}${columnList(leaf)}`,
    );
  }

  #call(call: TableCall): string {
    if (call.kind === 'value') return this.#text(call.value);
    const operands = call.arguments.map((part) => this.#text(part));
    return `${quoteIdentifier(call.function.name)}(${operands.join(', ')})`;
  }

  /** What stands in FROM reads the items to its left by way of slots. */
  #text(expression: Expression): string {
    return this.#writer.lateral(this.#level, expression);
  }

  #join(item: FromJoin, around: Level): void {
    const out = this.#out;
    const level = around.within(item);
    const isEnclosed = !this.#writer.text.isPretty || item.alias !== undefined;
    if (isEnclosed) out.write('(');
    this.#item(item.left, level);
    const using = this.#using(item);
    const { plan } = this.#bound(item);
    const condition = plan.kind === 'join' || plan.kind === 'apply' ? plan.condition : undefined;
    const isCross = item.type === 'inner' && condition === undefined;
    out.line(JOINS[isCross ? 'cross' : item.type], { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: LIST_INDENT });
    const isRightEnclosed = this.#writer.text.isPretty && item.right.kind === 'join' && item.right.alias === undefined;
    if (isRightEnclosed) out.write('(');
    this.#item(item.right, level);
    if (isRightEnclosed) out.write(')');
    // Also for what it reads: the columns of USING are not named otherwise.
    const test = condition === undefined ? undefined : this.#condition(level, item, condition);
    if (using.length > 0 && this.#hasNames(level, item, using)) {
      out.write(` USING (${using.map(quoteIdentifier).join(', ')})`);
      if (item.usingAlias !== undefined) out.write(` AS ${quoteIdentifier(item.usingAlias.name)}`);
    } else if (test !== undefined) out.write(this.#writer.text.isPretty ? ` ON ${test}` : ` ON (${test})`);
    else if (item.type !== 'inner' && item.type !== 'cross') out.write(' ON TRUE');
    if (isEnclosed) out.write(')');
    if (item.alias === undefined) return;
    const columns = item.alias.columns.length === 0 ? '' : `(${item.alias.columns.map(quoteIdentifier).join(', ')})`;
    out.write(` ${quoteIdentifier(around.leafOf(item).name)}${columns}`);
  }

  #using(item: FromJoin): readonly string[] {
    if (!item.isNatural) return item.using ?? [];
    const { left, right } = item;
    const names = new Set(this.#bound(right).scope.columns.flatMap(({ name, isHidden }) => (isHidden ? [] : [name])));
    return this.#bound(left).scope.columns.flatMap(({ name, isHidden }) =>
      isHidden || !names.has(name) ? [] : [name],
    );
  }

  /** Whether the columns that were joined by their names still have them. */
  #hasNames(level: Level, { left, right }: FromJoin, names: readonly string[]): boolean {
    return [left, right].every((side) => {
      const start = level.leafOf(firstOf(side)).start;
      const { columns } = this.#bound(side).scope;
      return names.every((name) => {
        const column = columns.find((candidate) => candidate.name === name && !candidate.isHidden);
        return column?.expression.kind === 'column' && level.columnName(start + column.expression.index) === name;
      });
    });
  }

  /** A condition counts the columns from the first one of the join on. */
  #condition(level: Level, item: FromJoin, condition: Expression): string {
    const start = level.leafOf(firstOf(item)).start;
    return this.#writer.joined(level, condition, start);
  }

  #bound(item: FromItem): Leaf['bound'] {
    const bound = this.#writer.text.record.from.get(item);
    if (bound === undefined) throw notSupported('this form of FROM in a view');
    return bound;
  }
}

function firstOf(item: FromItem): FromItem {
  let first: FromItem = item;
  while (first.kind === 'join') first = first.left;
  return first;
}

/** All columns that are shown. */
function columnList({ bound, columns }: Leaf): string {
  const [{ columns: scoped }] = bound.scope.relations;
  const shown = columns.filter((_, at) => !scoped[at].isHidden);
  return `(${shown.map(quoteIdentifier).join(', ')})`;
}
