// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Under which conditions a run was made, and every figure of it.
'use strict';

function showConditions() {
  const part = data.runs[chosen.run].conditions;
  const facts = (title, rows) => element(
      'div', {}, element('h3', {}, title),
      element(
          'table', {},
          element(
              'tbody', {},
              ...rows.map(
                  ([what, value]) => element(
                      'tr', {}, element('th', {scope: 'row'}, what), element('td', {}, value))))));
  const nodes = [element(
      'div', {class: 'facts'}, facts('Device', part.device), facts('Protocol', part.protocol),
      facts('Software', part.software))];
  if (part.clocks.length) {
    nodes.push(
        element('h3', {}, 'While it ran'),
        table(
            ['benchmark', 'SM clock|', 'memory clock|', 'power|', 'temperature|', 'throttled by'],
            part.clocks, true));
  }
  if (part.observations.length) nodes.push(element('h3', {}, 'Observed'), list(part.observations));
  if (part.not_measured.length) {
    nodes.push(
        element('h3', {}, 'Not measured'),
        table(['status', 'reason', 'cases|', 'such as'], part.not_measured, true));
  }
  put('conditions', ...nodes);
}

function showMeasurements() {
  const part = data.runs[chosen.run].measurements;
  const cut = part.of > part.rows.length ? `the first ${part.rows.length} of ${part.of}` :
                                           plural(part.of, 'figure');
  put('measurements',
      folded(
          cut,
          () => table(
              [
                'benchmark', 'kernel', 'time|', 'rate|', 'of datasheet|', 'of device|', 'at clock|',
                'of measured|'
              ],
              part.rows, true)));
}
