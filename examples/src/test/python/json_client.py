"""Sends a message in JSON, pauses, sends it again and closes, without reading any answer.

usage: json_client.py PORT SECONDS
"""

import datetime
import json
import socket
import sys
import time


def client(host, port, seconds):
    sock = socket.socket()
    sock.connect((host, port))
    data = {
        "send_user": "Lyon",
        "send_time": datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S"),
        "send_msg": "BIO test...",
    }
    sock.send(json.dumps(data).encode("utf-8"))
    time.sleep(seconds)
    sock.send(json.dumps(data).encode("utf-8"))
    sock.close()


if __name__ == "__main__":
    client("localhost", int(sys.argv[1]), float(sys.argv[2]))
