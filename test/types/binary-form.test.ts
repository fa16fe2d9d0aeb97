import { describe, expect, test } from 'vitest';
import { SqlError } from '../../src/errors/sql-error.ts';
import type { TypeDefinition } from '../../src/types/type-definition.ts';
import { typeByName } from '../../src/types/type-registry.ts';
import { typeContext } from '../support/type-context.ts';
import { binaryForm } from '../support/type-forms.ts';

function typeNamed(name: string): TypeDefinition {
  const type = typeByName(name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
}

describe('the binary form is that of PostgreSQL', () => {
  test.each([
    ['numeric', '0', '0000000000000000'],
    ['numeric', '0.00', '0000000000000002'],
    ['numeric', '1', '00010000000000000001'],
    ['numeric', '-1', '00010000400000000001'],
    ['numeric', '1.5', '000200000000000100011388'],
    ['numeric', '-2.50', '000200004000000200021388'],
    ['numeric', '12345678901234567890.123', '000600040000000304d2162e23340d801ed204ce'],
    ['numeric', '-99999999999999999999', '0005000440000000270f270f270f270f270f'],
    ['numeric', '1e-20', '0001fffb000000140001'],
    ['numeric', '1e30', '00010007000000000064'],
    ['numeric', 'NaN', '00000000c0000000'],
    ['numeric', 'Infinity', '00000000d0000020'],
    ['numeric', '-Infinity', '00000000f0000020'],
    ['numeric', '9999', '0001000000000000270f'],
    ['numeric', '10000', '00010001000000000001'],
    ['numeric', '0.00009999', '0001fffe00000008270f'],
    ['numeric', '123456.789', '0003000100000003000c0d801ed2'],
    ['numeric', '0.0010', '0001ffff00000004000a'],
    ['numeric', '100000000', '00010002000000000001'],
    ['numeric', '0.00001', '0001fffe0000000503e8'],
    ['numeric', '12340000', '000100010000000004d2'],
    ['numeric', '1e-5', '0001fffe0000000503e8'],
    ['interval', '1 day', '00000000000000000000000100000000'],
    ['interval', '-1 mon +1 day', '000000000000000000000001ffffffff'],
    ['interval', '1 year 2 mons 3 days 04:05:06.789', '000000036c97ca88000000030000000e'],
    ['interval', '-00:00:00.5', 'fffffffffff85ee00000000000000000'],
    ['timestamptz', '2020-01-01', '00023e0786c26000'],
    ['timestamptz', 'infinity', '7fffffffffffffff'],
    ['timestamptz', '-infinity', '8000000000000000'],
    ['timestamptz', '0044-01-01 BC', 'ff1af42269f0c000'],
    ['timestamptz', '294276-01-01', '7fffe29909c76000'],
    ['timestamptz', '1999-12-31 23:59:59.999999', 'ffffffffffffffff'],
    ['timestamp', '1700-01-01', 'ffde5dcb74228000'],
    ['timestamp', 'infinity', '7fffffffffffffff'],
    ['date', '2020-01-01', '00001c89'],
    ['date', 'infinity', '7fffffff'],
    ['date', '-infinity', '80000000'],
    ['date', '4714-11-24 BC', 'ffda97a7'],
    ['time', '00:00', '0000000000000000'],
    ['time', '24:00', '000000141dd76000'],
    ['time', '12:34:56.789', '0000000a8be62608'],
    ['int8', '1', '0000000000000001'],
    ['int8', '-1', 'ffffffffffffffff'],
    ['int8', '9223372036854775807', '7fffffffffffffff'],
    ['int8', '-9223372036854775808', '8000000000000000'],
    ['int8', '9007199254740993', '0020000000000001'],
    ['int8', '4294967296', '0000000100000000'],
    ['int8', '-4294967297', 'fffffffeffffffff'],
    ['int4', '-5', 'fffffffb'],
    ['int2', '-5', 'fffb'],
    ['float8', '1.5', '3ff8000000000000'],
    ['float8', 'NaN', '7ff8000000000000'],
    ['float8', '-0', '8000000000000000'],
    ['float4', '1.5', '3fc00000'],
    ['float4', '0.1', '3dcccccd'],
    ['bool', 't', '01'],
    ['bool', 'f', '00'],
    ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['text', 'aé😀', '61c3a9f09f9880'],
    ['text', '', ''],
    ['json', '{"a": 1}', '7b2261223a20317d'],
    ['bytea', '\\x00ff', '00ff'],
    ['_int4', '{1,NULL,3}', '00000001000000010000001700000003000000010000000400000001ffffffff0000000400000003'],
    ['_int4', '{}', '000000000000000000000017'],
    ['_int4', '[0:1]={1,2}', '000000010000000000000017000000020000000000000004000000010000000400000002'],
    [
      '_int4',
      '{{1,2},{3,4}}',
      '000000020000000000000017000000020000000100000002000000010000000400000001000000040000000200000004000000030000000400000004',
    ],
    ['_text', '{a,NULL,""}', '00000001000000010000001900000003000000010000000161ffffffff00000000'],
    ['_numeric', '{1.50,NULL}', '0000000100000001000006a400000002000000010000000c000200000000000200011388ffffffff'],
    ['int2vector', '1 2', '0000000100000000000000150000000200000000000000020001000000020002'],
    ['int2vector', '', '0000000100000000000000150000000000000000'],
    ['oidvector', '1 2', '00000001000000000000001a000000020000000000000004000000010000000400000002'],
    ['oid', '4294967295', 'ffffffff'],
    ['char', 'a', '61'],
    ['char', '', '00'],
    ['name', 'x', '78'],
    ['xid', '7', '00000007'],
    ['bpchar', 'ab ', '616220'],
    ['varchar', 'x', '78'],
    ['regtype', 'integer', '00000017'],
    [
      '_timestamptz',
      '{2020-01-01,infinity}',
      '0000000100000000000004a000000002000000010000000800023e0786c26000000000087fffffffffffffff',
    ],
  ])('%s %j', (typeName, input, hex) => {
    const type = typeNamed(typeName);
    const context = typeContext();
    const value = type.parse(input, context, -1);
    expect(Buffer.from(binaryForm(type, value)).toString('hex')).toBe(hex);
    const back = type.readBinary(Buffer.from(hex, 'hex'), context);
    expect(type.format(back, context)).toBe(type.format(value, context));
  });
});

describe('bytes that are no value are refused', () => {
  test.each([
    ['int4', '0001', '08P01'],
    ['int8', '00000000000000000000', '22P03'],
    ['float8', '', '08P01'],
    ['bool', '', '08P01'],
    ['uuid', '00', '08P01'],
    ['timestamptz', '7ffffffffffffff0', '22008'],
    ['date', '7ffffff0', '22008'],
    ['time', 'ffffffffffffffff', '22008'],
    ['text', 'ff', '22021'],
    ['text', '6100', '22021'],
    ['json', '7b', '22P02'],
    ['numeric', '00010000', '08P01'],
    ['numeric', '00010000000000002710', '22P03'],
    ['numeric', '00010000123400000001', '22P03'],
    ['numeric', '00020000000000000001', '08P01'],
    ['_int4', '00000001', '08P01'],
    ['_int4', '00000001000000000000001900000001000000010000000400000001', '42804'],
    ['_int4', '0000000100000000000000177fffffff00000001', '54000'],
    ['_int4', '000000070000000000000017', '54000'],
    ['_int4', '000000000000000000000017ff', '22P03'],
  ])('%s %s gives %s', (typeName, hex, code) => {
    const read = () => typeNamed(typeName).readBinary(Buffer.from(hex, 'hex'), typeContext());
    expect(read).toThrow(SqlError);
    expect(read).toThrow(expect.objectContaining({ code }));
  });
});
