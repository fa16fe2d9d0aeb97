import { rng } from '../generators/rng.mjs';
import { importBuilt } from '../lib/built.mjs';
import { median } from '../lib/measure.mjs';
import { report } from '../lib/results.mjs';
import { barChart } from '../lib/svg-chart.mjs';

const UNIT_ROWS = 1024;
const UNITS = 64;
const WARM_UP_ROUNDS = 3;
const SECOND_MICROS = 1_000_000;

/** What real columns look like, a value for each row. */
const NUMBERS = {
  'one value': () => () => 42,
  'times every 10 s': () => (row) => 7.6e14 + row * 10 * SECOND_MICROS,
  'times with jitter':
    ({ int }) =>
    (row) =>
      7.6e14 + row * 10 * SECOND_MICROS + int(2000),
  'random walk of integers': ({ n }) => {
    let value = 50;
    return () => {
      value = Math.min(100, Math.max(0, value + n()));
      return Math.trunc(value);
    };
  },
  'prices of two decimals':
    ({ u }) =>
    () =>
      Math.round(u() * 10_000) / 100,
  'prices that walk': ({ n }) => {
    let cents = 10_000;
    return () => {
      cents += Math.round(n() * 5);
      return cents / 100;
    };
  },
  'mostly zero':
    ({ u }) =>
    () =>
      u() < 0.03 ? Math.round(u() * 2000) / 100 : 0,
  'runs of a value': () => (row) => Math.trunc(row / 50),
  'singles of 32 bits':
    ({ n }) =>
    () =>
      Math.fround(n()),
  'doubles of 64 bits':
    ({ n }) =>
    () =>
      n(),
};

const NATURAL = {
  constant: 'one value',
  'regular-runs': 'times every 10 s',
  'delta-of-delta': 'times with jitter',
  delta: 'times with jitter',
  'frame-of-reference': 'random walk of integers',
  'zigzag-varint': 'random walk of integers',
  'decimal-scaled': 'prices of two decimals',
  'decimal-delta': 'prices that walk',
  gorilla: 'prices that walk',
  'run-length': 'runs of a value',
  'mostly-one': 'mostly zero',
  'plain-single': 'singles of 32 bits',
};

/** Million values a second that each codec writes and reads, by units of 1,024 as in a segment. */
export async function codecs(context) {
  const { NUMBER_CODECS, CODE_CODECS, BOOLEAN_CODECS } = await importBuilt('storage/codec/codec-registry.js');
  const kinds = [
    ...NUMBER_CODECS.map((codec) => {
      const data = NATURAL[codec.name.replaceAll(' ', '-')] ?? 'doubles of 64 bits';
      return { codec, data, values: numbers(NUMBERS[data]), Values: Float64Array };
    }),
    ...CODE_CODECS.map((codec) => ({ codec, data: 'codes of 8 tags in runs', values: codes(), Values: Uint32Array })),
    ...BOOLEAN_CODECS.map((codec) => ({ codec, data: 'booleans in runs', values: booleans(), Values: Uint8Array })),
  ];
  const figures = [];
  const rows = [];
  const groups = [];
  for (const { codec, data, values, Values } of kinds) {
    const result = await measureCodec(codec, { units: values, Values, roundMs: context.sizes.codecRoundMs });
    if (typeof result === 'string') {
      rows.push([codec.name, data, `FAILED: ${result}`, '', '']);
      figures.push({ id: codec.name, value: null, unit: 'M/s', failure: result });
      continue;
    }
    const { bits, encode, decode } = result;
    rows.push([codec.name, data, bits.toFixed(2), encode.toFixed(0), decode.toFixed(0)]);
    figures.push({ id: `${codec.name}, encode`, value: encode, unit: 'M/s' });
    figures.push({ id: `${codec.name}, decode`, value: decode, unit: 'M/s' });
    groups.push({ label: codec.name, values: [encode, decode] });
  }
  const header = ['codec', 'values', 'bits/value', 'encode, M/s', 'decode, M/s'];
  const chart = barChart({
    title: 'Codecs (million values a second, logarithmic)',
    unit: 'M/s',
    series: ['encode', 'decode'],
    groups,
  });
  report(
    {
      name: 'codecs',
      title: 'Codecs',
      intro: `Each codec with values it is made for, ${UNITS} units of ${UNIT_ROWS} in turn, one core.`,
      sections: [{ title: 'Million values a second', header, rows }],
      chart,
    },
    context,
  );
  return figures;
}

/** Bits a value and speeds, or why there are none: what comes back has to be what was written. */
async function measureCodec(codec, { units, Values, roundMs }) {
  const { ByteWriter } = await importBuilt('bytes/byte-writer.js');
  const { ByteReader } = await importBuilt('bytes/byte-reader.js');
  const target = new Values(UNIT_ROWS);
  const writer = new ByteWriter(1 << 16);
  const encoded = [];
  for (const unit of units) {
    writer.clear();
    if (!codec.encode(unit, writer)) return 'these values do not fit';
    encoded.push(writer.copy());
    codec.decode(new ByteReader(encoded.at(-1)), target);
    if (unit.some((value, row) => !Object.is(value, target[row]))) return 'another value came back';
  }
  const sizeBytes = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
  return {
    bits: (sizeBytes * 8) / (UNITS * UNIT_ROWS),
    encode: millionsPerSecond(roundMs, (unit) => {
      writer.clear();
      codec.encode(units[unit], writer);
    }),
    decode: millionsPerSecond(roundMs, (unit) => codec.decode(new ByteReader(encoded[unit]), target)),
  };
}

function millionsPerSecond(roundMs, work) {
  const rounds = [];
  for (let round = 0; round < WARM_UP_ROUNDS + 7; round++) {
    const start = performance.now();
    let done = 0;
    while (performance.now() - start < roundMs) {
      for (let unit = 0; unit < UNITS; unit++) work(unit);
      done += UNITS;
    }
    rounds.push((done * UNIT_ROWS) / (performance.now() - start) / 1000);
  }
  return median(rounds.slice(WARM_UP_ROUNDS));
}

function numbers(make) {
  const next = make(rng(3));
  return units(Float64Array, next);
}

function codes() {
  const { int } = rng(4);
  let code = 0;
  return units(Uint32Array, (row) => {
    if (row % 20 === 0) code = int(8);
    return code;
  });
}

function booleans() {
  const { int } = rng(5);
  let value = 0;
  return units(Uint8Array, (row) => {
    if (row % 30 === 0) value = int(2);
    return value;
  });
}

function units(Values, next) {
  return Array.from({ length: UNITS }, (_, unit) =>
    Values.from({ length: UNIT_ROWS }, (__, row) => next(unit * UNIT_ROWS + row)),
  );
}
