using System.Collections;
using System.Collections.Immutable;
using System.Numerics;
using Rubato.Core;

namespace Rubato.Models.Gguf;

/// <summary>The metadata of a GGUF file, in its order. <c>Get…</c> demands a key, <c>Find…</c> answers null when it is missing.</summary>
/// <remarks>
/// Integers are given in any integer type that holds the value, because writers differ in the width they choose. A key of
/// another type than the one asked for is an error in both families of methods; the message names file, key and type.
/// </remarks>
public sealed class GgufMetadata : IReadOnlyCollection<KeyValuePair<string, GgufValue>>
{
    private readonly OrderedDictionary<string, GgufValue> _values = new(StringComparer.Ordinal);

    internal GgufMetadata(string source) => Source = source;

    /// <summary>Name of the file, for messages.</summary>
    public string Source { get; }

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <summary>Whether the key is there.</summary>
    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>The value of any type under <paramref name="key"/>.</summary>
    public bool TryGet(string key, out GgufValue value) => _values.TryGetValue(key, out value);

    /// <summary>The text under <paramref name="key"/>.</summary>
    /// <exception cref="InvalidFormatException">The key is missing or is no string.</exception>
    public string GetString(string key) => FindString(key) ?? throw Missing(key);

    /// <summary>The text under <paramref name="key"/>, or null without the key.</summary>
    /// <exception cref="InvalidFormatException">The key is no string.</exception>
    public string? FindString(string key) =>
        !TryGet(key, out var value) ? null : value.AsString ?? throw WrongType(key, value, "a string");

    /// <summary>The boolean under <paramref name="key"/>.</summary>
    /// <exception cref="InvalidFormatException">The key is missing or is no boolean.</exception>
    public bool GetBoolean(string key) => FindBoolean(key) ?? throw Missing(key);

    /// <summary>The boolean under <paramref name="key"/>, or null without the key.</summary>
    /// <exception cref="InvalidFormatException">The key is no boolean.</exception>
    public bool? FindBoolean(string key) =>
        !TryGet(key, out var value) ? null : value.AsBoolean ?? throw WrongType(key, value, "a boolean");

    /// <summary>The integer under <paramref name="key"/>.</summary>
    /// <exception cref="InvalidFormatException">The key is missing, is no integer, or does not fit in 32 unsigned bits.</exception>
    public uint GetUInt32(string key) => FindUInt32(key) ?? throw Missing(key);

    /// <summary>The integer under <paramref name="key"/>, or null without the key.</summary>
    /// <exception cref="InvalidFormatException">The key is no integer or does not fit in 32 unsigned bits.</exception>
    public uint? FindUInt32(string key) => FindInteger<uint>(key);

    /// <summary>The integer under <paramref name="key"/>.</summary>
    /// <exception cref="InvalidFormatException">The key is missing, is no integer, or does not fit in 32 signed bits.</exception>
    public int GetInt32(string key) => FindInt32(key) ?? throw Missing(key);

    /// <summary>The integer under <paramref name="key"/>, or null without the key.</summary>
    /// <exception cref="InvalidFormatException">The key is no integer or does not fit in 32 signed bits.</exception>
    public int? FindInt32(string key) => FindInteger<int>(key);

    /// <summary>The integer under <paramref name="key"/>.</summary>
    /// <exception cref="InvalidFormatException">The key is missing, is no integer, or does not fit in 64 unsigned bits.</exception>
    public ulong GetUInt64(string key) => FindInteger<ulong>(key) ?? throw Missing(key);

    /// <summary>The floating-point number under <paramref name="key"/>, rounded to single precision.</summary>
    /// <exception cref="InvalidFormatException">The key is missing or is no floating-point number.</exception>
    public float GetFloat32(string key) => FindFloat32(key) ?? throw Missing(key);

    /// <summary>The floating-point number under <paramref name="key"/>, or null without the key.</summary>
    /// <exception cref="InvalidFormatException">The key is no floating-point number.</exception>
    public float? FindFloat32(string key) =>
        !TryGet(key, out var value) ? null : (float)(value.AsFloat ?? throw WrongType(key, value, "a floating-point number"));

    /// <summary>The array under <paramref name="key"/>.</summary>
    /// <typeparam name="T">The .NET type of the elements, exactly that of the file.</typeparam>
    /// <exception cref="InvalidFormatException">The key is missing or is no array of such elements.</exception>
    public ImmutableArray<T> GetArray<T>(string key)
        where T : notnull => FindArray<T>(key) ?? throw Missing(key);

    /// <summary>The array under <paramref name="key"/>, or null without the key.</summary>
    /// <typeparam name="T">The .NET type of the elements, exactly that of the file.</typeparam>
    /// <exception cref="InvalidFormatException">The key is no array of such elements.</exception>
    public ImmutableArray<T>? FindArray<T>(string key)
        where T : notnull
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        return value.AsArray is GgufArray<T> array
            ? array.Items
            : throw WrongType(key, value, $"an array of {GgufValue.TypeOf<T>()}");
    }

    /// <summary>Number of elements of the array under <paramref name="key"/> whatever their type, or null without the key.</summary>
    /// <exception cref="InvalidFormatException">The key is no array.</exception>
    public int? FindArrayLength(string key) =>
        !TryGet(key, out var value) ? null : (value.AsArray ?? throw WrongType(key, value, "an array")).Count;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, GgufValue>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal bool TryAdd(string key, GgufValue value) => _values.TryAdd(key, value);

    internal void Set(string key, GgufValue value) => _values[key] = value;

    private T? FindInteger<T>(string key)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (!TryGet(key, out var value))
        {
            return null;
        }

        var integer = value.AsInteger ?? throw WrongType(key, value, "an integer");
        if (integer < Int128.CreateChecked(T.MinValue) || integer > Int128.CreateChecked(T.MaxValue))
        {
            throw new InvalidFormatException(
                $"{Source}: metadata key {Printable.Quote(key)} is {integer}; it must lie in {T.MinValue} … {T.MaxValue}.");
        }

        return T.CreateChecked(integer);
    }

    private InvalidFormatException Missing(string key) => new($"{Source}: metadata key {Printable.Quote(key)} is missing.");

    private InvalidFormatException WrongType(string key, GgufValue value, string needed)
    {
        var found = value.AsArray is { } array ? $"an array of {array.ElementType}" : value.Type.ToString();
        return new($"{Source}: metadata key {Printable.Quote(key)} is {found}; {needed} is needed.");
    }
}
