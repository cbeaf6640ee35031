// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The page, from the JSON in #data.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);

// What the reader chose to see.
const chosen = {
  run: 0,
  arithmetic: 0,
  roof: null
};

function showRun() {
  const run = data.runs[chosen.run];
  choice('devices', data.runs.map((other) => other.device), chosen.run, (i) => {
    chosen.run = i;
    showRun();
  });
  document.getElementById('subtitle').textContent = [
    data.runs.length > 1 ? run.device : null, run.headline,
    run.date.slice(0, 16).replace('T', ' ') + ' UTC', run.file
  ].filter(Boolean).join(' · ');
  for (const show
           of [showTokens, showRoofline, showShares, showDecode, showBatches, showDials,
               showConditions, showMeasurements])
    show();
}

const names = [...new Set(data.runs.map((run) => run.device))];
const title = names.length <= 4 ? names.join(', ') : `${names.length} devices`;
document.getElementById('title').textContent = title;
document.title = `${title} · roofproof report`;
if (data.notices.length) {
  document.getElementById('notices').append(element(
      'div', {class: 'notice', role: 'note'},
      ...data.notices.map((notice) => element('p', {}, notice))));
}
if (!canDraw) {
  document.getElementById('chart-note').textContent = chartVersion ?
      'Tables alone: the Chart.js of this build is version 2, charts need version 3.' :
      'Tables alone: this build had no Chart.js (the package libjs-chart.js).';
}
showRun();
showClaims();
showCompared();
showPublished();
showHistory();

if (canDraw) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll(document));
  // Paper is white, whatever the screen was.
  addEventListener('beforeprint', () => {
    document.documentElement.setAttribute('data-print', '');
    drawAll(document);
  });
  addEventListener('afterprint', () => {
    document.documentElement.removeAttribute('data-print');
    drawAll(document);
  });
}
