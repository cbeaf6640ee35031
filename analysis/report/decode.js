// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A decode step for one user: predicted, and measured by cause.
'use strict';

// Colour, and whether striped.
const causes = {
  weights: ['blue', false],
  arithmetic: ['green', true],
  attention: ['purple', false],
  launches: ['orange', true],
  unexplained: ['amber', false],
  measured: ['blue', false],
};

function decodeConfiguration(steps) {
  const part = (step, cause) => {
    if (cause === 'measured') return step.parts.length ? null : step.measured_s;
    const found = step.parts.find((other) => other.cause === cause);
    return found && found.value > 0 ? found.value : null;
  };
  const shown =
      Object.keys(causes).filter((cause) => steps.some((step) => part(step, cause) !== null));
  const bar =
      {borderWidth: 1.5, borderSkipped: false, maxBarThickness: 18, categoryPercentage: 0.75};
  return {
    type: 'bar',
    data: {
      labels: steps.map((step) => step.label),
      datasets: [
        {
          ...bar,
          label: 'predicted',
          stack: 'predicted',
          borderColor: paint('quiet'),
          backgroundColor: paint('wash'),
          data: steps.map((step) => step.predicted_s)
        },
        ...shown.map((cause) => {
          const [name, stripes] = causes[cause];
          const colour = paint(name);
          return {
            ...bar,
            label: cause,
            stack: 'measured',
            borderColor: colour,
            backgroundColor: stripes ? striped(colour) : colour,
            data: steps.map((step) => part(step, cause))
          };
        }),
      ],
    },
    options: {
      indexAxis: 'y',
      scales: {
        x: {
          stacked: true,
          min: 0,
          ticks: {callback: (value) => `${scaled(value)}s`},
          grid: {color: paint('line')}
        },
        y: {stacked: true, ticks: {color: paint('ink'), autoSkip: false}, grid: {display: false}},
      },
      plugins: {
        legend: {...legend, labels: {...legend.labels, usePointStyle: false}},
        tooltip: tooltip((item) => `${item.dataset.label}: ${scaled(item.raw)}s`),
      },
    },
  };
}

// The figures that the page is opened for.
function showTokens() {
  const {steps, absent} = data.runs[chosen.run].decode;
  put('tokens',
      steps.length ? table(
                         [
                           'decode, batch 1', 'predicted|', 'measured [95 %]|',
                           'of read bandwidth|', 'by the article|'
                         ],
                         steps.map(
                             (step) =>
                                 [step.label, step.predicted_text, step.tokens_text, step.of_read,
                                  step.article])) :
                     element('p', {class: 'quiet'}, `No whole model was decoded: ${absent}.`));
}

function showDecode() {
  const run = data.runs[chosen.run];
  const steps = run.decode.steps;
  if (steps.length === 0) return put('decode');
  put('decode', figure({
        label: `Time of a decode step of ${run.device}, predicted and measured`,
        caption:
            'Predicted: what the measured roofs allow. Measured: stacked by cause, from steps that do only part of the work. Negative parts are only in the table.',
        height: 90 + steps.length * 52,
        configuration: () => decodeConfiguration(steps),
        build: () => table(
            ['step', 'part', 'time|', 'of the step|'],
            steps.flatMap(
                (step) => [
                    [step.label, 'whole step', step.time_text, ''],
                    ...step.parts.map((part) => [step.label, part.cause, part.text, part.share])])),
      }));
}
