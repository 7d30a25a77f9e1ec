#!/usr/bin/env python3
"""Golden values of Rubato.Core.Prng: xoshiro256** seeded by SplitMix64, with Python's unbounded integers."""
MASK = (1 << 64) - 1


def splitmix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


def rotl(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK


def sequence(seed, count):
    s = []
    for _ in range(4):
        seed, value = splitmix(seed)
        s.append(value)
    for _ in range(count):
        yield (rotl((s[1] * 5) & MASK, 7) * 9) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)


print(", ".join(f"{value}UL" for value in sequence(42, 4)))
