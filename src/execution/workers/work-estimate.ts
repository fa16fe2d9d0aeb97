import { columnsUsed } from '../../sql/expression/walk-expression.ts';
import type { BucketKey } from '../scan-aggregate/run-groups.ts';
import type { FusedAggregate } from '../scan-aggregate/scan-aggregate.ts';
import type { WorkEstimate } from './morsel-queue.ts';

/** Nanoseconds a row, about: reading a plain column, computing an expression, finding the group of a row. */
const COLUMN_NANOS = 3;
const EXPRESSION_NANOS = 10;
const KEY_NANOS = 4;
/** Of the work on rows with groups of their own, what is worth sharing. */
const GROUPED_BY_FIELDS = 0.2;

/**
 * What the rows of a scan take to aggregate. Where whole units lie in one group, their statistics are enough: then it is only
 * those that the ends of buckets cut whose rows are read.
 */
export function workEstimate(node: FusedAggregate, bucket: BucketKey | undefined): WorkEstimate {
  const { aggregates, fusedScan, input } = node;
  let nanosPerRow = 0;
  const fieldKeyCount = fusedScan.fieldKeys?.length ?? 0;
  let readsRows = fieldKeyCount > 0 || input.filters.length > 0;
  for (const filter of input.filters) nanosPerRow += isPlainCondition(filter) ? COLUMN_NANOS : EXPRESSION_NANOS;
  for (const { arguments: inputs, filter } of aggregates) {
    const isPlain = filter === undefined && inputs.length <= 1 && inputs.every(({ kind }) => kind === 'column');
    if (isPlain) nanosPerRow += inputs.length * COLUMN_NANOS;
    else {
      nanosPerRow += EXPRESSION_NANOS;
      readsRows = true;
    }
  }
  nanosPerRow += (fieldKeyCount + (bucket === undefined ? 0 : 1)) * KEY_NANOS;
  // Parts may have as many groups as rows then, and what a thread wins is lost as they are handed over and merged.
  if (fieldKeyCount > 0) nanosPerRow *= GROUPED_BY_FIELDS;
  const width = bucket === undefined ? Number.POSITIVE_INFINITY : widthOf(bucket);
  return ({ rowCount, unitMicros }) => {
    const cutShare = readsRows ? 1 : Math.min(unitMicros / width, 1);
    return rowCount * nanosPerRow * cutShare;
  };
}

function isPlainCondition(filter: FusedAggregate['input']['filters'][number]): boolean {
  return filter.kind === 'call' && columnsUsed(filter).length === 1 && filter.arguments.every(isOperand);
}

function isOperand({ kind }: { readonly kind: string }): boolean {
  return kind === 'column' || kind === 'constant' || kind === 'parameter' || kind === 'relabel';
}

/** In µs, of some bucket. */
function widthOf({ rule }: BucketKey): number {
  return rule.endOf(rule.startOf(0)) - rule.startOf(0);
}
