using System.Collections.Immutable;

namespace Rubato.Models.Tokenizers;

/// <summary>What a name of GGUF's <c>tokenizer.ggml.pre</c> stands for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Scanner">How text is cut.</param>
/// <param name="TakesWholeTokens">A piece that is a token is taken whole, whatever the merges say.</param>
/// <param name="BeginsTexts">Texts begin with the begin-of-text token where the file does not say otherwise.</param>
internal sealed record PreTokenizerRule(string Name, PreTokenizer Scanner, bool TakesWholeTokens = false, bool BeginsTexts = false)
{
    private static readonly Gpt2PreTokenizer Gpt2 = new();
    private static readonly Gpt2PreTokenizer SingleNumbers = new(cutsNumbersFirst: true);
    private static readonly Llama3PreTokenizer Llama3 = new(maximumDigits: 3);
    private static readonly Llama3PreTokenizer Qwen2 = new(maximumDigits: 1);
    private static readonly CasedPreTokenizer Gpt4O = new(maximumDigits: 3, takesContractions: true);
    private static readonly DeepSeekPreTokenizer DeepSeek = new();

    /// <summary>The names that are known; several stand for one way to cut.</summary>
    public static ImmutableArray<PreTokenizerRule> All { get; } =
    [
        new("default", new DefaultPreTokenizer()),
        .. Named(Gpt2, "gpt-2", "phi-2", "mpt", "olmo", "exaone4", "gigachat", "a.x-4.0", "mellum", "trillion", "jais"),
        .. Named(SingleNumbers, "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"),
        .. Named(Llama3, "dbrx", "smaug-bpe", "glm4", "chatglm-bpe"),
        .. new[] { "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2" }
            .Select(name => new PreTokenizerRule(name, Llama3, TakesWholeTokens: true, BeginsTexts: true)),
        .. Named(Qwen2, "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez", "hunyuan", "grok-2", "kormo", "solar-open", "bailingmoe", "bailingmoe2", "llada-moe"),
        new("qwen35", new Llama3PreTokenizer(maximumDigits: 1, marksAreLetters: true)),
        new("seed-coder", new Llama3PreTokenizer(maximumDigits: 1, symbolsTakeLineBreaks: false)),
        new("tekken", new CasedPreTokenizer(maximumDigits: 1, takesContractions: false), TakesWholeTokens: true, BeginsTexts: true),
        .. Named(Gpt4O, "gpt-4o", "llama4", "kanana2"),
        .. Named(DeepSeek, "deepseek-v3", "hunyuan-dense", "joyai-llm"),
        new("deepseek-coder", new DeepSeekCoderPreTokenizer()),
    ];

    private static IEnumerable<PreTokenizerRule> Named(PreTokenizer scanner, params string[] names) => names.Select(name => new PreTokenizerRule(name, scanner));
}
