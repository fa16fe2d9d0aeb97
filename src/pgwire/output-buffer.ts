const utf8 = new TextEncoder();

/**
 * The bytes on their way to the client. Writers of cells fill `bytes` at `length` themselves after `reserve`: at this
 * place a method call per byte is what a result set costs.
 */
export class OutputBuffer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;

  constructor(capacity = 16_384) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. Replaces `bytes` and `view` when it must grow. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  uint8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.view.setInt16(this.length, value);
    this.length += 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.length, value);
    this.length += 4;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** UTF-8 without length or terminator. */
  text(text: string): void {
    this.reserve(text.length * 3);
    if (text.length <= 64 && this.#asciiText(text)) return;
    this.length += utf8.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  zeroTerminated(text: string): void {
    this.text(text);
    this.uint8(0);
  }

  /** What was written, as bytes of their own; the buffer is empty afterwards. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  /** Short texts are mostly ASCII, and a loop beats the call into the encoder. */
  #asciiText(text: string): boolean {
    const { bytes, length } = this;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[length + index] = code;
    }
    this.length = length + text.length;
    return true;
  }
}
