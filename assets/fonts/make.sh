#!/usr/bin/env bash
# Makes the bundled font from Arimo-Regular.ttf (argument 1): the characters of European languages and of formulas,
# without hinting, which the rasterizer does not use. Needs fonttools 4.68.0 (pip install fonttools).
set -euo pipefail
pyftsubset "$1" \
  --unicodes="U+0020-007E,U+00A0-024F,U+02C6-02DD,U+0370-03FF,U+0400-045F,U+0490-0491,U+1E00-1EFF,U+2010-2027,U+2030-203A,U+2044,U+2070-209C,U+20AC,U+2122,U+2190-2195,U+2202-2265,U+25CA,U+FFFD" \
  --no-hinting --layout-features='kern,mark,mkmk,ccmp,locl' --notdef-outline \
  --name-IDs='*' --name-languages='*' \
  --output-file="$(dirname "$0")/Arimo-Regular-subset.ttf"
