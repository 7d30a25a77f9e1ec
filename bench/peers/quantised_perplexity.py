#!/usr/bin/env python3
"""What products of packed weights lose, type by type: perplexity beside llama-perplexity's on the same file, and KL divergence from the
same weights decoded to float32, so that only the rounding of activations is between the two.

  bench/peers/quantised_perplexity.py --rubato ./rubato --model F32.gguf --file TEXT --folder DIR --json > bench/results/quantised-perplexity.json

With --peer-folder the peer finds DIR under another name (a container, a chroot).
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys

TYPES = ["Q8_0", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "Q4_1", "Q4_0", "IQ4_NL", "Q3_K", "Q2_K"]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rubato", default="./rubato")
    parser.add_argument("--peer", default="llama-perplexity")
    parser.add_argument("--model", required=True, help="a trained model in F32")
    parser.add_argument("--file", required=True, help="the text; it is copied to the folder")
    parser.add_argument("--folder", required=True, help="where files go")
    parser.add_argument("--peer-folder")
    parser.add_argument("--windows", type=int, default=24)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    ours = shlex.split(arguments.rubato)
    with open(arguments.file, encoding="utf-8") as source:
        text = source.read()
    with open(os.path.join(arguments.folder, "text.txt"), "w", encoding="utf-8") as target:
        target.write(text)

    def eval_json(*words):
        return json.loads(subprocess.run(ours + ["eval", *words, "--windows", str(arguments.windows), "--json"], capture_output=True, text=True, check=True).stdout)

    def peer(name):
        folder = arguments.peer_folder or arguments.folder
        out = run(shlex.split(arguments.peer) + [
            "-m", f"{folder}/{name}", "-f", f"{folder}/text.txt", "-c", "512", "--chunks", str(arguments.windows), "-t", "2", "-ctk", "f32", "-ctv", "f32"])
        return float(re.search(r"PPL = ([\d.]+)", out).group(1))

    rows = []
    local_text = os.path.join(arguments.folder, "text.txt")
    for name in ["F32"] + TYPES:
        file = os.path.join(arguments.folder, f"loss-{name}.gguf")
        run(ours + ["quantize", arguments.model, "--type", name, "--pure", "--out", file])
        row = {"type": name, "perplexity": eval_json("perplexity", "--model", file, "--file", local_text)["perplexity"], "peer": peer(f"loss-{name}.gguf")}
        if name != "F32":
            decoded = os.path.join(arguments.folder, "loss-decoded.gguf")
            run(ours + ["quantize", file, "--type", "F32", "--allow-requantize", "--out", decoded])
            row["klFromDecodedMean"] = eval_json("kl", "--model", file, "--reference", decoded, "--file", local_text)["klMean"]
            row["klFromF32Mean"] = eval_json("kl", "--model", file, "--reference", arguments.model, "--file", local_text)["klMean"]
        row["ratio"] = row["perplexity"] / row["peer"]
        rows.append(row)
        print({key: (round(value, 6) if isinstance(value, float) else value) for key, value in row.items()}, file=sys.stderr if arguments.json else sys.stdout)
    if arguments.json:
        print(json.dumps({"model": os.path.basename(arguments.model), "text": os.path.basename(arguments.file), "windows": arguments.windows, "context": 512, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
