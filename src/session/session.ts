import { KeyViolation } from '../catalog/key-violation.ts';
import { temporarySchemaName } from '../catalog/temporary-schemas.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { type CancelReason, StatementControl } from '../execution/statement-control.ts';
import type { Clock } from '../platform/clock.ts';
import type { CopyFolder } from '../platform/copy-folder.ts';
import type { Timers } from '../platform/timers.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import type { ParsedStatement } from '../sql/syntax/parse-sql.ts';
import { normalizeSql } from '../sql/syntax/parse-sql.ts';
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
import { type StatementStatistics, withoutConstants } from './statement-statistics.ts';
import { endsFailure, takesSnapshot } from './statement-traits.ts';
import { TemporaryObjects } from './temporary-objects.ts';
import { blockHasFailed, TransactionBlock, type TransactionStatus } from './transaction-block.ts';

/** How often who waits for other transactions looks whether they have ended. */
const NAP_MS = 10;

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
  readonly #timers: Timers;
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
  #running: StatementControl | undefined;
  readonly #clock: Clock;
  readonly #activity: ActivityRecord;
  readonly #statistics: StatementStatistics;
  #noticeSink: NoticeSink = () => {};
  #copyDoor: CopyDoor | undefined;
  readonly #copyFolder: CopyFolder | undefined;
  #end: () => void = () => {};

  constructor(options: SessionOptions) {
    this.processId = options.processId;
    this.databaseName = options.databaseName;
    this.#timers = options.timers;
    this.#clock = options.clock;
    this.#statistics = options.statistics;
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
    return this.#running !== undefined;
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
  async parse(text: string): Promise<readonly ParsedStatement[]> {
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
  async prepare(
    name: string,
    text: string,
    declaredTypes: readonly (TypeDefinition | undefined)[],
  ): Promise<PreparedStatement> {
    // As in PostgreSQL the unnamed statement goes before its successor is looked at.
    if (name === '') this.#statements.close('');
    const [first, second] = await this.parse(text);
    if (second !== undefined) {
      throw new SqlError(SqlState.SyntaxError, 'cannot insert multiple commands into a prepared statement');
    }
    return this.#addStatement(name, first?.statement, declaredTypes, text);
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
    const planned = statement.currentPlan(this.#environment, this.settings);
    statement.useCount++;
    const portal = this.#openPortal(portalName, statement, planned, values, resultFormats);
    this.#portals.add(portalName, portal);
    return portal;
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

  /** In a failed block only its end is allowed, and not even an empty statement; throws 25P02. */
  requireAllowed({ statement }: PreparedStatement): void {
    if (statement !== undefined) this.#requireStatementAllowed(statement);
    else if (this.transactionStatus === 'failed') throw blockHasFailed();
  }

  /** Throws 0A000 when the statement would now give other columns than it was prepared with. */
  requireCurrent(statement: PreparedStatement): void {
    statement.currentPlan(this.#environment, this.settings);
  }

  /** Runs a portal until its end or `maxRows`. On an error the portal is closed, and the caller must `fail`. */
  async execute(portal: Portal, { maxRows, onRows }: ExecuteOptions): Promise<Completion> {
    this.requireAllowed(portal.statement);
    portal.requireRunnable();
    const stopTimer = this.#start(portal.control);
    const startMs = performance.now();
    let rowCount = 0;
    let hasFinished = false;
    try {
      if (this.#block.waitsForSafeSnapshot && takesSnapshot(portal.statement.statement)) {
        await this.#block.takeSafeSnapshot(() => this.#nap(portal.control));
      }
      while (rowCount < maxRows) {
        portal.control.check();
        const batch = await portal.next(maxRows - rowCount);
        if (portal.control.owesAnything) await portal.control.pay();
        if (batch === undefined) {
          const tag = portal.tag(rowCount);
          portal.rowCount += affectedRows(tag);
          hasFinished = true;
          return { isSuspended: false, rowCount, tag };
        }
        rowCount += batch.rowCount;
        const taken = onRows(batch);
        if (taken !== undefined) await taken;
        const turn = portal.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
      portal.rowCount += rowCount;
      return { isSuspended: true, rowCount, tag: '' };
    } catch (error) {
      await portal.close();
      throw portal.relocated(this.#inOwnWords(error));
    } finally {
      stopTimer();
      this.#running = undefined;
      const durationMs = performance.now() - startMs;
      portal.elapsedMs += durationMs;
      if (hasFinished) this.#noteFinished(portal);
      this.#log('debug', 'statement', { processId: this.processId, durationMs, rowCount });
    }
  }

  async #nap(control: StatementControl): Promise<void> {
    await new Promise<void>((resolve) => this.#timers.after(NAP_MS, resolve));
    control.check();
  }

  #noteFinished({ statement: { text, normalizedText }, elapsedMs, rowCount }: Portal): void {
    if (text === '') return;
    const roleOid = this.roles.current.oid;
    const { databaseOid, processId, databaseName } = this;
    this.#statistics.note({ roleOid, databaseOid, text, normalizedText, milliseconds: elapsedMs, rowCount });
    const slowMs = this.settings.logMinDurationMs;
    if (slowMs === undefined || elapsedMs < slowMs) return;
    const user = this.roles.session.name;
    const statement = this.settings.logsParameters ? text : withoutConstants(text, normalizeSql);
    this.#log('info', 'slow statement', { processId, user, database: databaseName, durationMs: elapsedMs, statement });
  }

  /** The end of a Query message, or Sync: what ran outside a block is committed. Throws when that fails. */
  async endMessage(): Promise<void> {
    try {
      await this.#block.endImplicit();
    } catch (error) {
      throw this.#inOwnWords(error);
    }
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
    this.#running?.cancel(reason);
    this.#copyDoor?.wake();
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

  #start(control: StatementControl): () => void {
    this.#running = control;
    const timeoutMs = this.settings.statementTimeoutMs;
    if (timeoutMs === 0) return () => {};
    return this.#timers.after(timeoutMs, () => {
      control.cancel('timeout');
      this.#copyDoor?.wake();
    });
  }

  /** What was put off to the end of the transaction. */
  async #checkConstraints(constraints: DeferredConstraints): Promise<void> {
    const control = this.#running ?? new StatementControl();
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

/** How many rows a tag speaks of: `INSERT 0 5`. */
function affectedRows(tag: string): number {
  return Number(/ (\d+)$/.exec(tag)?.[1] ?? 0);
}
