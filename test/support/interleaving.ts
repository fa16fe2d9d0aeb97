import pg from 'pg';

/**
 * Statements of several sessions in one order, and what each gives:
 *
 *   a  UPDATE t SET v = 2                  -> waits            does not end by itself
 *   b  COMMIT                              -> COMMIT           the command tag
 *   a                                      -> UPDATE 1         the statement that waited has ended
 *   a  SELECT id, v FROM t ORDER BY id     -> 1|2; 2|          rows, NULL as nothing; (none) without any
 *   b  INSERT INTO t VALUES (1)            -> 23505 Key (id)=(1) already exists.     SQLSTATE, detail or message
 */
export interface Step {
  readonly session: string;
  /** Empty: waits for what the session has been doing. */
  readonly sql: string;
  readonly gives: string;
}

export function parseSteps(script: string): Step[] {
  return script
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^(\w+)\s*(.*?)\s*->\s*(.*)$/.exec(line);
      if (match === null) throw new Error(`not a step: ${line}`);
      return { session: match[1]!, sql: match[2]!, gives: match[3]! };
    });
}

/** So long a statement that is to wait is watched. */
const WATCH_MS = 60;
const PATIENCE_MS = 20_000;

/** Runs the steps; returns what each gave, in the words of `gives`. Sessions are connections of their own. */
export async function runSteps(
  steps: readonly Step[],
  connectionOf: (session: string) => pg.ClientConfig,
): Promise<Step[]> {
  const clients = new Map<string, pg.Client>();
  const pending = new Map<string, Promise<string>>();
  const results: Step[] = [];
  try {
    for (const step of steps) {
      let client = clients.get(step.session);
      if (client === undefined) {
        client = new pg.Client(connectionOf(step.session));
        client.on('error', () => {});
        await client.connect();
        clients.set(step.session, client);
      }
      const outcome = step.sql === '' ? pending.get(step.session) : query(client, step.sql);
      if (outcome === undefined) throw new Error(`${step.session} is not waiting`);
      pending.set(step.session, outcome);
      const gives = await Promise.race([outcome, delay(step.gives === 'waits' ? WATCH_MS : PATIENCE_MS)]);
      results.push({ ...step, gives });
      if (gives !== 'waits') pending.delete(step.session);
    }
    return results;
  } finally {
    for (const client of clients.values()) await Promise.race([client.end(), delay(200)]);
  }
}

async function query(client: pg.Client, sql: string): Promise<string> {
  try {
    const answer = await client.query({ text: sql, rowMode: 'array' });
    const last = Array.isArray(answer) ? answer.at(-1)! : answer;
    if (last.fields.length > 0) {
      const rows = last.rows as unknown as readonly unknown[][];
      if (rows.length === 0) return '(none)';
      return rows.map((row) => row.map((value) => (value === null ? '' : String(value))).join('|')).join('; ');
    }
    return tagOf(last);
  } catch (error) {
    const { code, detail, message } = error as { code?: string; detail?: string; message: string };
    // How a circle came about is told in words of one's own.
    return code === '40P01' ? '40P01' : `${code ?? 'error'} ${detail ?? message}`;
  }
}

function tagOf({ command, rowCount }: pg.QueryResult): string {
  return ['INSERT', 'UPDATE', 'DELETE'].includes(command) ? `${command} ${rowCount}` : command;
}

function delay(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('waits'), ms));
}
