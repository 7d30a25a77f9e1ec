using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Chat;

namespace Rubato.Models.Tests.Chat;

/// <summary>Whole templates, in the manner of each family of models, and expressions, against what Jinja itself made of them (eng/goldens/jinja.py).</summary>
public sealed class JinjaGoldenTests
{
    private static readonly DateTimeOffset Now = new(2024, 3, 5, 7, 8, 9, TimeSpan.Zero);
    private static readonly JsonElement Goldens = Read();

    public static TheoryData<string> Templates => [.. Goldens.GetProperty("templates").EnumerateObject().Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void Template_renders_as_Jinja_does(string name)
    {
        var template = Goldens.GetProperty("templates").GetProperty(name).GetString()!;
        var results = Goldens.GetProperty("results").EnumerateArray().Where(result => result.GetProperty("template").GetString() == name).ToList();
        Assert.NotEmpty(results);
        foreach (var result in results)
        {
            var conversation = result.GetProperty("conversation").GetString()!;
            AssertSame(result, template, Goldens.GetProperty("conversations").GetProperty(conversation), conversation);
        }
    }

    [Fact]
    public void Expressions_print_as_Jinja_does()
    {
        foreach (var result in Goldens.GetProperty("expressions").EnumerateArray())
        {
            var expression = result.GetProperty("expression").GetString()!;
            AssertSame(result, "{{ " + expression + " }}", Goldens.GetProperty("expressionVariables"), expression);
        }
    }

    private static void AssertSame(JsonElement result, string template, JsonElement variables, string label)
    {
        string Rendered() => ChatTemplate.Parse(template).Render((OrderedDictionary<string, object?>)TemplateValues.FromJson(variables)!, Now);
        if (result.TryGetProperty("text", out var text))
        {
            try
            {
                Assert.Equal(text.GetString(), Rendered());
            }
            catch (InvalidFormatException e)
            {
                Assert.Fail($"{label}: {e.Message}");
            }
        }
        else
        {
            Assert.DoesNotContain('\n', Assert.Throws<InvalidFormatException>(Rendered).Message);
        }
    }

    private static JsonElement Read()
    {
        using var stream = typeof(JinjaGoldenTests).Assembly.GetManifestResourceStream("jinja-goldens.json")!;
        return JsonDocument.Parse(stream).RootElement.Clone();
    }
}
