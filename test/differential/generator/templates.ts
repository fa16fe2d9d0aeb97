import type { SeededRandom } from '../../support/seeded-random.ts';

/** What stands between pieces of a template. */
const BETWEEN = ['', '', ' ', '-', '/', ':', '.', ', ', '"of"', 'x', '  '];

const DATE_PIECES = [
  'YYYY',
  'Y,YYY',
  'YYY',
  'YY',
  'Y',
  'IYYY',
  'IYY',
  'MM',
  'MON',
  'Mon',
  'mon',
  'MONTH',
  'Month',
  'FMMonth',
  'DD',
  'FMDD',
  'DDD',
  'IDDD',
  'D',
  'ID',
  'DAY',
  'Day',
  'FMday',
  'dy',
  'Dy',
  'W',
  'WW',
  'IW',
  'Q',
  'CC',
  'J',
  'RM',
  'rm',
  'HH',
  'HH12',
  'HH24',
  'MI',
  'SS',
  'MS',
  'US',
  'FF3',
  'SSSS',
  'AM',
  'p.m.',
  'BC',
  'a.d.',
  'TZ',
  'tz',
  'TZH',
  'OF',
  'DDth',
  'FMDDTH',
  'YYYYth',
];

const NUMBER_PIECES = [
  '9',
  '99',
  '999',
  '0',
  '00',
  '9,999',
  '9G999',
  '.',
  'D',
  '.99',
  'D00',
  '.0099',
  'FM',
  'MI',
  'PL',
  'S',
  'SG',
  'PR',
  'L',
  'V99',
  'th',
  'TH',
  'RN',
  'EEEE',
  ' ',
  '"x"',
  '-',
];

/** A template for to_char() and its like, most of them of a kind that somebody would write. */
export function dateTemplate(random: SeededRandom): string {
  return joined(DATE_PIECES, 1 + random.below(6), random, BETWEEN);
}

export function numberTemplate(random: SeededRandom): string {
  return joined(NUMBER_PIECES, 1 + random.below(5), random, ['']);
}

const ATOMS = [
  'a',
  'b',
  'c',
  'X',
  'é',
  '1',
  ' ',
  '.',
  '[a-c]',
  '[^a]',
  '[[:alpha:]]',
  '[0-9_]',
  '\\d',
  '\\w',
  '\\s',
  '\\S',
  '\\W',
  '(a|b)',
  '(a)',
  '(b)(c)?',
  '(?:ab)',
  '(.*)',
  '(\\w+)',
  '^',
  '$',
  '\\m',
  '\\M',
  '\\y',
  '|',
  '\\.',
];
const QUANTIFIERS = ['', '', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?', '+?', '??', '{1,2}?'];

/** A regular expression; now and then one that is none. */
export function regularExpression(random: SeededRandom): string {
  let text = random.below(12) === 0 ? random.pick(['(?i)', '(?x)', '***:', '***=', '(?n)']) : '';
  for (let left = 1 + random.below(4); left > 0; left--) text += random.pick(ATOMS) + random.pick(QUANTIFIERS);
  return text;
}

function joined(pieces: readonly string[], count: number, random: SeededRandom, between: readonly string[]): string {
  let text = random.pick(pieces);
  for (let left = count - 1; left > 0; left--) text += random.pick(between) + random.pick(pieces);
  return text;
}
