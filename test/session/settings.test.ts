import { beforeEach, describe, expect, test } from 'vitest';
import { Settings, type TransactionModes } from '../../src/session/settings.ts';

const modes: TransactionModes = {
  isolation: 'read committed',
  isReadOnly: false,
  isDeferrable: false,
  setIsolation() {},
  setReadOnly() {},
  setDeferrable() {},
};
let settings: Settings;

beforeEach(() => {
  settings = new Settings(
    {
      serverVersion: '15.0 (Tidewire 9)',
      serverVersionNumber: 150000,
      roles: {
        roles: {},
        isSuperuser: true,
        isRole: () => true,
        firstSessionAuthorization: '16390',
        readRole: (name) => name,
        readSessionAuthorization: (name) => name,
        showRole: (value) => (value === '16390' ? 'ada' : value),
      },
    },
    modes,
  );
});

function set(name: string, value: string | undefined, isLocal = false): void {
  settings.set(name, value, { isLocal });
}

describe('setting values', () => {
  const accepted: readonly (readonly [name: string, value: string, shown: string])[] = [
    ['datestyle', 'german', 'German, DMY'],
    ['datestyle', 'SQL, euro', 'SQL, DMY'],
    ['datestyle', 'ymd', 'ISO, YMD'],
    ['datestyle', 'default', 'ISO, MDY'],
    ['IntervalStyle', 'ISO_8601', 'iso_8601'],
    ['TimeZone', 'europe/berlin', 'Europe/Berlin'],
    ['TimeZone', '-3', '<-03>+03'],
    ['client_encoding', 'utf-8', 'UTF8'],
    ['client_encoding', 'Unicode', 'UTF8'],
    ['client_encoding', 'SQL_ASCII', 'SQL_ASCII'],
    ['client_encoding', 'iso-8859-1', 'LATIN1'],
    ['client_encoding', 'windows-1251', 'WIN1251'],
    ['default_transaction_isolation', 'Serializable', 'serializable'],
    ['extra_float_digits', '1.4', '1'],
    ['extra_float_digits', '-15', '-15'],
    ['statement_timeout', '90s', '90s'],
    ['statement_timeout', '1500', '1500ms'],
    ['statement_timeout', '120000', '2min'],
    ['statement_timeout', '1.5 h', '90min'],
    ['statement_timeout', '0', '0'],
    ['default_transaction_read_only', 'TRUE', 'on'],
    ['default_transaction_read_only', 'of', 'off'],
    ['client_min_messages', 'Warning', 'warning'],
    ['application_name', 'é-app', '??-app'],
    ['search_path', '"Mixed", b', '"Mixed", b'],
    ['search_path', '', '""'],
    ['standard_conforming_strings', '1', 'on'],
    ['lc_numeric', 'C', 'C'],
    ['synchronous_commit', 'OFF', 'off'],
    ['synchronous_commit', 'false', 'off'],
    ['synchronous_commit', '1', 'on'],
    ['synchronous_commit', 'local', 'local'],
    ['synchronous_commit', 'remote_apply', 'remote_apply'],
    ['my.own', ' any text ', ' any text '],
  ];
  for (const [name, value, shown] of accepted) {
    test(`${name} = '${value}' is shown as '${shown}'`, () => {
      set(name, value);
      expect(settings.get(name.toUpperCase())).toBe(shown);
    });
  }

  const refused: readonly (readonly [name: string, value: string, code: string, message: string])[] = [
    ['datestyle', 'foo', '22023', 'invalid value for parameter "DateStyle": "foo"'],
    ['datestyle', 'ISO, SQL', '22023', 'invalid value for parameter "DateStyle": "ISO, SQL"'],
    ['timezone', 'foo/bar', '22023', 'invalid value for parameter "TimeZone": "foo/bar"'],
    ['timezone', '', '22023', 'invalid value for parameter "TimeZone": ""'],
    ['client_encoding', 'sjis', '0A000', 'conversion between SJIS and UTF8 is not supported'],
    ['client_encoding', 'foo', '22023', 'invalid value for parameter "client_encoding": "foo"'],
    ['extra_float_digits', '5', '22023', '5 is outside the valid range for parameter "extra_float_digits" (-15 .. 3)'],
    ['extra_float_digits', 'abc', '22023', 'invalid value for parameter "extra_float_digits": "abc"'],
    [
      'statement_timeout',
      '-1',
      '22023',
      '-1 ms is outside the valid range for parameter "statement_timeout" (0 .. 2147483647)',
    ],
    ['statement_timeout', '1 x', '22023', 'invalid value for parameter "statement_timeout": "1 x"'],
    [
      'default_transaction_read_only',
      'maybe',
      '22023',
      'parameter "default_transaction_read_only" requires a Boolean value',
    ],
    ['synchronous_commit', 'tru', '22023', 'invalid value for parameter "synchronous_commit": "tru"'],
    ['bytea_output', 'x', '22023', 'invalid value for parameter "bytea_output": "x"'],
    ['standard_conforming_strings', 'off', '0A000', 'setting "standard_conforming_strings" to "off" is not supported'],
    ['server_version', '1', '55P02', 'parameter "server_version" cannot be changed'],
    ['lc_collate', 'C', '55P02', 'parameter "lc_collate" cannot be changed'],
    ['nonsense', '1', '42704', 'unrecognized configuration parameter "nonsense"'],
    ['a b.c', '1', '42602', 'invalid configuration parameter name "a b.c"'],
    ['__proto__', '1', '42704', 'unrecognized configuration parameter "__proto__"'],
    ['search_path', 'a,,b', '22023', 'invalid value for parameter "search_path": "a,,b"'],
    ['search_path', '"a', '22023', 'invalid value for parameter "search_path": ""a"'],
  ];
  for (const [name, value, code, message] of refused) {
    test(`${name} = '${value}' is refused with ${code}`, () => {
      expect(() => set(name, value)).toThrow(expect.objectContaining({ code, message }));
    });
  }

  test('unknown settings cannot be shown or reset', () => {
    expect(() => settings.show('nonsense')).toThrow('unrecognized configuration parameter "nonsense"');
    expect(() => set('nonsense', undefined)).toThrow('unrecognized configuration parameter "nonsense"');
    expect(() => settings.show('my.own')).toThrow('unrecognized configuration parameter "my.own"');
  });

  test('are shown under their canonical names', () => {
    expect(settings.show('TIMEZONE')).toEqual({ name: 'TimeZone', value: 'UTC' });
  });
});

describe('settings and transactions', () => {
  test('a rollback takes changes back, a commit keeps them', () => {
    set('timezone', 'Europe/Berlin');
    settings.endTransaction('rollback');
    expect(settings.get('timezone')).toBe('UTC');
    set('timezone', 'Europe/Berlin');
    settings.endTransaction('commit');
    set('timezone', 'Asia/Tokyo');
    settings.endTransaction('rollback');
    expect(settings.get('timezone')).toBe('Europe/Berlin');
  });

  test('what is set LOCAL ends with the transaction', () => {
    set('timezone', 'Europe/Berlin');
    set('timezone', 'Asia/Tokyo', true);
    expect(settings.get('timezone')).toBe('Asia/Tokyo');
    settings.endTransaction('commit');
    expect(settings.get('timezone')).toBe('Europe/Berlin');
  });

  test('SET after SET LOCAL wins', () => {
    set('timezone', 'Asia/Tokyo', true);
    set('timezone', 'Europe/Berlin');
    expect(settings.get('timezone')).toBe('Europe/Berlin');
  });

  test('a custom setting made in a transaction that rolls back stays, empty, as in PostgreSQL', () => {
    set('my.own', 'x');
    settings.endTransaction('rollback');
    expect(settings.get('my.own')).toBe('');
    settings.resetAll();
    set('my.own', 'x');
    settings.endTransaction('commit');
    set('my.own', undefined);
    expect(settings.get('my.own')).toBe('');
  });

  test('RESET goes back to what the client asked for while connecting', () => {
    settings.setAtStartup('timezone', 'Asia/Tokyo');
    settings.endTransaction('commit');
    set('timezone', 'UTC');
    set('timezone', undefined);
    expect(settings.get('timezone')).toBe('Asia/Tokyo');
    set('datestyle', 'german');
    settings.resetAll();
    expect(settings.get('datestyle')).toBe('ISO, MDY');
    expect(settings.get('timezone')).toBe('Asia/Tokyo');
  });
});

describe('reports', () => {
  test('name all reported settings once, and then those that changed', () => {
    const first = new Map(settings.takeChangedReports());
    expect([...first.keys()].sort()).toEqual([
      'DateStyle',
      'IntervalStyle',
      'TimeZone',
      'application_name',
      'client_encoding',
      'default_transaction_read_only',
      'in_hot_standby',
      'integer_datetimes',
      'is_superuser',
      'server_encoding',
      'server_version',
      'session_authorization',
      'standard_conforming_strings',
    ]);
    expect(first.get('server_version')).toBe('15.0 (Tidewire 9)');
    expect(settings.takeChangedReports()).toEqual([]);
    set('timezone', 'Europe/Berlin');
    set('extra_float_digits', '3');
    expect(settings.takeChangedReports()).toEqual([['TimeZone', 'Europe/Berlin']]);
    settings.endTransaction('rollback');
    expect(settings.takeChangedReports()).toEqual([['TimeZone', 'UTC']]);
  });
});

describe('derived values', () => {
  test('give the type context of the settings', () => {
    set('datestyle', 'sql, dmy');
    set('bytea_output', 'escape');
    set('timezone', 'Europe/Berlin');
    expect(settings.typeContext(7)).toMatchObject({
      dateStyle: { format: 'SQL', order: 'DMY' },
      byteaOutput: 'escape',
      timeZone: { name: 'Europe/Berlin' },
      transactionStart: 7,
    });
    expect(settings.typeContext(7)).toBe(settings.typeContext(7));
  });

  test('list settings in order, with their sources', () => {
    set('timezone', 'Europe/Berlin');
    const rows = settings.rows();
    expect(rows.map((row) => row.name.toLowerCase())).toEqual(rows.map((row) => row.name.toLowerCase()).sort());
    expect(rows.find((row) => row.name === 'TimeZone')).toMatchObject({ source: 'session', resetValue: 'UTC' });
    expect(rows.find((row) => row.name === 'statement_timeout')).toMatchObject({ source: 'default', setting: '0' });
  });
});
