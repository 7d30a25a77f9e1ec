using Rubato.Core;

namespace Rubato.Models.Corpora;

/// <summary>Turns a paragraph about a member into a question that the paragraph answers.</summary>
internal static class QuestionPhrasing
{
    private static readonly string[] OfType =
    [
        "What is {0}?", "What is {0} for?", "Tell me about {0}.", "Explain {0}.", "What does the {0} type do?", "what is {0}",
        "Describe {0} in one sentence.",
    ];

    private static readonly string[] OfMethod =
    [
        "What does {0} do?", "What is {0} for?", "Explain {0}.", "How do I use {0}?", "Tell me about {0}.", "what does {0} do",
        "What does the {0} method do?",
    ];

    private static readonly string[] OfProperty =
        ["What is {0}?", "What is the {0} property?", "What does {0} hold?", "Explain {0}.", "Tell me about {0}.", "what is {0}"];

    private static readonly string[] OfField = ["What is {0}?", "What does {0} mean?", "Explain {0}.", "what does {0} mean"];

    private static readonly string[] OfEvent = ["When is {0} raised?", "What is the {0} event?", "Explain {0}."];

    private static readonly string[] OfParameter =
    [
        "What is the {1} parameter of {0}?", "What is the {1} parameter of {0} for?", "What do I pass as {1} to {0}?",
        "In {0}, what is {1}?", "Explain the {1} argument of {0}.",
    ];

    private static readonly string[] OfReturns =
        ["What does {0} return?", "What is the result of {0}?", "What do I get back from {0}?", "what does {0} return"];

    private static readonly string[] OfException =
        ["When does {0} throw {1}?", "Why would {0} throw {1}?", "Why do I get {1} from {0}?", "When is {1} thrown by {0}?"];

    /// <summary>The question, and a key that is equal for questions that ask the same; null when the paragraph answers none.</summary>
    public static (string Key, string Text)? For(string id, CorpusParagraph paragraph, Prng random)
    {
        var phrasings = (paragraph.Kind, id[0]) switch
        {
            (ParagraphKind.Summary, 'T') => OfType,
            (ParagraphKind.Summary, 'M') => OfMethod,
            (ParagraphKind.Summary, 'P') => OfProperty,
            (ParagraphKind.Summary, 'F') => OfField,
            (ParagraphKind.Summary, 'E') => OfEvent,
            (ParagraphKind.Parameter or ParagraphKind.TypeParameter, _) => OfParameter,
            (ParagraphKind.Returns, 'M') => OfReturns,
            (ParagraphKind.Returns or ParagraphKind.Value, 'P') => OfProperty,
            (ParagraphKind.Exception, 'M' or 'P') => OfException,
            _ => null,
        };
        if (phrasings is null)
        {
            return null;
        }

        var name = MemberName.Short(id);
        var text = string.Format(
            System.Globalization.CultureInfo.InvariantCulture, phrasings[random.NextInt32(phrasings.Length)], name, paragraph.Subject);
        var about = ReferenceEquals(phrasings, OfProperty) ? ParagraphKind.Summary : paragraph.Kind;
        return ($"{about} {name} {paragraph.Subject}", text);
    }
}
