// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Pieces of the page. Names and texts come from result files, which anybody may have written: they
// enter the page as text nodes only, never as markup.
'use strict';

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  for (const child of children) node.append(child);
  return node;
}

const section = (id) => document.querySelector(`#${id} .content`);
const percent = (share) => (share === null ? '' : `${Number((100 * share).toPrecision(3))} %`);
const paint = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const plain = (value) => Number(value.toPrecision(3)).toLocaleString('en');
const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

function scaled(value) {
  const prefixes = [
    [1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ'],
    [1e-9, 'n']
  ];
  const [factor, prefix] = prefixes.find(([limit]) => Math.abs(value) >= limit * 0.9995) || [1, ''];
  return `${Number((value / factor).toPrecision(3))} ${prefix}`;
}

// "gemm/fp16/hand/m:4096" may break behind a slash.
function breakable(name) {
  const parts = String(name).split('/');
  return parts.flatMap((part, i) => (i + 1 < parts.length ? [`${part}/`, element('wbr')] : [part]));
}

// An interval does not break, and takes its unit along: "1710 [1630, 1800] GB/s".
const unbroken = (cell) =>
    (typeof cell === 'string' ?
         cell.replace(/\[[^\]]*\] ?/g, (part) => part.replaceAll(' ', '\u00a0')) :
         cell);

// Headings: strings; those that end in "|" are of figures, to the right. Columns without any cell
// are left out. The first cell of a row is its heading.
function table(headings, rows, wide) {
  const kept = headings.map((_, i) => i).filter((i) => i === 0 || rows.some((row) => row[i]));
  const kind = (i) => (headings[i].endsWith('|') ? {class: 'figure'} : {});
  const head = element('tr');
  for (const i of kept)
    head.append(element('th', {scope: 'col', ...kind(i)}, headings[i].replace(/\|$/, '')));
  const body = element('tbody');
  for (const row of rows) {
    const line = element('tr');
    for (const i of kept) {
      line.append(
          i ? element('td', kind(i), unbroken(row[i] || '')) :
              element('th', {scope: 'row'}, ...breakable(row[0])));
    }
    body.append(line);
  }
  return element(
      'div', {
        class: 'scroll',
        tabindex: '0',
        role: 'group',
        'aria-label': `${headings[0] || 'figures'}, table`
      },
      element('table', wide ? {class: 'wide'} : {}, element('thead', {}, head), body));
}

// Folded away; built when it is opened.
function folded(title, build) {
  const details = element('details', {}, element('summary', {}, title));
  const once = () => {
    if (details.open && details.childElementCount === 1) details.append(build());
  };
  details.addEventListener('toggle', once);
  return details;
}

// A row of buttons of which one is pressed.
function choice(id, labels, current, pick) {
  const box = document.getElementById(id);
  box.replaceChildren();
  box.hidden = labels.length < 2;
  labels.forEach((label, i) => {
    const button =
        element('button', {type: 'button', 'aria-pressed': String(i === current)}, label);
    button.addEventListener('click', () => pick(i));
    box.append(button);
  });
}

function list(items) {
  const node = element('ul');
  for (const item of items) node.append(element('li', {}, item));
  return node;
}
