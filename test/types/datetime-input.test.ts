import { describe, expect, test } from 'vitest';
import { date } from '../../src/types/date.ts';
import { timeZone, UTC } from '../../src/types/time-zone.ts';
import { timestamp } from '../../src/types/timestamp.ts';
import { timestamptz } from '../../src/types/timestamptz.ts';
import { readAndShow } from '../support/type-forms.ts';

const newYork = timeZone('America/New_York') ?? UTC;

describe('timestamp with time zone in New York reads as in PostgreSQL', () => {
  test.each([
    ['2020-01-02 03:04:05', '2020-01-02 03:04:05-05'],
    ['2020-01-02T03:04:05Z', '2020-01-01 22:04:05-05'],
    ['2020-01-02T03:04:05.123456+02', '2020-01-01 20:04:05.123456-05'],
    ['2020-01-02 03:04:05.1234565', '2020-01-02 03:04:05.123456-05'],
    ['2020-01-02 03:04:05.1234575', '2020-01-02 03:04:05.123458-05'],
    ['2020-01-02', '2020-01-02 00:00:00-05'],
    ['2020-01-02 03:04', '2020-01-02 03:04:00-05'],
    ['20200102', '2020-01-02 00:00:00-05'],
    ['20200102 030405', '2020-01-02 03:04:05-05'],
    ['20200102T030405', '2020-01-02 03:04:05-05'],
    ['20200102T0304', '2020-01-02 03:04:00-05'],
    ['20200102T03', '22007: invalid input syntax for type timestamp with time zone: "20200102T03"'],
    ['2020-01-02 03:04:05 PST', '2020-01-02 06:04:05-05'],
    ['2020-01-02 03:04:05 Europe/Berlin', '2020-01-01 21:04:05-05'],
    ['2020-07-02 03:04:05 Europe/Berlin', '2020-07-01 21:04:05-04'],
    ['2020-01-02 03:04:05 America/New_York', '2020-01-02 03:04:05-05'],
    ['Jan 8 1999', '1999-01-08 00:00:00-05'],
    ['January 8, 1999', '1999-01-08 00:00:00-05'],
    ['8-Jan-1999', '1999-01-08 00:00:00-05'],
    ['1999-Jan-08', '1999-01-08 00:00:00-05'],
    ['Jan-08-1999', '1999-01-08 00:00:00-05'],
    ['08-Jan-99', '1999-01-08 00:00:00-05'],
    [
      '99-Jan-08',
      '22008: date/time field value out of range: "99-Jan-08" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['01/02/2003', '2003-01-02 00:00:00-05'],
    ['1/2/03', '2003-01-02 00:00:00-05'],
    ['02/30/2003', '22008: date/time field value out of range: "02/30/2003"'],
    [
      '13/02/2003',
      '22008: date/time field value out of range: "13/02/2003" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['2003/02/13', '2003-02-13 00:00:00-05'],
    ['01.02.2003', '2003-01-02 00:00:00-05'],
    ['990108', '1999-01-08 00:00:00-05'],
    ['1999.008', '1999-01-08 00:00:00-05'],
    ['1999-008', '1999-01-08 00:00:00-05'],
    ['J2451187', '1999-01-08 00:00:00-05'],
    [
      '44-03-15 BC',
      '22008: date/time field value out of range: "44-03-15 BC" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['0044-03-15 BC', '0044-03-15 00:00:00-04:56:02 BC'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['+infinity', '22007: invalid input syntax for type timestamp with time zone: "+infinity"'],
    ['epoch', '1969-12-31 19:00:00-05'],
    ['Infinity', 'infinity'],
    ['epoch 10:00', '1969-12-31 19:00:00-05'],
    ['0000-01-01', '22008: date/time field value out of range: "0000-01-01"'],
    ['0001-01-01', '0001-01-01 00:00:00-04:56:02'],
    ['294276-12-31 23:59:59.999999', '22008: timestamp out of range: "294276-12-31 23:59:59.999999"'],
    ['294277-01-01', '22008: timestamp out of range: "294277-01-01"'],
    ['4714-11-24 BC', '4714-11-24 00:00:00-04:56:02 BC'],
    ['4714-11-24 00:00:00 BC', '4714-11-24 00:00:00-04:56:02 BC'],
    ['4714-11-23 23:59:59.999999 BC', '4714-11-23 23:59:59.999999-04:56:02 BC'],
    ['10000-01-01', '10000-01-01 00:00:00-05'],
    ['12345-06-07 08:09:10', '12345-06-07 08:09:10-04'],
    ['2020-02-30', '22008: date/time field value out of range: "2020-02-30"'],
    ['2019-02-29', '22008: date/time field value out of range: "2019-02-29"'],
    ['2020-02-29', '2020-02-29 00:00:00-05'],
    [
      '2020-13-01',
      '22008: date/time field value out of range: "2020-13-01" [Perhaps you need a different "datestyle" setting.]',
    ],
    [
      '2020-00-10',
      '22008: date/time field value out of range: "2020-00-10" [Perhaps you need a different "datestyle" setting.]',
    ],
    [
      '2020-01-00',
      '22008: date/time field value out of range: "2020-01-00" [Perhaps you need a different "datestyle" setting.]',
    ],
    [
      '2020-01-32',
      '22008: date/time field value out of range: "2020-01-32" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['2020-01-01 24:00:00', '2020-01-02 00:00:00-05'],
    ['2020-01-01 24:00:01', '22008: date/time field value out of range: "2020-01-01 24:00:01"'],
    ['2020-01-01 23:59:60', '2020-01-02 00:00:00-05'],
    ['2020-01-01 23:59:61', '22008: date/time field value out of range: "2020-01-01 23:59:61"'],
    ['2020-01-01 23:60:00', '22008: date/time field value out of range: "2020-01-01 23:60:00"'],
    ['2020-01-01 25:00', '22008: date/time field value out of range: "2020-01-01 25:00"'],
    ['2020-01-01 12:30 AM', '2020-01-01 00:30:00-05'],
    ['2020-01-01 12:30 PM', '2020-01-01 12:30:00-05'],
    ['2020-01-01 1:30 pm', '2020-01-01 13:30:00-05'],
    ['2020-01-01 13:30 pm', '22008: date/time field value out of range: "2020-01-01 13:30 pm"'],
    ['2020-01-01 0:30 am', '2020-01-01 00:30:00-05'],
    ['abc', '22007: invalid input syntax for type timestamp with time zone: "abc"'],
    ['', '22007: invalid input syntax for type timestamp with time zone: ""'],
    ['   ', '22007: invalid input syntax for type timestamp with time zone: "   "'],
    ['2020', '22007: invalid input syntax for type timestamp with time zone: "2020"'],
    ['2020-01', '22007: invalid input syntax for type timestamp with time zone: "2020-01"'],
    ['2020-01-02 abc', '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 abc"'],
    ['2020-01-02 03:04:05 foo/bar', '22023: time zone "foo/bar" not recognized'],
    ['2020-01-02 03:04:05+16', '22009: time zone displacement out of range: "2020-01-02 03:04:05+16"'],
    ['2020-01-02 03:04:05+15:59:59', '2020-01-01 06:04:06-05'],
    ['2020-01-02 03:04:05+0530', '2020-01-01 16:34:05-05'],
    ['2020-01-02 03:04:05 +05:30', '2020-01-01 16:34:05-05'],
    ['2020-01-02 03:04:05 - 8', '2020-01-02 06:04:05-05'],
    ['2020-01-02 03:04:05-08:00:30', '2020-01-02 06:04:35-05'],
    ['2020-01-02 03:04:05+5', '2020-01-01 17:04:05-05'],
    ['Thu Jan 02 03:04:05 2020', '2020-01-02 03:04:05-05'],
    ['Thu Jan 02 03:04:05 2020 UTC', '2020-01-01 22:04:05-05'],
    ['Thu Jan 02 03:04:05 2020 PST', '2020-01-02 06:04:05-05'],
    ['Thu, 2 Jan 2020 03:04:05 GMT', '2020-01-01 22:04:05-05'],
    ['2 Jan 2020 03:04', '2020-01-02 03:04:00-05'],
    ['2020-01-02 at 03:04', '2020-01-02 03:04:00-05'],
    ['2020-01-02 03:04:05 z', '2020-01-01 22:04:05-05'],
    ['2020-01-02 03:04:05 zulu', '2020-01-01 22:04:05-05'],
    ['2020-01-02 03:04:05 UTC', '2020-01-01 22:04:05-05'],
    ['2020-01-02 03:04:05 gmt+3', '2020-01-02 01:04:05-05'],
    ['2020-01-02 03:04:05 UTC-3', '2020-01-01 19:04:05-05'],
    ['2020-01-02 03:04:05 EST5EDT', '2020-01-02 03:04:05-05'],
    ['2020-01-02 030405-08', '2020-01-02 06:04:05-05'],
    ['2020-01-02 0304', '2020-01-02 03:04:00-05'],
    ['2020-01-02 03', '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 03"'],
    ['03:04:05', '22007: invalid input syntax for type timestamp with time zone: "03:04:05"'],
    ['12:34.5 2020-01-02', '22007: invalid input syntax for type timestamp with time zone: "12:34.5 2020-01-02"'],
    ['2020-01-02 12:34.5', '2020-01-02 00:12:34.5-05'],
    ['2020-01-02 03:04:05.', '2020-01-02 03:04:05-05'],
    [
      '2020-01-02 03:04:05.5.5',
      '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 03:04:05.5.5"',
    ],
    ['2020-01-02 :03', '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 :03"'],
    [
      '2020-01-02 03:04:05 03:04:05',
      '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 03:04:05 03:04:05"',
    ],
    ['2020-01-02 2020-01-02', '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 2020-01-02"'],
    ['2020-01-02,03:04:05', '2020-01-02 03:04:05-05'],
    ['2020-01-02;03:04', '2020-01-02 03:04:00-05'],
    ['(2020-01-02)', '2020-01-02 00:00:00-05'],
    [
      '2020-01-02 03:04:05 BC AD',
      '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 03:04:05 BC AD"',
    ],
    ['2020 Jan 2', '2020-01-02 00:00:00-05'],
    ['Jan 2020 2', '2020-01-02 00:00:00-05'],
    ['2 2020 Jan', '22007: invalid input syntax for type timestamp with time zone: "2 2020 Jan"'],
    ['Foo 8 1999', '22007: invalid input syntax for type timestamp with time zone: "Foo 8 1999"'],
    ['8 January', '22007: invalid input syntax for type timestamp with time zone: "8 January"'],
    ['1/8', '22007: invalid input syntax for type timestamp with time zone: "1/8"'],
    ['Sun 2020-01-02', '22007: invalid input syntax for type timestamp with time zone: "Sun 2020-01-02"'],
    ['2020-1-2 3:4:5', '2020-01-02 03:04:05-05'],
    ['2020-01-02 3:4', '2020-01-02 03:04:00-05'],
    ['02020-01-02', '2020-01-02 00:00:00-05'],
    ['  2020-01-02  03:04:05  ', '2020-01-02 03:04:05-05'],
    ['2020-01-02t03:04:05z', '2020-01-01 22:04:05-05'],
    ['2020-01-02 03:04:05é', '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 03:04:05é"'],
    ['2020/01/02 03:04:05', '2020-01-02 03:04:05-05'],
    ['2020.01.02', '2020-01-02 00:00:00-05'],
    ['2-1-2020', '2020-02-01 00:00:00-05'],
    [
      '31-12-2020',
      '22008: date/time field value out of range: "31-12-2020" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['12-31-2020', '2020-12-31 00:00:00-05'],
    ['2020-03-29 02:30:00 Europe/Berlin', '2020-03-28 21:30:00-04'],
    ['2020-10-25 02:30:00 Europe/Berlin', '2020-10-24 21:30:00-04'],
    ['2020-03-29 02:30:00', '2020-03-29 02:30:00-04'],
    ['2020-10-25 02:30:00', '2020-10-25 02:30:00-04'],
    ['2020-03-08 02:30:00', '2020-03-08 03:30:00-04'],
    ['2020-11-01 01:30:00', '2020-11-01 01:30:00-05'],
    ['1850-01-01 00:00:00', '1850-01-01 00:00:00-04:56:02'],
    ['1900-01-01', '1900-01-01 00:00:00-05'],
    ['1883-11-18 12:03:57', '1883-11-18 12:03:57-05'],
    ['1883-11-18 12:03:58', '1883-11-18 12:03:58-05'],
    ['2040-07-01', '2040-07-01 00:00:00-04'],
    ['2500-07-01', '2500-07-01 00:00:00-04'],
    ['100000-07-01 12:00', '100000-07-01 12:00:00-04'],
    ['1700-01-01 01:02:03.456789', '1700-01-01 01:02:03.456789-04:56:02'],
    ['2286-01-01 00:00:00.000001', '2286-01-01 00:00:00.000001-05'],
    ['2020-01-02 03:04:05 MSK', '2020-01-01 19:04:05-05'],
    ['2012-01-02 03:04:05 MSK', '2012-01-01 18:04:05-05'],
    ['2020-01-02 03:04:05 IST', '2020-01-01 20:04:05-05'],
    ['2020-07-02 03:04:05 CEST', '2020-07-01 21:04:05-04'],
    ['2020-01-02 allballs', '2020-01-01 19:00:00-05'],
    ['2020-01-02 infinity', 'infinity'],
    ['1999-01-08 04:05:06.789-8', '1999-01-08 07:05:06.789-05'],
    ['1999-01-08 04:05:06.789 -8:00', '1999-01-08 07:05:06.789-05'],
    ['040506 2020-01-02', '22007: invalid input syntax for type timestamp with time zone: "040506 2020-01-02"'],
    ['2001-09-22 18:19:20 BC', '2001-09-22 18:19:20-04:56:02 BC'],
    ['1997-02-10 17:32:01 PST8PDT', '1997-02-10 20:32:01-05'],
    ['1997 041', '1997-02-10 00:00:00-05'],
    [
      '97/02/10 17:32:01 UTC',
      '22008: date/time field value out of range: "97/02/10 17:32:01 UTC" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['19970210 173201 -0800', '1997-02-10 20:32:01-05'],
    ['Feb 10 17:32:01.4 1997 PST', '1997-02-10 20:32:01.4-05'],
    ['2000-02-29 am', '2000-02-29 00:00:00-05'],
    ['2000-01-01 5 pm', '22007: invalid input syntax for type timestamp with time zone: "2000-01-01 5 pm"'],
    ['5:00 2000-01-01', '22007: invalid input syntax for type timestamp with time zone: "5:00 2000-01-01"'],
    ['99999999-01-01', '22008: timestamp out of range: "99999999-01-01"'],
    ['5874898-01-01', '22008: timestamp out of range: "5874898-01-01"'],
    [
      '20000101000000',
      '22008: date/time field value out of range: "20000101000000" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['2020-01-02 0', '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 0"'],
    ['J0', '4714-11-24 00:00:00-04:56:02 BC'],
    ['J2451545.5', '2000-01-01 12:00:00-05'],
    ['2020-W01-1', '22007: invalid input syntax for type timestamp with time zone: "2020-W01-1"'],
    ['2020-01-02T03:04:05+00:00', '2020-01-01 22:04:05-05'],
    ['2020-01-02 03:04:05 +00', '2020-01-01 22:04:05-05'],
    ['1-1-1', '2001-01-01 00:00:00-05'],
    ['1-1-01 BC', '0001-01-01 00:00:00-04:56:02 BC'],
    ['001-01-01', '0001-01-01 00:00:00-04:56:02'],
    [
      '69-01-01',
      '22008: date/time field value out of range: "69-01-01" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['1/1/70', '1970-01-01 00:00:00-05'],
    ['2020-01-02 03:04:05 Japan', '2020-01-01 13:04:05-05'],
    [
      '2020-01-02 03:04:05 utc utc',
      '22007: invalid input syntax for type timestamp with time zone: "2020-01-02 03:04:05 utc utc"',
    ],
    ['2020-01-02 utc', '2020-01-01 19:00:00-05'],
    ['2020-01-02+02', '2020-01-01 17:00:00-05'],
    ['2020-01-02 +02:00', '2020-01-01 17:00:00-05'],
    ['Mon Feb 10 17:32:01 1997', '1997-02-10 17:32:01-05'],
    ['2020-06-15 12:00 America/Argentina/Buenos_Aires', '2020-06-15 11:00:00-04'],
    ['2020-06-15 12:00 ART', '2020-06-15 11:00:00-04'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(timestamptz, input, { timeZone: newYork })).toBe(answer);
  });
});

describe('dates in the order MDY', () => {
  test.each([
    ['01/02/2003', '2003-01-02 00:00:00'],
    ['1/2/03', '2003-01-02 00:00:00'],
    [
      '13/02/2003',
      '22008: date/time field value out of range: "13/02/2003" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['02/13/2003', '2003-02-13 00:00:00'],
    ['2003/02/13', '2003-02-13 00:00:00'],
    ['01.02.2003', '2003-01-02 00:00:00'],
    ['990108', '1999-01-08 00:00:00'],
    ['8-Jan-1999', '1999-01-08 00:00:00'],
    ['08-Jan-99', '1999-01-08 00:00:00'],
    [
      '99-Jan-08',
      '22008: date/time field value out of range: "99-Jan-08" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['1999-Jan-08', '1999-01-08 00:00:00'],
    ['Jan-08-1999', '1999-01-08 00:00:00'],
    ['January 8, 1999', '1999-01-08 00:00:00'],
    ['2 Jan 2020 03:04', '2020-01-02 03:04:00'],
    [
      '31-12-2020',
      '22008: date/time field value out of range: "31-12-2020" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['12-31-2020', '2020-12-31 00:00:00'],
    [
      '99-01-08',
      '22008: date/time field value out of range: "99-01-08" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['1/8/99 04:05', '1999-01-08 04:05:00'],
    [
      '69-01-01',
      '22008: date/time field value out of range: "69-01-01" [Perhaps you need a different "datestyle" setting.]',
    ],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(timestamp, input, { dateStyle: { format: 'ISO', order: 'MDY' } })).toBe(answer);
  });
});

describe('dates in the order DMY', () => {
  test.each([
    ['01/02/2003', '2003-02-01 00:00:00'],
    ['1/2/03', '2003-02-01 00:00:00'],
    ['13/02/2003', '2003-02-13 00:00:00'],
    [
      '02/13/2003',
      '22008: date/time field value out of range: "02/13/2003" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['2003/02/13', '2003-02-13 00:00:00'],
    ['01.02.2003', '2003-02-01 00:00:00'],
    ['990108', '1999-01-08 00:00:00'],
    ['8-Jan-1999', '1999-01-08 00:00:00'],
    ['08-Jan-99', '1999-01-08 00:00:00'],
    [
      '99-Jan-08',
      '22008: date/time field value out of range: "99-Jan-08" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['1999-Jan-08', '1999-01-08 00:00:00'],
    ['Jan-08-1999', '1999-01-08 00:00:00'],
    ['January 8, 1999', '1999-01-08 00:00:00'],
    ['2 Jan 2020 03:04', '2020-01-02 03:04:00'],
    ['31-12-2020', '2020-12-31 00:00:00'],
    [
      '12-31-2020',
      '22008: date/time field value out of range: "12-31-2020" [Perhaps you need a different "datestyle" setting.]',
    ],
    [
      '99-01-08',
      '22008: date/time field value out of range: "99-01-08" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['1/8/99 04:05', '1999-08-01 04:05:00'],
    [
      '69-01-01',
      '22008: date/time field value out of range: "69-01-01" [Perhaps you need a different "datestyle" setting.]',
    ],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(timestamp, input, { dateStyle: { format: 'ISO', order: 'DMY' } })).toBe(answer);
  });
});

describe('dates in the order YMD', () => {
  test.each([
    [
      '01/02/2003',
      '22008: date/time field value out of range: "01/02/2003" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['1/2/03', '2001-02-03 00:00:00'],
    [
      '13/02/2003',
      '22008: date/time field value out of range: "13/02/2003" [Perhaps you need a different "datestyle" setting.]',
    ],
    [
      '02/13/2003',
      '22008: date/time field value out of range: "02/13/2003" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['2003/02/13', '2003-02-13 00:00:00'],
    [
      '01.02.2003',
      '22008: date/time field value out of range: "01.02.2003" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['990108', '1999-01-08 00:00:00'],
    ['8-Jan-1999', '1999-01-08 00:00:00'],
    [
      '08-Jan-99',
      '22008: date/time field value out of range: "08-Jan-99" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['99-Jan-08', '1999-01-08 00:00:00'],
    ['1999-Jan-08', '1999-01-08 00:00:00'],
    ['Jan-08-1999', '1999-01-08 00:00:00'],
    ['January 8, 1999', '1999-01-08 00:00:00'],
    ['2 Jan 2020 03:04', '2020-01-02 03:04:00'],
    [
      '31-12-2020',
      '22008: date/time field value out of range: "31-12-2020" [Perhaps you need a different "datestyle" setting.]',
    ],
    [
      '12-31-2020',
      '22008: date/time field value out of range: "12-31-2020" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['99-01-08', '1999-01-08 00:00:00'],
    [
      '1/8/99 04:05',
      '22008: date/time field value out of range: "1/8/99 04:05" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['69-01-01', '2069-01-01 00:00:00'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(timestamp, input, { dateStyle: { format: 'ISO', order: 'YMD' } })).toBe(answer);
  });
});

describe('date reads as in PostgreSQL', () => {
  test.each([
    ['5874897-12-31', '5874897-12-31'],
    ['5874898-01-01', '22008: date out of range: "5874898-01-01"'],
    ['4713-01-01 BC', '4713-01-01 BC'],
    ['4714-11-24 BC', '4714-11-24 BC'],
    ['4714-11-23 BC', '22008: date out of range: "4714-11-23 BC"'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['epoch', '1970-01-01'],
    ['2020-01-02 25:00', '22008: date/time field value out of range: "2020-01-02 25:00"'],
    ['10000-01-01', '10000-01-01'],
    ['2020-02-30', '22008: date/time field value out of range: "2020-02-30"'],
    [
      '2020-13-01',
      '22008: date/time field value out of range: "2020-13-01" [Perhaps you need a different "datestyle" setting.]',
    ],
    ['0000-01-01', '22008: date/time field value out of range: "0000-01-01"'],
    ['2020-01-02 03:04:05+02', '2020-01-02'],
    ['20200102', '2020-01-02'],
    ['', '22007: invalid input syntax for type date: ""'],
    ['x', '22007: invalid input syntax for type date: "x"'],
    ['04:05', '22007: invalid input syntax for type date: "04:05"'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(date, input)).toBe(answer);
  });
});

describe('words relative to the start of the transaction', () => {
  // 2000-01-01 02:30 UTC is still the evening before in New York.
  const settings = { timeZone: newYork, transactionStart: 9_000_000_000 };
  test.each([
    ['now', '1999-12-31 21:30:00-05'],
    ['today', '1999-12-31 00:00:00-05'],
    ['tomorrow', '2000-01-01 00:00:00-05'],
    ['yesterday', '1999-12-30 00:00:00-05'],
    ['tomorrow 10:00', '2000-01-01 10:00:00-05'],
  ])('%s is %s', (input, answer) => {
    expect(readAndShow(timestamptz, input, settings)).toBe(answer);
  });
});

describe('a declared precision rounds', () => {
  test.each([
    [3, '2020-01-02 03:04:05.123456', '2020-01-02 03:04:05.123'],
    [3, '1999-12-31 23:59:59.9995', '1999-12-31 23:59:59.999'],
    [3, '1999-12-31 23:59:59.9994', '1999-12-31 23:59:59.999'],
    [3, '1700-01-01 01:02:03.456789', '1700-01-01 01:02:03.457'],
    [0, '1999-01-01 00:00:00.5', '1999-01-01 00:00:00'],
    [3, 'infinity', 'infinity'],
  ])('timestamp(%i): %s → %s', (precision, input, answer) => {
    expect(readAndShow(timestamp, input, {}, precision)).toBe(answer);
  });
});
