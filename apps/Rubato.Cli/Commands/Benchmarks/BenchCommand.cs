using Rubato.Cli.CommandLine;

namespace Rubato.Cli.Commands.Benchmarks;

/// <summary><c>rubato bench</c>: the verbs that measure.</summary>
internal static class BenchCommand
{
    public static VerbCommand Create() => new(
        "bench",
        "Measure.",
        "rubato bench serve --url http://127.0.0.1:8080 --clients 8 --requests 100",
        "rubato bench decode --model models/rubato-tiny.gguf --sequences 8",
        "rubato bench switch --tier ram --context 500")
    { new ServeBench().Command, new DecodeBench().Command, new SwitchBench().Command };
}
