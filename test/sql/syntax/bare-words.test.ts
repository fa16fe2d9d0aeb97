import { expect, test } from 'vitest';
import { bareWords } from '../../../src/sql/syntax/bare-words.ts';

const words = (text: string): string[] => bareWords(text).map(({ word }) => word);

test('are words in lower case, with their places', () => {
  expect(bareWords('Add  vAlue_1')).toEqual([
    { word: 'add', start: 0 },
    { word: 'value_1', start: 5 },
  ]);
});

const hidden = {
  'in quotes': `a 'b ''c' "d ""e" f`,
  'in dollars': 'a $$b$$ $x$ $$ c $x$ f',
  'in comments': 'a -- b\n/* c /* d */ e */ f',
  'behind a backslash': `a E'\\' b' f`,
};
for (const [where, text] of Object.entries(hidden)) {
  test(`stand not ${where}`, () => expect(words(text).filter((word) => word !== 'e')).toEqual(['a', 'f']));
}
