using System.CommandLine;
using System.Text;
using Rubato.Core;
using Rubato.Inference.Evaluation;
using Rubato.Kernels.Attention;
using Rubato.Models.Tokenizers;

namespace Rubato.Cli.Commands;

/// <summary>The options that <c>eval perplexity</c> and <c>eval kl</c> share: a text, and how it is cut.</summary>
internal sealed class EvalTextOptions
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Option<string> _file = new("--file") { Description = "The text, in UTF-8.", HelpName = "TEXT", Required = true };
    private readonly Option<int> _context = new("--context") { Description = "Tokens in a window; those behind its first half are scored.", HelpName = "N", DefaultValueFactory = _ => 512 };
    private readonly Option<int?> _windows = new("--windows") { Description = "Most windows; all of the text when not given.", HelpName = "N" };
    private readonly KvFormatOption _keyValues = new();
    private readonly Option<int?> _threads = ThreadsOption.Create();

    public Option<string> Model { get; } = new("--model") { Description = "A GGUF file.", HelpName = "FILE", Required = true };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Model, _file, _context, _windows, _keyValues.Option, _threads })
        {
            command.Options.Add(option);
        }
    }

    public KvFormat KeyValues(ParseResult parsed) => _keyValues.Read(parsed);

    public int? Threads(ParseResult parsed) => parsed.GetValue(_threads);

    /// <summary>Reads and cuts the text.</summary>
    /// <exception cref="RubatoException">The file cannot be read, is no UTF-8, or is too short.</exception>
    public EvaluationWindows Read(ParseResult parsed, Tokenizer tokenizer)
    {
        var path = parsed.GetRequiredValue(_file);
        if (Directory.Exists(path))
        {
            throw new RubatoException($"--file {path}: is a folder; a text file is needed.");
        }

        string text;
        try
        {
            text = File.ReadAllText(path, StrictUtf8);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidFormatException($"{path}: is not valid UTF-8; convert it first.", error);
        }

        return EvaluationWindows.Cut(tokenizer, text, parsed.GetValue(_context), parsed.GetValue(_windows));
    }
}
