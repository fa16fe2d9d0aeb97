import type { StatementControl } from '../execution/statement-control.ts';
import type { Value } from '../types/value.ts';
import type { NoticeSink } from './notice.ts';
import type { SessionEnvironment } from './session-environment.ts';
import type { Settings } from './settings.ts';
import type { TransactionBlock } from './transaction-block.ts';

/** What one run of a statement works with: the parts of its session that commands act on, and its own parameters. */
export interface StatementScope {
  readonly environment: SessionEnvironment;
  readonly block: TransactionBlock;
  readonly settings: Settings;
  readonly notice: NoticeSink;
  readonly control: StatementControl;
  readonly parameters: readonly Value[];
  /** Forgets a prepared statement, or all; throws 26000. */
  readonly deallocate: (name: string | undefined) => void;
  /** Statements are planned anew from now on. */
  readonly forgetPlans: () => void;
}
