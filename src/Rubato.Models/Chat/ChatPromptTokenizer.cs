using System.Buffers;
using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Chat;

/// <summary>
/// Turns conversations into the token ids of prompts so that control tokens come from the chat template only: a message that spells
/// one (<c>&lt;|im_end|&gt;</c>) is text, and cannot end its turn or forge another.
/// </summary>
/// <remarks>
/// <para>
/// A template may do anything with a message (trim it, cut it at <c>&lt;/think&gt;</c>, change its case), so places in the message are
/// not places in the prompt. Instead the first character of a control token's spelling is replaced in the messages by a private-use
/// character that they do not hold; the rendered text is cut at the control tokens that are left, which are the template's; then the
/// character is put back and the text between control tokens is encoded as plain text. Messages that spell no control token give the
/// ids that the whole rendered text gives.
/// </para>
/// <para>
/// Two renderings, because a template may look at messages or take them apart. One hides only whole spellings, so the template sees
/// everything else as it is; but what the template removes could join the rest to a spelling. The other hides every character that could
/// begin one, so none can come about. The first counts if its control tokens are those of the second, else the second.
/// </para>
/// Immutable and safe to share between threads if the tokenizer and the renderer are.
/// </remarks>
public sealed class ChatPromptTokenizer
{
    private readonly ITokenizer _tokenizer;
    private readonly Func<ChatConversation, string> _render;
    private readonly SpecialTokenMatcher _control;
    private readonly string _openings;
    private readonly SearchValues<char> _openingUnits;

    /// <summary>Makes it for a model.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="render">Writes a conversation as the text of a prompt, control tokens spelled out.</param>
    public ChatPromptTokenizer(ITokenizer tokenizer, Func<IReadOnlyList<ChatMessage>, string> render)
        : this(conversation => render(conversation.Messages), tokenizer)
    {
        ArgumentNullException.ThrowIfNull(render);
    }

    private ChatPromptTokenizer(Func<ChatConversation, string> render, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        (_tokenizer, _render) = (tokenizer, render);
        (string Spelling, int Token)[] control = [.. ControlTokens(tokenizer)];
        _control = new(control);
        _openings = new([.. control.Select(token => token.Spelling[0]).SelectMany(CaseVariants).Distinct()]);
        _openingUnits = SearchValues.Create(_openings);
    }

    /// <summary>Makes it for a model whose template knows functions.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="render">Writes a conversation as the text of a prompt, control tokens spelled out.</param>
    public static ChatPromptTokenizer ForConversations(ITokenizer tokenizer, Func<ChatConversation, string> render)
    {
        ArgumentNullException.ThrowIfNull(render);
        return new(render, tokenizer);
    }

    /// <summary>Renders the conversation and finds the template's control tokens in it.</summary>
    /// <exception cref="RubatoException">The template refuses the conversation or fails on it.</exception>
    public ChatPrompt Render(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return Render(new ChatConversation([.. messages], []));
    }

    /// <summary>Renders the conversation and finds the template's control tokens in it; functions and calls can forge none either.</summary>
    /// <exception cref="RubatoException">The template refuses the conversation or fails on it.</exception>
    public ChatPrompt Render(ChatConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var texts = conversation.Texts();
        if (!texts.Exists(text => text.AsSpan().ContainsAny(_openingUnits)))
        {
            return Cut(_render(conversation), StandIns.None);
        }

        var standIns = StandIns.For(_openings, texts);
        var lenient = Cut(_render(conversation.Map(Hidden(text => HideSpellings(text, standIns)))), standIns);
        var strict = Cut(_render(conversation.Map(Hidden(text => HideOpenings(text, standIns)))), standIns);
        return lenient.ControlTokens.SequenceEqual(strict.ControlTokens) ? lenient : strict;
    }

    /// <summary>The token ids of a prompt that a call of Render gave.</summary>
    public int[] Encode(ChatPrompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var tokens = new List<int>(16 + prompt.Text.Length / 3);
        foreach (var part in prompt.Parts)
        {
            tokens.AddRange(part.ControlToken is { } control ? [control] : _tokenizer.Encode(part.Text, addSpecial: false, parseSpecial: false));
        }

        return [.. tokens];
    }

    private ChatPrompt Cut(string rendered, StandIns standIns)
    {
        var parts = ImmutableArray.CreateBuilder<ChatPromptPart>();
        for (var start = 0; start < rendered.Length;)
        {
            var found = _control.TryFind(rendered, start, out var position, out var length, out var token);
            if (position > start)
            {
                parts.Add(new(standIns.Restore(rendered[start..position]), null));
            }

            if (found)
            {
                parts.Add(new(rendered.Substring(position, length), token));
            }

            start = position + length;
        }

        return new(parts.ToImmutable());
    }

    private static Func<string, string> Hidden(Action<char[]> hide) => text =>
    {
        var units = text.ToCharArray();
        hide(units);
        return new(units);
    };

    private static void HideOpenings(char[] text, StandIns standIns)
    {
        for (var i = 0; i < text.Length; i++)
        {
            standIns.Hide(text, i);
        }
    }

    private void HideSpellings(char[] text, StandIns standIns)
    {
        for (var start = 0; _control.TryFind(text, start, out var position, out _, out _); start = position + 1)
        {
            standIns.Hide(text, position);
        }
    }

    /// <summary>The tokens that are no part of any text and that the tokenizer finds by their spelling.</summary>
    private static IEnumerable<(string Spelling, int Token)> ControlTokens(ITokenizer tokenizer) =>
        from token in Enumerable.Range(0, tokenizer.VocabularySize)
        where tokenizer.IsSpecial(token)
        let spelling = tokenizer.TokenText(token)
        where spelling.Length > 0 && tokenizer.Encode(spelling, addSpecial: false, parseSpecial: true) is [var found] && found == token
        select (spelling, token);

    /// <summary>A template that changes the case of a message must not make an opening of another character.</summary>
    private static IEnumerable<char> CaseVariants(char unit) => [unit, char.ToLowerInvariant(unit), char.ToUpperInvariant(unit)];
}
