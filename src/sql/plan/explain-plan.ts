import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { unreachable } from '../../errors/invariant.ts';
import { expressionText, quoteIdentifier } from './expression-text.ts';
import {
  type AggregateCall,
  inputsOf,
  type JoinNode,
  type LimitNode,
  type LogicalPlan,
  type ScanNode,
  type SortKey,
  type TopNNode,
} from './logical-plan.ts';

/** Longer definitions of a column are not repeated wherever it is used. */
const MAX_COLUMN_TEXT = 200;

const SCAN_TITLES = { 'last-per-series': 'Last Row Scan', 'newest-first': 'Newest First Scan' } as const;

/** A node of the printed tree: a headline, properties below it, inputs below those. */
interface Printed {
  readonly title: string;
  readonly properties: readonly string[];
  readonly inputs: readonly Printed[];
}

/** The plan as EXPLAIN shows it, in the shape of PostgreSQL's text format; a line an element. */
export function explainPlan(plan: LogicalPlan): string[] {
  const lines: string[] = [];
  write(new PlanPrinter(plan).print(plan), '', '', lines);
  return lines;
}

const VERBS = { insert: 'Insert', update: 'Update', delete: 'Delete' } as const;

/** Likewise for a statement that writes what its source gives. */
export function explainModification(kind: keyof typeof VERBS, table: TableDescriptor, source: LogicalPlan): string[] {
  const lines: string[] = [];
  const inputs = [new PlanPrinter(source).print(source)];
  write({ title: `${VERBS[kind]} on ${quoteIdentifier(table.name)}`, properties: [], inputs }, '', '', lines);
  return lines;
}

/** `lead` stands before the headline, `indent` before everything below it. */
function write({ title, properties, inputs }: Printed, lead: string, indent: string, lines: string[]): void {
  lines.push(`${lead}${title}`);
  const below = `${indent}  `;
  for (const property of properties) lines.push(`${below}${property}`);
  for (const input of inputs) write(input, `${below}->  `, `${below}    `, lines);
}

class PlanPrinter {
  /** Columns are qualified when more than one relation is read. */
  readonly #isQualified: boolean;

  constructor(plan: LogicalPlan) {
    this.#isQualified = relationCount(plan) > 1;
  }

  print(plan: LogicalPlan): Printed {
    switch (plan.kind) {
      case 'scan':
        return this.#printScan(plan);
      case 'values': {
        const isResult = plan.output.length === 0 || plan.rows.length <= 1;
        const title = isResult ? 'Result' : `Values Scan (${plan.rows.length} rows)`;
        return { title, properties: plan.rows.length === 0 ? ['One-Time Filter: false'] : [], inputs: [] };
      }
      case 'table-function': {
        const call = `${plan.function.name}(${plan.arguments.map((argument) => expressionText(argument, [])).join(', ')})`;
        return {
          title: `Function Scan on ${quoteIdentifier(plan.function.name)}`,
          properties: [`Function Call: ${call}`],
          inputs: [],
        };
      }
      case 'filter': {
        const input = this.print(plan.input);
        const condition = `Filter: ${expressionText(plan.condition, this.#columnsOf(plan.input))}`;
        // What tests its own rows shows the test itself; what must come to an end first is a subquery.
        if (plan.input.kind === 'limit' || plan.input.kind === 'top-n') {
          return { title: 'Subquery Scan', properties: [condition], inputs: [input] };
        }
        return { ...input, properties: [...input.properties, condition] };
      }
      case 'project':
        return this.print(plan.input);
      case 'aggregate': {
        const columns = this.#columnsOf(plan.input);
        const keys = plan.keys.map((key) => expressionText(key, columns)).join(', ');
        return {
          title: keys === '' ? 'Aggregate' : 'HashAggregate',
          properties: keys === '' ? [] : [`Group Key: ${keys}`],
          inputs: [this.print(plan.input)],
        };
      }
      case 'distinct':
        return {
          title: 'HashAggregate',
          properties: [`Group Key: ${this.#columnsOf(plan.input).join(', ')}`],
          inputs: [this.print(plan.input)],
        };
      case 'distinct-on': {
        const columns = this.#columnsOf(plan.input);
        const keys = plan.keys.map((key) => expressionText(key, columns)).join(', ');
        return { title: 'Unique', properties: [`Key: ${keys}`], inputs: [this.print(plan.input)] };
      }
      case 'join':
        return this.#printJoin(plan);
      case 'sort':
        return { title: 'Sort', properties: [this.#sortKey(plan.keys, plan.input)], inputs: [this.print(plan.input)] };
      case 'limit':
        return { title: 'Limit', properties: rowCounts(plan), inputs: [this.print(plan.input)] };
      case 'top-n':
        return {
          title: 'Limit',
          properties: rowCounts(plan),
          inputs: [
            {
              title: 'Sort',
              properties: [this.#sortKey(plan.keys, plan.input), 'Sort Method: top-N'],
              inputs: [this.print(plan.input)],
            },
          ],
        };
      default:
        return unreachable(plan);
    }
  }

  #printScan(scan: ScanNode): Printed {
    const columns = this.#columnsOf(scan);
    const properties: string[] = [];
    const { table, timeBounds, tagFilters, index } = scan;
    const filters = scan.filters.filter((filter) => index?.conditions.includes(filter) !== true);
    if (timeBounds.length > 0) {
      const time = this.#columnName(
        scan,
        table.columns.findIndex((column) => column.role === 'time'),
      );
      const bounds = timeBounds.map((bound) => `(${time} ${bound.operator} ${expressionText(bound.value, columns)})`);
      properties.push(`Time Range: ${joined(bounds)}`);
    }
    if (tagFilters.length > 0) {
      properties.push(`Tag Filter: ${joined(tagFilters.map((filter) => expressionText(filter, columns)))}`);
    }
    if (index !== undefined) {
      const conditions = index.conditions.map((condition) => expressionText(condition, columns));
      properties.push(`Index Cond: ${joined(conditions)}`);
    }
    if (filters.length > 0) {
      properties.push(`Filter: ${joined(filters.map((filter) => expressionText(filter, columns)))}`);
    }
    const byIndex = index === undefined ? 'Seq Scan' : `Index Scan using ${quoteIdentifier(index.index.name)}`;
    const title = scan.take === undefined ? byIndex : SCAN_TITLES[scan.take];
    return { title: `${title} on ${quoteIdentifier(table.name)}`, properties, inputs: [] };
  }

  #printJoin(join: JoinNode): Printed {
    const left = this.#columnsOf(join.left);
    const right = this.#columnsOf(join.right);
    const properties: string[] = [];
    const isHash = join.equalities.length > 0;
    if (isHash) {
      const tests = join.equalities.map(
        (equality) => `(${expressionText(equality.left, left)} = ${expressionText(equality.right, right)})`,
      );
      properties.push(`Hash Cond: ${joined(tests)}`);
    }
    if (join.condition !== undefined) {
      properties.push(`Join Filter: ${expressionText(join.condition, [...left, ...right])}`);
    }
    const outer = join.type === 'left' ? ' Left Join' : '';
    const title = isHash ? `Hash${outer === '' ? ' Join' : outer}` : `Nested Loop${outer}`;
    return { title, properties, inputs: [this.print(join.left), this.print(join.right)] };
  }

  #sortKey(keys: readonly SortKey[], input: LogicalPlan): string {
    const columns = this.#columnsOf(input);
    const texts = keys.map(({ expression, isDescending, nullsFirst }) => {
      const direction = isDescending ? ' DESC' : '';
      const nulls = nullsFirst === isDescending ? '' : ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
      return `${expressionText(expression, columns)}${direction}${nulls}`;
    });
    return `Sort Key: ${texts.join(', ')}`;
  }

  /** What each column of a plan's output is, in terms of tables where that can be told. */
  #columnsOf(plan: LogicalPlan): readonly string[] {
    switch (plan.kind) {
      case 'scan':
        return plan.columns.map((column) => this.#columnName(plan, column));
      case 'values':
      case 'table-function':
        return plan.output.map((column) => quoteIdentifier(column.name));
      case 'project': {
        const columns = this.#columnsOf(plan.input);
        return plan.expressions.map((expression, at) => {
          const text = expressionText(expression, columns);
          // What a subquery computes at length is called by its name from there on.
          return text.length <= MAX_COLUMN_TEXT ? text : quoteIdentifier(plan.output[at].name);
        });
      }
      case 'aggregate': {
        const columns = this.#columnsOf(plan.input);
        return [
          ...plan.keys.map((key) => expressionText(key, columns)),
          ...plan.aggregates.map((call) => aggregateText(call, columns)),
        ];
      }
      default:
        return inputsOf(plan).flatMap((input) => this.#columnsOf(input));
    }
  }

  #columnName(scan: ScanNode, column: number): string {
    const name = quoteIdentifier(scan.table.columns[column]?.name ?? 'time');
    return this.#isQualified ? `${quoteIdentifier(scan.table.name)}.${name}` : name;
  }
}

function relationCount(plan: LogicalPlan): number {
  const own = plan.kind === 'scan' || plan.kind === 'table-function' ? 1 : 0;
  return inputsOf(plan).reduce((count, input) => count + relationCount(input), own);
}

function rowCounts(plan: LimitNode | TopNNode): string[] {
  const counts: string[] = [];
  if (plan.count !== undefined) counts.push(`Rows: ${countText(plan.count)}`);
  if (plan.offset !== undefined) counts.push(`Offset: ${countText(plan.offset)}`);
  return counts;
}

function countText(count: NonNullable<LimitNode['count']>): string {
  return count.kind === 'constant' ? String(count.value ?? 'all') : expressionText(count, []);
}

function aggregateText(call: AggregateCall, columns: readonly string[]): string {
  const operands = call.arguments.map((argument) => expressionText(argument, columns)).join(', ');
  const list = call.function.isStar === true ? '*' : `${call.isDistinct ? 'DISTINCT ' : ''}${operands}`;
  const filter = call.filter === undefined ? '' : ` FILTER (WHERE ${expressionText(call.filter, columns)})`;
  return `${quoteIdentifier(call.function.name)}(${list})${filter}`;
}

/** One condition stands alone, several are joined by AND. */
function joined(conditions: readonly string[]): string {
  return conditions.length === 1 ? conditions[0] : `(${conditions.join(' AND ')})`;
}
