# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Results for the tests of what `roofproof check` is built into: of a T4, and days of its past."""

import json

from report_fixtures import GPUS, result


def t4_result(run_id, date, speed=1.0, hostile=False, **fields):
    """A run that passes every floor of a T4; `fields` replace those of context.roofproof."""
    made = result(GPUS[0], date, speed, hostile)
    made["context"]["roofproof"].update({"run_id": run_id, "synthetic": False, **fields})
    return made


def write(path, made):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made))
    return path


def write_history(folder, days=10, **fields):
    """A run a day, which differ by half a per cent."""
    for day in range(1, days + 1):
        write(folder / f"{day}.json", t4_result(
            f"past{day}", f"2026-10-{day:02}T10:00:00Z", 1 + 0.005 * (day % 3 - 1), **fields))
