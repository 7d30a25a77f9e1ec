#!/usr/bin/env python3
"""Compares the greedy continuations of two servers of the same GGUF file, token by token.

    bench/peers/greedy_parity.py --ours http://127.0.0.1:5100 --llama http://127.0.0.1:5101 [--tokens 64] [--json]

Both servers get the same prompts as the token ids that llama-server's tokenizer gives (so a difference of the tokenizers shows
up on its own line, not as a difference of the models). Exit code 0 when all prompts agree on every token.
"""
import argparse
import json
import sys
import urllib.request

PROMPTS = [
    "System.Collections.Generic.List.Insert\n\nInserts an element into the",
    "System.String.Join\n\nConcatenates the elements of",
    "System.Net.Http.HttpClient.GetAsync\n\nSends a GET request to the specified",
    "System.Threading.Tasks.Task.WhenAll\n\nCreates a task that will complete when",
    "System.IO.File.ReadAllText\n\nOpens a text file, reads",
]


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.load(response)


def get(url):
    with urllib.request.urlopen(url, timeout=60) as response:
        return json.load(response)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--llama", required=True)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    model = get(options.ours + "/v1/models")["data"][0]["id"]
    rows = []
    end = post(options.llama + "/tokenize", {"content": "<|endoftext|>", "add_special": False, "parse_special": True})["tokens"]
    for prompt in PROMPTS:
        ids = post(options.llama + "/tokenize", {"content": prompt, "add_special": True})["tokens"]
        text_prompt = post(options.ours + "/v1/completions", {"model": model, "prompt": prompt, "max_tokens": 1, "temperature": 0})
        row = {
            "prompt": prompt,
            "promptTokens": len(ids),
            "sameTokenCount": text_prompt["usage"]["prompt_tokens"] == len(ids),
            "tokens": 0,
            "equal": True,
            "ours": "",
            "theirs": "",
        }
        # Where a text ends, both go on behind the end-of-text token, until enough tokens are compared.
        while row["tokens"] < options.tokens and row["equal"]:
            count = options.tokens - row["tokens"]
            theirs = post(options.llama + "/completion", {
                "prompt": ids, "n_predict": count, "temperature": 0, "top_k": 1, "return_tokens": True, "cache_prompt": False})
            ours = post(options.ours + "/v1/completions", {"model": model, "prompt": ids, "max_tokens": count, "temperature": 0})
            row["ours"] += ours["choices"][0]["text"]
            row["theirs"] += theirs["content"]
            row["equal"] = row["ours"] == row["theirs"]
            row["tokens"] += ours["usage"]["completion_tokens"]
            ids = ids + [token for token in theirs["tokens"] if token not in end] + end
        rows.append(row)
    equal = sum(row["equal"] and row["sameTokenCount"] for row in rows)
    if options.json:
        print(json.dumps({"model": model, "tokens": options.tokens, "equal": equal, "of": len(rows), "prompts": rows}, indent=2))
    else:
        for row in rows:
            print(f"{'equal' if row['equal'] else 'DIFFERENT':9} {row['tokens']:3} tokens  {row['prompt']!r}")
            if not row["equal"]:
                print(f"  ours   {row['ours']!r}\n  theirs {row['theirs']!r}")
            if not row["sameTokenCount"]:
                print("  the tokenizers disagree on the prompt")
        print(f"{equal} of {len(rows)} prompts equal")
    return 0 if equal == len(rows) else 1


sys.exit(main())
