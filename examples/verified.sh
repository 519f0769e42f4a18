#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# verified.c as a program: one line for each line, "< ..." to a command is its answer.
while read -r line; do
	case $line in
	"> "??20*) echo "< 9000" ;;
	*) echo "$line" ;;
	esac
done
