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
    public void HoweverCut_TheSameContentAndCalls(string family, string output, string content, string calls)
    {
        var syntax = new[] { ToolCallSyntax.Hermes, ToolCallSyntax.Mistral, ToolCallSyntax.Llama }.Single(one => one.Name == family);
        for (var seed = 0UL; seed < 30; seed++)
        {
            var random = new Prng(seed);
            var reader = new ToolCallReader(syntax, isForced: false);
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
    [InlineData("<|start_header_id|> ... {\"name\": function name, \"parameters\": ...}", "llama")]
    [InlineData("plain", "hermes")]
    [InlineData(null, "hermes")]
    public void TheFamily_ShowsInTheTemplate(string? template, string family) => Assert.Equal(family, ToolCallSyntax.Of(template).Name);
}
