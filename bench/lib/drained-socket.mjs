import { once } from 'node:events';
import { connect } from 'node:net';

const PROTOCOL_3 = 196_608;
const HEADER_BYTES = 5;

const MESSAGE = { authentication: 'R', dataRow: 'D', error: 'E', readyForQuery: 'Z' };

/**
 * A client of PostgreSQL's protocol that reads rows and throws them away: what is left is the server's work and the
 * socket's. Servers have to trust it.
 */
export class DrainedSocket {
  #socket;
  #rest = Buffer.alloc(0);
  #waiting;
  #rowCount = 0;
  #byteCount = 0;
  #error;

  static async connect({ host, port, user, database }) {
    const client = new DrainedSocket(connect({ host, port, noDelay: true }));
    await once(client.#socket, 'connect');
    const parameters = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
    const header = Buffer.alloc(8);
    header.writeInt32BE(8 + parameters.length, 0);
    header.writeInt32BE(PROTOCOL_3, 4);
    await client.#exchange(Buffer.concat([header, parameters]));
    return client;
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
  }

  /** Runs a statement by the simple protocol; returns how many rows and bytes came. */
  async query(sql) {
    const text = Buffer.from(`${sql}\0`);
    const header = Buffer.alloc(HEADER_BYTES);
    header.write('Q');
    header.writeInt32BE(4 + text.length, 1);
    return this.#exchange(Buffer.concat([header, text]));
  }

  end() {
    this.#socket.end(Buffer.from([0x58, 0, 0, 0, 4]));
  }

  #exchange(bytes) {
    this.#rowCount = 0;
    this.#byteCount = 0;
    this.#error = undefined;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(bytes);
    });
  }

  #receive(chunk) {
    this.#byteCount += chunk.length;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + 1 + bytes.readInt32BE(at + 1);
      if (end > bytes.length) break;
      const type = String.fromCharCode(bytes[at]);
      if (type === MESSAGE.dataRow) this.#rowCount++;
      else if (type === MESSAGE.error) this.#error = new Error(bytes.toString('utf8', at + HEADER_BYTES, end));
      else if (type === MESSAGE.authentication && bytes.readInt32BE(at + HEADER_BYTES) !== 0) {
        this.#error = new Error('the server asks for a password');
      } else if (type === MESSAGE.readyForQuery) this.#finish();
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  #finish() {
    const { resolve, reject } = this.#waiting;
    if (this.#error !== undefined) reject(this.#error);
    else resolve({ rowCount: this.#rowCount, byteCount: this.#byteCount });
  }
}
