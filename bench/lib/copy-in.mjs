import { chunksOf } from '../datasets/rows-source.mjs';

/** COPY … FROM STDIN through node-postgres: `chunks` are buffers or texts, cut anywhere. Resolves when the rows are in. */
export function copyIn(client, sql, chunks) {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(sql, chunks, resolve, reject));
  });
}

/** The rows of a data set's table, which are CSV. */
export function copyTable(client, { name, csv, hasHeader = false }) {
  const options = hasHeader ? 'FORMAT csv, HEADER' : 'FORMAT csv';
  return copyIn(client, `COPY ${name} FROM STDIN (${options})`, chunksOf(csv));
}

/** What node-postgres calls a submittable: it is handed the messages that answer it. */
class CopyIn {
  #sql;
  #chunks;
  #resolve;
  #reject;
  #error;

  constructor(sql, chunks, resolve, reject) {
    this.#sql = sql;
    this.#chunks = chunks;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection) {
    connection.query(this.#sql);
  }

  handleCopyInResponse(connection) {
    this.#send(connection).catch((error) => {
      this.#error = error;
      connection.sendCopyFail(error.message);
    });
  }

  async #send(connection) {
    for await (const chunk of this.#chunks) {
      if (this.#error !== undefined) return;
      connection.sendCopyFromChunk(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      if (connection.stream.writableNeedDrain) await new Promise((drained) => connection.stream.once('drain', drained));
    }
    connection.endCopyFrom();
  }

  handleCommandComplete() {}

  handleError(error) {
    this.#error ??= error;
    this.#reject(this.#error);
  }

  handleReadyForQuery() {
    if (this.#error === undefined) this.#resolve();
  }
}
