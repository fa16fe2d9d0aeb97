import type { ClientSuite } from './client-suite.ts';
import type { SuiteResult } from './run-suite.ts';

const HEAD = `# Clients

Tidewire speaks PostgreSQL's protocol: a client connects as it would to a PostgreSQL 15, with its stock driver. What stands
here is what was tried: \`npm run test:clients\` runs each of these clients against the built server, and beside it on
a PostgreSQL, and compares what the client saw; this page is written from its results. A check has passed when the client
saw the same on both.

In the examples the server listens where it does when nothing else is said: on 127.0.0.1, port 5432, user \`postgres\`, database
\`tidewire\`, no password for those who come from the same machine. See security.md for others.
`;

/** docs/clients.md. */
export function clientsDocument(suites: readonly ClientSuite[], results: readonly SuiteResult[]): string {
  const resultOf = new Map(results.map((result) => [result.suite, result]));
  const clients = [...new Set(suites.map(({ client }) => client))];
  const sections = clients.map((client) => {
    const own = suites.filter((suite) => suite.client === client);
    return section(client, own, resultOf);
  });
  return [HEAD, table(clients, suites, resultOf), ...sections].join('\n');
}

function table(clients: readonly string[], suites: readonly ClientSuite[], results: Map<string, SuiteResult>): string {
  const rows = clients.flatMap((client) =>
    suites
      .filter((suite) => suite.client === client)
      .map(({ name }) => {
        const result = results.get(name);
        const link = `[${client}](#${anchor(client)})`;
        if (result === undefined) return `| ${link} | not run | | | |`;
        const count = (wanted: string): string =>
          String(result.checks.filter(({ outcome }) => outcome === wanted).length || '');
        return `| ${link} | ${result.version} | ${count('passed')} | ${count('differs')} | ${count('failed')} |`;
      }),
  );
  return ['| client | version | as on PostgreSQL | differs | fails |', '|---|---|--:|--:|--:|', ...rows, ''].join('\n');
}

function section(client: string, suites: readonly ClientSuite[], results: Map<string, SuiteResult>): string {
  const lines = [`## ${client}`, '', suites[0]?.howToConnect.trim() ?? '', ''];
  const tested = new Set(suites.map(({ tested }) => tested.trim()));
  lines.push(...[...tested].map((text) => `Tested: ${text}`), '');
  const ran = suites.flatMap(({ name }) => results.get(name) ?? []);
  for (const { version, comparedWith, checks } of ran) {
    const beside = comparedWith === undefined ? '' : `, compared with ${comparedWith}`;
    lines.push(`Version ${version}: ${checks.length} checks${beside}.`);
  }
  if (ran.length > 0) lines.push('');
  const limits = [...new Set([...suites.flatMap(({ limits }) => limits ?? []), ...ran.flatMap(troubles)])];
  if (limits.length > 0)
    lines.push('What does not work, or works otherwise:', '', ...limits.map((limit) => `- ${limit}`), '');
  return lines.join('\n');
}

function troubles({ checks }: SuiteResult): string[] {
  return checks.flatMap(({ name, outcome, detail }) => {
    if (outcome === 'passed') return [];
    const why = outcome === 'failed' ? 'fails' : `${outcome === 'skipped' ? 'not tried: ' : ''}${detail}`;
    return [`${name}: ${why}`];
  });
}

/** The way in which headings are linked to. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}
