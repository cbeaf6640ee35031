#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# What action.yml does: measures, or takes a result; holds it against floors and history; writes the
# summary and the JUnit report; ends with the exit code of the check, or where that is 0, of
# bench_all. docs/regression.md has workflows.
#
# From the environment, as action.yml sets it:
#   GATE_RESULT    a result file; empty: bench_all measures
#   GATE_OPTIONS   of bench_all, quoted as for a shell
#   GATE_HISTORY   folder of earlier runs, to which a new one is added; empty: floors alone
#   GATE_BASELINE  a run in that folder, pinned before the check; empty: as the folder says
#   GATE_CONFIRM   true: a run that the check cannot judge is followed by a second one
#   GATE_STRICT    true: --strict
#   GATE_JUNIT     where the JUnit report goes
#   GATE_PROGRAMS  folder of bench_all and roofproof; empty: they are set up and built
#   GITHUB_STEP_SUMMARY, GITHUB_OUTPUT  files that GitHub reads
set -euo pipefail

# output NAME VALUE
output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# end EXIT_CODE
end() {
  output exit-code "$1"
  exit "$1"
}

# summarise HEADING: with the text of standard input below it, as it is.
summarise() { { printf '### %s\n\n' "$1"; sed 's/^/    /'; printf '\n'; } >>"$GITHUB_STEP_SUMMARY"; }

# refuse WHY
refuse() {
  printf 'roofproof: %s\n' "$1" >&2
  summarise "roofproof: $1" </dev/null
  end 2
}

set_up() {
  local targets=(roofproof)
  [[ $GATE_RESULT ]] || targets+=(bench_all)
  source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../../cmake/setup.sh"
  setup_packages build
  setup_cuda native
  setup_build OFF "$device" "${targets[@]}"
  programs=$build/bin
}

# One more run, its file in files; sets measured, the exit code of bench_all.
measure() {
  local lines options=() file
  file=${GATE_HISTORY:-results}/$(date -u +%Y%m%dT%H%M%SZ)-$$-$((${#files[@]} + 1)).json
  lines=$(xargs -rn1 printf '%s\n' <<<"$GATE_OPTIONS") || refuse "options: a quote has no end: $GATE_OPTIONS"
  [[ ! $lines ]] || mapfile -t options <<<"$lines"
  measured=0
  "$programs/bench_all" --out "$file" "${options[@]}" || measured=$?
  if [[ ! -f $file ]]; then
    summarise "bench_all ended with exit code $measured and left no result" </dev/null
    end "$((measured ? measured : 4))"
  fi
  files+=("$file")
}

# check [FORM]
check() { "$programs/roofproof" check "${files[@]}" "${check_options[@]}" "$@"; }

# Sets code, the exit code of the check, and text, what it says.
judge() {
  code=0
  text=$(check 2>&1) || code=$?
}

rm -f -- "$GATE_JUNIT"  # that of an earlier run says nothing of this one
check_options=()
[[ ! $GATE_HISTORY ]] || check_options+=(--history "$GATE_HISTORY")
[[ $GATE_STRICT != true ]] || check_options+=(--strict)
programs=$GATE_PROGRAMS
[[ $programs ]] || set_up

if [[ $GATE_BASELINE ]]; then
  [[ $GATE_HISTORY && $(realpath -- "$GATE_BASELINE") == "$(realpath -- "$GATE_HISTORY")"/* ]] ||
    refuse "the baseline $GATE_BASELINE is no run in the history '$GATE_HISTORY'"
  "$programs/roofproof" baseline accept "$GATE_BASELINE" || refuse "the baseline cannot be accepted"
fi

files=()
measured=0
if [[ $GATE_RESULT ]]; then
  files=("$GATE_RESULT")
else
  [[ ! $GATE_HISTORY ]] || mkdir -p -- "$GATE_HISTORY"
  measure
fi
judge
if [[ $code == 3 && $measured == 0 && $GATE_CONFIRM == true && $GATE_HISTORY && ! $GATE_RESULT ]]; then
  measure
  judge
fi
printf '%s\n' "$text"
output result "${files[0]}"
case $code in
  0 | 1 | 3)
    check --markdown >>"$GITHUB_STEP_SUMMARY" || true
    check --junit >"$GATE_JUNIT" || true
    output junit "$GATE_JUNIT"
    ;;
  *) summarise "roofproof check ended with exit code $code" <<<"$text" ;;
esac
((code)) || code=$measured
end "$code"
