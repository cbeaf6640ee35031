// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Kernels under their roofs.
'use strict';

const roofLines = {
  datasheet: ['solid', []],
  device: ['dashed', [7, 4]],
  measured: ['dotted', [2, 3]]
};

// A kernel's mark says its operation; a prefill is a layer over many tokens.
const marks = {
  gemm: ['gemm', 'rect', 'orange'],
  gemv: ['gemv', 'circle', 'blue'],
  triad: ['triad', 'triangle', 'ink'],
  layer: ['layer, prefill', 'star', 'purple'],
  prefill: ['layer, prefill', 'star', 'purple'],
  decode: ['decode', 'rectRot', 'green']
};

// A wider interval says that nothing is known, and would cross half of the figure.
const widest = 2;
const isTooWide = (point) => point.high > widest * point.low;

function rooflineConfiguration(part) {
  const xs = part.points.map((point) => point.intensity);
  const shown = part.points.map(
      (point) => (isTooWide(point) ? {...point, low: undefined, high: undefined} : point));
  const ys = shown.flatMap((point) => [point.value, point.low || point.value]);
  for (const roof of part.roofs) xs.push(roof.line[1].x);
  const decade = (value, up) =>
      10 ** (up ? Math.ceil(Math.log10(value)) : Math.floor(Math.log10(value)));
  const [left, right] = [decade(Math.min(...xs) / 1.2, false), decade(Math.max(...xs) * 1.5, true)];
  const peak = Math.max(
      ...shown.map((point) => point.high || point.value),
      ...part.roofs.map((roof) => roof.flop_per_s));
  const limits = [decade(Math.min(...ys), false), decade(peak * 1.2, true)];
  const datasets =
      part.roofs.map((roof) => ({
                       label: `${roof.kind} roof, ${roofLines[roof.kind][0]}`,
                       kind: 'roof',
                       roof,
                       showLine: true,
                       borderColor: paint('ink'),
                       borderWidth: 1.75,
                       borderDash: roofLines[roof.kind][1],
                       pointRadius: 0,
                       pointHitRadius: 0,
                       pointStyle: 'line',
                       data: roof.line,
                     }));
  const groups = new Map();
  // Hand-written kernels first: the legend shows the mark of a group's first point.
  for (const point of [...shown].sort((a, b) => a.library - b.library)) {
    const [label] = marks[point.op];
    if (!groups.has(label)) groups.set(label, []);
    groups.get(label).push({...point, x: point.intensity, y: point.value});
  }
  for (const [label, points] of groups) {
    const [, shape, name] = marks[points[0].op];
    const colour = paint(name);
    datasets.push({
      label,
      kind: 'points',
      data: points,
      borderColor: colour,
      pointBorderWidth: 1.75,
      backgroundColor: points.map((point) => (point.library ? paint('paper') : colour)),
      pointStyle: shape,
      pointRadius: 5,
      pointHoverRadius: 7,
    });
  }
  return {
    type: 'scatter',
    data: {datasets},
    options: {
      interaction: {mode: 'nearest', intersect: true},
      scales: {
        x: logarithmic('FLOP per byte', plain, {min: left, max: right}),
        y: logarithmic(
            'FLOP/s', (value) => `${scaled(value)}FLOP/s`, {min: limits[0], max: limits[1]}),
      },
      plugins: {
        legend,
        tooltip: tooltip(
            (item) => {
              const point = item.raw;
              return [
                point.name, point.kernel, point.text, `${point.intensity_text}`, ...point.shares
              ].filter(Boolean);
            },
            (item) => item.dataset.kind === 'points'),
      },
    },
  };
}

function showRoofline() {
  const run = data.runs[chosen.run];
  const parts = run.rooflines;
  if (parts.length === 0) {
    choice('arithmetic', [], 0);
    put('roofline',
        element(
            'p', {class: 'quiet'}, 'This run has no kernel that both computes and moves bytes.'));
    return;
  }
  chosen.arithmetic = Math.min(chosen.arithmetic, parts.length - 1);
  const part = parts[chosen.arithmetic];
  choice('arithmetic', parts.map((other) => other.arithmetic), chosen.arithmetic, (i) => {
    chosen.arithmetic = i;
    showRoofline();
  });
  const wide = part.points.filter(isTooWide).length;
  const intervals = wide ?
      `; ${plural(wide, 'interval')} wider than ${widest}x ${wide === 1 ? 'is' : 'are'} left out` :
      '';
  const caption = part.roofs
                      .map(
                          (roof) => `${roof.kind[0].toUpperCase()}${roof.kind.slice(1)} roof: ${
                              roof.text}, ridge at ${roof.ridge_text} (${roof.source}).`)
                      .join(' ');
  put('roofline', figure({
        label: `Roofline of ${run.device} in ${part.arithmetic}: ${
            plural(part.points.length, 'kernel')} under ${plural(part.roofs.length, 'roof')}`,
        caption: `${run.synthetic ? 'Synthetic figures. ' : ''}${caption} Bars are 95 % intervals${
            intervals}; filled marks are hand-written kernels, hollow ones a library's.`,
        configuration: () => rooflineConfiguration(part),
        build: () => table(
            ['kernel', 'by', 'FLOP/byte|', 'FLOP/s|', 'of its roofs'],
            part.points.map(
                (point) =>
                    [point.name, point.kernel, point.intensity_text, point.text,
                     point.shares.join(', ')]),
            true),
      }));
}
