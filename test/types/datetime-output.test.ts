import { describe, expect, test } from 'vitest';
import { date } from '../../src/types/date.ts';
import { timeZone, UTC } from '../../src/types/time-zone.ts';
import { timestamp } from '../../src/types/timestamp.ts';
import { timestamptz } from '../../src/types/timestamptz.ts';
import { readAndShow } from '../support/type-forms.ts';

const newYork = timeZone('America/New_York') ?? UTC;

describe('timestamptz in DateStyle ISO, MDY', () => {
  test.each([
    ['2020-01-02 03:04:05', '2020-01-02 03:04:05-05'],
    ['2020-07-02 03:04:05.678', '2020-07-02 03:04:05.678-04'],
    ['1850-01-01', '1850-01-01 00:00:00-04:56:02'],
    ['1900-01-01 12:00', '1900-01-01 12:00:00-05'],
    ['0044-03-15 BC', '0044-03-15 00:00:00-04:56:02 BC'],
    ['12345-06-07 08:09:10', '12345-06-07 08:09:10-04'],
    ['1700-01-01 01:02:03.456789', '1700-01-01 01:02:03.456789-04:56:02'],
    ['2286-01-01 00:00:00.000001', '2286-01-01 00:00:00.000001-05'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '1999-12-31 23:59:59.9-05'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'ISO', order: 'MDY' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle ISO, MDY', () => {
  test.each([
    ['2020-01-02 03:04:05', '2020-01-02 03:04:05'],
    ['2020-07-02 03:04:05.678', '2020-07-02 03:04:05.678'],
    ['1850-01-01', '1850-01-01 00:00:00'],
    ['1900-01-01 12:00', '1900-01-01 12:00:00'],
    ['0044-03-15 BC', '0044-03-15 00:00:00 BC'],
    ['12345-06-07 08:09:10', '12345-06-07 08:09:10'],
    ['1700-01-01 01:02:03.456789', '1700-01-01 01:02:03.456789'],
    ['2286-01-01 00:00:00.000001', '2286-01-01 00:00:00.000001'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '1999-12-31 23:59:59.9'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'ISO', order: 'MDY' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle ISO, MDY', () => {
  test.each([
    ['2020-01-02', '2020-01-02'],
    ['2020-07-02', '2020-07-02'],
    ['1850-01-01', '1850-01-01'],
    ['1900-01-01', '1900-01-01'],
    ['0044-03-15 BC', '0044-03-15 BC'],
    ['12345-06-07', '12345-06-07'],
    ['1700-01-01', '1700-01-01'],
    ['2286-01-01', '2286-01-01'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '1999-12-31'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'ISO', order: 'MDY' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamptz in DateStyle SQL, MDY', () => {
  test.each([
    ['2020-01-02 03:04:05', '01/02/2020 03:04:05 EST'],
    ['2020-07-02 03:04:05.678', '07/02/2020 03:04:05.678 EDT'],
    ['1850-01-01', '01/01/1850 00:00:00 LMT'],
    ['1900-01-01 12:00', '01/01/1900 12:00:00 EST'],
    ['0044-03-15 BC', '03/15/0044 00:00:00 LMT BC'],
    ['12345-06-07 08:09:10', '06/07/12345 08:09:10 EDT'],
    ['1700-01-01 01:02:03.456789', '01/01/1700 01:02:03.456789 LMT'],
    ['2286-01-01 00:00:00.000001', '01/01/2286 00:00:00.000001 EST'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '12/31/1999 23:59:59.9 EST'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'MDY' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle SQL, MDY', () => {
  test.each([
    ['2020-01-02 03:04:05', '01/02/2020 03:04:05'],
    ['2020-07-02 03:04:05.678', '07/02/2020 03:04:05.678'],
    ['1850-01-01', '01/01/1850 00:00:00'],
    ['1900-01-01 12:00', '01/01/1900 12:00:00'],
    ['0044-03-15 BC', '03/15/0044 00:00:00 BC'],
    ['12345-06-07 08:09:10', '06/07/12345 08:09:10'],
    ['1700-01-01 01:02:03.456789', '01/01/1700 01:02:03.456789'],
    ['2286-01-01 00:00:00.000001', '01/01/2286 00:00:00.000001'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '12/31/1999 23:59:59.9'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'MDY' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle SQL, MDY', () => {
  test.each([
    ['2020-01-02', '01/02/2020'],
    ['2020-07-02', '07/02/2020'],
    ['1850-01-01', '01/01/1850'],
    ['1900-01-01', '01/01/1900'],
    ['0044-03-15 BC', '03/15/0044 BC'],
    ['12345-06-07', '06/07/12345'],
    ['1700-01-01', '01/01/1700'],
    ['2286-01-01', '01/01/2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '12/31/1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'MDY' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamptz in DateStyle SQL, DMY', () => {
  test.each([
    ['2020-01-02 03:04:05', '02/01/2020 03:04:05 EST'],
    ['2020-07-02 03:04:05.678', '02/07/2020 03:04:05.678 EDT'],
    ['1850-01-01', '01/01/1850 00:00:00 LMT'],
    ['1900-01-01 12:00', '01/01/1900 12:00:00 EST'],
    ['0044-03-15 BC', '15/03/0044 00:00:00 LMT BC'],
    ['12345-06-07 08:09:10', '07/06/12345 08:09:10 EDT'],
    ['1700-01-01 01:02:03.456789', '01/01/1700 01:02:03.456789 LMT'],
    ['2286-01-01 00:00:00.000001', '01/01/2286 00:00:00.000001 EST'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '31/12/1999 23:59:59.9 EST'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'DMY' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle SQL, DMY', () => {
  test.each([
    ['2020-01-02 03:04:05', '02/01/2020 03:04:05'],
    ['2020-07-02 03:04:05.678', '02/07/2020 03:04:05.678'],
    ['1850-01-01', '01/01/1850 00:00:00'],
    ['1900-01-01 12:00', '01/01/1900 12:00:00'],
    ['0044-03-15 BC', '15/03/0044 00:00:00 BC'],
    ['12345-06-07 08:09:10', '07/06/12345 08:09:10'],
    ['1700-01-01 01:02:03.456789', '01/01/1700 01:02:03.456789'],
    ['2286-01-01 00:00:00.000001', '01/01/2286 00:00:00.000001'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '31/12/1999 23:59:59.9'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'DMY' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle SQL, DMY', () => {
  test.each([
    ['2020-01-02', '02/01/2020'],
    ['2020-07-02', '02/07/2020'],
    ['1850-01-01', '01/01/1850'],
    ['1900-01-01', '01/01/1900'],
    ['0044-03-15 BC', '15/03/0044 BC'],
    ['12345-06-07', '07/06/12345'],
    ['1700-01-01', '01/01/1700'],
    ['2286-01-01', '01/01/2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '31/12/1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'DMY' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamptz in DateStyle German, DMY', () => {
  test.each([
    ['2020-01-02 03:04:05', '02.01.2020 03:04:05 EST'],
    ['2020-07-02 03:04:05.678', '02.07.2020 03:04:05.678 EDT'],
    ['1850-01-01', '01.01.1850 00:00:00 LMT'],
    ['1900-01-01 12:00', '01.01.1900 12:00:00 EST'],
    ['0044-03-15 BC', '15.03.0044 00:00:00 LMT BC'],
    ['12345-06-07 08:09:10', '07.06.12345 08:09:10 EDT'],
    ['1700-01-01 01:02:03.456789', '01.01.1700 01:02:03.456789 LMT'],
    ['2286-01-01 00:00:00.000001', '01.01.2286 00:00:00.000001 EST'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '31.12.1999 23:59:59.9 EST'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'German', order: 'DMY' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle German, DMY', () => {
  test.each([
    ['2020-01-02 03:04:05', '02.01.2020 03:04:05'],
    ['2020-07-02 03:04:05.678', '02.07.2020 03:04:05.678'],
    ['1850-01-01', '01.01.1850 00:00:00'],
    ['1900-01-01 12:00', '01.01.1900 12:00:00'],
    ['0044-03-15 BC', '15.03.0044 00:00:00 BC'],
    ['12345-06-07 08:09:10', '07.06.12345 08:09:10'],
    ['1700-01-01 01:02:03.456789', '01.01.1700 01:02:03.456789'],
    ['2286-01-01 00:00:00.000001', '01.01.2286 00:00:00.000001'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '31.12.1999 23:59:59.9'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'German', order: 'DMY' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle German, DMY', () => {
  test.each([
    ['2020-01-02', '02.01.2020'],
    ['2020-07-02', '02.07.2020'],
    ['1850-01-01', '01.01.1850'],
    ['1900-01-01', '01.01.1900'],
    ['0044-03-15 BC', '15.03.0044 BC'],
    ['12345-06-07', '07.06.12345'],
    ['1700-01-01', '01.01.1700'],
    ['2286-01-01', '01.01.2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '31.12.1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'German', order: 'DMY' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamptz in DateStyle Postgres, MDY', () => {
  test.each([
    ['2020-01-02 03:04:05', 'Thu Jan 02 03:04:05 2020 EST'],
    ['2020-07-02 03:04:05.678', 'Thu Jul 02 03:04:05.678 2020 EDT'],
    ['1850-01-01', 'Tue Jan 01 00:00:00 1850 LMT'],
    ['1900-01-01 12:00', 'Mon Jan 01 12:00:00 1900 EST'],
    ['0044-03-15 BC', 'Fri Mar 15 00:00:00 0044 LMT BC'],
    ['12345-06-07 08:09:10', 'Thu Jun 07 08:09:10 12345 EDT'],
    ['1700-01-01 01:02:03.456789', 'Fri Jan 01 01:02:03.456789 1700 LMT'],
    ['2286-01-01 00:00:00.000001', 'Fri Jan 01 00:00:00.000001 2286 EST'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', 'Fri Dec 31 23:59:59.9 1999 EST'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'MDY' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle Postgres, MDY', () => {
  test.each([
    ['2020-01-02 03:04:05', 'Thu Jan 02 03:04:05 2020'],
    ['2020-07-02 03:04:05.678', 'Thu Jul 02 03:04:05.678 2020'],
    ['1850-01-01', 'Tue Jan 01 00:00:00 1850'],
    ['1900-01-01 12:00', 'Mon Jan 01 12:00:00 1900'],
    ['0044-03-15 BC', 'Fri Mar 15 00:00:00 0044 BC'],
    ['12345-06-07 08:09:10', 'Thu Jun 07 08:09:10 12345'],
    ['1700-01-01 01:02:03.456789', 'Fri Jan 01 01:02:03.456789 1700'],
    ['2286-01-01 00:00:00.000001', 'Fri Jan 01 00:00:00.000001 2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', 'Fri Dec 31 23:59:59.9 1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'MDY' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle Postgres, MDY', () => {
  test.each([
    ['2020-01-02', '01-02-2020'],
    ['2020-07-02', '07-02-2020'],
    ['1850-01-01', '01-01-1850'],
    ['1900-01-01', '01-01-1900'],
    ['0044-03-15 BC', '03-15-0044 BC'],
    ['12345-06-07', '06-07-12345'],
    ['1700-01-01', '01-01-1700'],
    ['2286-01-01', '01-01-2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '12-31-1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'MDY' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamptz in DateStyle Postgres, DMY', () => {
  test.each([
    ['2020-01-02 03:04:05', 'Thu 02 Jan 03:04:05 2020 EST'],
    ['2020-07-02 03:04:05.678', 'Thu 02 Jul 03:04:05.678 2020 EDT'],
    ['1850-01-01', 'Tue 01 Jan 00:00:00 1850 LMT'],
    ['1900-01-01 12:00', 'Mon 01 Jan 12:00:00 1900 EST'],
    ['0044-03-15 BC', 'Fri 15 Mar 00:00:00 0044 LMT BC'],
    ['12345-06-07 08:09:10', 'Thu 07 Jun 08:09:10 12345 EDT'],
    ['1700-01-01 01:02:03.456789', 'Fri 01 Jan 01:02:03.456789 1700 LMT'],
    ['2286-01-01 00:00:00.000001', 'Fri 01 Jan 00:00:00.000001 2286 EST'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', 'Fri 31 Dec 23:59:59.9 1999 EST'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'DMY' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle Postgres, DMY', () => {
  test.each([
    ['2020-01-02 03:04:05', 'Thu 02 Jan 03:04:05 2020'],
    ['2020-07-02 03:04:05.678', 'Thu 02 Jul 03:04:05.678 2020'],
    ['1850-01-01', 'Tue 01 Jan 00:00:00 1850'],
    ['1900-01-01 12:00', 'Mon 01 Jan 12:00:00 1900'],
    ['0044-03-15 BC', 'Fri 15 Mar 00:00:00 0044 BC'],
    ['12345-06-07 08:09:10', 'Thu 07 Jun 08:09:10 12345'],
    ['1700-01-01 01:02:03.456789', 'Fri 01 Jan 01:02:03.456789 1700'],
    ['2286-01-01 00:00:00.000001', 'Fri 01 Jan 00:00:00.000001 2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', 'Fri 31 Dec 23:59:59.9 1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'DMY' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle Postgres, DMY', () => {
  test.each([
    ['2020-01-02', '02-01-2020'],
    ['2020-07-02', '02-07-2020'],
    ['1850-01-01', '01-01-1850'],
    ['1900-01-01', '01-01-1900'],
    ['0044-03-15 BC', '15-03-0044 BC'],
    ['12345-06-07', '07-06-12345'],
    ['1700-01-01', '01-01-1700'],
    ['2286-01-01', '01-01-2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '31-12-1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'DMY' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamptz in DateStyle Postgres, YMD', () => {
  test.each([
    ['2020-01-02 03:04:05', 'Thu Jan 02 03:04:05 2020 EST'],
    ['2020-07-02 03:04:05.678', 'Thu Jul 02 03:04:05.678 2020 EDT'],
    ['1850-01-01', 'Tue Jan 01 00:00:00 1850 LMT'],
    ['1900-01-01 12:00', 'Mon Jan 01 12:00:00 1900 EST'],
    ['0044-03-15 BC', 'Fri Mar 15 00:00:00 0044 LMT BC'],
    ['12345-06-07 08:09:10', 'Thu Jun 07 08:09:10 12345 EDT'],
    ['1700-01-01 01:02:03.456789', 'Fri Jan 01 01:02:03.456789 1700 LMT'],
    ['2286-01-01 00:00:00.000001', 'Fri Jan 01 00:00:00.000001 2286 EST'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', 'Fri Dec 31 23:59:59.9 1999 EST'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'YMD' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle Postgres, YMD', () => {
  test.each([
    ['2020-01-02 03:04:05', 'Thu Jan 02 03:04:05 2020'],
    ['2020-07-02 03:04:05.678', 'Thu Jul 02 03:04:05.678 2020'],
    ['1850-01-01', 'Tue Jan 01 00:00:00 1850'],
    ['1900-01-01 12:00', 'Mon Jan 01 12:00:00 1900'],
    ['0044-03-15 BC', 'Fri Mar 15 00:00:00 0044 BC'],
    ['12345-06-07 08:09:10', 'Thu Jun 07 08:09:10 12345'],
    ['1700-01-01 01:02:03.456789', 'Fri Jan 01 01:02:03.456789 1700'],
    ['2286-01-01 00:00:00.000001', 'Fri Jan 01 00:00:00.000001 2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', 'Fri Dec 31 23:59:59.9 1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'YMD' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle Postgres, YMD', () => {
  test.each([
    ['2020-01-02', '01-02-2020'],
    ['2020-07-02', '07-02-2020'],
    ['1850-01-01', '01-01-1850'],
    ['1900-01-01', '01-01-1900'],
    ['0044-03-15 BC', '03-15-0044 BC'],
    ['12345-06-07', '06-07-12345'],
    ['1700-01-01', '01-01-1700'],
    ['2286-01-01', '01-01-2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '12-31-1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'Postgres', order: 'YMD' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamptz in DateStyle SQL, YMD', () => {
  test.each([
    ['2020-01-02 03:04:05', '01/02/2020 03:04:05 EST'],
    ['2020-07-02 03:04:05.678', '07/02/2020 03:04:05.678 EDT'],
    ['1850-01-01', '01/01/1850 00:00:00 LMT'],
    ['1900-01-01 12:00', '01/01/1900 12:00:00 EST'],
    ['0044-03-15 BC', '03/15/0044 00:00:00 LMT BC'],
    ['12345-06-07 08:09:10', '06/07/12345 08:09:10 EDT'],
    ['1700-01-01 01:02:03.456789', '01/01/1700 01:02:03.456789 LMT'],
    ['2286-01-01 00:00:00.000001', '01/01/2286 00:00:00.000001 EST'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '12/31/1999 23:59:59.9 EST'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'YMD' } as const;
    expect(readAndShow(timestamptz, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('timestamp in DateStyle SQL, YMD', () => {
  test.each([
    ['2020-01-02 03:04:05', '01/02/2020 03:04:05'],
    ['2020-07-02 03:04:05.678', '07/02/2020 03:04:05.678'],
    ['1850-01-01', '01/01/1850 00:00:00'],
    ['1900-01-01 12:00', '01/01/1900 12:00:00'],
    ['0044-03-15 BC', '03/15/0044 00:00:00 BC'],
    ['12345-06-07 08:09:10', '06/07/12345 08:09:10'],
    ['1700-01-01 01:02:03.456789', '01/01/1700 01:02:03.456789'],
    ['2286-01-01 00:00:00.000001', '01/01/2286 00:00:00.000001'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31 23:59:59.9', '12/31/1999 23:59:59.9'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'YMD' } as const;
    expect(readAndShow(timestamp, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});

describe('date in DateStyle SQL, YMD', () => {
  test.each([
    ['2020-01-02', '01/02/2020'],
    ['2020-07-02', '07/02/2020'],
    ['1850-01-01', '01/01/1850'],
    ['1900-01-01', '01/01/1900'],
    ['0044-03-15 BC', '03/15/0044 BC'],
    ['12345-06-07', '06/07/12345'],
    ['1700-01-01', '01/01/1700'],
    ['2286-01-01', '01/01/2286'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['1999-12-31', '12/31/1999'],
  ])('%s → %s', (input, answer) => {
    const dateStyle = { format: 'SQL', order: 'YMD' } as const;
    expect(readAndShow(date, input, { timeZone: newYork, dateStyle })).toBe(answer);
  });
});
