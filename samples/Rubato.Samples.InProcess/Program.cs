// A language model inside a .NET program: no server of its own, no HTTP.
//   dotnet run --project samples/Rubato.Samples.InProcess -- models/rubato-tiny.gguf "What does String.Join do?"
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Rubato.Hosting;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: Rubato.Samples.InProcess MODEL.gguf PROMPT");
    return 2;
}

await using var services = new ServiceCollection()
    .AddRubatoServing(options => options.ModelPath = args[0])
    .BuildServiceProvider();

// The same engine that serves HTTP answers here; many callers may ask at once, and it batches them.
var chat = services.GetRequiredService<IChatClient>();
await foreach (var update in chat.GetStreamingResponseAsync(args[1], new() { Temperature = 0, MaxOutputTokens = 64 }))
{
    Console.Write(update.Text);
}

Console.WriteLine();
return 0;
