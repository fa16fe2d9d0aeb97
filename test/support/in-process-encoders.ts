import type { FileSystem } from '../../src/platform/file-system.ts';
import type { EncodeMessage, EncodeReply } from '../../src/storage/encoding/encode-message.ts';
import { EncoderThread, type EncodingThreadEvents } from '../../src/storage/encoding/encoder-thread.ts';
import { SegmentEncoder } from '../../src/storage/encoding/segment-encoder.ts';
import { LocalSegmentStore } from '../../src/storage/local-segment-store.ts';

/** What a thread that encodes segments would do, in this one: through the same messages, which are cloned on their way. */
export class InProcessEncoders extends EncoderThread {
  /** Segments that were begun. */
  begun: number;
  /** Ends the thread as an error in it would. */
  readonly kill: (error: Error) => void;

  /** Merges that were begun. */
  merges: number;

  /** `fileSystem`: where it finds what it merges; without, it merges nothing. */
  constructor(options: { minRows?: number; dropsAfter?: number; fileSystem?: FileSystem } = {}) {
    const { fileSystem } = options;
    const state: { events: EncodingThreadEvents | undefined; messages: number } = { events: undefined, messages: 0 };
    super((events) => {
      state.events = events;
      const encoder = new SegmentEncoder(
        (reply, handedOver) => {
          const cloned: EncodeReply = structuredClone(reply, { transfer: [...handedOver] });
          setImmediate(() => events.answered(cloned));
        },
        (directory) => LocalSegmentStore.readOnly({ fileSystem: fileSystem!, directory }),
      );
      setImmediate(() => events.isReady());
      return {
        post: (message, handedOver) => {
          if (message.kind === 'begin') this.begun += 1;
          if (message.kind === 'merge') this.merges += 1;
          const cloned: EncodeMessage = structuredClone(message, { transfer: [...handedOver] });
          state.messages += 1;
          if (state.messages === options.dropsAfter) this.kill(new Error('out of memory'));
          else setImmediate(() => encoder.receive(cloned));
        },
        end: async () => {},
      };
    }, options);
    this.begun = 0;
    this.merges = 0;
    if (fileSystem === undefined) this.merge = () => undefined;
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
