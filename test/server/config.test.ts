import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/server/config.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function writeConfig(text: string, name = 'tidewire.yml'): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

test('defaults: loopback, PostgreSQL and InfluxDB ports, every write durable', () => {
  expect(loadConfig({ 'data-dir': directory }, undefined)).toMatchObject({
    dataDirectory: directory,
    host: '127.0.0.1',
    pgPort: 5432,
    httpPort: 8086,
    durability: 'every_write',
    fieldConflict: 'strict',
    maxTablesPerRequest: 10_000,
    maxSeriesPerTable: 0,
  });
});

test('flags win over the file in the data directory, which wins over the defaults', () => {
  writeConfig('pg-port: 6000\nhttp-port: 6001\nquery-memory: 256MB\n');
  expect(loadConfig({ 'data-dir': directory, 'http-port': '0' }, undefined)).toMatchObject({
    pgPort: 6000,
    httpPort: 0,
    queryMemoryBytes: 256 * 1024 * 1024,
    memtableBytes: 64 * 1024 * 1024,
  });
});

test('a file named by --config is read instead, and may name the data directory', () => {
  const file = writeConfig(`data-dir: ${directory}/elsewhere\n`, 'other.yml');
  expect(loadConfig({}, file).dataDirectory).toBe(join(directory, 'elsewhere'));
});

test('an empty file is no error', () => {
  writeConfig('# nothing yet\n');
  expect(loadConfig({ 'data-dir': directory }, undefined).pgPort).toBe(5432);
});

describe('mistakes are named', () => {
  const files: Record<string, RegExp> = {
    'pg-prot: 1': /tidewire\.yml: unknown option "pg-prot"/,
    'pg-port: many': /"pg-port" in .*tidewire\.yml takes a port/,
    'pg-port: 70000': /takes a port/,
    'pg-port: 1.5': /takes a port/,
    'host: 5': /takes a text/,
    'durability: always': /takes every_write, periodic/,
    'field-conflict: yes': /takes strict or widen/,
    'max-series-per-table: -1': /takes a whole number/,
    'query-memory: lots': /takes a size/,
    'query-memory: 0': /takes a size/,
    '- a\n- b': /expected a list of "option: value" lines/,
    'a: [1': /tidewire\.yml: /,
    'a: 1\na: 2': /tidewire\.yml: /,
  };
  for (const [text, message] of Object.entries(files)) {
    test(JSON.stringify(text), () => {
      writeConfig(text);
      expect(() => loadConfig({ 'data-dir': directory }, undefined)).toThrow(message);
    });
  }

  test('a missing --config file', () => {
    expect(() => loadConfig({}, join(directory, 'nowhere.yml'))).toThrow(/cannot read the configuration file/);
  });

  test('a flag is named as a flag', () => {
    expect(() => loadConfig({ 'data-dir': directory, 'pg-port': 'x' }, undefined)).toThrow(/^--pg-port takes a port/);
  });

  test('an address beyond loopback, unless told', () => {
    expect(() => loadConfig({ 'data-dir': directory, host: '0.0.0.0' }, undefined)).toThrow(/not a loopback address/);
    expect(() => loadConfig({ 'data-dir': directory, host: '10.1.2.3' }, undefined)).toThrow(/not a loopback address/);
    expect(loadConfig({ 'data-dir': directory, host: '0.0.0.0', 'trust-remote': true }, undefined).host).toBe(
      '0.0.0.0',
    );
    for (const host of ['127.0.0.2', '::1', 'localhost']) {
      expect(loadConfig({ 'data-dir': directory, host }, undefined).host).toBe(host);
    }
  });
});
