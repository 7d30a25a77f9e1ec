using System.CommandLine;
using System.Text.Json;
using Rubato.Core;
using Rubato.Inference.Constraints;
using Rubato.Models.Grammars;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Cli.Commands;

/// <summary>The options that make the answer JSON.</summary>
internal sealed class OutputFormOptions
{
    private const int SchemaDepthMax = 128;

    private readonly Option<string?> _schema = new("--json-schema") { Description = "Answer in JSON that satisfies the JSON schema in this file (docs/concepts/structured-output.md).", HelpName = "FILE" };
    private readonly Option<bool> _object = new("--json-object") { Description = "Answer with a JSON object, any at all." };

    public void AddTo(Command command)
    {
        command.Options.Add(_schema);
        command.Options.Add(_object);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_object) && result.GetValue(_schema) is not null)
            {
                result.AddError("--json-object and --json-schema exclude each other: leave one out");
            }
        });
    }

    /// <summary>The schema, read before the model is opened, for that may take long; null when none is asked for.</summary>
    /// <exception cref="InvalidOptionException">The file cannot be read, or is no JSON.</exception>
    public JsonElement? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_schema) is not { } path)
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(path);
            return JsonDocument.Parse(stream, new() { MaxDepth = SchemaDepthMax, AllowDuplicateProperties = false }).RootElement;
        }
        catch (JsonException error)
        {
            throw new InvalidOptionException($"--json-schema {path}: not JSON of at most {SchemaDepthMax} levels (line {error.LineNumber + 1}).");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InvalidOptionException($"--json-schema {path}: the file cannot be read: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>What the answer must follow; null for any text.</summary>
    /// <exception cref="InvalidOptionException">The schema is not supported.</exception>
    public ITokenConstraint? ConstraintOf(ParseResult parsed, JsonElement? schema, ITokenizer tokenizer)
    {
        if (schema is not { } root)
        {
            return parsed.GetValue(_object) ? new GrammarConstraint(new GrammarFactory(tokenizer).JsonObject(), tokenizer) : null;
        }

        try
        {
            return new GrammarConstraint(new GrammarFactory(tokenizer).JsonSchema(root, "schema"), tokenizer);
        }
        catch (SchemaException error)
        {
            throw new InvalidOptionException($"--json-schema {parsed.GetValue(_schema)}: {error.Message}");
        }
    }
}
