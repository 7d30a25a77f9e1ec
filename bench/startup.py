#!/usr/bin/env python3
"""How long a user waits: `rubato --help`, and from starting `rubato up` to the first token of a chat.

usage: bench/startup.py [--runs N] [--port PORT] [--json]
Run it on a machine that does nothing else, after `./rubato --help` has built everything.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUBATO = os.path.join(ROOT, "rubato")
PROMPT = {"model": "rubato-tiny", "stream": True, "max_tokens": 8, "messages": [{"role": "user", "content": "What does String.Join do?"}]}
GIVE_UP_SECONDS = 60


def help_seconds():
    started = time.monotonic()
    subprocess.run([RUBATO, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def first_token_seconds(port):
    started = time.monotonic()
    server = subprocess.Popen([RUBATO, "up", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() - started < GIVE_UP_SECONDS:
            try:
                return time_to_content(port, started)
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.005)
        sys.exit(f"no token within {GIVE_UP_SECONDS} s")
    finally:
        server.terminate()
        server.wait()


def time_to_content(port, started):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(PROMPT).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=GIVE_UP_SECONDS) as response:
        for line in response:
            if line.startswith(b"data: {") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                return time.monotonic() - started
    sys.exit("the stream ended without a token")


def summary(values):
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3), "runs": len(values)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--port", type=int, default=18080)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = {
        "helpSeconds": summary([help_seconds() for _ in range(options.runs)]),
        "upToFirstTokenSeconds": summary([first_token_seconds(options.port) for _ in range(options.runs)]),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for name in ("helpSeconds", "upToFirstTokenSeconds"):
            print(f"{name}: median {result[name]['median']} s, {result[name]['min']} … {result[name]['max']} s over {options.runs} runs")


if __name__ == "__main__":
    main()
