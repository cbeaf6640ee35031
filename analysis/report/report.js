// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Builds the page from the JSON in #data. Names and texts come from result files, which anybody may
// have written: they enter the page as text nodes only, never as markup.
'use strict';
(function () {
  const data = JSON.parse(document.getElementById('data').textContent);
  const chartVersion = window.Chart ? parseInt(window.Chart.version, 10) || 2 : 0;
  const canDraw = chartVersion >= 3;

  // What the reader chose to see.
  const chosen = {run: 0, arithmetic: 0, roof: null};

  // --- small helpers -----------------------------------------------------------------------------

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    for (const child of children) node.append(child);
    return node;
  }

  const section = (id) => document.querySelector(`#${id} .content`);
  const percent = (share) => (share === null ? '' : `${Number((100 * share).toPrecision(3))} %`);
  const paint = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const plain = (value) => Number(value.toPrecision(3)).toLocaleString('en');
  const plural = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

  function scaled(value) {
    const prefixes = [[1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ'], [1e-9, 'n']];
    const [factor, prefix] = prefixes.find(([limit]) => Math.abs(value) >= limit * 0.9995) || [1, ''];
    return `${Number((value / factor).toPrecision(3))} ${prefix}`;
  }

  // "gemm/fp16/hand/m:4096" may break behind a slash.
  function breakable(name) {
    const parts = String(name).split('/');
    return parts.flatMap((part, i) => (i + 1 < parts.length ? [`${part}/`, element('wbr')] : [part]));
  }

  // Headings: strings; those that end in "|" are of figures, to the right. Columns without any cell
  // are left out. The first cell of a row is its heading.
  function table(headings, rows, wide) {
    const kept = headings.map((_, i) => i).filter((i) => i === 0 || rows.some((row) => row[i]));
    const kind = (i) => (headings[i].endsWith('|') ? {class: 'figure'} : {});
    const head = element('tr');
    for (const i of kept) head.append(element('th', {scope: 'col', ...kind(i)}, headings[i].replace(/\|$/, '')));
    const body = element('tbody');
    for (const row of rows) {
      const line = element('tr');
      for (const i of kept) {
        line.append(i ? element('td', kind(i), row[i] || '') : element('th', {scope: 'row'}, ...breakable(row[0])));
      }
      body.append(line);
    }
    return element('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'table'},
      element('table', wide ? {class: 'wide'} : {}, element('thead', {}, head), body));
  }

  // Folded away; built when it is opened.
  function folded(title, build) {
    const details = element('details', {}, element('summary', {}, title));
    const once = () => { if (details.open && details.childElementCount === 1) details.append(build()); };
    details.addEventListener('toggle', once);
    return details;
  }

  // A row of buttons of which one is pressed.
  function choice(id, labels, current, pick) {
    const box = document.getElementById(id);
    box.replaceChildren();
    box.hidden = labels.length < 2;
    labels.forEach((label, i) => {
      const button = element('button', {type: 'button', 'aria-pressed': String(i === current)}, label);
      button.addEventListener('click', () => pick(i));
      box.append(button);
    });
  }

  // --- charts ------------------------------------------------------------------------------------

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
          const [top, bottom] = [scales.y.getPixelForValue(point.high), scales.y.getPixelForValue(point.low)];
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
      const canvas = element('canvas', {role: 'img', 'aria-label': `${label}. The figures are in the table below.`});
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

  const colours = {fp32: 'blue', fp16: 'orange', int8: 'green', int4: 'purple', w8a16: 'green', w4a16: 'purple'};
  const shapes = {gemm: 'rect', gemv: 'circle', triad: 'triangle', layer: 'star', decode: 'rectRot'};

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
    return function (value) {
      const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
      const shown = Math.log10(this.max / this.min) < 2.2 ? [1, 2, 5] : [1];
      return shown.some((one) => Math.abs(digit - one) < 1e-6) ? text(value) : '';
    };
  }

  const logarithmic = (title, text, limits) => ({
    type: 'logarithmic', ...limits, title: {display: true, text: title},
    ticks: {callback: decades(text), maxRotation: 0, autoSkip: false},
    grid: {color: (context) => (context.tick && context.tick.label ? paint('line') : 'transparent')},
  });

  const legend = {position: 'bottom', align: 'start', labels: {usePointStyle: true, boxWidth: 8, boxHeight: 8, padding: 16}};
  const tooltip = (lines, filter) => ({
    filter,
    callbacks: {title: () => '', label: lines},
    displayColors: false, padding: 10, caretPadding: 8, bodySpacing: 3,
  });

  // --- roofline ----------------------------------------------------------------------------------

  const roofLines = {datasheet: ['solid', []], device: ['dashed', [7, 4]], measured: ['dotted', [2, 3]]};

  function rooflineConfiguration(part) {
    const xs = part.points.map((point) => point.intensity);
    const ys = part.points.flatMap((point) => [point.value, point.low || point.value]);
    for (const roof of part.roofs) xs.push(roof.flop_per_s / roof.bytes_per_s);
    const decade = (value, up) => 10 ** (up ? Math.ceil(Math.log10(value)) : Math.floor(Math.log10(value)));
    const [left, right] = [decade(Math.min(...xs) / 1.2, false), decade(Math.max(...xs) * 1.5, true)];
    const peak = Math.max(...part.points.map((point) => point.high || point.value), ...part.roofs.map((roof) => roof.flop_per_s));
    const limits = [decade(Math.min(...ys), false), decade(peak * 1.2, true)];
    const datasets = part.roofs.map((roof) => ({
      label: `${roof.kind} roof, ${roofLines[roof.kind][0]}`, kind: 'roof', roof, showLine: true, borderColor: paint('ink'), borderWidth: 1.75,
      borderDash: roofLines[roof.kind][1], pointRadius: 0, pointHitRadius: 0, pointStyle: 'line',
      data: [left, roof.flop_per_s / roof.bytes_per_s, right].map(
        (x) => ({x, y: Math.min(roof.flop_per_s, x * roof.bytes_per_s)})),
    }));
    const groups = new Map();
    for (const point of part.points) {
      const key = point.group + (point.library ? ', library' : '');
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push({...point, x: point.intensity, y: point.value});
    }
    for (const [label, points] of groups) {
      const colour = paint(colours[points[0].precision] || 'ink');
      datasets.push({
        label, kind: 'points', data: points, borderColor: colour, pointBorderWidth: 1.75,
        backgroundColor: points[0].library ? paint('paper') : colour,
        pointStyle: shapes[points[0].op] || 'circle', pointRadius: 5, pointHoverRadius: 7,
      });
    }
    return {
      type: 'scatter', data: {datasets},
      options: {
        interaction: {mode: 'nearest', intersect: true},
        scales: {
          x: logarithmic('FLOP per byte', plain, {min: left, max: right}),
          y: logarithmic('FLOP/s', (value) => `${scaled(value)}FLOP/s`, {min: limits[0], max: limits[1]}),
        },
        plugins: {
          legend,
          tooltip: tooltip((item) => {
            const point = item.raw;
            return [point.name, point.kernel, point.text, `${point.intensity_text}`, ...point.shares].filter(Boolean);
          }, (item) => item.dataset.kind === 'points'),
        },
      },
    };
  }

  function showRoofline() {
    const run = data.runs[chosen.run];
    const parts = run.rooflines;
    if (parts.length === 0) {
      choice('arithmetic', [], 0);
      put('roofline', element('p', {class: 'quiet'}, 'This run has no kernel that both computes and moves bytes.'));
      return;
    }
    chosen.arithmetic = Math.min(chosen.arithmetic, parts.length - 1);
    const part = parts[chosen.arithmetic];
    choice('arithmetic', parts.map((other) => other.arithmetic), chosen.arithmetic, (i) => {
      chosen.arithmetic = i;
      showRoofline();
    });
    const caption = part.roofs.map((roof) =>
      `${roof.kind[0].toUpperCase()}${roof.kind.slice(1)} roof: ${roof.text}, ridge at ${roof.ridge_text} (${roof.source}).`).join(' ');
    put('roofline', figure({
      label: `Roofline of ${run.device} in ${part.arithmetic}: ${plural(part.points.length, 'kernel')} under ${plural(part.roofs.length, 'roof')}`,
      caption: `${run.synthetic ? 'Synthetic figures. ' : ''}${caption} Bars are 95 % intervals; filled marks are hand-written kernels, hollow ones a library's.`,
      configuration: () => rooflineConfiguration(part),
      build: () => table(['kernel', 'by', 'FLOP/byte|', 'FLOP/s|', 'of its roofs'],
        part.points.map((point) => [point.name, point.kernel, point.intensity_text, point.text, point.shares.join(', ')]), true),
    }));
  }

  // --- share of the roof -------------------------------------------------------------------------

  const roofWords = {datasheet: 'datasheet', device: 'device', clock: 'at its clock', measured: 'measured'};
  const roofMeaning = {
    datasheet: 'Of the dense peak or bandwidth that the vendor prints.',
    device: 'Of what the board says of itself: SMs, clocks and bus at their maximum.',
    clock: 'Of the same at the clock that the SMs really had meanwhile: low here is a slow kernel, low before and high here is a power limit.',
    measured: 'GEMM of the measured arithmetic peak, everything else of the read bandwidth of the same sessions.',
  };
  const makers = ['hand', 'library'];
  const shareOf = (entry, maker, roof) => (entry[maker] ? entry[maker][roof] : null);

  function showShares() {
    const run = data.runs[chosen.run];
    const roofs = Object.keys(roofWords).filter((roof) =>
      run.shares.some((entry) => makers.some((maker) => shareOf(entry, maker, roof) !== null)));
    if (!roofs.includes(chosen.roof)) chosen.roof = roofs[0] || null;
    choice('roof', roofs.map((roof) => roofWords[roof]), roofs.indexOf(chosen.roof), (i) => {
      chosen.roof = roofs[i];
      showShares();
    });
    const roof = chosen.roof;
    const entries = run.shares.filter((entry) => makers.some((maker) => shareOf(entry, maker, roof) !== null));
    if (entries.length === 0) {
      put('shares', element('p', {class: 'quiet'}, 'No roof is known for what this run measured.'));
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
              label: maker, borderColor: colour, borderWidth: 1.5, borderSkipped: false, maxBarThickness: 15, skipNull: true,
              backgroundColor: maker === 'hand' ? colour : striped(colour), categoryPercentage: 0.72,
              data: entries.map((entry) => shareOf(entry, maker, roof)),
            };
          }),
        },
        options: {
          indexAxis: 'y',
          scales: {
            x: {min: 0, suggestedMax: 1, ticks: {callback: (value) => percent(value)}, grid: {color: (context) => paint(context.tick && context.tick.value === 1 ? 'quiet' : 'line')}},
            y: {ticks: {color: paint('ink'), autoSkip: false}, grid: {display: false}},
          },
          plugins: {
            legend: {...legend, labels: {...legend.labels, usePointStyle: false}},
            tooltip: tooltip((item) => {
              const maker = entries[item.dataIndex][item.dataset.label];
              return [maker.name, maker.kernel, maker.text, `${percent(maker[roof])} of the ${roofWords[roof]} roof`].filter(Boolean);
            }),
          },
        },
      }),
      build: () => table(['operation', 'hand|', 'of roof|', 'library|', 'of roof|', 'hand over library|'],
        entries.map((entry) => [entry.label, ...makers.flatMap((maker) =>
          (entry[maker] ? [entry[maker].text, percent(entry[maker][roof])] : ['', ''])), entry.ratio]), true),
    }));
  }

  // --- decode ------------------------------------------------------------------------------------

  const causes = {
    'weights': ['blue', false], 'dequantisation and arithmetic': ['green', true],
    'attention and small operations': ['purple', false], 'launches': ['orange', true], 'unexplained': ['amber', false],
    'measured': ['blue', false],
  };

  function decodeConfiguration(steps) {
    const part = (step, cause) => {
      if (cause === 'measured') return step.parts.length ? null : step.measured_s;
      const found = step.parts.find((other) => other.cause === cause);
      return found && found.time_s > 0 ? found.time_s : null;
    };
    const shown = Object.keys(causes).filter((cause) => steps.some((step) => part(step, cause) !== null));
    const bar = {borderWidth: 1.5, borderSkipped: false, maxBarThickness: 18, categoryPercentage: 0.75};
    return {
      type: 'bar',
      data: {
        labels: steps.map((step) => step.label),
        datasets: [
          {...bar, label: 'predicted', stack: 'predicted', borderColor: paint('quiet'), backgroundColor: paint('wash'), data: steps.map((step) => step.predicted_s)},
          ...shown.map((cause) => {
            const [name, stripes] = causes[cause];
            const colour = paint(name);
            return {...bar, label: cause, stack: 'measured', borderColor: colour, backgroundColor: stripes ? striped(colour) : colour, data: steps.map((step) => part(step, cause))};
          }),
        ],
      },
      options: {
        indexAxis: 'y',
        scales: {
          x: {stacked: true, min: 0, ticks: {callback: (value) => `${scaled(value)}s`}, grid: {color: paint('line')}},
          y: {stacked: true, ticks: {color: paint('ink'), autoSkip: false}, grid: {display: false}},
        },
        plugins: {
          legend: {...legend, labels: {...legend.labels, usePointStyle: false}},
          tooltip: tooltip((item) => `${item.dataset.label}: ${scaled(item.raw)}s`),
        },
      },
    };
  }

  function showDecode() {
    const run = data.runs[chosen.run];
    const steps = run.decode.steps;
    if (steps.length === 0) {
      put('decode', element('p', {class: 'quiet'}, `No whole model was decoded: ${run.decode.absent}.`));
      return;
    }
    const nodes = [
      table(['step', 'article|', 'predicted|', 'measured tokens/s [95 %]|', 'time|', 'of read bandwidth|'],
        steps.map((step) => [step.label, step.article, step.predicted_text, step.tokens_text, step.time_text, step.of_read]), true),
      figure({
        label: `Time of a decode step of ${run.device}, predicted and measured`,
        caption: 'Predicted: what the measured roofs allow. Measured: stacked by what the time went to, from steps of which only a part is done; a part that came out negative is in the table alone.',
        height: 90 + steps.length * 52,
        configuration: () => decodeConfiguration(steps),
        build: () => table(['step', 'part', 'time|'],
          steps.flatMap((step) => step.parts.map((part) => [step.label, part.cause, part.text]))),
      }),
    ];
    put('decode', ...nodes);
  }

  // --- batches -----------------------------------------------------------------------------------

  function batchConfiguration(part) {
    const ys = part.lines.flatMap((line) => [...line.points.flatMap((point) => [point.value, point.low || point.value, point.high || point.value]), ...line.law.map(([, y]) => y)]);
    const batches = part.lines.flatMap((line) => line.points.map((point) => point.batch));
    const [bottom, top] = [Math.min(...ys) / 1.3, Math.max(...ys) * 1.3];
    const last = Math.max(...batches);
    const datasets = [];
    part.lines.forEach((line, i) => {
      // A little apart, so that intervals at one batch do not hide each other.
      const apart = 1.02 ** (i - (part.lines.length - 1) / 2);
      const colour = paint(colours[line.precision] || 'ink');
      const pointStyle = {fp32: 'triangle', fp16: 'rect', int8: 'circle', int4: 'rectRot'}[line.precision] || 'circle';
      datasets.push({
        label: line.precision, kind: 'points', borderColor: colour, backgroundColor: colour, borderWidth: 2, pointRadius: 4.5, pointHoverRadius: 7, pointStyle,
        data: line.points.map((point) => ({...point, x: point.batch * apart, y: point.value})),
      });
      if (line.law.length) {
        datasets.push({label: `${line.precision}, allowed by the roofs`, kind: 'law', borderColor: colour, borderWidth: 1.25, borderDash: [2, 3], pointRadius: 0, pointHitRadius: 0, data: line.law.map(([x, y]) => ({x, y}))});
      }
      if (line.crossover !== null && line.crossover <= last) {
        datasets.push({label: `${line.precision}, crossover`, kind: 'law', borderColor: colour, borderWidth: 1, borderDash: [7, 4], pointRadius: 0, pointHitRadius: 0, data: [{x: line.crossover, y: bottom}, {x: line.crossover, y: top}]});
      }
    });
    return {
      type: 'line', data: {datasets},
      options: {
        interaction: {mode: 'nearest', intersect: true},
        scales: {
          x: {...logarithmic('batch', plain, {min: Math.min(...batches) / 1.1, max: last * 1.1}),
            afterBuildTicks: (axis) => { axis.ticks = [...new Set(batches)].sort((a, b) => a - b).map((value) => ({value})); },
            ticks: {callback: (value) => value, maxRotation: 0, autoSkip: true}},
          y: logarithmic(part.unit, scaled, {min: bottom, max: top}),
        },
        plugins: {
          legend: {...legend, labels: {...legend.labels, filter: (item, all) => all.datasets[item.datasetIndex].kind === 'points'}},
          tooltip: tooltip((item) => [item.raw.name, item.raw.text], (item) => item.dataset.kind === 'points'),
        },
      },
    };
  }

  function showBatches() {
    const run = data.runs[chosen.run];
    put('batches', ...run.batches.flatMap((part) => {
      const crossings = part.lines.filter((line) => line.crossover_text).map((line) => `${line.crossover_text} (${line.precision})`);
      return [element('h3', {}, part.title), figure({
        label: `${part.unit} of ${run.device} by batch, ${part.title}`,
        caption: `Dotted: what the measured roofs allow.${crossings.length ? ` By them the step turns compute-bound at batch ${crossings.join(', ')} (dashed upright lines, where they are in the picture).` : ''}`,
        configuration: () => batchConfiguration(part),
        build: () => table(['format', 'batch|', `${part.unit}|`],
          part.lines.flatMap((line) => line.points.map((point) => [line.precision, String(point.batch), point.text]))),
      })];
    }));
  }

  // --- claims ------------------------------------------------------------------------------------

  const marks = {confirmed: '✓', refuted: '✗', inconclusive: '?', not_testable_here: '·'};

  function list(items) {
    const node = element('ul');
    for (const item of items) node.append(element('li', {}, item));
    return node;
  }

  function claimDetails(claim) {
    const node = element('div');
    node.append(element('p', {}, `Tested by: ${claim.tested_by}. Tolerance ${claim.tolerance}.`));
    if (claim.findings.length) node.append(list(claim.findings));
    if (claim.comparisons.length) {
      node.append(table(['figure', 'device', 'claimed|', 'found|', 'verdict', 'remark'], claim.comparisons, true));
    }
    return node;
  }

  function showClaims() {
    const counts = document.getElementById('verdicts');
    for (const verdict of Object.keys(marks)) {
      const all = data.claims.filter((claim) => claim.verdict === verdict);
      if (!all.length) continue;
      counts.append(element('span', {class: verdict}, element('b', {}, `${marks[verdict]} ${all.length}`), all[0].words));
    }
    const items = element('ol', {class: 'claims'});
    // What could be decided comes first; within that the order of the article.
    const open = (claim) => claim.verdict === 'not_testable_here';
    for (const claim of [...data.claims].sort((a, b) => open(a) - open(b))) {
      const figures = element('div', {class: 'figures'}, element('div', {class: `verdict ${claim.verdict}`}, claim.words));
      for (const text of [claim.claimed && `${claim.claimed} claimed`, claim.found]) {
        if (text) figures.append(element('div', {}, text));
      }
      if (claim.on_cpu) figures.append(element('div', {class: 'quiet'}, 'same law on this CPU'));
      items.append(element('li', {class: 'claim', 'data-verdict': claim.verdict},
        element('span', {class: `mark ${claim.verdict}`, 'aria-hidden': 'true'}, marks[claim.verdict]),
        element('div', {}, element('p', {}, claim.statement), element('p', {class: 'why'}, claim.why),
          folded(claim.id, () => claimDetails(claim))), figures));
    }
    put('claims', element('p', {class: 'quiet'}, 'Every statement of the article, with a tolerance that was fixed before any run.'), items);
  }

  // --- several runs ------------------------------------------------------------------------------

  function showCompared() {
    const part = data.compared;
    if (!part) return put('compared');
    const nodes = [];
    if (part.differences.length) {
      nodes.push(folded(`The runs differ in ${plural(part.differences.length, 'condition')}`, () => list(part.differences)));
    }
    for (const [i, one] of part.tables.entries()) {
      const cut = one.of > one.rows.length ? `, the first ${one.rows.length} of ${one.of}` : '';
      const build = () => table(['', ...part.columns.map((column) => `${column}|`)], one.rows.map((row) =>
        [row.name.slice(one.op.length + 1), ...row.cells.map((cell) => {
          if (!cell) return '';
          const [rate, roof, ratio] = cell;
          return element('span', {}, rate, element('br'), element('small', {}, [roof, ratio && `${ratio} the first`].filter(Boolean).join(' · ')));
        })]), true);
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
      const of = part.lines.every((line) => line.of === 'roof') ? 'of the roof by datasheet or device' : 'of the first run, where no roof is known';
      return [element('h3', {}, part.device), figure({
        label: `${plural(part.dates.length, 'run')} of ${part.device} over time`,
        caption: `The best of each operation, ${of}.`,
        configuration: () => ({
          type: 'line',
          data: {
            labels: part.dates.map((date) => date.slice(0, 16).replace('T', ' ')),
            datasets: part.lines.map((line, i) => {
              const colour = paint(paints[i % paints.length]);
              return {label: line.label, data: line.values, spanGaps: true, borderColor: colour, backgroundColor: colour, borderWidth: 1.75, borderDash: i < paints.length ? [] : [5, 3], pointStyle: styles[i % styles.length], pointRadius: part.dates.length > 60 ? 2 : 4};
            }),
          },
          options: {
            scales: {
              x: {ticks: {maxRotation: 0, autoSkipPadding: 24}, grid: {display: false}},
              y: {ticks: {callback: (value) => percent(value)}, grid: {color: paint('line')}},
            },
            plugins: {legend, tooltip: tooltip((item) => [part.files[item.dataIndex], `${item.dataset.label}: ${percent(item.raw)}`])},
          },
        }),
        build: () => table(['run', ...part.lines.map((line) => `${line.label}|`)],
          part.dates.map((date, i) => [date, ...part.lines.map((line) => percent(line.values[i]))]), true),
      })];
    }));
  }

  // --- conditions and figures --------------------------------------------------------------------

  function showConditions() {
    const part = data.runs[chosen.run].conditions;
    const facts = (title, rows) => element('div', {}, element('h3', {}, title),
      element('table', {}, element('tbody', {}, ...rows.map(([what, value]) =>
        element('tr', {}, element('th', {scope: 'row'}, what), element('td', {}, value))))));
    const nodes = [element('div', {class: 'facts'}, facts('Device', part.device), facts('Protocol', part.protocol), facts('Software', part.software))];
    if (part.clocks.length) {
      nodes.push(element('h3', {}, 'While it ran'), table(['benchmark', 'SM clock|', 'memory clock|', 'power|', 'temperature|', 'throttled by'], part.clocks, true));
    }
    if (part.observations.length) nodes.push(element('h3', {}, 'Observed'), list(part.observations));
    if (part.not_measured.length) {
      nodes.push(element('h3', {}, 'Not measured'), table(['status', 'reason', 'cases|', 'such as'], part.not_measured, true));
    }
    put('conditions', ...nodes);
  }

  function showMeasurements() {
    const part = data.runs[chosen.run].measurements;
    const cut = part.of > part.rows.length ? `the first ${part.rows.length} of ${part.of}` : plural(part.of, 'figure');
    put('measurements', folded(cut, () => table(
      ['benchmark', 'kernel', 'time|', 'rate|', 'of datasheet|', 'of device|', 'at clock|', 'of measured|'], part.rows, true)));
  }

  // --- the page ----------------------------------------------------------------------------------

  function showRun() {
    const run = data.runs[chosen.run];
    choice('devices', data.runs.map((other) => other.device), chosen.run, (i) => {
      chosen.run = i;
      showRun();
    });
    document.getElementById('subtitle').textContent =
      [data.runs.length > 1 ? run.device : null, run.headline, run.date.slice(0, 16).replace('T', ' ') + ' UTC', run.file].filter(Boolean).join(' · ');
    for (const show of [showRoofline, showShares, showDecode, showBatches, showConditions, showMeasurements]) show();
  }

  const names = [...new Set(data.runs.map((run) => run.device))];
  const title = names.length <= 4 ? names.join(', ') : `${names.length} devices`;
  document.getElementById('title').textContent = title;
  document.title = `${title} · roofproof report`;
  if (data.notices.length) {
    document.getElementById('notices').append(element('div', {class: 'notice', role: 'note'}, ...data.notices.map((notice) => element('p', {}, notice))));
  }
  if (!canDraw) {
    document.getElementById('chart-note').textContent = chartVersion
      ? 'Tables alone: the Chart.js of this build is version 2, charts need version 3.'
      : 'Tables alone: this build had no Chart.js (the package libjs-chart.js).';
  }
  showRun();
  showClaims();
  showCompared();
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
})();
