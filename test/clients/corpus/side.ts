import { type Answer, type Request, StatementClient } from '../../support/statement-client.ts';
import { CLEARING, FIXTURE, RECORDED_OIDS } from './fixture.ts';

/** Every number that a catalog gives to something of the user's, with a name that is the same on both servers. */
const NAMES = `
  SELECT c.oid, 'class ' || n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384
  UNION ALL SELECT t.oid, 'type ' || n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid >= 16384
  UNION ALL SELECT oid, 'constraint ' || conname FROM pg_constraint WHERE oid >= 16384
  UNION ALL SELECT d.oid, 'default ' || c.relname || '.' || d.adnum FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
  UNION ALL SELECT r.oid, 'rule ' || c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.oid >= 16384
  UNION ALL SELECT oid, 'label ' || enumlabel FROM pg_enum
  UNION ALL SELECT oid, 'schema ' || nspname FROM pg_namespace
  UNION ALL SELECT oid, 'database' FROM pg_database WHERE datname = current_database()`;

/** One of the two servers, with a session on it. */
export class Side {
  readonly database: string;
  readonly #url: string;
  #client: StatementClient | undefined;
  #names = new Map<number, string>();
  #oids = new Map<string, string>();
  /** How long the last statement took. */
  lastMs = 0;

  constructor(url: string) {
    this.#url = url;
    this.database = new URL(url).pathname.slice(1);
  }

  /** A new session, as each client begins with one. */
  async connect(): Promise<void> {
    await this.#client?.end();
    this.#client = await StatementClient.connect(this.#url);
  }

  async ask(request: Request): Promise<Answer> {
    if (this.#client === undefined || this.#client.isClosed) await this.connect();
    const startMs = performance.now();
    const answer = await this.#client?.ask({ ...request, sql: this.#withOids(request.sql) });
    this.lastMs = performance.now() - startMs;
    if (answer === undefined) throw new Error('there is a client');
    return answer;
  }

  /** Makes everything anew. Throws when one of the two cannot have it. */
  async reset(): Promise<void> {
    await this.connect();
    for (const sql of [...CLEARING, ...FIXTURE]) {
      const { error } = await this.ask({ sql });
      if (error !== undefined) throw new Error(`${this.database}: ${error.get('M')}: ${sql}`);
    }
    await this.learnNames();
  }

  async learnNames(): Promise<void> {
    const { results } = await this.ask({ sql: NAMES });
    this.#names = new Map(results[0]?.rows.map(([oid, name]) => [Number(oid), `#${name?.toString()}`]));
    for (const [recorded, name] of Object.entries(RECORDED_OIDS)) {
      const answer = await this.ask({ sql: `SELECT '${name}'::regclass::oid` });
      this.#oids.set(recorded, answer.results[0]?.rows[0]?.[0]?.toString() ?? recorded);
    }
  }

  /** The name behind a number of the user's; other numbers stand for themselves. */
  nameOf(oid: number): string {
    return this.#names.get(oid) ?? String(oid);
  }

  async end(): Promise<void> {
    await this.#client?.end();
    this.#client = undefined;
  }

  #withOids(sql: string): string {
    return sql.replace(/\b164\d\d\b/g, (digits) => this.#oids.get(digits) ?? digits);
  }
}
