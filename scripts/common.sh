# shellcheck shell=bash
# What the scripts share: where the project is, how they speak. Sourced, never run.
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export project

# The compiler cache serves another clone of the same sources too.
export CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' yellow=$'\e[33m' plain=$'\e[0m'
else
  bold='' red='' yellow='' plain=''
fi

# All talk goes to stderr: stdout is for results.
say() { printf '%s\n' "$*" >&2; }
step() { printf '%s%s%s\n' "$bold" "$*" "$plain" >&2; }
warn() { printf '%s%s%s\n' "$yellow" "$*" "$plain" >&2; }
die() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# quietly WHAT LOG COMMAND...: runs the command into LOG; shows the log's end only when it fails.
quietly() {
  local what=$1 log=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    warn "$what failed. All it said is in $log"
    return 1
  fi
}

# Threads to build with: one a core, but no more than one per 1.5 GiB of free memory, which a compiler may take.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
  ((memory < 1)) && memory=1
  echo $((cores < memory ? cores : memory))
}

# Folder for what was fetched once: weights and sample photos.
cache_folder() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/graft"; }

# For the first configuration of a build that nobody will edit in: see docs/decisions/0020-several-sources-as-one.md.
# shellcheck disable=SC2034
together=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=8)
