/** Ranges of code points, ends included. */
type Ranges = readonly (readonly [first: number, last: number])[];

/** Commonly mapped to nothing (RFC 3454, B.1). */
const NOTHING: Ranges = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x1806, 0x1806],
  [0x180b, 0x180d],
  [0x200b, 0x200d],
  [0x2060, 0x2060],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
];
/** Spaces other than the ASCII one (C.1.2). */
const SPACES: Ranges = [
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];
/** What a prepared text must not hold: controls, private use, no characters, and characters that change the rest. */
const PROHIBITED: Ranges = [
  [0, 0x1f],
  [0x7f, 0x9f],
  [0x340, 0x341],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x180e, 0x180e],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2061, 0x2063],
  [0x206a, 0x206f],
  [0x2ff0, 0x2ffb],
  [0xd800, 0xf8ff],
  [0xfdd0, 0xfdef],
  [0xfff9, 0xffff],
  [0x1d173, 0x1d17a],
  [0xe0001, 0xe0001],
  [0xe0020, 0xe007f],
  [0xf0000, 0x10ffff],
];
const RIGHT_TO_LEFT = /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}/u;
const LEFT_TO_RIGHT = /\p{Script=Latin}|\p{Script=Greek}|\p{Script=Cyrillic}/u;

/**
 * SASLprep (RFC 4013): the same password in another spelling is the same password. A text that it does not allow is taken
 * as it is, which is what PostgreSQL and its clients do.
 */
export function prepareText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  let mapped = '';
  for (const character of text) {
    if (isIn(character, SPACES)) mapped += ' ';
    else if (!isIn(character, NOTHING)) mapped += character;
  }
  const prepared = mapped.normalize('NFKC');
  const characters = [...prepared];
  if (prepared === '' || characters.some((character) => isIn(character, PROHIBITED))) return text;
  if (RIGHT_TO_LEFT.test(prepared)) {
    const isFramed = RIGHT_TO_LEFT.test(characters[0]) && RIGHT_TO_LEFT.test(characters.at(-1) ?? '');
    if (!isFramed || LEFT_TO_RIGHT.test(prepared)) return text;
  }
  return prepared;
}

function isIn(character: string, ranges: Ranges): boolean {
  const code = character.codePointAt(0) ?? 0;
  return ranges.some(([first, last]) => code >= first && code <= last);
}
