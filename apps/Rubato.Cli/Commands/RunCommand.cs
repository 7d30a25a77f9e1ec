using System.CommandLine;
using System.Diagnostics;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Inference.Generation;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Models.Chat;
using Rubato.Models.Tokenizers;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato run MODEL PROMPT</c>: prompt in, text out, as it is made.</summary>
internal static class RunCommand
{
    public static VerbCommand Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A GGUF file of an architecture that runs (docs/concepts/architectures.md)." };
        var prompt = new Argument<string?>("PROMPT") { Description = "The text to answer or to continue; without it, standard input is read.", Arity = ArgumentArity.ZeroOrOne };
        var raw = new Option<bool>("--raw") { Description = "Continue the text as it stands, even if the model has a chat form." };
        var system = new Option<string?>("--system") { Description = "A system message before the prompt.", HelpName = "TEXT" };
        var tokens = new Option<int>("--max-tokens") { Description = "Most tokens to generate.", HelpName = "N", DefaultValueFactory = _ => 256 };
        var threads = ThreadsOption.Create();
        var keyValues = new KvFormatOption();
        var sampling = new SamplingOptions();
        var form = new OutputFormOptions();
        var command = new VerbCommand(
            "run",
            "Answer or continue a prompt in the terminal.",
            "rubato run models/rubato-tiny.gguf \"What does String.Join do?\"",
            "rubato run models/rubato-tiny.gguf \"Describe String.Join.\" --json-schema answer.schema.json",
            "echo \"Gets the number of\" | rubato run models/rubato-tiny.gguf --raw --max-tokens 40")
        { model, prompt, raw, system, tokens, threads, keyValues.Option };
        sampling.AddTo(command);
        form.AddTo(command);
        command.SetAction(parsed =>
        {
            var schema = form.Read(parsed);
            using var decoder = DecoderModel.Open(parsed.GetRequiredValue(model), CommandPacking.For(parsed.GetValue(threads)));
            using var gang = new WorkerGang(parsed.GetValue(threads));
            var tokenizer = Tokenizer.FromGguf(decoder.File.Metadata);
            var text = parsed.GetValue(prompt) ?? Console.In.ReadToEnd();
            var chat = !parsed.GetValue(raw) && tokenizer.Vocabulary.ChatTemplate is not null;
            var encoded = chat ? Converse(tokenizer, parsed.GetValue(system), text) : tokenizer.Encode(text, addSpecial: true, parseSpecial: false);
            var options = new GenerationOptions
            {
                OutputTokensMax = parsed.GetValue(tokens),
                KeyValues = keyValues.Read(parsed),
                Sampling = sampling.Read(parsed, parsed.GetValue(GlobalOptions.Seed)),
                Constraint = form.ConstraintOf(parsed, schema, tokenizer),
            };
            var quiet = parsed.GetValue(GlobalOptions.Json);
            var result = Generate(new TextGenerator(decoder, tokenizer, gang), encoded, options, piece =>
            {
                if (!quiet)
                {
                    Console.Out.Write(piece);
                    Console.Out.Flush();
                }
            });
            ResultOutput.Write(parsed, result, output => output.WriteLine());
            if (parsed.GetValue(GlobalOptions.Verbose))
            {
                Console.Error.WriteLine($"{result.PromptTokens} prompt tokens, {result.OutputTokens} generated at {result.TokensPerSecond:F1} tokens/s, ended by {result.Finish}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static int[] Converse(Tokenizer tokenizer, string? system, string text)
    {
        var messages = system is null ? [new ChatMessage("user", text)] : new[] { new ChatMessage("system", system), new ChatMessage("user", text) };
        var chat = new ChatPromptTokenizer(tokenizer, ChatTemplate.Parse(tokenizer.Vocabulary.ChatTemplate!).RendererFor(tokenizer));
        return chat.Encode(chat.Render(messages));
    }

    private static RunResult Generate(TextGenerator generator, int[] prompt, GenerationOptions options, Action<string> emit)
    {
        var text = new System.Text.StringBuilder();
        var watch = Stopwatch.StartNew();
        var first = TimeSpan.Zero;
        var count = 0;
        var finish = "Length";
        foreach (var token in generator.Generate(prompt, options))
        {
            if (count++ == 0)
            {
                first = watch.Elapsed;
            }

            text.Append(token.Text);
            emit(token.Text);
            finish = token.Finish?.ToString() ?? finish;
        }

        var decoding = (watch.Elapsed - first).TotalSeconds;
        return new(text.ToString(), prompt.Length, count, finish, Duration.FromTimeSpan(first).Milliseconds, count > 1 ? (count - 1) / decoding : 0);
    }

    /// <summary>What --json prints.</summary>
    private sealed record RunResult(string Text, int PromptTokens, int OutputTokens, string Finish, double FirstTokenMilliseconds, double TokensPerSecond);
}
