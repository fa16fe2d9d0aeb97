import { parentPort } from 'node:worker_threads';
import { SqlError } from '../../errors/sql-error.ts';
import type { ParserReply, ParserRequest } from './background-parser.ts';
import { loadParser, parseSql } from './parse-sql.ts';
import { isStackOverflow, tooDeep } from './raw-parser.ts';
import { buffersOf, partsOf } from './tree-parts.ts';

/** The thread of `BackgroundParser`: parses and converts one text after the other. */
const port = parentPort;
if (port === null) throw new Error('parse-worker runs as a worker thread');
const reply = (message: ParserReply, handedOver: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

const ready = loadParser();

port.on('message', ({ id, text }: ParserRequest) => {
  ready
    .then(() => {
      for (const part of partsOf(parseSql(text))) reply({ id, kind: 'part', part }, buffersOf(part));
    })
    .catch((thrown: unknown) => {
      const error = isStackOverflow(thrown) ? tooDeep() : thrown;
      if (error instanceof SqlError) {
        reply({ id, kind: 'refused', code: error.code, message: error.message, fields: error.fields });
      } else
        reply({ id, kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    });
});
