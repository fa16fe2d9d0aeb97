import { BucketMemo } from '../../functions/time-bucket/bucket-memo.ts';
import { bucketRule } from '../../functions/time-bucket/bucket-walker.ts';
import type { EvaluationContext } from './compile-expression.ts';
import type { ExpressionEmitter, Operand } from './emit-expression.ts';
import { notNull } from './emit-source.ts';
import type { CallExpression } from './expression.ts';

/**
 * A call that cuts time into buckets which are all known but for the time: a division where buckets are equally long,
 * else the bucket of the row before as long as rows fall in it. Undefined for other calls.
 */
export function emitBucket(
  emitter: ExpressionEmitter,
  expression: CallExpression,
  { environment }: EvaluationContext,
): Operand | undefined {
  const { function: callee, arguments: values } = expression;
  if (callee.bucketing === undefined) return undefined;
  const { timeArgument } = callee.bucketing;
  const isKnown = values.every((value, at) => (value.kind === 'constant') === (at !== timeArgument));
  if (!isKnown) return undefined;
  const constants = values.map((value) => (value.kind === 'constant' ? value.value : null));
  const rule = bucketRule(callee, constants, environment);
  if (rule === undefined || rule.limit <= 0) return undefined;

  const operands = values.map((value) => emitter.emit(value));
  const time = operands[timeArgument];
  const result = emitter.newName();
  const isAnswered = `typeof ${time.value} === 'number' && ${time.value} >= ${emitter.capture(-rule.limit)} && ${time.value} <= ${emitter.capture(rule.limit)}`;
  const call = `${emitter.capture(callee.evaluate)}(${[
    ...(callee.usesEnvironment === true ? ['e'] : []),
    ...operands.map((operand) => operand.value),
  ].join(', ')})`;
  emitter.line(`let ${result} = 0;`);
  emitter.line(`if (${notNull(time.isNull) ?? 'true'}) { if (${isAnswered}) {`);
  if (rule.fixed === undefined) {
    const memo = emitter.capture(new BucketMemo(rule));
    emitter.line(
      `${result} = ${time.value} >= ${memo}.from && ${time.value} < ${memo}.to ? ${memo}.start : ${memo}.find(${time.value});`,
    );
  } else {
    const width = emitter.capture(rule.fixed.width);
    const origin = emitter.capture(rule.fixed.origin);
    emitter.line(`${result} = Math.floor((${time.value} - ${origin}) / ${width}) * ${width} + ${origin};`);
  }
  emitter.line(`} else ${result} = ${call}; }`);
  return { value: result, isNull: time.isNull };
}
