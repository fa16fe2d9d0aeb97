import { unreachable } from '../../../errors/invariant.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { explainJson, explainXml, explainYaml } from './explain-structured.ts';
import { explainText } from './explain-text.ts';
import type { Actual, Estimate, PlanDescription, Property } from './plan-description.ts';

export type ExplainFormat = 'text' | 'json' | 'yaml' | 'xml';

/** What EXPLAIN shows beside the plan itself; undefined: nothing of it. */
export interface ExplainNumbers {
  readonly estimate?: ((plan: LogicalPlan) => Estimate) | undefined;
  /** What was counted of a node; undefined for nodes that never ran. */
  readonly actual?: ((plan: LogicalPlan) => Actual | undefined) | undefined;
  /** Of what writes the rows of a plan. */
  readonly writing?:
    | ((source: LogicalPlan) => { readonly estimate: Estimate; readonly actual: Actual | undefined })
    | undefined;
  readonly hasTiming: boolean;
  readonly hasBuffers: boolean;
  /** Behind the plan. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly planningMs?: number | undefined;
  readonly executionMs?: number | undefined;
}

/** The rows of EXPLAIN's answer: its lines, or one text. */
export function explainDocument(
  description: PlanDescription,
  numbers: ExplainNumbers,
  format: ExplainFormat,
): readonly string[] {
  switch (format) {
    case 'text':
      return explainText(description, numbers);
    case 'json':
      return [explainJson(description, numbers)];
    case 'yaml':
      return [explainYaml(description, numbers)];
    case 'xml':
      return [explainXml(description, numbers)];
    default:
      return unreachable(format);
  }
}

/** What was counted of a described node, and what it is expected to do. */
export interface NodeNumbers {
  readonly estimate: Estimate | undefined;
  /** undefined: nothing was run. */
  readonly actual: Actual | undefined;
  /** Rows that its condition has left out; undefined: it has none, or nothing was run. */
  readonly removedRows: number | undefined;
}

const NEVER: Actual = { rows: 0, loops: 0, firstMs: 0, elapsedMs: 0, removedRows: 0, spilledBytes: 0 };

export function numbersOf(node: PlanDescription, { estimate, actual, writing }: ExplainNumbers): NodeNumbers {
  const { plan, filtered } = node;
  if (plan === undefined) {
    const own = node.writes === undefined ? undefined : writing?.(node.writes);
    return {
      estimate: estimate === undefined ? undefined : own?.estimate,
      actual: actual === undefined ? undefined : (own?.actual ?? NEVER),
      removedRows: undefined,
    };
  }
  const counted = actual === undefined ? undefined : (actual(plan) ?? NEVER);
  return { estimate: estimate?.(plan), actual: counted, removedRows: removedRows(node, counted, filtered, actual) };
}

function removedRows(
  { properties }: PlanDescription,
  counted: Actual | undefined,
  filtered: LogicalPlan | undefined,
  actual: ExplainNumbers['actual'],
): number | undefined {
  if (counted === undefined || !properties.some(({ name }) => name === 'Filter')) return undefined;
  const inner = filtered === undefined ? undefined : actual?.(filtered);
  const behind = inner === undefined ? 0 : inner.rows - counted.rows;
  return Math.max(behind, 0) + (inner ?? counted).removedRows;
}

/** What was measured of a node beside rows and time. */
export function measured(node: PlanDescription, { actual }: NodeNumbers, { hasBuffers }: ExplainNumbers): Property[] {
  if (actual === undefined || actual.loops === 0) return [];
  const properties: Property[] = [];
  const spilledKb = Math.ceil(actual.spilledBytes / 1024);
  const isSort = node.nodeType === 'Sort';
  if (isSort && !node.properties.some(({ name }) => name === 'Sort Method')) {
    const method = spilledKb > 0 ? 'external merge' : 'quicksort';
    const disk = spilledKb > 0 ? `  Disk: ${spilledKb}kB` : '';
    properties.push({ name: 'Sort Method', value: method, line: `Sort Method: ${method}${disk}` });
    if (spilledKb > 0) {
      properties.push({ name: 'Sort Space Used', value: spilledKb, line: '' });
      properties.push({ name: 'Sort Space Type', value: 'Disk', line: '' });
    }
  } else if (spilledKb > 0) properties.push({ name: 'Disk Usage', value: spilledKb, unit: 'kB' });
  if (actual.workersPlanned !== undefined) {
    properties.push({ name: 'Workers Planned', value: actual.workersPlanned });
    properties.push({ name: 'Workers Launched', value: actual.workersLaunched ?? 0 });
  }
  const { scan } = actual;
  if (scan === undefined) return properties;
  const tags = scan.tagTests === undefined ? '' : `, ${scan.tagTests} tag values tested`;
  properties.push({
    name: 'Series Scanned',
    value: scan.seriesScanned,
    line:
      `Scan: ${scan.seriesScanned} series, ${scan.unitsRead} units read, ${scan.unitsSkipped} skipped, ` +
      `${scan.soleRows} sole rows, ${scan.mergedRows} merged rows${tags}`,
  });
  properties.push({ name: 'Units Read', value: scan.unitsRead, line: '' });
  properties.push({ name: 'Units Skipped', value: scan.unitsSkipped, line: '' });
  if (hasBuffers) {
    const line = scan.unitsRead > 0 ? `Buffers: shared read=${scan.unitsRead}` : '';
    properties.push({ name: 'Shared Hit Blocks', value: 0, line });
    properties.push({ name: 'Shared Read Blocks', value: scan.unitsRead, line: '' });
  }
  return properties;
}
