import type { SeededRandom } from '../../support/seeded-random.ts';

/** One message of a client: its letter, or nothing for what comes before login, and its body. */
export interface FuzzMessage {
  readonly code: number | undefined;
  readonly body: Buffer;
  /** What the frame says of the length; absent: the truth. */
  readonly announced?: number;
}

/** Counts and lengths that arithmetic trips over. */
const NUMBERS = [
  0, 1, 2, 3, 4, 5, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 9_999, 10_000, 10_001, 67_108_864, 67_108_865,
  1_073_741_824, 1_195_725_856, 2_147_483_647, -1, -2, -4, -32_768, -2_147_483_648,
];
const BYTES = [0x00, 0x01, 0x20, 0x22, 0x24, 0x27, 0x2d, 0x3b, 0x5c, 0x7f, 0x80, 0xc0, 0xfe, 0xff];
const LETTERS = Buffer.from('BCDEFHPQSXcdfpRZ1T!\0', 'latin1');

type Mutation = (messages: FuzzMessage[], random: SeededRandom, others: readonly FuzzMessage[]) => void;

/** Each changes one thing of a conversation, in place. */
const MUTATIONS: readonly Mutation[] = [
  // Bits.
  (messages, random) =>
    changeBody(messages, random, (body) => {
      for (let flips = 1 + random.below(8); flips > 0; flips--)
        body[random.below(body.length)]! ^= 1 << random.below(8);
    }),
  // Bytes that mean something.
  (messages, random) =>
    changeBody(messages, random, (body) => {
      body[random.below(body.length)] = random.pick(BYTES);
    }),
  // Numbers of two and four bytes, wherever they stand: counts, lengths, OIDs, formats.
  (messages, random) =>
    changeBody(messages, random, (body) => {
      if (body.length < 4) return;
      const number = random.pick(NUMBERS);
      if (random.below(2) === 0) body.writeInt32BE(number, random.below(body.length - 3));
      else body.writeInt16BE((number << 16) >> 16, random.below(body.length - 1));
    }),
  // The end of a message is missing, and its frame says so.
  (messages, random) =>
    replace(messages, random, ({ code, body }) => ({ code, body: body.subarray(0, random.below(body.length + 1)) })),
  // The frame lies.
  (messages, random) => replace(messages, random, (message) => ({ ...message, announced: random.pick(NUMBERS) })),
  (messages, random) =>
    replace(messages, random, (message) => ({ ...message, announced: message.body.length + 4 + random.below(9) - 4 })),
  // Another letter.
  (messages, random) =>
    replace(messages, random, (message) =>
      message.code === undefined ? message : { ...message, code: LETTERS[random.below(LETTERS.length)]! },
    ),
  // Bytes put in, taken out, doubled.
  (messages, random) =>
    replace(messages, random, ({ code, body }) => {
      const at = random.below(body.length + 1);
      const added = Buffer.alloc(random.below(40), random.pick(BYTES));
      return { code, body: Buffer.concat([body.subarray(0, at), added, body.subarray(at)]) };
    }),
  (messages, random) =>
    replace(messages, random, ({ code, body }) => {
      const from = random.below(body.length + 1);
      const to = from + random.below(body.length - from + 1);
      const doubles = random.below(2) === 0;
      return { code, body: Buffer.concat([body.subarray(0, doubles ? to : from), body.subarray(doubles ? from : to)]) };
    }),
  // Two halves that do not belong together.
  (messages, random, others) =>
    replace(messages, random, ({ code, body }) => {
      const other = random.pick(others).body;
      return {
        code,
        body: Buffer.concat([
          body.subarray(0, random.below(body.length + 1)),
          other.subarray(random.below(other.length + 1)),
        ]),
      };
    }),
  // The order.
  (messages, random) => {
    const left = random.below(messages.length);
    const right = random.below(messages.length);
    const kept = messages[left]!;
    messages[left] = messages[right]!;
    messages[right] = kept;
  },
  // Messages repeated, left out, and put in from elsewhere.
  (messages, random) => {
    const at = random.below(messages.length);
    messages.splice(at, 0, ...Array.from({ length: 1 + random.below(20) }, () => messages[at]!));
  },
  (messages, random) => {
    if (messages.length > 1) messages.splice(random.below(messages.length), 1);
  },
  (messages, random, others) => {
    messages.splice(random.below(messages.length + 1), 0, random.pick(others));
  },
];

/** A conversation with some of it changed. */
export function mutated(
  conversation: readonly FuzzMessage[],
  random: SeededRandom,
  others: readonly FuzzMessage[],
): readonly FuzzMessage[] {
  const messages = [...conversation];
  for (let count = 1 + random.below(6); count > 0; count--) random.pick(MUTATIONS)(messages, random, others);
  return messages;
}

/** As bytes on the wire; a frame that lies about its length stays as it is. */
export function encodeMessage({ code, body, announced }: FuzzMessage): Buffer {
  const head = Buffer.alloc(code === undefined ? 4 : 5);
  if (code !== undefined) head[0] = code;
  head.writeInt32BE((announced ?? body.length + 4) | 0, head.length - 4);
  return Buffer.concat([head, body]);
}

function changeBody(messages: FuzzMessage[], random: SeededRandom, change: (body: Buffer) => void): void {
  replace(messages, random, (message) => {
    if (message.body.length === 0) return message;
    const body = Buffer.from(message.body);
    change(body);
    return { ...message, body };
  });
}

function replace(messages: FuzzMessage[], random: SeededRandom, change: (message: FuzzMessage) => FuzzMessage): void {
  const at = random.below(messages.length);
  messages[at] = change(messages[at]!);
}
