import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { ConstantExpression, Expression } from '../expression/expression.ts';
import { childrenOf } from '../expression/walk-expression.ts';

/** What is computed of parameters alone has been computed where they were constants. */
const COMPUTED: ReadonlySet<string> = new Set(['call', 'text-cast', 'relabel']);

/**
 * Whether a bound statement with parameters is one without that was bound and optimized alike: node by node the same, but
 * that it has parameters, and what is computed of them, where the other one has constants of the same type. Then it does
 * for other values what the other one would be planned anew for. Gives what it computes of parameters, which may fail for
 * other values; undefined: it is another plan.
 */
export function computationsOfGenericForm(generic: unknown, specific: unknown): readonly Expression[] | undefined {
  const comparison = new GenericComparison();
  return comparison.isSame(generic, specific) ? comparison.computations : undefined;
}

class GenericComparison {
  readonly computations: Expression[] = [];
  /** Parts of the one that have been found to be the same as a part of the other; plans share parts. */
  readonly #seen = new Map<object, unknown>();

  isSame(generic: unknown, specific: unknown): boolean {
    if (Object.is(generic, specific)) return true;
    if (!isObject(generic) || !isObject(specific)) return false;
    if (this.#seen.get(generic) === specific) return true;
    const verdict = this.#isSameObject(generic, specific);
    if (verdict) this.#seen.set(generic, specific);
    return verdict;
  }

  #isSameObject(generic: object, specific: object): boolean {
    if (Array.isArray(generic)) {
      return (
        Array.isArray(specific) &&
        generic.length === specific.length &&
        generic.every((item, at) => this.isSame(item, specific[at]))
      );
    }
    if (isConstant(specific)) return this.#isSameAsConstant(generic, specific);
    if (isSystemTable(generic) && isSystemTable(specific)) return generic.oid === specific.oid;
    if (!isPlain(generic) || !isPlain(specific)) return false;
    const entries = Object.entries(generic);
    return (
      entries.length === Object.keys(specific).length &&
      entries.every(([key, value]) => key in specific && this.isSame(value, (specific as Record<string, unknown>)[key]))
    );
  }

  #isSameAsConstant(generic: object, specific: ConstantExpression): boolean {
    if (!isExpression(generic) || generic.type.definition !== specific.type.definition) return false;
    if (isConstant(generic)) return isSameValue(generic.value, specific.value, specific.type.definition);
    if (!isOfParameters(generic)) return false;
    if (generic.kind !== 'parameter') this.computations.push(generic);
    return true;
  }
}

/** A parameter, or a computation over parameters (one at least) and constants. */
function isOfParameters(node: Expression): boolean {
  if (node.kind === 'parameter') return true;
  if (!COMPUTED.has(node.kind)) return false;
  const children = childrenOf(node);
  return children.some(isOfParameters) && children.every((child) => isConstant(child) || isOfParameters(child));
}

function isSameValue(left: Value, right: Value, type: TypeDefinition): boolean {
  if (left === null || right === null) return left === right;
  return type.hashKey(left) === type.hashKey(right);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function isExpression(node: object): node is Expression {
  return 'kind' in node && 'type' in node && isObject(node.type) && 'definition' in node.type;
}

function isConstant(node: object): node is ConstantExpression {
  return isExpression(node) && node.kind === 'constant';
}

/** Made anew each time that somebody looks for it. */
function isSystemTable(node: object): node is { readonly oid: number } {
  return 'kind' in node && node.kind === 'system-table';
}
