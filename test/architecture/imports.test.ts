import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../src');

/** Who may import whom (docs/ARCHITECTURE.md draws it). `platform` and `errors` may be imported by everybody above. */
const ALLOWED: Record<string, readonly string[]> = {
  errors: [],
  platform: ['errors'],
  bytes: ['errors'],
  types: ['bytes', 'errors'],
  columnar: ['types', 'errors'],
  kernels: [],
  cells: ['columnar', 'types', 'bytes', 'errors'],
  copy: ['cells', 'columnar', 'types', 'bytes', 'errors'],
  catalog: ['columnar', 'types', 'errors'],
  functions: ['kernels', 'columnar', 'types', 'errors'],
  'storage/codec': ['kernels', 'columnar', 'types', 'bytes', 'errors'],
  storage: ['storage/codec', 'kernels', 'catalog', 'columnar', 'types', 'bytes', 'errors'],
  database: ['storage', 'catalog', 'columnar', 'types', 'errors'],
  'sql/syntax': ['errors'],
  'sql/expression': ['functions', 'columnar', 'types', 'errors'],
  'sql/plan': ['sql/expression', 'functions', 'catalog', 'types', 'errors'],
  'sql/binder': ['sql/syntax', 'sql/plan', 'sql/expression', 'functions', 'catalog', 'types', 'errors'],
  'sql/optimizer': ['sql/plan', 'sql/expression', 'functions', 'catalog', 'columnar', 'types', 'errors'],
  execution: ['sql/plan', 'sql/expression', 'functions', 'catalog', 'kernels', 'columnar', 'types', 'bytes', 'errors'],
  'pg-catalog': ['functions', 'catalog', 'columnar', 'types', 'errors'],
  session: [
    'database',
    'execution',
    'sql/syntax',
    'sql/binder',
    'sql/optimizer',
    'sql/plan',
    'sql/expression',
    'pg-catalog',
    'functions',
    'catalog',
    'copy',
    'cells',
    'columnar',
    'types',
    'bytes',
    'errors',
  ],
  pgwire: ['session', 'copy', 'cells', 'columnar', 'types', 'bytes', 'errors'],
  http: ['session', 'database', 'catalog', 'columnar', 'types', 'bytes', 'errors'],
};

/** The roof wires everything. */
const ROOF = new Set(['server', 'cli', '']);

function sourceFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? sourceFiles(path) : path.endsWith('.ts') ? [path] : [];
  });
}

function folderOf(path: string): string {
  const parts = relative(ROOT, path).split('/').slice(0, -1);
  const two = parts.slice(0, 2).join('/');
  return two in ALLOWED ? two : (parts[0] ?? '');
}

function importsOf(path: string): string[] {
  const source = readFileSync(path, 'utf8');
  const found = source.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]\s*\)/g,
  );
  return [...found].map((match) => resolve(dirname(path), match[1] ?? match[2] ?? ''));
}

const files = sourceFiles(ROOT);

test('every source file lies in a folder that the table knows', () => {
  const strangers = files.filter((file) => !(folderOf(file) in ALLOWED) && !ROOF.has(folderOf(file)));
  expect(strangers.map((file) => relative(ROOT, file))).toEqual([]);
});

test('imports point downward only', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const from = folderOf(file);
    if (ROOF.has(from)) continue;
    const allowed = new Set([from, 'errors', ...(from === 'errors' ? [] : ['platform']), ...(ALLOWED[from] ?? [])]);
    for (const target of importsOf(file)) {
      const to = folderOf(target);
      if (!allowed.has(to)) wrong.push(`${relative(ROOT, file)} imports ${relative(ROOT, target)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the two doors do not know each other', () => {
  const wrong = files
    .filter((file) => ['pgwire', 'http'].includes(folderOf(file)))
    .flatMap((file) => importsOf(file).map((target) => [folderOf(file), folderOf(target)] as const))
    .filter(([from, to]) => from !== to && ['pgwire', 'http'].includes(to));
  expect(wrong).toEqual([]);
});

test('a check of the checker: an import against the arrows is seen', () => {
  const upward = importsOf(join(ROOT, 'pgwire', 'server.ts')).map(folderOf);
  expect(upward).toContain('session');
  expect(ALLOWED.storage).not.toContain('session');
});
