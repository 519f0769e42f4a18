# SPDX-License-Identifier: LGPL-2.1-or-later
# In the folder of the points: latency.png and rate.png. Who is drawn has one colour
# in both, is drawn where there are points, and stands in the key as high as in the plot.
set terminal pngcairo size 960, 480 font "sans,11" background "white"
set key outside right center Left reverse samplen 2 spacing 1.3
set grid lc rgb "#d8d8d8" lt 1
set border 3 lc rgb "#808080"
set xtics nomirror
set ytics nomirror
set style data linespoints
there(who, what) = int(system("test -s ".what."-".who.".dat && echo 1 || echo 0"))

named(who) = who eq "unix" ? "unix socket alone" : who eq "tcp" ? "TCP alone" : \
	who eq "pcscd" ? "pcscd, null driver" : who eq "yard" ? "pcscd, yardstick" : \
	who eq "ours" ? "pcscd, vpcd, vicc" : who eq "ours-unix" ? "the same, unix socket" : \
	who eq "relay" ? "relay of the same card" : who eq "yard-relay" ? "relay without logic" : \
	"another driver and card"
coloured(who) = who eq "unix" ? 0xb0b0b0 : who eq "tcp" ? 0x707070 : who eq "pcscd" ? 0x000000 : \
	who eq "yard" ? 0xe69f00 : who eq "ours" ? 0x0072b2 : who eq "ours-unix" ? 0x56b4e9 : \
	who eq "relay" ? 0x009e73 : who eq "yard-relay" ? 0xf0c060 : 0xcc79a7
wide(who) = who eq "ours" ? 3 : 1.5
pointed(who) = who eq "ours" ? 7 : who eq "yard" ? 9 : who eq "ours-unix" ? 6 : who eq "relay" ? 5 : \
	who eq "yard-relay" ? 8 : who eq "pcscd" ? 13 : 1

whole = "other relay yard-relay ours ours-unix yard pcscd tcp unix"
drawn = ""
do for [who in whole] { if (there(who, "latency")) { drawn = drawn." ".who } }
set output "latency.png"
set title "A command and its answer: p50 against the answer's size"
set logscale x
set xrange [6:75000]
set yrange [0:*]
set xlabel "bytes"
set ylabel "microseconds"
set xtics (8, 16, 64, 256, "1 K" 1024, "4 K" 4096, "16 K" 16384, "60 K" 61440)
plot for [who in drawn] "latency-".who.".dat" using 1:2 title named(who) \
	lc rgb coloured(who) lw wide(who) pt pointed(who) ps 0.9

whole = "pcscd yard ours other"
drawn = ""
do for [who in whole] { if (there(who, "rate")) { drawn = drawn." ".who } }
set output "rate.png"
set title "GET CHALLENGE in several readers at once, a client each"
set logscale x 2
set xrange [0.9:18]
set yrange [0:*]
set xlabel "readers"
set ylabel "commands per second, all together"
set xtics (1, 2, 4, 8, 16)
plot for [who in drawn] "rate-".who.".dat" using 1:2 title named(who) \
	lc rgb coloured(who) lw wide(who) pt pointed(who) ps 0.9
