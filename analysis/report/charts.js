// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What every chart shares: how it is drawn, its axes, its colours, and the table beside it.
'use strict';

const chartVersion = window.Chart ? parseInt(window.Chart.version, 10) || 2 : 0;  // 2 does not say
const canDraw = chartVersion >= 3;

const drawn = new Map();  // canvas -> function that makes its configuration

// Intervals, as vertical lines through the points that have one.
const intervals = {
  id: 'intervals',
  beforeDatasetsDraw(chart) {
    const {ctx, chartArea, scales} = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    chart.data.datasets.forEach((dataset, index) => {
      if (!chart.isDatasetVisible(index)) return;
      ctx.strokeStyle = dataset.borderColor;
      ctx.globalAlpha = 0.45;
      ctx.lineWidth = 1.25;
      for (const point of dataset.data) {
        if (!point || point.low === undefined) continue;
        const x = scales.x.getPixelForValue(point.x);
        const [top, bottom] =
            [scales.y.getPixelForValue(point.high), scales.y.getPixelForValue(point.low)];
        ctx.beginPath();
        ctx.moveTo(x, top);
        ctx.lineTo(x, bottom);
        for (const y of [top, bottom]) {
          ctx.moveTo(x - 3, y);
          ctx.lineTo(x + 3, y);
        }
        ctx.stroke();
      }
    });
    ctx.restore();
  },
};

function draw(canvas) {
  window.Chart.getChart(canvas)?.destroy();
  window.Chart.defaults.color = paint('quiet');
  window.Chart.defaults.borderColor = paint('line');
  window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  window.Chart.defaults.font.size = 12;
  const configuration = drawn.get(canvas)();
  configuration.options = {animation: false, maintainAspectRatio: false, ...configuration.options};
  configuration.plugins = [intervals];
  new window.Chart(canvas, configuration);
}

// A chart and the same as a table. Without Chart.js the table alone.
function figure({label, caption, height, configuration, build}) {
  const node = element('figure');
  if (canDraw) {
    const canvas = element(
        'canvas', {role: 'img', 'aria-label': `${label}. The figures are in the table below.`});
    const plot = element('div', {class: height ? 'plot bars' : 'plot'}, canvas);
    if (height) plot.style.height = `${height}px`;
    node.append(plot);
    drawn.set(canvas, configuration);
  }
  if (caption) node.append(element('figcaption', {}, caption));
  if (canDraw) {
    node.append(folded('The figures as a table', build));
  } else {
    node.append(build());
  }
  return node;
}

// The charts below a node; those that have left the page are given up.
function drawAll(root) {
  for (const canvas of drawn.keys()) {
    if (!canvas.isConnected) {
      drawn.delete(canvas);
      window.Chart.getChart(canvas)?.destroy();
    } else if (root.contains(canvas)) {
      draw(canvas);
    }
  }
}

// Replaces the content of a section; without any the section is hidden.
function put(id, ...nodes) {
  const box = section(id);
  box.replaceChildren(...nodes);
  box.parentElement.hidden = nodes.length === 0;
  if (canDraw) drawAll(box);
}

// Stripes in a colour, so that bars differ in print and to every eye.
function striped(colour) {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const context = tile.getContext('2d');
  context.strokeStyle = colour;
  context.lineWidth = 2;
  for (const shift of [-8, 0, 8]) {
    context.moveTo(shift, 8);
    context.lineTo(shift + 8, 0);
  }
  context.stroke();
  return context.createPattern(tile, 'repeat');
}

// Full decades, and where there are few of them 2 and 5 too.
function decades(text) {
  return function(value) {
    const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    const shown = Math.log10(this.max / this.min) < 2.2 ? [1, 2, 5] : [1];
    return shown.some((one) => Math.abs(digit - one) < 1e-6) ? text(value) : '';
  };
}

const logarithmic = (title, text, limits) => ({
  type: 'logarithmic',
  ...limits,
  title: {display: true, text: title},
  ticks: {callback: decades(text), maxRotation: 0, autoSkip: false},
  grid: {color: (context) => (context.tick && context.tick.label ? paint('line') : 'transparent')},
});

const legend = {
  position: 'bottom',
  align: 'start',
  labels: {usePointStyle: true, boxWidth: 8, boxHeight: 8, padding: 16}
};
const tooltip = (lines, filter) => ({
  filter,
  callbacks: {title: () => '', label: lines},
  displayColors: false,
  padding: 10,
  caretPadding: 8,
  bodySpacing: 3,
});
