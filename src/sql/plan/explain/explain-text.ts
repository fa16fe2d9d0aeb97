import { type ExplainNumbers, measured, type NodeNumbers, numbersOf } from './explain-document.ts';
import type { DescribedSubplan, PlanDescription, Property } from './plan-description.ts';

/** The text form, a line an element. */
export function explainText(description: PlanDescription, numbers: ExplainNumbers): string[] {
  const lines: string[] = [];
  writeNode(description, { lead: '', indent: '' }, numbers, lines);
  const { settings, planningMs, executionMs } = numbers;
  if (settings.length > 0) {
    lines.push(`Settings: ${settings.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`).join(', ')}`);
  }
  if (planningMs !== undefined) lines.push(`Planning Time: ${planningMs.toFixed(3)} ms`);
  if (executionMs !== undefined) lines.push(`Execution Time: ${executionMs.toFixed(3)} ms`);
  return lines;
}

/** `lead` stands before the headline, `indent` before everything below it. */
interface Place {
  readonly lead: string;
  readonly indent: string;
}

function writeNode(node: PlanDescription, { lead, indent }: Place, numbers: ExplainNumbers, lines: string[]): void {
  const own = numbersOf(node, numbers);
  lines.push(`${lead}${node.title}${estimateText(own)}${actualText(own, numbers)}`);
  const below = `${indent}  `;
  if (node.output.length > 0) lines.push(`${below}Output: ${node.output.join(', ')}`);
  for (const property of node.properties) {
    const line = lineOf(property);
    if (line !== '') lines.push(`${below}${line}`);
    if (property.name === 'Filter' && own.removedRows !== undefined && own.removedRows > 0) {
      lines.push(`${below}Rows Removed by Filter: ${perLoop(own.removedRows, own)}`);
    }
  }
  for (const property of measured(node, own, numbers)) {
    const line = lineOf(property);
    if (line !== '') lines.push(`${below}${line}`);
  }
  const writeSubplan = ({ heading, node: subplan }: DescribedSubplan): void => {
    lines.push(`${below}${heading}`);
    writeNode(subplan, { lead: `${below}  ->  `, indent: `${below}      ` }, numbers, lines);
  };
  node.subplans.filter(({ relationship }) => relationship === 'InitPlan').forEach(writeSubplan);
  for (const input of node.inputs) writeNode(input, { lead: `${below}->  `, indent: `${below}    ` }, numbers, lines);
  node.subplans.filter(({ relationship }) => relationship === 'SubPlan').forEach(writeSubplan);
}

function lineOf({ name, value, unit = '', line }: Property): string {
  return line ?? `${name}: ${typeof value === 'object' ? value.join(', ') : value}${unit}`;
}

function estimateText({ estimate }: NodeNumbers): string {
  if (estimate === undefined) return '';
  const { startupCost, totalCost, rows, width } = estimate;
  return `  (cost=${startupCost.toFixed(2)}..${totalCost.toFixed(2)} rows=${rows} width=${width})`;
}

function actualText({ actual }: NodeNumbers, { hasTiming }: ExplainNumbers): string {
  if (actual === undefined) return '';
  const { loops, rows, firstMs, elapsedMs } = actual;
  if (loops === 0) return ' (never executed)';
  const time = hasTiming ? `time=${(firstMs / loops).toFixed(3)}..${(elapsedMs / loops).toFixed(3)} ` : '';
  return ` (actual ${time}rows=${Math.round(rows / loops)} loops=${loops})`;
}

export function perLoop(count: number, { actual }: NodeNumbers): number {
  return Math.round(count / Math.max(actual?.loops ?? 1, 1));
}
