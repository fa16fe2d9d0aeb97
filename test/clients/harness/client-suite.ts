import type { Workshop } from './workshop.ts';

/** A server that a client can be pointed at, with an empty database of its own. */
export interface Side {
  readonly kind: 'tidewire' | 'postgresql';
  /** `postgres://` URL of the database. The user is `postgres`, who needs no password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The same name on both sides. */
  readonly database: string;
}

export interface SuiteContext {
  readonly ours: Side;
  /** Undefined where no PostgreSQL was given: the checks then have to run through, and nothing is compared. */
  readonly theirs: Side | undefined;
  readonly workshop: Workshop;
}

/** What one check came to. */
export interface CheckResult {
  readonly name: string;
  /** `differs`: not as on PostgreSQL, for the reason that the suite gives. */
  readonly outcome: 'passed' | 'differs' | 'failed' | 'skipped';
  /** Why it failed, was skipped or differs. */
  readonly detail?: string;
}

export interface SuiteRun {
  /** The version of the client, and of the driver below it: `2.0.43 with psycopg2 2.9.10`. */
  readonly version: string;
  readonly checks: readonly CheckResult[];
}

/** One client in one version, and what is tried with it. */
export interface ClientSuite {
  /** For `--only`, and for the database on the PostgreSQL: lower case, digits and underscores. */
  readonly name: string;
  /** The client's own name; suites of one client stand together in docs/clients.md. */
  readonly client: string;
  /** Markdown for docs/clients.md: how a user connects. The first suite of a client gives it for all. */
  readonly howToConnect: string;
  /** Markdown: the parts that were tried, in a sentence. */
  readonly tested: string;
  /** Markdown: what a user has to know, where something does not work. */
  readonly limits?: readonly string[];
  readonly debianPackages?: readonly string[];
  /** More arguments for our `serve`. */
  readonly serverArguments?: readonly string[];
  /** Throws `Unavailable` with the reason where the client cannot be had. */
  run(context: SuiteContext): Promise<SuiteRun>;
}

/** The client, or something it needs, cannot be had here; the suite is skipped. */
export class Unavailable extends Error {}
