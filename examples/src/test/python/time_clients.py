"""Talks to a time server from many connections at once.

usage: time_clients.py PORT CLIENTS MESSAGES

Every client sends its messages one after the other and reads an answer to each. Prints how many
answers came; ends with a status other than 0 at the first one that is missing or no time.
"""

import asyncio
import re
import sys

ANSWER = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
ANSWER_LENGTH = 26
DEADLINE_SECONDS = 30


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
    # All are connected before the first one talks.
    connections = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", port) for _ in range(clients)))
    answers = await asyncio.gather(
        *(talk(number, reader, writer, messages)
          for number, (reader, writer) in enumerate(connections)))
    print(sum(answers))


if __name__ == "__main__":
    asyncio.run(
        asyncio.wait_for(main(*(int(argument) for argument in sys.argv[1:4])), DEADLINE_SECONDS))
