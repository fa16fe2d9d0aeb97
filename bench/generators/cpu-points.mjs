import { CPU_FIELDS, CPU_TAGS } from './cpu-columns.mjs';
import { rng } from './rng.mjs';

const START_MILLIS = Date.UTC(2024, 0, 1);
const STEP_MILLIS = 10_000;
const STEPS_PER_DAY = 8640;
const CHUNK_CHARACTERS = 1 << 22;

const REGIONS = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'ap-southeast-1',
  'ap-northeast-1',
  'sa-east-1',
];

/** How a point is written. `prefix` is made once per host, `fields` are the ten integers. */
const WRITERS = {
  lines: {
    prefix: (tags) => `cpu,${tags.map((value, index) => `${CPU_TAGS[index]}=${value}`).join(',')} `,
    point: (prefix, fields, { nanos }) => {
      let text = prefix;
      for (let field = 0; field < fields.length; field++) {
        text += `${field === 0 ? '' : ','}${CPU_FIELDS[field]}=${fields[field]}i`;
      }
      return `${text} ${nanos}\n`;
    },
  },
  csv: {
    prefix: (tags) => tags.join(','),
    point: (prefix, fields, { iso }) => `${iso},${prefix},${fields.join(',')}\n`,
  },
  normalised: {
    prefix: (tags, host) => `${host},${tags[0]}`,
    point: (prefix, fields, { iso }) => `${iso},${prefix},${fields.join(',')}\n`,
  },
};

/**
 * TSBS' cpu-only shape: hosts with ten tags, a point of ten fields per host every 10 s, each field a random walk within
 * 0 … 100. The same arguments give the same points.
 */
export class CpuPoints {
  /** The ten tags of every host. */
  tags = [];
  #random = rng(7);
  #state = [];
  #step = 0;

  constructor(hosts) {
    const pick = (values) => values[this.#random.int(values.length)];
    for (let host = 0; host < hosts; host++) {
      const region = pick(REGIONS);
      this.tags.push([
        `host_${host}`,
        region,
        region + pick('abc'),
        `${this.#random.int(100)}`,
        pick(['Ubuntu16.10', 'Ubuntu16.04LTS', 'Ubuntu15.10']),
        pick(['x64', 'x86']),
        pick(['SF', 'NYC', 'LON', 'CHI']),
        `${this.#random.int(20)}`,
        `${this.#random.int(2)}`,
        pick(['production', 'staging', 'test']),
      ]);
      this.#state.push(CPU_FIELDS.map(() => this.#random.u() * 100));
    }
  }

  /** The rows of `tags` as CSV: a number and the ten tags. */
  tagRows() {
    return `${this.tags.map((tags, host) => `${host},${tags.join(',')}`).join('\n')}\n`;
  }

  /**
   * The points up to the end of a day (1 is the first), in the order of time, as `[text, …]` with one chunk for each of
   * the formats. Goes on where the last call has ended.
   */
  *chunks(days, ...formats) {
    const writers = formats.map((format) => WRITERS[format]);
    const prefixes = writers.map(({ prefix }) => this.tags.map(prefix));
    const texts = writers.map(() => '');
    const fields = new Array(CPU_FIELDS.length);
    for (; this.#step < days * STEPS_PER_DAY; this.#step++) {
      const millis = START_MILLIS + this.#step * STEP_MILLIS;
      const time = {
        iso: new Date(millis).toISOString().replace('T', ' ').replace('.000Z', '+00'),
        nanos: `${millis}000000`,
      };
      for (let host = 0; host < this.#state.length; host++) {
        const state = this.#state[host];
        for (let field = 0; field < fields.length; field++) {
          state[field] = Math.min(100, Math.max(0, state[field] + this.#random.n()));
          fields[field] = Math.trunc(state[field]);
        }
        for (let index = 0; index < writers.length; index++) {
          texts[index] += writers[index].point(prefixes[index][host], fields, time);
        }
      }
      if (texts.some((text) => text.length > CHUNK_CHARACTERS))
        yield texts.splice(0, texts.length, ...texts.map(() => ''));
    }
    yield texts;
  }
}
