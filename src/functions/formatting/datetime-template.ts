import { BoundedCache } from '../bounded-cache.ts';

/** The fields of a date and time in a template, by their first spelling. */
export type DateTimeField = (typeof FIELDS)[number];

/** Of those that begin alike, the longer first. */
const FIELDS = [
  'A.D.',
  'A.M.',
  'AD',
  'AM',
  'B.C.',
  'BC',
  'CC',
  'DAY',
  'DDD',
  'DD',
  'DY',
  'D',
  'FF1',
  'FF2',
  'FF3',
  'FF4',
  'FF5',
  'FF6',
  'FX',
  'HH24',
  'HH12',
  'HH',
  'IDDD',
  'ID',
  'IW',
  'IYYY',
  'IYY',
  'IY',
  'I',
  'J',
  'MI',
  'MM',
  'MONTH',
  'MON',
  'MS',
  'OF',
  'P.M.',
  'PM',
  'Q',
  'RM',
  'SSSSS',
  'SSSS',
  'SS',
  'TZH',
  'TZM',
  'TZ',
  'US',
  'WW',
  'W',
  'Y,YYY',
  'YYYY',
  'YYY',
  'YY',
  'Y',
] as const;

/** Those that are written with a capital first letter too: Month, Mon, Day, Dy. */
const CAPITALIZED: ReadonlySet<string> = new Set(['MONTH', 'MON', 'DAY', 'DY']);

/** Fields that are words or signs; all others are digits. */
const WORDS: ReadonlySet<string> = new Set([
  'A.D.',
  'A.M.',
  'AD',
  'AM',
  'B.C.',
  'BC',
  'P.M.',
  'PM',
  'DAY',
  'DY',
  'FX',
  'MONTH',
  'MON',
  'OF',
  'RM',
  'TZ',
  'TZH',
]);

const GREGORIAN: ReadonlySet<string> = new Set([
  'DDD',
  'DD',
  'D',
  'MM',
  'MONTH',
  'MON',
  'RM',
  'WW',
  'W',
  'Y,YYY',
  'YYYY',
  'YYY',
  'YY',
  'Y',
]);
const ISO_WEEK: ReadonlySet<string> = new Set(['IDDD', 'ID', 'IW', 'IYYY', 'IYY', 'IY', 'I']);

export type LetterCase = 'upper' | 'lower' | 'capitalized';

export interface FieldNode {
  readonly kind: 'field';
  readonly field: DateTimeField;
  /** As it was written. */
  readonly written: string;
  readonly letterCase: LetterCase;
  /** FM: no padding. */
  readonly isFilled: boolean;
  /** TM: the names of the session's language, which are English. */
  readonly isTranslated: boolean;
  /** TH or th behind it. */
  readonly ordinal: 'upper' | 'lower' | undefined;
  readonly isDigits: boolean;
  readonly calendar: 'gregorian' | 'iso-week' | undefined;
}

export type TemplateNode =
  | FieldNode
  /** One character that stands for itself; separators and spaces match each other when read. */
  | { readonly kind: 'text' | 'separator' | 'space'; readonly character: string };

interface Spelling {
  readonly text: string;
  readonly field: DateTimeField;
  readonly letterCase: LetterCase;
}

const spellings: readonly Spelling[] = FIELDS.flatMap((field) => {
  const capitalized = field.charAt(0) + field.slice(1).toLowerCase();
  return [
    { text: field, field, letterCase: 'upper' as const },
    ...(CAPITALIZED.has(field) ? [{ text: capitalized, field, letterCase: 'capitalized' as const }] : []),
    { text: field.toLowerCase(), field, letterCase: 'lower' as const },
  ];
});

/** The parts of a template for to_char, to_timestamp and to_date (the manual, 9.8). */
function readTemplate(template: string): readonly TemplateNode[] {
  const nodes: TemplateNode[] = [];
  let at = 0;
  while (at < template.length) {
    const field = readField(template, at);
    if (field !== undefined) {
      nodes.push(field.node);
      at = field.end;
    } else if (/^(?:FM|fm|TM|tm)/.test(template.slice(at, at + 2))) {
      // A prefix without a field counts for nothing.
      at += 2;
    } else if (template[at] === '"') at = readQuoted(template, at + 1, nodes);
    else {
      if (template[at] === '\\' && template[at + 1] === '"') at++;
      const character = String.fromCodePoint(template.codePointAt(at) ?? 0);
      nodes.push(plainNode(character));
      at += character.length;
    }
  }
  return nodes;
}

function readField(template: string, start: number): { readonly node: FieldNode; readonly end: number } | undefined {
  const prefix = /^(?:FM|fm|TM|tm)/.exec(template.slice(start, start + 2))?.[0];
  const at = start + (prefix?.length ?? 0);
  const spelling = spellings.find(({ text }) => template.startsWith(text, at));
  if (spelling === undefined) return undefined;
  const end = at + spelling.text.length;
  const suffix = /^(?:TH|th|SP)/.exec(template.slice(end, end + 2))?.[0];
  const { field } = spelling;
  const node: FieldNode = {
    kind: 'field',
    field,
    written: spelling.text,
    letterCase: spelling.letterCase,
    isFilled: prefix?.toUpperCase() === 'FM',
    isTranslated: prefix?.toUpperCase() === 'TM',
    ordinal: suffix === 'TH' ? 'upper' : suffix === 'th' ? 'lower' : undefined,
    isDigits: !WORDS.has(field),
    calendar: GREGORIAN.has(field) ? 'gregorian' : ISO_WEEK.has(field) ? 'iso-week' : undefined,
  };
  return { node, end: end + (suffix?.length ?? 0) };
}

/** What stands in double quotes is text; a backslash takes the next character as it is. */
function readQuoted(template: string, start: number, nodes: TemplateNode[]): number {
  let at = start;
  while (at < template.length) {
    if (template[at] === '"') return at + 1;
    if (template[at] === '\\' && at + 1 < template.length) at++;
    const character = String.fromCodePoint(template.codePointAt(at) ?? 0);
    nodes.push({ kind: 'text', character });
    at += character.length;
  }
  return at;
}

function plainNode(character: string): TemplateNode {
  if (isSpace(character)) return { kind: 'space', character };
  return { kind: isSeparator(character) ? 'separator' : 'text', character };
}

export function isSpace(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r');
}

/** What is printed and is neither letter nor digit. */
export function isSeparator(character: string): boolean {
  return /^[!-/:-@[-`{-~]$/.test(character);
}

const templates = new BoundedCache(100, readTemplate);

export function dateTimeTemplate(template: string): readonly TemplateNode[] {
  return templates.get(template);
}
