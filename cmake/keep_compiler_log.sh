#!/bin/sh
# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# keep_compiler_log.sh OBJECT COMMAND...: runs the command that compiles OBJECT and keeps what it
# prints beside it, in OBJECT.log; so an object that is up to date has the log of its compilation.
log=$1.log
shift
"$@" >"$log" 2>&1
code=$?
cat "$log" >&2
exit $code
