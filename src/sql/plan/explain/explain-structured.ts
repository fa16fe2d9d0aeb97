import { type ExplainNumbers, measured, numbersOf } from './explain-document.ts';
import { perLoop } from './explain-text.ts';
import type { PlanDescription, Property } from './plan-description.ts';

/** A value of a structured form; numbers are written as they are given. */
type Item = string | number | boolean | Digits | Group | readonly Item[];

/** A number with as many digits as it is to have. */
interface Digits {
  readonly digits: string;
}

/** Names and values, in their order. */
interface Group {
  readonly entries: readonly (readonly [name: string, value: Item])[];
}

export function explainJson(description: PlanDescription, numbers: ExplainNumbers): string {
  return `[\n  ${jsonItem(statementOf(description, numbers), '  ')}\n]`;
}

export function explainYaml(description: PlanDescription, numbers: ExplainNumbers): string {
  return `- ${yamlGroup(statementOf(description, numbers), '  ')}`;
}

export function explainXml(description: PlanDescription, numbers: ExplainNumbers): string {
  const query = xmlGroup(statementOf(description, numbers), '    ');
  return `<explain xmlns="http://www.postgresql.org/2009/explain">\n  <Query>\n${query}  </Query>\n</explain>`;
}

function statementOf(description: PlanDescription, numbers: ExplainNumbers): Group {
  const { settings, planningMs, executionMs, actual } = numbers;
  const entries: [string, Item][] = [['Plan', nodeOf(description, numbers, undefined)]];
  if (settings.length > 0) entries.push(['Settings', { entries: settings }]);
  if (planningMs !== undefined) entries.push(['Planning Time', digits(planningMs, 3)]);
  if (actual !== undefined) entries.push(['Triggers', []]);
  if (executionMs !== undefined) entries.push(['Execution Time', digits(executionMs, 3)]);
  return { entries };
}

/** `parent`: how the node is called by the one above it. */
function nodeOf(
  node: PlanDescription,
  numbers: ExplainNumbers,
  parent: { readonly relationship: string; readonly subplan?: string } | undefined,
): Group {
  const own = numbersOf(node, numbers);
  const { estimate, actual, removedRows } = own;
  const isBefore = ({ name }: Property): boolean => BEFORE_PARENT.has(name);
  const entries: [string, Item][] = [['Node Type', node.nodeType]];
  const add = (property: Property): void => {
    entries.push([property.name, itemOf(property)]);
  };
  node.facts.filter(isBefore).forEach(add);
  if (parent !== undefined) entries.push(['Parent Relationship', parent.relationship]);
  if (parent?.subplan !== undefined) entries.push(['Subplan Name', parent.subplan]);
  entries.push(['Parallel Aware', false], ['Async Capable', false]);
  node.facts.filter((fact) => !isBefore(fact)).forEach(add);
  if (estimate !== undefined) {
    entries.push(
      ['Startup Cost', digits(estimate.startupCost, 2)],
      ['Total Cost', digits(estimate.totalCost, 2)],
      ['Plan Rows', estimate.rows],
      ['Plan Width', estimate.width],
    );
  }
  if (actual !== undefined) {
    const { loops, firstMs, elapsedMs, rows } = actual;
    const runs = Math.max(loops, 1);
    if (numbers.hasTiming) {
      entries.push(
        ['Actual Startup Time', digits(firstMs / runs, 3)],
        ['Actual Total Time', digits(elapsedMs / runs, 3)],
      );
    }
    entries.push(['Actual Rows', Math.round(rows / runs)], ['Actual Loops', loops]);
  }
  if (node.output.length > 0) entries.push(['Output', node.output]);
  const sets = node.properties.filter(isGroupingSet);
  if (sets.length > 1) entries.push(['Grouping Sets', sets.map(groupingSet)]);
  for (const property of node.properties) {
    if (sets.length > 1 && isGroupingSet(property)) continue;
    add(property);
    if (property.name === 'Filter' && removedRows !== undefined) {
      entries.push(['Rows Removed by Filter', perLoop(removedRows, own)]);
    }
  }
  measured(node, own, numbers).forEach(add);
  const plans = [
    ...node.subplans
      .filter(({ relationship }) => relationship === 'InitPlan')
      .map(({ heading, node: subplan }) => nodeOf(subplan, numbers, { relationship: 'InitPlan', subplan: heading })),
    ...node.inputs.map((input, at) =>
      nodeOf(input, numbers, { relationship: node.relationship ?? (at === 0 ? 'Outer' : 'Inner') }),
    ),
    ...node.subplans
      .filter(({ relationship }) => relationship === 'SubPlan')
      .map(({ heading, node: subplan }) => nodeOf(subplan, numbers, { relationship: 'SubPlan', subplan: heading })),
  ];
  if (plans.length > 0) entries.push(['Plans', plans]);
  return { entries };
}

/** Facts that PostgreSQL names before what the node is to its parent. */
const BEFORE_PARENT: ReadonlySet<string> = new Set(['Strategy', 'Partial Mode', 'Operation']);

function isGroupingSet({ name }: Property): boolean {
  return name === 'Hash Key' || name === 'Group Key';
}

function groupingSet({ name, value }: Property): Group {
  return { entries: [[`${name}s`, [typeof value === 'object' ? value : []]]] };
}

function itemOf({ value }: Property): Item {
  return value;
}

function digits(value: number, places: number): Digits {
  return { digits: value.toFixed(places) };
}

function isList(item: Item): item is readonly Item[] {
  return Array.isArray(item);
}

function isGroup(item: Item): item is Group {
  return typeof item === 'object' && 'entries' in item;
}

function isDigits(item: Item): item is Digits {
  return typeof item === 'object' && 'digits' in item;
}

function jsonItem(item: Item, indent: string): string {
  if (isList(item)) {
    if (item.length === 0) return `[\n${indent}]`;
    if (!item.some(isGroup)) return `[${item.map((part) => jsonItem(part, indent)).join(', ')}]`;
    const parts = item.map((part) => `${indent}  ${jsonItem(part, `${indent}  `)}`);
    return `[\n${parts.join(',\n')}\n${indent}]`;
  }
  if (isGroup(item)) {
    const lines = item.entries.map(
      ([name, value]) => `${indent}  ${JSON.stringify(name)}: ${jsonItem(value, `${indent}  `)}`,
    );
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  return isDigits(item) ? item.digits : JSON.stringify(item);
}

/** The entries one below the other; the first stands where the caller is. */
function yamlGroup({ entries }: Group, indent: string): string {
  return entries
    .map(([name, value], at) => `${at === 0 ? '' : `\n${indent}`}${name}: ${yamlItem(value, `${indent}  `)}`)
    .join('');
}

function yamlItem(item: Item, indent: string): string {
  if (isList(item)) {
    const part = (value: Item): string => (isGroup(value) ? yamlGroup(value, `${indent}  `) : yamlItem(value, indent));
    return item.map((value) => `\n${indent}- ${part(value)}`).join('');
  }
  if (isGroup(item)) return `\n${indent}${yamlGroup(item, indent)}`;
  if (isDigits(item)) return item.digits;
  return typeof item === 'string' ? JSON.stringify(item) : String(item);
}

function xmlGroup({ entries }: Group, indent: string): string {
  return entries.map(([name, value]) => xmlItem(name, value, indent)).join('');
}

function xmlItem(name: string, item: Item, indent: string): string {
  const tag = name.replaceAll(/[^a-zA-Z0-9_.]/g, '-');
  if (isList(item)) {
    const part = name === 'Plans' ? 'Plan' : 'Item';
    const inner = item.map((value) => xmlItem(part, value, `${indent}  `)).join('');
    return `${indent}<${tag}>\n${inner}${indent}</${tag}>\n`;
  }
  if (isGroup(item)) return `${indent}<${tag}>\n${xmlGroup(item, `${indent}  `)}${indent}</${tag}>\n`;
  const text = isDigits(item) ? item.digits : String(item);
  return `${indent}<${tag}>${escapeXml(text)}</${tag}>\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
