// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Rate by batch, and where the roofs turn it.
'use strict';

const colours = {
  fp32: 'blue',
  fp16: 'orange',
  int8: 'green',
  int4: 'purple'
};

function batchConfiguration(part) {
  const ys = part.lines.flatMap(
      (line) =>
          [...line.points.flatMap(
               (point) => [point.value, point.low || point.value, point.high || point.value]),
           ...line.law.map(([, y]) => y)]);
  const batches = part.lines.flatMap((line) => line.points.map((point) => point.batch));
  const [bottom, top] = [Math.min(...ys) / 1.3, Math.max(...ys) * 1.3];
  const last = Math.max(...batches);
  const datasets = [];
  part.lines.forEach((line, i) => {
    // A little apart, so that intervals at one batch do not hide each other.
    const apart = 1.02 ** (i - (part.lines.length - 1) / 2);
    const colour = paint(colours[line.precision] || 'ink');
    const pointStyle =
        {fp32: 'triangle', fp16: 'rect', int8: 'circle', int4: 'rectRot'}[line.precision] ||
        'circle';
    datasets.push({
      label: line.precision,
      kind: 'points',
      borderColor: colour,
      backgroundColor: colour,
      borderWidth: 2,
      pointRadius: 4.5,
      pointHoverRadius: 7,
      pointStyle,
      data: line.points.map((point) => ({...point, x: point.batch * apart, y: point.value})),
    });
    if (line.law.length) {
      datasets.push({
        label: `${line.precision}, upper bound`,
        kind: 'law',
        borderColor: colour,
        borderWidth: 1.25,
        borderDash: [2, 3],
        pointRadius: 0,
        pointHitRadius: 0,
        data: line.law.map(([x, y]) => ({x, y}))
      });
    }
    if (line.crossover !== null && line.crossover <= last) {
      datasets.push({
        label: `${line.precision}, crossover`,
        kind: 'law',
        borderColor: colour,
        borderWidth: 1,
        borderDash: [7, 4],
        pointRadius: 0,
        pointHitRadius: 0,
        data: [{x: line.crossover, y: bottom}, {x: line.crossover, y: top}]
      });
    }
  });
  return {
    type: 'line',
    data: {datasets},
    options: {
      interaction: {mode: 'nearest', intersect: true},
      scales: {
        x: {
          ...logarithmic('batch', plain, {min: Math.min(...batches) / 1.1, max: last * 1.1}),
          afterBuildTicks: (axis) => {
            axis.ticks = [...new Set(batches)].sort((a, b) => a - b).map((value) => ({value}));
          },
          ticks: {callback: (value) => value, maxRotation: 0, autoSkip: true}
        },
        y: logarithmic(part.unit, scaled, {min: bottom, max: top}),
      },
      plugins: {
        legend: {
          ...legend,
          labels: {
            ...legend.labels,
            filter: (item, all) => all.datasets[item.datasetIndex].kind === 'points'
          }
        },
        tooltip: tooltip(
            (item) => [item.raw.name, item.raw.text], (item) => item.dataset.kind === 'points'),
      },
    },
  };
}

function showBatches() {
  const run = data.runs[chosen.run];
  put('batches', ...run.batches.flatMap((part) => {
    const crossings = part.lines.filter((line) => line.crossover_text)
                          .map((line) => `${line.crossover_text} (${line.precision})`);
    return [
      element('h3', {}, part.title), figure({
        label: `${part.unit} of ${run.device} by batch, ${part.title}`,
        caption: `Dotted: upper bound from the measured roofs.${
            crossings.length ?
                ` Predicted crossover to compute-bound: batch ${
                    crossings.join(', ')} (dashed vertical lines, if in range).` :
                ''}`,
        configuration: () => batchConfiguration(part),
        build: () => table(
            ['format', 'batch|', `${part.unit}|`],
            part.lines.flatMap(
                (line) =>
                    line.points.map((point) => [line.precision, String(point.batch), point.text]))),
      })
    ];
  }));
}
