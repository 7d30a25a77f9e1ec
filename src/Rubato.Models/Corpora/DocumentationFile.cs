using System.Xml;
using Rubato.Core;

namespace Rubato.Models.Corpora;

/// <summary>Streams one XML documentation file, a member at a time.</summary>
internal static class DocumentationFile
{
    private const long MaximumCharacters = 256L << 20;

    /// <summary>Adds the members of the file that <paramref name="members"/> does not hold yet.</summary>
    /// <exception cref="InvalidFormatException">The file is not well-formed XML.</exception>
    public static void ReadInto(Stream stream, string fileName, Dictionary<string, List<RawParagraph>> members)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = MaximumCharacters,
        };
        try
        {
            using var reader = XmlReader.Create(stream, settings);
            var renderer = new DocumentationTextRenderer();
            while (reader.ReadToFollowing("member"))
            {
                var id = reader.GetAttribute("name");
                if (id is not null && !members.ContainsKey(id))
                {
                    members.Add(id, ReadMember(reader, renderer));
                }
            }
        }
        catch (XmlException exception)
        {
            throw new InvalidFormatException($"{fileName}: not an XML documentation file: {exception.Message}", exception);
        }
    }

    private static List<RawParagraph> ReadMember(XmlReader reader, DocumentationTextRenderer renderer)
    {
        var paragraphs = new List<RawParagraph>();
        if (reader.IsEmptyElement)
        {
            return paragraphs;
        }

        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element && reader.Depth == depth + 1)
            {
                ReadSection(reader, renderer, paragraphs);
            }
        }

        return [.. paragraphs.OrderBy(paragraph => paragraph.Kind)];
    }

    private static void ReadSection(XmlReader reader, DocumentationTextRenderer renderer, List<RawParagraph> paragraphs)
    {
        if (KindOf(reader.Name) is not { } kind)
        {
            return;
        }

        var subject = kind switch
        {
            ParagraphKind.Parameter or ParagraphKind.TypeParameter => reader.GetAttribute("name") ?? "",
            ParagraphKind.Exception => MemberName.Short(reader.GetAttribute("cref") ?? ""),
            _ => "",
        };
        var texts = renderer.ReadParagraphs(reader);
        if (kind is ParagraphKind.Summary or ParagraphKind.Remarks)
        {
            paragraphs.AddRange(texts.Select(text => new RawParagraph(kind, "", text)));
        }
        else if (texts.Count > 0)
        {
            paragraphs.Add(new(kind, subject, string.Join(' ', texts)));
        }
    }

    private static ParagraphKind? KindOf(string element) => element switch
    {
        "summary" => ParagraphKind.Summary,
        "remarks" => ParagraphKind.Remarks,
        "param" => ParagraphKind.Parameter,
        "typeparam" => ParagraphKind.TypeParameter,
        "returns" => ParagraphKind.Returns,
        "value" => ParagraphKind.Value,
        "exception" => ParagraphKind.Exception,
        _ => null,
    };
}
