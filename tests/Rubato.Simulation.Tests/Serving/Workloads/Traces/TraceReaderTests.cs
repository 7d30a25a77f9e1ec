using System.Globalization;
using System.Text;
using CsCheck;
using Rubato.Core;
using Rubato.Simulation.Serving.Traces;

namespace Rubato.Simulation.Tests.Serving.Workloads.Traces;

public sealed class TraceReaderTests
{
    private const string ClientHeader = "arrival_s,client,input_tokens,output_tokens\n";
    private const string AzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

    [Fact]
    public void Tables_with_clients_are_read_and_sorted()
    {
        var trace = Read(ClientHeader + "3.5,b,10,20\r\n2,a,1,2\n2,c,3,4");
        Assert.Equal(TraceFormat.Clients, trace.Format);
        Assert.Equal([new(0, "a", 1, 2), new(0, "c", 3, 4), new(1.5, "b", 10, 20)], trace.Rows, (x, y) => x with { PrefixBlocks = y.PrefixBlocks } == y);
    }

    [Fact]
    public void Tables_with_time_stamps_are_read()
    {
        var trace = Read(AzureHeader + "2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n2023-11-16 18:18:04+00:00,1,0\n");
        Assert.Equal(TraceFormat.Azure, trace.Format);
        Assert.Equal([0, 0.052, 60.02004], trace.Rows.Select(row => Math.Round(row.ArrivalSeconds, 7)));
        Assert.Equal((4808 + 3180 + 1, 18), (trace.Rows.Sum(row => row.InputTokens), trace.Rows.Sum(row => row.OutputTokens)));
    }

    [Fact]
    public void Lines_of_named_blocks_are_read()
    {
        var trace = Read("""
            {"timestamp": 27000, "input_length": 513, "output_length": 3, "hash_ids": [0, 7]}
            {"timestamp": 30500.5, "input_length": 0, "output_length": 1, "hash_ids": [], "more": {"x": 1}}
            """);
        Assert.Equal(TraceFormat.Mooncake, trace.Format);
        Assert.Equal([0, 3.5005], trace.Rows.Select(row => Math.Round(row.ArrivalSeconds, 6)));
        Assert.Equal([0, 7], trace.Rows[0].PrefixBlocks.AsEnumerable());
    }

    [Theory]
    [InlineData("", "t: it is empty.")]
    [InlineData("a,b\n", "t, line 1: it is neither the header")]
    [InlineData(ClientHeader, "t: it has no requests.")]
    [InlineData(ClientHeader + "1,a,1,1\n1,a,1\n", "t, line 3: 3 fields in place of 4.")]
    [InlineData(ClientHeader + "1,a,1,1,1\n", "t, line 2: 5 or more fields in place of 4.")]
    [InlineData(ClientHeader + "soon,a,1,1\n", "t, line 2: arrival_s is 'soon'")]
    [InlineData(ClientHeader + "NaN,a,1,1\n", "t, line 2: arrival_s is 'NaN'")]
    [InlineData(ClientHeader + "-1,a,1,1\n", "t, line 2: arrival_s is '-1'")]
    [InlineData(ClientHeader + "1,,1,1\n", "t, line 2: client is ''")]
    [InlineData(ClientHeader + "1,a,-1,1\n", "t, line 2: input_tokens is '-1'")]
    [InlineData(ClientHeader + "1,a,1,99999999999\n", "t, line 2: output_tokens is '99999999999'")]
    [InlineData(AzureHeader + "yesterday,1,1\n", "t, line 2: TIMESTAMP is 'yesterday'")]
    [InlineData("{\"timestamp\": 1}\n", "t, line 1: input_length must be there")]
    [InlineData("{\"timestamp\": 1, \"input_length\": 600, \"output_length\": 1, \"hash_ids\": [1]}", "t, line 1: 1 hash_ids; 600 tokens have 2 blocks of 512.")]
    [InlineData("{\"timestamp\": 1, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": [-1]}", "t, line 1: hash_ids must be whole numbers")]
    [InlineData("{\"timestamp\": 1, \"input_length\": 1.5, \"output_length\": 1, \"hash_ids\": [1]}", "t, line 1: input_length must be there, a whole number")]
    [InlineData("{\"timestamp\": 1, ", "t, line 1: it is not a JSON object.")]
    [InlineData("{\"timestamp\": 1, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": [1]}\n[]", "t, line 2: it is not a JSON object.")]
    public void What_is_malformed_is_refused_with_its_line(string text, string message)
    {
        var error = Assert.Throws<InvalidFormatException>(() => Read(text));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_endless_line_is_refused_before_it_fills_memory()
    {
        var error = Assert.Throws<InvalidFormatException>(() => Read(ClientHeader + new string('1', 1 << 20)));
        Assert.StartsWith("t, line 2: it is longer than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_traces_are_refused_in_one_line() => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 200], Gen.Byte).Sample(
        (form, at, value) =>
        {
            var text = form switch
            {
                0 => ClientHeader + "1,a,1,1\n2,b,10,20\n3,c,5,6\n",
                1 => AzureHeader + "2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n",
                _ => "{\"timestamp\": 1, \"input_length\": 600, \"output_length\": 1, \"hash_ids\": [1, 2]}\n",
            };
            var bytes = Encoding.UTF8.GetBytes(text);
            bytes[at % bytes.Length] = value;
            try
            {
                using var stream = new MemoryStream(bytes);
                var trace = TraceReader.Read(stream, "t");
                Assert.All(trace.Rows, row => Assert.True(row is { InputTokens: >= 0, OutputTokens: >= 0, ArrivalSeconds: >= 0 }));
            }
            catch (InvalidFormatException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
        },
        iter: FuzzScale.Times(3000));

    [Fact]
    public void Written_and_read_again_a_trace_is_the_same() => Gen.Select(Gen.Double[0, 1e4], Gen.Int[0, 20], Gen.Int[0, 100_000], Gen.Int[0, 100_000]).List[1, 50].Sample(
        rows =>
        {
            var text = new StringBuilder(ClientHeader);
            foreach (var (arrival, client, input, output) in rows)
            {
                text.Append(CultureInfo.InvariantCulture, $"{arrival:R},client {client},{input},{output}\n");
            }

            var trace = Read(text.ToString());
            var sorted = rows.OrderBy(row => row.Item1).ToArray();
            Assert.Equal(sorted.Length, trace.Rows.Length);
            for (var i = 0; i < sorted.Length; i++)
            {
                Assert.Equal((sorted[i].Item1 - sorted[0].Item1, $"client {sorted[i].Item2}", sorted[i].Item3, sorted[i].Item4),
                    (trace.Rows[i].ArrivalSeconds, trace.Rows[i].Client, trace.Rows[i].InputTokens, trace.Rows[i].OutputTokens));
            }
        },
        iter: 100);

    internal static RequestTrace Read(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return TraceReader.Read(stream, "t");
    }
}
