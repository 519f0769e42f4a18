# SPDX-License-Identifier: LGPL-2.1-or-later
# results.csv (see run) as tables, and what was wanted of it.
BEGIN {
	FS = ","
	shown = "tcp unix socket pcscd yard card driver ours ours-unix piv cac yard-relay relay mitm nagle passport idcard yard-image image-socket image openssl disk other-driver other"
	n_counts = n_ops = n_rates = n_readers = missed = 0
	n_shown = split(shown, who_order, " ")
}

$1 == "op" {
	if (!(($3) in op_seen)) {
		op_seen[$3] = 1
		op_order[n_ops++] = $3
	}
	min[$2, $3] = $5; p50[$2, $3] = $6; p99[$2, $3] = $7; times[$2, $3] = $4
}
$1 == "rate" {
	if (!($2 in rate_seen)) {
		rate_seen[$2] = 1
		rate_order[n_rates++] = $2
	}
	if (!($3 in readers_seen)) {
		readers_seen[$3] = 1
		readers_order[n_readers++] = $3
	}
	rate[$2, $3] = rate[$2, $3] " " $4
	rate_p50[$2, $3] = rate_p50[$2, $3] " " $5
	worst[$2, $3] = worst[$2, $3] " " $6
	fair[$2, $3] = fair[$2, $3] " " $7
}
$1 == "count" {
	if (!(($2, $3) in counts)) {
		count_who[n_counts] = $2
		count_what[n_counts++] = $3
	}
	counts[$2, $3] = counts[$2, $3] " " $4
}

function base_of(op) {
	if (("yard", op) in p50) return "yard"
	if (("openssl", op) in p50) return "openssl"
	return ""
}

# who in what, in how many units, is at most (or at least) this
function want(text, value, limit, least,    ok) {
	if (value == "" || value != value + 0 "" && value !~ /^[0-9.e+-]+$/) {
		printf "  %-62s %10s   (not measured)\n", text, "-"
		return
	}
	ok = least ? value + 0 >= limit : value + 0 <= limit
	printf "  %-62s %10.3f   %s %-6s %s\n", text, value, least ? "at least" : "at most ", limit, ok ? "met" : "NOT MET"
	if (!ok)
		missed++
}

function ratio(a, b) {
	return a == "" || b == "" || b == 0 ? "" : sprintf("%.4f", a / b)
}

function minus(a, b) {
	return a == "" || b == "" ? "" : a - b
}

function plus(a, b) {
	return a == "" || b == "" ? "" : a + b
}

function against(table, who, op, other) {
	return ratio(table[who, op], table[other, op])
}

function operations(    i, j, op, who, base) {
	printf "\n%-28s %-13s %7s %10s %10s %10s   p50 to yard and to pcscd\n", "microseconds", "", "n", "min", "p50", "p99"
	for (i = 0; i < n_ops; i++) {
		op = op_order[i]
		base = base_of(op)
		for (j = 1; j <= n_shown; j++) {
			who = who_order[j]
			if (!((who, op) in p50))
				continue
			printf "%-28s %-13s %7d %10.1f %10.1f %10.1f", op, who, times[who, op], min[who, op], p50[who, op], p99[who, op]
			if (base)
				printf "   %6.2f", p50[who, op] / p50[base, op]
			if (("pcscd", op) in p50)
				printf "  %6.2f", p50[who, op] / p50["pcscd", op]
			print ""
		}
	}
}

function rates(    i, j, r, who) {
	printf "\n%-28s %-13s %10s %8s %10s %10s %10s\n", "readers at once", "", "per second", "to yard", "p50", "worst p99", "slow/fast"
	for (i = 0; i < n_readers; i++) {
		r = readers_order[i]
		for (j = 0; j < n_rates; j++) {
			who = rate_order[j]
			printf "%-28s %-13s %10.0f %8.2f %10.1f %10.1f %10.2f\n", r, who, middle(rate[who, r]),
				middle(rate[who, r]) / middle(rate["yard", r]), middle(rate_p50[who, r]),
				middle(worst[who, r]), middle(fair[who, r])
		}
	}
}

function targets(    i, w, types, n_types) {
	print "\nwhat is wanted"
	want("GET CHALLENGE 8: ours to the yardstick, p50", against(p50, "ours", "GET CHALLENGE 8", "yard"), 1.10)
	want("GET CHALLENGE 8, p99", against(p99, "ours", "GET CHALLENGE 8", "yard"), 1.3)
	want("READ 256, p50", against(p50, "ours", "READ 256", "yard"), 1.10)
	want("READ 256, p99", against(p99, "ours", "READ 256", "yard"), 1.3)
	want("READ 61440, p50", against(p50, "ours", "READ 61440", "yard"), 1.25)
	want("READ 61440, p99", against(p99, "ours", "READ 61440", "yard"), 1.3)
	want("our driver alone to the yardstick's, GET CHALLENGE, p50",
		against(p50, "driver", "GET CHALLENGE 8", "yard"), 1.10)
	want("our card beside the socket: GET CHALLENGE 8, us", minus(p50["socket", "GET CHALLENGE 8"], p50["tcp", "GET CHALLENGE 8"]), 2)
	want("our card beside the socket: READ 256, us", minus(p50["socket", "READ 256"], p50["tcp", "READ 256"]), 2)
	want("RSA-2048 through PC/SC: share of openssl speed's rate", against(p50, "openssl", "sign RSA-2048", "ours"), 0.85, 1)
	want("RSA-2048 by a socket: share of its rate", against(p50, "openssl", "sign RSA-2048", "socket"), 0.93, 1)
	want("piv: GET DATA 3072 to the yardstick, p50", against(p50, "piv", "GET DATA 3072", "yard"), 1.10)
	want("piv: RSA-2048 through PC/SC: share of openssl speed's rate", against(p50, "openssl", "sign RSA-2048", "piv"), 0.85, 1)
	want("cac: a certificate of 2160 bytes in parts to the yardstick, p50", against(p50, "cac", "READ BUFFER 2160", "yard"), 1.10)
	want("cac: RSA-2048 through PC/SC: share of openssl speed's rate", against(p50, "openssl", "sign RSA-2048", "cac"), 0.85, 1)
	want("OpenPGP RSA-2048 through PC/SC: share of openssl speed's rate",
		ratio(p50["openssl", "sign RSA-2048"], p50["openpgp", "OpenPGP RSA-2048"]), 0.85, 1)
	want("OpenPGP P-256 to the plain card's", ratio(p50["openpgp", "OpenPGP P-256"], p50["ours", "sign P-256"]), 1.10)
	want("OpenPGP Ed25519, to a GET CHALLENGE and openssl speed's together",
		ratio(p50["openpgp", "OpenPGP Ed25519"], plus(p50["ours", "GET CHALLENGE 8"], p50["openssl", "sign Ed25519"])), 1.3)
	want("reset + ATR, in GET CHALLENGEs", ratio(p50["ours", "reset"], p50["ours", "GET CHALLENGE 8"]), 2)
	want("reset + ATR beside pcscd's own, in GET CHALLENGEs",
		ratio(minus(p50["ours", "reset"], p50["pcscd", "reset"]), p50["ours", "GET CHALLENGE 8"]), 2)
	want("reset + ATR beside pcscd's own, a peer with Nagle on",
		ratio(minus(p50["nagle", "reset"], p50["pcscd", "reset"]), p50["ours", "GET CHALLENGE 8"]), 2)
	want("insertion, p50, ms", p50["ours", "insertion"] / 1e3, 2)
	want("removal, p50, ms", p50["ours", "removal"] / 1e3, 1)
	want("exec to ATR, p50, ms", p50["ours", "exec to ATR"] / 1e3, 8)
	n_types = split("ePass nPA cac openpgp", types, " ")
	for (i = 1; i <= n_types; i++)
		want("exec to ATR of a card in a file, " types[i] ", p50, ms", p50[types[i], "exec to ATR"] / 1e3, 8)
	want("exec to first answer, p50, ms", p50["ours", "exec to first answer"] / 1e3, 10)
	want("vicc-run to the command over pcscd's own start, p50, ms",
		minus(p50["ours", "vicc-run to the command"], p50["pcscd", "pcscd until it serves"]) / 1e3, 150)
	want("commands per second: nobody asks, to 7 clients that ask without end",
		ratio(middle(counts["ours", "commands per second: 0 clients that ask without end"]),
			middle(counts["ours", "commands per second: 7 clients that ask without end"])), 1.1)
	want("passport: BAC, ms of the card's CPU", p50["passport", "BAC"] / 1e3, 0.2)
	want("passport: PACE by ECDH on brainpoolP256r1, ms", p50["passport", "PACE"] / 1e3, 5)
	want("passport: DG2 of 60 KB under AES, ms", p50["passport", "read DG2 of 60 KB"] / 1e3, 15)
	want("passport: a new one, ms", p50["passport", "a new passport"] / 1e3, 1000)
	want("identity card: PACE with the PIN, ms of the card's CPU", p50["idcard", "PACE with the PIN"] / 1e3, 5)
	want("identity card: TA and CA, ms", p50["idcard", "TA and CA"] / 1e3, 10)
	want("identity card: a new one, ms", p50["idcard", "a new identity card"] / 1e3, 1000)
	want("system calls per command", middle(counts["ours", "system calls per command"]), 3)
	want("allocations per command", middle(counts["ours", "allocations per command"]), 0)
	for (i = 0; i < n_counts; i++) {
		if (count_who[i] == "ours" && count_what[i] ~ /^idle .*(packets|cards woken|pcscd woken|system calls)$/)
			want(count_what[i], middle(counts["ours", count_what[i]]), 0)
		if (count_who[i] == "ours" && count_what[i] ~ /^vicc: anonymous/)
			want(count_what[i], middle(counts["ours", count_what[i]]), 2048)
	}
	want("16 readers: share of the yardstick's rate", ratio(middle(rate["ours", 16]), middle(rate["yard", 16])), 0.85, 1)
	want("16 readers: worst p99", ratio(middle(worst["ours", 16]), middle(worst["yard", 16])), 1.3)
	want("16 readers: slowest client to fastest", middle(fair["ours", 16]), 0.6, 1)
	want("UPDATE 128 into an image, to a bare card that writes and fsyncs",
		against(p50, "image-socket", "UPDATE 128", "yard-image"), 1.10)
	want("UPDATE 61440 to the yardstick's, p50", against(p50, "ours", "UPDATE 61440", "yard"), 1.25)
	want("relay, in GET CHALLENGEs of the card itself", against(p50, "relay", "GET CHALLENGE 8", "ours"), 2)
	want("relay, to a relay without any logic", against(p50, "relay", "GET CHALLENGE 8", "yard-relay"), 1.10)
	want("a middle-man (.so) that passes, for each message, us",
		ratio(minus(p50["mitm", "GET CHALLENGE 8"], p50["socket", "GET CHALLENGE 8"]), 2), 1)
	printf "  %d not met\n", missed
}

END {
	operations()
	print "\ncounted"
	for (i = 0; i < n_counts; i++)
		printf "%-58s %-13s %10s\n", count_what[i], count_who[i], middle(counts[count_who[i], count_what[i]])
	rates()
	targets()
}
