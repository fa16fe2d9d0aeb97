import type { TableDescriptor } from '../../../catalog/table-descriptor.ts';
import { quoteIdentifier } from '../expression-text.ts';
import type { JoinLookup } from '../join-nodes.ts';
import type { PlanDescription, Property } from './plan-description.ts';

export interface DescribeOptions {
  /** Columns with their tables, tables with their schemas, and what each node gives. */
  readonly isVerbose: boolean;
}

/** A node of the text form without anything more to say of it. */
export function bareNode(nodeType: string, title = nodeType): PlanDescription {
  return {
    title,
    nodeType,
    facts: [],
    properties: [],
    subplans: [],
    inputs: [],
    plan: undefined,
    output: [],
  };
}

export function tableText(
  { name, schemaName }: TableDescriptor,
  alias: string | undefined,
  { isVerbose }: DescribeOptions,
): string {
  const table = isVerbose ? `${quoteIdentifier(schemaName)}.${quoteIdentifier(name)}` : quoteIdentifier(name);
  return alias === undefined || alias === name ? table : `${table} ${quoteIdentifier(alias)}`;
}

export function tableFacts(
  { name, schemaName }: TableDescriptor,
  alias: string | undefined,
  { isVerbose }: DescribeOptions,
): Property[] {
  return [
    { name: 'Relation Name', value: name },
    ...(isVerbose ? [{ name: 'Schema', value: schemaName }] : []),
    { name: 'Alias', value: alias ?? name },
  ];
}

export const hashedFacts: readonly Property[] = [
  { name: 'Strategy', value: 'Hashed' },
  { name: 'Partial Mode', value: 'Simple' },
];
export const plainFacts: readonly Property[] = [
  { name: 'Strategy', value: 'Plain' },
  { name: 'Partial Mode', value: 'Simple' },
];
export const mixedFacts: readonly Property[] = [
  { name: 'Strategy', value: 'Mixed' },
  { name: 'Partial Mode', value: 'Simple' },
];

export function storedRows(nodeType: string, name: string): PlanDescription {
  return {
    ...bareNode(nodeType, `${nodeType} on ${quoteIdentifier(name)}`),
    facts: [
      { name: 'CTE Name', value: name },
      { name: 'Alias', value: name },
    ],
  };
}

export function indexScan(indexName: string, table: string, facts: readonly Property[]): PlanDescription {
  return {
    ...bareNode('Index Scan', `Index Scan using ${quoteIdentifier(indexName)} on ${table}`),
    facts: [{ name: 'Scan Direction', value: 'Forward' }, { name: 'Index Name', value: indexName }, ...facts],
  };
}

/** The scan of a table whose rows a join looks up, the key first. */
export function lookupOf(
  scan: PlanDescription,
  { index, equality }: JoinLookup,
  tests: readonly string[],
  table: string,
): PlanDescription {
  const conditions = [tests[equality], ...tests.filter((_, at) => at !== equality)];
  const { title, nodeType, facts } = indexScan(index.name, table, scan.facts);
  const properties = [{ name: 'Index Cond', value: joined(conditions) }, ...scan.properties];
  return { ...scan, title, nodeType, facts, properties };
}

/** One condition stands alone, several are joined by AND. */
export function joined(conditions: readonly string[]): string {
  return conditions.length === 1 ? conditions[0] : `(${conditions.join(' AND ')})`;
}
