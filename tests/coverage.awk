# SPDX-License-Identifier: LGPL-2.1-or-later
# awk -v root=TREE/ -v least=90 -f coverage.awk coverage.txt lcov.info
# A table of the lines that ran, by file and by folder, and those functions that were
# not run to the last line and have no reason in coverage.txt. 1: too little ran, or
# a reason is missing or is of a function that is no more.

function percent(ran, all)
{
	return all ? 100 * ran / all : 100
}

function row(name, all, ran)
{
	return sprintf("%-34s %6d %6d %6.1f %%", name, all, all - ran, percent(ran, all))
}

function folder_of(path)
{
	return substr(path, 1, index(path, "/"))
}

# The function that a line is in: the last that begins above it.
function function_at(line,	i, found)
{
	for (i = 1; i <= n_functions; i++)
		if (begins[i] <= line && (!found || begins[i] > begins[found]))
			found = i
	return found ? functions[found] : ""
}

function file_done(	i, where)
{
	for (i = 1; i <= n_missed; i++) {
		where = function_at(missed[i])
		# before any function: a macro that is used in one
		if (where == "")
			continue
		where = path " " where
		if (!(where in gaps))
			order[++n_gaps] = where
		gaps[where] = gaps[where] " " missed[i]
	}
	print row(path, all, ran) | sorted
	all_of[folder_of(path)] += all
	ran_of[folder_of(path)] += ran
}

FILENAME == ARGV[1] && /^[^#]/ {
	if (!match($0, /: +./)) {
		printf "%s:%d: no \": \" and reason\n", FILENAME, FNR
		wrong = 1
		next
	}
	n = split(substr($0, 1, RSTART - 1), word, " ")
	for (i = 2; i <= n; i++)
		excused[word[1] " " word[i]] = FNR
	at_times[FNR] = substr($0, RSTART) ~ /^: at times: /
}
FILENAME == ARGV[1] { next }

FNR == 1 {
	printf "%-34s %6s %6s %8s\n", "file", "lines", "missed", "run"
	fflush()
	sorted = "LC_ALL=C sort"
}
/^SF:/ {
	path = substr($0, 4)
	# a compiler behind ccache may be told X/../vicc/a.c
	while (sub("[^/]+/[.][.]/", "", path)) continue
	if (index(path, root) == 1)
		path = substr(path, length(root) + 1)
	n_functions = n_missed = all = ran = 0
}
# those that are static have their file before their name
/^FN:/ {
	split(substr($0, 4), part, ",")
	sub(/.*:/, "", part[2])
	begins[++n_functions] = part[1] + 0
	functions[n_functions] = part[2]
	known[path " " part[2]] = 1
}
/^DA:/ {
	split(substr($0, 4), part, ",")
	all++
	if (part[2] > 0)
		ran++
	else
		missed[++n_missed] = part[1] + 0
}
/^end_of_record/ { file_done() }

END {
	close(sorted)
	print ""
	for (folder in all_of) {
		print row(folder, all_of[folder], ran_of[folder])
		if (percent(ran_of[folder], all_of[folder]) < least) {
			printf "less than %d %% of %s was run\n", least, folder
			wrong = 1
		}
	}
	for (i = 1; i <= n_gaps; i++)
		if (!(order[i] in excused)) {
			printf "not run, and without a reason: %s, line%s\n", order[i], gaps[order[i]]
			wrong = 1
		}
	for (where in excused)
		if (!(where in known)) {
			printf "tests/coverage.txt:%d: there is no %s\n", excused[where], where
			wrong = 1
		} else if (!(where in gaps) && !at_times[excused[where]])
			printf "tests/coverage.txt:%d: all of %s was run this time\n", excused[where], where
	exit wrong
}
