import { Command } from 'commander';
import { loadConfig } from '../server/config.ts';
import { createLogger } from '../server/logger.ts';
import { firstSignal, reloadAtSignal, stopAtSignal } from '../server/shutdown.ts';
import { startServer } from '../server/start-server.ts';

/** `tidewire serve`: opens the data directory and both doors, and stays until SIGTERM or SIGINT. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('open the data directory and serve PostgreSQL clients and line-protocol writers')
    .option('--data-dir <directory>', 'where the data lies (default: ./tidewire-data)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--pg-port <port>', 'port of the PostgreSQL protocol, 0 = any free one (default: 5432)')
    .option('--http-port <port>', 'port of the HTTP interface, 0 = any free one (default: 8086)')
    .option('--durability <mode>', 'every_write, periodic, os_default or none (default: every_write)')
    .option('--trust-remote', 'listen beyond loopback although everybody may then connect')
    .option('--hba-file <file>', 'who comes in and how, in the manner of pg_hba.conf (docs/security.md)')
    .option('--tls-cert <file>', 'certificate of the server, PEM; read again at SIGHUP')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--tls-client-ca <file>', 'authority whose certificates clients may show, PEM')
    .option('--http-tls', 'serve HTTP over TLS alone')
    .option('--clear-text-passwords', 'allow the method "password" without TLS')
    .option('--unix-socket-directories <list>', 'also listen at .s.PGSQL.<port> in these directories')
    .option('--max-connections <count>', 'clients of the PostgreSQL protocol at a time (default: 100)')
    .option('--reserved-connections <count>', 'of them kept for superusers (default: 3)')
    .option('--login-timeout <seconds>', 'a client has to log in within this time (default: 10)')
    .option('--max-body-size <size>', 'largest HTTP body after decompression (default: 32MB)')
    .option('--max-message-size <size>', 'largest message of the PostgreSQL protocol (default: 64MB)')
    .option('--cache-size <size>', 'memory for decoded columns (default: an eighth of the memory, at most 1GB)')
    .option('--query-memory <size>', 'memory that one statement may hold (default: an eighth, at most 1GB)')
    .option('--query-disk <size>', 'temporary files that one statement may write, 0 = none (default: 16GB)')
    .option('--copy-folder <folder>', 'where COPY may read and write files of the server (default: nowhere)')
    .option('--memtable-size <size>', 'rows gathered in memory before they become a segment (default: 64MB)')
    .option('--staging-size <size>', 'rows of a transaction in memory before they go to disk (default: 16MB)')
    .option('--index-memory <size>', 'memory for the indexes of plain tables (default: an eighth, at most 1GB)')
    .option('--field-conflict <rule>', 'strict or widen: floats for integer fields (default: strict)')
    .option('--worker-threads <count>', 'threads that help with large scans (default: one less than there are cores)')
    .option('--max-tables-per-request <count>', 'tables that one write request may name (default: 10000)')
    .option('--max-series-per-table <count>', 'series that a table may have, 0 = any number (default: 0)')
    .option('--log-connections', 'log who connects and who leaves')
    .option('--no-warm-up', 'do not compile the code of common queries ahead of the first client')
    .option('--accept-loss', 'start in spite of a damaged log or manifest, giving up what cannot be read')
    .option('--config <file>', 'YAML file with the same options (default: tidewire.yml in the data directory)')
    .action(async (flags: Record<string, string | boolean | undefined>) => {
      const { config, acceptLoss, ...rest } = flags;
      const named = Object.fromEntries(
        Object.entries(rest).map(([name, value]) => [
          name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
          // What commander takes for granted where --no-warm-up is not given: the file may say otherwise.
          name === 'warmUp' && value === true ? undefined : value,
        ]),
      );
      const log = createLogger();
      const signal = firstSignal();
      const load = () => loadConfig(named, typeof config === 'string' ? config : undefined);
      const server = await startServer(load(), log, { acceptLoss: acceptLoss === true, reread: load });
      reloadAtSignal(server);
      await stopAtSignal(server, signal, log);
    });
}
