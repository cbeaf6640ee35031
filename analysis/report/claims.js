// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The claims and their verdicts.
'use strict';

const tones = {
  '✓': 'good',
  '✗': 'bad',
  '?': 'open'
};

function claimDetails(claim) {
  const node = element('div');
  node.append(element('p', {}, `Tested by: ${claim.tested_by}. Tolerance ${claim.tolerance}.`));
  if (claim.findings.length) node.append(list(claim.findings));
  if (claim.comparisons.length) {
    node.append(table(
        ['figure', 'device', 'claimed|', 'found|', 'verdict', 'remark'], claim.comparisons, true));
  }
  return node;
}

// "✓ by arithmetic: holds", and the reason.
function verdictLine({by, symbol, words, why}) {
  return element(
      'p', {class: 'why'}, element('span', {class: 'mark', 'aria-hidden': 'true'}, symbol),
      `${by}: `, element('b', {class: tones[symbol] || 'quiet'}, words), why && `: ${why}`);
}

function showClaims() {
  const counts = document.getElementById('verdicts');
  for (const [by, text] of Object.entries(data.verdict_counts))
    counts.append(element('span', {}, element('b', {}, `Claims ${by}`), text));
  const items = element('ol', {class: 'claims'});
  // What was measured comes first; within that the order of the article.
  const open = (claim) =>
      claim.verdicts.slice(1).every((one) => one.verdict === 'not_testable_here');
  for (const claim of [...data.claims].sort((a, b) => open(a) - open(b))) {
    const figures = element('div', {class: 'figures'});
    for (const text of [claim.claimed && `${claim.claimed} claimed`, claim.found])
      if (text) figures.append(element('div', {}, text));
    items.append(element(
        'li', {class: 'claim'},
        element('div', {}, element('p', {}, claim.statement), ...claim.verdicts.map(verdictLine)),
        figures, folded(claim.id, () => claimDetails(claim))));
  }
  put('claims',
      element(
          'p', {class: 'quiet'},
          'Every statement of the article: by arithmetic from its own figures and the datasheets, by measurement on a GPU. Tolerances were fixed before any run.'),
      items);
}
