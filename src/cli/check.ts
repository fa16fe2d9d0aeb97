import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { type CheckReport, checkDirectory } from '../database/check-directory.ts';
import { SqlError } from '../errors/sql-error.ts';
import { reportFailure } from './report-failure.ts';

/** The directory could not be checked at all: neither clean nor damaged. */
const COULD_NOT_CHECK = 2;

/** `tidewire check DIR`: is every byte what it was when it was written? Nothing is changed. */
export function checkCommand(): Command {
  return new Command('check')
    .description('verify a data directory without changing it (the server must not be running)')
    .argument('<directory>', 'the data directory')
    .option('--json', 'print the findings as one JSON object')
    .action(async (directory: string, { json }: { json?: true }) => {
      let report: CheckReport;
      const bar = process.stderr.isTTY ? byteBar() : undefined;
      try {
        report = await checkDirectory({
          directory: resolve(directory),
          onProgress: (doneBytes, totalBytes) => {
            if (bar?.isActive === false) bar.start(totalBytes, doneBytes);
            else bar?.update(doneBytes);
          },
        });
      } catch (error) {
        bar?.stop();
        reportFailure(error);
        if (error instanceof SqlError) process.exitCode = COULD_NOT_CHECK;
        return;
      }
      bar?.stop();
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : describe(report));
      process.exitCode = report.problems.length === 0 ? 0 : 1;
    });
}

/** One line per finding, and a summary. */
function describe({ directory, problems, harmless, counts }: CheckReport): string {
  const lines: string[] = [];
  for (const { file, offset, what } of problems)
    lines.push(`${file}${offset === undefined ? '' : `:${offset}`}: ${what}`);
  for (const { file, what } of harmless) lines.push(`${file}: harmless: ${what}`);
  const seen =
    `${counted(counts.fileCount, 'file')}, ${counted(counts.tableCount, 'table')}, ` +
    `${counted(counts.segmentCount, 'segment')} with ${counted(counts.rowCount, 'row')}, ` +
    `${counted(counts.commitCount, 'commit')} in the log`;
  lines.push(
    problems.length === 0
      ? `${directory} is clean: ${seen}`
      : `${directory} has ${counted(problems.length, 'problem')}; looked at ${seen}`,
  );
  return `${lines.join('\n')}\n`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function byteBar(): SingleBar {
  return new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} bytes | {duration_formatted}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
  });
}
