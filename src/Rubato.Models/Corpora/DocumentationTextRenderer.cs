using System.Text;
using System.Xml;

namespace Rubato.Models.Corpora;

/// <summary>Renders the inside of one documentation element as marked text (see <see cref="MarkedText"/>), without recursion.</summary>
internal sealed class DocumentationTextRenderer
{
    private readonly StringBuilder _text = new();
    private readonly Stack<(int Start, string Fallback)> _names = new();

    /// <summary>
    /// Reads the element under <paramref name="reader"/> to its end and returns its paragraphs, white space normalised, none empty.
    /// </summary>
    public IReadOnlyList<string> ReadParagraphs(XmlReader reader)
    {
        _text.Clear();
        _names.Clear();
        if (!reader.IsEmptyElement)
        {
            var depth = reader.Depth;
            var advance = true;
            while ((!advance || reader.Read()) && reader.Depth > depth)
            {
                advance = Render(reader);
            }
        }

        return Split(_text.ToString());
    }

    /// <summary>Renders one node; false when the reader already stands on the next node.</summary>
    private bool Render(XmlReader reader)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Text or XmlNodeType.CDATA:
                AppendText(reader.Value);
                return true;
            case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                _text.Append(' ');
                return true;
            case XmlNodeType.Element:
                return Open(reader);
            case XmlNodeType.EndElement:
                Close(reader.Name);
                return true;
            default:
                return true;
        }
    }

    private bool Open(XmlReader reader)
    {
        switch (reader.Name)
        {
            case "see" or "seealso" or "xref" or "paramref" or "typeparamref" or "c" or "code" or "tt":
                OpenName(reader);
                return true;
            case "script" or "devremarks" or "forInternalUseOnly" or "listheader" or "example" or "format":
                reader.Skip();
                return false;
            case "para" or "p" or "list" or "ul" or "ol" or "item" or "li" or "div" or "br" or "blockquote":
                _text.Append(MarkedText.ParagraphBreak);
                return true;
            default:
                return true;
        }
    }

    private void OpenName(XmlReader reader)
    {
        var reference = reader.GetAttribute("cref") ?? reader.GetAttribute("uid");
        var fallback = reference is not null ? MemberName.Short(reference)
            : reader.GetAttribute("langword") ?? reader.GetAttribute("name") ?? "";
        if (reader.IsEmptyElement)
        {
            _text.Append(MarkedText.NameStart).Append(fallback).Append(MarkedText.NameEnd);
            return;
        }

        _names.Push((_text.Length, fallback));
        _text.Append(MarkedText.NameStart);
    }

    private void Close(string element)
    {
        switch (element)
        {
            case "see" or "seealso" or "xref" or "paramref" or "typeparamref" or "c" or "code" or "tt" when _names.Count > 0:
                CloseName();
                break;
            case "term":
                _text.Append(": ");
                break;
            case "para" or "p" or "list" or "ul" or "ol" or "item" or "li" or "div" or "blockquote":
                _text.Append(MarkedText.ParagraphBreak);
                break;
            default:
                break;
        }
    }

    private void CloseName()
    {
        var (start, fallback) = _names.Pop();
        var inner = _text.ToString(start + 1, _text.Length - start - 1);
        _text.Length = start;
        if (inner.Contains('\n', StringComparison.Ordinal) && inner.Trim().Contains('\n', StringComparison.Ordinal))
        {
            _text.Append(MarkedText.ParagraphBreak);
            return;
        }

        var name = MarkedText.Plain(inner).Trim();
        _text.Append(MarkedText.NameStart).Append(name.Length > 0 ? name : fallback).Append(MarkedText.NameEnd);
    }

    private void AppendText(string value)
    {
        foreach (var c in value)
        {
            _text.Append(c is MarkedText.NameStart or MarkedText.NameEnd or MarkedText.ParagraphBreak or '\uFEFF' ? ' ' : c);
        }
    }

    private static List<string> Split(string text)
    {
        var paragraphs = new List<string>();
        foreach (var block in text.Replace("\r\n", "\n", StringComparison.Ordinal).Split(MarkedText.ParagraphBreak))
        {
            foreach (var piece in block.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                AddParagraph(paragraphs, MarkedText.NormalizeWhiteSpace(piece).Replace("-or-", "Or:", StringComparison.Ordinal));
            }
        }

        return paragraphs;
    }

    private static void AddParagraph(List<string> paragraphs, string paragraph)
    {
        var continues = paragraphs.Count > 0
            && (paragraph.StartsWith("Or:", StringComparison.Ordinal) || paragraphs[^1].EndsWith("Or:", StringComparison.Ordinal));
        if (continues)
        {
            paragraphs[^1] = $"{paragraphs[^1]} {paragraph}";
        }
        else if (paragraph.Length > 0)
        {
            paragraphs.Add(paragraph);
        }
    }
}
