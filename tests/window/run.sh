#!/usr/bin/env bash
# The window as a person meets it: a real window on a virtual screen, real typing, real screenshots.
# Usage: tests/window/run.sh PROGRAM [FOLDER FOR SCREENSHOTS]
# Needs Xvfb, xdotool, openbox and ImageMagick's import; installs them where apt-get may.
set -euo pipefail
program=$(readlink -f "$1")
shots=${2:-$(mktemp -d)}
mkdir -p "$shots"
shots=$(readlink -f "$shots")

need() {
  for tool in Xvfb xdotool openbox import; do
    command -v "$tool" > /dev/null || return 1
  done
}
if ! need; then
  apt-get update -qq > /dev/null || true
  apt-get install -y --no-install-recommends xvfb xdotool openbox imagemagick libgl1 libgl1-mesa-dri \
    libegl1 libxkbcommon-x11-0 libx11-xcb1 libxcursor1 libxi6 > /dev/null
fi

home=$(mktemp -d)
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache XDG_DATA_HOME=$home/data
export LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY
# Where no folder `sessions` is: they go to the person's data.
cd "$home"
fail() { echo "window: $*" >&2; import -window root "$shots/failed.png" 2> /dev/null || true; exit 1; }

# Without a display: one line that names the way out.
if message=$(env -u DISPLAY "$program" 2>&1); then fail "a window without a display"; fi
case $message in *"aki-lens ask"*) ;; *) fail "no way out in: $message" ;; esac

pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done; rm -rf "$home"' EXIT

# A screen and a window manager; sets DISPLAY.
number=90
open_screen() {
  number=$((number + 1))
  while [ -e "/tmp/.X$number-lock" ]; do number=$((number + 1)); done
  export DISPLAY=:$number
  # The window manager's frame needs some room of its own.
  Xvfb "$DISPLAY" -screen 0 "$((${1%x*} + 20))x$((${1#*x} + 60))x24" -nolisten tcp +extension GLX 2> /dev/null & pids+=($!)
  for _ in $(seq 100); do xdotool getdisplaygeometry > /dev/null 2>&1 && break; sleep 0.1; done
  openbox 2> /dev/null & pids+=($!)
}
# The program in a window of that size, or of the size that it has by itself; sets window.
open_window() {
  "$program" 2> "$shots/stderr.txt" & app=$!; pids+=($app)
  window=
  for _ in $(seq 600); do
    kill -0 "$app" 2> /dev/null || fail "the program ended: $(cat "$shots/stderr.txt")"
    window=$(xdotool search --onlyvisible --name '^aki-lens$' 2> /dev/null | head -n 1) && [ -n "$window" ] && break
    sleep 0.1
  done
  [ -n "$window" ] || fail "no window came"
  [ -z "${1:-}" ] || xdotool windowsize --sync "$window" ${1/x/ } windowmove "$window" 0 0
}
shot() { sleep "${2:-1}"; import -window "$window" "$shots/$1.png"; }
# Gives the program time to do what it was told: until it rests, and no longer than a caret that blinks
# would have it wait.
calm() {
  sleep 1
  for _ in $(seq 5); do
    before=$(ticks); sleep 1
    [ "$(($(ticks) - before))" -gt 2 ] || return 0
  done
}
ticks() { awk '{ print $14 + $15 }' "/proc/$app/stat"; }
# A click at a place of the window.
press() { xdotool mousemove --window "$window" "$1" "$2" click 1; }
differ() { ! cmp -s "$shots/$1.png" "$shots/$2.png" || fail "$1 and $2 look the same"; }
quit() { xdotool key --window "$window" ctrl+q; wait "$app" || fail "the program did not end well: $(cat "$shots/stderr.txt")"; }
close() { xdotool windowclose "$window" 2> /dev/null || true; kill "$app" 2> /dev/null || true; wait "$app" 2> /dev/null || true; }

open_screen 1280x800
# From the start of the program to a screen on which maps are drawn: inferno's largest value is a pale yellow.
sleep 1
started=$(date +%s%N)
"$program" 2> "$shots/stderr.txt" & app=$!; pids+=($app)
for _ in $(seq 600); do
  kill -0 "$app" 2> /dev/null || fail "the program ended: $(cat "$shots/stderr.txt")"
  seen=$(date +%s%N)
  import -window root -depth 8 rgb:- | LC_ALL=C grep -aP '\xfc\xff\xa4' > /dev/null && break
  seen=
done
[ -n "$seen" ] || fail "no map came"
echo "start to the first maps on the screen: $(((seen - started) / 1000000)) ms, seen every $((($(date +%s%N) - seen) / 1000000)) ms"
kill "$app" 2> /dev/null; wait "$app" 2> /dev/null || true

open_window 1280x800
shot first "${WAIT:-12}"
xdotool key --window "$window" question; shot keys
xdotool key --window "$window" Escape; sleep 0.5
xdotool key --window "$window" ctrl+l; sleep 0.5
xdotool key --window "$window" ctrl+a
xdotool type --window "$window" --delay 30 'How many things are there?'
shot typed
xdotool key --window "$window" Return
shot asked 6
differ first asked
differ typed asked
xdotool key --window "$window" ctrl+d; shot light
differ asked light

# Nothing happens, so nothing is computed.
xdotool mousemove 2 2
for _ in $(seq 12); do
  before=$(ticks); sleep 5; spent=$(($(ticks) - before))
  [ "$spent" -gt 15 ] || break
done
echo "idle: $spent ticks of processor time in 5 s"
[ "$spent" -le 15 ] || fail "the idle window works"
# Killed at any moment it loses no run: the question that was asked is on disk, whole, and can be opened again.
sessions=$XDG_DATA_HOME/aki-lens/sessions
n_runs() { find "$sessions" -path '*/runs/[0-9]*/run.json' 2> /dev/null | wc -l; }
awk '/VmRSS/ { printf "memory with the embedded model: %.0f MB\n", $2 / 1024 }' "/proc/$app/status"
# The example and the question; the example's run came by itself and is kept since something was done with it.
[ "$(n_runs)" = 2 ] || fail "$(n_runs) runs on disk instead of 2"
kill -9 "$app"; wait "$app" 2> /dev/null || true
[ "$(n_runs)" = 2 ] || fail "a kill lost a run"
session=$(dirname "$(find "$sessions" -name session.json)")

open_window 1280x800
sleep "${WAIT:-12}"; calm
[ "$(n_runs)" = 2 ] || fail "a window that was only opened keeps its example"
# The list of sessions by the palette, its first row by the pointer; another question goes on in that session.
xdotool key --window "$window" ctrl+p; calm
xdotool type --window "$window" --delay 30 'show: sessions'; calm
xdotool key --window "$window" Return; calm
press 900 518; calm; shot reopened
xdotool key --window "$window" ctrl+l; calm
xdotool key --window "$window" ctrl+a; calm
xdotool type --window "$window" --delay 30 'Is there a cup?'
xdotool key --window "$window" Return
for _ in $(seq 120); do [ "$(n_runs)" = 3 ] && break; sleep 0.5; done
[ -e "$session/runs/0003-mma/run.json" ] || fail "the killed session was not opened again: $(ls "$sessions")"
echo "killed and opened again: $(n_runs) runs in $(basename "$session")"

# The next window is as this one was left: its size, its look, the panel that was chosen.
xdotool key --window "$window" Escape; calm
xdotool windowsize --sync "$window" 1180 760; calm
xdotool key --window "$window" ctrl+p; calm
xdotool type --window "$window" --delay 30 'show: sinks'; calm
xdotool key --window "$window" Return; calm
size() { xdotool getwindowgeometry --shell "$window" | grep -E '^(WIDTH|HEIGHT)='; }
left=$(size); shot left
quit
open_window
sleep "${WAIT:-12}"; calm; shot again
[ "$(size)" = "$left" ] || fail "the window was left with $left and came back with $(size)"
echo "left and opened again: $(echo $left)"

close

echo "window: ok; screenshots in $shots"
