import type { EncodeMessage, EncodeReply } from '../../src/storage/encoding/encode-message.ts';
import { EncoderThread, type EncodingThreadEvents } from '../../src/storage/encoding/encoder-thread.ts';
import { SegmentEncoder } from '../../src/storage/encoding/segment-encoder.ts';

/** What a thread that encodes segments would do, in this one: through the same messages, which are cloned on their way. */
export class InProcessEncoders extends EncoderThread {
  /** Segments that were begun. */
  begun: number;
  /** Ends the thread as an error in it would. */
  readonly kill: (error: Error) => void;

  constructor(options: { minRows?: number; dropsAfter?: number } = {}) {
    const state: { events: EncodingThreadEvents | undefined; messages: number } = { events: undefined, messages: 0 };
    super((events) => {
      state.events = events;
      const encoder = new SegmentEncoder((reply, handedOver) => {
        const cloned: EncodeReply = structuredClone(reply, { transfer: [...handedOver] });
        setImmediate(() => events.answered(cloned));
      });
      setImmediate(() => events.isReady());
      return {
        post: (message, handedOver) => {
          if (message.kind === 'begin') this.begun += 1;
          const cloned: EncodeMessage = structuredClone(message, { transfer: [...handedOver] });
          state.messages += 1;
          if (state.messages === options.dropsAfter) this.kill(new Error('out of memory'));
          else setImmediate(() => encoder.receive(cloned));
        },
        end: async () => {},
      };
    }, options);
    this.begun = 0;
    this.kill = (error) => {
      const { events } = state;
      setImmediate(() => events?.died(error));
    };
  }

  /** Starts the thread and waits until it is there. */
  async start(): Promise<this> {
    this.warmUp();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    return this;
  }
}
