import type { LogicalPlan } from '../logical-plan.ts';

/** A value of a property: one text, several side by side, or a number with its unit in the text form. */
export type PropertyValue = string | number | boolean | readonly string[];

/** A line below a node's headline, `name: value`. */
export interface Property {
  readonly name: string;
  readonly value: PropertyValue;
  /** Behind a number, in the text form alone: `kB`. */
  readonly unit?: string;
  /** How the text form has it where that is another: the whole line; empty for none. */
  readonly line?: string;
}

/** What a node computes beside its inputs: `InitPlan 1 (returns $0)`, `CTE x`, `SubPlan 2`. */
export interface DescribedSubplan {
  readonly heading: string;
  readonly relationship: 'InitPlan' | 'SubPlan';
  readonly node: PlanDescription;
}

/** How an input is called by PostgreSQL. */
export type InputRelationship = 'Outer' | 'Inner' | 'Member' | 'Subquery';

export interface Estimate {
  readonly startupCost: number;
  readonly totalCost: number;
  readonly rows: number;
  /** Bytes of a row. */
  readonly width: number;
}

/** What was counted of a node over all its runs. */
export interface Actual {
  readonly rows: number;
  /** How often it ran; 0: never. */
  readonly loops: number;
  /** Until the first row was there, and until the end, summed up over the runs. */
  readonly firstMs: number;
  readonly elapsedMs: number;
  readonly removedRows: number;
  readonly spilledBytes: number;
  /** Threads that could help, and how many of them did; absent: nobody was asked. */
  readonly workersPlanned?: number;
  readonly workersLaunched?: number;
  readonly scan?:
    | {
        readonly seriesScanned: number;
        readonly unitsRead: number;
        readonly unitsSkipped: number;
        readonly soleRows: number;
        readonly mergedRows: number;
        readonly tagTests?: number;
      }
    | undefined;
}

/** A node as EXPLAIN shows it, whatever the format: several nodes of our plans may be one of PostgreSQL's. */
export interface PlanDescription {
  /** The headline of the text form. */
  readonly title: string;
  /** "Node Type" of the other forms, and what belongs to it there. */
  readonly nodeType: string;
  readonly facts: readonly Property[];
  readonly properties: readonly Property[];
  readonly subplans: readonly DescribedSubplan[];
  readonly inputs: readonly PlanDescription[];
  /** Of the inputs: Outer and Inner where it is not said. */
  readonly relationship?: InputRelationship;
  /** The node whose rows are the rows of this one; undefined for what writes. */
  readonly plan: LogicalPlan | undefined;
  /** Where rows that are written come from. */
  readonly writes?: LogicalPlan;
  /** The node whose rows a condition has left out some of, where that is not `plan` itself. */
  readonly filtered?: LogicalPlan;
  /** The columns, as text. */
  readonly output: readonly string[];
}
