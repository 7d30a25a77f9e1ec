#!/usr/bin/env python3
"""How much memory several servers of one model take: `rubato serve MODEL`, once, twice, three times, each having answered a request.

usage: bench/shared_memory.py --model FILE.gguf [--processes N] [--kv-memory MIB] [--kill] [--port PORT] [--rubato PROGRAM] [--cache FOLDER] [--json]

First two `rubato run` start at once, with an empty cache in a temporary folder unless --cache names one: one of them packs the weights, the
other waits. With --kill the one that packs is killed in the middle (SIGKILL), and the other has to pack. Then, per server process, from /proc/PID/smaps_rollup (Linux):
  rss       pages in memory, those counted in full that other processes have as well
  pss       the same, each page divided by the number of processes that have it
  private   pages that no other process has; what one more process costs once the shared ones are there
Keys and values have --kv-memory MiB; the system gives their pages when they are written first.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GIVE_UP_SECONDS = 300
PACKS, WAITS = "for this machine's kernels, once", "another process packs these weights"


def start(options, port, log):
    environment = {**os.environ, "XDG_CACHE_HOME": options.cache}
    command = [options.rubato, "serve", options.model, "--port", str(port), "--threads", "2", "--kv-memory", str(options.kv_memory)]
    return subprocess.Popen(command, stdout=log, stderr=log, env=environment)


def answer(port):
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5) as response:
                name = json.load(response)["data"][0]["id"]
            body = json.dumps({"model": name, "prompt": "to", "max_tokens": 4}).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/completions", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=GIVE_UP_SECONDS) as response:
                json.load(response)
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError, IndexError):
            time.sleep(0.05)
    sys.exit(f"no answer on port {port} within {GIVE_UP_SECONDS} s")


def memory(process):
    with open(f"/proc/{process.pid}/smaps_rollup") as file:
        kilobytes = {name: int(number) for name, number in re.findall(r"^(\w+):\s+(\d+) kB", file.read(), re.MULTILINE)}
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return {"rssBytes": 1024 * kilobytes["Rss"], "pssBytes": 1024 * kilobytes["Pss"], "privateBytes": 1024 * private, "anonymousBytes": 1024 * kilobytes["Anonymous"]}


def stop(processes):
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def start_together(options):
    """Two runs at once: how many packed, how many waited, how long both took."""
    environment = {**os.environ, "XDG_CACHE_HOME": options.cache}
    command = [options.rubato, "run", options.model, "to", "--raw", "--max-tokens", "1"]
    started = time.monotonic()
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    if options.kill:
        lines = {run: run.stderr.readline() for run in runs}
        packer = next(run for run in runs if PACKS in lines[run])
        packer.kill()
    texts = [(lines[run] if options.kill else "") + run.communicate()[1] for run in runs]
    return {"packed": sum(PACKS in text for text in texts), "waited": sum(WAITS in text for text in texts),
            "exitCodes": sorted(run.returncode for run in runs), "seconds": round(time.monotonic() - started, 2)}


def measure(options):
    steps, processes = [], []
    try:
        for count in range(1, options.processes + 1):
            processes.append(start(options, options.port + count - 1, subprocess.DEVNULL))
            answer(options.port + count - 1)
            steps.append({"processes": count, "each": [memory(process) for process in processes]})
    finally:
        stop(processes)
    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--kv-memory", type=int, default=512)
    parser.add_argument("--port", type=int, default=18431)
    parser.add_argument("--rubato", default=os.path.join(ROOT, "rubato"))
    parser.add_argument("--cache")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options.cache = options.cache or folder
        together = start_together(options)
        steps = measure(options)
        weights = os.path.join(options.cache, "rubato", "weights")
        packed = [os.path.getsize(os.path.join(weights, name)) for name in os.listdir(weights) if name.startswith(os.path.splitext(os.path.basename(options.model))[0])]
    result = {
        "modelBytes": os.path.getsize(options.model), "packedFileBytes": packed[0], "packedFiles": len(packed), "kvMemoryBytes": options.kv_memory << 20,
        "startedTogether": together, "steps": steps}
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(f"model {result['modelBytes']:,} bytes, packed file {result['packedFileBytes']:,}; started together: {together}")
    for step in steps:
        for i, one in enumerate(step["each"]):
            print(f"{step['processes']} processes, number {i + 1}: rss {one['rssBytes'] / 1e6:8.1f} MB, pss {one['pssBytes'] / 1e6:8.1f} MB, private {one['privateBytes'] / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
