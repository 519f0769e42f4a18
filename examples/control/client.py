#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# The control socket from Python: vicc-run -t iso7816 -- ./client.py
# It needs nothing but Python's own modules.
import json
import os
import socket


class Card:
    """A card that runs with --control: requests are methods, errors exceptions."""

    def __init__(self, name="card"):
        path = os.path.join(os.environ["VICC_CONTROL_DIR"], name + ".sock")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile()
        self.events = []
        self.about = json.loads(self.lines.readline())["vicc"]

    def __getattr__(self, verb):
        return lambda **members: self.do(verb, **members)

    def do(self, verb, **members):
        self.socket.sendall(json.dumps({"do": verb, **members}).encode() + b"\n")
        while True:
            line = json.loads(self.lines.readline())
            if "event" in line:
                self.events.append(line)
            elif "error" in line:
                raise RuntimeError(line["error"]["text"])
            else:
                return line["ok"]

    def event(self, name):
        """The next event of this name, which may have come already."""
        while True:
            line = self.events.pop(0) if self.events else json.loads(self.lines.readline())
            if line.get("event") == name:
                return line


card = Card()
print("a card of type", card.about["type"])
card.subscribe(classes=["state", "power", "faults"])

# out, and in again: the reader connects, and switches the card on
card.remove()
card.insert()
card.event("connected")
print("power:", card.event("power")["what"])

# one of 20 answers is garbled, by a seed; power fails at the next VERIFY
card.fault(kind="flip", rate=[1, 20], seed=7)
card.tear(at="command", on="20")
status = card.status()
print("armed:", status["armed"], "rules:", len(status["rules"]))

# what does not depend on a reader: a command for a card that is out
card.clear()
card.remove()
print("GET CHALLENGE:", card.apdu(command="0084000008")["response"])
try:
    card.restore(name="nothing")
except RuntimeError as error:
    print("refused:", error)
card.insert()
