import type { StatementControl } from '../execution/statement-control.ts';
import type { CopyFolder } from '../platform/copy-folder.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import type { CopyDoor } from './copy-door.ts';
import type { NoticeSink } from './notice.ts';
import type { Portals } from './portals.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import type { SessionEnvironment } from './session-environment.ts';
import type { Settings } from './settings.ts';
import type { TransactionBlock } from './transaction-block.ts';

/** The prepared statements of the session, by name. */
export interface PreparedStatements {
  /** Throws 42P05, and what binding throws. */
  add(name: string, statement: Statement, declaredTypes: readonly (TypeDefinition | undefined)[]): void;
  /** Throws 26000. */
  get(name: string): PreparedStatement;
  /** Forgets one, or all; throws 26000. */
  remove(name: string | undefined): void;
}

/** What one run of a statement works with: the parts of its session that commands act on, and its own parameters. */
export interface StatementScope {
  readonly environment: SessionEnvironment;
  readonly block: TransactionBlock;
  readonly settings: Settings;
  readonly notice: NoticeSink;
  readonly control: StatementControl;
  readonly parameters: readonly Value[];
  readonly prepared: PreparedStatements;
  readonly portals: Portals;
  /** Of the statement. */
  readonly text: string;
  /** The client's side of COPY; undefined: it has none. */
  readonly copyDoor: CopyDoor | undefined;
  /** Where COPY may use files; undefined: nowhere. */
  readonly copyFolder: CopyFolder | undefined;
  /** Statements are planned anew from now on. */
  readonly forgetPlans: () => void;
}
