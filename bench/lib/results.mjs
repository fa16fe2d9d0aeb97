import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { BENCH } from './built.mjs';
import { printTable } from './measure.mjs';
import { resultsIndex } from './results-index.mjs';

/** What the figures depend on. The load tells how much else the machine had to do when the run began. */
export function describeMachine() {
  const processors = cpus();
  return {
    processor: processors[0].model,
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0],
    commit: commit(),
  };
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: BENCH,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    return 'unknown';
  }
}

/**
 * Prints a suite's tables and, given a folder, writes `<name>.md` and `<name>.svg` there, and the index of all. `sections` are
 * `{ title, header, rows, remarks }`, rows of texts.
 */
export function report({ name, title, intro, sections, chart }, { machine, versions, folder }) {
  for (const section of sections) {
    console.log(`\n${section.title}`);
    printTable(section.header, section.rows);
    for (const remark of section.remarks ?? []) console.log(remark);
  }
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), markdown({ name, title, intro, sections, chart }, { machine, versions }));
  if (chart !== undefined) writeFileSync(join(folder, `${name}.svg`), chart);
  writeFileSync(join(folder, 'README.md'), resultsIndex(folder));
}

function markdown({ name, title, intro, sections, chart }, { machine, versions }) {
  const { processor, cores, memoryGiB, node, date, load, commit: at } = machine;
  const parts = [
    `# ${title}`,
    intro,
    `${date}, commit ${at}; ${processor}, ${cores} cores, ${memoryGiB} GiB (load when the run began: ${load.toFixed(1)}), Node ${node}; ${versions.join(', ')}.`,
  ];
  if (chart !== undefined) parts.push(`![${title}](${name}.svg)`);
  for (const { title: heading, header, rows, remarks } of sections) {
    parts.push(`## ${heading}`);
    parts.push([header, header.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map(markdownRow).join('\n'));
    if (remarks !== undefined && remarks.length > 0) parts.push(remarks.map(listed).join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
}

function markdownRow(cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function listed(remark) {
  return remark.startsWith('- ') ? `  ${remark}` : `- ${remark}`;
}
