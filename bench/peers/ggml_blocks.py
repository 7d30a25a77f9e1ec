#!/usr/bin/env python3
"""Rubato's block types beside those of the ggml library: golden vectors, and the error of the two quantisers.

    bench/peers/ggml_blocks.py golden                  writes tests/Rubato.Kernels.Tests/Quantized/ggml-golden.json
    bench/peers/ggml_blocks.py rmse --rubato PROGRAM   writes bench/results/quantize-rmse.json

The library comes from the npm package @node-llama-cpp/linux-x64, fetched into a temporary folder by 'npm pack' (Linux, x64), or
from --library FILE. It is needed to make these files only, neither to build nor to run the tests.
"""
import argparse
import ctypes
import hashlib
import json
import math
import os
import struct
import subprocess
import sys
import tempfile

PACKAGE = "@node-llama-cpp/linux-x64@3.22.1"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "Rubato.Kernels.Tests", "Quantized", "ggml-golden.json")
RESULTS = os.path.join(ROOT, "bench", "results", "quantize-rmse.json")

# name: (number in the format, values of a block, bytes of a block, where its half-precision numbers lie)
TYPES = {
    "Q8_0": (8, 32, 34, [0]),
    "Q4_0": (2, 32, 18, [0]),
    "Q4_1": (3, 32, 20, [0, 2]),
    "Q5_0": (6, 32, 22, [0]),
    "Q5_1": (7, 32, 24, [0, 2]),
    "Q2_K": (10, 256, 84, [80, 82]),
    "Q3_K": (11, 256, 110, [108]),
    "Q4_K": (12, 256, 144, [0, 2]),
    "Q5_K": (13, 256, 176, [0, 2]),
    "Q6_K": (14, 256, 210, [208]),
    "IQ4_NL": (20, 32, 18, [0]),
}
SAME_BYTES = ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"]
BLOCKS = 2048
ROW = 4096


def stream(label, count):
    """Bytes that every language draws alike: SHA-256 of "label/0", "label/1", ... one after the other."""
    pieces = (hashlib.sha256(f"{label}/{i}".encode()).digest() for i in range((count + 31) // 32))
    return b"".join(pieces)[:count]


def random_blocks(name):
    """Blocks of every byte pattern; scales are finite, among them zeros of both signs, subnormals and the largest."""
    _, _, size, halves = TYPES[name]
    content = bytearray(stream(f"blocks of {name}", BLOCKS * size))
    for block in range(BLOCKS):
        for index, offset in enumerate(halves):
            at = block * size + offset
            bits, = struct.unpack_from("<H", content, at)
            kind = (block >> (4 * index)) % 16
            if kind < 4:
                bits = [0, 0x8000, bits & 0x83FF, (bits & 0x8000) | 0x7BFF][kind]
            elif bits & 0x7C00 == 0x7C00:
                bits &= 0xBFFF
            struct.pack_into("<H", content, at, bits)
    return bytes(content)


def gaussian(label, count):
    """Normal numbers but for the tails: sums of twelve 16-bit numbers, exact in single precision, of deviation 1/32."""
    words = struct.unpack(f"<{12 * count}H", stream(label, 24 * count))
    return [(sum(words[12 * i:12 * i + 12]) - 6 * 65536) / 65536 / 32 for i in range(count)]


def awkward(count):
    """Numbers of all sizes that a scale in half precision reaches, zeros, blocks of one value and ties of the largest."""
    bits = struct.unpack(f"<{count}I", stream("awkward", 4 * count))
    values = []
    for i, word in enumerate(bits):
        exponent = 127 - 20 + ((i // 32) * 7) % 24 + (word >> 23) % 4
        value, = struct.unpack("<f", struct.pack("<I", (word & 0x807FFFFF) | (exponent << 23)))
        kind = (i // 32) % 16
        if kind == 1:
            value = 0.0
        elif kind == 2:
            value = values[-1] if i % 32 else value
        elif kind == 3:
            value = math.copysign(0.75, value)
        elif kind == 4 and word % 3 == 0:
            value = 0.0
        elif kind == 5:
            value = abs(value)
        elif kind == 6:
            value = -abs(value)
        values.append(value)
    return values


class Ggml:
    """The few functions of libggml-base that these comparisons need."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        chunk = self.library.ggml_quantize_chunk
        chunk.restype = ctypes.c_size_t
        chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]

    def decode(self, name, content):
        _, values, size, _ = TYPES[name]
        count = len(content) // size * values
        result = (ctypes.c_float * count)()
        function = getattr(self.library, "dequantize_row_" + name.lower().replace("_k", "_K"))
        function.restype = None
        function(ctypes.c_char_p(content), result, ctypes.c_int64(count))
        return bytes(result)

    def encode(self, name, floats, row):
        number, values, size, _ = TYPES[name]
        source = (ctypes.c_float * len(floats))(*floats)
        result = (ctypes.c_ubyte * (len(floats) // values * size))()
        written = self.library.ggml_quantize_chunk(number, source, result, 0, len(floats) // row, row, None)
        assert written == len(result), f"{name}: {written} bytes written, {len(result)} expected"
        return bytes(result)


def fetch_library(folder):
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    archive = next(name for name in os.listdir(folder) if name.endswith(".tgz"))
    subprocess.run(["tar", "xzf", archive], cwd=folder, check=True)
    return next(os.path.join(place, "libggml-base.so") for place, _, files in os.walk(folder) if "libggml-base.so" in files)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def rmse(values, decoded):
    floats = struct.unpack(f"<{len(values)}f", decoded)
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(values, floats)) / len(values))


def golden(ggml):
    normal = gaussian("gaussian", 64 * ROW)
    odd = awkward(16 * ROW)
    document = {"made by": "bench/peers/ggml_blocks.py golden", "package": PACKAGE, "types": {}}
    for name, (_, values, size, _) in TYPES.items():
        content = random_blocks(name)
        decoded = ggml.decode(name, content)
        examples = [4, 5] if values == 256 else [0, 1, 2, 3, 4, 5]
        entry = {
            "blocks": sha256(content),
            "decoded": sha256(decoded),
            "examples": [
                {"block": content[b * size:b * size + size].hex(), "values": decoded[4 * b * values:4 * (b + 1) * values].hex()}
                for b in examples
            ],
            "gaussianRmse": float(f"{rmse(normal, ggml.decode(name, ggml.encode(name, normal, ROW))):.6g}"),
        }
        if name in SAME_BYTES:
            entry["gaussianBytes"] = sha256(ggml.encode(name, normal, ROW))
            entry["awkwardBytes"] = sha256(ggml.encode(name, odd, ROW))
        document["types"][name] = entry
    write(GOLDEN, document)


def model(values):
    """A GGUF file of a Llama model whose matrices hold these numbers, over and over; answers the file and its matrices by name."""
    width, tokens = 1024, 256
    text = lambda t: struct.pack("<Q", len(t)) + t.encode()
    number = lambda key, n: text(f"llama.{key}") + struct.pack("<II", 4, n)
    entries = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        number("context_length", 64), number("embedding_length", width), number("block_count", 1),
        number("feed_forward_length", width), number("attention.head_count", 16),
        text("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-5),
    ]
    block = [f"blk.0.{part}.weight" for part in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")]
    shapes = {"token_embd.weight": [width, tokens], "output.weight": [width, tokens], **{name: [width, width] for name in block}}
    shapes.update({name: [width] for name in ("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight")})
    infos, data, at, matrices = b"", [], 0, {}
    for name, shape in shapes.items():
        count = math.prod(shape)
        numbers = [1.0] * count if len(shape) == 1 else [values[(at + i) % len(values)] for i in range(count)]
        matrices.update({name: numbers} if name in block else {})
        infos += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, 4 * at)
        data.append(struct.pack(f"<{count}f", *numbers))
        at += count
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(entries)) + b"".join(entries) + infos
    return head + bytes(-len(head) % 32) + b"".join(data), matrices


def tensors(content):
    """Names, types and bytes of the tensors of a GGUF file without arrays in its metadata."""
    at = 8

    def take(form):
        nonlocal at
        found = struct.unpack_from("<" + form, content, at)
        at += struct.calcsize("<" + form)
        return found if len(found) > 1 else found[0]

    def text():
        return take(f"{take('Q')}s").decode()

    count, entries = take("QQ")
    for _ in range(entries):
        text()
        kind = take("I")
        text() if kind == 8 else take("I" if kind in (4, 5, 6) else "Q")
    found = []
    for _ in range(count):
        name, dimensions = text(), take("I")
        shape = [take("Q") for _ in range(dimensions)]
        number, offset = take("I"), take("Q")
        found.append((name, math.prod(shape), number, offset))
    start = at + -at % 32
    sizes = {number: (values, size) for number, values, size, _ in TYPES.values()}
    return {
        name: (number, content[start + offset:start + offset + values // sizes[number][0] * sizes[number][1]])
        for name, values, number, offset in found if number in sizes
    }


def compare(ggml, program, folder):
    """The error of files that 'rubato quantize' writes, as the library decodes them, beside that of the library's own quantiser."""
    content, matrices = model(gaussian("gaussian", 64 * ROW))
    source = os.path.join(folder, "gaussian.gguf")
    with open(source, "wb") as file:
        file.write(content)
    document = {"numbers": "normal, deviation 1/32", "weights": sum(map(len, matrices.values())), "package": PACKAGE, "types": {}}
    for name in TYPES:
        target = os.path.join(folder, name + ".gguf")
        subprocess.run([program, "quantize", source, "--type", name, "--out", target], check=True, stdout=subprocess.DEVNULL)
        with open(target, "rb") as file:
            written = tensors(file.read())
        squares = [0.0, 0.0]
        same = True
        for tensor, numbers in matrices.items():
            number, ours = written[tensor]
            theirs = ggml.encode(name, numbers, 1024)
            assert number == TYPES[name][0], f"{tensor} has type {number}, expected {name}"
            same = same and ours == theirs
            for i, blocks in enumerate((ours, theirs)):
                squares[i] += rmse(numbers, ggml.decode(name, blocks)) ** 2 / len(matrices)
        ours, theirs = (math.sqrt(total) for total in squares)
        _, values, size, _ = TYPES[name]
        document["types"][name] = {
            "bitsPerWeight": 8 * size / values, "rmse": float(f"{ours:.5g}"), "rmseGgml": float(f"{theirs:.5g}"),
            "ratio": round(ours / theirs, 4), "sameBytes": same,
        }
        print(name, document["types"][name])
    write(RESULTS, document)


def write(path, document):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
    print(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["golden", "rmse"])
    parser.add_argument("--library", help="libggml-base.so; fetched when not given")
    parser.add_argument("--rubato", help="the program 'rubato'")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ggml = Ggml(options.library or fetch_library(folder))
        golden(ggml) if options.what == "golden" else compare(ggml, options.rubato or parser.error("rmse needs --rubato"), folder)


if __name__ == "__main__":
    sys.exit(main())
