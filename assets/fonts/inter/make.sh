#!/usr/bin/env bash
# Makes the window's fonts from the folder with Inter-Regular.otf and Inter-SemiBold.otf (argument 1).
# Needs fonttools (pip install fonttools).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for weight in Regular SemiBold; do
  pyftsubset "$1/Inter-$weight.otf" \
    --unicodes="U+0020-007E,U+00A0-024F,U+0370-03FF,U+0400-045F,U+2010-2027,U+2030-203A,U+2044,U+2070-209C,U+20AC,U+2122,U+2190-2199,U+21E7,U+2202-2265,U+2318,U+2325,U+23CE,U+25A0-25FF,U+2713,U+2715,U+2717,U+FFFD" \
    --no-hinting --desubroutinize --layout-features='kern,mark,mkmk,ccmp,locl' --notdef-outline \
    --output-file="$here/Inter-$weight-subset.otf"
done
