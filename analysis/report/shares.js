// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Hand-written kernels and libraries as shares of a roof.
'use strict';

const roofWords = {
  datasheet: 'datasheet',
  device: 'device',
  clock: 'at its clock',
  measured: 'measured'
};
const roofMeaning = {
  datasheet: 'Share of the dense peak or bandwidth in the datasheet.',
  device: 'Share of the peak computed from what the device reports: SMs, maximum clocks and bus width.',
  clock:
      'Share of the same peak at the SM clock during the measurement. Low here: a slow kernel. High here but low under "device": a power limit.',
  measured:
      'GEMM and prefill: share of the measured arithmetic peak. All others: share of the read bandwidth of the same sessions.',
};
const makers = ['hand', 'library'];
const shareOf = (entry, maker, roof) => (entry[maker] ? entry[maker][roof] : null);

function showShares() {
  const run = data.runs[chosen.run];
  const roofs = Object.keys(roofWords).filter(
      (roof) =>
          run.shares.some((entry) => makers.some((maker) => shareOf(entry, maker, roof) !== null)));
  if (!roofs.includes(chosen.roof)) chosen.roof = roofs[0] || null;
  choice('roof', roofs.map((roof) => roofWords[roof]), roofs.indexOf(chosen.roof), (i) => {
    chosen.roof = roofs[i];
    showShares();
  });
  const roof = chosen.roof;
  const entries =
      run.shares.filter((entry) => makers.some((maker) => shareOf(entry, maker, roof) !== null));
  if (entries.length === 0) {
    put('shares', element('p', {class: 'quiet'}, 'No roof is known for these measurements.'));
    return;
  }
  const withLibrary = entries.some((entry) => entry.library);
  put('shares', figure({
        label: `Share of the ${roofWords[roof]} roof that ${run.device} reaches, by operation`,
        caption: roofMeaning[roof],
        height: 70 + entries.length * (withLibrary ? 40 : 28),
        configuration: () => ({
          type: 'bar',
          data: {
            labels: entries.map((entry) => entry.label),
            datasets: makers.filter((maker) => maker === 'hand' || withLibrary).map((maker) => {
              const colour = paint(maker === 'hand' ? 'blue' : 'orange');
              return {
                label: maker,
                borderColor: colour,
                borderWidth: 1.5,
                borderSkipped: false,
                maxBarThickness: 15,
                skipNull: true,
                backgroundColor: maker === 'hand' ? colour : striped(colour),
                categoryPercentage: 0.72,
                data: entries.map((entry) => shareOf(entry, maker, roof)),
              };
            }),
          },
          options: {
            indexAxis: 'y',
            scales: {
              x: {
                min: 0,
                suggestedMax: 1,
                ticks: {callback: (value) => percent(value)},
                grid: {
                  color: (context) =>
                      paint(context.tick && context.tick.value === 1 ? 'quiet' : 'line')
                }
              },
              y: {ticks: {color: paint('ink'), autoSkip: false}, grid: {display: false}},
            },
            plugins: {
              legend: {...legend, labels: {...legend.labels, usePointStyle: false}},
              tooltip: tooltip((item) => {
                const maker = entries[item.dataIndex][item.dataset.label];
                return [
                  maker.name, maker.kernel, maker.text,
                  `${percent(maker[roof])} of the ${roofWords[roof]} roof`
                ].filter(Boolean);
              }),
            },
          },
        }),
        build: () => table(
            ['operation', 'hand|', 'of roof|', 'library|', 'of roof|', 'hand / library|'],
            entries.map(
                (entry) =>
                    [entry.label,
                     ...makers.flatMap(
                         (maker) =>
                             (entry[maker] ? [entry[maker].text, percent(entry[maker][roof])] :
                                             ['', ''])),
                     entry.ratio]),
            true),
      }));
}
