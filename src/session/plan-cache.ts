import type { Statement } from '../sql/syntax/ast.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { isCurrent, type PlannedStatement, planStatement } from './plan-statement.ts';
import type { SessionEnvironment } from './session-environment.ts';
import type { Settings } from './settings.ts';

type DeclaredTypes = readonly (TypeDefinition | undefined)[];

/**
 * One session's plans by statement and declared parameter types. Repeated texts have one statement object (the statement
 * cache sees to it), so a plan lives as long as its text is remembered. A plan is used while the settings and the
 * tables that it was made for are the same.
 */
export class PlanCache {
  #plans = new WeakMap<Statement, Map<string, PlannedStatement>>();

  /** `declaredTypes` undefined: a statement without parameters. Throws what binding throws. */
  plan(
    statement: Statement,
    declaredTypes: DeclaredTypes | undefined,
    environment: SessionEnvironment,
    settings: Settings,
  ): PlannedStatement {
    const key = declaredTypes?.map((type) => type?.oid ?? 0).join(',') ?? 'none';
    const known = this.#plans.get(statement)?.get(key);
    if (known !== undefined && isCurrent(known, settings, environment)) return known;
    const planned = planStatement(statement, declaredTypes, environment, settings);
    if (planned.isCacheable) {
      const plans = this.#plans.get(statement) ?? new Map<string, PlannedStatement>();
      plans.set(key, planned);
      this.#plans.set(statement, plans);
    }
    return planned;
  }

  /** DISCARD PLANS. */
  clear(): void {
    this.#plans = new WeakMap();
  }
}
