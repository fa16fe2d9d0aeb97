import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../../support/tidewire-server.ts';
import { Side } from '../corpus/side.ts';
import recorded from './answers.json' with { type: 'json' };
import { type Answers, ask, titleOf } from './ask-questions.ts';
import { TOOLS } from './tools.ts';

const answers: Answers = recorded;
const { POSTGRES_URL } = process.env;

/** Answers are PostgreSQL's, over the same tables; where it is there, it is asked again. */
describe.each(POSTGRES_URL === undefined ? ['Tidewire'] : ['Tidewire', 'PostgreSQL'])('%s answers', (kind) => {
  const isOurs = kind === 'Tidewire';
  let server: TidewireServer | undefined;
  let side: Side;
  let keeper: Side | undefined;
  const database = `gui_${process.pid}`;

  beforeAll(async () => {
    if (isOurs) server = await startTidewireServer();
    const url = new URL(server?.url ?? POSTGRES_URL ?? '');
    keeper = new Side(url.href);
    await keeper.ask({ sql: `CREATE DATABASE ${database} TEMPLATE template0` });
    url.pathname = `/${database}`;
    side = new Side(url.href);
    await side.reset();
  });
  afterAll(async () => {
    await side.end();
    await keeper?.ask({ sql: `DROP DATABASE ${database} WITH (FORCE)` });
    await keeper?.end();
    await server?.stop();
  });

  for (const { name, questions } of TOOLS) {
    for (const question of questions) {
      const title = titleOf(name, question);
      test.skipIf(!isOurs && question.own !== undefined)(title, async () => {
        const expected = answers[title];
        if (expected === undefined) throw new Error('answers.json has no answer: record it');
        const rows = question.own?.rows ?? expected.rows;
        const columns = expected.columns.startsWith('error') ? expect.any(String) : expected.columns;
        expect(await ask(side, question)).toEqual({ columns, rows });
      });
    }
  }
});

test('answers are recorded for all questions, each of which has a name of its own', () => {
  const titles = TOOLS.flatMap(({ name, questions }) => questions.map((question) => titleOf(name, question)));
  expect(Object.keys(answers).sort()).toEqual([...new Set(titles)].sort());
  expect(titles.length).toBe(new Set(titles).size);
});
