/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ausweisapp PORT WORD=VALUE...: has AusweisApp change a PIN, over its WebSocket (RFC 6455)
 * at a port of the loopback. Each time that it asks for a PIN, NEW, CAN or PUK it
 * gets the next value of that word. Prints the questions with the tries that the card has
 * left, such as "PIN 3", and at the end "changed" or "failed".
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX 65536
#define TEXT 0x81   /* a whole message of text, */
#define MASKED 0x80 /* as a client has to send it */

static int sock;

static void
receive(void *p, size_t n)
{
	if (recv(sock, p, n, MSG_WAITALL) != (ssize_t)n)
		errx(1, "AusweisApp is gone");
}

static void
transmit(const void *p, size_t n)
{
	if (send(sock, p, n, MSG_NOSIGNAL) != (ssize_t)n)
		err(1, "send");
}

static void
open_socket(int port)
{
	static const char hello[] =
		"GET /eID-Kernel HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char end[5] = "", first[13] = "";
	size_t n = 0;

	sock = socket(AF_INET, SOCK_STREAM, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(2, "no AusweisApp at port %d", port);
	transmit(hello, sizeof(hello) - 1);
	while (strcmp(end, "\r\n\r\n") != 0) {
		memmove(end, end + 1, 3);
		receive(end + 3, 1);
		if (n < 12)
			first[n++] = end[3];
	}
	if (strcmp(first, "HTTP/1.1 101") != 0)
		errx(1, "no WebSocket: %s", first);
}

/* The mask is zero: it changes nothing. */
static void
say(const char *text)
{
	const uint8_t mask[4] = { 0 }, head[] = { TEXT, (uint8_t)(MASKED | strlen(text)) };

	transmit(head, sizeof(head));
	transmit(mask, sizeof(mask));
	transmit(text, strlen(text));
}

static void
hear(char text[MESSAGE_MAX])
{
	uint8_t head[2], more[2];
	size_t n;

	do {
		receive(head, 2);
		n = head[1] & 0x7f;
		if (n == 126) {
			receive(more, 2);
			n = (size_t)more[0] << 8 | more[1];
		}
		if (n >= MESSAGE_MAX - 1)
			errx(1, "a message of %zu bytes", n);
		receive(text, n);
		text[n] = '\0';
	} while (head[0] != TEXT);
}

/* The next value of a word: taken out of the arguments. */
static const char *
next_value(char **args, const char *word)
{
	static char used[] = "";
	char *value;

	for (; *args; args++) {
		if (strncmp(*args, word, strlen(word)) == 0 && (*args)[strlen(word)] == '=') {
			value = *args + strlen(word) + 1;
			*args = used;
			return value;
		}
	}
	errx(1, "it asks for a %s more", word);
}

static void
answer(const char *text, char **args, const char *word, const char *command)
{
	const char *tries = strstr(text, "\"retryCounter\":");
	char line[120];

	printf("%s %s%.1s\n", word, tries ? "" : "-",
	       tries ? tries + strlen("\"retryCounter\":") : "");
	snprintf(line, sizeof(line), "{\"cmd\":\"%s\",\"value\":\"%s\"}", command,
		 next_value(args, word));
	say(line);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *message, *word, *command;
	} questions[] = {
		{ "\"ENTER_PIN\"", "PIN", "SET_PIN" },
		{ "\"ENTER_NEW_PIN\"", "NEW", "SET_NEW_PIN" },
		{ "\"ENTER_CAN\"", "CAN", "SET_CAN" },
		{ "\"ENTER_PUK\"", "PUK", "SET_PUK" },
	};
	static char text[MESSAGE_MAX];
	size_t i;

	if (argc < 2)
		errx(2, "usage: ausweisapp PORT WORD=VALUE...");
	alarm(60);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_socket(atoi(argv[1]));
	say("{\"cmd\":\"RUN_CHANGE_PIN\"}");
	do {
		hear(text);
		for (i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
			if (strstr(text, questions[i].message))
				answer(text, argv + 2, questions[i].word, questions[i].command);
		}
	} while (!strstr(text, "\"CHANGE_PIN\"") || !strstr(text, "\"success\""));
	puts(strstr(text, "\"success\":true") ? "changed" : "failed");
	return 0;
}
