/** Grey that can be read on white and on black; the colours too are of middling lightness. */
const TEXT = '#7d8590';
const GRID = '#7d859055';
const COLORS = ['#2f81f7', '#d29922', '#3fb950', '#db61a2', '#a371f7'];
const FONT = "font-family='system-ui, sans-serif'";

const WIDTH = 860;
const LABEL_WIDTH = 190;
const TOP = 64;
const BAR = 7;
const GROUP_GAP = 8;
const PLOT_HEIGHT = 340;

/**
 * Bars lying on a logarithmic axis: `groups` are `{ label, values }` with a value, or undefined, for each of `series`.
 * Returns the text of an SVG without background.
 */
export function barChart({ title, unit, series, groups }) {
  const axis = logAxis(groups.flatMap(({ values }) => values));
  const x = (value) => LABEL_WIDTH + axis.position(value) * (WIDTH - LABEL_WIDTH - 60);
  const groupHeight = series.length * BAR + GROUP_GAP;
  const bottom = TOP + groups.length * groupHeight;
  const parts = [...legend(title, series)];
  for (const tick of axis.ticks) {
    parts.push(line(x(tick), TOP - 6, x(tick), bottom, GRID));
    parts.push(text(x(tick), bottom + 14, `${short(tick)} ${unit}`, 'middle', 10));
  }
  for (const [row, { label, values }] of groups.entries()) {
    const y = TOP + row * groupHeight;
    parts.push(text(LABEL_WIDTH - 8, y + (series.length * BAR) / 2 + 4, label, 'end', 11));
    for (const [index, value] of values.entries()) {
      if (value === undefined) continue;
      const width = Math.max(1, x(value) - LABEL_WIDTH);
      const top = y + index * BAR;
      parts.push(
        `<rect x='${LABEL_WIDTH}' y='${top}' width='${width.toFixed(1)}' height='${BAR - 1}' fill='${COLORS[index]}'><title>${escaped(`${label}, ${series[index]}: ${short(value)} ${unit}`)}</title></rect>`,
      );
    }
  }
  return svg(title, bottom + 26, parts);
}

/** Lines through points; both axes are logarithmic. `series` are `{ name, values }` with a value for each of `xs`. */
export function lineChart({ title, unit, xs, xLabels, series }) {
  const vertical = logAxis(series.flatMap(({ values }) => values));
  const horizontal = logAxis(xs);
  const bottom = TOP + PLOT_HEIGHT;
  const x = (value) => 80 + horizontal.position(value) * (WIDTH - 260);
  const y = (value) => bottom - vertical.position(value) * PLOT_HEIGHT;
  const parts = [text(16, 24, title, 'start', 15, 'bold')];
  for (const tick of vertical.ticks) {
    parts.push(line(70, y(tick), WIDTH - 170, y(tick), GRID));
    parts.push(text(62, y(tick) + 4, `${short(tick)} ${unit}`, 'end', 10));
  }
  for (const [index, value] of xs.entries()) parts.push(text(x(value), bottom + 18, xLabels[index], 'middle', 11));
  for (const [index, { name, values }] of series.entries()) {
    const points = values.map((value, point) => `${x(xs[point]).toFixed(1)},${y(value).toFixed(1)}`);
    parts.push(
      `<polyline points='${points.join(' ')}' fill='none' stroke='${COLORS[index % COLORS.length]}' stroke-width='2'/>`,
    );
    for (const point of points) {
      const [cx, cy] = point.split(',');
      parts.push(`<circle cx='${cx}' cy='${cy}' r='3.5' fill='${COLORS[index % COLORS.length]}'/>`);
    }
    const last = values.at(-1);
    parts.push(text(x(xs.at(-1)) + 10, y(last) + 4, name, 'start', 11, 'normal', COLORS[index % COLORS.length]));
  }
  return svg(title, bottom + 30, parts);
}

function legend(title, series) {
  const parts = [text(16, 24, title, 'start', 15, 'bold')];
  let x = LABEL_WIDTH;
  for (const [index, name] of series.entries()) {
    parts.push(`<rect x='${x}' y='36' width='10' height='10' fill='${COLORS[index]}'/>`);
    parts.push(text(x + 15, 45, name, 'start', 11));
    x += 40 + name.length * 7;
  }
  return parts;
}

/** Powers of ten around the values; a position is 0 … 1. */
function logAxis(values) {
  const known = values.filter((value) => value > 0);
  const from = Math.floor(Math.log10(Math.min(...known)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...known))));
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
  return { ticks, position: (value) => (Math.log10(value) - from) / (to - from) };
}

function svg(title, height, parts) {
  return `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ${WIDTH} ${height}' width='${WIDTH}' height='${height}' ${FONT}>\n<title>${escaped(title)}</title>\n${parts.join('\n')}\n</svg>\n`;
}

function text(x, y, content, anchor, size, weight = 'normal', fill = TEXT) {
  return `<text x='${x.toFixed(1)}' y='${y.toFixed(1)}' fill='${fill}' font-size='${size}' font-weight='${weight}' text-anchor='${anchor}'>${escaped(content)}</text>`;
}

function line(x1, y1, x2, y2, stroke) {
  return `<line x1='${x1.toFixed(1)}' y1='${y1.toFixed(1)}' x2='${x2.toFixed(1)}' y2='${y2.toFixed(1)}' stroke='${stroke}'/>`;
}

function short(value) {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1000) return `${value / 1000}k`;
  return String(Number(value.toPrecision(3)));
}

function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
