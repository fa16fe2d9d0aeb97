import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { invalidSetting } from './setting-values.ts';

/** In which a number is kept: `8kB` counts pages. */
export type SettingUnit = 'ms' | 's' | 'min' | 'B' | 'kB' | '8kB' | 'MB';

interface UnitFamily {
  /** By name, how many of the smallest. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Larger ones that SHOW may choose, the largest first. */
  readonly shown: readonly string[];
  readonly hint: string;
}

const MEMORY: UnitFamily = {
  sizes: new Map([
    ['B', 1],
    ['kB', 1024],
    ['8kB', 8192],
    ['MB', 1024 ** 2],
    ['GB', 1024 ** 3],
    ['TB', 1024 ** 4],
  ]),
  shown: ['TB', 'GB', 'MB', 'kB', 'B'],
  hint: 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".',
};

const TIME: UnitFamily = {
  sizes: new Map([
    ['us', 1],
    ['ms', 1000],
    ['s', 1_000_000],
    ['min', 60_000_000],
    ['h', 3_600_000_000],
    ['d', 86_400_000_000],
  ]),
  shown: ['d', 'h', 'min', 's', 'ms', 'us'],
  hint: 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".',
};

export interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly unit?: SettingUnit | undefined;
  readonly isInteger: boolean;
}

const MAX_INTEGER = 2_147_483_647;

function familyOf(unit: SettingUnit): UnitFamily {
  return MEMORY.sizes.has(unit) ? MEMORY : TIME;
}

/** A number with or without a unit, in the setting's own one. Throws 22023. */
export function readNumber(name: string, value: string, range: NumberRange): number {
  const match = /^\s*([+-]?(?:0x[0-9a-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?))\s*([a-z]*)\s*$/i.exec(value);
  if (match === null) throw invalidSetting(name, value);
  const [, digits = '', written = ''] = match;
  let number = Number(digits);
  if (written !== '') {
    const family = range.unit === undefined ? undefined : familyOf(range.unit);
    const size = written === '8kB' ? undefined : family?.sizes.get(written);
    if (size === undefined || family === undefined) {
      throw invalidSetting(name, value, family === undefined ? {} : { hint: family.hint });
    }
    number = (number * size) / (family.sizes.get(range.unit ?? '') ?? 1);
  }
  if (range.isInteger) {
    number = roundHalfToEven(number);
    if (Math.abs(number) > MAX_INTEGER) throw invalidSetting(name, value, { hint: 'Value exceeds integer range.' });
  }
  if (number >= range.minimum && number <= range.maximum) return number;
  const shown = range.unit === undefined ? shortNumber(number) : `${shortNumber(number)} ${range.unit}`;
  throw new SqlError(
    SqlState.InvalidParameterValue,
    `${shown} is outside the valid range for parameter "${name}" (${shortNumber(range.minimum)} .. ${shortNumber(range.maximum)})`,
  );
}

/** A number as SHOW prints it: in the largest unit of which it is a whole number. Zero and less have none. */
export function showNumber(value: number, unit: SettingUnit | undefined): string {
  if (unit === undefined || value <= 0) return String(value);
  const { sizes, shown } = familyOf(unit);
  const size = value * (sizes.get(unit) ?? 1);
  for (const candidate of shown) {
    const one = sizes.get(candidate) ?? 1;
    if (size % one === 0) return `${size / one}${candidate}`;
  }
  return `${value}${unit}`;
}

/** Six digits, as C's %g has them. */
function shortNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_INTEGER) return String(value);
  return String(Number(value.toPrecision(6)));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
