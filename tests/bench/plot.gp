# SPDX-License-Identifier: LGPL-2.1-or-later
# In the folder of the points: latency.png and rate.png.
set terminal pngcairo size 1000, 640 font "sans,12" background "white"
set key left top
set grid
set colorsequence podo
set style data linespoints
there(who, what) = int(system("test -s ".what."-".who.".dat && echo 1 || echo 0"))

whole = "unix tcp pcscd yard ours ours-unix relay other"
named(who) = who eq "unix" ? "unix socket alone" : who eq "tcp" ? "TCP alone" : \
	who eq "pcscd" ? "pcscd, null driver" : who eq "yard" ? "pcscd, yardstick" : \
	who eq "ours" ? "pcscd, vpcd, vicc" : who eq "ours-unix" ? "pcscd, vpcd by unix socket, vicc" : \
	who eq "relay" ? "relay of the same card" : "another driver and card"

drawn = ""
do for [who in whole] { if (there(who, "latency")) { drawn = drawn." ".who } }
set output "latency.png"
set title "A command and its answer: p50 against the answer's size"
set logscale xy
set xrange [6:90000]
set yrange [5:*]
set xlabel "bytes"
set ylabel "microseconds"
set xtics (8, 16, 64, 256, "1 K" 1024, "4 K" 4096, "16 K" 16384, "60 K" 61440)
plot for [who in drawn] "latency-".who.".dat" using 1:2 title named(who) lw 2

drawn = ""
do for [who in whole] { if (there(who, "rate")) { drawn = drawn." ".who } }
set output "rate.png"
set title "GET CHALLENGE in several readers at once, a client each"
unset logscale y
set logscale x 2
set xrange [0.9:18]
set yrange [0:*]
set key left bottom
set xlabel "readers"
set ylabel "commands per second, all together"
set xtics (1, 2, 4, 8, 16)
plot for [who in drawn] "rate-".who.".dat" using 1:2 title named(who) lw 2
