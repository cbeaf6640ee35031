// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The claims and their verdicts.
'use strict';

const marks = {
  confirmed: '✓',
  refuted: '✗',
  inconclusive: '?',
  not_testable_here: '·'
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

function showClaims() {
  const counts = document.getElementById('verdicts');
  for (const verdict of Object.keys(marks)) {
    const all = data.claims.filter((claim) => claim.verdict === verdict);
    if (!all.length) continue;
    counts.append(element(
        'span', {class: verdict}, element('b', {}, `${marks[verdict]} ${all.length}`),
        all[0].words));
  }
  const items = element('ol', {class: 'claims'});
  // What could be decided comes first; within that the order of the article.
  const open = (claim) => claim.verdict === 'not_testable_here';
  for (const claim of [...data.claims].sort((a, b) => open(a) - open(b))) {
    const figures = element(
        'div', {class: 'figures'},
        element('div', {class: `verdict ${claim.verdict}`}, claim.words));
    for (const text of [claim.claimed && `${claim.claimed} claimed`, claim.found]) {
      if (text) figures.append(element('div', {}, text));
    }
    if (claim.on_cpu) figures.append(element('div', {class: 'quiet'}, 'same law on this CPU'));
    items.append(element(
        'li', {class: 'claim', 'data-verdict': claim.verdict},
        element(
            'span', {class: `mark ${claim.verdict}`, 'aria-hidden': 'true'}, marks[claim.verdict]),
        element(
            'div', {}, element('p', {}, claim.statement), element('p', {class: 'why'}, claim.why),
            folded(claim.id, () => claimDetails(claim))),
        figures));
  }
  put('claims',
      element(
          'p', {class: 'quiet'},
          'Every statement of the article, with a tolerance that was fixed before any run.'),
      items);
}
