import type { SeededRandom } from '../../support/seeded-random.ts';

/** What stands between the quotes of literals of a type: the edges of each and some that are nothing special. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  bool: ['t', 'f'],
  int2: ['0', '1', '-1', '2', '3', '7', '100', '32767', '-32768'],
  int4: ['0', '1', '-1', '2', '3', '5', '10', '42', '65536', '2147483647', '-2147483648'],
  int8: ['0', '1', '-1', '3', '12', '4294967296', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  // No two of a column are equal and written differently: which of them a group shows is nobody's business.
  numeric: [
    '0',
    '1',
    '-1',
    '0.5',
    '-2.25',
    '3.14159',
    '1000000',
    '12345678901234567890.123456789',
    '0.000000001',
    'NaN',
    'Infinity',
    '-Infinity',
  ],
  float4: ['0', '1', '-1', '0.5', '-2.25', '1024', '1e10', 'NaN', 'Infinity', '-Infinity', '3.4028235e+38', '1e-45'],
  float8: [
    '0',
    '1',
    '-1',
    '0.5',
    '-2.25',
    '4096',
    '1e15',
    'NaN',
    'Infinity',
    '-Infinity',
    '1.7976931348623157e308',
    '5e-324',
  ],
  text: [
    '',
    'a',
    'b',
    'abc',
    'ABC',
    'aXbXc',
    ' a b ',
    '%',
    '_',
    'a_c',
    '\\',
    "it's",
    'é',
    'ß🌡️',
    '42',
    '-1.5',
    '2024-02-29',
    'true',
    'NULL',
    'two\nlines',
    'zzzzzzzzzz',
  ],
  varchar: ['', 'a', 'b', 'abc', 'Abc', '12', 'ü', 'a b'],
  bpchar: ['a', 'b', 'abc', 'xyz', '7', 'é'],
  char: ['a', 'b', 'Z', '1'],
  name: ['a', 'abc', 'pg_class', 'T', 'select'],
  bytea: ['\\x', '\\x00', '\\x616263', '\\xff00ff', '\\xdeadbeef'],
  date: [
    '2024-02-29',
    '2000-01-01',
    '1999-12-31',
    '2024-03-31',
    '1970-01-01',
    '0001-01-01',
    '9999-12-31',
    '0044-03-15 BC',
    'infinity',
    '-infinity',
  ],
  time: ['00:00:00', '12:34:56.789', '23:59:59.999999', '24:00:00', '06:30:00'],
  timetz: ['00:00:00+00', '12:34:56.789+02', '23:59:59.999999-11:30', '06:30:00+05:30'],
  timestamp: [
    '2024-02-29 12:00:00',
    '2000-01-01 00:00:00',
    '1999-12-31 23:59:59.999999',
    '2024-03-31 02:30:00',
    '2024-10-27 02:30:00',
    '1900-01-01 00:00:00',
    '0044-03-15 00:00:00 BC',
    'infinity',
    '-infinity',
  ],
  timestamptz: [
    '2024-02-29 12:00:00+00',
    '2000-01-01 00:00:00+00',
    '1999-12-31 23:59:59.999999+00',
    '2024-03-31 01:00:00+00',
    '2024-10-27 01:30:00+00',
    '1969-12-31 23:59:59+00',
    '2024-03-31 00:59:59.5+00',
    'infinity',
    '-infinity',
  ],
  interval: [
    '0',
    '1 day',
    '-1 day',
    '1 mon',
    '1 year 2 mons 3 days 04:05:06.789',
    '-00:00:01',
    '36:00:00',
    '-1 mon +10 days -00:30:00',
    '100 years',
  ],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  ],
  json: [
    'null',
    '1',
    '"a"',
    '{}',
    '[]',
    '{"a": 1, "b": [1, 2, {"c": null}]}',
    '[1, "x", true, null]',
    '{"a":1,"a":2}',
    ' {"z" : 1.50} ',
  ],
  jsonb: [
    'null',
    '1',
    '"a"',
    '{}',
    '[]',
    '{"a": 1, "b": [1, 2, {"c": null}]}',
    '[1, "x", true, null]',
    '{"k": {"a": "v"}}',
    '"😀"',
  ],
  mood: ['sad', 'ok', 'very happy', 'Ä'],
  oid: ['0', '1', '23', '25', '4294967295'],
  _int4: ['{}', '{1,2,3}', '{NULL,1}', '{{1,2},{3,4}}', '[2:3]={5,6}'],
  _int8: ['{}', '{1,9007199254740993}', '{NULL}'],
  _text: ['{}', '{a,b}', '{NULL,"",x}', '{"a b","c\\"d"}', '{{a},{b}}'],
  _float8: ['{}', '{1,0.5}', '{NaN,-Infinity,NULL}'],
  _numeric: ['{}', '{1,0.5,NaN}'],
  _bool: ['{t,f,NULL}', '{}'],
  _date: ['{2024-02-29,NULL}', '{}'],
  _timestamptz: ['{"2024-02-29 12:00:00+00",NULL}', '{}'],
  _varchar: ['{a,NULL}', '{}'],
  int4range: ['empty', '(,)', '[1,5)', '[3,9]', '(,3]', '[7,)', '[1,1]', '[-4,2147483646]'],
  numrange: ['empty', '(,)', '[1,5.5)', '(1,2]', '[NaN,)', '(-Infinity,0]'],
  tstzrange: [
    'empty',
    '(,)',
    '["2024-02-29 12:00:00+00",)',
    '[2024-03-31 01:00+00,infinity]',
    '(,"1999-12-31 00:00+00")',
  ],
  daterange: ['empty', '[2024-02-29,2024-03-01]', '[infinity,]', '(,2024-02-29)'],
  int4multirange: ['{}', '{[1,5),[8,9)}', '{(,)}', '{(,3),[7,)}'],
  nummultirange: ['{}', '{[1,2],(3,)}', '{[1.5,1.5]}'],
  inet: ['10.1.2.3', '10.1.2.3/8', '10.0.0.0/8', '0.0.0.0/0', '255.255.255.255', '::1', '2001:db8::5/64'],
  cidr: ['10.0.0.0/8', '10.1.0.0/16', '0.0.0.0/0', '::1/128', '2001:db8::/32'],
  macaddr: ['08:00:2b:01:02:03', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'],
  macaddr8: ['08:00:2b:ff:fe:01:02:03', '01:02:03:04:05:06:07:08'],
  varbit: ['', '0', '1', '101', '0000000011111111', '1010101010101010101010101010101010101'],
  bit: ['1', '0', '101', '110'],
};

/** Types that are made before the tables of a round. */
export const OWN_TYPES: readonly { readonly name: string; readonly create: string }[] = [
  { name: 'mood', create: "CREATE TYPE mood AS ENUM ('sad', 'ok', 'very happy', 'Ä')" },
];

/** Texts that are no values of a type; each gives the error of its input function. */
const BAD_TEXTS: Readonly<Record<string, readonly string[]>> = {
  bool: ['maybe', '', 'tr ue'],
  int2: ['32768', 'x', '1.5', ''],
  int4: ['2147483648', 'abc', '1.5', '', '0x10', '1_000', ' '],
  int8: ['9223372036854775808', 'x', '1e3'],
  numeric: ['x', '1..2', '', '1e', '--1'],
  float4: ['1e39', 'x', '1e-60'],
  float8: ['1e400', 'x', '', '1e-400', 'inf inity'],
  bytea: ['\\x1', '\\xzz', '\\9'],
  date: ['2024-02-30', '2024-13-01', 'x', '', '10000000-01-01', 'today is', '2023-02-29', '24-02-2024'],
  time: ['25:00', '12:60', 'x', '24:00:01'],
  timetz: ['25:00', 'x', '12:00+99'],
  timestamp: ['2024-02-30 00:00', 'x', '2024-01-01 25:00', '294277-01-01', '2024-01-01 00:00 nowhere'],
  timestamptz: [
    '2024-02-30 00:00',
    'x',
    '2024-01-01 25:00+00',
    '294277-01-01',
    '2024-01-01 00:00 Nowhere/City',
    '2024-01-01 00:00+99',
  ],
  interval: ['1 fortnight', 'x', '', '1 day 1 day', '999999999999 years'],
  mood: ['Sad', '', 'happy'],
  uuid: ['x', 'a0eebc99-9c0b-4ef8-bb6d', ''],
  json: ['{', '', '{"a"}', '[1,]', '{a:1}', '"\\u00"', 'nul'],
  jsonb: ['{', '', '{"a"}', '[1,]', '"\\u0000"'],
  int4range: ['', '[1', '[5,1)', '[1,x)', '[1,2147483647]', '[1,2) x', '{}'],
  numrange: ['[2,1]', '(x,)', '[1;2]'],
  daterange: ['[2024-02-30,)', '[2024-01-02,2024-01-01]'],
  int4multirange: ['', '{', '{[1,2)', '[1,2)', '{1}', '{[1,2),}'],
  inet: ['', '10.1', '1.2.3.4/33', '1::2::3', '256.1.1.1'],
  cidr: ['', '10.1.2.3/8', '1.2.3.4/33', '2001:db8::1/32'],
  macaddr: ['', '08:00:2b:01:02', '08:00:2b:01:02:103'],
  macaddr8: ['', '08:00:2b:01:02'],
  varbit: ['2', 'xG', ' 1'],
  _int4: ['{', '{1,x}', '1', '{{1},{2,3}}', '{1}}', '[1:2]={1}'],
  _text: ['{a', '{"a}', 'a', '{a,}'],
};

/** Types of which an expression may ask for a value at all. */
export function hasValues(type: string): boolean {
  return Object.hasOwn(TEXTS, type);
}

export const VALUE_TYPES: readonly string[] = Object.keys(TEXTS);

export function randomText(type: string, random: SeededRandom): string {
  return random.pick(TEXTS[type] ?? ['']);
}

export function badText(type: string, random: SeededRandom): string | undefined {
  const texts = BAD_TEXTS[type];
  return texts === undefined ? undefined : random.pick(texts);
}

/** A literal with its type said, or as one writes it where that is enough. */
export function literal(type: string, random: SeededRandom): string {
  if (random.below(12) === 0) return `NULL::${typeSql(type)}`;
  const text = randomText(type, random);
  if (random.below(2) === 0) {
    if (type === 'bool') return text === 't' ? 'true' : 'false';
    if (type === 'int4' && text !== '-2147483648') return text.startsWith('-') ? `(${text})` : text;
    if (type === 'numeric' && /^\d+\.\d+$/.test(text)) return text;
    if (type === 'text') return quote(text);
  }
  return `${quote(text)}::${typeSql(type)}`;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** How a type is written; "char" is not char. */
export function typeSql(type: string): string {
  if (type === 'char') return '"char"';
  return type.startsWith('_') ? `${typeSql(type.slice(1))}[]` : type;
}

/** Of equal values of these types every one looks the same: DISTINCT and LIMIT leave no choice. */
const IDENTICAL = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'text',
  'varchar',
  'name',
  'bytea',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'oid',
  'mood',
  'int4range',
  'tstzrange',
  'daterange',
  'int4multirange',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'varbit',
  'bit',
  '_int4',
  '_int8',
  '_text',
  '_bool',
  '_date',
  '_timestamptz',
]);

export function isIdenticalWhenEqual(type: string): boolean {
  return IDENTICAL.has(type);
}

/** Types without an order or an equality. */
export function isComparable(type: string): boolean {
  return type !== 'json';
}
