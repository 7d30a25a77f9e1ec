using Rubato.Models.Corpora;

namespace Rubato.Models.Tests.Corpora;

public sealed class SentenceShapeTests
{
    [Theory]
    [InlineData("Initializes a new instance of the \uE000StringBuilder\uE001 class.", "Initializes a new instance of the \uE000Uri\uE001 class.")]
    [InlineData("Gets the value of String.Length.", "Gets the value of Uri.Host.")]
    [InlineData("Waits 10 seconds for an answer.", "Waits 250 seconds for an answer.")]
    [InlineData("Calls TryParse and waits.", "Calls GetValue and waits.")]
    [InlineData("The \uE000first\uE001, or the last.", "the \uE000last value\uE001 or the last")]
    public void Names_and_numbers_do_not_count(string a, string b) => Assert.Equal(SentenceShape.Of(a), SentenceShape.Of(b));

    [Theory]
    [InlineData("Gets the first value.", "Gets the last value.")]
    [InlineData("Gets a value of the list.", "Sets a value of the list.")]
    public void Words_do(string a, string b) => Assert.NotEqual(SentenceShape.Of(a), SentenceShape.Of(b));

    [Theory]
    [InlineData("Returns the sum of both values.", true)]
    [InlineData("A \uE000name\uE001 counts as a word.", true)]
    [InlineData("__m256i _mm256_add_epi16 (__m256i a, __m256i b)", false)]
    [InlineData("VPADDW ymm1, ymm2, ymm3/m256", false)]
    [InlineData("Too short", false)]
    public void Prose_is_told_from_code(string text, bool expected) => Assert.Equal(expected, SentenceShape.IsProse(text));
}
