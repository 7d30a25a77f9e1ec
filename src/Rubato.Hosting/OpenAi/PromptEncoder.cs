using System.Collections.Immutable;
using System.Text;
using Rubato.Hosting.Engine;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Hosting.OpenAi;

/// <summary>Turns prompts into token ids and output limits, and refuses what cannot fit before any work is done for it.</summary>
internal sealed class PromptEncoder
{
    private readonly ITokenizer _tokenizer;
    private readonly SchedulerLimits _limits;
    private readonly long _textBytesMax;

    public PromptEncoder(ServedModel model, SchedulerLimits limits)
    {
        _tokenizer = model.Tokenizer;
        _limits = limits;
        _textBytesMax = (long)limits.SequenceTokensMax * LongestToken(_tokenizer);
    }

    /// <summary>The token ids of a completion prompt, begin-of-text first where the model wants it.</summary>
    public ImmutableArray<int> Encode(Prompt prompt) => CheckLength(Tokenize(prompt), prompt.Path);

    /// <summary>The token ids of a text to be embedded, which needs no room for output.</summary>
    public ImmutableArray<int> EncodeWhole(Prompt prompt)
    {
        var tokens = Tokenize(prompt);
        return tokens.Length <= _limits.SequenceTokensMax
            ? CheckNotEmpty(tokens, prompt.Path)
            : throw new OpenAiException(OpenAiError.ContextLengthExceeded(
                $"This model holds at most {_limits.SequenceTokensMax} tokens; '{prompt.Path}' has {tokens.Length}. Shorten it.", prompt.Path));
    }

    /// <summary>Refuses text that could not fit even if each of its tokens were the longest of the vocabulary.</summary>
    public void CheckTextLength(string text, string path)
    {
        if (text.Length > _textBytesMax || Encoding.UTF8.GetByteCount(text) > _textBytesMax)
        {
            throw TooLong($"more than {_limits.SequenceTokensMax}", path);
        }
    }

    public ImmutableArray<int> CheckLength(ImmutableArray<int> tokens, string path)
    {
        _ = CheckNotEmpty(tokens, path);
        return _limits.OutputTokensLimit(tokens.Length) >= 1 ? tokens : throw TooLong($"{tokens.Length}", path);
    }

    private static ImmutableArray<int> CheckNotEmpty(ImmutableArray<int> tokens, string path) =>
        tokens.IsEmpty ? throw new OpenAiException(OpenAiError.BadRequest($"'{path}' has no token.", path, "invalid_value")) : tokens;

    private ImmutableArray<int> Tokenize(Prompt prompt)
    {
        if (prompt.Text is null)
        {
            CheckVocabulary(prompt);
            return prompt.Tokens;
        }

        CheckTextLength(prompt.Text, prompt.Path);
        return [.. _tokenizer.Encode(prompt.Text, addSpecial: true, parseSpecial: false)];
    }

    /// <summary>The output limit to submit: what was asked, or all that fits.</summary>
    public int OutputTokens(int promptTokens, int? asked, string path)
    {
        var limit = _limits.OutputTokensLimit(promptTokens);
        return asked is null || asked <= limit
            ? asked ?? limit
            : throw new OpenAiException(OpenAiError.ContextLengthExceeded(
                $"This model holds at most {_limits.SequenceTokensMax} tokens; the request asks for {(long)promptTokens + asked.Value}"
                + $" ({promptTokens} in the prompt, {asked} to generate). Shorten the prompt or lower the limit.",
                path));
    }

    /// <summary>Refuses a bias on tokens that the model does not have.</summary>
    public void CheckLogitBias(ImmutableArray<TokenBias> biases, string path)
    {
        foreach (var bias in biases)
        {
            if (bias.Token >= _tokenizer.VocabularySize)
            {
                throw new OpenAiException(OpenAiError.BadRequest(
                    $"'{path}' holds token {bias.Token}; ids end at {_tokenizer.VocabularySize - 1}.", path, "invalid_value"));
            }
        }
    }

    private OpenAiException TooLong(string tokens, string path) => new(OpenAiError.ContextLengthExceeded(
        $"This model holds at most {_limits.SequenceTokensMax} tokens, one of them to generate; '{path}' has {tokens}. Shorten it.", path));

    /// <summary>Refuses token ids that the model does not have.</summary>
    public void CheckVocabulary(Prompt prompt)
    {
        foreach (var token in prompt.Tokens)
        {
            if (token >= _tokenizer.VocabularySize)
            {
                throw new OpenAiException(OpenAiError.BadRequest(
                    $"'{prompt.Path}' holds token {token}; ids end at {_tokenizer.VocabularySize - 1}.", prompt.Path, "invalid_value"));
            }
        }
    }

    private static int LongestToken(ITokenizer tokenizer)
    {
        var longest = 1;
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            longest = Math.Max(longest, tokenizer.TokenBytes(token).Length);
        }

        return longest;
    }
}
