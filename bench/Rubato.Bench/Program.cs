using System.Globalization;
using BenchmarkDotNet.Running;
using Rubato.Bench;

// Rubato.Bench --smoke          every benchmark once, in seconds: shows that none has rotted
// Rubato.Bench --throughput     tokens per second of synthetic models beside the machine's limits; add 5M or 100M for
//                               one model, a number for that many threads
// Rubato.Bench [arguments]      BenchmarkDotNet with its own arguments, for example --filter '*MatrixProduct*'
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["--smoke"]:
        Smoke.Run();
        break;
    case ["--throughput", .. var names]:
        Throughput.Run(names);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Smoke).Assembly).Run(args);
        break;
}
