import type { Answer, Request } from '../../support/statement-client.ts';
import { columnsOf, rowsOf } from '../corpus/compare.ts';
import { Side } from '../corpus/side.ts';
import type { Question } from './question.ts';
import { TOOLS } from './tools.ts';

/** What a server says to a question; OIDs of what is the user's own are names. */
export interface Said {
  /** `name:type` each. */
  readonly columns: string;
  /** JSON each; without those of questions whose answers vary. */
  readonly rows: readonly string[];
}

/** `tool: name of the question`. */
export type Answers = Readonly<Record<string, Said>>;

export function titleOf(tool: string, { name }: Question): string {
  return `${tool}: ${name}`;
}

/** Asks one question over the extended protocol. Throws the server's error. */
export async function ask(side: Side, { sql, values = [], varies }: Question): Promise<Said> {
  const bound = await Promise.all(values.map((value) => resolved(side, value)));
  const result = await answerOf(side, { sql, values: bound, extended: true });
  return { columns: columnsOf(side, result.columns), rows: varies === true ? [] : rowsOf(side, result) };
}

/** All questions on a server, over the fixture, which is made anew. */
export async function askAll(url: string): Promise<Answers> {
  const side = new Side(url);
  const answers: Record<string, Said> = {};
  try {
    await side.reset();
    for (const { name, questions } of TOOLS) {
      for (const question of questions) {
        answers[titleOf(name, question)] = await ask(side, question).catch((error: Error) => ({
          columns: `error ${error.message}`,
          rows: [],
        }));
      }
    }
  } finally {
    await side.end();
  }
  return answers;
}

async function answerOf(side: Side, request: Request): Promise<Answer['results'][number]> {
  const { results, error } = await side.ask(request);
  if (error !== undefined) {
    await side.ask({ sql: 'ROLLBACK' });
    throw new Error(`${error.get('C')}: ${error.get('M')}`);
  }
  const [result] = results;
  if (result === undefined) throw new Error('no result');
  return result;
}

const CASTS: Readonly<Record<string, string>> = { schema: 'regnamespace', type: 'regtype' };

async function resolved(side: Side, value: string | null): Promise<string | null> {
  if (value === null || !value.startsWith('@')) return value;
  const [first = '', second] = value.slice(1).split(' ');
  const cast = second === undefined ? 'regclass' : CASTS[first];
  const { rows } = await answerOf(side, { sql: `SELECT '${second ?? first}'::${cast}::oid` });
  return rows[0]?.[0]?.toString() ?? null;
}
