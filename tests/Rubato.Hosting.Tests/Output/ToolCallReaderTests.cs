using Rubato.Core;
using Rubato.Hosting.Output;
using Rubato.Models.Chat.Tools;

namespace Rubato.Hosting.Tests.Output;

public sealed class ToolCallReaderTests
{
    [Theory]
    [InlineData("hermes", "Let me see. <tool_call>\n{\"name\": \"a\", \"arguments\": {\"x\": \"}{\\\"\"}}\n</tool_call>\n<tool_call>{\"name\":\"b\",\"arguments\":{}}</tool_call>", "Let me see. ", "a{\"x\": \"}{\\\"\"}|b{}")]
    [InlineData("hermes", "a <tool_cal < b <tool", "a <tool_cal < b <tool", "")]
    [InlineData("hermes", "{\"name\": \"a\", \"arguments\": {}}", "{\"name\": \"a\", \"arguments\": {}}", "")]
    [InlineData("mistral", "[TOOL_CALLS] [{\"name\": \"a\", \"arguments\": {\"l\":[1,[2]]}}, {\"name\": \"b\", \"arguments\": {}}]", "", "a{\"l\":[1,[2]]}|b{}")]
    [InlineData("llama", "{\"name\": \"a\", \"parameters\": {\"parameters\": {}}}; {\"name\": \"b\", \"parameters\": {}}", "", "a{\"parameters\": {}}|b{}")]
    [InlineData("llama", "<|python_tag|>{\"name\": \"a\", \"parameters\": {}}", "", "a{}")]
    [InlineData("llama", "{\"nom\": 1} and {\"name\": \"a\"", "{\"nom\": 1} and {\"name\": \"a\"", "")]
    [InlineData("llama", " \n{\"name\":", "", "")]
    [InlineData("mistral-named", "[TOOL_CALLS]a[ARGS]{\"x\": \"[TOOL_CALLS]\"}[TOOL_CALLS]b[ARGS] {}", "", "a{\"x\": \"[TOOL_CALLS]\"}|b{}")]
    [InlineData("mistral-named", "Let me [TOOL see. [TOOL_CALLS]b[ARGS]{}", "Let me [TOOL see. ", "b{}")]
    [InlineData("mistral-named", "[TOOL_CALLS]a[AR", "", "")]
    [InlineData("mistral-numbered", "[TOOL_CALLS]a[CALL_ID]1b3D56789[ARGS]{\"l\": [1]}[TOOL_CALLS]b[CALL_ID]123456780[ARGS]{}", "", "a{\"l\": [1]}|b{}")]
    [InlineData("json or llama", "{\"name\": \"a\", \"parameters\": {\"x\": 1}}", "", "a{\"x\": 1}")]
    [InlineData("json or llama", "{ \"name\" : \"a\" , \"parameters\":{}}", "", "a{}")]
    [InlineData("json or llama", "{\"name\": \"c\", \"parameters\": {}}", "{\"name\": \"c\", \"parameters\": {}}", "")]
    [InlineData("json or llama", "{\"name\": \"a\", \"age\": 3}", "{\"name\": \"a\", \"age\": 3}", "")]
    [InlineData("json or llama", "{\"name\": \"a", "{\"name\": \"a", "")]
    [InlineData("json or llama", "<|python_tag|>{\"name\": \"b\", \"parameters\": {}}", "", "b{}")]
    public void HoweverCut_TheSameContentAndCalls(string family, string output, string content, string calls)
    {
        var isJson = family.StartsWith("json or ", StringComparison.Ordinal);
        var syntax = new[] { ToolCallSyntax.Hermes, ToolCallSyntax.Mistral, ToolCallSyntax.MistralNamed, ToolCallSyntax.MistralNumbered, ToolCallSyntax.Llama }
            .Single(one => one.Name == family.Split(' ')[^1]);
        for (var seed = 0UL; seed < 30; seed++)
        {
            var random = new Prng(seed);
            var reader = new ToolCallReader(syntax, isForced: false, ["a", "b"], isJson);
            var (text, found) = ("", new List<string>());
            for (var at = 0; at < output.Length;)
            {
                var length = Math.Min(output.Length - at, seed == 0 ? output.Length : 1 + random.NextInt32(9));
                var (more, deltas) = reader.Append(output.Substring(at, length));
                text += more;
                foreach (var delta in deltas)
                {
                    if (delta.Name is { } name)
                    {
                        found.Add(name);
                    }

                    found[delta.Index] += delta.Arguments;
                }

                at += length;
            }

            Assert.Equal((content, calls), (text + reader.Flush(), string.Join('|', found)));
        }
    }

    [Theory]
    [InlineData("... <tool_call> ...", "hermes")]
    [InlineData("[AVAILABLE_TOOLS] ... [TOOL_CALLS]", "mistral")]
    [InlineData("[TOOL_CALLS]' + name + '[ARGS]'", "mistral-named")]
    [InlineData("'[TOOL_CALLS]' + name + '[CALL_ID]' + id + '[ARGS]'", "mistral-numbered")]
    [InlineData("<|start_header_id|> ... {\"name\": function name, \"parameters\": ...}", "llama")]
    [InlineData("plain", "hermes")]
    [InlineData(null, "hermes")]
    public void TheFamily_ShowsInTheTemplate(string? template, string family) => Assert.Equal(family, ToolCallSyntax.Of(template).Name);
}
