#!/usr/bin/env python3
"""Converts small random Hugging Face folders of every family and compares what the converted models write with a plain computation.

    bench/peers/huggingface_folders.py --rubato PROGRAM [--json]

For each family: a folder (config.json, tokenizer.json, model.safetensors) is written, `rubato convert` makes a GGUF file of it,
`rubato run` continues a prompt greedily, and the same is computed here from the folder, in double precision, by the families'
published definitions: rotary pairs (i, i + d/2), scales of Gemma's norms plus one, experts, windows, caps, stretched positions.
Nothing but Python's standard library is needed. Exit code 0 when every text is the same.
"""
import argparse
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

EMBEDDING, HEADS, KEY_VALUE_HEADS, HEAD, FEED_FORWARD, LAYERS, EXPERTS = 64, 4, 2, 16, 96, 2, 4
PROMPT, TOKENS = "The scheduler in 2024 gives the rest", 16
LLAMA = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASES = [
    ("LlamaForCausalLM", {}), ("LlamaForCausalLM", {"rope_scaling": {"rope_type": "linear", "factor": 4.0}}),
    ("LlamaForCausalLM", {"rope_theta": 500000.0, "rope_scaling": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}}),
    ("MistralForCausalLM", {"sliding_window": 6}), ("MixtralForCausalLM", {}), ("Qwen2ForCausalLM", {}), ("Qwen3ForCausalLM", {}),
    ("Qwen2MoeForCausalLM", {}), ("Qwen3MoeForCausalLM", {}), ("GemmaForCausalLM", {}), ("Gemma2ForCausalLM", {"sliding_window": 6}),
    ("Gemma3ForCausalLM", {"sliding_window": 6}), ("Phi3ForCausalLM", {}),
]


def byte_alphabet():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [value for value in range(256) if value not in printable]
    return {**{value: chr(value) for value in printable}, **{value: chr(256 + i) for i, value in enumerate(others)}}


ALPHABET = byte_alphabet()
END = 256


def configuration(family, changes):
    gemma, mixtral = family.startswith("Gemma"), family == "MixtralForCausalLM"
    config = {
        "architectures": [family], "hidden_size": EMBEDDING, "intermediate_size": FEED_FORWARD, "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_VALUE_HEADS, "head_dim": HEAD, "num_hidden_layers": LAYERS, "max_position_embeddings": 512, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "vocab_size": 257, "tie_word_embeddings": gemma, "hidden_act": "gelu_pytorch_tanh" if gemma else "silu"}
    if "Moe" in family or mixtral:
        config.update({"num_local_experts" if mixtral else "num_experts": EXPERTS, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
                       "shared_expert_intermediate_size": 40, "norm_topk_prob": family == "Qwen3MoeForCausalLM"})
    if family == "Gemma2ForCausalLM":
        config.update({"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0})
    return {**config, **changes}


def shapes(family):
    query, keys = HEADS * HEAD, KEY_VALUE_HEADS * HEAD
    yield "model.embed_tokens.weight", [257, EMBEDDING]
    yield "model.norm.weight", [EMBEDDING]
    if not family.startswith("Gemma"):
        yield "lm_head.weight", [257, EMBEDDING]

    def feed_forward(prefix, length, names=("gate_proj", "up_proj", "down_proj")):
        for name, shape in zip(names, ([length, EMBEDDING], [length, EMBEDDING], [EMBEDDING, length])):
            yield f"{prefix}{name}.weight", shape

    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        norms = ["input_layernorm", "post_attention_layernorm"]
        norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"] if family in ("Gemma2ForCausalLM", "Gemma3ForCausalLM") else []
        yield from ((f"{at}{norm}.weight", [EMBEDDING]) for norm in norms)
        yield at + "self_attn.o_proj.weight", [EMBEDDING, query]
        if family == "Phi3ForCausalLM":
            yield at + "self_attn.qkv_proj.weight", [query + 2 * keys, EMBEDDING]
            yield at + "mlp.gate_up_proj.weight", [2 * FEED_FORWARD, EMBEDDING]
            yield at + "mlp.down_proj.weight", [EMBEDDING, FEED_FORWARD]
            continue
        for name, rows in (("q", query), ("k", keys), ("v", keys)):
            yield f"{at}self_attn.{name}_proj.weight", [rows, EMBEDDING]
            if family.startswith("Qwen2"):
                yield f"{at}self_attn.{name}_proj.bias", [rows]
        if family.startswith("Qwen3") or family == "Gemma3ForCausalLM":
            yield at + "self_attn.q_norm.weight", [HEAD]
            yield at + "self_attn.k_norm.weight", [HEAD]
        if family == "MixtralForCausalLM":
            yield at + "block_sparse_moe.gate.weight", [EXPERTS, EMBEDDING]
            for expert in range(EXPERTS):
                yield from feed_forward(f"{at}block_sparse_moe.experts.{expert}.", FEED_FORWARD, ("w1", "w3", "w2"))
        elif "Moe" in family:
            yield at + "mlp.gate.weight", [EXPERTS, EMBEDDING]
            for expert in range(EXPERTS):
                yield from feed_forward(f"{at}mlp.experts.{expert}.", 32)
            if family == "Qwen2MoeForCausalLM":
                yield at + "mlp.shared_expert_gate.weight", [1, EMBEDDING]
                yield from feed_forward(at + "mlp.shared_expert.", 40)
        else:
            yield from feed_forward(at + "mlp.", FEED_FORWARD)


def write_folder(folder, family, config, seed):
    """Writes the folder; answers the weights as they are stored, rounded to single precision."""
    draw = random.Random(seed)
    weights, header, data = {}, {}, b""
    for name, shape in shapes(family):
        count = math.prod(shape)
        around, spread = (0 if family.startswith("Gemma") else 1, 0.1) if name.endswith("norm.weight") else (0, 0.5 if "embed" in name or "head" in name else 0.2)
        stored = struct.pack(f"<{count}f", *(draw.gauss(around, spread) for _ in range(count)))
        values = struct.unpack(f"<{count}f", stored)
        weights[name] = list(values) if len(shape) == 1 else [values[row * shape[1]:(row + 1) * shape[1]] for row in range(shape[0])]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(stored)]}
        data += stored
    text = json.dumps(header).encode()
    with open(os.path.join(folder, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    tokenizer = {
        "version": "1.0", "added_tokens": [{"id": END, "content": "<|endoftext|>", "special": True}], "normalizer": None, "post_processor": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": LLAMA}, "behavior": "Isolated", "invert": False}, {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}]},
        "model": {"type": "BPE", "ignore_merges": True, "vocab": {ALPHABET[value]: value for value in range(256)}, "merges": []}}
    for name, content in (("config.json", config), ("tokenizer.json", tokenizer), ("tokenizer_config.json", {"eos_token": "<|endoftext|>"})):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(content, file)
    return weights


class Model:
    """The forward pass of one sequence, token by token, from the folder's weights."""

    def __init__(self, family, config, weights):
        self.family, self.config, self.weights = family, config, weights
        self.gemma = family.startswith("Gemma")
        self.later_norms = family in ("Gemma2ForCausalLM", "Gemma3ForCausalLM")
        self.cache = [[] for _ in range(LAYERS)]

    def times(self, name, x):
        return [sum(a * b for a, b in zip(row, x)) for row in self.weights[name]]

    def norm(self, name, x):
        scale = 1 / math.sqrt(sum(value * value for value in x) / len(x) + self.config["rms_norm_eps"])
        return [value * scale * (weight + 1 if self.gemma else weight) for value, weight in zip(x, self.weights[name])]

    def activate(self, value):
        if self.gemma:
            return 0.5 * value * (1 + math.tanh(math.sqrt(2 / math.pi) * (value + 0.044715 * value ** 3)))
        return value / (1 + math.exp(-value))

    def frequencies(self, is_local):
        theta = 10000.0 if self.family == "Gemma3ForCausalLM" and is_local else self.config["rope_theta"]
        scaling = self.config.get("rope_scaling", {})
        for i in range(HEAD // 2):
            frequency = theta ** (-2 * i / HEAD)
            if scaling.get("rope_type") == "linear":
                frequency /= scaling["factor"]
            elif scaling.get("rope_type") == "llama3":
                turns = scaling["original_max_position_embeddings"] * frequency / (2 * math.pi)
                smooth = min(1, max(0, (turns - scaling["low_freq_factor"]) / (scaling["high_freq_factor"] - scaling["low_freq_factor"])))
                frequency *= (1 - smooth) / scaling["factor"] + smooth
            yield frequency

    def rotate(self, x, position, frequencies):
        half, angles = HEAD // 2, [position * frequency for frequency in frequencies]
        first = [x[i] * math.cos(angles[i]) - x[i + half] * math.sin(angles[i]) for i in range(half)]
        return first + [x[i + half] * math.cos(angles[i]) + x[i] * math.sin(angles[i]) for i in range(half)]

    def queries_keys_values(self, at, x):
        if self.family == "Phi3ForCausalLM":
            fused = self.times(at + "qkv_proj.weight", x)
            query, keys = HEADS * HEAD, KEY_VALUE_HEADS * HEAD
            parts = [fused[:query], fused[query:query + keys], fused[query + keys:]]
        else:
            parts = [self.times(f"{at}{name}_proj.weight", x) for name in "qkv"]
            if at + "q_proj.bias" in self.weights:
                parts = [[a + b for a, b in zip(part, self.weights[f"{at}{name}_proj.bias"])] for part, name in zip(parts, "qkv")]
        heads = [[part[i:i + HEAD] for i in range(0, len(part), HEAD)] for part in parts]
        if at + "q_norm.weight" in self.weights:
            heads[:2] = [[self.norm(f"{at}{name}_norm.weight", head) for head in part] for part, name in zip(heads, "qk")]
        return heads

    def attend(self, layer, x, position):
        at = f"model.layers.{layer}.self_attn."
        is_local = {"MistralForCausalLM": True, "Gemma2ForCausalLM": layer % 2 == 0, "Gemma3ForCausalLM": (layer + 1) % 6 != 0}.get(self.family, False)
        frequencies = list(self.frequencies(is_local))
        queries, keys, values = self.queries_keys_values(at, x)
        queries, keys = ([self.rotate(head, position, frequencies) for head in part] for part in (queries, keys))
        self.cache[layer].append((keys, values))
        seen = self.cache[layer][-self.config["sliding_window"]:] if is_local else self.cache[layer]
        result = []
        for head, query in enumerate(queries):
            group = head * KEY_VALUE_HEADS // HEADS
            scores = [sum(a * b for a, b in zip(query, stored[0][group])) / math.sqrt(HEAD) for stored in seen]
            if self.family == "Gemma2ForCausalLM":
                scores = [50 * math.tanh(score / 50) for score in scores]
            shares = [math.exp(score - max(scores)) for score in scores]
            result += [sum(share * stored[1][group][i] for share, stored in zip(shares, seen)) / sum(shares) for i in range(HEAD)]
        return self.times(at + "o_proj.weight", result)

    def gated(self, prefix, x, names=("gate_proj", "up_proj", "down_proj")):
        gate, up, down = (f"{prefix}{name}.weight" for name in names)
        return self.times(down, [self.activate(a) * b for a, b in zip(self.times(gate, x), self.times(up, x))])

    def feed_forward(self, layer, x):
        at = f"model.layers.{layer}."
        if self.family == "Phi3ForCausalLM":
            both = self.times(at + "mlp.gate_up_proj.weight", x)
            return self.times(at + "mlp.down_proj.weight", [self.activate(a) * b for a, b in zip(both[:FEED_FORWARD], both[FEED_FORWARD:])])
        if "num_experts_per_tok" not in self.config:
            return self.gated(at + "mlp.", x)
        mixtral = self.family == "MixtralForCausalLM"
        at += "block_sparse_moe." if mixtral else "mlp."
        logits = self.times(at + "gate.weight", x)
        shares = [math.exp(logit - max(logits)) for logit in logits]
        shares = [share / sum(shares) for share in shares]
        chosen = sorted(range(EXPERTS), key=lambda expert: -shares[expert])[:2]
        total = 1 if self.family == "Qwen2MoeForCausalLM" else sum(shares[expert] for expert in chosen)
        result = [0.0] * EMBEDDING
        for expert in chosen:
            out = self.gated(f"{at}experts.{expert}.", x, *([("w1", "w3", "w2")] if mixtral else []))
            result = [a + b * shares[expert] / total for a, b in zip(result, out)]
        if self.family == "Qwen2MoeForCausalLM":
            share = 1 / (1 + math.exp(-self.times(at + "shared_expert_gate.weight", x)[0]))
            result = [a + share * b for a, b in zip(result, self.gated(at + "shared_expert.", x))]
        return result

    def logits(self, token, position):
        x = [value * (math.sqrt(EMBEDDING) if self.gemma else 1) for value in self.weights["model.embed_tokens.weight"][token]]
        for layer in range(LAYERS):
            at = f"model.layers.{layer}."
            out = self.attend(layer, self.norm(at + "input_layernorm.weight", x), position)
            x = [a + b for a, b in zip(x, self.norm(at + "post_attention_layernorm.weight", out) if self.later_norms else out)]
            out = self.feed_forward(layer, self.norm(at + ("pre_feedforward_layernorm" if self.later_norms else "post_attention_layernorm") + ".weight", x))
            x = [a + b for a, b in zip(x, self.norm(at + "post_feedforward_layernorm.weight", out) if self.later_norms else out)]
        head = "lm_head.weight" if "lm_head.weight" in self.weights else "model.embed_tokens.weight"
        logits = self.times(head, self.norm("model.norm.weight", x))
        return [30 * math.tanh(logit / 30) for logit in logits] if self.family == "Gemma2ForCausalLM" else logits


def continuation(family, config, weights):
    model, fed, out = Model(family, config, weights), list(PROMPT.encode()), []
    for position in range(len(fed) + TOKENS - 1):
        logits = model.logits(fed[position] if position < len(fed) else out[-1], position)
        if position >= len(fed) - 1:
            out.append(max(range(len(logits)), key=lambda token: logits[token]))
            if out[-1] == END:
                break
    return bytes(token for token in out if token != END).decode("utf-8", "replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rubato", required=True, help="the program, and arguments before its own")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for number, (family, changes) in enumerate(CASES):
        with tempfile.TemporaryDirectory() as folder:
            config = configuration(family, changes)
            weights = write_folder(folder, family, config, seed=number)
            file = os.path.join(folder, "model.gguf")
            program = options.rubato.split()
            subprocess.run([*program, "convert", folder, "--out", file], check=True, stdout=subprocess.DEVNULL)
            written = subprocess.run([*program, "run", file, PROMPT, "--raw", "--max-tokens", str(TOKENS), "--json"], check=True, capture_output=True, text=True).stdout
            row = {"family": family, "changes": changes, "text": json.loads(written)["text"], "expected": continuation(family, config, weights)}
            rows.append({**row, "same": row["text"] == row["expected"]})
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            print(f"{row['family']:22} {json.dumps(row['changes'])[:60]:60} {'same' if row['same'] else 'DIFFERS'}")
    sys.exit(0 if all(row["same"] for row in rows) else 1)


main()
