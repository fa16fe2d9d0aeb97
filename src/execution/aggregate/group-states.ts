import type { Column } from '../../columnar/column.ts';

/** Groups of some of the rows: their keys, and for each aggregate the columns of its partial states. */
export interface GroupStates {
  readonly rowCount: number;
  readonly keys: readonly Column[];
  readonly states: readonly (readonly Column[])[];
}
