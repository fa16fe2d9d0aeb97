import { KeyViolation } from '../catalog/key-violation.ts';
import { temporarySchemaName } from '../catalog/temporary-schemas.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { type CancelReason, StatementControl } from '../execution/statement-control.ts';
import type { Clock } from '../platform/clock.ts';
import type { CopyFolder } from '../platform/copy-folder.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import type { ParsedStatement } from '../sql/syntax/parse-sql.ts';
import type { StatementCache } from '../sql/syntax/statement-cache.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import { typeByOid } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { ActivityRecord } from './activity-record.ts';
import { AutomaticPlans } from './automatic-plans.ts';
import type { ConstraintScope } from './constraints/constraint-scope.ts';
import type { DeferredConstraints } from './constraints/deferred-constraints.ts';
import type { CopyDoor } from './copy-door.ts';
import type { Cursor } from './cursors/cursor.ts';
import type { Log } from './log.ts';
import { loginDefaults } from './login/login-defaults.ts';
import { NamedStatements } from './named-statements.ts';
import { isWanted, type Notice, type NoticeSink, warning } from './notice.ts';
import { PlanCache } from './plan-cache.ts';
import type { PlannedStatement } from './plan-statement.ts';
import { Portal } from './portal.ts';
import { PortalRunner } from './portal-runner.ts';
import { Portals } from './portals.ts';
import { PreparedStatement } from './prepared-statement.ts';
import { runStatement } from './run-statement.ts';
import { SessionAdvisoryLocks } from './session-advisory-locks.ts';
import { SessionEnvironment } from './session-environment.ts';
import { SessionNotifications } from './session-notifications.ts';
import type { Completion, ExecuteOptions, OwnActivity, SessionOptions } from './session-options.ts';
import { SessionRoles } from './session-roles.ts';
import { SessionSignals } from './session-signals.ts';
import { Settings } from './settings.ts';
import type { PreparedStatements } from './statement-scope.ts';
import { endsFailure } from './statement-traits.ts';
import { TemporaryObjects } from './temporary-objects.ts';
import { blockHasFailed, TransactionBlock, type TransactionStatus } from './transaction-block.ts';

/** Format codes of a BINARY cursor's columns. */
const BINARY: readonly number[] = [1];

/**
 * One client's conversation, whatever the door: its settings, transaction, prepared statements and portals, and the leash
 * of the statement that runs. Statements run one at a time; only `cancel` may be called meanwhile. After an error the
 * door calls `fail`.
 */
export class Session {
  readonly processId: number;
  readonly databaseName: string;
  /** Who has logged in, and as whom the session acts. */
  readonly roles: SessionRoles;
  readonly settings: Settings;
  readonly #block: TransactionBlock;
  readonly #advisoryLocks: SessionAdvisoryLocks;
  readonly #environment: SessionEnvironment;
  readonly #log: Log;
  readonly #cache: StatementCache;
  readonly #plans = new PlanCache();
  readonly #automatic = new AutomaticPlans();
  readonly #statements = new NamedStatements();
  readonly #portals = new Portals();
  /** LISTEN and NOTIFY. */
  readonly notifications: SessionNotifications;
  /** Names of portals that were there when the block failed: until it ends PostgreSQL knows them. */
  #lostPortals: ReadonlySet<string> = new Set();
  readonly #prepared: PreparedStatements = {
    add: (name, statement, declaredTypes) => this.#addStatement(name, statement, declaredTypes),
    get: (name) => this.#statements.get(name),
    remove: (name) => this.#statements.deallocate(name),
  };
  readonly #runner: PortalRunner;
  readonly #clock: Clock;
  readonly #activity: ActivityRecord;
  #noticeSink: NoticeSink = () => {};
  #copyDoor: CopyDoor | undefined;
  readonly #copyFolder: CopyFolder | undefined;
  #end: () => void = () => {};

  constructor(options: SessionOptions) {
    this.processId = options.processId;
    this.databaseName = options.databaseName;
    this.#clock = options.clock;
    this.#activity = new ActivityRecord(options.clock);
    this.#log = options.log;
    this.#cache = options.statementCache;
    this.#copyFolder = options.copyFolder;
    const notice = (notice: Notice) => this.#give(notice);
    this.notifications = new SessionNotifications(options.notifications, options.processId);
    this.#advisoryLocks = new SessionAdvisoryLocks({
      locks: options.database.advisoryLocks,
      databaseOid: options.database.oid,
      processId: options.processId,
      transaction: () => this.#block.begun,
      lockTimeoutMs: () => this.settings.lockTimeoutMs,
      notice,
    });
    this.#block = new TransactionBlock(
      options.database,
      () => this.settings,
      notice,
      this.#portals,
      (constraints) => this.#checkConstraints(constraints),
      new TemporaryObjects(options.database, temporarySchemaName(options.processId)),
      this.#advisoryLocks,
      this.notifications,
    );
    const shared = () => this.#block.begun?.shared() ?? options.shared();
    let settings: Settings | undefined;
    this.roles = new SessionRoles({
      login: options.role,
      databaseOid: options.database.oid,
      shared,
      catalog: () => this.#block.current().catalog(),
      setting: (name) => settings?.canonical(name),
    });
    this.settings = new Settings(
      {
        serverVersion: options.server.serverVersion,
        serverVersionNumber: options.server.serverVersionNumber,
        roles: this.roles,
      },
      this.#block,
    );
    settings = this.settings;
    this.#runner = new PortalRunner({
      processId: options.processId,
      databaseOid: options.database.oid,
      databaseName: options.databaseName,
      roles: this.roles,
      settings: this.settings,
      block: this.#block,
      timers: options.timers,
      log: options.log,
      statistics: options.statistics,
      wakeDoor: () => this.#copyDoor?.wake(),
      inOwnWords: (error) => this.#inOwnWords(error),
    });
    this.#environment = new SessionEnvironment({
      ...options,
      roles: this.roles,
      shared,
      settings: this.settings,
      block: this.#block,
      prepared: (name) => this.preparedStatement(name),
      cursors: () => this.#portals.cursorFacts(),
      preparedStatements: () => this.#statements.facts(),
      cursorColumns: (name) => this.#portals.find(name)?.columns,
      notifications: this.notifications,
      advisoryLocks: this.#advisoryLocks,
      signals: new SessionSignals(options.peers, this.roles, notice),
    });
  }

  get transactionStatus(): TransactionStatus {
    return this.#block.status;
  }

  /** What the text forms of values depend on, for the running transaction; begins one when there is none. */
  get typeContext(): TypeContext {
    return this.#environment.typeContext;
  }

  /** Built in, or created. */
  typeByOid(oid: number): TypeDefinition | undefined {
    return typeByOid(oid) ?? this.#environment.catalog.userTypeByOid(oid);
  }

  get databaseOid(): number {
    return this.#block.database.oid;
  }

  /** What the session waits for locks as, and has them. */
  get transaction(): object | undefined {
    return this.#block.begun;
  }

  waitsAs(owner: object): boolean {
    return owner === this.#block.begun || this.#advisoryLocks.isOwner(owner);
  }

  /** What it does, as pg_stat_activity shows it. */
  get activity(): OwnActivity {
    const { session } = this.roles;
    const transaction = this.#block.begun;
    return {
      processId: this.processId,
      databaseOid: this.databaseOid,
      databaseName: this.databaseName,
      roleOid: session.oid,
      roleName: session.name,
      applicationName: this.settings.get('application_name') ?? '',
      transactionStart: transaction?.startMicros,
      ...this.#activity.facts(this.transactionStatus),
    };
  }

  /** The client has its answer, and it is its turn. */
  noteReady(): void {
    this.#activity.end();
  }

  get isRunning(): boolean {
    return this.#runner.running !== undefined;
  }

  /**
   * What ALTER ROLE and ALTER DATABASE … SET have said of the session, then what the startup packet says; RESET goes back
   * to them. Throws as SET does for the latter; the former are told of in warnings.
   */
  applyStartupSettings(settings: Iterable<readonly [name: string, value: string]>): void {
    const shared = this.roles.shared;
    const levels = loginDefaults(shared, this.databaseOid, this.roles.login.oid);
    this.settings.begin(levels, ({ code, message, fields }) => this.#give(warning(code, message, fields)));
    for (const [name, value] of settings) this.settings.setAtStartup(name, value);
    this.settings.endTransaction('commit');
  }

  /** Where notices go from now on. */
  onNotice(sink: NoticeSink): void {
    this.#noticeSink = sink;
  }

  /** The client's side of COPY from now on. */
  useCopyDoor(door: CopyDoor): void {
    this.#copyDoor = door;
  }

  /** A message arrived that may run a statement. */
  noteMessage(): void {
    this.#environment.noteMessage();
    this.#block.noteMessage({ isScript: false });
  }

  /** The message holds several statements. */
  noteScript(): void {
    this.#block.noteMessage({ isScript: true });
  }

  /** The statements of a text; throws 42601 and its like, and then none of them has run. */
  parse(text: string): readonly ParsedStatement[] | Promise<readonly ParsedStatement[]> {
    this.#activity.begin(text);
    return this.#cache.parse(text);
  }

  /**
   * Makes the one statement of a simple query ready to run where an earlier one has differed in nothing but literals;
   * undefined: it is to be parsed, and opened then.
   */
  openKnown(text: string): Portal | undefined {
    if (this.transactionStatus === 'failed' || this.#cache.has(text)) return undefined;
    this.#activity.begin(text);
    const known = this.#automatic.find(text, this.#environment, this.settings);
    if (known === undefined) return undefined;
    const { planned, values, relocate } = known;
    const statement = new PreparedStatement('', known.statement, planned, known.text, known.normalizedText);
    try {
      return this.#openPortal('', statement, planned, values, [], relocate);
    } catch (error) {
      // Nothing has been done yet: whoever plans it anew meets the same, and knows where.
      if (error instanceof SqlError) return undefined;
      throw error;
    }
  }

  /**
   * Plans one statement of a simple query, which takes no parameters, and makes it ready to run. `script`: the text, where
   * it holds no other statement.
   */
  open(parsed: ParsedStatement, script?: string): Portal {
    const { statement, text } = parsed;
    this.#requireStatementAllowed(statement);
    const planned = this.#plans.plan(statement, undefined, this.#environment, this.settings);
    const portal = this.#openPortal(
      '',
      new PreparedStatement('', statement, planned, text),
      planned,
      [],
      this.#cursorOf(planned)?.isBinary === true ? BINARY : [],
    );
    if (script !== undefined) this.#automatic.learn(script, parsed, planned, this.#environment, this.settings);
    return portal;
  }

  /**
   * Prepares a text of at most one statement under a name; the empty name is overwritten each time. `declaredTypes`:
   * of `$1`, `$2` …, undefined where they are to be inferred. Throws 42601, 42P05 and what binding throws.
   */
  prepare(
    name: string,
    text: string,
    declaredTypes: readonly (TypeDefinition | undefined)[],
  ): PreparedStatement | Promise<PreparedStatement> {
    // As in PostgreSQL the unnamed statement goes before its successor is looked at.
    if (name === '') this.#statements.close('');
    const known = name === '' && declaredTypes.length === 0 ? this.#prepareKnown(text) : undefined;
    if (known !== undefined) return known;
    const parsed = this.parse(text);
    if (!(parsed instanceof Promise)) return this.#prepareParsed(name, text, parsed, declaredTypes);
    return parsed.then((later) => this.#prepareParsed(name, text, later, declaredTypes));
  }

  #prepareParsed(
    name: string,
    text: string,
    [first, second]: readonly ParsedStatement[],
    declaredTypes: readonly (TypeDefinition | undefined)[],
  ): PreparedStatement {
    if (second !== undefined) {
      throw new SqlError(SqlState.SyntaxError, 'cannot insert multiple commands into a prepared statement');
    }
    const prepared = this.#addStatement(name, first?.statement, declaredTypes, text);
    if (name === '' && declaredTypes.length === 0 && first !== undefined && prepared.planned !== undefined) {
      this.#automatic.learn(text, first, prepared.planned, this.#environment, this.settings);
    }
    return prepared;
  }

  /** The unnamed statement, where an earlier one has differed in nothing but literals. */
  #prepareKnown(text: string): PreparedStatement | undefined {
    if (this.transactionStatus === 'failed' || this.#cache.has(text)) return undefined;
    this.#activity.begin(text);
    const known = this.#automatic.find(text, this.#environment, this.settings);
    if (known === undefined) return undefined;
    const { statement, planned, normalizedScript } = known;
    const prepared = new PreparedStatement('', statement, planned, text, normalizedScript, known);
    this.#statements.add(prepared);
    return prepared;
  }

  #addStatement(
    name: string,
    statement: Statement | undefined,
    declaredTypes: readonly (TypeDefinition | undefined)[],
    text?: string,
  ): PreparedStatement {
    this.#statements.requireRoom(name);
    const prepared = this.#plan(name, statement, declaredTypes, text ?? '');
    prepared.origin = {
      text: text ?? this.#activity.query,
      isSql: text === undefined,
      micros: this.#clock.nowMicros(),
    };
    this.#statements.add(prepared);
    return prepared;
  }

  /** Throws 26000. */
  preparedStatement(name: string): PreparedStatement {
    return this.#statements.get(name);
  }

  /** No error when there is none of that name. */
  closeStatement(name: string): void {
    this.#statements.close(name);
  }

  /**
   * Makes a portal of a prepared statement. `values` are of its parameter types, one each. An unnamed portal is
   * replaced; throws 42P03 for a name in use. `resultFormats` are the door's own, kept with the portal.
   */
  bind(
    portalName: string,
    statement: PreparedStatement,
    values: readonly Value[],
    resultFormats: readonly number[] = [],
  ): Portal | Promise<Portal> {
    const closing = portalName === '' ? this.closePortal('') : this.#portals.requireFree(portalName);
    if (closing === undefined) return this.#bind(portalName, statement, values, resultFormats);
    return closing.then(() => this.#bind(portalName, statement, values, resultFormats));
  }

  #bind(
    portalName: string,
    statement: PreparedStatement,
    values: readonly Value[],
    resultFormats: readonly number[],
  ): Portal {
    this.requireAllowed(statement);
    this.#activity.begin(statement.text);
    const portal = this.#portalOf(portalName, statement, values, resultFormats);
    this.#portals.add(portalName, portal);
    return portal;
  }

  #portalOf(
    name: string,
    statement: PreparedStatement,
    values: readonly Value[],
    resultFormats: readonly number[],
  ): Portal {
    const { literals } = statement;
    try {
      const planned = statement.currentPlan(this.#environment, this.settings);
      statement.useCount++;
      const parameters = literals?.values ?? values;
      return this.#openPortal(name, statement, planned, parameters, resultFormats, literals?.relocate);
    } catch (error) {
      throw literals === undefined ? error : literals.relocate(error);
    }
  }

  /** Throws 34000, and 25P02 for one that a failed block has taken along. */
  portal(name: string): Portal {
    const found = this.#portals.find(name);
    if (found === undefined && this.transactionStatus === 'failed' && this.#lostPortals.has(name))
      throw blockHasFailed();
    if (found === undefined) throw new SqlError(SqlState.InvalidCursorName, `portal "${name}" does not exist`);
    return found;
  }

  /** No error when there is none of that name; undefined then. */
  closePortal(name: string): Promise<void> | undefined {
    if (this.#lostPortals.has(name))
      this.#lostPortals = new Set([...this.#lostPortals].filter((lost) => lost !== name));
    return this.#portals.close(name);
  }

  /** Runs a portal until its end or `maxRows`. On an error the portal is closed, and the caller must `fail`. */
  execute(portal: Portal, options: ExecuteOptions): Completion | Promise<Completion> {
    this.requireAllowed(portal.statement);
    return this.#runner.execute(portal, options);
  }

  /** In a failed block only its end is allowed, and not even an empty statement; throws 25P02. */
  requireAllowed({ statement }: PreparedStatement): void {
    if (statement !== undefined) this.#requireStatementAllowed(statement);
    else if (this.transactionStatus === 'failed') throw blockHasFailed();
  }

  /** Throws 0A000 when the statement would now give other columns than it was prepared with. */
  requireCurrent(statement: PreparedStatement): void {
    statement.currentPlan(this.#environment, this.settings);
  }

  /**
   * The end of a Query message, or Sync: what ran outside a block is committed. Rejects when that fails; undefined: it is
   * done.
   */
  endMessage(): Promise<void> | undefined {
    const ending = this.#block.endImplicit();
    return ending?.catch((error: unknown) => {
      throw this.#inOwnWords(error);
    });
  }

  /** Values in an error of the storage's are shown as the settings have it. */
  #inOwnWords(error: unknown): unknown {
    return error instanceof KeyViolation ? error.inContext(this.settings.typeContext(0)) : error;
  }

  /** After any error: rolls back what ran outside a block, or lets the block fail. */
  async fail(): Promise<void> {
    const hadFailed = this.transactionStatus === 'failed';
    const names = this.#portals.names();
    await this.#block.fail();
    if (!hadFailed) this.#lostPortals = new Set(names);
  }

  /** Stops the running statement, if any; may be called at any time. */
  cancel(reason: CancelReason): void {
    this.#runner.cancel(reason);
  }

  /** How the door ends the session when somebody else wants it gone. */
  onTerminate(end: () => void): void {
    this.#end = end;
  }

  /** Ends the session as an administrator does; what runs is cancelled. */
  terminate(): void {
    this.#end();
  }

  /** The client is gone: rolls back and forgets everything. */
  async close(): Promise<void> {
    this.#statements.deallocate(undefined);
    await this.#block.abandon();
    this.notifications.close();
    await this.#portals.closeEverything();
    this.#advisoryLocks.releaseSession();
    try {
      await this.#block.temporary.close();
    } catch (error) {
      const { processId } = this;
      this.#log('warn', 'temporary tables were left behind', { processId, error: (error as Error).message });
    }
  }

  #plan(
    name: string,
    statement: Statement | undefined,
    declaredTypes: readonly (TypeDefinition | undefined)[],
    text: string,
  ): PreparedStatement {
    if (statement === undefined) return new PreparedStatement(name, undefined, undefined, text);
    this.#requireStatementAllowed(statement);
    const planned = this.#plans.plan(statement, declaredTypes, this.#environment, this.settings);
    return new PreparedStatement(name, statement, planned, text);
  }

  #openPortal(
    name: string,
    statement: PreparedStatement,
    planned: PlannedStatement | undefined,
    parameters: readonly Value[],
    resultFormats: readonly number[],
    relocate?: (error: unknown) => unknown,
  ): Portal {
    const control = this.#cursorOf(planned)?.control ?? new StatementControl();
    const run =
      planned === undefined
        ? undefined
        : runStatement(planned, () => statement.currentPlan(this.#environment, this.settings) ?? planned, {
            environment: this.#environment,
            block: this.#block,
            settings: this.settings,
            notice: (notice) => this.#give(notice),
            control,
            parameters,
            prepared: this.#prepared,
            portals: this.#portals,
            text: statement.text,
            copyDoor: this.#copyDoor,
            copyFolder: this.#copyFolder,
            forgetPlans: () => this.#forgetPlans(),
          });
    return new Portal({ name, statement, columns: planned?.columns, resultFormats, control, run, relocate });
  }

  #forgetPlans(): void {
    this.#plans.clear();
    this.#automatic.clear();
  }

  /** What FETCH and MOVE go through: its query is on a leash of its own. */
  #cursorOf(planned: PlannedStatement | undefined): Cursor | undefined {
    const bound = planned?.bound;
    if (bound?.kind !== 'utility' || bound.statement.kind !== 'fetch') return undefined;
    return this.#portals.find(bound.statement.name)?.cursor;
  }

  #requireStatementAllowed(statement: Statement): void {
    if (this.transactionStatus === 'failed' && !endsFailure(statement)) throw blockHasFailed();
  }

  /** What was put off to the end of the transaction. */
  async #checkConstraints(constraints: DeferredConstraints): Promise<void> {
    const control = this.#runner.running ?? new StatementControl();
    const scope: ConstraintScope = {
      transaction: this.#block.current(),
      bindContext: this.#environment.bindContext(undefined),
      control,
      wait: { control, lockTimeoutMs: this.settings.lockTimeoutMs },
      memory: this.#environment.newMemoryAccount(),
    };
    await scope.transaction.checkKeys(scope.wait, { isEnd: true });
    await constraints.check(scope, { isEnd: true });
  }

  #give(notice: Notice): void {
    if (isWanted(notice, this.settings.clientMinMessages)) this.#noticeSink(notice);
  }
}
