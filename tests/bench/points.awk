# SPDX-License-Identifier: LGPL-2.1-or-later
# From results.csv what plot.gp draws: out/latency-WHO.dat (bytes, p50, p99) and out/rate-WHO.dat.
BEGIN { FS = "," }
$1 == "op" && $3 ~ /^(READ|GET CHALLENGE) [0-9]+$/ {
	n = split($3, word, " ")
	print word[n], $6, $7 >out "/latency-" $2 ".dat"
}
$1 == "rate" {
	sum[$2, $3] += $4
	n_rate[$2, $3]++
	readers[$3] = who[$2] = 1
}
END {
	for (w in who)
		for (r = 1; r <= 64; r++)
			if (r in readers)
				print r, sum[w, r] / n_rate[w, r] >out "/rate-" w ".dat"
}
