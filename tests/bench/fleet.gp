# SPDX-License-Identifier: LGPL-2.1-or-later
# fleet.csv as a plot: what n cards, and n pods, take together.
set terminal pngcairo size 900,500
set output "fleet.png"
set datafile separator ","
set logscale xy
set xlabel "cards, or pods of pcscd and a card, at once"
set ylabel "MiB in all"
set y2label "ms until all have answered"
set logscale y2
set ytics nomirror
set y2tics
set key top left
set grid
plot "< grep ^cards, fleet.csv" using 2:($2*$5) with linespoints title "cards: MiB", \
     "< grep ^pods, fleet.csv" using 2:($2*$5) with linespoints title "pods: MiB", \
     "< grep ^cards, fleet.csv" using 2:3 axes x1y2 with linespoints dt 2 title "cards: ms", \
     "< grep ^pods, fleet.csv" using 2:3 axes x1y2 with linespoints dt 2 title "pods: ms"
