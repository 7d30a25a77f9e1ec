#!/usr/bin/env python3
"""Speed of `rubato bench decode` beside llama-batched-bench: same files, same threads, runs that alternate.

  bench/peers/decode_speed.py --rubato ./rubato --peer llama-batched-bench --models DIR --json > bench/results/decode-llama.json

DIR holds random-weight files random-TYPE.gguf; --make writes them (Rubato.Bench --write-model, then rubato quantize --pure). Random weights
say nothing about text, only about speed. With --peer-models the peer finds the same files in another folder (a container, a chroot).
A ratio is ours over the peer's; it is taken pair by pair, and its median, lowest and highest are printed. Each run of a program is one
process: load, a short warm-up, prompts, decodes. The peer runs on the CPU with flash attention, F16 keys and values, and its run-time
repacking; we run with F16 keys and values too.
"""
import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys

# prompt tokens, decoded tokens, sequences
CASES = [(256, 64, 1), (1024, 16, 1), (64, 32, 8)]
TYPES = ["F32", "Q8_0", "Q4_0", "Q4_K"]


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def ours(arguments, file, case):
    prompt, tokens, sequences = case
    command = shlex.split(arguments.rubato) + [
        "bench", "decode", "--model", file, "--prompt", str(prompt), "--tokens", str(tokens), "--sequences", str(sequences),
        "--threads", str(arguments.threads), "--runs", "1", "--kv", "F16", "--json"]
    result = json.loads(run(command).stdout)
    return result["prefillTokensPerSecond"], result["decodeTokensPerSecond"], result["roofline"]


def peers(arguments, file, case):
    prompt, tokens, sequences = case
    command = shlex.split(arguments.peer) + [
        "-m", file, "-t", str(arguments.threads), "-npp", str(prompt), "-ntg", str(tokens), "-npl", str(sequences),
        "-c", "4096", "-fa", "on", "--output-format", "jsonl"]
    done = run(command)
    line = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    result = json.loads(line)
    return result["speed_pp"], result["speed_tg"]


def make(arguments):
    float_file = os.path.join(arguments.models, "random-F32.gguf")
    if not os.path.exists(float_file):
        run(shlex.split(arguments.bench) + ["--write-model", arguments.shape, float_file])
    for name in TYPES[1:]:
        target = os.path.join(arguments.models, f"random-{name}.gguf")
        if not os.path.exists(target):
            run(shlex.split(arguments.rubato) + ["quantize", float_file, "--type", name, "--pure", "--out", target])


def summary(pairs, index):
    ratios = sorted(a[index] / b[index] for a, b in pairs)
    return {
        "ours": statistics.median(a[index] for a, _ in pairs),
        "peer": statistics.median(b[index] for _, b in pairs),
        "ratio": statistics.median(ratios),
        "ratioLowest": ratios[0],
        "ratioHighest": ratios[-1],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rubato", default="./rubato", help="our program")
    parser.add_argument("--bench", default="artifacts/bin/Rubato.Bench/release/Rubato.Bench", help="the program that writes random models")
    parser.add_argument("--peer", default="llama-batched-bench", help="the peer's program, with words before it if need be")
    parser.add_argument("--models", required=True, help="folder of random-TYPE.gguf")
    parser.add_argument("--peer-models", help="the same folder as the peer sees it")
    parser.add_argument("--make", action="store_true", help="write the files that are missing")
    parser.add_argument("--shape", default="134M", help="which random model --make writes")
    parser.add_argument("--types", default=",".join(TYPES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    arguments = parser.parse_args()
    if arguments.make:
        make(arguments)

    results = []
    with open("/proc/cpuinfo", encoding="ascii") as info:
        cpu = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    for name in arguments.types.split(","):
        for case in CASES:
            pairs = []
            for pair in range(arguments.pairs):
                print(f"{name} {case}: pair {pair + 1} of {arguments.pairs}", file=sys.stderr)
                a = ours(arguments, os.path.join(arguments.models, f"random-{name}.gguf"), case)
                b = peers(arguments, os.path.join(arguments.peer_models or arguments.models, f"random-{name}.gguf"), case)
                pairs.append((a, b))
            roof = [a[2] for a, _ in pairs]
            results.append({
                "type": name, "promptTokens": case[0], "tokens": case[1], "sequences": case[2],
                "prefill": summary(pairs, 0), "decode": summary(pairs, 1),
                "decodeShareOfBandwidth": statistics.median(r["decodeShareOfBandwidth"] for r in roof),
                "readBytesPerSecond": statistics.median(r["readBytesPerSecond"] for r in roof),
            })
            if not arguments.json:
                prefill, decode = results[-1]["prefill"], results[-1]["decode"]
                print(
                    f"{name:5} prompt {case[0]:5} × {case[2]}: prefill {prefill['ours']:8.1f} against {prefill['peer']:8.1f} tokens/s, "
                    f"{prefill['ratio']:.2f} ({prefill['ratioLowest']:.2f} … {prefill['ratioHighest']:.2f}); "
                    f"decode {decode['ours']:8.1f} against {decode['peer']:8.1f}, "
                    f"{decode['ratio']:.2f} ({decode['ratioLowest']:.2f} … {decode['ratioHighest']:.2f})", flush=True)
    if arguments.json:
        print(json.dumps({
            "cpu": cpu, "threads": arguments.threads, "pairs": arguments.pairs, "shape": arguments.shape, "peerSettings": "CPU only, flash attention on, F16 keys and values, run-time repacking on", "results": results}, indent=2))


if __name__ == "__main__":
    main()
