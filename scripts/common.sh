# shellcheck shell=bash
# Shared by the scripts: paths, messages, builds. Sourced, never run.
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export project

# Another clone of the same sources can use the same compiler cache.
export CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' yellow=$'\e[33m' plain=$'\e[0m'
else
  bold='' red='' yellow='' plain=''
fi

# Messages go to stderr: stdout is for results.
say() { printf '%s\n' "$*" >&2; }
step() { printf '%s%s%s\n' "$bold" "$*" "$plain" >&2; }
warn() { printf '%s%s%s\n' "$yellow" "$*" "$plain" >&2; }
die() {
  printf '%s%s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}

# quietly WHAT LOG COMMAND...: runs the command with its output in LOG; shows the end of the log only if it fails.
quietly() {
  local what=$1 log=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    warn "$what failed. The whole output is in $log"
    return 1
  fi
}

# Jobs to build with: one per core, but at most one per 1.5 GiB of free memory, which a compiler may need.
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
  ((memory < 1)) && memory=1
  echo $((cores < memory ? cores : memory))
}

# Folder for downloads: weights and sample photos.
cache_folder() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/graft"; }

# For the first configuration of a build that is not for development: the sources of a module are compiled as one, those of
# tests eight at a time: see docs/decisions/0020-several-sources-as-one.md.
# shellcheck disable=SC2034
together=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=8)
