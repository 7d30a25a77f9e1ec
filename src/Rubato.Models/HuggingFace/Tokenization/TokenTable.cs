using System.Collections.Immutable;
using System.Globalization;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>Spellings and types by id, gathered from the files of a folder; each id has one spelling.</summary>
/// <param name="size">Number of ids that the model has.</param>
internal sealed class TokenTable(int size)
{
    private readonly string?[] _tokens = new string?[size];
    private readonly TokenType[] _types = new TokenType[size];

    /// <summary>The spelling at the id, if it has one.</summary>
    public string? At(int id) => id >= 0 && id < size ? _tokens[id] : null;

    /// <summary>The type at the id.</summary>
    public TokenType TypeAt(int id) => _types[id];

    /// <summary>Gives the id a spelling.</summary>
    /// <param name="source">The file that says so, for errors.</param>
    /// <param name="id">The id.</param>
    /// <param name="spelling">The spelling.</param>
    /// <param name="type">Its type.</param>
    /// <exception cref="InvalidFormatException">The model does not have the id, or it has another spelling.</exception>
    public void Place(string source, int id, string spelling, TokenType type)
    {
        if (id < 0 || id >= size)
        {
            throw new InvalidFormatException($"{source}: token {Printable.Quote(spelling)} has the id {id}, but config.json says that there are {size} (vocab_size).");
        }

        if (_tokens[id] is { } other && other != spelling)
        {
            throw new InvalidFormatException($"{source}: the id {id} is that of {Printable.Quote(other)} and of {Printable.Quote(spelling)}.");
        }

        (_tokens[id], _types[id]) = (spelling, type);
    }

    /// <summary>Gives the id of a token that was added the spelling that texts have, and a type.</summary>
    public void PlaceAdded(string source, AddedToken added)
    {
        Place(source, added.Id, added.Content, added.IsSpecial ? TokenType.Control : TokenType.UserDefined);
        _tokens[added.Id] = added.IsSpecial ? added.Content : Plain(added.Content);
    }

    /// <summary>Forgets what the id spells.</summary>
    public void Clear(int id) => _tokens[id] = null;

    /// <summary>Marks the token for text that cannot be spelled.</summary>
    public void MarkUnknown(int id) => _types[id] = TokenType.Unknown;

    /// <summary>The table; ids without a spelling get one that is never produced.</summary>
    public (ImmutableArray<string> Tokens, ImmutableArray<TokenType> Types) Finish()
    {
        var taken = _tokens.OfType<string>().ToHashSet(StringComparer.Ordinal);
        for (var id = 0; id < size; id++)
        {
            if (_tokens[id] is null)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"[PAD{id}]");
                while (!taken.Add(name))
                {
                    name += "_";
                }

                (_tokens[id], _types[id]) = (name, TokenType.Unused);
            }
        }

        return ([.. _tokens.Select(token => token!)], [.. _types]);
    }

    /// <summary>Tokens that are matched in a text as it is have its spaces.</summary>
    public static string Plain(string spelling) => spelling.Replace('\u2581', ' ');
}
