using System.Text;
using System.Text.Json;
using CsCheck;

namespace Rubato.Core.Tests;

public sealed class ChromeTraceWriterTests
{
    private static readonly TraceTrack Track = new(1, 2);

    [Fact]
    public void A_trace_has_the_documented_form()
    {
        var text = Written(
            new TraceTrackName(Track, "engine", NamesProcess: true),
            new TraceTrackName(Track, "r7", NamesProcess: false),
            new TraceSpan(Track, "step", new(1_234_567), new(1_001))
            {
                Category = "decode",
                Arguments = [new("tokens", 3), new("note", "a\"b")],
            },
            new TraceMark(Track, "preempt", new(-1)),
            new TraceCounter(Track, "blocks", new(0), [new("free", 7), new("used", 0.5)]),
            new TraceFlow(Track, "request", new(1000), 9, TraceFlowPhase.Start),
            new TraceFlow(Track, "request", new(2000), 9, TraceFlowPhase.End));

        Assert.Equal(
            """
            {"displayTimeUnit":"ms","traceEvents":[
            {"ph":"M","name":"process_name","args":{"name":"engine"},"pid":1,"tid":2},
            {"ph":"M","name":"thread_name","args":{"name":"r7"},"pid":1,"tid":2},
            {"ph":"X","name":"step","cat":"decode","ts":1234.567,"dur":1.001,"args":{"tokens":3,"note":"a\u0022b"},"pid":1,"tid":2},
            {"ph":"i","name":"preempt","ts":-0.001,"s":"t","pid":1,"tid":2},
            {"ph":"C","name":"blocks","ts":0,"args":{"free":7,"used":0.5},"pid":1,"tid":2},
            {"ph":"s","name":"request","cat":"flow","ts":1,"id":9,"pid":1,"tid":2},
            {"ph":"f","name":"request","cat":"flow","ts":2,"id":9,"bp":"e","pid":1,"tid":2}]}
            """.Replace("\n", "", StringComparison.Ordinal),
            text);
    }

    [Fact]
    public void However_few_events_are_written_the_json_is_valid()
    {
        for (var count = 0; count < 3; count++)
        {
            using var trace = JsonDocument.Parse(Written([.. Enumerable.Repeat<TraceEvent>(new TraceMark(Track, "x", new(0)), count)]));
            Assert.Equal(count, trace.RootElement.GetProperty("traceEvents").GetArrayLength());
        }
    }

    [Fact]
    public void Any_name_and_any_instant_survive() =>
        Gen.Select(Gen.String, Gen.Long, Gen.Long[0, long.MaxValue]).Sample((name, at, duration) =>
        {
            using var trace = JsonDocument.Parse(Written(new TraceSpan(Track, name, new(at), new(duration))));
            var written = trace.RootElement.GetProperty("traceEvents")[0];
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)), written.GetProperty("name").GetString());
            Assert.Equal(at, written.GetProperty("ts").GetDecimal() * 1000);
            Assert.Equal(duration, written.GetProperty("dur").GetDecimal() * 1000);
        });

    [Fact]
    public void Events_reach_the_stream_while_the_trace_is_open()
    {
        using var stream = new MemoryStream();
        using var writer = new ChromeTraceWriter(stream);
        for (var i = 0; i < 10_000; i++)
        {
            writer.Write(new TraceMark(Track, "x", new(i)));
        }

        Assert.True(stream.Length > 300_000);
        writer.Dispose();
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.Write(new TraceMark(Track, "x", new(0))));
    }

    private static string Written(params TraceEvent[] events)
    {
        using var stream = new MemoryStream();
        using (var writer = new ChromeTraceWriter(stream))
        {
            foreach (var traceEvent in events)
            {
                writer.Write(traceEvent);
            }
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
