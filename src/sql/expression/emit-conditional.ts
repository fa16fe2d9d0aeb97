import type { Representation } from '../../types/type-definition.ts';
import type { ExpressionEmitter, Operand } from './emit-expression.ts';
import { and, notNull, or, startValue } from './emit-source.ts';
import type { Expression } from './expression.ts';

type ExpressionOf<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;

/** Three-valued AND/OR: the first argument that decides ends the block. */
export function emitLogic(emitter: ExpressionEmitter, argumentList: readonly Expression[], isOr: boolean): Operand {
  const result = emitter.newName();
  const sawNull = emitter.newName();
  const block = emitter.newName();
  emitter.line(`let ${result} = ${!isOr}, ${sawNull} = false; ${block}: {`);
  let mayBeNull = false;
  for (const argument of argumentList) {
    const { value, isNull } = emitter.emit(argument);
    const decides = `if (${isOr ? value : `!${value}`}) { ${result} = ${isOr}; ${sawNull} = false; break ${block}; }`;
    if (isNull === undefined) emitter.line(decides);
    else {
      mayBeNull = true;
      emitter.line(`if (${isNull}) ${sawNull} = true; else ${decides}`);
    }
  }
  emitter.line('}');
  return { value: result, isNull: mayBeNull ? sawNull : undefined };
}

/** Branches are tried in order, and only the one that holds is computed. Without ELSE the result is NULL. */
export function emitCase(emitter: ExpressionEmitter, expression: ExpressionOf<'case'>): Operand {
  const [result, resultIsNull, block] = openBlock(emitter, expression.type.definition.representation);
  for (const { when, then } of expression.branches) {
    const condition = emitter.emit(when);
    emitter.line(`if (${and(notNull(condition.isNull), condition.value)}) {`);
    assign(emitter, result, resultIsNull, emitter.emit(then));
    emitter.line(`break ${block}; }`);
  }
  if (expression.otherwise === undefined) emitter.line(`${resultIsNull} = true;`);
  else assign(emitter, result, resultIsNull, emitter.emit(expression.otherwise));
  emitter.line('}');
  return { value: result, isNull: resultIsNull };
}

/** The first argument that is not NULL; those behind it are not computed. */
export function emitCoalesce(emitter: ExpressionEmitter, expression: ExpressionOf<'coalesce'>): Operand {
  const [result, resultIsNull, block] = openBlock(emitter, expression.type.definition.representation);
  for (const argument of expression.arguments) {
    const { value, isNull } = emitter.emit(argument);
    const take = `${result} = ${value}; break ${block};`;
    emitter.line(isNull === undefined ? take : `if (!(${isNull})) { ${take} }`);
    if (isNull === undefined) break;
  }
  emitter.line(`${resultIsNull} = true; }`);
  return { value: result, isNull: resultIsNull };
}

export function emitNullIf(emitter: ExpressionEmitter, expression: ExpressionOf<'nullif'>): Operand {
  const left = emitter.emit(expression.left);
  const right = emitter.emit(expression.right);
  const result = emitter.emit(expression.result);
  const isNull = emitter.newName();
  const equals = emitter.evaluation(expression.equals, left.value, right.value);
  const comparable = and(notNull(left.isNull), notNull(right.isNull));
  emitter.line(`const ${isNull} = ${or(result.isNull, and(comparable, equals))};`);
  return { value: result.value, isNull };
}

/** NULLs are passed over; the result is NULL when all are. */
export function emitExtreme(emitter: ExpressionEmitter, expression: ExpressionOf<'greatest' | 'least'>): Operand {
  const { definition } = expression.type;
  const result = emitter.newName();
  const isNull = emitter.newName();
  const type = emitter.capture(definition);
  const sign = expression.kind === 'greatest' ? '>' : '<';
  emitter.line(`let ${result} = ${startValue(definition.representation)}, ${isNull} = true;`);
  for (const argument of expression.arguments) {
    const operand = emitter.emit(argument);
    const wins = `${isNull} || ${type}.compare(${operand.value}, ${result}) ${sign} 0`;
    emitter.line(
      `if (${and(notNull(operand.isNull), `(${wins})`)}) { ${result} = ${operand.value}; ${isNull} = false; }`,
    );
  }
  return { value: result, isNull };
}

/** Declares a result, its NULL flag and a labelled block, which is left as soon as the result is known. */
function openBlock(emitter: ExpressionEmitter, representation: Representation): [string, string, string] {
  const result = emitter.newName();
  const resultIsNull = emitter.newName();
  const block = emitter.newName();
  emitter.line(`let ${result} = ${startValue(representation)}, ${resultIsNull} = false; ${block}: {`);
  return [result, resultIsNull, block];
}

function assign(emitter: ExpressionEmitter, result: string, resultIsNull: string, operand: Operand): void {
  if (operand.isNull === 'true') emitter.line(`${resultIsNull} = true;`);
  else if (operand.isNull === undefined) emitter.line(`${result} = ${operand.value};`);
  else emitter.line(`if (${operand.isNull}) ${resultIsNull} = true; else ${result} = ${operand.value};`);
}
