using Rubato.Core;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>Prompts drawn from a built-in text: as many consecutive words as wanted, from a random place, so that few share a beginning.</summary>
internal static class PromptSource
{
    private const string Text =
        """
        In a small hall by the harbour an orchestra rehearses on Thursdays, and the conductor has a habit that the players tease him about:
        he never looks at the clock. When the strings linger on a phrase he lets them, and when the woodwinds hurry he smiles and hurries
        with them, because he knows that the bar will end on the beat all the same. Time that one note takes, another gives back. A young
        cellist once asked how he could be sure. He answered that a budget is not a cage; it is a promise about the end, and everything
        before the end is yours to arrange. Later she studied machines and found the same promise everywhere. A river of requests reaches a
        server, some long, some short, and each wants an answer now. Memory fills and empties like a lung. One task waits so that three may
        finish, and a careful plan makes the wait so brief that nobody notices. Trains share a single track through the mountains; farmers
        share the water of a spring; radios share the air. Whoever plans for them must measure first, promise little, keep the promise, and
        write down why. On the last evening before summer they played the slow movement twice. The second time it was longer by a breath in
        the middle and shorter by a breath near the close, and when the final chord faded the hands of the clock, which no one watched,
        stood exactly where the programme had said they would.
        """;

    private static readonly string[] Words = Text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A prompt of <paramref name="wordsMin"/> to <paramref name="wordsMax"/> words, after those that all prompts share.</summary>
    public static string Draw(Prng random, int sharedWords, int wordsMin, int wordsMax)
    {
        var count = wordsMin + random.NextInt32(wordsMax - wordsMin + 1);
        var start = random.NextInt32(Words.Length);
        return string.Join(' ', Enumerable.Range(0, sharedWords).Concat(Enumerable.Range(start, count)).Select(i => Words[i % Words.Length]));
    }
}
