import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported } from '../../errors/sql-error.ts';
import { currentWriter } from '../../functions/catalog/current-writer.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import { childrenOf } from '../expression/walk-expression.ts';
import type { LogicalPlan, ProjectNode } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { Target } from '../syntax/query-ast.ts';
import { columnOutput, storedColumns } from './assign-column.ts';
import type { BindContext } from './bind-context.ts';
import { hasGeneratedColumns, withGenerated } from './generated-columns.ts';
import { remapScope, type Scope } from './scope.ts';
import { outputColumnOf, type SelectItem, SelectList } from './select-list.ts';
import type { StatementBinding } from './statement-binding.ts';

/** A hidden column that says something of a row before it is stored, as long as its time stays. */
const TIME_NS = 'time_ns';

interface RowParts {
  /** What names the old row; nothing for INSERT. */
  readonly names: readonly Expression[];
  /** One value per visible column of the table. */
  readonly row: readonly Expression[];
  /** What enforcing constraints takes from the row that is replaced (`oldColumns`). */
  readonly old?: readonly Expression[];
  /** One value per hidden column. */
  readonly hidden: readonly Expression[];
  /** The columns of FROM. */
  readonly beside: readonly Expression[];
}

/**
 * New rows of a table, with what RETURNING may ask for beside them:
 *
 *   | names | new row: visible columns | old columns | hidden columns | columns of FROM |
 */
export class WrittenRows {
  readonly plan: ProjectNode;
  readonly #table: TableDescriptor;
  readonly #parts: RowParts;

  constructor(context: BindContext, table: TableDescriptor, input: LogicalPlan, parts: RowParts) {
    const { names, row, old = [], hidden, beside } = parts;
    const visible = storedColumns(table);
    this.#table = table;
    this.#parts = parts;
    const plan: ProjectNode = {
      kind: 'project',
      input,
      expressions: [...names, ...row, ...old, ...hidden, ...beside],
      output: [
        ...names.map(unnamed),
        ...visible.map((column) => columnOutput(table, column)),
        ...old.map(unnamed),
        ...hidden.map(unnamed),
        ...beside.map(unnamed),
      ],
    };
    // Those of INSERT have their generated columns already.
    this.plan =
      names.length > 0 && hasGeneratedColumns(table) ? withGenerated(context, table, plan, names.length) : plan;
  }

  /**
   * `scope` is over the table's columns, by position, and those of FROM behind them; it is moved to the new rows. Throws
   * 0A000 for a hidden column that only storage can tell.
   */
  bindReturning(
    binding: StatementBinding,
    scope: Scope,
    targets: readonly Target[],
    options: { readonly isTimeKept: boolean },
  ): readonly SelectItem[] {
    const items = bindReturning(
      binding,
      remapScope(scope, (index) => this.#indexOf(index)),
      targets,
    );
    const untold = new Map<number, string>();
    for (const [position, { name, isHidden }] of this.#table.columns.entries()) {
      const isTold =
        isHidden !== true || systemValue(this.#table, name) !== undefined || (name === TIME_NS && options.isTimeKept);
      if (!isTold) untold.set(this.#indexOf(position), name);
    }
    const check = (expression: Expression): void => {
      const name = expression.kind === 'column' ? untold.get(expression.index) : undefined;
      if (name !== undefined) {
        throw notSupported(`"${name}" of a new row in RETURNING`, binding.originOf(expression)?.position);
      }
      for (const child of childrenOf(expression)) check(child);
    };
    for (const item of items) check(item.expression);
    return items;
  }

  #indexOf(index: number): number {
    const { columns } = this.#table;
    const { names, row, old = [], hidden } = this.#parts;
    const beforeHidden = names.length + row.length + old.length;
    if (index >= columns.length) return beforeHidden + hidden.length + index - columns.length;
    const isHidden = columns[index].isHidden === true;
    const place = columns.slice(0, index).filter((column) => (column.isHidden === true) === isHidden).length;
    return (isHidden ? beforeHidden : names.length) + place;
  }
}

/** The items of a RETURNING clause over the rows that `scope` describes. */
export function bindReturning(
  binding: StatementBinding,
  scope: Scope,
  targets: readonly Target[],
): readonly SelectItem[] {
  const list = new SelectList({ binding, scope, clause: 'RETURNING', aggregates: undefined }, targets);
  list.resolveUnknowns();
  return list.items;
}

/** The first `keptCount` columns of a plan, and what RETURNING shows. */
export function withReturning(
  input: LogicalPlan,
  keptCount: number,
  items: readonly SelectItem[],
): { readonly source: LogicalPlan; readonly returning: readonly OutputColumn[] } {
  const kept = input.output.slice(0, keptCount);
  const returning = items.map(outputColumnOf);
  const expressions = [
    ...kept.map(({ type }, index): Expression => ({ kind: 'column', index, type })),
    ...items.map((item) => item.expression),
  ];
  const output = [...kept, ...returning];
  return { source: { kind: 'project', input, expressions, readsWrittenRows: true, output }, returning };
}

/** The hidden columns of a row that is not stored yet; `known`: what is told of it beside what holds for every one. */
export function hiddenOfNewRow(table: TableDescriptor, known: Readonly<Record<string, Expression>> = {}): Expression[] {
  return table.columns
    .filter((column) => column.isHidden === true)
    .map(({ name, type }) => known[name] ?? systemValue(table, name) ?? { kind: 'constant', value: null, type });
}

/** The hidden columns of a row that UPDATE writes, `old` those of the row before. */
export function hiddenOfChangedRow(table: TableDescriptor, old: readonly Expression[]): Expression[] {
  return table.columns.flatMap(({ name, isHidden }, at) =>
    isHidden === true ? [systemValue(table, name) ?? old[at]] : [],
  );
}

/** What PostgreSQL's system columns have in a row that is being written; undefined: only storage can tell, or nobody. */
function systemValue(table: TableDescriptor, name: string): Expression | undefined {
  const column = table.columns.find((candidate) => candidate.name === name && candidate.isHidden === true);
  if (column === undefined) return undefined;
  const { type } = column;
  switch (name) {
    case 'tableoid':
      return { kind: 'constant', value: table.oid, type };
    case 'cmin':
    case 'cmax':
    case 'xmax':
      return { kind: 'constant', value: 0, type };
    case 'xmin':
      return table.timeSeries === undefined ? writerCall(type) : undefined;
    default:
      return undefined;
  }
}

/** The number of the transaction that writes. */
export function writerCall(type: SqlType): Expression {
  return { kind: 'call', function: currentWriter, arguments: [], position: 0, type };
}

function unnamed({ type }: Expression): OutputColumn {
  return { name: '?column?', type, tableOid: 0, columnNumber: 0 };
}
