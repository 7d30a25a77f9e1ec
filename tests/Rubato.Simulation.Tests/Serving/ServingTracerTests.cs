using System.Text.Json;
using Rubato.Core;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class ServingTracerTests
{
    [Fact]
    public void A_timeline_has_a_span_per_step_and_marks_for_what_happened()
    {
        using var stream = new MemoryStream();
        ServingRunResult result;
        using (var trace = new ChromeTraceWriter(stream))
        {
            result = SimServing.Run(12, new() { Lite = true, Trace = trace });
        }

        using var json = JsonDocument.Parse(stream.ToArray());
        var events = json.RootElement.GetProperty("traceEvents").EnumerateArray();
        var names = events.Select(item => item.GetProperty("name").GetString()).ToArray();
        Assert.Equal(result.Steps, names.LongCount(name => name == "step"));
        Assert.Equal(result.Preemptions, names.LongCount(name => name == "preempted"));
        Assert.Equal(result.Finished.Values.Sum(), result.Finished.Keys.Sum(reason => names.Count(name => name == reason)));
    }
}
