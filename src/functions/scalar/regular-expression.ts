import { compiledRegex } from './regex/regex.ts';
import { defaultOptions } from './regex/regex-options.ts';

const ignoringCase = { ...defaultOptions, ignoresCase: true };

/** `text ~ pattern`. Throws 2201B for an invalid pattern and 0A000 for what needs backtracking. */
export function matchesRegularExpression(text: string, pattern: string): boolean {
  return compiledRegex(pattern).test(text);
}

/** `text ~* pattern`. */
export function matchesIgnoringCase(text: string, pattern: string): boolean {
  return compiledRegex(pattern, ignoringCase).test(text);
}
