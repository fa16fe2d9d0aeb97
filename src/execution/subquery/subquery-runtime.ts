import type { BatchStream } from '../../columnar/batch.ts';
import type { EvaluationContext } from '../../sql/expression/compile-expression.ts';
import type { SubqueryExpression, SubqueryPlan } from '../../sql/expression/expression.ts';
import { PENDING, type SubqueryLookup, type SubquerySource } from '../../sql/expression/subquery-source.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { ComparedRows } from './compared-rows.ts';
import { inputKey, inputTypes } from './input-key.ts';
import { runSubquery } from './run-subquery.ts';

export type RunPlan = (plan: LogicalPlan, context: ExecutionContext) => BatchStream;

/** Beyond this many results a subquery forgets all of them when the next rows come. */
const MAX_RESULTS = 200_000;
/** What a remembered result holds, roughly. */
const RESULT_BYTES = 160;
const RESERVE_EVERY = 1000;

interface Request {
  readonly results: SubqueryResults;
  readonly key: unknown;
  readonly round: number;
  readonly inputs: readonly Value[];
}

/**
 * The subqueries of one execution. Each runs once for each different combination of the values that it reads of the rows
 * around it, when a row first asks for it; one that reads none runs once.
 */
export class SubqueryRuntime implements SubquerySource {
  readonly #run: RunPlan;
  readonly #results = new Map<SubqueryPlan, SubqueryResults>();
  #requests: Request[] = [];
  #roundCount = 0;
  #round = 0;

  constructor(run: RunPlan) {
    this.#run = run;
  }

  get hasPending(): boolean {
    return this.#requests.length > 0;
  }

  /** The round under way: rows of one are told from those of another by subqueries that run for each row. */
  get round(): number {
    return this.#round;
  }

  beginRound(): number {
    this.#roundCount += 1;
    for (const results of this.#results.values()) results.trim();
    return this.#roundCount;
  }

  enterRound(round: number): void {
    this.#round = round;
  }

  endRound(round: number): void {
    for (const results of this.#results.values()) results.endRound(round);
  }

  lookupOf(expression: SubqueryExpression, context: EvaluationContext): SubqueryLookup {
    let results = this.#results.get(expression.plan);
    if (results === undefined) {
      results = new SubqueryResults(this, expression, this.#run, context as ExecutionContext);
      this.#results.set(expression.plan, results);
    }
    return results;
  }

  request(request: Request): void {
    this.#requests.push(request);
  }

  /** Runs what was asked for, in the order of the rows. */
  async resolve(context: ExecutionContext): Promise<void> {
    const requests = this.#requests;
    this.#requests = [];
    let done = 0;
    try {
      for (; done < requests.length; done++) await requests[done].results.resolve(context, requests[done]);
    } finally {
      for (const request of requests.slice(done)) request.results.forget(request);
    }
  }
}

class SubqueryResults implements SubqueryLookup {
  readonly #runtime: SubqueryRuntime;
  readonly #expression: SubqueryExpression;
  readonly #runPlan: RunPlan;
  readonly #types: readonly TypeDefinition[];
  readonly #isPerRow: boolean;
  /** Of ANY and ALL: the rows to compare with, by the values of the bindings. */
  readonly #compared: ComparedRows | undefined;
  readonly #results = new Map<unknown, Value | typeof PENDING>();
  /** Results that belong to a row of a round, not to values. */
  readonly #ofRounds = new Map<number, Map<unknown, Value | typeof PENDING>>();
  readonly #memory: ExecutionContext['memory'];
  #reservedBytes = 0;

  constructor(runtime: SubqueryRuntime, expression: SubqueryExpression, run: RunPlan, context: ExecutionContext) {
    this.#runtime = runtime;
    this.#expression = expression;
    this.#runPlan = run;
    this.#memory = context.memory;
    this.#types = inputTypes(expression);
    this.#isPerRow = expression.isVolatile && expression.bindings.length > 0;
    const { form } = expression;
    this.#compared = form === 'any' || form === 'all' ? new ComparedRows(expression, run) : undefined;
  }

  valueOf(row: number, inputs: readonly Value[]): Value | typeof PENDING {
    if (this.#isPerRow) return this.#valueOfRow(row, inputs);
    const direct = this.#compared?.find(inputs);
    if (direct !== undefined) return direct;
    const key = inputKey(inputs, this.#types);
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    this.#results.set(key, PENDING);
    this.#runtime.request({ results: this, key, round: this.#runtime.round, inputs: [...inputs] });
    return PENDING;
  }

  async resolve(context: ExecutionContext, request: Request): Promise<void> {
    const { inputs } = request;
    const value =
      this.#compared === undefined
        ? await runSubquery(this.#expression, this.#runPlan, context, inputs)
        : await this.#compared.compare(context, inputs);
    this.#resultsOf(request)?.set(request.key, value);
    if (this.#results.size * RESULT_BYTES > this.#reservedBytes) {
      const sizeBytes = RESERVE_EVERY * RESULT_BYTES;
      this.#memory.reserve(sizeBytes);
      this.#reservedBytes += sizeBytes;
    }
  }

  /** What was asked for did not come. */
  forget(request: Request): void {
    this.#resultsOf(request)?.delete(request.key);
  }

  #resultsOf({ round }: Request): Map<unknown, Value | typeof PENDING> | undefined {
    return this.#isPerRow ? this.#ofRounds.get(round) : this.#results;
  }

  trim(): void {
    if (this.#results.size <= MAX_RESULTS) return;
    this.#results.clear();
    this.#memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }

  endRound(round: number): void {
    this.#ofRounds.delete(round);
  }

  #valueOfRow(row: number, inputs: readonly Value[]): Value | typeof PENDING {
    const { round } = this.#runtime;
    let results = this.#ofRounds.get(round);
    if (results === undefined) {
      results = new Map();
      this.#ofRounds.set(round, results);
    }
    const known = results.get(row);
    if (known !== undefined) return known;
    results.set(row, PENDING);
    this.#runtime.request({ results: this, key: row, round, inputs: [...inputs] });
    return PENDING;
  }
}
