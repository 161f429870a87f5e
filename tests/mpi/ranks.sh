#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Several ranks of the real program by mpirun: the same files from any number of them; a rank that is killed or that
# differs ends all; a killed run continues with another number.
#   tests/mpi/ranks.sh GRAFT [LAUNCHER]      LAUNCHER: of the MPI that GRAFT was built with; mpirun
# Passes with Open MPI and with MPICH, whose launchers say and return other things where a rank dies.
# GRAFT_FULL_TESTS=yes: with 1, 2, 3 and 4 ranks, and numbers, and each rank killed in turn; takes four times as long.
set -uo pipefail
graft=$1
launcher=${2:-mpirun}
# Root and few cores are no reason to refuse; options would differ between MPIs.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
command -v "$launcher" >/dev/null || { echo "skipped: there is no $launcher"; exit 77; }
if "$launcher" --version 2>&1 | grep -qi "open.*mpi"; then open_mpi=yes; else open_mpi=no; fi
folder=$(mktemp -d) || exit 1
cleanup() { rm -rf "$folder"; }
trap cleanup EXIT
cd "$folder" || exit 1
full=${GRAFT_FULL_TESTS:-no}
failed=0
broken() { echo "FAILED: $*"; failed=1; }

# Pictures of three colours with noise, as PPM.
for class in red green blue; do
  mkdir -p "photos/$class"
  for i in {1..24}; do
    awk -v class=$class -v seed="$i" 'BEGIN {
      srand(seed + length(class) * 100); print "P3\n40 40\n255"
      for (p = 0; p < 1600; ++p) {
        r = int(rand() * 120); g = int(rand() * 120); b = int(rand() * 120)
        if (class == "red") r += 90; if (class == "green") g += 90; if (class == "blue") b += 90
        print r, g, b } }' >"photos/$class/$i.ppm"
  done
done
echo "not a picture" >photos/red/broken.jpg

train() { # COUNT OUT ARGUMENTS...
  local count=$1 out=$2
  shift 2
  timeout 300 "$launcher" -n "$count" "$graft" train photos --precision float32 --out "$out" "$@" </dev/null >"$out.out" 2>"$out.err"
}

untrained=(--model mobilenet_v2 --weights none --image-size 32)
tutorial=("${untrained[@]}" --recipe tutorial --epochs 2 --fine-tune-epochs 2 --batch-size 32 --augment strong,mixup)
train 1 first "${tutorial[@]}"
if grep -q "built without MPI" first.err; then echo "skipped: graft was built without MPI"; exit 77; fi

same_files() { # NAME COUNTS ARGUMENTS...
  local name=$1 counts=$2 count file
  shift 2
  for count in $counts; do
    train $count "$name-$count" "$@"
    local code=$?
    # 1: a photo could not be read.
    ((code <= 1)) || { broken "$name, $count ranks: exit code $code"; cat "$name-$count.err"; return; }
    grep -q "^$count rank.* on 1 machine, 1 thread" "$name-$count.err" || broken "$name: no line about $count ranks"
    (($(grep -c "^split" "$name-$count.err") == 1)) || broken "$name, $count ranks: not one rank that prints"
    for file in model.keras history.csv predictions.csv; do
      cmp "$name-1/$file" "$name-$count/$file" || broken "$name: $file of $count ranks differs"
    done
    # Several labels have none yet.
    [[ $name == several || -f $name-$count/report.html ]] || broken "$name, $count ranks: no report"
  done
  echo "$name: $counts ranks wrote the same files"
}

counts="1 3" victims=1
if [[ $full == yes ]]; then counts="1 2 3 4" victims="0 1 2"; fi
same_files tutorial "$counts" "${tutorial[@]}"
[[ $full == no ]] || same_files automatic "1 3" "${untrained[@]}" --always-fine-tune --epochs 2
# A network of the user, from scratch: BatchNormalization in training mode, dropout.
layer() { # CLASS NAME INPUT CONFIG: a layer as Keras 2 writes it
  local inputs="[[[\"$3\", 0, 0, {}]]]"
  [[ -n $3 ]] || inputs="[]"
  echo "{\"class_name\": \"$1\", \"name\": \"$2\", \"config\": {\"name\": \"$2\"${4:+, $4}}, \"inbound_nodes\": $inputs}"
}
{
  echo '{"class_name": "Functional", "config": {"name": "own", "layers": ['
  layer InputLayer image "" '"batch_input_shape": [null, 32, 32, 3]'; echo ,
  layer Rescaling scale image '"scale": 0.00392156862745098'; echo ,
  layer Conv2D conv scale '"filters": 8, "kernel_size": [3, 3]'; echo ,
  layer BatchNormalization bn conv; echo ,
  layer ReLU relu bn; echo ,
  layer GlobalAveragePooling2D pool relu; echo ,
  layer Dropout dropout pool '"rate": 0.2'; echo ,
  layer Dense head dropout '"units": 3, "activation": "softmax"'
  echo '], "input_layers": [["image", 0, 0]], "output_layers": [["head", 0, 0]]}}'
} >network.json
same_files network "$counts" --model network.json --epochs 3 --batch-size 24

# Numbers, and several labels a photo.
{
  echo "file,redness,labels"
  for class in red green blue; do
    for i in {1..24}; do echo "$class/$i.ppm,$((i * 3 + ${#class})).5,$class;$((i % 2 ? 1 : 2)) of two"; done
  done
} >labels.csv
[[ $full == no ]] || same_files numbers "1 2" "${untrained[@]}" --labels labels.csv --target-column redness
same_files several "1 2" "${untrained[@]}" --labels labels.csv --multi-label --columns path=file,label=labels

# Ranks with other settings.
timeout 60 "$launcher" -n 1 "$graft" train photos "${untrained[@]}" --out other --seed 1 \
  : -n 1 "$graft" train photos "${untrained[@]}" --out other --seed 2 \
  </dev/null >other.out 2>other.err
code=$?
((code == 2)) || [[ $open_mpi == no && $code -ne 0 ]] || broken "other settings: exit code $code"
grep -q "^graft: rank [01] of 2 on .*: rank 1 of 2 on .* differs from rank 0 on .* in the options" other.err ||
  { broken "other settings: no message"; cat other.err; }
(($(grep -c "^graft:" other.err) == 1)) || broken "other settings: more than one message"
[[ -e other ]] && broken "other settings: a folder was written"

# A later round, divided; and ranks with other photos.
same_files round "1 2" --from tutorial-1 --epochs 2
cp -r photos others && mv others/red/1.ppm others/red/100.ppm
timeout 60 "$launcher" -n 1 "$graft" train photos --from tutorial-1 --out other \
  : -n 1 "$graft" train others --from tutorial-1 --out other </dev/null >other.out 2>other.err
code=$?
((code == 2)) || [[ $open_mpi == no && $code -ne 0 ]] || broken "other photos: exit code $code"
grep -q "differs from rank 0 on .* in the list of photos" other.err || { broken "other photos: no message"; cat other.err; }

# Gradients in 16 bits: other files, the same from any number of ranks.
same_files bfloat16 "1 2" "${tutorial[@]}" --exchange bfloat16
cmp -s tutorial-1/model.keras bfloat16-1/model.keras && broken "bfloat16: the weights are those of float32"
"$graft" train photos "${untrained[@]}" --out alone --exchange bfloat16 >alone.out 2>alone.err
(($? == 2)) || broken "bfloat16 in one process: not refused"

# Where the time went.
train 2 timed "${tutorial[@]}" --json
grep -q '"waiting_share"' timed.out || { broken "--json: no waiting_share"; cat timed.out; }
tr -s "\n " " " <timed.err | grep -q "of training steps .* % was waiting" || { broken "no line about waiting"; cat timed.err; }

# A wrong option: one message.
train 3 wrong "${untrained[@]}" --budget 10
(($(grep -c "^graft:" wrong.err) == 1)) || { broken "a wrong option: not one message"; cat wrong.err; }
grep -q "budget: not possible with several ranks" wrong.err || broken "a wrong option: no message"

# kill -9 of each rank in turn; the last state is kept and continues with another number of ranks.
long=("${untrained[@]}" --recipe tutorial --epochs 8 --fine-tune-epochs 8 --checkpoint-seconds 0 --augment strong)
train 1 whole "${long[@]}"
# Ranks are below the launcher, or below a process of it; the launcher is below timeout.
all_below() { # PROCESS
  local child
  for child in $(pgrep -P "$1"); do echo "$child"; all_below "$child"; done
}
for victim in $victims; do
  rm -rf killed
  timeout 300 "$launcher" -n 3 "$graft" train photos --precision float32 --out killed "${long[@]}" </dev/null >killed.out 2>killed.err &
  run=$!
  for _ in {1..600}; do [[ -f killed/unfinished.state ]] && break; sleep 0.05; done
  for rank in $(all_below $run); do
    tr '\0' '\n' <"/proc/$rank/environ" 2>/dev/null | grep -qE "^(OMPI_COMM_WORLD_RANK|PMI_RANK)=$victim$" && kill -9 "$rank"
  done
  begin=$SECONDS
  wait $run
  code=$?
  ((code != 0 && code != 124)) || broken "kill of rank $victim: exit code $code"
  ((SECONDS - begin <= 5)) || broken "kill of rank $victim: the others ended after $((SECONDS - begin)) s"
  # MPICH's launcher names the process and the machine.
  cat killed.out killed.err | grep -qiE "rank $victim|PID .* RUNNING AT" ||
    { broken "kill of rank $victim: no message names it"; cat killed.out killed.err; }
  pgrep -f "$graft train photos.*--out killed" >/dev/null && broken "kill of rank $victim: a rank is left"
  [[ -f killed/unfinished.state ]] || broken "kill of rank $victim: no state is left"
  train $((victim + 1)) killed "${long[@]}" --resume
  grep -q "continuing from" killed.err || { broken "kill of rank $victim: not continued"; cat killed.err; }
  cmp whole/model.keras killed/model.keras || broken "kill of rank $victim: continued by $((victim + 1)) to other weights"
  cmp whole/history.csv killed/history.csv || broken "kill of rank $victim: continued to another history"
  ((failed)) || echo "rank $victim killed: ended in $((SECONDS - begin)) s with the resumed run, same weights"
done
exit $failed
