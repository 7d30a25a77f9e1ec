using System.Globalization;

namespace Rubato.Hosting.Tests.Telemetry;

/// <summary>A strict reader of Prometheus' text format, version 0.0.4, written from its description.</summary>
internal sealed class PrometheusText
{
    private PrometheusText()
    {
    }

    public Dictionary<string, string> Types { get; } = [];

    public Dictionary<string, string> Help { get; } = [];

    public List<Sample> Samples { get; } = [];

    public static PrometheusText Parse(string text)
    {
        Assert.EndsWith("\n", text);
        var parsed = new PrometheusText();
        foreach (var line in text.Split('\n').SkipLast(1))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var parts = line["# HELP ".Length..].Split(' ', 2);
                parsed.Help.Add(parts[0], parts[1].Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal));
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line["# TYPE ".Length..].Split(' ');
                Assert.Contains(parts[1], new[] { "counter", "gauge", "histogram" });
                parsed.Types.Add(parts[0], parts[1]);
            }
            else
            {
                parsed.Samples.Add(ParseSample(line));
            }
        }

        parsed.CheckFamilies();
        return parsed;
    }

    public double Value(string name, params (string Label, string Value)[] labels) => Assert.Single(Samples, sample =>
        sample.Name == name && labels.All(label => sample.Labels.TryGetValue(label.Label, out var value) && value == label.Value)).Value;

    private static Sample ParseSample(string line)
    {
        var i = 0;
        while (i < line.Length && (char.IsAsciiLetterOrDigit(line[i]) || line[i] is '_' or ':'))
        {
            i++;
        }

        var name = line[..i];
        Assert.True(name.Length > 0 && !char.IsAsciiDigit(name[0]), line);
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (line[i] == '{')
        {
            i++;
            while (line[i] != '}')
            {
                i = ParseLabel(line, i, labels);
            }

            i++;
        }

        Assert.Equal(' ', line[i]);
        var number = line[(i + 1)..];
        var value = number == "+Inf" ? double.PositiveInfinity : double.Parse(number, CultureInfo.InvariantCulture);
        return new Sample(name, labels, value);
    }

    private static int ParseLabel(string line, int i, SortedDictionary<string, string> labels)
    {
        var equals = line.IndexOf('=', i);
        var label = line[i..equals];
        Assert.All(label, c => Assert.True(char.IsAsciiLetterOrDigit(c) || c == '_', line));
        Assert.Equal('"', line[equals + 1]);
        var value = new System.Text.StringBuilder();
        for (i = equals + 2; line[i] != '"'; i++)
        {
            if (line[i] == '\\')
            {
                i++;
                value.Append(line[i] switch { 'n' => '\n', '\\' => '\\', '"' => '"', _ => throw new FormatException(line) });
            }
            else
            {
                value.Append(line[i]);
            }
        }

        labels.Add(label, value.ToString());
        i++;
        return line[i] == ',' ? i + 1 : i;
    }

    /// <summary>Every sample has a type and help; buckets grow, end at +Inf, and agree with the count.</summary>
    private void CheckFamilies()
    {
        Assert.Equal(Samples.Count, Samples.Select(sample => sample.Identity()).Distinct().Count());
        foreach (var sample in Samples)
        {
            var family = Types.ContainsKey(sample.Name) ? sample.Name : sample.Name[..sample.Name.LastIndexOf('_')];
            Assert.True(Types.ContainsKey(family) && Help.ContainsKey(family), sample.Name);
            Assert.Equal(Types[family] == "histogram", family != sample.Name);
        }

        foreach (var (family, _) in Types.Where(type => type.Value == "histogram"))
        {
            foreach (var series in Samples.Where(sample => sample.Name == family + "_bucket").GroupBy(sample => sample.Identity("le")))
            {
                var counts = series.OrderBy(sample => sample.Labels["le"] == "+Inf" ? double.PositiveInfinity : double.Parse(sample.Labels["le"], CultureInfo.InvariantCulture)).ToArray();
                Assert.Equal("+Inf", counts[^1].Labels["le"]);
                Assert.Equal(counts.Select(sample => sample.Value).Order(), counts.Select(sample => sample.Value));
                var total = Assert.Single(Samples, sample => sample.Name == family + "_count" && sample.Identity() == series.Key.Replace("_bucket{", "_count{", StringComparison.Ordinal));
                Assert.Equal(total.Value, counts[^1].Value);
            }
        }
    }

    internal sealed record Sample(string Name, SortedDictionary<string, string> Labels, double Value)
    {
        public string Identity(string? without = null) =>
            $"{Name}{{{string.Join(",", Labels.Where(label => label.Key != without).Select(label => $"{label.Key}={label.Value}"))}}}";
    }
}
