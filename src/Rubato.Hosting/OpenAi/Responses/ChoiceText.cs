using System.Text;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>One choice as it grows.</summary>
internal sealed class ChoiceText(int index)
{
    private readonly StringBuilder _text = new();
    private readonly List<GeneratedToken> _tokens = [];

    public int Index => index;

    public string Text => _text.ToString();

    public IReadOnlyList<GeneratedToken> Tokens => _tokens;

    public GenerationEnd? End { get; private set; }

    public void Add(GenerationEvent next)
    {
        _text.Append(next.Text);
        _tokens.AddRange(next.Tokens);
        End = next.End;
    }
}
