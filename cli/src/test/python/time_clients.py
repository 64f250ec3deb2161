"""Talks to a time server from many connections at once.

usage: time_clients.py PORT CLIENTS MESSAGES

Every client sends its messages one at a time and reads the answer to each. Prints the number of
answers. Exits with a nonzero status at the first answer that is missing or not a time.
"""

import asyncio
import re
import sys

ANSWER = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
ANSWER_LENGTH = 26
DEADLINE_SECONDS = 240  # the machine may be busy


async def talk(number, reader, writer, messages):
    for message in range(messages):
        writer.write(b"client %d message %d" % (number, message))
        answer = await reader.readexactly(ANSWER_LENGTH)
        if not ANSWER.fullmatch(answer):
            raise ValueError(f"client {number} got {answer!r}")
    writer.write_eof()
    rest = await reader.read()
    if rest:
        raise ValueError(f"client {number} got {rest!r} after its last answer")
    writer.close()
    return messages


async def main(port, clients, messages):
    # All clients connect before the first one sends.
    connections = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", port) for _ in range(clients)))
    answers = await asyncio.gather(
        *(talk(number, reader, writer, messages)
          for number, (reader, writer) in enumerate(connections)))
    print(sum(answers))


if __name__ == "__main__":
    asyncio.run(
        asyncio.wait_for(main(*(int(argument) for argument in sys.argv[1:4])), DEADLINE_SECONDS))
