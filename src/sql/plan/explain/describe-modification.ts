import type { TableDescriptor } from '../../../catalog/table-descriptor.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { bareNode, type DescribeOptions, tableFacts, tableText } from './describe-nodes.ts';
import { describePlan } from './describe-plan.ts';
import type { PlanDescription, Property } from './plan-description.ts';

const VERBS = { insert: 'Insert', update: 'Update', delete: 'Delete' } as const;

export interface DescribedModification {
  readonly kind: keyof typeof VERBS;
  readonly table: TableDescriptor;
  readonly alias?: string | undefined;
  readonly source: LogicalPlan;
  /** Of INSERT … ON CONFLICT. */
  readonly onConflict?: readonly Property[];
}

/** Likewise a statement that writes what its source gives. */
export function describeModification(
  { kind, table, alias, source, onConflict = [] }: DescribedModification,
  options: DescribeOptions,
): PlanDescription {
  const operation = VERBS[kind];
  return {
    ...bareNode('ModifyTable', `${operation} on ${tableText(table, alias, options)}`),
    facts: [{ name: 'Operation', value: operation }, ...tableFacts(table, alias, options)],
    properties: onConflict,
    inputs: [describePlan(source, options)],
    writes: source,
  };
}

/** A node with the tables of a WITH clause that belong to the statement as a whole. */
export function withTables(
  node: PlanDescription,
  tables: readonly { readonly name: string; readonly node: PlanDescription }[],
): PlanDescription {
  const own = tables.map((table) => ({
    heading: `CTE ${table.name}`,
    relationship: 'InitPlan' as const,
    node: table.node,
  }));
  return { ...node, subplans: [...own, ...node.subplans] };
}
