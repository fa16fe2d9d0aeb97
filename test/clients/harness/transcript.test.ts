import { describe, expect, test } from 'vitest';
import { compareTranscripts, parseTranscript } from './transcript.ts';

const transcript = (...lines: readonly object[]) =>
  parseTranscript(lines.map((line) => JSON.stringify(line)).join('\n'));

describe('what a program says', () => {
  test('is its version and its checks, among talk', () => {
    const { version, checks } = parseTranscript(
      'loading …\n{"version":"1.2"}\n{"check":"a","value":[1]}\n{"check":"b","error":"no"}\n{"check":"c","skipped":"why"}\n{"broken',
    );
    expect(version).toBe('1.2');
    expect([...checks]).toEqual([
      ['a', { value: [1] }],
      ['b', { error: 'no' }],
      ['c', { skipped: 'why' }],
    ]);
  });
});

describe('comparing', () => {
  const outcomes = (ours: object, theirs: object, differences = {}) =>
    compareTranscripts(transcript(ours), transcript(theirs), differences).map(({ outcome }) => outcome);

  test('passes what is the same', () => {
    expect(outcomes({ check: 'a', value: { x: [1, null] } }, { check: 'a', value: { x: [1, null] } })).toEqual([
      'passed',
    ]);
  });

  test('fails what is not, and says where', () => {
    const [result] = compareTranscripts(
      transcript({ check: 'a', value: { x: [1, 2] } }),
      transcript({ check: 'a', value: { x: [1, 3] } }),
    );
    expect(result).toEqual({ name: 'a', outcome: 'failed', detail: '.x.1: ours 2, PostgreSQL 3' });
  });

  test('fails an error even where PostgreSQL has it too', () => {
    expect(outcomes({ check: 'a', error: 'no' }, { check: 'a', error: 'no' })).toEqual(['failed']);
  });

  test('fails what only one side has run', () => {
    expect(outcomes({ check: 'a', value: 1 }, { check: 'b', value: 1 })).toEqual(['failed', 'failed']);
  });

  test('takes a reason for a difference, but not for none', () => {
    const reasons = { a: 'it must' };
    expect(outcomes({ check: 'a', value: 1 }, { check: 'a', value: 2 }, reasons)).toEqual(['differs']);
    expect(outcomes({ check: 'a', value: 1 }, { check: 'a', value: 1 }, reasons)).toEqual(['failed']);
  });

  test('without a PostgreSQL everything has to run through', () => {
    const ours = transcript({ check: 'a', value: 1 }, { check: 'b', error: 'no' }, { check: 'c', skipped: 'why' });
    expect(compareTranscripts(ours, undefined).map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'skipped']);
  });
});
