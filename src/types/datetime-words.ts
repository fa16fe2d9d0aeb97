/** What the words in a date or time mean, beside the time zones. */
export type DateTimeWord =
  | { readonly kind: 'month'; readonly month: number }
  | { readonly kind: 'special'; readonly name: SpecialDateTime }
  | { readonly kind: 'meridiem'; readonly isAfternoon: boolean }
  | { readonly kind: 'era'; readonly isBeforeChrist: boolean }
  | { readonly kind: 'isoTime' }
  | { readonly kind: 'julian' }
  | { readonly kind: 'weekday' }
  | { readonly kind: 'ignored' };

export type SpecialDateTime =
  | 'now'
  | 'today'
  | 'tomorrow'
  | 'yesterday'
  | 'epoch'
  | 'infinity'
  | '-infinity'
  | 'allballs';

const MONTHS = [
  'jan january',
  'feb february',
  'mar march',
  'apr april',
  'may',
  'jun june',
  'jul july',
  'aug august',
  'sep sept september',
  'oct october',
  'nov november',
  'dec december',
];

const WEEKDAYS =
  'sun sunday mon monday tue tues tuesday wed wednesday weds thu thur thurs thursday fri friday sat saturday';

const SPECIALS: readonly SpecialDateTime[] = [
  'now',
  'today',
  'tomorrow',
  'yesterday',
  'epoch',
  'infinity',
  '-infinity',
  'allballs',
];

const words = new Map<string, DateTimeWord>();
for (const [index, names] of MONTHS.entries()) {
  for (const name of names.split(' ')) words.set(name, { kind: 'month', month: index + 1 });
}
for (const name of WEEKDAYS.split(' ')) words.set(name, { kind: 'weekday' });
for (const name of ['at', 'on']) words.set(name, { kind: 'ignored' });
for (const name of SPECIALS) words.set(name, { kind: 'special', name });
for (const name of ['j', 'jd', 'julian']) words.set(name, { kind: 'julian' });
words.set('am', { kind: 'meridiem', isAfternoon: false });
words.set('pm', { kind: 'meridiem', isAfternoon: true });
words.set('ad', { kind: 'era', isBeforeChrist: false });
words.set('bc', { kind: 'era', isBeforeChrist: true });
words.set('t', { kind: 'isoTime' });

/** PostgreSQL tells words by their first ten letters. */
export function dateTimeWord(word: string): DateTimeWord | undefined {
  return words.get(word.slice(0, 10));
}
