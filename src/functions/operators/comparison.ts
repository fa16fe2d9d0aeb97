import { bool } from '../../types/bool.ts';
import { bytea } from '../../types/bytea.ts';
import { compareUtf8 } from '../../types/compare-utf8.ts';
import { date } from '../../types/date.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { canonicalInstant } from '../../types/instant.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { interval } from '../../types/interval-type.ts';
import { numeric } from '../../types/numeric-type.ts';
import { cid, oid, xid } from '../../types/oid.ts';
import { bpchar, char, name, text } from '../../types/string-types.ts';
import { tid } from '../../types/tid.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { uuid } from '../../types/uuid.ts';
import type { Int64, Value } from '../../types/value.ts';
import { oidvector } from '../../types/vector-types.ts';
import { defineOperator, defineScalar } from '../define.ts';
import type { OperatorDefinition } from '../operator-definition.ts';

/** The six comparisons of a family, in the order in which the tables below list them. */
export const symbols = ['=', '<>', '<', '<=', '>', '>='] as const;
type Symbol = (typeof symbols)[number];

interface Comparison {
  // biome-ignore lint/suspicious/noExplicitAny: each kernel takes the scalars of its own types
  readonly evaluate: (left: any, right: any) => boolean;
  readonly inline?: (left: string, right: string) => string;
}

export type ComparisonFamily = Readonly<Record<Symbol, Comparison>>;

/** Values that JavaScript orders as SQL does: integers (number against bigint compares exactly), booleans, dates. */
export const plain: ComparisonFamily = {
  '=': { evaluate: (a, b) => a === b, inline: (a, b) => `${a} === ${b}` },
  '<>': { evaluate: (a, b) => a !== b, inline: (a, b) => `${a} !== ${b}` },
  '<': { evaluate: (a, b) => a < b, inline: (a, b) => `${a} < ${b}` },
  '<=': { evaluate: (a, b) => a <= b, inline: (a, b) => `${a} <= ${b}` },
  '>': { evaluate: (a, b) => a > b, inline: (a, b) => `${a} > ${b}` },
  '>=': { evaluate: (a, b) => a >= b, inline: (a, b) => `${a} >= ${b}` },
};

/** NaN equals itself and is greater than everything else; JavaScript's comparisons with it are all false. */
const floating: ComparisonFamily = {
  '=': {
    evaluate: (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b)),
    inline: (a, b) => `(${a} === ${b} || (${a} !== ${a} && ${b} !== ${b}))`,
  },
  '<>': {
    evaluate: (a: number, b: number) => a !== b && !(Number.isNaN(a) && Number.isNaN(b)),
    inline: (a, b) => `(${a} !== ${b} && (${a} === ${a} || ${b} === ${b}))`,
  },
  '<': {
    evaluate: (a: number, b: number) => a < b || (Number.isNaN(b) && !Number.isNaN(a)),
    inline: (a, b) => `(${a} < ${b} || (${b} !== ${b} && ${a} === ${a}))`,
  },
  '<=': {
    evaluate: (a: number, b: number) => a <= b || Number.isNaN(b),
    inline: (a, b) => `(${a} <= ${b} || ${b} !== ${b})`,
  },
  '>': {
    evaluate: (a: number, b: number) => a > b || (Number.isNaN(a) && !Number.isNaN(b)),
    inline: (a, b) => `(${a} > ${b} || (${a} !== ${a} && ${b} === ${b}))`,
  },
  '>=': {
    evaluate: (a: number, b: number) => a >= b || Number.isNaN(a),
    inline: (a, b) => `(${a} >= ${b} || ${a} !== ${a})`,
  },
};

/** Any types, by the sign of an ordering of their values. Written out, so that each kernel stays one small function. */
export function familyOf(compare: (left: never, right: never) => number): ComparisonFamily {
  const order = compare as (left: Value, right: Value) => number;
  return {
    '=': { evaluate: (a: Value, b: Value) => order(a, b) === 0 },
    '<>': { evaluate: (a: Value, b: Value) => order(a, b) !== 0 },
    '<': { evaluate: (a: Value, b: Value) => order(a, b) < 0 },
    '<=': { evaluate: (a: Value, b: Value) => order(a, b) <= 0 },
    '>': { evaluate: (a: Value, b: Value) => order(a, b) > 0 },
    '>=': { evaluate: (a: Value, b: Value) => order(a, b) >= 0 },
  };
}

/**
 * Whether an infinity read as a number meets the same infinity as the mark of a wide column, which JavaScript takes for
 * different. No finite instant passes this limit, the first instant out of range. Between numbers it is always false,
 * and compilers see that.
 */
const LAST_INSTANT = '9223371331200000000';
const sameInfinity = (a: string, b: string): string =>
  `(typeof ${a} !== typeof ${b} && ((${a} > ${LAST_INSTANT} && ${b} > ${LAST_INSTANT}) || ` +
  `(${a} < -${LAST_INSTANT} && ${b} < -${LAST_INSTANT})))`;

const orderOfInstants = familyOf((left: Int64, right: Int64) => {
  const a = canonicalInstant(left);
  const b = canonicalInstant(right);
  return a < b ? -1 : a > b ? 1 : 0;
});

const instant: ComparisonFamily = {
  '=': { ...orderOfInstants['='], inline: (a, b) => `(${a} === ${b} || ${sameInfinity(a, b)})` },
  '<>': { ...orderOfInstants['<>'], inline: (a, b) => `(${a} !== ${b} && !${sameInfinity(a, b)})` },
  '<': { ...orderOfInstants['<'], inline: (a, b) => `(${a} < ${b} && !${sameInfinity(a, b)})` },
  '<=': { ...orderOfInstants['<='], inline: (a, b) => `(${a} <= ${b} || ${sameInfinity(a, b)})` },
  '>': { ...orderOfInstants['>'], inline: (a, b) => `(${a} > ${b} && !${sameInfinity(a, b)})` },
  '>=': { ...orderOfInstants['>='], inline: (a, b) => `(${a} >= ${b} || ${sameInfinity(a, b)})` },
};

/** Equal strings are equal bytes; the order is that of the UTF-8 bytes, which JavaScript's own is not. */
const string: ComparisonFamily = {
  ...familyOf(compareUtf8),
  '=': plain['='],
  '<>': plain['<>'],
};

/** The comparisons that LIKE uses indexes with in other collations; ours order by bytes anyway. */
function patternOperators(
  type: TypeDefinition,
  family: ComparisonFamily,
  rows: readonly (readonly [symbol: '<' | '<=' | '>=' | '>', functionName: string, functionOid: number, oid: number])[],
): OperatorDefinition[] {
  return rows.map(([symbol, functionName, functionOid, operatorOid]) =>
    defineOperator(
      `~${symbol}~`,
      operatorOid,
      defineScalar(functionName, functionOid, [type, type], bool, family[symbol].evaluate, { mayThrow: false }),
    ),
  );
}

const byType = (type: TypeDefinition): ComparisonFamily => familyOf(type.compare.bind(type));

/** Function name, function OID and operator OID of each comparison, in the order of `symbols`. */
export type ComparisonNames = readonly (readonly [functionName: string, functionOid: number, operatorOid: number])[];

export function comparisonOperators(
  left: TypeDefinition,
  right: TypeDefinition,
  family: ComparisonFamily,
  names: ComparisonNames,
): OperatorDefinition[] {
  return names.map(([functionName, functionOid, operatorOid], at) => {
    const symbol = symbols[at]!;
    const { evaluate, inline } = family[symbol];
    const options = inline === undefined ? { mayThrow: false } : { mayThrow: false, inline: inline as () => string };
    return defineOperator(
      symbol,
      operatorOid,
      defineScalar(functionName, functionOid, [left, right], bool, evaluate, options),
    );
  });
}

/** = <> < <= > >= within one type and between the numbers of one kind. Dates against instants: date-time-comparison.ts. */
export const comparisonOperatorsOfTypes: readonly OperatorDefinition[] = [
  ...comparisonOperators(bool, bool, plain, [
    ['booleq', 60, 91],
    ['boolne', 84, 85],
    ['boollt', 56, 58],
    ['boolle', 1691, 1694],
    ['boolgt', 57, 59],
    ['boolge', 1692, 1695],
  ]),
  ...comparisonOperators(bpchar, bpchar, byType(bpchar), [
    ['bpchareq', 1048, 1054],
    ['bpcharne', 1053, 1057],
    ['bpcharlt', 1049, 1058],
    ['bpcharle', 1050, 1059],
    ['bpchargt', 1051, 1060],
    ['bpcharge', 1052, 1061],
  ]),
  ...comparisonOperators(bytea, bytea, byType(bytea), [
    ['byteaeq', 1948, 1955],
    ['byteane', 1953, 1956],
    ['bytealt', 1949, 1957],
    ['byteale', 1950, 1958],
    ['byteagt', 1951, 1959],
    ['byteage', 1952, 1960],
  ]),
  ...comparisonOperators(char, char, string, [
    ['chareq', 61, 92],
    ['charne', 70, 630],
    ['charlt', 1246, 631],
    ['charle', 72, 632],
    ['chargt', 73, 633],
    ['charge', 74, 634],
  ]),
  ...comparisonOperators(date, date, plain, [
    ['date_eq', 1086, 1093],
    ['date_ne', 1091, 1094],
    ['date_lt', 1087, 1095],
    ['date_le', 1088, 1096],
    ['date_gt', 1089, 1097],
    ['date_ge', 1090, 1098],
  ]),
  ...comparisonOperators(float4, float4, floating, [
    ['float4eq', 287, 620],
    ['float4ne', 288, 621],
    ['float4lt', 289, 622],
    ['float4le', 290, 624],
    ['float4gt', 291, 623],
    ['float4ge', 292, 625],
  ]),
  ...comparisonOperators(float4, float8, floating, [
    ['float48eq', 299, 1120],
    ['float48ne', 300, 1121],
    ['float48lt', 301, 1122],
    ['float48le', 302, 1124],
    ['float48gt', 303, 1123],
    ['float48ge', 304, 1125],
  ]),
  ...comparisonOperators(float8, float4, floating, [
    ['float84eq', 305, 1130],
    ['float84ne', 306, 1131],
    ['float84lt', 307, 1132],
    ['float84le', 308, 1134],
    ['float84gt', 309, 1133],
    ['float84ge', 310, 1135],
  ]),
  ...comparisonOperators(float8, float8, floating, [
    ['float8eq', 293, 670],
    ['float8ne', 294, 671],
    ['float8lt', 295, 672],
    ['float8le', 296, 673],
    ['float8gt', 297, 674],
    ['float8ge', 298, 675],
  ]),
  ...comparisonOperators(int2, int2, plain, [
    ['int2eq', 63, 94],
    ['int2ne', 145, 519],
    ['int2lt', 64, 95],
    ['int2le', 148, 522],
    ['int2gt', 146, 520],
    ['int2ge', 151, 524],
  ]),
  ...comparisonOperators(int2, int4, plain, [
    ['int24eq', 158, 532],
    ['int24ne', 164, 538],
    ['int24lt', 160, 534],
    ['int24le', 166, 540],
    ['int24gt', 162, 536],
    ['int24ge', 168, 542],
  ]),
  ...comparisonOperators(int2, int8, plain, [
    ['int28eq', 1850, 1862],
    ['int28ne', 1851, 1863],
    ['int28lt', 1852, 1864],
    ['int28le', 1854, 1866],
    ['int28gt', 1853, 1865],
    ['int28ge', 1855, 1867],
  ]),
  ...comparisonOperators(int4, int2, plain, [
    ['int42eq', 159, 533],
    ['int42ne', 165, 539],
    ['int42lt', 161, 535],
    ['int42le', 167, 541],
    ['int42gt', 163, 537],
    ['int42ge', 169, 543],
  ]),
  ...comparisonOperators(int4, int4, plain, [
    ['int4eq', 65, 96],
    ['int4ne', 144, 518],
    ['int4lt', 66, 97],
    ['int4le', 149, 523],
    ['int4gt', 147, 521],
    ['int4ge', 150, 525],
  ]),
  ...comparisonOperators(int4, int8, plain, [
    ['int48eq', 852, 15],
    ['int48ne', 853, 36],
    ['int48lt', 854, 37],
    ['int48le', 856, 80],
    ['int48gt', 855, 76],
    ['int48ge', 857, 82],
  ]),
  ...comparisonOperators(int8, int2, plain, [
    ['int82eq', 1856, 1868],
    ['int82ne', 1857, 1869],
    ['int82lt', 1858, 1870],
    ['int82le', 1860, 1872],
    ['int82gt', 1859, 1871],
    ['int82ge', 1861, 1873],
  ]),
  ...comparisonOperators(int8, int4, plain, [
    ['int84eq', 474, 416],
    ['int84ne', 475, 417],
    ['int84lt', 476, 418],
    ['int84le', 478, 420],
    ['int84gt', 477, 419],
    ['int84ge', 479, 430],
  ]),
  ...comparisonOperators(int8, int8, plain, [
    ['int8eq', 467, 410],
    ['int8ne', 468, 411],
    ['int8lt', 469, 412],
    ['int8le', 471, 414],
    ['int8gt', 470, 413],
    ['int8ge', 472, 415],
  ]),
  ...comparisonOperators(interval, interval, byType(interval), [
    ['interval_eq', 1162, 1330],
    ['interval_ne', 1163, 1331],
    ['interval_lt', 1164, 1332],
    ['interval_le', 1165, 1333],
    ['interval_gt', 1167, 1334],
    ['interval_ge', 1166, 1335],
  ]),
  ...comparisonOperators(name, name, string, [
    ['nameeq', 62, 93],
    ['namene', 659, 643],
    ['namelt', 655, 660],
    ['namele', 656, 661],
    ['namegt', 657, 662],
    ['namege', 658, 663],
  ]),
  ...comparisonOperators(name, text, string, [
    ['nameeqtext', 240, 254],
    ['namenetext', 245, 259],
    ['namelttext', 241, 255],
    ['nameletext', 242, 256],
    ['namegttext', 244, 258],
    ['namegetext', 243, 257],
  ]),
  ...comparisonOperators(numeric, numeric, byType(numeric), [
    ['numeric_eq', 1718, 1752],
    ['numeric_ne', 1719, 1753],
    ['numeric_lt', 1722, 1754],
    ['numeric_le', 1723, 1755],
    ['numeric_gt', 1720, 1756],
    ['numeric_ge', 1721, 1757],
  ]),
  ...comparisonOperators(oid, oid, plain, [
    ['oideq', 184, 607],
    ['oidne', 185, 608],
    ['oidlt', 716, 609],
    ['oidle', 717, 611],
    ['oidgt', 1638, 610],
    ['oidge', 1639, 612],
  ]),
  ...comparisonOperators(oidvector, oidvector, byType(oidvector), [
    ['oidvectoreq', 679, 649],
    ['oidvectorne', 619, 644],
    ['oidvectorlt', 677, 645],
    ['oidvectorle', 678, 647],
    ['oidvectorgt', 681, 646],
    ['oidvectorge', 680, 648],
  ]),
  ...comparisonOperators(text, name, string, [
    ['texteqname', 247, 260],
    ['textnename', 252, 265],
    ['textltname', 248, 261],
    ['textlename', 249, 262],
    ['textgtname', 251, 264],
    ['textgename', 250, 263],
  ]),
  ...comparisonOperators(text, text, string, [
    ['texteq', 67, 98],
    ['textne', 157, 531],
    ['text_lt', 740, 664],
    ['text_le', 741, 665],
    ['text_gt', 742, 666],
    ['text_ge', 743, 667],
  ]),
  ...patternOperators(text, string, [
    ['<', 'text_pattern_lt', 2160, 2314],
    ['<=', 'text_pattern_le', 2161, 2315],
    ['>=', 'text_pattern_ge', 2163, 2317],
    ['>', 'text_pattern_gt', 2164, 2318],
  ]),
  ...patternOperators(bpchar, byType(bpchar), [
    ['<', 'bpchar_pattern_lt', 2174, 2326],
    ['<=', 'bpchar_pattern_le', 2175, 2327],
    ['>=', 'bpchar_pattern_ge', 2177, 2329],
    ['>', 'bpchar_pattern_gt', 2178, 2330],
  ]),
  ...comparisonOperators(time, time, plain, [
    ['time_eq', 1145, 1108],
    ['time_ne', 1106, 1109],
    ['time_lt', 1102, 1110],
    ['time_le', 1103, 1111],
    ['time_gt', 1104, 1112],
    ['time_ge', 1105, 1113],
  ]),
  ...comparisonOperators(timestamp, timestamp, instant, [
    ['timestamp_eq', 2052, 2060],
    ['timestamp_ne', 2053, 2061],
    ['timestamp_lt', 2054, 2062],
    ['timestamp_le', 2055, 2063],
    ['timestamp_gt', 2057, 2064],
    ['timestamp_ge', 2056, 2065],
  ]),
  ...comparisonOperators(timestamptz, timestamptz, instant, [
    ['timestamptz_eq', 1152, 1320],
    ['timestamptz_ne', 1153, 1321],
    ['timestamptz_lt', 1154, 1322],
    ['timestamptz_le', 1155, 1323],
    ['timestamptz_gt', 1157, 1324],
    ['timestamptz_ge', 1156, 1325],
  ]),
  ...comparisonOperators(uuid, uuid, string, [
    ['uuid_eq', 2956, 2972],
    ['uuid_ne', 2959, 2973],
    ['uuid_lt', 2954, 2974],
    ['uuid_le', 2955, 2976],
    ['uuid_gt', 2958, 2975],
    ['uuid_ge', 2957, 2977],
  ]),
  ...comparisonOperators(xid, int4, plain, [
    ['xideqint4', 1319, 353],
    ['xidneqint4', 3309, 3316],
  ]),
  ...comparisonOperators(xid, xid, plain, [
    ['xideq', 68, 352],
    ['xidneq', 3308, 3315],
  ]),
  ...comparisonOperators(cid, cid, plain, [['cideq', 69, 385]]),
  ...comparisonOperators(tid, tid, plain, [
    ['tideq', 1292, 387],
    ['tidne', 1265, 402],
    ['tidlt', 2791, 2799],
    ['tidle', 2793, 2801],
    ['tidgt', 2790, 2800],
    ['tidge', 2792, 2802],
  ]),
];
