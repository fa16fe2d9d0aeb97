import pg from 'pg';
import { DrainedSocket } from '../lib/drained-socket.mjs';

const { builtins } = pg.types;
const FLOATS = new Set([builtins.FLOAT4, builtins.FLOAT8]);
const TIMES = new Set([builtins.TIMESTAMPTZ, builtins.TIMESTAMP]);
const AS_TEXT = { getTypeParser: () => (text) => text };

/** A server of PostgreSQL's protocol: ours, or PostgreSQL. */
export class WirePeer {
  client;
  #drained;

  static async connect(connection) {
    const peer = new WirePeer();
    peer.client = new pg.Client(connection);
    await peer.client.connect();
    peer.#drained = await DrainedSocket.connect(connection);
    return peer;
  }

  /** What is timed: the statement, and its rows as node-postgres makes them. */
  run(sql) {
    return this.client.query(sql);
  }

  /** What is timed where the client's parsing would hide the server: the statement, its rows not looked at. */
  drain(sql) {
    return this.#drained.query(sql);
  }

  /** The answer for a comparison: columns with their kind, rows of texts as they came over the wire. */
  async answer(sql, values) {
    const { fields, rows } = await this.client.query({ text: sql, values, rowMode: 'array', types: AS_TEXT });
    const columns = fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID, kind: kindOf(dataTypeID) }));
    return { columns, rows };
  }

  async end() {
    this.#drained.end();
    await this.client.end();
  }
}

function kindOf(type) {
  if (FLOATS.has(type)) return 'float';
  if (type === builtins.NUMERIC) return 'numeric';
  return TIMES.has(type) ? 'time' : 'exact';
}
