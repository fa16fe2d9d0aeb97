import { daysFromCivil, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, UNIX_EPOCH_MICROS } from './civil-time.ts';
import { formatOffset } from './format-offset.ts';
import type { TimeZone } from './time-zone.ts';

/**
 * A zone of the IANA database, read through Intl, which is too slow to ask for every value. Time is cut into windows of
 * four days; each remembers the one change of offset that may lie in it. No region has changed twice so quickly.
 *
 *   … |  +01:00          |  +01:00 ¦ +02:00 |  +02:00          | …
 *       window             change of offset
 */
interface OffsetWindow {
  readonly before: number;
  readonly changeMicros: number;
  readonly after: number;
}

const WINDOW_MICROS = 4 * MICROS_PER_DAY;
const CYCLE_MICROS = 146_097 * MICROS_PER_DAY;
/** Before 1800 no region had left local mean time; from 2500 on, rules repeat with the calendar's 400 years. */
const EARLIEST_MICROS = -73_048 * MICROS_PER_DAY;
const LATEST_MICROS = 182_622 * MICROS_PER_DAY;

const OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** A zone of the tz database, whose offsets Intl knows and this remembers. */
export class RegionalTimeZone implements TimeZone {
  readonly name: string;
  readonly #offsetFormat: Intl.DateTimeFormat;
  readonly #windows = new Map<number, OffsetWindow>();
  readonly #abbreviations = new Map<number, string>();
  #lastIndex = Number.NaN;
  #lastWindow: OffsetWindow = { before: 0, changeMicros: 0, after: 0 };

  private constructor(name: string, offsetFormat: Intl.DateTimeFormat) {
    this.name = name;
    this.#offsetFormat = offsetFormat;
  }

  /** The region of that name, in any case. */
  static find(name: string): RegionalTimeZone | undefined {
    if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return undefined;
    if (NOT_IANA.has(name.toUpperCase()) || /^systemv\//i.test(name)) return undefined;
    let offsetFormat: Intl.DateTimeFormat;
    try {
      offsetFormat = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
    return new RegionalTimeZone(properCase(name), offsetFormat);
  }

  offsetMicrosAt(utcMicros: number): number {
    const micros = representative(utcMicros);
    const window = this.#windowOf(Math.floor(micros / WINDOW_MICROS));
    return micros < window.changeMicros ? window.before : window.after;
  }

  localOffsetMicros(localMicros: number): number {
    const before = this.offsetMicrosAt(localMicros - MICROS_PER_DAY);
    const after = this.offsetMicrosAt(localMicros + MICROS_PER_DAY);
    if (before === after) return before;
    // Twice-told times count after the change, skipped ones before it.
    if (this.offsetMicrosAt(localMicros - after) === after) return after;
    return before;
  }

  toUtc(localMicros: number): number {
    return localMicros - this.localOffsetMicros(localMicros);
  }

  nextChange(fromMicros: number, toMicros: number): number | undefined {
    const from = representative(fromMicros);
    const cycles = from > EARLIEST_MICROS ? fromMicros - from : 0;
    const to = toMicros - cycles;
    for (let index = Math.floor(from / WINDOW_MICROS); index * WINDOW_MICROS <= to; index++) {
      const { before, changeMicros, after } = this.#windowOf(index);
      if (before !== after && changeMicros > from) return changeMicros <= to ? changeMicros + cycles : undefined;
    }
    return undefined;
  }

  abbreviationAt(utcMicros: number): string {
    const micros = representative(utcMicros);
    const hour = Math.floor(micros / MICROS_PER_HOUR);
    let abbreviation = this.#abbreviations.get(hour);
    if (abbreviation === undefined) {
      abbreviation = this.#readAbbreviation(micros);
      if (this.#abbreviations.size >= MAX_REMEMBERED_ABBREVIATIONS) this.#abbreviations.clear();
      this.#abbreviations.set(hour, abbreviation);
    }
    return abbreviation;
  }

  #windowOf(index: number): OffsetWindow {
    if (index !== this.#lastIndex) {
      this.#lastWindow = this.#windows.get(index) ?? this.#loadWindow(index);
      this.#lastIndex = index;
    }
    return this.#lastWindow;
  }

  #loadWindow(index: number): OffsetWindow {
    const start = index * WINDOW_MICROS;
    const before = this.#readOffset(start);
    const after = this.#readOffset(start + WINDOW_MICROS);
    let changeMicros = start;
    if (before !== after) {
      let earlier = start;
      let later = start + WINDOW_MICROS;
      while (later - earlier > MICROS_PER_SECOND) {
        const middle = earlier + Math.floor((later - earlier) / (2 * MICROS_PER_SECOND)) * MICROS_PER_SECOND;
        if (this.#readOffset(middle) === before) earlier = middle;
        else later = middle;
      }
      changeMicros = later;
    }
    const window = { before, changeMicros, after };
    this.#windows.set(index, window);
    return window;
  }

  #readOffset(utcMicros: number): number {
    const text = this.#offsetFormat.format((utcMicros - UNIX_EPOCH_MICROS) / 1000);
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(text) ?? [];
    const magnitude = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * MICROS_PER_SECOND;
    return sign === '-' ? 0 - magnitude : magnitude;
  }

  #readAbbreviation(utcMicros: number): string {
    const offsetSeconds = this.offsetMicrosAt(utcMicros) / MICROS_PER_SECOND;
    // Only local mean time had odd seconds.
    if (offsetSeconds % 60 !== 0) return 'LMT';
    return this.#letters(utcMicros, offsetSeconds) ?? formatOffset(offsetSeconds, '');
  }

  /**
   * CLDR gives letters only where a locale's readers know them, and only for times they live in: ask several
   * English-speaking countries, and for this offset in our days if need be.
   */
  #letters(utcMicros: number, offsetSeconds: number): string | undefined {
    for (const instant of [utcMicros, ...PRESENT_SEASONS]) {
      if (this.offsetMicrosAt(instant) !== offsetSeconds * MICROS_PER_SECOND) continue;
      for (const locale of ENGLISH_LOCALES) {
        const format = new Intl.DateTimeFormat(locale, { timeZone: this.name, timeZoneName: 'short' });
        const parts = format.formatToParts((instant - UNIX_EPOCH_MICROS) / 1000);
        const letters = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
        if (/^[A-Z]{3,5}$/.test(letters) && (letters !== 'GMT' || offsetSeconds === 0)) return letters;
      }
    }
    return undefined;
  }
}

const MAX_REMEMBERED_ABBREVIATIONS = 10_000;
const ENGLISH_LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ'];
/** A winter and a summer: January and July 2024. */
const PRESENT_SEASONS = [daysFromCivil(2024, 1, 1) * MICROS_PER_DAY, daysFromCivil(2024, 7, 1) * MICROS_PER_DAY];

/** An instant with the same offset among those that windows are kept for. */
function representative(utcMicros: number): number {
  if (utcMicros < EARLIEST_MICROS) return EARLIEST_MICROS;
  if (utcMicros < LATEST_MICROS) return utcMicros;
  return utcMicros - Math.ceil((utcMicros - LATEST_MICROS + 1) / CYCLE_MICROS) * CYCLE_MICROS;
}

/** The names of regions that are known, links among them, in order. */
export function regionNames(): readonly string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), ...UNUSUAL_NAMES, 'UTC'])].sort();
}

let namesByLowerCase: Map<string, string> | undefined;

/** `europe/isle_of_man` → `Europe/Isle_of_Man`; Intl resolves links to their targets, so it cannot be asked for this. */
function properCase(name: string): string {
  namesByLowerCase ??= new Map(
    [...Intl.supportedValuesOf('timeZone'), ...UNUSUAL_NAMES].map((known) => [known.toLowerCase(), known]),
  );
  const lowerCase = name.toLowerCase();
  const known = namesByLowerCase.get(lowerCase);
  if (known !== undefined) return known;
  if (!name.includes('/')) return name.toUpperCase();
  return lowerCase.replace(/(^|[/_-])([a-z]+)/g, (_, before: string, word: string) =>
    before !== '/' && SMALL_WORDS.has(word) ? before + word : before + (UPPER_WORDS.get(word) ?? capitalized(word)),
  );
}

/** Links whose names follow no rule, or of one word that is no abbreviation. */
const UNUSUAL_NAMES = [
  'America/Argentina/ComodRivadavia',
  'America/Knox_IN',
  'Brazil/DeNoronha',
  'Chile/EasterIsland',
  'Cuba',
  'Egypt',
  'Eire',
  'GB-Eire',
  'Greenwich',
  'Hongkong',
  'Iceland',
  'Iran',
  'Israel',
  'Jamaica',
  'Japan',
  'Kwajalein',
  'Libya',
  'Mexico/BajaNorte',
  'Mexico/BajaSur',
  'Navajo',
  'Poland',
  'Portugal',
  'Singapore',
  'Turkey',
  'Universal',
  'Zulu',
];
const SMALL_WORDS = new Set(['of', 'es', 'au']);
const UPPER_WORDS = new Map(
  ['us', 'gmt', 'utc', 'uct', 'nsw', 'act', 'lhi', 'nz', 'gb'].map((word) => [word, word.toUpperCase()]),
);

/** Names that ICU adds to the IANA database: most are abbreviations, which PostgreSQL reads in its own way. */
const NOT_IANA = new Set(
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(' '),
);

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
