#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills `graft train` with SIGKILL at random moments, resumes it each time, and compares the model with that of an
# undisturbed run, byte for byte.
#   kill_and_resume.sh GRAFT PHOTOS KILLS [more options of graft train...]
# All runs have the same thread count (OMP_NUM_THREADS, default 1). Moments are drawn from SEED (default: the time),
# which is printed. Exit code 0: equal; 77: no photos.
set -euo pipefail
graft=$1 photos=$2 kills=$3
shift 3
[[ -d $photos ]] || { echo "skipped: there are no photos in $photos; set GRAFT_DATA to the data folder"; exit 77; }
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
seed=${SEED:-$(date +%s)}
RANDOM=$seed
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
options=("$photos" --checkpoint-seconds 0 "$@")

start=$(date +%s%N)
"$graft" train "${options[@]}" --out "$folder/undisturbed" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
length=$((($(date +%s%N) - start) / 1000000))
echo "seed $seed; the undisturbed run took $length ms"

killed=0 completed=0
declare -A during

# The position of the run when it was killed: by its output, and by the files in its folder.
note_kill() {
  local writing state=no
  writing=$(find "$folder" -name '.*.tmp' -newer "$folder/begun" -printf '%f\n' 2>/dev/null |
            sed -E 's/^\.(.*)\.[0-9]+\.[0-9]+\.tmp$/\1/' | sort -u | paste -sd ' ') || true
  [[ -f $folder/killed/unfinished.state ]] && state=a
  local stage
  stage=$(grep -oE 'epoch [0-9]+|features, validation|features|photos|head|fine-tuning' "$folder/log" | tail -1) || true
  stage=${stage%% [0-9]*}
  local key=${writing:+while writing $writing}
  key=${key:-after \'${stage:-nothing}\' was shown}
  during[$key]=$((${during[$key]:-0} + 1))
  echo "kill $killed after $1 ms, $key, $state state"
}

finish() {  # checks what a complete run must leave
  cmp "$folder/undisturbed/model.keras" "$folder/killed/model.keras"
  [[ ! -e $folder/killed/unfinished.state ]] || { echo "a complete run left its state behind"; exit 1; }
  [[ -z $(find "$folder/killed" -name '.*.tmp') ]] || { echo "a complete run left temporary files behind"; exit 1; }
  completed=$((completed + 1))
}

resume=()
while ((killed < kills)); do
  touch "$folder/begun"
  "$graft" train "${options[@]}" --out "$folder/killed" "${resume[@]}" >"$folder/log" 2>&1 &
  pid=$!
  # A resumed run has less to do: its moments are drawn from a shorter time, so that few runs are complete before.
  within=$((${#resume[@]} > 0 ? length * 2 / 3 : length))
  wait_ms=$(((RANDOM * 32768 + RANDOM) % within))
  sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
  if kill -9 "$pid" 2>/dev/null; then
    wait "$pid" 2>/dev/null && code=0 || code=$?
    # It may have ended in between.
    if ((code == 137)); then
      killed=$((killed + 1))
      note_kill "$wait_ms"
      resume=(--resume)
      continue
    fi
  fi
  wait "$pid" 2>/dev/null && code=0 || code=${code:-$?}
  ((code == 0)) || { cat "$folder/log"; exit 1; }
  finish
  echo "a run was complete after $killed kills and equal; the next starts from the beginning"
  rm -rf "$folder/killed"
  resume=()
done
"$graft" train "${options[@]}" --out "$folder/killed" "${resume[@]}" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
finish
for key in "${!during[@]}"; do echo "  ${during[$key]} × $key"; done | sort -rn -k1
echo "equal after $killed kills; $completed runs were complete, each equal to the undisturbed one"
