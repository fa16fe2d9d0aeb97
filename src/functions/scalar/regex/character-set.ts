import { CHARACTER_CLASSES, type ClassName } from '../character-classes.ts';
import { lowerCase, upperCase } from '../letter-case.ts';

export function isClassName(name: string): name is ClassName {
  return Object.hasOwn(CHARACTER_CLASSES, name);
}

const NEWLINE = 10;
const MAX_CODE = 0x10ffff;
const MAX_EXPANDED = 1000;

type CodeRange = readonly [low: number, high: number];

/** The characters that one place in a pattern takes: `a`, `.`, `[^a-z[:digit:]]`, `\S`. */
export class CharacterSet {
  readonly #ranges: CodeRange[] = [];
  /** Those of `#ranges` whose members are too many to look up what they are in the other case. */
  readonly #wideRanges: CodeRange[] = [];
  readonly #classes: { readonly members: RegExp; readonly isComplement: boolean }[] = [];
  readonly #ignoresCase: boolean;
  #isNegated = false;
  #excludesNewline = false;

  constructor(ignoresCase: boolean) {
    this.#ignoresCase = ignoresCase;
  }

  addRange(low: number, high = low): this {
    this.#ranges.push([low, high]);
    if (!this.#ignoresCase) return this;
    if (high - low > MAX_EXPANDED) {
      this.#wideRanges.push([low, high]);
      return this;
    }
    for (let code = low; code <= Math.min(high, MAX_CODE); code++) {
      const character = String.fromCodePoint(code);
      for (const variant of [lowerCase(character), upperCase(character)]) {
        const other = variant.codePointAt(0) ?? code;
        if (other < low || other > high) this.#ranges.push([other, other]);
      }
    }
    return this;
  }

  /** `isComplement`: what the class does not hold. Without regard to case, small and capital letters are letters. */
  addClass(name: ClassName, isComplement = false): this {
    const isOfCase = this.#ignoresCase && (name === 'lower' || name === 'upper');
    this.#classes.push({ members: CHARACTER_CLASSES[isOfCase ? 'alpha' : name], isComplement });
    return this;
  }

  /** Everything but what was added. */
  negate({ excludesNewline }: { readonly excludesNewline: boolean }): this {
    this.#isNegated = true;
    this.#excludesNewline = excludesNewline;
    return this;
  }

  has(code: number): boolean {
    if (this.#excludesNewline && code === NEWLINE) return false;
    return this.#holds(code) !== this.#isNegated;
  }

  #holds(code: number): boolean {
    if (isWithin(this.#ranges, code)) return true;
    const character = String.fromCodePoint(code);
    for (const { members, isComplement } of this.#classes) {
      if (members.test(character) !== isComplement) return true;
    }
    if (this.#wideRanges.length === 0) return false;
    return [lowerCase(character), upperCase(character)].some((variant) =>
      isWithin(this.#wideRanges, variant.codePointAt(0) ?? code),
    );
  }
}

function isWithin(ranges: readonly CodeRange[], code: number): boolean {
  for (const [low, high] of ranges) {
    if (code >= low && code <= high) return true;
  }
  return false;
}

const asciiWords = Uint8Array.from({ length: 128 }, (_, code) =>
  CHARACTER_CLASSES.word.test(String.fromCharCode(code)) ? 1 : 0,
);

export function isWordCharacter(code: number): boolean {
  return code < 128 ? asciiWords[code] === 1 : CHARACTER_CLASSES.word.test(String.fromCodePoint(code));
}
