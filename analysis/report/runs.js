// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Several runs: GPUs side by side, one GPU over time.
'use strict';

function showCompared() {
  const part = data.compared;
  if (!part) return put('compared');
  const nodes = [];
  if (part.differences.length) {
    nodes.push(folded(
        `The runs differ in ${plural(part.differences.length, 'condition')}`,
        () => list(part.differences)));
  }
  for (const [i, one] of part.tables.entries()) {
    const cut = one.of > one.rows.length ? `, the first ${one.rows.length} of ${one.of}` : '';
    const build = () => table(
        ['', ...part.columns.map((column) => `${column}|`)],
        one.rows.map((row) => [row.name.slice(one.op.length + 1), ...row.cells.map((cell) => {
                       if (!cell) return '';
                       const [rate, roof, ratio] = cell;
                       return element('span', {}, rate, element('br'), element('small', {}, [
                                        roof, ratio && `${ratio} the first`
                                      ].filter(Boolean).join(' · ')));
                     })]),
        true);
    const details = folded(`${one.op}${cut}`, build);
    details.open = i === part.tables.length - 1;
    nodes.push(details);
  }
  put('compared', ...nodes);
}

function showHistory() {
  const styles = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'crossRot'];
  const paints = ['blue', 'orange', 'green', 'purple', 'amber', 'ink'];
  put('history', ...data.history.flatMap((part) => {
    const of = part.lines.every((line) => line.of === 'roof') ?
        'of the roof by datasheet or device' :
        'of the first run, where no roof is known';
    return [
      element('h3', {}, part.device), figure({
        label: `${plural(part.dates.length, 'run')} of ${part.device} over time`,
        caption: `The best of each operation, ${of}.`,
        configuration: () => ({
          type: 'line',
          data: {
            labels: part.dates.map((date) => date.slice(0, 16).replace('T', ' ')),
            datasets: part.lines.map((line, i) => {
              const colour = paint(paints[i % paints.length]);
              return {
                label: line.label,
                data: line.values,
                spanGaps: true,
                borderColor: colour,
                backgroundColor: colour,
                borderWidth: 1.75,
                borderDash: i < paints.length ? [] : [5, 3],
                pointStyle: styles[i % styles.length],
                pointRadius: part.dates.length > 60 ? 2 : 4
              };
            }),
          },
          options: {
            scales: {
              x: {ticks: {maxRotation: 0, autoSkipPadding: 24}, grid: {display: false}},
              y: {ticks: {callback: (value) => percent(value)}, grid: {color: paint('line')}},
            },
            plugins: {
              legend,
              tooltip: tooltip(
                  (item) =>
                      [part.files[item.dataIndex], `${item.dataset.label}: ${percent(item.raw)}`])
            },
          },
        }),
        build: () => table(
            ['run', ...part.lines.map((line) => `${line.label}|`)],
            part.dates.map(
                (date, i) => [date, ...part.lines.map((line) => percent(line.values[i]))]),
            true),
      })
    ];
  }));
}
