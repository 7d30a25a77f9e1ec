using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Inference.Sampling;
using Rubato.Kernels.Threading;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Inference.Generation;

/// <summary>Continues one prompt at a time, without a server: the simplest way to use a model.</summary>
/// <example>
/// <code>
/// using var model = DecoderModel.Open("model.gguf");
/// using var gang = new WorkerGang();
/// var generator = new TextGenerator(model, tokenizer, gang);
/// foreach (var token in generator.Generate("Once upon a time", new() { OutputTokensMax = 32 })) { Console.Write(token.Text); }
/// </code>
/// </example>
public sealed class TextGenerator
{
    private const int BlockTokens = 64;

    private readonly DecoderModel _model;
    private readonly ITokenizer _tokenizer;
    private readonly WorkerGang _gang;

    /// <summary>Prepares generation; model and gang must outlive the generator.</summary>
    /// <exception cref="InvalidFormatException">The tokenizer has more tokens than the model.</exception>
    public TextGenerator(DecoderModel model, ITokenizer tokenizer, WorkerGang gang)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(gang);
        if (tokenizer.VocabularySize > model.Configuration.VocabularySize)
        {
            throw new InvalidFormatException(
                $"{model.File.Name}: the tokenizer has {tokenizer.VocabularySize} tokens, the model only {model.Configuration.VocabularySize}.");
        }

        _model = model;
        _tokenizer = tokenizer;
        _gang = gang;
    }

    /// <summary>Generates the continuation of <paramref name="prompt"/>, token by token, as the result is enumerated.</summary>
    /// <exception cref="InvalidOptionException">An option is out of range.</exception>
    /// <exception cref="RubatoException">The prompt is empty or fills the context, or the model gives no finite logits.</exception>
    public IEnumerable<GeneratedToken> Generate(string prompt, GenerationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new();
        return Generate(_tokenizer.Encode(prompt, addSpecial: true, options.ParseSpecial), options);
    }

    /// <summary>Generates the continuation of a prompt that is tokens already.</summary>
    /// <inheritdoc cref="Generate(string, GenerationOptions?)"/>
    public IEnumerable<GeneratedToken> Generate(int[] prompt, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PrefillChunk, 1, nameof(options));
        if (options.OutputTokensMax < 0)
        {
            throw new InvalidOptionException($"output tokens: {options.OutputTokensMax} is below 0; leave it out to fill the context.");
        }

        var context = _model.Configuration.ContextLength;
        if (prompt.Length == 0 || prompt.Length >= context)
        {
            throw new RubatoException(
                $"The prompt has {prompt.Length} tokens; this model continues prompts of 1 … {context - 1}. Give another prompt.");
        }

        return Stream(prompt, options, Math.Min(options.OutputTokensMax ?? int.MaxValue, context - prompt.Length));
    }

    private IEnumerable<GeneratedToken> Stream(int[] prompt, GenerationOptions options, int outputTokensMax)
    {
        var blocks = ((prompt.Length + outputTokensMax - 1) / BlockTokens) + 1;
        using var cache = new KvCache(_model.Configuration, BlockTokens, blocks, options.KeyValues);
        using var pass = new ForwardPass(_model, cache, _gang);
        var table = Enumerable.Range(0, blocks).Select(block => new BlockId(block)).ToArray();
        var sampler = new Sampler();
        var text = new TokenTextDecoder(_tokenizer);
        var pending = prompt;
        var position = 0;
        var shown = ImmutableArray.Create(prompt);
        var generated = new int[outputTokensMax];
        for (var count = 1; count <= outputTokensMax; count++)
        {
            Feed(pass, pending, position, options.PrefillChunk, table);
            position += pending.Length;
            var history = new TokenHistory(shown, generated.AsMemory(0, count - 1));
            if (!sampler.TryChoose(pass.Logits(0), options.Sampling, position, history, options.Constraint, out var choice))
            {
                throw new RubatoException(Sampler.IsDrawable(pass.Logits(0))
                    ? $"No token may come at position {position}: the constraint forbids all."
                    : $"{_model.File.Name}: the model gave no finite logits at position {position}; its weights are damaged.");
            }

            generated[count - 1] = choice.Token;
            FinishReason? finish = _tokenizer.StopTokens.Contains(choice.Token) ? FinishReason.Stop
                : count == outputTokensMax ? FinishReason.Length
                : null;
            yield return new(choice.Token, text.Append(choice.Token, isLast: finish is not null), finish, choice.LogProbabilities);
            if (finish is not null)
            {
                yield break;
            }

            pending = [choice.Token];
        }
    }

    private static void Feed(ForwardPass pass, int[] tokens, int start, int chunk, BlockId[] table)
    {
        for (var done = 0; done < tokens.Length; done += chunk)
        {
            var count = Math.Min(chunk, tokens.Length - done);
            pass.Clear();
            pass.Append(start + done, tokens.AsSpan(done, count), table, done + count == tokens.Length ? 1 : 0);
            pass.Run();
        }
    }
}
