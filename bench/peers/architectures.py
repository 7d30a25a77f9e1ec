#!/usr/bin/env python3
"""Holds rubato against llama-server on small random models of every architecture: greedy tokens and log-probabilities, token by token.

    bench/peers/architectures.py --rubato PROGRAM [--root CHROOT] [--only NAME] [--json]

The files are written with the gguf package of llama.cpp (python3 with gguf and numpy; with --root the one in that folder, where
llama-server is as well), so that nothing of rubato is in them. Both servers get the same random token ids as prompts and answer with
their greedy tokens and the log-probabilities of the ten best. Where the two best are closer than the tolerance, either token counts as right,
and the prompt ends there. Exit code 0 when all models agree.
"""
import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

TOKENS = 32
PROMPTS = (5, 40, 90, 150)
PIECES = [chr(code) for code in range(33, 127)] + ["!!", "<|end|>"]
VOCABULARY = len(PIECES)
END = VOCABULARY - 1

# Rounding differs in order only, but llama.cpp reads GELU from a table of half-precision numbers.
TOLERANCE = 1e-4
GELU_TOLERANCE = 1e-2

# With F16 weights llama.cpp rounds activations to half precision too. That can turn the choice of an expert that is nearly as
# probable as the next one, so only the median counts.
F16_TOLERANCE = 1e-2

EXPERTS = {"expert_count": 6, "expert_used_count": 2}
VARIANTS = {
    "llama": {"arch": "llama"},
    "llama, tied, biases": {"arch": "llama", "tied": True, "biases": ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]},
    "llama, frequency factors": {"arch": "llama", "factors": ["rope_freqs"], "rope_freq_base": 500000.0},
    "llama, linear": {"arch": "llama", "scaling": ("linear", 4.0)},
    "llama, yarn": {"arch": "llama", "scaling": ("yarn", 4.0), "original": 128, "context": 512},
    "llama, experts": {"arch": "llama", "experts": EXPERTS},
    "qwen2": {"arch": "qwen2", "biases": ["attn_q", "attn_k", "attn_v"], "rope_freq_base": 1e6, "tied": True},
    "qwen2, yarn": {"arch": "qwen2", "biases": ["attn_q", "attn_k", "attn_v"], "scaling": ("yarn", 4.0), "original": 128, "context": 512},
    "qwen2moe": {"arch": "qwen2moe", "biases": ["attn_q", "attn_k", "attn_v"], "experts": EXPERTS, "shared": 128},
    "qwen3": {"arch": "qwen3", "head": 24, "head_norms": True},
    "qwen3moe": {"arch": "qwen3moe", "head": 32, "head_norms": True, "experts": {"expert_count": 8, "expert_used_count": 3}},
    "gemma": {"arch": "gemma", "tied": True, "head": 32, "heads_kv": 1},
    "gemma2": {"arch": "gemma2", "tied": True, "head": 32, "post_norms": True, "window": 24, "blocks": 4, "caps": (50.0, 30.0)},
    "gemma3": {"arch": "gemma3", "tied": True, "head": 32, "post_norms": True, "head_norms": True, "window": 24, "blocks": 7,
               "rope_freq_base": 1e6, "scaling": ("linear", 8.0)},
    "gemma2, 46 blocks": {"arch": "gemma2", "tied": True, "head": 32, "post_norms": True, "window": 24, "blocks": 46, "caps": (20.0, 10.0)},
    "gemma3, 62 blocks, own head": {"arch": "gemma3", "head": 32, "post_norms": True, "head_norms": True, "window": 10, "blocks": 62},
    "gemma3, no window": {"arch": "gemma3", "tied": True, "head": 32, "post_norms": True, "head_norms": True},
    "phi3": {"arch": "phi3", "fused": True},
    "phi3, short factors": {"arch": "phi3", "fused": True, "factors": ["rope_factors_long", "rope_factors_short"], "original": 256, "context": 256,
                            "attn_factor": 1.19},
    "phi3, long factors": {"arch": "phi3", "fused": True, "tied": True, "factors": ["rope_factors_long", "rope_factors_short"], "original": 256,
                           "context": 1024, "attn_factor": 1.19, "rotary": 12},
}


def file_name(name):
    return name.replace(", ", "-").replace(" ", "-") + ".gguf"


def write(folder):
    """Writes all models; runs where gguf and numpy are."""
    import gguf
    import numpy

    os.makedirs(folder, exist_ok=True)
    for number, (name, v) in enumerate(VARIANTS.items()):
        rng = numpy.random.default_rng(number)
        embedding, heads, inner, blocks = 64, 4, 96, v.get("blocks", 3)
        heads_kv, head = v.get("heads_kv", 2), v.get("head", 16)
        writer = gguf.GGUFWriter(os.path.join(folder, file_name(name)), v["arch"])
        writer.add_context_length(v.get("context", 512))
        writer.add_embedding_length(embedding)
        writer.add_block_count(blocks)
        writer.add_feed_forward_length(inner)
        writer.add_head_count(heads)
        writer.add_head_count_kv(heads_kv)
        writer.add_key_length(head)
        writer.add_value_length(head)
        writer.add_rope_dimension_count(v.get("rotary", head))
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_rope_freq_base(v.get("rope_freq_base", 10000.0))
        writer.add_vocab_size(VOCABULARY)
        if "scaling" in v:
            writer.add_rope_scaling_type(gguf.RopeScalingType(v["scaling"][0]))
            writer.add_rope_scaling_factor(v["scaling"][1])
        if "original" in v:
            writer.add_rope_scaling_orig_ctx_len(v["original"])
        if "attn_factor" in v:
            writer.add_rope_scaling_attn_factors(v["attn_factor"])
        if "window" in v:
            writer.add_sliding_window(v["window"])
        if "caps" in v:
            writer.add_attn_logit_softcapping(v["caps"][0])
            writer.add_final_logit_softcapping(v["caps"][1])
        if "experts" in v:
            writer.add_expert_count(v["experts"]["expert_count"])
            writer.add_expert_used_count(v["experts"]["expert_used_count"])
            if v["arch"] != "llama":
                writer.add_expert_feed_forward_length(inner)
        if "shared" in v:
            writer.add_expert_shared_feed_forward_length(v["shared"])
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("gpt-2")
        writer.add_token_list(PIECES)
        writer.add_token_types([gguf.TokenType.NORMAL] * END + [gguf.TokenType.CONTROL])
        writer.add_token_merges(["! !"])
        writer.add_eos_token_id(END)
        writer.add_bos_token_id(END)
        writer.add_unk_token_id(END)
        writer.add_add_bos_token(False)

        def matrix(tensor, *shape):
            writer.add_tensor(tensor + ".weight", (rng.standard_normal(shape) * 1.2 / shape[-1] ** 0.5).astype(numpy.float32))
            if tensor.split(".")[-1] in v.get("biases", []):
                writer.add_tensor(tensor + ".bias", (0.3 * rng.standard_normal(shape[:1])).astype(numpy.float32))

        def vector(tensor, length, low, high):
            writer.add_tensor(tensor + ".weight", rng.uniform(low, high, length).astype(numpy.float32))

        matrix("token_embd", VOCABULARY, embedding)
        for tensor in v.get("factors", []):
            vector(tensor, v.get("rotary", head) // 2, 1.0, 4.0)
        queries, keys = heads * head, heads_kv * head
        for block in (f"blk.{index}." for index in range(blocks)):
            vector(block + "attn_norm", embedding, 0.8, 1.2)
            if v.get("fused"):
                matrix(block + "attn_qkv", queries + 2 * keys, embedding)
            else:
                matrix(block + "attn_q", queries, embedding)
                matrix(block + "attn_k", keys, embedding)
                matrix(block + "attn_v", keys, embedding)
            if v.get("head_norms"):
                vector(block + "attn_q_norm", head, 0.8, 1.2)
                vector(block + "attn_k_norm", head, 0.8, 1.2)
            matrix(block + "attn_output", embedding, queries)
            if v.get("post_norms"):
                vector(block + "post_attention_norm", embedding, 0.8, 1.2)
                vector(block + "post_ffw_norm", embedding, 0.8, 1.2)
            vector(block + "ffn_norm", embedding, 0.8, 1.2)
            if "experts" in v:
                count = v["experts"]["expert_count"]
                matrix(block + "ffn_gate_inp", count, embedding)
                matrix(block + "ffn_gate_exps", count, inner, embedding)
                matrix(block + "ffn_up_exps", count, inner, embedding)
                matrix(block + "ffn_down_exps", count, embedding, inner)
                if "shared" in v:
                    vector(block + "ffn_gate_inp_shexp", embedding, -0.3, 0.3)
                    matrix(block + "ffn_gate_shexp", v["shared"], embedding)
                    matrix(block + "ffn_up_shexp", v["shared"], embedding)
                    matrix(block + "ffn_down_shexp", embedding, v["shared"])
            elif v.get("fused"):
                matrix(block + "ffn_up", 2 * inner, embedding)
                matrix(block + "ffn_down", embedding, inner)
            else:
                matrix(block + "ffn_gate", inner, embedding)
                matrix(block + "ffn_up", inner, embedding)
                matrix(block + "ffn_down", embedding, inner)
        vector("output_norm", embedding, 0.8, 1.2)
        if not v.get("tied"):
            matrix("output", VOCABULARY, embedding)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server process, from its start to its end."""

    def __init__(self, command, health):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(command + ["--port", str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(300):
            try:
                with urllib.request.urlopen(self.url + health, timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None:
                    raise SystemExit(f"{command}: {self.process.stderr.read().decode(errors='replace')[-2000:]}")
                time.sleep(0.1)
        raise SystemExit(f"{command}: no answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stderr.read()
        self.process.wait()


def ours(url, prompt):
    answer = post(url + "/v1/completions", {
        "model": "m", "prompt": prompt, "max_tokens": TOKENS, "temperature": 0, "logprobs": 10})["choices"][0]["logprobs"]
    return list(zip(answer["tokens"], answer["top_logprobs"]))


def theirs(url, prompt):
    answer = post(url + "/completion", {
        "prompt": prompt, "n_predict": TOKENS, "temperature": 0, "top_k": 1, "n_probs": 10, "cache_prompt": False})
    steps = []
    for step in answer["completion_probabilities"]:
        steps.append((PIECES[step["id"]], {PIECES[t["id"]]: t["logprob"] for t in step["top_logprobs"]}))
    return steps


def compare(name, rubato, llama, ours_file, theirs_file, context, tolerance):
    """One model: how many tokens agree, and how far log-probabilities are apart."""
    row = {"model": name, "prompts": len(PROMPTS), "tokens": 0, "equal": True, "ties": 0, "logprobMedianDifference": 0.0,
           "logprobMaxDifference": 0.0, "tolerance": tolerance}
    differences = []
    with Server(llama + ["-m", theirs_file, "-c", str(context), "-np", "1", "-t", "1", "-tb", "1", "-fa", "off", "-ctk", "f32", "-ctv", "f32",
                         "-fit", "off", "--host", "127.0.0.1"], "/health") as peer, \
            Server([rubato, "serve", ours_file, "--threads", "1", "--kv-memory", "64", "--name", "m"], "/health") as own:
        for number, length in enumerate(PROMPTS):
            draw = random.Random(number)
            prompt = [draw.randrange(END) for _ in range(length)]
            for (a, a_best), (b, b_best) in zip(ours(own.url, prompt), theirs(peer.url, prompt)):
                row["tokens"] += 1
                differences += [abs(a_best[token] - b_best[token]) for token in a_best.keys() & b_best.keys()]
                if a != b:
                    if a in b_best and abs(b_best[a] - b_best[b]) < tolerance:
                        row["ties"] += 1
                    else:
                        row["equal"] = False
                    break
    row["logprobMedianDifference"], row["logprobMaxDifference"] = statistics.median(differences), max(differences)
    row["equal"] = row["equal"] and row["logprobMedianDifference" if name.endswith("F16") else "logprobMaxDifference"] <= tolerance
    return row


def main():
    if sys.argv[1:2] == ["write"]:
        return write(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rubato", required=True, help="the program")
    parser.add_argument("--root", default="/", help="where llama-server and python3 with gguf are")
    parser.add_argument("--only", help="run the models whose names begin so")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    inside = [] if options.root == "/" else ["chroot", options.root]
    folder = "/tmp/rubato-architectures"
    with open(__file__, encoding="utf-8") as script:
        subprocess.run(inside + ["python3", "-", "write", folder], stdin=script, check=True)
    version = subprocess.run(inside + ["llama-server", "--version"], capture_output=True, text=True).stderr
    rows = []
    for name, variant in VARIANTS.items():
        if options.only and not name.startswith(options.only):
            continue
        kinds = [("F32", TOLERANCE if not name.startswith("gemma") else GELU_TOLERANCE)] + ([("F16", F16_TOLERANCE)] if "experts" in variant else [])
        for kind, tolerance in kinds:
            inner = f"{folder}/{file_name(name)}"
            if kind != "F32":
                small = inner.replace(".gguf", f"-{kind}.gguf")
                subprocess.run([options.rubato, "quantize", options.root.rstrip("/") + inner, "--type", kind, "--out",
                                options.root.rstrip("/") + small, "--json"], check=True, stdout=subprocess.DEVNULL)
                inner = small
            rows.append(compare(f"{name} {kind}", options.rubato, inside + ["llama-server"], options.root.rstrip("/") + inner, inner,
                                variant.get("context", 512), tolerance))
            row = rows[-1]
            print(f"{'equal' if row['equal'] else 'DIFFERENT':9} {row['tokens']:4} tokens, {row['ties']} ties, "
                  f"log-probabilities within {row['logprobMaxDifference']:.1e}  {row['model']}", file=sys.stderr)
    equal = sum(row["equal"] for row in rows)
    if options.json:
        print(json.dumps({"peer": next((line for line in version.splitlines() if line.startswith("version")), ""),
                          "tokensPerPrompt": TOKENS, "promptTokens": PROMPTS, "equal": equal, "of": len(rows), "models": rows}, indent=2))
    else:
        print(f"{equal} of {len(rows)} models agree")
    return 0 if equal == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
