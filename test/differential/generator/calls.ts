import { SeededRandom } from '../../support/seeded-random.ts';
import { type Catalogue, restrictCatalogue, type Supported } from './catalogue.ts';
import { badText, hasValues, literal, quote, randomText, typeSql, VALUE_TYPES } from './values.ts';

/** A call of one function, operator or cast over constants, and what it is a call of. */
export interface GeneratedCall {
  readonly of: string;
  readonly sql: string;
}

/** What stands for a polymorphic type. */
const ELEMENTS = ['int4', 'text', 'numeric', 'timestamptz', 'float8'];
/** Texts that are picked of each type, to be tried as every type. */
const TEXTS_PER_TYPE = 60;
const MOST_ROWS = 1000;

/**
 * Up to `perSignature` calls of each function and operator over constants, and as many of each cast; and every text as
 * every type. Where statements made at random meet a function now and then, this meets all of them.
 */
export function generateCalls(
  seed: number,
  perSignature: number,
  wholeCatalogue: Catalogue,
  supported: Supported | undefined,
): readonly GeneratedCall[] {
  const random = new SeededRandom(seed);
  const catalogue = restrictCatalogue(wholeCatalogue, supported);
  const calls: GeneratedCall[] = [];
  const add = (of: string, types: readonly string[], write: (values: readonly string[]) => string): void => {
    const written = new Set<string>();
    for (let left = perSignature; left > 0; left--) {
      const element = random.pick(ELEMENTS);
      const concrete = types.map((type) => concreteType(type, element, random));
      if (!concrete.every(hasValues)) return;
      written.add(write(concrete.map((type) => literal(type, random))));
    }
    for (const sql of written) calls.push({ of, sql });
  };
  for (const { name, kind, arguments: types } of catalogue.functions) {
    if (kind !== 'scalar' && kind !== 'table') continue;
    const called = `pg_catalog.${JSON.stringify(name)}`;
    // A series may be longer than anyone's memory.
    const bound = kind === 'table' ? ` LIMIT ${MOST_ROWS}` : '';
    add(`${name}(${types.join(', ')})`, types, (values) => `SELECT ${called}(${values.join(', ')})${bound}`);
  }
  for (const { name, left, right } of catalogue.operators) {
    const types = left === undefined ? [right] : [left, right];
    add(`${left ?? ''} ${name} ${right}`, types, (values) =>
      values.length === 1 ? `SELECT ${name} ${values[0]}` : `SELECT ${values[0]} ${name} ${values[1]}`,
    );
  }
  for (const source of VALUE_TYPES) {
    for (const target of VALUE_TYPES) {
      add(`${source} to ${target}`, [source], ([value]) => `SELECT (${value})::${typeSql(target)}`);
    }
  }
  const texts = new Set<string>();
  for (const type of VALUE_TYPES) {
    for (let left = TEXTS_PER_TYPE; left > 0; left--) {
      texts.add(randomText(type, random));
      texts.add(badText(type, random) ?? '');
    }
  }
  for (const text of texts) {
    for (const type of VALUE_TYPES)
      calls.push({ of: `text of ${type}`, sql: `SELECT ${quote(text)}::${typeSql(type)}` });
  }
  return calls;
}

function concreteType(type: string, element: string, random: SeededRandom): string {
  if (type === 'any') return random.pick(VALUE_TYPES);
  if (!type.startsWith('any')) return type;
  return type.endsWith('array') ? `_${element}` : element;
}
