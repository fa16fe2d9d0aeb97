import type { Located, RelationName } from './located.ts';

export interface VacuumStatement extends Located {
  readonly kind: 'vacuum';
  readonly isFull: boolean;
  readonly isVerbose: boolean;
  /** None: every table. */
  readonly relations: readonly RelationName[];
  /** VACUUM (ANALYZE): what is analysed behind it. */
  readonly analyze?: AnalyzeStatement | undefined;
}

export interface AnalyzeStatement extends Located {
  readonly kind: 'analyze';
  readonly isVerbose: boolean;
  /** None: every table. */
  readonly relations: readonly AnalyzedRelation[];
}

/** `table (columns)`; without columns all of them. */
export interface AnalyzedRelation {
  readonly relation: RelationName;
  readonly columns: readonly string[];
}
