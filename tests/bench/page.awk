# SPDX-License-Identifier: LGPL-2.1-or-later
# results.csv, then table.txt, as the figures of doc/speed.md.
FNR == 1 { file++ }
file == 1 {
	split($0, f, ",")
	if (f[1] == "op")
		op[f[3], f[2]] = sprintf("%.1f (%.1f)", f[6], f[7])
	if (f[1] == "rate") {
		rate[f[3], f[2]] = rate[f[3], f[2]] " " f[4]
		readers[f[3]] = 1
	}
	next
}
FNR <= 2 {
	sub(/\.$/, "")
	head = head (FNR == 1 ? "" : "; ") $0
}
/^what is wanted/ { wanted = 1 }
# what it is about, the value, "at most" or "at least" this
wanted && / at (most|least) / {
	ok = / NOT MET$/ ? "**no**" : / met$/ ? "yes" : "-"
	match($0, / +[0-9.e+-]+ +at (most|least) +[0-9.]+/)
	text = substr($0, 1, RSTART - 1)
	sub(/^ +/, "", text)
	split(substr($0, RSTART, RLENGTH), f, " ")
	targets = targets "| " text " | " (f[1] == "-" ? "-" : f[1] + 0) " | " f[2] " " f[3] " " f[4] " | " ok " |\n"
}

function row(what,    i, line, any) {
	for (i = 1; i <= n; i++) {
		if ((what, who[i]) in op)
			any = 1
		line = line " " ((what, who[i]) in op ? op[what, who[i]] : "-") " |"
	}
	if (any)
		print "| " what " |" line
}

function table(first, whos, names, rows,    what, m, i, list) {
	n = split(whos, who, ",")
	print "\n| " first " |" names
	printf "|---|"
	for (i = 1; i <= n; i++)
		printf "--:|"
	print ""
	m = split(rows, list, ",")
	for (i = 1; i <= m; i++)
		row(list[i])
}

END {
	print head ".\n\n![latency](latency.png)\n\n![rate](rate.png)"
	table("microseconds, p50 (p99)", "pcscd,yard,ours,ours-unix,relay",
		" pcscd, null driver | yardstick | vpcd and vicc | by a unix socket | relay of that card |",
		"GET CHALLENGE 8,READ 16,READ 256,READ 4096,READ 61440,UPDATE 128,UPDATE 61440,reset,connect and GET CHALLENGE,GetStatusChange")
	table("microseconds, p50 (p99)", "openssl,socket,ours,piv,cac",
		" openssl speed | vicc, by its socket | through PC/SC | a PIV card, through PC/SC | a CAC |", "sign RSA-2048,sign P-256")
	table("microseconds, p50 (p99)", "pcscd,yard,piv",
		" pcscd, null driver | yardstick | a PIV card, through PC/SC |", "GET DATA 3072")
	table("microseconds, p50 (p99)", "yard,cac", " yardstick | a CAC, through PC/SC |", "READ BUFFER 2160")
	table("microseconds, p50 (p99)", "ours", " |",
		"insertion,removal,exec to ATR,exec to first answer")
	print "\n| readers at once, commands per second | pcscd, null driver | yardstick | vpcd and vicc |\n|--:|--:|--:|--:|"
	for (i = 1; i <= 64; i++)
		if (i in readers)
			printf "| %d | %.0f | %.0f | %.0f |\n", i, middle(rate[i, "pcscd"]), middle(rate[i, "yard"]), middle(rate[i, "ours"])
	printf "\n| what | is | wanted | met |\n|---|--:|---|---|\n%s", targets
}
