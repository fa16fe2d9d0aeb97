import { unreachable } from '../../errors/invariant.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { ScanNode } from '../plan/scan-node.ts';
import { splitConjuncts } from './conjuncts.ts';
import { estimateSize } from './estimate-size.ts';
import type { PlannerFacts } from './planner-facts.ts';

/** In units of a page read one after the other, as PostgreSQL reckons. EXPLAIN shows it, and `keyJoins` goes by it. */
export interface PlanCost {
  /** Until the first row. */
  readonly startup: number;
  readonly total: number;
}

/** PostgreSQL's defaults of the settings of these names. */
const SEQ_PAGE_COST = 1;
const CPU_TUPLE_COST = 0.01;
const CPU_INDEX_TUPLE_COST = 0.005;
const CPU_OPERATOR_COST = 0.0025;

const PAGE_BYTES = 8192;
/** Columns of a row are stored apart and packed: about what a row takes beside its values. */
const ROW_BYTES = 2;
/** Of values whose length is not limited. */
const TEXT_BYTES = 32;

/**
 * What a plan costs, of a few parts only: each row that a node takes or gives costs CPU_TUPLE_COST, each test or function
 * over it CPU_OPERATOR_COST, each page of a table that is read SEQ_PAGE_COST. Sorts compare n log2 n times; hash tables
 * hash each row once; a nested loop reads its right side, which is kept, once for each row of the left.
 */
export function estimateCost(plan: LogicalPlan, facts: PlannerFacts): PlanCost {
  const costOf = (input: LogicalPlan): PlanCost => estimateCost(input, facts);
  const rowsOf = (node: LogicalPlan): number => estimateSize(node, facts).rows;
  /** The input's rows, each looked at `operators` times, and given on. */
  const streamed = (input: LogicalPlan, operators: number): PlanCost => {
    const { startup, total } = costOf(input);
    return { startup, total: total + rowsOf(input) * operators * CPU_OPERATOR_COST };
  };
  /** All of the input first, each row looked at `operators` times, and then the rows of the node. */
  const gathered = (input: LogicalPlan, operators: number): PlanCost => {
    const startup = costOf(input).total + rowsOf(input) * operators * CPU_OPERATOR_COST;
    return { startup, total: startup + rowsOf(plan) * CPU_TUPLE_COST };
  };
  switch (plan.kind) {
    case 'scan':
      return costOfScan(plan, facts);
    case 'values':
      return { startup: 0, total: Math.max(plan.rows.length + (plan.moreRows?.rowCount ?? 0), 1) * CPU_TUPLE_COST };
    case 'table-function':
    case 'cte-scan':
    case 'working-table':
      return { startup: 0, total: rowsOf(plan) * CPU_TUPLE_COST };
    case 'gap-fill':
    case 'lock-rows': {
      const { startup, total } = costOf(plan.input);
      return { startup, total: total + rowsOf(plan) * CPU_TUPLE_COST };
    }
    case 'filter':
      return streamed(plan.input, splitConjuncts(plan.condition).length);
    case 'project':
      return streamed(
        plan.input,
        plan.expressions.filter(({ kind }) => kind !== 'column' && kind !== 'constant').length,
      );
    case 'window':
      return gathered(plan.input, plan.calls.length + plan.partitionBy.length);
    case 'project-set': {
      const { startup, total } = costOf(plan.input);
      return { startup, total: total + rowsOf(plan) * CPU_TUPLE_COST };
    }
    case 'aggregate':
      return gathered(plan.input, plan.keys.length + plan.aggregates.length);
    case 'distinct':
      return gathered(plan.input, plan.output.length);
    case 'distinct-on':
      return streamed(plan.input, plan.keys.length);
    case 'join': {
      const left = costOf(plan.left);
      const right = costOf(plan.right);
      const leftRows = rowsOf(plan.left);
      const rightRows = rowsOf(plan.right);
      const given = rowsOf(plan) * CPU_TUPLE_COST;
      if (plan.lookup !== undefined) {
        const lookup = leftRows * (CPU_INDEX_TUPLE_COST + CPU_TUPLE_COST);
        return { startup: left.startup, total: left.total + lookup + given };
      }
      if (plan.equalities.length > 0) {
        const hashed = plan.equalities.length * CPU_OPERATOR_COST;
        const built = right.total + rightRows * (hashed + CPU_TUPLE_COST);
        return { startup: left.startup + built, total: left.total + built + leftRows * hashed + given };
      }
      const pairs = leftRows * rightRows * CPU_OPERATOR_COST;
      return { startup: left.startup + right.startup, total: left.total + right.total + pairs + given };
    }
    case 'as-of-join': {
      const left = costOf(plan.left);
      const right = costOf(plan.right);
      const tests = (plan.equalities.length + 1) * CPU_OPERATOR_COST;
      const startup = left.startup + right.total + rowsOf(plan.right) * (tests + CPU_TUPLE_COST);
      const total = startup + left.total - left.startup + rowsOf(plan.left) * (tests + CPU_TUPLE_COST);
      return { startup, total };
    }
    case 'apply': {
      const left = costOf(plan.left);
      const right = costOf(plan.right);
      const total = left.total + rowsOf(plan.left) * right.total + rowsOf(plan) * CPU_TUPLE_COST;
      return { startup: left.startup + right.startup, total };
    }
    case 'sort':
      return sorted(plan.input, rowsOf(plan.input));
    case 'top-n':
      return sorted(plan.input, rowsOf(plan));
    case 'limit': {
      const { startup, total } = costOf(plan.input);
      const share = rowsOf(plan) / Math.max(rowsOf(plan.input), 1);
      return { startup, total: startup + (total - startup) * Math.min(share, 1) };
    }
    case 'append':
      return {
        startup: plan.inputs.length === 0 ? 0 : costOf(plan.inputs[0]).startup,
        total: plan.inputs.reduce((sum, input) => sum + costOf(input).total, 0),
      };
    case 'set-operation': {
      const right = costOf(plan.right);
      const tests = plan.output.length * CPU_OPERATOR_COST;
      const startup = right.total + rowsOf(plan.right) * tests;
      const total = startup + costOf(plan.left).total + rowsOf(plan.left) * (tests + CPU_TUPLE_COST);
      return { startup, total };
    }
    case 'with':
      return costOf(plan.input);
    case 'recursive-union': {
      const { startup, total } = costOf(plan.left);
      return { startup, total: total + 10 * costOf(plan.right).total };
    }
    default:
      return unreachable(plan);
  }

  /** `kept`: rows that are in order at any time. */
  function sorted(input: LogicalPlan, kept: number): PlanCost {
    const rows = rowsOf(input);
    const comparisons = 2 * rows * Math.max(Math.log2(Math.max(kept, 2)), 1);
    const startup = costOf(input).total + comparisons * CPU_OPERATOR_COST;
    return { startup, total: startup + kept * CPU_OPERATOR_COST };
  }
}

/** Bytes of a row, of values of no fixed length about as many as PostgreSQL assumes. */
export function widthOf(output: readonly OutputColumn[]): number {
  return output.reduce((sum, { type }) => sum + typeWidth(type), 0);
}

function typeWidth({ definition, typmod }: SqlType): number {
  if (definition.length > 0) return definition.length;
  const isLimited = definition.name === 'varchar' || definition.name === 'bpchar';
  if (!isLimited || typmod < 4) return TEXT_BYTES;
  const characters = typmod - 4;
  return characters <= TEXT_BYTES ? characters : TEXT_BYTES + Math.floor((characters - TEXT_BYTES) / 2);
}

function costOfScan(scan: ScanNode, facts: PlannerFacts): PlanCost {
  const { rows, base } = estimateSize(scan, facts);
  const tests = scan.filters.length + scan.tagFilters.length;
  if (scan.index !== undefined) {
    const startup = Math.max(Math.log2(Math.max(base, 2)), 1) * CPU_OPERATOR_COST;
    return { startup, total: startup + rows * (CPU_INDEX_TUPLE_COST + CPU_TUPLE_COST + tests * CPU_OPERATOR_COST) };
  }
  // Times and tags are looked up, not tested row by row: what they leave out is not read.
  const read = scan.timeBounds.length + scan.tagFilters.length > 0 ? rows : base;
  const pages = Math.ceil((read * (widthOf(scan.output) + ROW_BYTES)) / PAGE_BYTES);
  const total = pages * SEQ_PAGE_COST + read * (CPU_TUPLE_COST + scan.filters.length * CPU_OPERATOR_COST);
  return { startup: 0, total };
}
