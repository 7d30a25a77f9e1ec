using System.Globalization;
using BenchmarkDotNet.Running;
using Rubato.Bench;

// Rubato.Bench --smoke          every benchmark once, in seconds: shows that none has rotted
// Rubato.Bench --throughput     tokens per second of synthetic models beside the machine's limits; add 5M or 100M for
//                               one model, a number for that many threads
// Rubato.Bench --write-model NAME FILE   a GGUF file of random weights in float32: 5M, 100M, 134M or 1100M parameters, or 200M of which a token uses a third (32 experts, 4 at a time)
// Rubato.Bench --constraints    what a JSON schema costs per token, with vocabularies of 32,000 and 128,000
// Rubato.Bench [arguments]      BenchmarkDotNet with its own arguments, for example --filter '*MatrixProduct*'
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["--smoke"]:
        Smoke.Run();
        break;
    case ["--constraints"]:
        ConstraintCost.Run();
        break;
    case ["--throughput", .. var names]:
        Throughput.Run(names);
        break;
    case ["--write-model", var name, var path]:
        RandomModelFile.Write(name, path);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Smoke).Assembly).Run(args);
        break;
}
