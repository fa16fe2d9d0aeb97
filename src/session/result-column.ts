import type { SqlType } from '../types/type-definition.ts';

/** A column of a result, as the doors tell their clients. */
export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
  /** The table column that it shows unchanged; 0 when computed. */
  readonly tableOid: number;
  readonly columnNumber: number;
}
