import { describe, expect, test } from 'vitest';
import { parseQualifiedName } from '../../src/session/qualified-name.ts';
import { effectiveSearchPath, parseSearchPath } from '../../src/session/search-path.ts';

describe('search path', () => {
  const texts: Record<string, readonly string[]> = {
    '': [],
    '""': [''],
    '"$user", public': ['$user', 'public'],
    'A , "B ""c"", d"': ['a', 'B "c", d'],
  };
  for (const [text, names] of Object.entries(texts)) {
    test(`reads ${text}`, () => expect(parseSearchPath(text)).toEqual(names));
  }

  test('puts pg_catalog first unless it is named, and leaves out what does not exist', () => {
    const lookup = { userName: 'ada', exists: (name: string) => ['public', 'ada', 'pg_catalog'].includes(name) };
    expect(effectiveSearchPath(['$user', 'missing', 'public'], lookup)).toEqual(['pg_catalog', 'ada', 'public']);
    expect(effectiveSearchPath(['public', 'pg_catalog'], lookup)).toEqual(['public', 'pg_catalog']);
    expect(effectiveSearchPath([], lookup)).toEqual(['pg_catalog']);
  });

  test('puts temporary objects before all unless it names them, once there are any', () => {
    const lookup = { userName: 'ada', exists: (name: string) => ['public', 'pg_temp_3'].includes(name) };
    const own = { ...lookup, temporarySchema: 'pg_temp_3' };
    expect(effectiveSearchPath(['public'], own)).toEqual(['pg_temp_3', 'pg_catalog', 'public']);
    expect(effectiveSearchPath(['public', 'pg_temp'], own)).toEqual(['pg_catalog', 'public', 'pg_temp_3']);
    expect(effectiveSearchPath(['public'], { ...own, temporarySchema: 'pg_temp_4' })).toEqual(['pg_catalog', 'public']);
  });
});

describe('qualified names', () => {
  const names: Record<string, readonly string[]> = {
    Cpu: ['cpu'],
    'public."Cpu"': ['public', 'Cpu'],
    ' a . "b.c""d" ': ['a', 'b.c"d'],
  };
  for (const [text, parts] of Object.entries(names)) {
    test(`reads ${text}`, () => expect(parseQualifiedName(text)).toEqual(parts));
  }

  for (const text of ['', 'a.', '.a', '"a', 'a b', '""']) {
    test(`refuses '${text}'`, () =>
      expect(() => parseQualifiedName(text)).toThrow(expect.objectContaining({ code: '42602' })));
  }
});
