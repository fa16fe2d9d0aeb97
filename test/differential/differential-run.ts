import type { Answer } from '../support/statement-client.ts';
import { compareAnswers, type Difference, showAnswer } from './compare-answers.ts';
import { type CaseAnswers, type Engines, usedValues } from './engine.ts';
import { explanationOf } from './explained.ts';
import { type Explanation, errorKey, type Probe } from './explanations/explanation.ts';
import type { Catalogue, Supported } from './generator/catalogue.ts';
import type { GeneratedTable } from './generator/schema.ts';
import { type GeneratedCase, generateRound } from './generator/statements.ts';
import { fewest, shrink } from './shrink.ts';
import { expressionsIn, render, type Sql, sql } from './sql-tree.ts';
import { writeRecords } from './write-records.ts';

export interface RunOptions {
  readonly statements: number;
  readonly seed: number;
  readonly firstRound: number;
  readonly catalogue: Catalogue;
  /** Undefined tries all that PostgreSQL has, and counts what we lack as refused. */
  readonly supported: Supported | undefined;
  /** What is not generated; see FEATURES. */
  readonly without: ReadonlySet<string>;
  /** How many differences are made simpler; the others are counted. */
  readonly shrinkAtMost: number;
  /** Stop at the first difference. */
  readonly stopsAtFirst: boolean;
  readonly say: (line: string) => void;
}

export interface FoundDifference {
  readonly aspect: Difference['aspect'];
  readonly sql: string;
  readonly ours: string;
  readonly theirs: string;
  /** Which of the statements it was, and the round of tables: `--seed S --round R`. */
  readonly number: number;
  readonly round: number;
  /** False when it did not come again when it was asked for alone: it depends on what came before. */
  readonly comesAgain: boolean;
  /** Records for sql-tests/, with PostgreSQL's answers; only of what was made simpler. */
  readonly records: string | undefined;
  count: number;
}

export interface RunOutcome {
  readonly executed: number;
  readonly equal: number;
  readonly bothFailed: number;
  readonly refused: ReadonlyMap<string, Tally>;
  readonly explained: ReadonlyMap<string, Tally>;
  readonly differences: readonly FoundDifference[];
}

export interface Tally {
  count: number;
  readonly example: string;
  /** All of them, of what is explained. */
  readonly statements?: string[];
}

/** Of an expression for itself nothing more is asked. */
const NO_PROBE: Probe = {
  theirs: async () => ({ results: [], error: undefined, notices: [], transactionStatus: 'I', parameterTypes: [] }),
  agreeOnExpressions: async () => false,
  errorsOfParts: async () => new Set(),
};

/** A difference, and what explains it if anything does. */
type Verdict = Difference & { readonly explanation?: Explanation };

const ROUND_LENGTH = 200;
const CHUNK_LENGTH = 20;
/** Of a statement that are asked about one by one. */
const MAX_EXPRESSIONS = 200;

/** Runs generated statements on both engines, round after round of tables, and gathers where they differ. */
export class DifferentialRun {
  readonly #engines: Engines;
  readonly #options: RunOptions;
  readonly #refused = new Map<string, Tally>();
  readonly #explained = new Map<string, Tally>();
  readonly #differences = new Map<string, FoundDifference>();
  #round = 0;
  #settings: readonly string[] = [];
  #executed = 0;
  #equal = 0;
  #bothFailed = 0;
  #shrunk = 0;

  constructor(engines: Engines, options: RunOptions) {
    this.#engines = engines;
    this.#options = options;
  }

  async run(): Promise<RunOutcome> {
    const { statements, seed, catalogue, supported, without, say, stopsAtFirst } = this.#options;
    for (let round = this.#options.firstRound; this.#executed < statements; round++) {
      this.#round = round;
      const { settings, tables, next } = generateRound(seed, round, catalogue, supported, without);
      await this.#set(settings);
      await this.#makeTables(tables);
      for (let left = ROUND_LENGTH; left > 0 && this.#executed < statements; left -= CHUNK_LENGTH) {
        const cases = Array.from({ length: Math.min(CHUNK_LENGTH, statements - this.#executed) }, next);
        const hasCrashed = await this.#runChunk(cases, tables);
        if (hasCrashed) await this.#makeTables(tables);
        if (stopsAtFirst && this.#differences.size > 0) return this.#outcome();
      }
      await this.#checkTables(tables);
      if (round % 10 === 9) say(`${this.#executed} statements, ${this.#differences.size} kinds of differences`);
    }
    return this.#outcome();
  }

  #outcome(): RunOutcome {
    return {
      executed: this.#executed,
      equal: this.#equal,
      bothFailed: this.#bothFailed,
      refused: this.#refused,
      explained: this.#explained,
      differences: [...this.#differences.values()].sort((a, b) => b.count - a.count),
    };
  }

  async #set(settings: readonly string[]): Promise<void> {
    this.#settings = settings;
    const { ours, theirs } = this.#engines;
    const [own, other] = await Promise.all([ours.set(settings), theirs.set(settings)]);
    for (const [index, setting] of settings.entries()) {
      if (own[index] === other[index]) continue;
      this.#add({ aspect: 'error', ours: own[index], theirs: other[index] }, setting, undefined, `error ${setting}`);
    }
  }

  async #makeTables(tables: readonly GeneratedTable[]): Promise<void> {
    const { ours, theirs } = this.#engines;
    const [own, other] = await Promise.all([ours.makeTables(tables), theirs.makeTables(tables)]);
    for (const { name, create } of tables) {
      const said = own.get(name)?.[0] ?? 'no error';
      const expected = other.get(name)?.[0] ?? 'no error';
      if (said === expected) continue;
      // A table that is not the same is no ground to compare anything on.
      await Promise.all([ours.dropTable(name), theirs.dropTable(name)]);
      if (said.startsWith('0A000')) this.#countRefused(said, create.tidewire.join('; '));
      else this.#add({ aspect: 'error', ours: said, theirs: expected }, create.tidewire.join('; '), undefined, said);
    }
  }

  /** Everything was rolled back: the tables must be as they were made. */
  async #checkTables(tables: readonly GeneratedTable[]): Promise<void> {
    const { ours, theirs } = this.#engines;
    const [own, other] = await Promise.all([ours.contents(tables), theirs.contents(tables)]);
    for (const [index, { name }] of tables.entries()) {
      if (own[index] === other[index]) continue;
      const difference = { aspect: 'state', ours: firstDifferingLine(own[index], other[index]), theirs: '' } as const;
      this.#add(
        difference,
        `SELECT * FROM ${name} -- after the last ROLLBACK of round ${this.#round}`,
        undefined,
        'state',
      );
    }
  }

  async #runChunk(cases: readonly GeneratedCase[], tables: readonly GeneratedTable[]): Promise<boolean> {
    const { ours, theirs } = this.#engines;
    const [own, other] = await Promise.all([ours.run(cases), theirs.run(cases)]);
    let hasCrashed = false;
    for (const [index, one] of cases.entries()) {
      this.#executed++;
      hasCrashed ||= own[index] === undefined;
      await this.#judge(one, own[index], other[index], tables);
    }
    return hasCrashed;
  }

  async #judge(
    one: GeneratedCase,
    ours: CaseAnswers | undefined,
    theirs: CaseAnswers | undefined,
    tables: readonly GeneratedTable[],
  ): Promise<void> {
    const verdict = await this.#compare(one, ours, theirs);
    const sql = render(one.tree);
    if (verdict === undefined) {
      this.#equal++;
      if (theirs?.[0].error !== undefined) this.#bothFailed++;
    } else if (verdict.aspect === 'refused') {
      this.#countRefused(verdict.ours, sql);
    } else if (verdict.explanation !== undefined && verdict.explanation.isWeak !== true) {
      this.#countExplained(verdict.explanation, sql);
    } else {
      await this.#found(one, verdict, tables);
    }
  }

  async #compare(
    one: GeneratedCase,
    ours: CaseAnswers | undefined,
    theirs: CaseAnswers | undefined,
  ): Promise<Verdict | undefined> {
    const found = this.#firstDifference(one, ours, theirs);
    if (found === undefined || found.difference.aspect === 'refused' || found.ours === undefined)
      return found?.difference;
    const { difference, theirs: other } = found;
    const explanation = await explanationOf(
      { sql: render(one.tree), difference, ours: found.ours, theirs: other },
      {
        theirs: async (sql) =>
          (await this.#engines.theirs.client()).ask({ sql, values: usedValues(sql, one.values ?? []) }),
        agreeOnExpressions: async (except) => (await this.#differingExpression(one, except)) === undefined,
        errorsOfParts: () => this.#errorsOfParts(one),
      },
    );
    return explanation === undefined ? difference : { ...difference, explanation };
  }

  #firstDifference(
    one: GeneratedCase,
    ours: CaseAnswers | undefined,
    theirs: CaseAnswers | undefined,
  ): { readonly difference: Difference; readonly ours: Answer | undefined; readonly theirs: Answer } | undefined {
    if (theirs === undefined) return undefined;
    if (ours === undefined) {
      const difference = { aspect: 'crash', ours: 'the connection broke', theirs: showAnswer(theirs[0]) } as const;
      return { difference, ours: undefined, theirs: theirs[0] };
    }
    const mayMiss = this.#options.supported === undefined;
    for (const [index, answer] of ours.entries()) {
      const other = theirs[index];
      const difference = compareAnswers(answer, other, { isOrdered: one.isOrdered && index === 0, mayMiss });
      if (difference !== undefined) return { difference, ours: answer, theirs: other };
    }
    return undefined;
  }

  /** Errors that both give alike to expressions of a case, but for the whole where the case is one expression alone. */
  async #errorsOfParts(one: GeneratedCase): Promise<ReadonlySet<string>> {
    const whole = render(one.tree);
    const cases = expressionCases(one.tree).filter(({ tree }) => render(tree) !== whole);
    const [own, other] = await Promise.all([this.#engines.ours.run(cases), this.#engines.theirs.run(cases)]);
    const errors = new Set<string>();
    for (const [index, answers] of own.entries()) {
      const [ours, theirs] = [answers?.[0], other[index]?.[0]];
      if (ours?.error === undefined || theirs === undefined) continue;
      if (compareAnswers(ours, theirs, { isOrdered: false, mayMiss: false }) === undefined) errors.add(errorKey(ours));
    }
    return errors;
  }

  /** The smallest expression of a case that, asked for alone, differs and is not refused. */
  async #differingExpression(one: GeneratedCase, except?: RegExp): Promise<GeneratedCase | undefined> {
    const cases = expressionCases(one.tree, except);
    if (cases.length === 0) return undefined;
    const [own, other] = await Promise.all([this.#engines.ours.run(cases), this.#engines.theirs.run(cases)]);
    const differing: GeneratedCase[] = [];
    for (const [index, candidate] of cases.entries()) {
      const found = this.#firstDifference(candidate, own[index], other[index]);
      if (found === undefined || found.difference.aspect === 'refused') continue;
      if (found.ours !== undefined) {
        const explained = await explanationOf(
          { sql: render(candidate.tree), difference: found.difference, ours: found.ours, theirs: found.theirs },
          { ...NO_PROBE, errorsOfParts: () => this.#errorsOfParts(candidate) },
        );
        if (explained !== undefined && explained.isWeak !== true) continue;
      }
      differing.push(candidate);
    }
    return differing.sort((a, b) => render(a.tree).length - render(b.tree).length)[0];
  }

  async #found(one: GeneratedCase, difference: Verdict, tables: readonly GeneratedTable[]): Promise<void> {
    const number = this.#executed;
    const isOver = this.#shrunk >= this.#options.shrinkAtMost && difference.explanation === undefined;
    if (isOver || difference.aspect === 'crash') {
      const sql = render(one.tree);
      this.#add(difference, sql, undefined, kindOf(difference, sql), { number });
      return;
    }
    // What was seen before is only counted: errors are told apart by what they say.
    const known = SAYS_ITSELF.has(difference.aspect) ? this.#differences.get(kindOf(difference, '')) : undefined;
    if (known !== undefined && difference.explanation === undefined) {
      known.count++;
      return;
    }
    if (difference.explanation === undefined) this.#shrunk++;
    const [ownAgain, otherAgain] = await this.#ask(one);
    if ((await this.#compare(one, ownAgain, otherAgain))?.aspect !== difference.aspect) {
      const sql = render(one.tree);
      this.#add(difference, sql, undefined, `again ${kindOf(difference, sql)}`, { number, comesAgain: false });
      return;
    }
    const isSame = (found: Difference | undefined) =>
      found?.aspect === difference.aspect &&
      (!SAYS_ITSELF.has(difference.aspect) || kindOf(found, '') === kindOf(difference, ''));
    let last: Verdict = difference;
    const tryCase = async (candidate: GeneratedCase): Promise<boolean> => {
      const [own, other] = await this.#ask(candidate);
      const found = await this.#compare(candidate, own, other);
      if (found === undefined || !isSame(found) || (found.explanation !== undefined && !found.explanation.isWeak)) {
        return false;
      }
      last = found;
      return true;
    };
    const alone = await this.#differingExpression(one);
    const start = alone !== undefined && (await tryCase(alone)) ? alone : one;
    const tree = await shrink(start.tree, (candidate) => tryCase({ ...start, tree: candidate }));
    if (last.explanation !== undefined) {
      this.#countExplained(last.explanation, render(tree));
      return;
    }
    const smallest = await this.#withFewerRows({ ...start, tree }, tables, tryCase);
    const [, theirs] = await this.#ask(smallest.one);
    const text = render(tree);
    const records =
      theirs === undefined ? undefined : writeRecords(smallest.one, theirs, this.#settings, tables, smallest.removed);
    this.#add(last, text, records, kindOf(last, text), { number });
  }

  async #ask(one: GeneratedCase): Promise<[CaseAnswers | undefined, CaseAnswers | undefined]> {
    const [[ours], [theirs]] = await Promise.all([this.#engines.ours.run([one]), this.#engines.theirs.run([one])]);
    return [ours, theirs];
  }

  /** Takes rows out of the ordinary tables, in the block in which the statement runs. */
  async #withFewerRows(
    one: GeneratedCase,
    tables: readonly GeneratedTable[],
    tryCase: (candidate: GeneratedCase) => Promise<boolean>,
  ): Promise<{ readonly one: GeneratedCase; readonly removed: ReadonlyMap<string, ReadonlySet<number>> }> {
    const removed = new Map<string, ReadonlySet<number>>();
    const before = () =>
      [...removed]
        .filter(([, ids]) => ids.size > 0)
        .map(([name, ids]) => `DELETE FROM ${name} WHERE id IN (${[...ids].join(', ')})`);
    const sql = `${render(one.tree)} ${one.look ?? ''}`;
    for (const { name, rows, isOrdinary } of tables) {
      if (!isOrdinary || rows.length === 0 || !new RegExp(`\\b${name}\\b`).test(sql)) continue;
      const all = rows.map((_, index) => index + 1);
      const without = (kept: readonly number[]) => new Set(all.filter((id) => !kept.includes(id)));
      const kept = await fewest(all, (candidate) => {
        removed.set(name, without(candidate));
        return tryCase({ ...one, before: before() });
      });
      removed.set(name, without(kept));
    }
    return { one: { ...one, before: before() }, removed };
  }

  #countExplained({ name }: Explanation, example: string): void {
    const known = this.#explained.get(name);
    if (known === undefined) this.#explained.set(name, { count: 1, example, statements: [example] });
    else {
      known.count++;
      known.statements?.push(example);
    }
  }

  #countRefused(said: string, example: string): void {
    const reason = generalize(said.replace(/ @\d+/, ''));
    const known = this.#refused.get(reason);
    if (known === undefined) this.#refused.set(reason, { count: 1, example });
    else known.count++;
  }

  #add(
    { aspect, ours, theirs }: Difference,
    sql: string,
    records: string | undefined,
    kind: string,
    { number = this.#executed, comesAgain = true } = {},
  ): void {
    const known = this.#differences.get(kind);
    const round = this.#round;
    const found = { aspect, ours, theirs, sql, number, round, comesAgain, records, count: 1 };
    if (known === undefined) this.#differences.set(kind, found);
    else known.count++;
  }
}

/** Each expression of a statement, of those that need no parameters, for itself. */
function expressionCases(tree: Sql, except?: RegExp): GeneratedCase[] {
  const expressions = [...expressionsIn(tree)].filter(
    (part) => except?.test(render(part)) !== true && !/\$\d/.test(render(part)),
  );
  return expressions.slice(0, MAX_EXPRESSIONS).map((part) => ({
    kind: 'query',
    tree: sql`SELECT ${part}`,
    look: undefined,
    isOrdered: false,
    protocol: 'extended',
  }));
}

function firstDifferingLine(text: string, other: string): string {
  const others = new Set(other.split('\n'));
  return text.split('\n').find((line) => !others.has(line)) ?? 'rows are missing';
}

/** Of these aspects it is enough to read what was said to know that two are of one kind. */
const SAYS_ITSELF: ReadonlySet<Difference['aspect']> = new Set([
  'error',
  'SQLSTATE',
  'message',
  'position',
  'hint',
  'detail',
  'notice',
]);

function kindOf({ aspect, ours, theirs }: Difference, sql: string): string {
  if (SAYS_ITSELF.has(aspect)) {
    return `${aspect} ${withoutRows(`${generalize(ours.replace(/ @\d+/, ''))} | ${generalize(theirs.replace(/ @\d+/, ''))}`)}`;
  }
  const telling = TELLING.find((words) => sql.includes(words));
  return `${aspect} ${telling ?? skeletonOf(sql)}`;
}

/** What is most likely to blame where it is left in a statement that cannot be made simpler. */
const TELLING: readonly string[] = [
  'ALTER TABLE',
  'GROUPING SETS',
  'ROLLUP',
  'CUBE',
  'GROUP BY DISTINCT',
  'WITH RECURSIVE',
  'EXCLUDE',
  ' OVER (',
  'WITHIN GROUP',
  'WITH TIES',
  'INTERSECT ALL',
  'EXCEPT ALL',
  'LATERAL',
  'FULL JOIN',
  'NATURAL',
  'USING (',
  'ON CONFLICT',
];

/** A result is a result, whatever is in it. */
function withoutRows(said: string): string {
  return said.replace(/\b(SELECT|INSERT|UPDATE|DELETE) [^|]*/g, '$1 ');
}

const TYPE_NAMES =
  /\b(bigint|integer|smallint|numeric|real|double precision|text|character varying|character|name|bytea|boolean|date|interval|uuid|jsonb?|oid|time(stamp)? with(out)? time zone)\b(\[\])?|"char"/g;

/** Names, numbers and texts of one statement replaced by marks. */
function generalize(text: string): string {
  return text
    .replace(/"[^"]*"/g, '"…"')
    .replace(/'[^']*'/g, "'…'")
    .replace(TYPE_NAMES, 'TYPE')
    .replace(/\br\d+\.\S+/g, '…')
    .replace(/\b[th]\d\.\S+/g, '…')
    .replace(/-?\d+(\.\d+)?/g, '#');
}

/** What is left of a statement without its constants and columns. */
function skeletonOf(sql: string): string {
  return generalize(sql)
    .replace(/\b[rthc]#/g, '…')
    .replace(/\s+/g, ' ')
    .slice(0, 120);
}
