import type { Expression } from '../../expression/expression.ts';
import type { AggregateCall } from '../aggregate-node.ts';
import { expressionText, quoteIdentifier } from '../expression-text.ts';
import type { GapFill } from '../gap-fill-node.ts';
import { inputsOf, type LogicalPlan } from '../logical-plan.ts';
import type { ScanNode } from '../scan-node.ts';
import type { SortKey } from '../sort-nodes.ts';
import type { SubplanNumbers } from '../subplan-numbers.ts';
import type { WindowCall } from '../window-node.ts';

/** Longer definitions of a column are not repeated wherever it is used. */
const MAX_COLUMN_TEXT = 200;

/** What the columns and expressions of a plan are called. */
export class ColumnTexts {
  /** Columns are qualified. */
  readonly #isQualified: boolean;
  readonly #numbers: SubplanNumbers;

  constructor(numbers: SubplanNumbers, { isQualified }: { readonly isQualified: boolean }) {
    this.#numbers = numbers;
    this.#isQualified = isQualified;
  }

  text(expression: Expression, columns: readonly string[]): string {
    return expressionText(expression, columns, this.#numbers);
  }

  /** What each column of a plan's output is, in terms of tables where that can be told. */
  columnsOf(plan: LogicalPlan): readonly string[] {
    switch (plan.kind) {
      case 'scan':
        return plan.columns.map((column) => this.columnName(plan, column));
      case 'values':
      case 'table-function':
        return plan.output.map((column) => quoteIdentifier(column.name));
      case 'cte-scan':
      case 'working-table':
        return plan.output.map(({ name }) =>
          this.#isQualified ? `${quoteIdentifier(plan.name)}.${quoteIdentifier(name)}` : quoteIdentifier(name),
        );
      case 'append':
      case 'set-operation':
      case 'recursive-union':
        return plan.output.map((column) => quoteIdentifier(column.name));
      case 'with':
        return this.columnsOf(plan.input);
      case 'project': {
        const columns = this.columnsOf(plan.input);
        return plan.expressions.map((expression, at) => {
          const text = this.text(expression, columns);
          // What a subquery computes at length is called by its name from there on.
          return text.length <= MAX_COLUMN_TEXT ? text : quoteIdentifier(plan.output[at].name);
        });
      }
      case 'aggregate': {
        const columns = this.columnsOf(plan.input);
        return [
          ...plan.keys.map((key) => this.text(key, columns)),
          ...plan.aggregates.map((call) => aggregateText(call, columns)),
          ...(plan.groupings ?? []).map(
            (keys) => `GROUPING(${keys.map((key) => this.text(plan.keys[key], columns)).join(', ')})`,
          ),
        ];
      }
      case 'gap-fill': {
        const columns = this.columnsOf(plan.input);
        const fills = new Map(plan.fills.map((fill) => [fill.column, fill]));
        return columns.map((column, at) => {
          const fill = fills.get(at);
          return fill === undefined ? column : this.fill(fill, columns);
        });
      }
      case 'window': {
        const columns = this.columnsOf(plan.input);
        return [...columns, ...plan.calls.map((call) => `${aggregateText(call, columns)} OVER (?)`)];
      }
      case 'as-of-join': {
        const right = this.columnsOf(plan.right);
        return [...this.columnsOf(plan.left), ...plan.shown.map((column) => right[column])];
      }
      default:
        return inputsOf(plan).flatMap((input) => this.columnsOf(input));
    }
  }

  /** locf(value, prev => …), with the options that are set. */
  fill(fill: GapFill, columns: readonly string[]): string {
    const options = [
      ['prev', fill.previous],
      ['next', fill.next],
      ['treat_null_as_missing', fill.treatsNullAsMissing],
      ['max_gap', fill.maxGap],
    ] as const;
    const written = options.flatMap(([name, value]) =>
      value === undefined ? [] : [`${name} => ${this.text(value, columns)}`],
    );
    return `${fill.method}(${[columns[fill.column], ...written].join(', ')})`;
  }

  columnName(scan: ScanNode, column: number): string {
    const name = quoteIdentifier(scan.table.columns[column]?.name ?? 'time');
    return this.#isQualified ? `${quoteIdentifier(scan.alias ?? scan.table.name)}.${name}` : name;
  }

  sortKeys(keys: readonly SortKey[], input: LogicalPlan): readonly string[] {
    const columns = this.columnsOf(input);
    return keys.map(({ expression, isDescending, nullsFirst }) => {
      const direction = isDescending ? ' DESC' : '';
      const nulls = nullsFirst === isDescending ? '' : ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
      return `${this.text(expression, columns)}${direction}${nulls}`;
    });
  }
}

function aggregateText(call: AggregateCall | WindowCall, columns: readonly string[]): string {
  const texts = (expressions: readonly Expression[]): string =>
    expressions.map((expression) => expressionText(expression, columns)).join(', ');
  const isDistinct = 'isDistinct' in call && call.isDistinct;
  const isStar = 'isStar' in call.function && call.function.isStar === true;
  const operands = isStar ? '*' : `${isDistinct ? 'DISTINCT ' : ''}${texts(call.arguments)}`;
  const filter = call.filter === undefined ? '' : ` FILTER (WHERE ${expressionText(call.filter, columns)})`;
  return `${quoteIdentifier(call.function.name)}(${operands})${filter}`;
}
