import { isSorted } from '../aggregate/aggregate-state.ts';
import type { FusedAggregate } from '../scan-aggregate/scan-aggregate.ts';
import { encodePlan, type PortablePlan } from './plan-codec.ts';

/** An aggregation over a scan as other threads are told of it. Made once a plan. */
export interface PlanForThreads {
  readonly number: number;
  readonly portable: PortablePlan;
}

const known = new WeakMap<FusedAggregate, PlanForThreads | null>();
let nextNumber = 1;

/** undefined for plans that mean nothing elsewhere. */
export function planForThreads(node: FusedAggregate): PlanForThreads | undefined {
  let plan = known.get(node);
  if (plan === undefined) {
    plan = numbered(node);
    known.set(node, plan);
  }
  return plan ?? undefined;
}

function numbered(node: FusedAggregate): PlanForThreads | null {
  // What is known of the table beside its columns does not matter to who reads it.
  const table = { ...node.input.table, indexes: [], constraints: [] };
  const portable = encodePlan({ ...node, input: { ...node.input, table } });
  return portable === undefined ? null : { number: nextNumber++, portable };
}

/** Whether parts of the rows can be aggregated by themselves and their states merged. */
export function isDivisible({ aggregates, groupingSets, fusedScan, input }: FusedAggregate): boolean {
  if (groupingSets !== undefined || fusedScan.first !== undefined || input.table.timeSeries === undefined) return false;
  if (input.take !== undefined || input.index !== undefined || input.among !== undefined) return false;
  if (input.isTarget === true || input.lockSlot !== undefined) return false;
  return aggregates.every((call) => {
    const { ignoresDuplicates, isCollecting, orderedSet } = call.function;
    if (call.isDistinct && ignoresDuplicates !== true) return false;
    return !isSorted(call) && orderedSet === undefined && isCollecting !== true;
  });
}

/** Which of several rows comes first decides about the result. */
export function dependsOnOrder({ aggregates }: FusedAggregate): boolean {
  return aggregates.some(({ function: { name } }) => ORDERED.has(name));
}

const ORDERED: ReadonlySet<string> = new Set(['first', 'last', 'min_by', 'max_by']);
