// A function of this program, called by a language model in the same process.
//   dotnet run --project samples/Rubato.Samples.Functions -- MODEL.gguf "What is 17 times 23?"
using System.ComponentModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Rubato.Hosting;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: Rubato.Samples.Functions MODEL.gguf PROMPT");
    return 2;
}

await using var services = new ServiceCollection()
    .AddRubatoServing(options => options.ModelPath = args[0])
    .BuildServiceProvider();

var multiply = AIFunctionFactory.Create(
    ([Description("the first factor")] int a, [Description("the second factor")] int b) =>
    {
        Console.Error.WriteLine($"multiply({a}, {b})");
        return (long)a * b;
    },
    "multiply",
    "Multiplies two whole numbers.");

// The arguments always satisfy the function's schema, whatever the model: tokens that would break it are never drawn. How well the
// function and its arguments suit the question is up to the model.
using var chat = new FunctionInvokingChatClient(services.GetRequiredService<IChatClient>());
var response = await chat.GetResponseAsync(args[1], new()
{
    Tools = [multiply],
    ToolMode = ChatToolMode.RequireSpecific("multiply"),
    Temperature = 0,
    MaxOutputTokens = 128,
});
Console.WriteLine(response.Text);
return 0;
