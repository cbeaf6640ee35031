# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# What ./bench_all, ./test_all and .ci/release do before they run anything: packages, CUDA toolkit, configure,
# build. Nothing is done that was done before. Everything is said on stderr; a step that fails is
# named with what to do about it, and ends with exit code 4 (environment unfit).
#
# From the environment:
#   ROOFPROOF_CUDA      AUTO (the default: where there is a GPU or nvcc), ON or OFF
#   ROOFPROOF_WERROR    ON: warnings are errors (test_all)
#   ROOFPROOF_SANITIZE  address,undefined: host code alone, in build-asan (test_all)
#   CUDACXX, CUDA_HOME  an nvcc to prefer

# What is needed for what, the package that carries it, and a command or file that proves it there.
packages=(
  "build   g++                     g++"
  "build   cmake                   cmake"
  "build   ninja-build             ninja"
  "build   libbenchmark-dev        /usr/include/benchmark/benchmark.h"
  "build   nlohmann-json3-dev      /usr/include/nlohmann/json.hpp"
  "build   libcli11-dev            /usr/include/CLI/CLI.hpp"
  "build   libsimdjson-dev         /usr/include/simdjson.h"
  "build   libfmt-dev              /usr/include/fmt/format.h"
  "build   libhwy-dev              /usr/include/hwy/highway.h"
  "build   libopenblas-openmp-dev  /usr/lib/*/openblas-*/libopenblas.a"
  "build   libjs-chart.js          /usr/share/javascript/chart.js/[cC]hart*.js"
  "wheels  python3-pip             /usr/lib/python3/dist-packages/pip"
  "wheels  ca-certificates         /etc/ssl/certs/ca-certificates.crt"
  "package dpkg-dev                dpkg-shlibdeps"  # for cpack
  "package file                    file"
  "package python3                 /usr/bin/python3"
  "tests   libgmock-dev            /usr/include/gmock/gmock.h"
  "tests   libgtest-dev            /usr/include/gtest/gtest.h"
  "tests   libzstd-dev             /usr/include/zstd.h"
  "tests   locales                 /usr/share/i18n/locales/de_DE"  # one with decimal commas
  "tests   python3-jsonschema      /usr/lib/python3/dist-packages/jsonschema"
  "tests   libbenchmark-tools      /usr/share/benchmark/compare.py"
  "tests   libxml2-utils           xmllint"     # for the JUnit report's schema
  "tests   cmark-gfm               cmark-gfm"   # as GitHub renders Markdown
  "tests   clang-format-14         clang-format-14"
  "tests   python3-scipy           /usr/lib/python3/dist-packages/scipy"   # for compare.py
  "debian  chromium                chromium"   # for the report's test; Ubuntu's is a stub for snap
  "jammy   python3-pandas          /usr/lib/python3/dist-packages/pandas"  # for 22.04's compare.py
)

# The oldest toolkit that serves, by its major version the oldest driver that runs the machine code it
# built ("minor version compatibility"), and the oldest GPU that the kernels run on.
cuda_minimum=12.4
declare -A driver_minimum=([12]=525 [13]=580)
gpu_minimum=75

root=$(unset CDPATH; cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/build
[[ ${ROOFPROOF_SANITIZE:-} ]] && build=$root/build-asan
log=$build/setup.log

# Where the machine tells of itself; tests have a tree of their own.
proc=/proc
cgroups=/sys/fs/cgroup
dev=/dev
wsl=/usr/lib/wsl/lib  # NVIDIA's driver under Windows (WSL2)

say() { printf 'roofproof: %s\n' "$*" >&2; }

# fail STEP WHAT_TO_DO
fail() {
  printf 'roofproof: %s failed.\nWhat to do: %s\n' "$1" "$2" >&2
  exit 4
}

# quiet_step STEP WHAT_TO_DO COMMAND...: shows what the command printed only if it fails.
quiet_step() {
  local step=$1 remedy=$2
  shift 2
  if ! "$@" >"$log" 2>&1; then
    tail -n 25 -- "$log" >&2
    fail "$step" "$remedy (everything it printed: $log)"
  fi
}

# at_least VERSION MINIMUM
at_least() { [[ $1 ]] && sort -CV <<<"$2"$'\n'"$1"; }

# --- packages -------------------------------------------------------------------------------------

# Prints the packages of the groups named that are not there, without asking the package manager.
missing_packages() {
  local row group package proof
  for row in "${packages[@]}"; do
    read -r group package proof <<<"$row"
    [[ " $* " == *" $group "* ]] || continue
    if [[ $proof == /* ]]; then
      compgen -G "$proof" >/dev/null || echo "$package"
    else
      command -v "$proof" >/dev/null || echo "$package"
    fi
  done
}

# setup_packages GROUP...
setup_packages() {
  local missing as_root=() by_hand
  mkdir -p -- "$build" || fail "creating $build" "make $root writable"
  # Some packages of the tests are one distribution's alone.
  if [[ " $* " == *" tests "* ]]; then
    grep -qs '^VERSION_CODENAME=jammy' /etc/os-release && set -- "$@" jammy
    grep -qs '^ID=debian' /etc/os-release && set -- "$@" debian
  fi
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] && return
  by_hand="as root: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  command -v apt-get >/dev/null || fail "installing ${missing[*]}" \
    "there is no apt-get here: install what corresponds to these Debian packages, then run this again"
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || fail "installing ${missing[*]}" "$by_hand"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  say "installing from the distribution's packages: ${missing[*]}"
  # An index of somebody else's that cannot be had is no reason to stop.
  "${as_root[@]}" update >"$log" 2>&1 || say "apt-get update reports errors; continuing"
  quiet_step "installing packages" "$by_hand; on Ubuntu they are in 'universe'" \
    "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] || fail "installing packages" \
    "installed, but not found in the usual place: ${missing[*]}; apt-get install --reinstall them"
}

# --- CUDA -----------------------------------------------------------------------------------------

nvcc_candidates() {
  printf '%s\n' "${CUDACXX:-}" "${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "$(command -v nvcc)" \
    /usr/local/cuda/bin/nvcc /usr/local/cuda-*/bin/nvcc /opt/cuda/bin/nvcc
  have_wheels cuda_wheels.txt "$root/build/cuda" && echo "$root/build/cuda/bin/nvcc"
}

# Under Windows it lies in a folder that is not in sudo's PATH.
nvidia_smi() { command -v nvidia-smi || echo "$wsl/nvidia-smi"; }

# 120 -> 12.0
capability() { echo "${1%?}.${1: -1}"; }

# Sets gpu ("yes" or empty), devices (the compute capabilities of all, as in 90; empty where none can
# be asked), device (where they are one) and driver (its version, or empty).
find_gpu() {
  local answer
  gpu='' devices='' device='' driver=''
  if answer=$(timeout 60 "$(nvidia_smi)" --query-gpu=compute_cap,driver_version \
                --format=csv,noheader 2>/dev/null) && [[ $answer ]]; then
    gpu=yes
    driver=$(sed -n '1s/.*, *//p' <<<"$answer")
    devices=$(sed 's/,.*//; s/[. ]//g' <<<"$answer" | grep -xE '[0-9]+' | sort -u) || true
    [[ $devices == *[[:space:]]* ]] || device=$devices
  elif compgen -G "$dev/nvidia[0-9]*" >/dev/null; then
    gpu=yes
    driver=$(grep -oE '\b[0-9]{3}\.[0-9.]+' "$proc/driver/nvidia/version" 2>/dev/null | head -n 1) || true
  elif [[ -e $dev/dxg && -e $wsl/libcuda.so.1 ]]; then
    gpu=yes
  fi
}

# Whether what CUDA version $1 builds runs on the driver here; yes where none is known.
driver_serves() { [[ -z $driver ]] || at_least "$driver" "${driver_minimum[${1%%.*}]:-0}"; }

# The newest CUDA whose PTX the driver compiles, as nvidia-smi's table says; empty where it cannot be
# asked. From driver 610 on it says "CUDA UMD Version".
driver_cuda() {
  timeout 60 "$(nvidia_smi)" 2>/dev/null |
    sed -nE '1,10s/.*CUDA (UMD )?Version: *([0-9]+\.[0-9]+).*/\2/p'
}

# names NVCC DEVICE: whether it can make machine code of this compute capability. An older one could
# write PTX for it, but its cuBLAS has no kernels for that GPU.
names() { [[ $'\n'$("$1" --list-gpu-code 2>/dev/null)$'\n' == *$'\n'"sm_$2"$'\n'* ]]; }

# why_not NVCC VERSION CODE: why this nvcc does not serve; nothing where it does. CODE says what the
# build will have for GPUs newer than sm_90: machine code ("native"), PTX where nvcc cannot name them
# ("any"), or PTX alone ("tests"). No driver takes PTX of a newer CUDA than its own.
why_not() {
  local one newest
  if ! at_least "$2" "$cuda_minimum"; then
    echo "CUDA ${2:-?} is older than $cuda_minimum"
  elif ! driver_serves "$2"; then
    echo "CUDA $2 needs driver ${driver_minimum[${2%%.*}]}, here is $driver"
  elif ! has_cublas "$1"; then
    echo "its toolkit has no cuBLAS"
  else
    for one in $devices; do
      ((one < gpu_minimum)) && continue
      if names "$1" "$one"; then
        [[ $3 == tests && $one -gt 90 ]] || continue
      elif [[ $3 != any ]]; then
        echo "CUDA $2 cannot name compute capability $(capability "$one")"
        return
      fi
      newest=$(driver_cuda) || true
      if [[ $newest ]] && ! at_least "$newest" "$2"; then
        echo "compute capability $(capability "$one") would get its PTX, and driver $driver takes that of CUDA $newest at most"
        return
      fi
    done
  fi
}

# find_nvcc CODE: sets nvcc to the first one that serves, or to nothing.
find_nvcc() {
  local candidate version reason
  nvcc=''
  while read -r candidate; do
    [[ -x $candidate ]] || continue
    version=$("$candidate" --version 2>/dev/null | sed -n 's/.*release \([0-9.]*\),.*/\1/p') || true
    reason=$(why_not "$candidate" "$version" "$1")
    if [[ -z $reason ]]; then
      nvcc=$candidate
      return
    fi
    say "skipping $candidate: $reason"
  done < <(nvcc_candidates)
}

# has_cublas NVCC: also where nvcc is a link into the toolkit.
has_cublas() {
  local bin
  for bin in "$(dirname -- "$1")" "$(dirname -- "$(readlink -f -- "$1")")"; do
    compgen -G "$bin/../include/cublasLt.h" >/dev/null && return
    compgen -G "$bin/../targets/*/include/cublasLt.h" >/dev/null && return
  done
  return 1
}

# How a person installs CUDA $1 (as in 13-0) from NVIDIA's repository for this distribution.
cuda_by_hand() {
  local distribution machine
  # shellcheck source=/dev/null
  distribution=$(. /etc/os-release && echo "$ID${VERSION_ID//./}")
  machine=$(uname -m)
  cat <<EOF
from NVIDIA's repository, as root, then run this again:
  apt-get update && apt-get install -y wget ca-certificates &&
  wget https://developer.download.nvidia.com/compute/cuda/repos/$distribution/${machine/aarch64/sbsa}/cuda-keyring_1.1-1_all.deb &&
  dpkg -i cuda-keyring_1.1-1_all.deb && apt-get update &&
  apt-get install -y cuda-nvcc-$1 cuda-cudart-dev-$1 cuda-cccl-$1 libcublas-dev-$1
EOF
}

# have_wheels LIST FOLDER: whether FOLDER holds the wheels of cmake/LIST as it is now.
have_wheels() { cmp -s -- "$root/cmake/$1" "$2/wheels.txt"; }

# install_wheels WHAT LIST FOLDER REMEDY: NVIDIA's wheels of cmake/LIST, as one toolkit in FOLDER.
install_wheels() {
  local what=$1 list=$root/cmake/$2 folder=$3 remedy=$4 library
  have_wheels "$2" "$folder" && return
  setup_packages wheels
  say "taking $what from NVIDIA's Python wheels into $folder: $(sed -n 's/^# size: //p' "$list")"
  rm -rf -- "$folder" "$folder.part"
  mkdir -p -- "$folder.part/tmp"
  TMPDIR=$folder.part/tmp PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0 \
    PIP_REQUIRE_VIRTUALENV=0 /usr/bin/python3 -m pip install --target "$folder.part/wheels" --no-deps \
    --no-compile --only-binary :all: --require-hashes -r "$list" >&2 ||
    fail "taking $what from NVIDIA's wheels" "$remedy"
  mv -- "$folder.part/wheels/nvidia/cu13" "$folder"
  mv -- "$folder.part"/wheels/*.dist-info "$folder"  # the licences
  # The names that nvcc and CMake look for, which wheels do not carry.
  if [[ -d $folder/lib ]]; then
    ln -s lib "$folder/lib64"
    for library in "$folder"/lib/*.so.*; do
      ln -s "${library##*/}" "${library%%.so.*}.so"
    done
  fi
  rm -rf -- "$folder.part"
  cp -- "$list" "$folder/wheels.txt"
}

# setup_cuda native|tests: for a build with machine code for the GPUs here, or with the tests, which
# have PTX for GPUs newer than sm_90. Sets cuda (ON or OFF), nvcc and device. A GPU without a toolkit
# never becomes a build without CUDA.
setup_cuda() {
  local code=$1 wanted=${ROOFPROOF_CUDA:-AUTO} machine remembered=$build/setup.machine
  cuda=OFF nvcc='' device=''
  case $wanted in
    OFF) return ;;
    ON | AUTO) ;;
    *) fail "reading ROOFPROOF_CUDA=$wanted" "use AUTO, ON or OFF" ;;
  esac
  [[ ${ROOFPROOF_SANITIZE:-} ]] && return
  # Asking the driver takes seconds, so the answer is kept for as long as the machine looks the same;
  # not where the GPUs cannot be seen otherwise.
  # shellcheck disable=SC2012
  machine=$({ echo "$wanted $code"; nvidia_smi; ls /dev/nvidia[0-9]*
              nvcc_candidates | xargs -d '\n' ls -lL
              cat /proc/driver/nvidia/version /proc/driver/nvidia/gpus/*/information; } 2>/dev/null) || true
  if [[ -f $remembered && $(tail -n +4 -- "$remembered") == "$machine" ]]; then
    { read -r cuda; read -r nvcc; read -r device; } <"$remembered"
    return
  fi
  find_gpu
  if [[ $device ]] && ((device < gpu_minimum)); then
    fail "using a GPU of compute capability $(capability "$device"), where the kernels need $(capability "$gpu_minimum") or newer," \
      "measure the CPU instead: ROOFPROOF_CUDA=OFF $0"
  fi
  find_nvcc "$code"
  if [[ -z $nvcc && ( $gpu || $wanted == ON ) ]]; then
    driver_serves 13 || fail "finding a CUDA toolkit for driver $driver" \
      "bring the driver to ${driver_minimum[13]} or newer, or install CUDA 12.9 $(cuda_by_hand 12-9)"
    install_wheels "the CUDA toolkit" cuda_wheels.txt "$root/build/cuda" \
      "install CUDA 13.0 $(cuda_by_hand 13-0)"
    find_nvcc "$code"
    # No toolkit knows this GPU: the newest that its driver takes PTX of.
    [[ $nvcc ]] || cuda_minimum=13.0 find_nvcc any
    [[ $nvcc ]] || fail "using the CUDA toolkit in $root/build/cuda" \
      "rm -r '$root/build/cuda' and run this again, or install CUDA 13.0 $(cuda_by_hand 13-0)"
  fi
  if [[ $nvcc ]]; then
    cuda=ON
  else
    say "no GPU and no nvcc found: building without CUDA (to build with CUDA: ROOFPROOF_CUDA=ON '$0')"
  fi
  if [[ -z $gpu ]] || compgen -G '/proc/driver/nvidia/gpus/*' >/dev/null; then
    printf '%s\n' "$cuda" "$nvcc" "$device" "$machine" >"$remembered"
  else
    rm -f -- "$remembered"
  fi
}

# --- build ----------------------------------------------------------------------------------------

# below_limit FOLDER LIMIT USAGE KEY: prints how many bytes a control group's memory is below its
# limit, if there is one. The file cache that the kernel takes back first counts as free.
below_limit() {
  local limit used cache
  limit=$(cat "$1/$2" 2>/dev/null) && [[ $limit =~ ^[0-9]+$ ]] || return 0
  used=$(cat "$1/$3" 2>/dev/null) || used=0
  cache=$(awk -v key="$4" '$1 == key { print $2 }' "$1/memory.stat" 2>/dev/null) || cache=0
  used=$((used > cache ? used - cache : 0))
  echo $((limit - used))
}

# groups_below_limit HIERARCHY GROUP: of this control group and of all above it.
groups_below_limit() {
  local group=${2%/}
  while :; do
    below_limit "$1$group" memory.max memory.current inactive_file
    below_limit "$1$group" memory.limit_in_bytes memory.usage_in_bytes total_inactive_file
    [[ $group ]] || return 0
    group=${group%/*}
  done
}

# Prints how many bytes of memory are left to this process: of the machine's, or of a container's.
memory_left() {
  local controllers group
  {
    awk '/^MemAvailable/ { printf "%.0f\n", $2 * 1024 }' "$proc/meminfo"
    while IFS=: read -r _ controllers group; do
      case ,$controllers, in
        ,,)
          groups_below_limit "$cgroups" "$group"
          groups_below_limit "$cgroups/unified" "$group"
          ;;
        *,memory,*) groups_below_limit "$cgroups/memory" "$group" ;;
      esac
    done < <(cat "$proc/self/cgroup" 2>/dev/null)
  } | sort -n | sed -n 1p
}

# nvcc and the optimiser take up to 1.5 GB each.
build_jobs() {
  local memory jobs
  memory=$(($(memory_left) / 1500000000))
  jobs=$(nproc)
  ((memory < jobs)) && jobs=$((memory > 1 ? memory : 1))
  echo "$jobs"
}

# setup_build TESTS DEVICE [TARGET...]: configures for the tests (ON or OFF) and for one compute
# capability (empty: all), and builds the targets (none: everything). A tree that does more than
# is asked for is used as it is: after ./test_all, ./bench_all builds nothing again, but where the
# tests have no machine code for the GPU.
setup_build() {
  local tests=$1 one_device=$2 type=Release common options have='' stamp=$build/setup.options jobs
  local all=" DEVICE="
  shift 2
  ((${one_device:-0} > 90)) && all=" TESTS=OFF DEVICE="
  [[ ${ROOFPROOF_SANITIZE:-} ]] && type=RelWithDebInfo
  common="$root $type CUDA=$cuda:$nvcc SANITIZE=${ROOFPROOF_SANITIZE:-}"
  options="$common WERROR=${ROOFPROOF_WERROR:-OFF} TESTS=$tests DEVICE=$one_device"
  [[ -f $build/build.ninja && -f $stamp ]] && have=$(<"$stamp")
  if [[ $have != "$options" && ! ( $tests == OFF && ( $have == "$common"*"$all" ||
                                                      $have == "$common"*" DEVICE=$one_device" ) ) ]]; then
    rm -rf -- "$stamp" "$build/CMakeCache.txt" "$build"/CMakeFiles/[0-9]*  # no setting survives by accident
    say "configuring ${build##*/} ($type, CUDA $cuda${nvcc:+ with $nvcc}${one_device:+, for compute capability $one_device alone})"
    quiet_step "configuring" "see the message above; cmake must be 3.22 or newer and g++ 11 or newer" \
      cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE="$type" \
      -DROOFPROOF_CUDA="$cuda" ${nvcc:+-DCMAKE_CUDA_COMPILER="$nvcc"} \
      -DROOFPROOF_CUDA_DEVICE="$one_device" -DROOFPROOF_TESTS="$tests" \
      -DROOFPROOF_WERROR="${ROOFPROOF_WERROR:-OFF}" -DROOFPROOF_SANITIZE="${ROOFPROOF_SANITIZE:-}"
    echo "$options" >"$stamp"
  fi
  [[ $(ninja -C "$build" -n "$@" 2>&1 | tail -n 1) == *"no work to do"* ]] && return
  jobs=$(build_jobs)
  say "building in ${build##*/} with $jobs jobs"
  ninja -C "$build" -j "$jobs" "$@" >&2 ||
    fail "building" "see the first error above; if there is none, memory ran out: ninja -C '$build' -j 1"
}
