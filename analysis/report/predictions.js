// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the measured steps answer, and predictions against what others published.
'use strict';

function showDials() {
  const dials = data.runs[chosen.run].dials;
  if (dials.every((dial) => dial.missing)) return put('dials');
  const quiet = (text) => element('p', {class: 'quiet'}, `${text}.`);
  put('dials', ...dials.flatMap((dial) => [
    element('h3', {}, dial.question),
    ...(dial.missing ? [quiet(`Not answered: ${dial.missing}`)] : [
      table(['step', 'of', 'answer [95 %]'], dial.answers),
      quiet(`Assumed: ${dial.assumption}`),
    ]),
  ]));
}

function publishedConfiguration(rates) {
  const values = rates.map((rate) => rate.published);
  const ends = [Math.min(...values), Math.max(...values)];
  const points = (shown, value) =>
      rates.filter(shown).map((rate) => ({x: rate.published, y: value(rate), rate}));
  const dots = (label, name, data) => ({
    label,
    data,
    borderColor: paint(name),
    backgroundColor: paint(name),
    pointRadius: 4
  });
  return {
    type: 'scatter',
    data: {
      datasets: [
        dots(
            'expected by the law of the engine', 'blue',
            points((rate) => rate.expected !== null, (rate) => rate.expected)
                .map((point) => ({...point, low: point.rate.low, high: point.rate.high}))),
        dots(
            'engines without a law: at most', 'orange',
            points((rate) => rate.expected === null, (rate) => rate.at_most)),
        {
          label: 'as published',
          data: ends.map((end) => ({x: end, y: end})),
          showLine: true,
          pointRadius: 0,
          borderColor: paint('quiet'),
          borderWidth: 1
        },
      ],
    },
    options: {
      scales: {
        x: logarithmic('published tokens/s', plain),
        y: logarithmic('predicted tokens/s', plain),
      },
      plugins: {
        legend,
        tooltip: tooltip(
            ({raw}) => [raw.rate.label, raw.rate.engine, `published ${plain(raw.x)} tokens/s`,
                        `predicted ${plain(raw.y)}`],
            ({raw}) => raw.rate !== undefined),
      },
    },
  };
}

function showPublished() {
  const {line, rates} = data.published;
  put('published', figure({
        label: 'Tokens/s predicted without any rate of the board, against published ones',
        caption: line,
        configuration: () => publishedConfiguration(rates),
        build: () => table(
            ['rate', 'engine', 'published|', 'expected|', '90 % range|', 'at most|'],
            rates.map((rate) => [rate.label, rate.engine, ...rate.texts]), true),
      }));
}
