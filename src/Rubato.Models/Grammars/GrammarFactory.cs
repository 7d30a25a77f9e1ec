using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Chat.Tools;
using Rubato.Models.Grammars.Automata;
using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Json;
using Rubato.Models.Grammars.Masks;
using Rubato.Models.Grammars.Schemas;
using Rubato.Models.Grammars.Tools;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Grammars;

/// <summary>Makes grammars over the tokens of one model, and keeps those that were asked for last. Safe to share between threads.</summary>
public sealed class GrammarFactory
{
    /// <summary>Grammars that are kept; each may hold some megabytes of masks.</summary>
    private const int KeptMax = 16;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, TokenGrammar Grammar)> _kept = [];
    private readonly Lazy<VocabularyTrie> _trie;
    private readonly GrammarLimits _limits;

    /// <summary>Makes it for a model. The vocabulary is read when the first grammar is asked for.</summary>
    public GrammarFactory(ITokenizer tokenizer)
        : this(tokenizer, GrammarLimits.Default)
    {
    }

    internal GrammarFactory(ITokenizer tokenizer, GrammarLimits limits)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        Tokenizer = tokenizer;
        _limits = limits;
        _trie = new(() => new VocabularyTrie(tokenizer));
    }

    /// <summary>The tokenizer of the model.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Outputs that are one JSON object, any at all.</summary>
    public TokenGrammar JsonObject() => Keep("object", _ => Whole(JsonText.AnyObject), "schema");

    /// <summary>Outputs that are JSON and satisfy a schema.</summary>
    /// <param name="schema">A JSON schema (2020-12 in its common part; see docs/concepts/structured-output.md).</param>
    /// <param name="path">The name of the schema in messages, like <c>response_format.json_schema.schema</c>.</param>
    /// <exception cref="SchemaException">The schema is malformed, not supported, too large, or impossible to satisfy.</exception>
    public TokenGrammar JsonSchema(JsonElement schema, string path) =>
        Keep(KeyOf("schema", path, schema), work => Whole(JsonSchemaCompiler.Compile(schema, path, _limits, work)), path);

    /// <summary>Outputs that call functions, or may.</summary>
    /// <param name="output">The functions, and what else the output may be.</param>
    /// <param name="pathOf">The name of the parameters of a tool in messages, like <c>tools[0].function.parameters</c>.</param>
    /// <param name="contentPath">The name of the schema of the content in messages.</param>
    /// <exception cref="SchemaException">A schema is malformed, not supported, too large, or impossible to satisfy.</exception>
    public TokenGrammar ToolCalls(ToolOutput output, Func<int, string> pathOf, string contentPath = "schema")
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(pathOf);
        var names = string.Join('\n', output.Tools.Select(tool => $"{tool.Name} {tool.Parameters is null} {output.Loose.Contains(tool.Name)}"));
        var kind = $"{output.Syntax.Name} {output.IsForced} {output.AllowsSeveral} {output.ContentIsObject} {output.Content is null}\n{names}";
        JsonElement[] schemas = [.. output.Tools.Select(tool => tool.Parameters).Append(output.Content).OfType<JsonElement>()];
        return Keep(KeyOf(kind, pathOf(0), schemas), work => WriteCalls(output, pathOf, contentPath, work), "tools");
    }

    /// <summary>The control tokens that calls are marked with: part of the text for whoever reads calls.</summary>
    public IReadOnlyList<int> MarkersOf(ToolCallSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        return [.. syntax.Markers.Select(marker => ToolCallGrammar.MarkerToken(Tokenizer, marker)).OfType<int>()];
    }

    private GrammarExpression WriteCalls(ToolOutput output, Func<int, string> pathOf, string contentPath, GrammarWork work)
    {
        var grammar = new ToolCallGrammar(output.Syntax, Tokenizer, output.AllowsSeveral);
        ImmutableArray<(string, GrammarExpression)> functions = [.. output.Tools.Select((tool, i) =>
            (tool.Name, ToolCallGrammar.Arguments(tool, pathOf(i), output.Loose.Contains(tool.Name), _limits, work)))];
        if (output.IsForced)
        {
            return grammar.Forced(functions);
        }

        return output.Content is { } content ? GrammarExpression.Choice(Whole(JsonSchemaCompiler.Compile(content, contentPath, _limits, work)), grammar.Any(functions))
            : output.ContentIsObject ? GrammarExpression.Choice(Whole(JsonText.AnyObject), grammar.Any(functions))
            : grammar.Free(functions);
    }

    /// <summary>A short text that is different for different contents.</summary>
    internal static string KeyOf(string kind, string path, params ReadOnlySpan<JsonElement> contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{kind}\n{path}\n"));
        foreach (var content in contents)
        {
            var bytes = JsonMarshal.GetRawUtf8Value(content);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>White space first, as some vocabularies begin every text with a blank.</summary>
    internal static GrammarExpression Whole(GrammarExpression value) => GrammarExpression.Sequence(JsonText.Space, value);

    private TokenGrammar Keep(string key, Func<GrammarWork, GrammarExpression> write, string path)
    {
        if (Find(key) is { } known)
        {
            return known;
        }

        TokenGrammar made;
        try
        {
            var work = new GrammarWork(_limits);
            made = new(GrammarCompiler.Compile(write(work), _limits, work), _trie.Value, _limits);
            made.Warm();
        }
        catch (RubatoException error) when (error is not SchemaException)
        {
            throw new SchemaException(path, $"'{path}': {error.Message}");
        }

        lock (_lock)
        {
            _kept.AddFirst((key, made));
            if (_kept.Count > KeptMax)
            {
                _kept.RemoveLast();
            }
        }

        return made;
    }

    private TokenGrammar? Find(string key)
    {
        lock (_lock)
        {
            for (var node = _kept.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _kept.Remove(node);
                    _kept.AddFirst(node);
                    return node.Value.Grammar;
                }
            }
        }

        return null;
    }
}
