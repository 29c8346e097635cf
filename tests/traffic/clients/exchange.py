# SPDX-License-Identifier: MIT
"""What every client of the traffic tests does: it says `ready`, reads its plan (a line of JSON) from standard input,
makes one connection for each request of the plan at its time, and prints what became of each, a line of JSON.

A request is {"connect": seconds after zero, ...}, zero a time of the monotonic clock; at the time `until` of the plan the
client gives up what it still waits for. What is printed of it: `opened` (its connection
was begun), `connected`, `sent` and `done`, times of that clock (null: it never was), and `result`: whole, cut (some of the answer came), never, refused (no connection)."""

import asyncio
import json
import sys
import time


class Exchange:
    """One request's life, as its client sees it."""

    def __init__(self, number):
        self.number = number
        self.opened = self.connected = self.sent = self.done = None
        self.due = 0  # when the plan has it
        self.begun = False  # some of the answer is there
        self.whole = False
        self.answered = 0  # where a client makes many

    def send(self, writer, data):
        writer.write(data)
        if self.sent is None:
            self.sent = time.monotonic()

    def result(self):
        if self.whole:
            return "whole"
        if self.connected is None:
            return "refused"
        return "cut" if self.begun else "never"

    def as_json(self):
        return json.dumps({"number": self.number, "opened": self.opened, "connected": self.connected, "sent": self.sent,
                           "done": self.done, "result": self.result(), "answered": self.answered})


async def converse(plan, number, conversation, context):
    request = plan["requests"][number]
    exchange = Exchange(number)
    await asyncio.sleep(plan["zero"] + request["connect"] - time.monotonic())
    writer = None
    exchange.opened = time.monotonic()
    try:
        async with asyncio.timeout(plan["until"] and max(0, plan["until"] - time.monotonic())):
            reader, writer = await asyncio.open_connection(plan["host"], plan["port"], ssl=context)
            exchange.connected = time.monotonic()
            exchange.due = plan["zero"] + request["at"]
            await conversation(exchange, request, reader, writer)
            exchange.whole = True
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        pass  # the result says it
    exchange.done = time.monotonic()
    if writer is not None:
        writer.close()
    print(exchange.as_json(), flush=True)


async def run(conversation, context):
    print("ready", flush=True)
    plan = json.loads(await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline))
    await asyncio.gather(*(converse(plan, number, conversation, context)
                           for number in range(len(plan["requests"]))))


def main(conversation, context=None):
    asyncio.run(run(conversation, context))
