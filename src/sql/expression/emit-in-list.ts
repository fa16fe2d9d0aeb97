import type { ExpressionEmitter, Operand } from './emit-expression.ts';
import { and, notNull, or } from './emit-source.ts';
import type { InConstantsExpression, InListExpression } from './expression.ts';
import { mayFail } from './may-fail.ts';

/** Literals are looked up in a set, which holds a million of them as well as three; other items are compared in turn. */
export function emitInList(emitter: ExpressionEmitter, expression: InListExpression): Operand {
  const { argument, list, isNegated } = expression;
  const { definition } = argument.type;
  const constants = list.filter((item) => item.kind === 'constant');
  if (constants.length < list.length) return emitInExpressions(emitter, expression);
  // A Set finds strings and numbers as SQL does (0 is -0, NaN is NaN), but for char(n), whose padding does not count.
  const isPlainKey =
    definition.representation === 'float64' ||
    (definition.representation === 'text' && definition.hasLooseEquality !== true);
  const keys = new Set<unknown>();
  let hasNull = false;
  for (const { value } of constants) {
    if (value === null) hasNull = true;
    else keys.add(isPlainKey ? value : definition.hashKey(value));
  }
  const operand = emitter.emit(argument);
  const key = isPlainKey ? operand.value : `${emitter.capture(definition)}.hashKey(${operand.value})`;
  const found = emitter.newName();
  emitter.line(`const ${found} = ${and(notNull(operand.isNull), `${emitter.capture(keys)}.has(${key})`)};`);
  return {
    value: isNegated ? `!${found}` : found,
    isNull: hasNull ? or(operand.isNull, `!${found}`) : operand.isNull,
  };
}

/** The constants have their own way of being found. */
export function emitInConstants(emitter: ExpressionEmitter, expression: InConstantsExpression): Operand {
  const { argument, constants, isNegated } = expression;
  const operand = emitter.emit(argument);
  const found = emitter.newName();
  const isThere = `${emitter.capture(constants)}.has(${operand.value})`;
  emitter.line(`const ${found} = ${and(notNull(operand.isNull), isThere)};`);
  return { value: isNegated ? `!${found}` : found, isNull: operand.isNull };
}

/** The list is an array: each of its items is calculated, and may raise its error, before any is compared. */
function emitInExpressions(emitter: ExpressionEmitter, expression: InListExpression): Operand {
  const argument = emitter.emit(expression.argument);
  const equals = emitter.capture(expression.equals.evaluate);
  const found = emitter.newName();
  const sawNull = emitter.newName();
  const block = emitter.newName();
  const items = expression.list.map((item): Operand => {
    const operand = emitter.emit(item);
    if (!mayFail(item)) return operand;
    const value = emitter.newName();
    emitter.line(`const ${value} = ${emitter.nullable(operand)};`);
    return { value, isNull: operand.isNull === undefined ? undefined : `(${value} === null)` };
  });
  emitter.line(
    `let ${found} = false, ${sawNull} = ${argument.isNull ?? 'false'}; ${block}: { if (${sawNull}) break ${block};`,
  );
  for (const { value, isNull } of items) {
    const hit = `if (${equals}(${argument.value}, ${value})) { ${found} = true; ${sawNull} = false; break ${block}; }`;
    emitter.line(isNull === undefined ? hit : `if (${isNull}) ${sawNull} = true; else ${hit}`);
  }
  emitter.line('}');
  return { value: expression.isNegated ? `!${found}` : found, isNull: sawNull };
}
