import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { BoundFrom } from './bind-from.ts';
import type { Relation } from './scope.ts';
import { boolType } from './well-known-types.ts';

/** How a statement speaks of relations, in lower case: names are also found without regard to case. */
interface Mentions {
  /** Names that stand alone, and qualifiers of stars. */
  readonly alone: ReadonlySet<string>;
  /** The names behind each qualifier: `t.row_to_json` is a call over the row of t. */
  readonly behind: ReadonlyMap<string, ReadonlySet<string>>;
}

const PRESENT: OutputColumn = { name: '?column?', type: boolType, tableOid: 0, columnNumber: 0 };

/**
 * A side of an outer join, by which can be told whether a row of it is there: each of its relations that `statement` asks
 * for as a whole row gets a `presence`. A column that is never NULL tells it; else a column of trues is put beside the
 * others, which only those statements have that need it.
 */
export function withPresence(bound: BoundFrom, statement: object): BoundFrom {
  const { relations } = bound.scope;
  if (relations.every((relation) => !needsPresence(relation, statement))) return bound;
  const added: Expression = { kind: 'column', index: bound.plan.output.length, type: boolType };
  const marked = relations.map(
    (relation): Relation =>
      needsPresence(relation, statement) ? { ...relation, presence: neverNull(relation) ?? added } : relation,
  );
  const isAdded = marked.some(({ presence }) => presence === added);
  return {
    plan: isAdded ? withTrues(bound.plan) : bound.plan,
    scope: { ...bound.scope, relations: marked },
  };
}

function needsPresence(relation: Relation, statement: object): boolean {
  if (relation.presence !== undefined || relation.isJoin === true || relation.isScalarFunction === true) return false;
  const { alone, behind } = mentionsIn(statement);
  const name = relation.name.toLowerCase();
  if (alone.has(name)) return true;
  const columns = new Set(relation.columns.map((column) => column.name.toLowerCase()));
  return [...(behind.get(name) ?? [])].some((other) => !columns.has(other));
}

function neverNull({ table, columns }: Relation): Expression | undefined {
  const isNotNull = new Set(table?.columns.filter((column) => column.isNotNull).map((column) => column.number));
  return columns.find(({ columnNumber }) => isNotNull.has(columnNumber))?.expression;
}

function withTrues(input: LogicalPlan): LogicalPlan {
  const columns = input.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  return {
    kind: 'project',
    input,
    expressions: [...columns, { kind: 'constant', value: true, type: boolType }],
    output: [...input.output, PRESENT],
  };
}

const mentions = new WeakMap<object, Mentions>();

function mentionsIn(statement: object): Mentions {
  let known = mentions.get(statement);
  if (known === undefined) {
    const alone = new Set<string>();
    const behind = new Map<string, Set<string>>();
    gather(statement, alone, behind);
    known = { alone, behind };
    mentions.set(statement, known);
  }
  return known;
}

function gather(part: unknown, alone: Set<string>, behind: Map<string, Set<string>>): void {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return;
  if ('kind' in part && 'qualifier' in part && Array.isArray(part.qualifier)) {
    const qualifier = String(part.qualifier.at(-1) ?? '').toLowerCase();
    const name = 'name' in part ? String(part.name).toLowerCase() : undefined;
    if (part.qualifier.length === 0) {
      if (name !== undefined) alone.add(name);
    } else if (name === undefined) {
      alone.add(qualifier);
    } else {
      behind.set(qualifier, (behind.get(qualifier) ?? new Set()).add(name));
    }
    return;
  }
  for (const child of Object.values(part)) if (!isStarTarget(part, child)) gather(child, alone, behind);
}

/** `t.*` in a select list stands for columns; anywhere else for the row. */
function isStarTarget(target: object, expression: unknown): boolean {
  return (
    'alias' in target &&
    'expression' in target &&
    target.expression === expression &&
    (expression as { readonly kind?: unknown }).kind === 'star'
  );
}
