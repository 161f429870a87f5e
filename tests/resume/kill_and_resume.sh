#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Nothing is lost: kills `graft train` with SIGKILL at random moments, resumes it each time, and compares the model
# with that of a run that was never disturbed, byte for byte.
#   kill_and_resume.sh GRAFT PHOTOS KILLS [more options of graft train...]
# All runs have the same thread count (OMP_NUM_THREADS, default 1). Exit code 0: equal; 77: no photos.
set -euo pipefail
graft=$1 photos=$2 kills=$3
shift 3
[[ -d $photos ]] || { echo "skipped: there are no photos in $photos; set GRAFT_DATA to the data folder"; exit 77; }
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
options=("$photos" --quiet --checkpoint-seconds 0 "$@")

start=$(date +%s%N)
"$graft" train "${options[@]}" --out "$folder/undisturbed" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
length=$((($(date +%s%N) - start) / 1000000))
echo "the undisturbed run took $length ms"

# A killed run starts over with what it can recompute, so later kills may come at any time of such a start.
resume=()
killed=0
for ((i = 0; i < kills; ++i)); do
  "$graft" train "${options[@]}" --out "$folder/killed" "${resume[@]}" >"$folder/log" 2>&1 &
  pid=$!
  wait_ms=$(((RANDOM * 32768 + RANDOM) % length))
  sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
  if kill -9 "$pid" 2>/dev/null; then
    killed=$((killed + 1))
    wait "$pid" 2>/dev/null || true
    state=none
    [[ -f $folder/killed/unfinished.state ]] && state=$(stat -c %s "$folder/killed/unfinished.state")
    echo "kill $killed after $wait_ms ms; state: $state bytes"
  else
    wait "$pid" || { cat "$folder/log"; exit 1; }
    cmp "$folder/undisturbed/model.keras" "$folder/killed/model.keras"
    echo "a run was complete after $killed kills and equal; the next starts anew"
    rm -rf "$folder/killed"
    resume=()
    continue
  fi
  resume=(--resume)
done
"$graft" train "${options[@]}" --out "$folder/killed" "${resume[@]}" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cmp "$folder/undisturbed/model.keras" "$folder/killed/model.keras"
[[ ! -e $folder/killed/unfinished.state ]] || { echo "a complete run left its state behind"; exit 1; }
echo "equal after $killed kills"
