using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Grammars;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>One admitted sequence as the engine thread sees it: tokens go in, final text comes out.</summary>
internal sealed class ActiveSequence
{
    private readonly IncrementalDetokenizer _detokenizer;
    private readonly StopSequenceMatcher _stops;
    private readonly GrammarCursor? _cursor;
    private readonly ITokenizer _tokenizer;
    private readonly ImmutableArray<int> _spelled;
    private readonly Queue<(int TextEnd, GeneratedToken Token)> _held = [];
    private int _textRead;
    private int _textReleased;

    public ActiveSequence(GenerationHandle generation, int index, Request request, GenerationRequest asked, ITokenizer tokenizer, Instant now)
    {
        Generation = generation;
        Index = index;
        Request = request;
        Operation = asked.Operation;
        SubmittedAt = now;
        Pool = asked.Pooling is { } pooling ? new StatePool(pooling) : null;
        _cursor = asked.Grammar?.Begin();
        _tokenizer = tokenizer;
        _spelled = asked.SpelledTokens;
        _detokenizer = new IncrementalDetokenizer(tokenizer);
        _stops = new StopSequenceMatcher(asked.StopTexts);
    }

    public GenerationHandle Generation { get; }

    public int Index { get; }

    public Request Request { get; }

    public GenerationOperation Operation { get; }

    public Instant SubmittedAt { get; }

    /// <summary>Gathers hidden states; null when the sequence generates text.</summary>
    public StatePool? Pool { get; }

    public Instant? FirstTokenAt { get; set; }

    public Instant? LastTokenAt { get; set; }

    public int OutputTokens { get; private set; }

    /// <summary>Takes in a sampled token.</summary>
    /// <returns>The text that became final and whether a stop text ends the sequence here.</returns>
    public (string Text, bool Stopped) Take(SampledToken sampled)
    {
        OutputTokens++;
        if (Request.StopTokens.Contains(sampled.Token))
        {
            return ("", false);
        }

        var text = _spelled.Contains(sampled.Token) ? _tokenizer.TokenText(sampled.Token) : _detokenizer.Append(sampled.Token);
        _textRead += text.Length;
        _held.Enqueue((_textRead, new GeneratedToken(sampled.Token, sampled.LogProbabilities)));
        var isFree = Follow(sampled.Token);
        var released = isFree ? _stops.Append(text) : _stops.Flush() + text;
        return (released, _stops.Matched is not null || _cursor?.IsFinal == true);
    }

    /// <summary>Follows the grammar; whether the token is free text, in which stop texts count.</summary>
    private bool Follow(int token)
    {
        if (_cursor is null)
        {
            return true;
        }

        var wasFree = _cursor.IsFree;
        try
        {
            _cursor.Advance(token, _tokenizer);
        }
        catch (RubatoException)
        {
            // The constraint of the same grammar ends the request at its next draw.
        }

        return wasFree && _cursor.IsFree;
    }

    /// <summary>The event for text that became final, with the tokens that lie behind it.</summary>
    public GenerationEvent Release(string text)
    {
        _textReleased += text.Length;
        return new GenerationEvent { Sequence = Index, Text = text, Tokens = ReleaseTokens(_textReleased) };
    }

    /// <summary>The last event: what was held back becomes final, unless a stop text was found.</summary>
    public GenerationEvent End(string text, FinishedRequest end)
    {
        var tail = text;
        if (_stops.Matched is null)
        {
            tail += _stops.Append(_detokenizer.Flush()) + _stops.Flush();
        }

        _textReleased += tail.Length;
        var tokens = _stops.Matched is not null ? ReleaseTokens(_textReleased) : ReleaseTokens(int.MaxValue);
        return new GenerationEvent
        {
            Sequence = Index,
            Text = tail,
            Tokens = tokens,
            End = new GenerationEnd(end.Reason, Request.PromptTokens.Length, OutputTokens) { CachedTokens = end.CachedTokens },
        };
    }

    private ImmutableArray<GeneratedToken> ReleaseTokens(int textEnd)
    {
        var tokens = ImmutableArray.CreateBuilder<GeneratedToken>();
        while (_held.TryPeek(out var head) && head.TextEnd <= textEnd)
        {
            tokens.Add(_held.Dequeue().Token);
        }

        return tokens.DrainToImmutable();
    }
}
