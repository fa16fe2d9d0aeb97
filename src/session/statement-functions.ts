import type { StatementControl } from '../execution/statement-control.ts';
import type { SystemFacts } from '../functions/catalog/system-facts.ts';
import type {
  AdvisoryLockFacts,
  CatalogFacts,
  DefinitionFacts,
  FunctionEnvironment,
  NotificationFacts,
  PeerFacts,
  SequenceFacts,
  SessionFacts,
} from '../functions/environment.ts';
import type { Clock } from '../platform/clock.ts';
import type { TypeContext } from '../types/type-definition.ts';
import type { SessionAdvisoryLocks } from './session-advisory-locks.ts';

/** What is the same for all statements of a session. */
export interface FunctionSources {
  readonly clock: Clock;
  readonly random: () => number;
  readonly seedRandom: (seed: number) => void;
  readonly fillRandom: (target: Uint8Array) => void;
  readonly typeContext: () => TypeContext;
  readonly advisoryLocks: SessionAdvisoryLocks;
  readonly notifications: NotificationFacts;
  readonly peers: PeerFacts;
  readonly session: SessionFacts;
  readonly catalog: () => CatalogFacts;
  readonly sequences: () => SequenceFacts;
  readonly definitions: DefinitionFacts;
  readonly system: SystemFacts;
}

/** The world of functions for one statement. Most statements ask for nothing of it, so that each part is made when asked for. */
export class StatementFunctions implements FunctionEnvironment {
  readonly #sources: FunctionSources;
  readonly #messageStart: number;
  readonly #control: StatementControl | undefined;
  readonly sleep?: (micros: number) => void;
  #typeContext: TypeContext | undefined;
  #catalog: CatalogFacts | undefined;
  #advisoryLocks: AdvisoryLockFacts | undefined;

  /** `messageStart`: when its message came. `control`: of the statement that runs; without it, none does. */
  constructor(sources: FunctionSources, messageStart: number, control: StatementControl | undefined) {
    this.#sources = sources;
    this.#messageStart = messageStart;
    this.#control = control;
    if (control !== undefined) this.sleep = (micros) => control.owe(micros / 1000);
  }

  get typeContext(): TypeContext {
    this.#typeContext ??= this.#sources.typeContext();
    return this.#typeContext;
  }

  get statementStart(): number {
    // A transaction that the message itself began did not begin after the statement.
    return Math.max(this.#messageStart, this.typeContext.transactionStart);
  }

  clock(): number {
    const owedMicros = this.#control === undefined ? 0 : Math.round(this.#control.owedMs * 1000);
    return this.#sources.clock.nowMicros() + owedMicros;
  }

  random(): number {
    return this.#sources.random();
  }

  seedRandom(seed: number): void {
    this.#sources.seedRandom(seed);
  }

  fillRandom(target: Uint8Array): void {
    this.#sources.fillRandom(target);
  }

  get advisoryLocks(): AdvisoryLockFacts | undefined {
    if (this.#control === undefined) return undefined;
    this.#advisoryLocks ??= this.#sources.advisoryLocks.facts(this.#control);
    return this.#advisoryLocks;
  }

  get notifications(): NotificationFacts {
    return this.#sources.notifications;
  }

  get peers(): PeerFacts {
    return this.#sources.peers;
  }

  get session(): SessionFacts {
    return this.#sources.session;
  }

  get catalog(): CatalogFacts {
    this.#catalog ??= this.#sources.catalog();
    return this.#catalog;
  }

  get sequences(): SequenceFacts {
    return this.#sources.sequences();
  }

  get definitions(): DefinitionFacts {
    return this.#sources.definitions;
  }

  get system(): SystemFacts {
    return this.#sources.system;
  }
}
