using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Rubato.Core;

namespace Rubato.Models.Corpora;

/// <summary>Questions and answers in chat form, made from a documentation corpus and split as the corpus is.</summary>
/// <param name="Training">Conversations about members whose documents are in the training part, and the hand-written general ones.</param>
/// <param name="Validation">Conversations about members whose documents are held out.</param>
public sealed record ChatExamples(ImmutableArray<ChatExample> Training, ImmutableArray<ChatExample> Validation)
{
    private const int MaximumAnswerLength = 400;

    /// <summary>Makes the conversations of <paramref name="corpus"/>; the same for the same corpus and seed, in shuffled order.</summary>
    /// <param name="corpus">The documents; a corpus of plain text yields the general conversations only.</param>
    /// <param name="seed">Chooses phrasings and order.</param>
    /// <param name="generalRepeats">How often each general conversation stands in the training part; 0 or more.</param>
    public static ChatExamples From(Corpus corpus, ulong seed, int generalRepeats = 4)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentOutOfRangeException.ThrowIfNegative(generalRepeats);
        var random = new Prng(seed).Split("chat-examples");
        var training = About(corpus.TrainingDocuments, random.Split("training"));
        for (var i = 0; i < generalRepeats; i++)
        {
            training.AddRange(GeneralConversations.All);
        }

        var validation = About(corpus.ValidationDocuments, random.Split("validation"));
        return new(Shuffled(training, random.Split("order")), [.. validation]);
    }

    private static List<ChatExample> About(ImmutableArray<CorpusDocument> documents, Prng random)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var examples = new List<ChatExample>();
        foreach (var document in documents.Where(document => document.Id.Length > 2 && document.Id[1] == ':'))
        {
            foreach (var paragraph in document.Paragraphs)
            {
                var question = QuestionPhrasing.For(document.Id, paragraph, random);
                if (question is { } found && asked.Add(found.Key))
                {
                    examples.Add(ChatExample.Of(found.Text, Answer(paragraph.Text)));
                }
            }
        }

        return examples;
    }

    private static string Answer(string text)
    {
        var answer = text;
        if (answer.Length > MaximumAnswerLength)
        {
            var end = answer.LastIndexOf(". ", MaximumAnswerLength, StringComparison.Ordinal);
            answer = end > 0 ? answer[..(end + 1)] : answer;
        }

        return answer.EndsWith('.') || answer.EndsWith('!') || answer.EndsWith(':') ? answer : answer + ".";
    }

    private static ImmutableArray<ChatExample> Shuffled(List<ChatExample> examples, Prng random)
    {
        var items = examples.ToArray();
        random.Shuffle<ChatExample>(items);
        return ImmutableCollectionsMarshal.AsImmutableArray(items);
    }
}
