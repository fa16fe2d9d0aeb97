import { bool } from '../../types/bool.ts';
import { bytea } from '../../types/bytea.ts';
import { anynonarray } from '../../types/pseudo-types.ts';
import { bpchar, name, text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { defineOperator, defineScalar, stableWithEnvironment, total } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { lowerCase } from '../scalar/letter-case.ts';
import { like } from '../scalar/like-pattern.ts';
import { matchesIgnoringCase, matchesRegularExpression } from '../scalar/regular-expression.ts';
import { castToText } from '../scalar/text-form.ts';

const concatenate = (left: string, right: string): string => left + right;

function concatenateBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

/** `text || anything`: the other side is cast to text. */
const textAnyCat: ScalarFunction = defineScalar('textanycat', 2003, [text, anynonarray], text, concatenate, {
  ...stableWithEnvironment,
  specialize: (argumentTypes: readonly TypeDefinition[]) => {
    const toText = castToText(argumentTypes[1]!);
    const evaluate = (environment: FunctionEnvironment, left: string, right: Value) =>
      left + toText(right, environment.typeContext);
    return { ...textAnyCat, argumentTypes: [text, argumentTypes[1]!], evaluate };
  },
});

const anyTextCat: ScalarFunction = defineScalar('anytextcat', 2004, [anynonarray, text], text, concatenate, {
  ...stableWithEnvironment,
  specialize: (argumentTypes: readonly TypeDefinition[]) => {
    const toText = castToText(argumentTypes[0]!);
    const evaluate = (environment: FunctionEnvironment, left: Value, right: string) =>
      toText(left, environment.typeContext) + right;
    return { ...anyTextCat, argumentTypes: [argumentTypes[0]!, text], evaluate };
  },
});

type Match = (subject: string, pattern: string) => boolean;

const notLike: Match = (subject, pattern) => !like(subject, pattern);
const likeIgnoringCase: Match = (subject, pattern) => like(lowerCase(subject), lowerCase(pattern));
const notLikeIgnoringCase: Match = (subject, pattern) => !likeIgnoringCase(subject, pattern);
const doesNotMatch: Match = (subject, pattern) => !matchesRegularExpression(subject, pattern);
const doesNotMatchIgnoringCase: Match = (subject, pattern) => !matchesIgnoringCase(subject, pattern);

type MatchRow = readonly [operatorOid: number, functionName: string, functionOid: number, left: TypeDefinition];

function matching(symbol: string, match: Match, rows: readonly MatchRow[]): OperatorDefinition[] {
  return rows.map(([operatorOid, functionName, functionOid, left]) =>
    defineOperator(symbol, operatorOid, defineScalar(functionName, functionOid, [left, text], bool, match)),
  );
}

/** || and the operators behind LIKE (~~), ILIKE (~~*) and regular expressions (~, ~*), each with its negation. */
export const textOperators: readonly OperatorDefinition[] = [
  defineOperator('||', 654, defineScalar('textcat', 1258, [text, text], text, concatenate)),
  defineOperator('||', 2018, defineScalar('byteacat', 2011, [bytea, bytea], bytea, concatenateBytes)),
  defineOperator('||', 2779, textAnyCat),
  defineOperator('||', 2780, anyTextCat),
  defineOperator(
    '^@',
    3877,
    defineScalar('starts_with', 3696, [text, text], bool, (a: string, b: string) => a.startsWith(b), total),
  ),
  ...matching('~~', like, [
    [1207, 'namelike', 858, name],
    [1209, 'textlike', 850, text],
    [1211, 'bpcharlike', 1631, bpchar],
  ]),
  ...matching('!~~', notLike, [
    [1208, 'namenlike', 859, name],
    [1210, 'textnlike', 851, text],
    [1212, 'bpcharnlike', 1632, bpchar],
  ]),
  ...matching('~~*', likeIgnoringCase, [
    [1625, 'nameiclike', 1635, name],
    [1627, 'texticlike', 1633, text],
    [1629, 'bpchariclike', 1660, bpchar],
  ]),
  ...matching('!~~*', notLikeIgnoringCase, [
    [1626, 'nameicnlike', 1636, name],
    [1628, 'texticnlike', 1634, text],
    [1630, 'bpcharicnlike', 1661, bpchar],
  ]),
  ...matching('~', matchesRegularExpression, [
    [639, 'nameregexeq', 79, name],
    [641, 'textregexeq', 1254, text],
    [1055, 'bpcharregexeq', 1658, bpchar],
  ]),
  ...matching('!~', doesNotMatch, [
    [640, 'nameregexne', 1252, name],
    [642, 'textregexne', 1256, text],
    [1056, 'bpcharregexne', 1659, bpchar],
  ]),
  ...matching('~*', matchesIgnoringCase, [
    [1226, 'nameicregexeq', 1240, name],
    [1228, 'texticregexeq', 1238, text],
    [1234, 'bpcharicregexeq', 1656, bpchar],
  ]),
  ...matching('!~*', doesNotMatchIgnoringCase, [
    [1227, 'nameicregexne', 1241, name],
    [1229, 'texticregexne', 1239, text],
    [1235, 'bpcharicregexne', 1657, bpchar],
  ]),
];

/** The same under the names that are called as functions. */
export const likeFunctions: readonly ScalarFunction[] = [
  defineScalar('like', 1569, [text, text], bool, like),
  defineScalar('like', 1571, [name, text], bool, like),
  defineScalar('notlike', 1570, [text, text], bool, notLike),
  defineScalar('notlike', 1572, [name, text], bool, notLike),
];
