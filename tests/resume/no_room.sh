#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A full disk, a limit on files and a folder that cannot be written to end `graft train` with exit code 6 and a message
# that gives the reason, leave no half-written file, and keep the last good state: with room again, --resume continues
# from it to the weights of an undisturbed run.
#   no_room.sh GRAFT
# Needs no photos: it draws its own. A full disk and, for root, a read-only folder need a private mount (unshare); where
# mounting is not allowed those parts are skipped with a message.
set -euo pipefail
graft=$(realpath "$1")
export OMP_NUM_THREADS=1
if [[ ${2:-} != mounted ]]; then
  if unshare -rm true 2>/dev/null; then
    exec unshare -rm "$0" "$graft" mounted
  elif unshare -m true 2>/dev/null; then
    exec unshare -m "$0" "$graft" mounted
  fi
fi
folder=$(mktemp -d)
can_mount=no
mkdir "$folder/disk"
mount -t tmpfs -o size=2m none "$folder/disk" 2>/dev/null && can_mount=yes
cleanup() {
  umount "$folder/disk" 2>/dev/null || true
  umount "$folder/locked" 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder"

die() { echo "FAILED: $*"; [[ -f log ]] && cat log; exit 1; }
for i in {10..25}; do
  for colour in red blue; do
    mkdir -p photos/$colour
    pixel=$([[ $colour == red ]] && printf '\\xc0\\x%s\\x05' "$i" || printf '\\x05\\x%s\\xc0' "$i")
    { printf 'P6\n8 8\n255\n'; for _ in {1..64}; do printf "%b" "$pixel"; done; } >photos/$colour/$i.ppm
  done
done
cat >net.json <<'END'
{"module": "keras", "class_name": "Sequential", "config": {"name": "small", "layers": [
  {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 8, 8, 3], "name": "image"}},
  {"module": "keras.layers", "class_name": "Flatten", "config": {"name": "flatten"}},
  {"module": "keras.layers", "class_name": "Dense", "config": {"name": "hidden", "units": 32, "activation": "relu"}},
  {"module": "keras.layers", "class_name": "Dense", "config": {"name": "head", "units": 2, "activation": "softmax"}}]}}
END
options=(photos --model net.json --batch-size 4 --learning-rate 1e-6 --checkpoint-seconds 0)

# What must be so after a run that had no room: code 6, a message with these words, nothing half written.
expect_failure() {  # CODE WORDS FOLDER
  [[ $1 == 6 ]] || die "expected exit code 6, received $1"
  grep -q "$2" log || die "expected a message with '$2'"
  [[ ! -e $3/model.keras ]] || die "there is a model after all"
  [[ -z $(find "$3" "$(dirname "$3")" -maxdepth 1 -name '.*.tmp' 2>/dev/null) ]] || die "temporary files are left"
}

# 1. A limit on the size of files: smaller than the model, and than the first saving of the state.
code=0
(ulimit -f 8; exec "$graft" train "${options[@]}" --epochs 2 --out limited) >log 2>&1 || code=$?
expect_failure $code "File too large" limited
echo "limit on files: exit code 6, $(grep -o 'graft: .*' log)"

# 2. A folder that cannot be written to is found before anything is trained.
mkdir locked
locked=yes
if [[ $(id -u) == 0 ]]; then
  { mount --bind locked locked && mount -o remount,ro,bind locked; } 2>/dev/null || locked=no
else
  chmod 555 locked
fi
if [[ $locked == yes ]]; then
  code=0
  "$graft" train "${options[@]}" --epochs 2 --out locked/run >log 2>&1 || code=$?
  expect_failure $code "cannot write to" locked/run
  ! grep -q "epoch" log || die "it trained before it noticed"
  echo "read-only folder: exit code 6, $(grep -o 'graft: .*' log)"
else
  echo "left out: a read-only folder; root may write anywhere, and mounting is not allowed here"
fi

# 3. The disk becomes full while training; with room again the run is resumed.
if [[ $can_mount == yes ]]; then
  "$graft" train "${options[@]}" --epochs 300 --out undisturbed >log 2>&1 || die "the undisturbed run"
  code=0
  "$graft" train "${options[@]}" --epochs 300 --out disk/run >log 2>&1 &
  pid=$!
  until [[ -f disk/run/unfinished.state ]]; do sleep 0.01; done
  dd if=/dev/zero of=disk/filler bs=1k status=none 2>/dev/null || true
  wait $pid || code=$?
  expect_failure $code "No space left on device" disk/run
  [[ -s disk/run/unfinished.state ]] || die "the last good state is gone"
  epoch=$(grep -c "training epoch" log) || true
  ((epoch < 300)) || die "the disk became full too late to show anything"
  echo "full disk after $epoch epochs: exit code 6, $(grep -o 'graft: .*' log)"
  rm disk/filler
  "$graft" train "${options[@]}" --epochs 300 --out disk/run --resume >log 2>&1 || die "resuming"
  grep -qE "(going on|resuming|continuing|resumed) from" log || die "it did not resume from the state"
  cmp undisturbed/model.keras disk/run/model.keras || die "the weights differ"
  [[ ! -e disk/run/unfinished.state ]] || die "the state is still there"
  echo "with room again: equal to the undisturbed run"
else
  echo "left out: a full disk; mounting is not allowed here"
fi
